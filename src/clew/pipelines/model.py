"""A pipeline as a value: its parameters and its steps, checked."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from clew.pipelines.places import Path, Place

MOST_ITERATIONS = 10_000
MOST_AT_ONCE = 32
LONGEST_NAME = 60
MOST_ATTEMPTS = 100
ATTEMPTS = 3
"""Attempts of a step with `on_error = "retry"` that does not say its own."""

ParamType = Literal["string", "integer", "number", "boolean", "strings", "command"]
Origin = Literal["", "shipped", "learned", "bundle"]
"""Origins of a pipeline: a file of the caller's when empty. A learned one was made from recorded steps."""


class Param(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A parameter."""

    name: str
    type: ParamType = "string"
    about: str = ""
    needed: bool = True
    """True where it has no default."""
    default: Any = None


class StepSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A step: a request of the registry, or a pipeline, and how it is run."""

    id: str
    op: str = ""
    """Name of the operation; empty for a step that is a pipeline."""
    fields: dict[str, Any] = {}
    """Fields of the request by name, or parameters of the pipeline, with what is substituted in them."""
    pipeline: Pipeline | None = None
    when: Any = True
    for_each: Any = None
    """A list, or a reference to one; None for a step that runs once."""
    parallel: int = 1
    on_error: Literal["stop", "continue", "retry"] = "stop"
    attempts: int = ATTEMPTS
    store_as: str | None = None
    input_from: str | None = None
    """Id of the step whose results it works on; None is the step before it."""
    match: Any = None
    changed: Any = None
    """A revision, or true for HEAD."""
    deadline: float | None = None
    effects: Literal["none", "some"] = "some"
    """`none` for a command that may be run twice."""
    look: tuple[str, ...] = ()
    """The command that tells how a command ended that was interrupted."""


class Pipeline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A pipeline."""

    name: str
    about: str = ""
    origin: Origin = ""
    params: tuple[Param, ...] = ()
    steps: tuple[StepSpec, ...]


class Source(msgspec.Struct, frozen=True):
    """The file of a pipeline, and the places in it."""

    file: str
    """Its path as it is shown."""
    path: str
    """Its absolute path; empty for one that is in no file."""
    data: Any
    places: dict[Path, Place]
    origin: Origin = ""


class Checked(msgspec.Struct, frozen=True):
    """A pipeline that is right, with the file that it stands in."""

    pipeline: Pipeline
    source: Source
    where: dict[str, str]
    """Place of each step, as `FILE:LINE:COLUMN`, by its position."""
    files: tuple[str, ...] = ()
    """Absolute paths of its own file and of those of the pipelines inside it."""

    @property
    def digest(self) -> str:
        """The digest of what it means: not of comments, blank lines, the order of keys, or what it says about itself."""
        return digest_of(meaning(self.pipeline))


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A place of a pipeline that is wrong."""

    file: str
    line: int
    column: int
    message: str
    candidates: tuple[str, ...] = ()
    """The nearest names that would be right."""

    def said(self) -> str:
        """The place and the message."""
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


def meaning(part: Pipeline | StepSpec) -> dict[str, Any]:
    """The fields of a pipeline or a step that decide what it does, defaults of parameters among them."""
    if isinstance(part, StepSpec):
        fields: dict[str, Any] = msgspec.to_builtins(part)
        if part.pipeline is not None:
            fields["pipeline"] = meaning(part.pipeline)
        return fields
    return {
        "name": part.name,
        "params": {param.name: [param.type] if param.needed else [param.type, param.default] for param in part.params},
        "steps": [meaning(step) for step in part.steps],
    }


def digest_of(value: object) -> str:
    """The digest of a plain value, whatever the order of its keys."""
    from clew._native import digest  # a list of pipelines needs nothing native

    return digest(msgspec.json.encode(value, order="deterministic"))
