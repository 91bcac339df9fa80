"""Addresses as answers print them, in JSON and in text, each with what it was printed for."""

from __future__ import annotations

import random
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clew.cli.text import row_line
from clew.code.addresses import find
from clew.code.rows import SourceMap, address
from clew.errors import Ambiguous, ClewError, NotFound
from clew.index.rows import CODE
from clew.operations import operation, verb
from clew.requests import Result, Target
from clew.running.subjects import asked_about
from clew.workspace import Workspace

if TYPE_CHECKING:
    from clew._native import Description

TARGETED = (
    "definition", "references", "callers", "callees", "call-graph", "overrides", "importers", "imports", "ripple", "impacts",
    "impact-preview", "tests", "depends-on", "context-slice",
)  # fmt: skip
SURVEYS = ("outline", "list-types", "export-usage", "hot-paths", "dead-code", "cycles", "longest-files")
LISTS = ("targets", "left_out", "leftOut", "nearest", "files")
_PLACE = re.compile(r"(.+?):(\d+)(?::(\d+))?$")
_ROW = re.compile(r"@\d+ ('(?:[^']|'\"'\"')*'|\S+)")
IDENTIFIER = re.compile(r"#?[\w$]+")


class Printed(NamedTuple):
    """An address, and what it was printed for."""

    verb: str
    face: str
    address: str
    file: str
    name: str | None = None
    """The definition that it is; None for a file, and for a place that any definition may have."""
    line: int | None = None
    column: int | None = None
    """None with a name: the definition of that name on the line."""


def asked(workspace: Workspace, name: str, **fields: Any) -> Result | None:  # noqa: ANN401 - fields of any request
    """The whole answer of a verb; None where it cannot be asked so."""
    asked_of = verb(operation(name))
    workspace.begin(0)
    try:
        return asked_of.run(workspace, msgspec.convert({"op": name, **fields}, asked_of.request))
    except ClewError:
        return None


def in_answer(name: str, result: Result) -> Iterator[Printed]:
    """The addresses of an answer: of its rows in JSON and in text, of what they offer, and of its other fields."""
    fields = msgspec.to_builtins(result)
    yield from _listed(name, fields)
    for row in fields["results"]:
        yield from _listed(name, row)
        yield from _in_row(name, row)
        for target in result.offers(frozenset((row["n"],))) or ():
            what = _row_of(target.text, row)
            if what is not None:
                yield Printed(name, "@n", target.text, *what)


def _listed(name: str, fields: dict[str, Any]) -> Iterator[Printed]:
    for field in LISTS:
        for one in fields.get(field, ()) if isinstance(fields.get(field), (list, tuple)) else ():
            yield _named(name, one["target"] if isinstance(one, dict) else one)
    yield from (_named(name, fields[field]) for field in ("caller", "callee", "importer") if field in fields)


def _named(name: str, address: str) -> Printed:
    """An address that stands for itself: what it means is in it."""
    path, separator, rest = address.partition("::")
    if not separator:
        return Printed(name, "json", address, path)
    placed = re.fullmatch(r"(.+):(\d+):(\d+)~[0-9a-f]{6}", rest)
    if placed is None:
        return Printed(name, "json", address, path, rest)
    return Printed(name, "json", address, path, placed[1], int(placed[2]), int(placed[3]))


def _row_of(address: str, row: dict[str, Any]) -> tuple[str, str | None, int | None, int | None] | None:
    """The kind of a row that offers an address."""
    within = row.get("within")
    if within is not None:
        return row["file"], within["name"], within["line"], None
    if _is_handed_on(row):
        return _named("", address)[3:]
    if row.get("kind") == "file" or row.get("name") is None:
        return (row["file"], None, None, None) if address == row.get("file") else None
    return row["file"], row["name"], row["line"], row["column"]


def _is_handed_on(row: dict[str, Any]) -> bool:
    """True when a row is a name by which a file hands on what another one has."""
    return "target" in row and row["target"].partition("::")[0] != row.get("file", row["target"])


