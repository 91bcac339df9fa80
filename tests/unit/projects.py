"""Small projects that are made up together with the truth about them.

In a source, `«name»` stands for an occurrence of the definition that `name` is the truth of, and `«name|text»` for one that reads
`text` there. Every module defines functions, and may use those of the modules before it in any form of import.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import NamedTuple

from hypothesis import strategies as st

MARK = re.compile("«([^»|]*)(?:\\|([^»]*))?»")

Spot = tuple[str, int, int]
"""File, line and column, counted from 1."""


class Module(NamedTuple):
    """A module before it has a place: how it is written, what it defines, and what it uses of earlier modules."""

    dialect: str
    defines: tuple[str, ...]
    uses: tuple[tuple[int, str], ...]
    """Earlier modules by number, each with the form of its import."""


class Project(NamedTuple):
    """Files, and where each definition is, once declared and in all places."""

    files: dict[str, str]
    declared: dict[str, Spot]
    places: dict[str, frozenset[Spot]]
    imports: frozenset[tuple[str, str]]
    callers: dict[str, frozenset[str]]
    """The functions that call a definition."""


Form = Callable[[list[str], str], tuple[str, str]]


def _named(names: list[str], source: str) -> tuple[str, str]:
    return f"import {{ {', '.join(f'«{name}»' for name in names)} }} from '{source}';", "«{0}»"


def _renamed(names: list[str], source: str) -> tuple[str, str]:
    return f"import {{ {', '.join(f'«{name}» as «{name}|my_{name}»' for name in names)} }} from '{source}';", "«{0}|my_{0}»"


def _namespace(_: list[str], source: str) -> tuple[str, str]:
    return f"import * as space from '{source}';", "space.«{0}»"


def _taken_apart(names: list[str], source: str) -> tuple[str, str]:
    return f"const {{ {', '.join(f'«{name}»' for name in names)} }} = require('{source}');", "«{0}»"


def _whole(_: list[str], source: str) -> tuple[str, str]:
    return f"const space = require('{source}');", "space.«{0}»"


def _one_by_one(names: list[str], source: str) -> tuple[str, str]:
    return "\n".join(f"const «{name}|my_{name}» = require('{source}')\n  .«{name}»;" for name in names), "«{0}|my_{0}»"


IMPORTING: dict[str, dict[str, Form]] = {
    "esm": {"named": _named, "renamed": _renamed, "namespace": _namespace},
    "ts": {"named": _named, "renamed": _renamed, "namespace": _namespace},
    "cjs": {"taken apart": _taken_apart, "whole": _whole, "one by one": _one_by_one},
}
EXTENSIONS = {"esm": ".mjs", "ts": ".ts", "cjs": ".cjs"}


@st.composite
def modules(draw: st.DrawFn) -> tuple[Module, ...]:
    """Two to four modules, each using some of those before it."""
    made: list[Module] = []
    for number in range(draw(st.integers(2, 4))):
        dialect = draw(st.sampled_from(sorted(EXTENSIONS)))
        count = draw(st.integers(1, 3))
        used = draw(st.lists(st.integers(0, number - 1), unique=True, max_size=2)) if number else []
        forms = [draw(st.sampled_from(sorted(IMPORTING[dialect]))) for _ in used]
        made.append(Module(dialect, tuple(f"f{number}{letter}" for letter in "abc"[:count]), tuple(zip(used, forms, strict=True))))
    return tuple(made)


FLAT = ("one", "two", "three", "four")
DEEP = ("lib/one", "lib/deep/two", "three", "test/four")
LAYOUTS = (FLAT, DEEP)


def project(made: tuple[Module, ...], layout: tuple[str, ...]) -> Project:
    """The modules in their places, with specifiers that lead there."""
    paths = [f"{layout[number]}{EXTENSIONS[module.dialect]}" for number, module in enumerate(made)]
    declared: dict[str, Spot] = {}
    places: dict[str, set[Spot]] = {name: set() for module in made for name in module.defines}
    callers: dict[str, set[str]] = {name: set() for name in places}
    files = {}
    for module, path in zip(made, paths, strict=True):
        files[path], spots = unmarked(_source(module, made, paths, path, callers))
        for name, line, column in spots:
            places[name].add((path, line, column))
            if name in module.defines:
                declared.setdefault(name, (path, line, column))
    imports = frozenset((path, paths[used]) for module, path in zip(made, paths, strict=True) for used, _ in module.uses)
    frozen = {name: frozenset(spots) for name, spots in places.items()}
    return Project(files, declared, frozen, imports, {name: frozenset(found) for name, found in callers.items()})


def _source(module: Module, made: tuple[Module, ...], paths: list[str], path: str, callers: dict[str, set[str]]) -> str:
    before: list[str] = []
    calls: list[str] = []
    for nth, (used, form) in enumerate(module.uses):
        names = list(made[used].defines)
        line, call = IMPORTING[module.dialect][form](names, specifier(path, paths[used]))
        before.append(line.replace("space", f"space{nth}"))
        calls += [call.format(name).replace("space", f"space{nth}") + "(1)" for name in names]
        for name in names:
            callers[name].update(module.defines[:1])
    export = "" if module.dialect == "cjs" else "export "
    bodies = [f"{export}function «{name}»(x) {{\n  {'; '.join(calls) if not nth else 'x'};\n}}" for nth, name in enumerate(module.defines)]
    handed = [f"module.exports = {{ {', '.join(f'«{name}»' for name in module.defines)} }};"] if module.dialect == "cjs" else []
    return "\n".join([*before, *bodies, *handed, ""])


def specifier(importer: str, target: str) -> str:
    """A relative specifier; TypeScript is named as what it becomes."""
    relative = os.path.relpath(target, os.path.dirname(importer) or ".").replace(os.sep, "/")
    return (relative if relative.startswith(".") else f"./{relative}").removesuffix(".ts")


def unmarked(source: str) -> tuple[str, list[tuple[str, int, int]]]:
    """A source without marks, and the name, line and column of each."""
    lines: list[str] = []
    spots: list[tuple[str, int, int]] = []
    for number, line in enumerate(source.split("\n"), start=1):
        plain, at = "", 0
        for mark in MARK.finditer(line):
            plain += line[at : mark.start()]
            spots.append((mark[1], number, len(plain) + 1))
            plain += mark[2] or mark[1]
            at = mark.end()
        lines.append(plain + line[at:])
    return "\n".join(lines), spots
