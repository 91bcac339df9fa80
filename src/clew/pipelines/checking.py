"""A pipeline checked whole before its first step: names, fields, types, references, commands, and the pipelines inside it."""

from __future__ import annotations

import os
import re
from math import isfinite
from typing import TYPE_CHECKING, Any, cast

import msgspec

from clew.pipelines import reading
from clew.pipelines.checking_steps import TYPES, StepCheck
from clew.pipelines.commands import chosen_by_answers, command_of
from clew.pipelines.model import LONGEST_NAME, Checked, Param, Pipeline, Problem, StepSpec
from clew.pipelines.places import place_of
from clew.pipelines.references import PARAMS, RESERVED, Listed, Members, found_in, reference_in
from clew.requests import RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clew.pipelines.model import ParamType, Source
    from clew.pipelines.places import Path

TOP = ("name", "about", "origin", "params", "steps")
IN_WORDS = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
_NAME = re.compile(r"[A-Za-z][\w.-]{0,59}\Z", re.ASCII)
_WORDS = {
    "`str`": "a text",
    "`int`": "a whole number",
    "`float`": "a number",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "an object",
    "`null`": "nothing",
}
_ID = re.compile(r"[A-Za-z_][\w-]{0,59}\Z", re.ASCII)


def load(text: str, root: str) -> Checked:
    """The pipeline that is called by a path or a name, checked. Raises PipelineNotFound, and InvalidPipeline with every problem."""
    return checked(reading.read(reading.located(text, root), root), root)


def checked(source: Source, root: str, chain: tuple[str, ...] = ()) -> Checked:
    """The pipeline of a source. Raises InvalidPipeline with every problem."""
    check = Check(source, root, chain)
    pipeline = check.pipeline()
    if not check.problems and not chain:  # it is whole: an answer may go through several pipelines
        for position, message in chosen_by_answers(pipeline):
            check.wrong_at(position, message)
    if check.problems:
        raise reading.of_problems(sorted(check.problems, key=lambda problem: (problem.file != source.file, problem.line, problem.column)))
    return Checked(pipeline, source, check.where, (source.path, *check.files))


def value_of(param: Param, texts: list[str]) -> Any:  # noqa: ANN401 - of the type of the parameter
    """The value of a parameter from what was typed for it. Raises ValueError."""
    if param.type == "strings":
        return texts
    if len(texts) > 1:
        raise ValueError(f"{param.name} is given twice")
    (text,) = texts
    if param.type == "command":
        return command_of(text, param.name)
    if param.type == "boolean" and text in {"true", "false"}:
        return text == "true"
    try:
        value = {"integer": int, "number": float, "string": str}[param.type](text)
    except (KeyError, ValueError):
        value = None
    if value is None or (isinstance(value, float) and not isfinite(value)):
        raise ValueError(f"{param.name} is {IN_WORDS[param.type]}, not {text!r}")
    return value


