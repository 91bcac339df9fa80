"""Finding the file of a pipeline, and reading it with the places of its keys."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from msgspec import DecodeError

from clew.errors import InvalidPipeline, PipelineNotFound
from clew.pipelines.model import Problem, Source
from clew.pipelines.places import Place, json_places, toml_places

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.pipelines.places import Places

SHIPPED = os.path.join(os.path.dirname(__file__), "shipped")
OWN = os.path.join(".clew", "pipelines")
"""Below the root: pipelines that are called by their name."""
FORMS = (".toml", ".json", ".yaml", ".yml")
MOST_BYTES = 1 << 20
_LONE = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""Half of a pair in JSON; whether the other half stands beside it is for the value to say."""
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")


def known(root: str) -> dict[str, str]:
    """The pipelines that have a name, and their files: those of the root hide those that ship."""
    return {name: path for folder in (SHIPPED, os.path.join(root, OWN)) for name, path in _in(folder)}


def hides_shipped(path: str) -> bool:
    """True for the file of a pipeline that is called by the name of one that ships, in its place."""
    folder, entry = os.path.split(path)
    return folder.endswith(os.sep + OWN) and os.path.splitext(entry)[0] in dict(_in(SHIPPED))


def _in(folder: str) -> Iterator[tuple[str, str]]:
    if os.path.isdir(folder):
        for entry in sorted(os.listdir(folder)):
            name, form = os.path.splitext(entry)
            if form in FORMS:
                yield name, os.path.join(folder, entry)


def located(text: str, root: str, folder: str | None = None) -> str:
    """The file that a pipeline is called by: a path, from `folder` or from the root, or a name. Raises PipelineNotFound."""
    names = known(root)
    if text in names:
        return names[text]
    for base in (folder or os.getcwd(), root):
        path = os.path.join(base, text)
        if os.path.isfile(path):
            return os.path.realpath(path)
    from clew.near import near  # only who errs pays

    close = near(text, names)
    raise PipelineNotFound(
        f"There is no pipeline {text!r}, neither by name nor as a file", given=text, candidates=close, hint="clew pipelines list"
    )


def read(path: str, root: str) -> Source:
    """The data of a file, with its places. Raises InvalidPipeline for what is not well-formed, at its place."""
    shown = os.path.relpath(path, root).replace(os.sep, "/") if path.startswith(root.rstrip(os.sep) + os.sep) else path
    origin = ""
    if os.path.dirname(path) == SHIPPED:
        shown, origin = os.path.basename(path), "shipped"
    try:
        with open(path, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise PipelineNotFound(f"{shown} cannot be read: {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise InvalidPipeline(f"{shown} has more than {MOST_BYTES} bytes, which no pipeline has")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode(errors="replace")
        raise wrong(shown, _place_in(before, len(before)), "this is no UTF-8") from None
    form = os.path.splitext(path)[1]
    parse = _toml if form == ".toml" else _json if form == ".json" else _yaml if form in FORMS else None
    if parse is None:
        raise InvalidPipeline(f"{shown}: a pipeline is a {', '.join(FORMS)} file")
    value, places = parse(text, shown)
    return Source(shown, path, value, places, origin)  # type: ignore[arg-type] # one of two literals


def wrong(file: str, place: Place, message: str, candidates: tuple[str, ...] = ()) -> InvalidPipeline:
    """The error of a file that is wrong at one place."""
    return of_problems([Problem(file=file, line=place.line, column=place.column, message=message, candidates=candidates)])


def of_problems(problems: list[Problem]) -> InvalidPipeline:
    """The error of a file that is wrong at some places, the first of which is its message."""
    from shlex import join  # only who errs pays

    first = problems[0]
    error = InvalidPipeline(
        first.said(), candidates=first.candidates, file=first.file, line=first.line, column=first.column,
        problems=[problem.said() for problem in problems[1:]],
        hint=join(["clew", "pipelines", "check", first.file]),
    )  # fmt: skip
    error.found = tuple(problems)
    return error


def _toml(text: str, file: str) -> tuple[Any, Places]:
    from tomllib import TOMLDecodeError, loads  # 3 ms: not for pipelines in JSON

    try:
        return loads(text), toml_places(text)
    except RecursionError:
        raise wrong(file, Place(1, 1), "it is nested too deeply") from None
    except TOMLDecodeError as error:
        found = _AT.search(str(error))
        place = Place(int(found[1]), int(found[2])) if found and found[1] else _place_in(text, len(text))
        raise wrong(file, place, f"no TOML: {_AT.sub('', str(error))}") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise wrong(file, Place(1, 1), f"a value cannot be read: {error}") from None


def _json(text: str, file: str) -> tuple[Any, Places]:
    from json import JSONDecodeError, loads  # only for pipelines in JSON

    try:
        value = loads(text)
        places, twice = json_places(text)
    except JSONDecodeError as error:
        raise wrong(file, Place(error.lineno, error.colno), f"no JSON: {error.msg}") from None
    except (RecursionError, DecodeError):
        raise wrong(file, Place(1, 1), "it is nested too deeply, or a key of it is no text") from None
    except ValueError as error:  # a number of more digits than Python reads
        raise wrong(file, Place(1, 1), f"a value cannot be read: {error}") from None
    if (lone := _LONE.search(text)) is not None and not _is_text(value):
        raise wrong(file, _place_in(text, lone.start()), f"{lone[0]} is half of a character")
    if twice:
        path, place = twice[0]
        raise wrong(file, place, f"{path[-1]!r} stands twice in one object")
    return value, places


def _yaml(text: str, file: str) -> tuple[Any, Places]:
    try:
        from clew.pipelines.reading_yaml import parsed  # an extra: only for pipelines in YAML
    except ImportError as error:
        raise InvalidPipeline(f"{file}: YAML needs PyYAML: {error}", hint="pip install 'clew[yaml]'") from error
    value, places, problem = parsed(text)
    if problem is not None:
        raise wrong(file, *problem)
    return value, places


def _is_text(value: Any) -> bool:  # noqa: ANN401 - plain values
    """True where every text of a value is one that can be written."""
    from json import dumps  # loaded: it was read by it

    try:
        dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _place_in(text: str, at: int) -> Place:
    return Place(text.count("\n", 0, at) + 1, at - (text.rfind("\n", 0, at) + 1) + 1)
