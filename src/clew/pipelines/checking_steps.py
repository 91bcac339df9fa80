"""The check of one step of a pipeline: its fields, how it is run, what it refers to."""

from __future__ import annotations

import os
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import msgspec
from msgspec import inspect

from clew.errors import InvalidPipeline, PipelineNotFound
from clew.operations import OPERATIONS, operation, verb
from clew.pipelines import reading
from clew.pipelines.commands import command_of
from clew.pipelines.model import MOST_AT_ONCE, MOST_ATTEMPTS, MOST_ITERATIONS, StepSpec
from clew.pipelines.references import (
    INDEX,
    ITEM,
    PARAMS,
    BadReference,
    Listed,
    Members,
    Result,
    found_in,
    kinds,
    reference_in,
    references,
    said_kinds,
    shape_of,
)
from clew.requests import RECORDINGS, Target

if TYPE_CHECKING:
    from clew.operations import Operation
    from clew.pipelines.checking import Check
    from clew.pipelines.model import Checked, Pipeline, Problem
    from clew.pipelines.places import Path
    from clew.pipelines.references import Reference, Shape

CONTROLS = tuple(name for name in StepSpec.__struct_fields__ if name not in {"fields", "pipeline"})
"""Fields of a step beside those of its request."""
OF_A_PIPELINE = ("id", "pipeline", "params", "when", "for_each", "parallel", "on_error", "attempts", "input_from")
"""Fields of a step that is a pipeline; of the last ones it is said why they cannot be meant."""
SIMPLE: dict[str, Any] = {"store_as": str, "deadline": float, "parallel": int, "attempts": int, "look": tuple[str, ...]}
LIKE_FIELDS: dict[str, Any] = {"match": str, "changed": str | bool}
"""Controls that may refer to earlier steps, as fields do."""
CHOICES = {"on_error": ("stop", "continue", "retry"), "effects": ("none", "some")}
TYPES: dict[str, tuple[Any, Any]] = {
    "string": (str, inspect.StrType()),
    "integer": (int, inspect.IntType()),
    "number": (float, inspect.FloatType()),
    "boolean": (bool, inspect.BoolType()),
    "strings": (list[str], inspect.ListType(inspect.StrType())),
    "command": (list[str], inspect.ListType(inspect.StrType())),
}
"""Types of parameters: how a value is read, and how a reference to it is seen."""
READS_A_PLAN = frozenset({"diff", "who"})
_NOWHERE = inspect.NoneType()


class Field(NamedTuple):
    """A field that takes a value."""

    kind: Any
    """Its type, as `msgspec.inspect` tells it."""
    python: Any
    name: str


def edits(row: Operation) -> bool:
    """True for an operation that plans or writes a change."""
    return row.commands[0].endswith("-edit") and row.name not in READS_A_PLAN


def answers_of(ident: str, pipeline: Pipeline) -> Members:
    """The answers of the steps of a pipeline, as references see them."""
    shapes: dict[str, Shape] = {}
    for step in pipeline.steps:
        inner = answers_of(step.id, step.pipeline) if step.pipeline is not None else Result(step.id, verb(operation(step.op)).result)
        shapes[step.id] = Listed(step.id, inner) if step.for_each is not None else inner
    return Members(ident, shapes)


