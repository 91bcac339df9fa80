"""The commands of a pipeline and of those inside it: whose they are, and what may choose their words."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew.pipelines.references import PARAMS, found_in
from clew.requests import RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.pipelines.model import Pipeline, StepSpec

BORROWED = frozenset({"learned", "bundle"})
"""Origins of pipelines that the caller did not write: their commands run only when that is allowed."""
NO_PARAMETERS: frozenset[str] = frozenset()


class Command(NamedTuple):
    """A step that runs a command."""

    position: str
    step: StepSpec
    is_borrowed: bool
    """True where it, or a pipeline around it, is not the caller's own."""


def commands_of(pipeline: Pipeline, prefix: str = "", *, borrowed: bool = False) -> Iterator[Command]:
    """Every step that runs a command, those of pipelines inside included."""
    borrowed = borrowed or pipeline.origin in BORROWED
    for step in pipeline.steps:
        if step.pipeline is not None:
            yield from commands_of(step.pipeline, f"{prefix}{step.id}.", borrowed=borrowed)
        elif step.op in RECORDINGS:
            yield Command(f"{prefix}{step.id}", step, borrowed)


def chosen_by_answers(pipeline: Pipeline, answered: frozenset[str] = NO_PARAMETERS, prefix: str = "") -> Iterator[tuple[str, str]]:
    """The positions where a parameter that holds a part of an answer would choose a program, or words of a whole command.

    An answer may be one argument and nothing more, through however many pipelines it is handed on; `answered` are the parameters that
    hold a part of one. Where an answer is named in the step itself, the check of the step says so.
    """
    for step in pipeline.steps:
        position = f"{prefix}{step.id}"
        if step.pipeline is not None:
            for param in step.pipeline.params:
                if param.type == "command" and _holds(step.fields.get(param.name), answered):
                    yield position, f"{param.name} is a command, and nothing of an answer is put into one by a parameter"
            given = frozenset(name for name, value in step.fields.items() if _names_answer(value) or _holds(value, answered))
            yield from chosen_by_answers(step.pipeline, given, f"{position}.")
        elif step.op in RECORDINGS:
            command = step.fields.get("command")
            if _holds(command[:1] if isinstance(command, list) else command, answered):
                yield position, "the program of a command is written out, or a parameter that holds nothing of an answer"


def _names_answer(value: object) -> bool:
    return any(found.root != PARAMS for found in found_in(value))


def _holds(value: object, answered: frozenset[str]) -> bool:
    return any(found.root == PARAMS and str(next(iter(found.path), "")) in answered for found in found_in(value))


def command_of(text: str, what: str) -> list[str]:
    """A command as a shell would take it apart, or as the list that a pipeline has. Raises ValueError where there is none."""
    from shlex import split  # only who types a command pays

    words: list[str] = []
    if text.startswith("["):
        with suppress(msgspec.DecodeError):
            words = msgspec.json.decode(text, type=list[str])
    try:
        words = words or split(text)
    except ValueError as error:
        raise ValueError(f"{what} is a command, and {text!r} has {str(error).lower()}") from None
    if text == "[]" or not words or not words[0]:
        raise ValueError(f"{what} is a command, and {text!r} names no program")
    return words
