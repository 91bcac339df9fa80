"""Specifiers that lead to the same file after a move, in the style of those before."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from clew._native import resolve_specifiers, specifier_patterns
from clew.edits.moves import names, spelt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from clew._native import Asked
    from clew.edits.moves import Moves
    from clew.index.generation import Generation

_QUERY = re.compile(r"(?<=.)[?#]")
_UNSAFE = frozenset("'\"`\\\n\r")


class Wanted(NamedTuple):
    """A specifier that has to change."""

    importer: str
    """The file that it stands in, before."""
    specifier: str
    kind: str
    target: str | None
    """The file that it leads to, before; None where it is not found."""
    is_served: bool = False
    """True where a pattern of a project or a package leads there, so that another specifier has to be one of theirs."""


def is_relative(specifier: str) -> bool:
    """True for a specifier that names a path from the folder of its file."""
    return specifier in {".", ".."} or specifier.startswith(("./", "../"))


def parts(specifier: str) -> tuple[str, str, str]:
    """The loaders before a specifier, what it names, and the query behind it."""
    loaders, mark, rest = specifier.rpartition("!")
    found = _QUERY.search(rest)
    at = found.start() if found else len(rest)
    return loaders + mark, rest[:at], rest[at:]


def patterns_of(generation: Generation, asked: list[Asked]) -> list[list[tuple[str, str]]]:
    """The patterns that can stand in place of specifiers; see `specifier_patterns`."""
    root, manifest, *_ = generation.parts()
    return specifier_patterns(root, manifest, asked) if asked else []


def respelt(wanted: Sequence[Wanted], moves: Moves, moved: Generation) -> list[str | None]:
    """For each specifier the first in its style that leads to the same file in the tree after the move; None where there is none.

    `moved` is that tree. Only a specifier that is relative, or whose file stays in the package of the target, is made relative.
    """
    packages = {posixpath.dirname(path) for path in moved.paths() if posixpath.basename(path) == "package.json"}
    mapped = [one for one in wanted if not _is_path(one)]
    asked = [(moves.after(one.importer), parts(one.specifier)[1], one.kind) for one in mapped]
    options = {one: _mapped(one, moves, found, packages) for one, found in zip(mapped, patterns_of(moved, asked), strict=True)}
    chosen = _first_that_leads(moved, moves, options | {one: _like_before(one, moves) for one in wanted if _is_path(one)})
    others = {one: _by_target(one, moves) for one in wanted if chosen[one] is None and _is_path(one)}
    chosen |= _first_that_leads(moved, moves, others)
    return [chosen[one] for one in wanted]


def _first_that_leads(moved: Generation, moves: Moves, options: Mapping[Wanted, Iterable[str]]) -> dict[Wanted, str | None]:
    """Of the options for each specifier the first that leads where it should, with what stands before and behind it."""
    root, manifest, *_ = moved.parts()
    listed = {one: [option for option in dict.fromkeys(found) if not _UNSAFE & set(option)] for one, found in options.items()}
    questions = dict.fromkeys((moves.after(one.importer), option, one.kind) for one, found in listed.items() for option in found)
    led = dict(zip(questions, resolve_specifiers(root, manifest, list(questions)) if questions else (), strict=True))
    chosen: dict[Wanted, str | None] = {}
    for one, found in listed.items():
        importer = moves.after(one.importer)
        to = None if one.target is None else moves.after(one.target)
        before, _, behind = parts(one.specifier)
        fits = (option for option in found if to is None or _led(moved, led[importer, option, one.kind]) == to)
        chosen[one] = next((before + option + behind for option in fits), None)
    return chosen


def _led(moved: Generation, answer: tuple[int | None, str | None, str | None]) -> str | None:
    file, _, path = answer
    return path if file is None else moved.path_of(file)


def _is_path(wanted: Wanted) -> bool:
    """True for a specifier that is a path from its file: a relative one, or that of a `/// <reference path>`."""
    return wanted.kind == "path" or is_relative(parts(wanted.specifier)[1])


def named_by(wanted: Wanted) -> str:
    """The path that a relative specifier names."""
    folder = posixpath.dirname(wanted.importer)
    named = posixpath.normpath(posixpath.join("/", folder, parts(wanted.specifier)[1]))
    return named.lstrip("/")


def _like_before(wanted: Wanted, moves: Moves) -> list[str]:
    """Relative, naming the target as before."""
    named = moves.named_after(named_by(wanted), wanted.target)
    return [] if named is None else spelt(named, posixpath.dirname(moves.after(wanted.importer)), parts(wanted.specifier)[1])


def _by_target(wanted: Wanted, moves: Moves) -> Iterator[str]:
    """Relative, in every way to name the target."""
    if wanted.target is not None:
        for name in reversed([*names(moves.after(wanted.target))]):
            yield from spelt(name, posixpath.dirname(moves.after(wanted.importer)), parts(wanted.specifier)[1])


def _mapped(wanted: Wanted, moves: Moves, patterns: Sequence[tuple[str, str]], packages: set[str]) -> Iterator[str]:
    """By the same beginning, by a pattern that the project has, by a path."""
    specifier = parts(wanted.specifier)[1]
    if wanted.target is None:
        return
    to = moves.after(wanted.target)
    how, beginning, below = _suffix(specifier, wanted.target)
    named = moves.named_after(how, wanted.target) if how is not None else None
    forms = [named] if named is not None else []
    forms += [name for name in reversed([*names(to)]) if name not in forms]
    if named is not None and named.startswith(below):
        same = beginning + named[len(below) :]
        is_of_same = bool(beginning) or _first(same) == _first(specifier) or ("*", f"{below}*") in patterns
        if is_of_same and (not wanted.is_served or is_served(same, to, patterns)):
            yield same
    for key, target in sorted(patterns, key=lambda pair: (_first(pair[0]) != _first(specifier), -len(pair[1]))):
        if key != "*" or not beginning:
            yield from (key.replace("*", rest) for form in forms for rest in _rest(form, target))
    importer = moves.after(wanted.importer)
    if _package(importer, packages) == _package(to, packages):
        for form in forms:
            yield from spelt(form, posixpath.dirname(importer), "")


def is_served(specifier: str, target: str, patterns: Sequence[tuple[str, str]]) -> bool:
    """True where one of the patterns leads from a specifier to a file."""
    ways = {*names(target)}
    return any(path.replace("*", rest) in ways for key, path in patterns for rest in _rest(parts(specifier)[1], key))


def _rest(path: str, pattern: str) -> Iterator[str]:
    """The text that the `*` of a pattern stands for in a path that fits; an empty one where there is none in it."""
    before, star, behind = pattern.partition("*")
    if not star:
        if path == pattern:
            yield ""
    elif path.startswith(before) and path.endswith(behind) and len(path) >= len(before) + len(behind):
        yield path[len(before) : len(path) - len(behind)]


def _suffix(specifier: str, target: str) -> tuple[str | None, str, str]:
    """Of the names of a target the one that ends most like a specifier; what of each stands before that end."""
    best: tuple[int, str | None, str, str] = (0, None, "", "")
    for name in names(target):
        one, other = specifier.split("/"), name.split("/")
        same = 0
        while same < min(len(one), len(other)) and one[-1 - same] == other[-1 - same]:
            same += 1
        if same > best[0]:
            end = len("/".join(one[len(one) - same :]))
            best = (same, name, specifier[: len(specifier) - end], name[: len(name) - end])
    return best[1:]


def _first(text: str) -> str:
    return text.split("/", 1)[0]


def _package(path: str, packages: set[str]) -> str:
    folder = posixpath.dirname(path)
    while folder and folder not in packages:
        folder = posixpath.dirname(folder)
    return folder
