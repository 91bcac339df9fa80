"""How the exports of files are used."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.code import offering
from clew.code.addresses import find
from clew.code.entries import entry_files
from clew.code.gaps import gaps_anywhere
from clew.code.linking import modules
from clew.code.linking.context import Def, Links, Value, links_of
from clew.code.linking.references import references
from clew.code.names import qualified_name
from clew.code.scope import is_test, path_filter
from clew.index.facts import KIND_NAMES, NONE, Role
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_SPECIAL = frozenset({"*", "+"})


class ExportUsage(Scope, frozen=True, kw_only=True, tag="export-usage"):
    """List the exports of files with who uses them; exports that nobody uses come first."""

    stands_alone: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found, else the tree."""


class ExportRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """An export and its uses in other files."""

    n: int
    """Number of the row, counted from 1."""
    name: str
    """The exported name; `=` is the whole of a CommonJS module."""
    kind: str
    """function, class, variable, …"""
    file: str
    """The file that exports it."""
    line: int
    """Line of the definition, counted from 1."""
    uses: int = 0
    """How many certain uses in other files, imports not counted."""
    files: int = 0
    """In how many other files."""
    tests: int = 0
    """How many of these files are tests."""
    possible: int = 0
    """How many uses by a receiver that is not known."""
    entry: bool = False
    """Whether the package offers it to the world."""


class ExportUsageResult(Result, frozen=True, kw_only=True):
    """The exports, least used first."""

    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete."""
    results: tuple[ExportRow, ...]
    """One row an export."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The exported definitions."""
        return tuple(
            Target(text=f"{row.file}:{row.line}", file=row.file, line=row.line) for row in self.results if picked is None or row.n in picked
        )

    def behind(self) -> tuple[str, ...]:
        """The files that export."""
        return offering.files(self.results)


def export_usage(workspace: Workspace, request: ExportUsage) -> ExportUsageResult:
    """The exports of the target files, or of all files of the scope, with their uses elsewhere.

    Raises NoSuchFile, SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    if request.targets:
        files = list(dict.fromkeys(find(workspace, links, target).file for target in request.targets))
    else:
        files = [entry.id for entry in links.generation.files() if keeps(entry.path)]
    entries = entry_files(workspace, links)
    rows = [
        _row(links, file, name, definition, entry=file in entries) for file in files for name, definition in exports_of(links, file).items()
    ]
    rows.sort(key=lambda row: (row.uses + row.possible, row.entry, row.file, row.line))
    possible = sum(row.possible for row in rows)
    return ExportUsageResult(
        why=(*((Gap("possible", possible),) if possible else ()), *gaps_anywhere(links.generation)),
        results=tuple(msgspec.structs.replace(row, n=n) for n, row in enumerate(rows, 1)),
    )


def exports_of(links: Links, file: int) -> dict[str, Def]:
    """The definitions that a file itself exports, by exported name; re-exports belong to the file they come from."""
    facts = links.facts(file)
    found: dict[str, Def] = {}
    for row, text in enumerate(facts.exp_name):
        name = facts.strings[text]
        if name in _SPECIAL or facts.exp_import[row] != NONE:
            continue
        for part in modules.exported(links, file, name):
            if not isinstance(part, Value) and part[0] == file:
                found.setdefault(name, part)
        if name == "=" and facts.exp_value[row] != NONE:
            for member in facts.where("def_owner", facts.exp_value[row]):
                found.setdefault(facts.name(member), (file, member))
    return found


def _row(links: Links, file: int, name: str, definition: Def, *, entry: bool) -> ExportRow:
    facts = links.facts(file)
    found = references(links, definition)
    outside = [
        one
        for one in found.certain
        if one.file != file and not links.facts(one.file).occ_role[one.occurrence] & (Role.IMPORT | Role.EXPORT) and not one.alias
    ]
    users = {one.file for one in found.certain if one.file != file}
    return ExportRow(
        n=0,
        name=name if name == "=" else qualified_name(facts, definition[1]),
        kind=KIND_NAMES[facts.def_kind[definition[1]]],
        file=links.generation.path_of(file),
        line=facts.line_of(facts.def_start_name[definition[1]]),
        uses=len(outside),
        files=len(users),
        tests=sum(is_test(links.generation.path_of(user)) for user in users),
        possible=len(found.possible(links)),
        entry=entry,
    )