class Check:
    """The check of one file; what is wrong is collected, so that one look shows all of it."""

    def __init__(self, source: Source, root: str, chain: tuple[str, ...]) -> None:
        self.source = source
        self.root = root
        self.chain = (*chain, source.path) if source.path else chain
        self.problems: list[Problem] = []
        self.where: dict[str, str] = {}
        self.files: list[str] = []
        """Files of the pipelines inside."""

    def wrong(self, path: Path, message: str, candidates: Iterable[str] = ()) -> None:
        """Note a problem at the place of a value."""
        place = place_of(self.source.places, path)
        problem = Problem(file=self.source.file, line=place.line, column=place.column, message=message, candidates=tuple(candidates))
        if problem not in self.problems:
            self.problems.append(problem)

    def wrong_at(self, position: str, message: str) -> None:
        """Note a problem of a step, in whichever file it is written."""
        file, line, column = self.where[position].rsplit(":", 2)
        self.problems.append(Problem(file=file, line=int(line), column=int(column), message=message))

    def unknown(self, path: Path, what: str, word: str, names: Iterable[str]) -> None:
        """Say that a name is none of these, with the nearest."""
        from clew.near import near  # only who errs pays

        close = near(word, names)
        meant = f"; did you mean {close[0]!r}?" if close else ""
        self.wrong(path, f"there is no {what} {word!r}{meant}", close)

    def typed(self, path: Path, value: object, kind: Any, what: str) -> Any:  # noqa: ANN401 - a type, and a value of it
        """A value of a type; None where it is another one, which is said."""
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.wrong(path, f"{what}: {_said(error)}")
            return None

    def pipeline(self) -> Pipeline:
        """The pipeline, as far as it is right."""
        data = self.source.data
        stem = os.path.splitext(os.path.basename(self.source.file))[0]
        empty = Pipeline(name=stem, steps=())
        if not isinstance(data, dict):
            self.wrong((), "a pipeline is a table with `steps`")
            return empty
        for key in data:
            if key not in TOP:
                self.unknown((key,), "field of a pipeline", str(key), TOP)
        name = self.typed(("name",), data.get("name", stem), str, "name") or stem
        if not _NAME.match(name):
            said = f"a name has letters, digits, '-', '_' and '.', a letter first, at most {LONGEST_NAME}, not {name!r}"
            self.wrong(("name",), said if "name" in data else f"{said}; where the file has to be called so, give it a `name`")
        origin = data.get("origin", self.source.origin)
        if (
            not isinstance(origin, str)
            or origin not in {"", "shipped", "learned", "bundle"}
            or (origin == "shipped" and self.source.origin != "shipped")
        ):
            self.wrong(("origin",), "origin is 'learned' or 'bundle'")
        about = self.typed(("about",), data.get("about", ""), str, "about") or ""
        params = self.params(data.get("params", {}))
        listed = data.get("steps")
        if not isinstance(listed, list) or not listed:
            self.wrong(("steps",), "`steps` is a list with one step or more")
            return empty
        scope = Members("the pipeline", {PARAMS: Members(PARAMS, {param.name: TYPES[param.type][1] for param in params})})
        ids = [raw.get("id") for raw in listed if isinstance(raw, dict)]
        steps = [self.step(("steps", at), raw, scope, ids[at + 1 :]) for at, raw in enumerate(listed)]
        self.commands(params, steps)
        return Pipeline(name=name, about=about, origin=origin, params=params, steps=tuple(step for step in steps if step is not None))

    def params(self, raw: object) -> tuple[Param, ...]:
        """The parameters."""
        if not isinstance(raw, dict):
            self.wrong(("params",), "`params` is a table: a name, then `type`, `default` and `about`")
            return ()
        return tuple(self.param(("params", name), name, held if isinstance(held, dict) else {"type": held}) for name, held in raw.items())

    def param(self, path: Path, name: object, fields: dict[str, Any]) -> Param:
        """A parameter."""
        if not isinstance(name, str) or not _ID.match(name):
            self.wrong(path, f"a parameter is named with letters, digits, '-' and '_', not {name!r}")
        for key in fields:
            if key not in {"type", "default", "about"}:
                self.unknown((*path, key), "field of a parameter", str(key), ("type", "default", "about"))
        kind = fields.get("type", "string")
        if not isinstance(kind, str) or kind not in TYPES:
            self.unknown((*path, "type"), "type", str(kind), TYPES)
            kind = "string"
        default = self.default((*path, "default"), fields["default"], str(name), kind) if "default" in fields else None
        about = self.typed((*path, "about"), fields.get("about", ""), str, "about") or ""
        return Param(name=str(name), type=cast("ParamType", kind), about=about, needed="default" not in fields, default=default)

    def default(self, path: Path, value: object, name: str, kind: str) -> Any:  # noqa: ANN401 - of the type of the parameter
        """The default of a parameter; None where it is wrong, which is said."""
        if kind == "command" and isinstance(value, str):
            try:
                return command_of(value, f"the default of {name}")
            except ValueError as error:
                self.wrong(path, str(error))
                return None
        if kind == "integer" and isinstance(value, bool):
            self.wrong(path, f"the default of {name}: expected a whole number, got true or false")
        return self.typed(path, value, TYPES[kind][0], f"the default of {name}")

    def step(self, path: Path, raw: object, scope: Members, later: list[Any]) -> StepSpec | None:
        """A step; its answer is in the scope of those that follow."""
        if not isinstance(raw, dict):
            self.wrong(path, "a step is a table with `id` and `op`")
            return None
        ident = raw.get("id")
        if not isinstance(ident, str) or not _ID.match(ident):
            self.wrong((*path, "id") if "id" in raw else path, "a step has an `id` of letters, digits, '-' and '_'")
            ident = f"step-{path[-1]}"
        elif ident in RESERVED:
            self.wrong((*path, "id"), f"{ident!r} means something else in a pipeline; take another id")
        elif ident in scope.members:
            self.wrong((*path, "id"), f"two steps are called {ident!r}")
        place = place_of(self.source.places, path)
        self.where[ident] = f"{self.source.file}:{place.line}:{place.column}"
        spelled = self.spelled(path, raw)
        look = StepCheck(self, path, spelled, scope, later)
        if "pipeline" in raw:
            spec, shape = look.nested(ident)
        else:
            spec, shape = look.request(ident)
        if spec is not None:
            each = spec.for_each is not None
            scope.members[ident] = Listed(ident, shape) if each else shape
        else:
            scope.members[ident] = None
        return spec

    def spelled(self, path: Path, raw: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
        """The fields of a step by their names, each with the key that it was written with; `inputFrom` is `input_from`."""
        found: dict[str, tuple[str, Any]] = {}
        for key, value in raw.items():
            if not isinstance(key, str):
                self.wrong(path, f"a field is named by a text, not {key!r}")
                continue
            name = re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f"_{letter[0].lower()}", key)
            if name in found:
                self.wrong((*path, key), f"{key!r} and {found[name][0]!r} are the same field")
            found[name] = (key, value)
        return found

    def commands(self, params: tuple[Param, ...], steps: list[StepSpec | None]) -> None:
        """Hold commands to what a substitution in them may be: one argument, and never the program."""
        whole = {param.name for param in params if param.type == "command"}
        for at, step in enumerate(steps):
            if step is None or step.op not in RECORDINGS or "command" not in step.fields:
                continue
            path: Path = ("steps", at, "command")
            command = step.fields["command"]
            only = reference_in(command)
            if only is not None:
                if only.root != PARAMS or not set(map(str, only.path)) <= whole:
                    self.wrong(path, f"{only.text} is one argument; a whole command is a list, or a parameter of type `command`")
            elif isinstance(command, list) and command and any(reference.root != PARAMS for reference in found_in(command[0])):
                self.wrong((*path, 0), "the program of a command is written out, or a parameter")
            elif isinstance(command, list) and command and command[0] == "":
                self.wrong((*path, 0), "a command begins with its program, which has a name")


def _said(error: msgspec.ValidationError) -> str:
    """The message of msgspec, in the words of the documents."""
    text = str(error)
    for name, word in _WORDS.items():
        text = text.replace(name, word)
    return text[:1].lower() + text[1:]
