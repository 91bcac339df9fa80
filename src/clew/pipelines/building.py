"""From a step of a pipeline to the question that is asked: its references resolved, its command held to what it may be."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from clew.bounds import SECONDS
from clew.errors import InvalidRequest, NotAllowed
from clew.operations import operation, verb
from clew.pipelines.references import PARAMS, BadReference, only_reference, references, resolved
from clew.requests import RECORDINGS
from clew.running.calls import HEAD, Asked, Page

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.pipelines.model import Pipeline, StepSpec
    from clew.requests import Request

ONE_ROW = Page(limit=1)
"""The reply to a step is not shown; what is stored is whole."""


def asked(step: StepSpec, pipeline: Pipeline, scope: Mapping[str, Any], where: str) -> Asked:
    """The question of a step of that pipeline. Raises InvalidRequest, with the place in the file, for values that it does not take."""
    try:
        fields = {name: _field(step, name, value, scope) for name, value in step.fields.items()}
        match, changed = resolved(step.match, scope), resolved(step.changed, scope)
    except BadReference as error:
        raise InvalidRequest(f"{where}: step {step.id}: {error}", candidates=error.candidates) from None
    if "command" in fields:
        fields["command"] = _command(step, pipeline, fields["command"], where)
    try:
        request: Request = msgspec.convert({"op": step.op, **_on_the_wire(step.op, fields)}, verb(operation(step.op)).request)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"{where}: step {step.id}: {error}") from None
    return Asked(
        request=request,
        match=match,
        changed=HEAD if changed is True else changed or None,
        store_as=step.store_as,
        page=ONE_ROW,
    )


def deadline_of(step: StepSpec) -> float:
    """The seconds that the question of a step has."""
    return SECONDS if step.deadline is None else step.deadline


def runs_command(step: StepSpec) -> bool:
    """True for a step that runs a command."""
    return step.op in RECORDINGS


def truth(step: StepSpec, scope: Mapping[str, Any]) -> bool:
    """The value of `when`: false, 0, nothing, an empty text and an empty list do not run; a reference that leads nowhere is nothing."""
    try:
        return bool(resolved(step.when, scope))
    except BadReference:
        return False


def _field(step: StepSpec, name: str, value: Any, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any value of a pipeline
    found = resolved(value, scope)
    kind = _fields_of(step.op)[name].type
    if getattr(kind, "__origin__", None) is tuple and not isinstance(found, (list, tuple)):
        found = [] if found is None else [found]
    if name == "targets":
        found = [{"text": target} if isinstance(target, str) else target for target in found]
    return found


def _on_the_wire(op: str, fields: dict[str, Any]) -> dict[str, Any]:
    known = _fields_of(op)
    return {known[name].encode_name: value for name, value in fields.items()}


@cache
def _fields_of(op: str) -> dict[str, msgspec.structs.FieldInfo]:
    """The fields of a request by their names; to tell their types costs more than a small question."""
    return {field.name: field for field in msgspec.structs.fields(verb(operation(op)).request)}


def _command(step: StepSpec, pipeline: Pipeline, command: Any, where: str) -> Any:  # noqa: ANN401 - as resolved
    """A command in which what was substituted is one argument each, and no flag. Raises NotAllowed, InvalidRequest.

    A parameter of type `command` is the caller's own words, flags among them; one of type `strings` is so many arguments.
    """
    written = step.fields["command"]
    if only_reference(written) is not None or not isinstance(written, list):
        return command  # the whole of it is such a parameter
    types = {param.name: param.type for param in pipeline.params}
    words: list[str] = []
    for template, word in zip(written, command, strict=True):
        found = only_reference(template)
        if found is not None and found.root == PARAMS and isinstance(word, list):
            own = types.get(str(found.path[0]) if found.path else "") == "command"
            words += word if own else [_argument(step, template, one, where) for one in word]
        elif any(references(template)):
            words.append(_argument(step, template, word, where))
        else:
            words.append(str(word))
    return words


def _argument(step: StepSpec, template: str, word: Any, where: str) -> str:  # noqa: ANN401 - as resolved
    """The value of a reference as one argument of a command. Raises InvalidRequest for no text, NotAllowed for a flag."""
    if isinstance(word, (list, dict)) or word is None:
        raise InvalidRequest(f"{where}: step {step.id}: {template} is {'nothing' if word is None else 'no text'}, so it is no argument")
    text = str(word)
    if text.startswith("-") and not template.startswith("-"):
        raise NotAllowed(f"{where}: step {step.id}: {template} is {text!r}; what is put into a command may not begin with '-'")
    if "\0" in text:
        raise InvalidRequest(f"{where}: step {step.id}: {template} holds a NUL, which no argument can")
    return text