def _in_row(name: str, row: dict[str, Any]) -> Iterator[Printed]:
    if "file" not in row:
        return
    file, within = row["file"], row.get("within")
    is_definition = row.get("name") is not None and row.get("kind") not in {"file", "external"}
    line, column = row.get("line"), row.get("column")
    if within is not None:
        yield Printed(name, "within", within.get("target") or f"{file}::{within['name']}", file, within["name"], within["line"])
    if _is_handed_on(row):
        yield _named(name, row["target"])
    elif is_definition:
        yield Printed(name, "json", row.get("target") or f"{file}::{row['name']}", file, row["name"], line, column)
    elif column is not None:
        yield Printed(name, "json", f"{file}:{line}:{column}", file, None, line, column)
    else:
        yield Printed(name, "json", file, file)
    shown = _ROW.match(row_line(row))
    if shown is not None:
        (first,) = shlex.split(shown[1]) if shown[1].startswith("'") else [shown[1]]
        if _is_handed_on(row):
            yield _named(name, row["target"])._replace(face="text", address=first)
        elif is_definition:
            yield Printed(name, "text", first, file, row["name"], line, column)
        else:
            place = _PLACE.fullmatch(first)
            numbers = [int(one) if one else None for one in place.groups()[1:]] if place is not None else []
            yield Printed(name, "text", first, file, None, *numbers)


def in_errors(workspace: Workspace, names: Iterable[str]) -> Iterator[Printed]:
    """The candidates of names that mean several things, or nothing."""
    for name in names:
        for typed in (name, f"{name}x"):
            try:
                workspace.begin(0)
                find(workspace, Target(text=typed))
            except (Ambiguous, NotFound) as error:
                yield from (_named(f"error {error.code}", candidate)._replace(face="candidate") for candidate in error.candidates)
            except ClewError:
                continue


def collected(workspace: Workspace, most: int, chance: random.Random) -> Iterator[Printed]:
    """Addresses as they are printed, each once a verb and face: so many of each at most."""
    definitions = _every_definition(workspace)
    chance.shuffle(definitions)
    names = list(dict.fromkeys(of.bare_name for of in definitions if IDENTIFIER.fullmatch(of.bare_name)))
    sources = SourceMap(workspace.generation)
    targets = [address(sources, of) for of in definitions[: most // 4]]
    known: set[Printed] = set()
    counts: Counter[tuple[str, str]] = Counter()

    def fresh(answers: Iterable[Printed]) -> Iterator[Printed]:
        for one in answers:
            if one not in known and counts[one.verb, one.face] < most:
                known.add(one)
                counts[one.verb, one.face] += 1
                yield one

    for name, fields in _questions(names[: most // 5], targets):
        if counts[name, "json"] < most:
            result = asked(workspace, name, **fields)
            yield from fresh(in_answer(name, result) if result is not None else ())
    for target in targets:
        subject = asked_about(workspace, [Target(text=target)], None, changed=False).subject
        yield from fresh(_named("subject", one.text) for one in subject)
    yield from fresh(in_errors(workspace, names[: most // 2]))


def _questions(names: list[str], targets: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every verb with its fields: surveys, then what is looked for, then what is asked about targets."""
    yield from ((name, {}) for name in SURVEYS)
    yield from (("ast-pattern", {"pattern": [pattern]}) for pattern in ("return $A", "await $A", "const $A = $B", "$A.$B($C)"))
    for name in names:
        yield "search", {"terms": [name]}
        yield "text", {"pattern": [name]}
        yield "find-pattern", {"pattern": [f"*{name}*"]}
    for target in targets:
        for name in TARGETED:
            aim = target.partition("::")[0] if name in {"imports", "importers"} else target
            yield name, {"targets": [{"text": aim}]}


def _every_definition(workspace: Workspace) -> list[Description]:
    generation = workspace.generation
    return [
        of for entry in generation.files() if entry.flags & CODE for of in generation.linker.describe(generation.linker.outlined(entry.id))
    ]