class StepCheck:
    """The check of one step."""

    def __init__(self, check: Check, path: Path, spelled: dict[str, tuple[str, Any]], scope: Members, later: list[Any]) -> None:
        self.check = check
        self.path = path
        self.spelled = spelled
        self.scope = scope
        self.later = later
        self.item: Shape = None

    def at(self, name: str) -> Path:
        """The way to a field, or to the step where it has none."""
        return (*self.path, self.spelled[name][0]) if name in self.spelled else self.path

    def get(self, name: str, default: Any = None) -> Any:  # noqa: ANN401 - as written
        """The value of a field."""
        return self.spelled[name][1] if name in self.spelled else default

    def request(self, ident: str) -> tuple[StepSpec | None, Shape]:
        """A step that is a request of the registry."""
        name = self.get("op")
        if not isinstance(name, str):
            self.check.wrong(self.at("op"), "a step has an `op`, the name of an operation, or a `pipeline`")
            return None, None
        try:
            row = operation(name)
        except KeyError:
            known = {word: row.name for row in OPERATIONS for word in (row.name, *(alias.lstrip("-") for alias in row.aliases))}
            self.check.unknown(self.at("op"), "operation", name, known)
            return None, None
        found = verb(row)
        controls = self.controls(row)
        fields = self.fields(row, found.request)
        shape = Result(ident, found.result)
        return StepSpec(id=ident, op=name, fields=fields, **controls), shape

    def nested(self, ident: str) -> tuple[StepSpec | None, Shape]:
        """A step that is another pipeline."""
        name = self.get("pipeline")
        controls = self.controls(None)
        for field in self.spelled:
            if field not in OF_A_PIPELINE:
                self.check.unknown(self.at(field), "field of a step that is a pipeline", self.spelled[field][0], OF_A_PIPELINE)
        if not isinstance(name, str):
            self.check.wrong(self.at("pipeline"), "`pipeline` is the name or the file of one")
            return None, None
        inner = self.inner(name)
        if inner is None:
            return None, None
        given = self.given(inner.pipeline)
        self.check.files += inner.files
        self.check.where.update({f"{ident}.{inside}": where for inside, where in inner.where.items()})
        return StepSpec(id=ident, fields=given, pipeline=inner.pipeline, **controls), answers_of(ident, inner.pipeline)

    def given(self, inner: Pipeline) -> dict[str, Any]:
        """The parameters that a step gives to its pipeline."""
        given = self.get("params", {})
        if not isinstance(given, dict):
            self.check.wrong(self.at("params"), "`params` is a table of parameters and their values")
            given = {}
        by_name = {param.name: param for param in inner.params}
        for key, value in given.items():
            path = (*self.at("params"), key)
            if key in by_name:
                python, kind = TYPES[by_name[key].type]
                self.value(path, value, Field(kind, python, key))
                if by_name[key].type == "command" and any(reference.root != PARAMS for reference in found_in(value)):
                    self.check.wrong(path, f"{key} is a command, and nothing of an answer is put into one by a parameter")
                elif by_name[key].type == "command" and value in ([], [""]):
                    self.check.wrong(path, f"{key} is a command, and names no program")
            else:
                self.check.unknown(path, f"parameter of {inner.name}", key, by_name)
        for param in inner.params:
            if param.needed and param.name not in given:
                self.check.wrong(self.at("pipeline"), f"{inner.name} needs the parameter {param.name!r}")
        return given

    def inner(self, name: str) -> Checked | None:
        """The pipeline of a name or a path beside this file; None where it is wrong, which is said."""
        from clew.pipelines import checking  # a pipeline may have others inside

        check, at = self.check, self.at("pipeline")
        folder = os.path.dirname(check.source.path) or None
        try:
            path = reading.located(name, check.root, folder)
            if path in check.chain:
                ring = " → ".join(os.path.basename(each) for each in (*check.chain[check.chain.index(path) :], path))
                check.wrong(at, f"a pipeline cannot be a part of itself: {ring}")
                return None
            return checking.checked(reading.read(path, check.root), check.root, check.chain)
        except PipelineNotFound as error:
            check.wrong(at, error.message, error.candidates)
        except InvalidPipeline as error:
            for problem in error.found or (error.message,):
                if isinstance(problem, str):  # of the file as a whole
                    check.wrong(at, problem)
                elif problem not in check.problems:
                    check.problems.append(cast("Problem", problem))
        return None

    def controls(self, row: Operation | None) -> dict[str, Any]:
        """The fields that say how a step is run."""
        found: dict[str, Any] = {}
        if "for_each" in self.spelled:
            found["for_each"] = self.for_each(self.get("for_each"))
        if "when" in self.spelled:
            found["when"] = self.get("when")
            self.refer(self.at("when"), found["when"])
        for name, kind in SIMPLE.items():
            if name in self.spelled and (value := self.check.typed(self.at(name), self.get(name), kind, name)) is not None:
                found[name] = value
        for name, choices in CHOICES.items():
            if name in self.spelled:
                found[name] = self.get(name)
                if found[name] not in choices:
                    self.check.unknown(self.at(name), f"value of {name}", str(found.pop(name)), choices)
        for name in LIKE_FIELDS.keys() & self.spelled.keys():
            found[name] = self.get(name)
            self.value(self.at(name), found[name], Field(inspect.StrType(), LIKE_FIELDS[name], name))
        if "input_from" in self.spelled:
            found["input_from"] = self.input_from(self.get("input_from"))
        self.bounds(row, found)
        return found

    def bounds(self, row: Operation | None, found: dict[str, Any]) -> None:
        """Say which of these cannot be meant."""
        what = "a pipeline" if row is None else "an edit" if edits(row) else None
        parallel, retries = found.get("parallel", 1), found.get("on_error") == "retry"
        self.refuse("on_error", retries and what, f"{what} is not tried again: it would happen twice; `stop` or `continue`")
        self.refuse("parallel", not 1 <= parallel <= MOST_AT_ONCE, f"parallel is 1 to {MOST_AT_ONCE}")
        self.refuse("parallel", parallel > 1 and what, "edits and pipelines run one after the other")
        self.refuse("parallel", parallel > 1 and "for_each" not in self.spelled, "parallel is for a step with for_each")
        self.refuse("attempts", not 1 <= found.get("attempts", 1) <= MOST_ATTEMPTS, f"attempts is 1 to {MOST_ATTEMPTS}")
        deadline = found.get("deadline", 0.0)
        self.refuse("deadline", not (isfinite(deadline) and deadline >= 0), "deadline is a number of seconds; 0 is no bound")
        if row is not None and not verb(row).request.takes_input:
            for name in ("input_from", "match"):
                self.refuse(name, name in self.spelled, f"{row.name} works on no results of another step, so it takes no {name}")
        self.refuse("attempts", "attempts" in self.spelled and not retries, "attempts is for a step with on_error = 'retry'")
        for name in ("effects", "look"):
            is_here = name in self.spelled
            self.refuse(name, is_here and (row is None or row.name not in RECORDINGS), f"{name} is for a step that runs a command")

    def refuse(self, name: str, when: object, message: str) -> None:
        """Say that a field is wrong, when it is."""
        if when:
            self.check.wrong(self.at(name), message)

    def for_each(self, value: object) -> Any:  # noqa: ANN401 - a list, or a reference
        """The list that a step runs over."""
        check, at = self.check, self.at("for_each")
        if isinstance(value, list):
            if len(value) > MOST_ITERATIONS:
                check.wrong(at, f"for_each runs {MOST_ITERATIONS} times at most, not {len(value)}")
            self.refer(at, value)
            self.item = None
            texts = all(isinstance(item, str) and "${" not in item for item in value)
            self.item = inspect.StrType() if texts and value else None
            return value
        reference = reference_in(value)
        if reference is None:
            check.wrong(at, "for_each takes a list, or a reference to one")
            return []
        shape = self.shape(at, reference)
        known = kinds(shape)
        if known is not None and known != {"a list"}:
            check.wrong(at, f"for_each takes a list, and {reference.text} is {said_kinds(known)}")
        if isinstance(shape, (inspect.VarTupleType, inspect.ListType)):
            self.item = shape.item_type
        elif isinstance(shape, Listed):
            self.item = shape.each
        return value

    def input_from(self, value: object) -> str | None:
        """The step whose results are worked on."""
        if not isinstance(value, str):
            self.check.wrong(self.at("input_from"), "input_from is the id of a step")
            return None
        shape = self.scope.members.get(value) if value != PARAMS else None
        if value not in self.scope.members or value == PARAMS:
            steps = [name for name in self.scope.members if name != PARAMS]
            if value in self.later:
                self.check.wrong(self.at("input_from"), f"{value!r} is a later step")
            else:
                self.check.unknown(self.at("input_from"), "step", value, steps)
        elif isinstance(shape, (Listed, Members)):
            self.check.wrong(self.at("input_from"), f"{value!r} is not one answer; name a step that is")
        return value

    def fields(self, row: Operation, request: type) -> dict[str, Any]:
        """The fields of the request, by name."""
        check = self.check
        info = inspect.type_info(request)
        known = {field.name.rstrip("_"): field for field in info.fields} if isinstance(info, inspect.StructType) else {}
        if "target" in self.spelled and "targets" in known and "targets" not in self.spelled:
            key, value = self.spelled.pop("target")
            self.spelled["targets"] = (key, [value])
        found: dict[str, Any] = {}
        for name, (key, value) in self.spelled.items():
            if name in CONTROLS and name not in known:
                continue
            if name not in known:
                own = [*known, *(control for control in CONTROLS if control not in {"id", "op"})]
                check.unknown((*self.path, key), f"field of {row.name}", key, own)
                continue
            field = known[name]
            if name == "command" and isinstance(value, str) and reference_in(value) is None:
                value = self.command(key, value)  # noqa: PLW2901 - one text is a command as it is typed
            kind = _plain_target(field.type)
            python = tuple[str, ...] if name == "targets" else _python_type(request, field.name)
            if isinstance(kind, inspect.VarTupleType) and not isinstance(value, list) and reference_in(value) is None:
                value = [value]  # noqa: PLW2901 - one word is a list of one
            self.value((*self.path, key), value, Field(kind, python, key))
            found[field.name] = value
        is_spelled_right = all(name in known or name in CONTROLS for name in self.spelled)
        if row.values and row.least and is_spelled_right and not found.get(row.values):
            check.wrong(self.path, f"{row.name} needs `{row.values}`")
        return found

    def command(self, key: str, text: str) -> list[str]:
        """The words of a command that is written as one text."""
        if found_in(text):
            self.check.wrong((*self.path, key), "a command with a reference in it is a list of words")
            return [text]
        try:
            return command_of(text, key)
        except ValueError as error:
            self.check.wrong((*self.path, key), str(error))
            return [text]

    def value(self, path: Path, value: object, field: Field) -> None:
        """Hold a value to the type of its field: a literal now, a reference by what it leads to."""
        if not self.refer(path, value):
            return
        reference = reference_in(value)
        if reference is not None:
            self.fits(path, reference.text, kinds(self.shape(path, reference)), field)
        elif not found_in(value):
            self.check.typed(path, value, field.python, field.name)
        elif not isinstance(value, list):
            self.fits(path, "a text with a reference in it", frozenset({"a text"}), field)
        elif not isinstance(field.kind, (inspect.VarTupleType, inspect.ListType)):
            self.check.wrong(path, f"{field.name} is {said_kinds(kinds(field.kind))}, not a list")
        else:
            for at, held in enumerate(value):
                inner = reference_in(held)
                if inner is not None:
                    shape = self.shape((*path, at), inner)
                    if field.name == "command" and inner.root == PARAMS:
                        continue  # it stands for all of its words
                    known = kinds(shape)
                    if field.name == "command" and known is not None and known <= {"a number", "a whole number"}:
                        continue  # it is put in as it is printed
                    self.fits((*path, at), inner.text, known, Field(_plain_target(field.kind.item_type), None, field.name))

    def fits(self, path: Path, text: str, given: frozenset[str] | None, field: Field) -> None:
        """Say where a value of these kinds does not fit a field."""
        wanted = kinds(field.kind)
        if wanted is not None and "a number" in wanted:
            wanted |= {"a whole number"}
        if given is None or wanted is None or given & wanted:
            return
        if isinstance(field.kind, inspect.VarTupleType) and given == {"a text"}:
            return  # one word is a list of one
        self.check.wrong(path, f"{field.name} takes {said_kinds(wanted)}, and {text} is {said_kinds(given)}")

    def refer(self, path: Path, value: object) -> bool:
        """Check that every reference in a value leads somewhere; False where one does not, which is said."""
        try:
            found = list(references(value))
        except BadReference as error:
            self.check.wrong(path, str(error), error.candidates)
            return False
        return _NOWHERE not in [self.shape(path, reference) for reference in found]

    def shape(self, path: Path, reference: Reference) -> Shape:
        """The shape of what a reference leads to; `_NOWHERE` where that is nothing, which is said."""
        each = {ITEM: self.item, INDEX: inspect.IntType()} if "for_each" in self.spelled else {}
        try:
            return shape_of(reference, Members(self.scope.of, {**self.scope.members, **each}))
        except BadReference as error:
            own = self.spelled.get("id", ("", None))[1]
            if reference.root in self.later or reference.root == own:
                self.check.wrong(path, f"{reference.text}: {reference.root!r} is {'this' if reference.root == own else 'a later'} step")
            elif reference.root in {ITEM, INDEX} and not each:
                self.check.wrong(path, f"{reference.text} is for a step with for_each")
            else:
                close = f"; did you mean {error.candidates[0]!r}?" if error.candidates else ""
                self.check.wrong(path, f"{reference.text}: {error}{close}", error.candidates)
            return _NOWHERE


def _python_type(request: type, name: str) -> Any:  # noqa: ANN401 - a type
    return next(field.type for field in msgspec.structs.fields(request) if field.name == name)


def _plain_target(kind: Any) -> Any:  # noqa: ANN401 - a type
    """A type without None, in which a target is a text."""
    if isinstance(kind, inspect.UnionType):
        kind = next((part for part in kind.types if not isinstance(part, inspect.NoneType)), kind)
    if isinstance(kind, inspect.StructType) and kind.cls is Target:
        return inspect.StrType()
    if isinstance(kind, inspect.VarTupleType) and isinstance(kind.item_type, inspect.StructType) and kind.item_type.cls is Target:
        return inspect.VarTupleType(inspect.StrType())
    return kind
