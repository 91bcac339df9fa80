"""The uses of what files export."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from clew._native import is_test
from clew.code import offering
from clew.code.addresses import find_all
from clew.code.entries import entry_files
from clew.code.gaps import gaps_anywhere
from clew.code.rows import SourceMap, address, own_address
from clew.index.scope import path_filter
from clew.requests import Gap, Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew._native import Description
    from clew.workspace import Workspace


WHOLE_MODULE = "module.exports"


class ExportUsage(Paths, frozen=True, kw_only=True, tag="export-usage"):
    """List the exports of files with who uses them; exports that nobody uses come first.

    js-scan --export-usage --dir lib
    """

    stands_alone: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found, else the tree."""


class ExportRow(Row, frozen=True):
    """An export and its uses in other files."""

    name: str
    """The exported name; `module.exports` is the whole of a CommonJS module."""
    kind: str
    """function, class, variable, …; `module` for a whole one, `external` for what comes from outside of the tree."""
    file: str
    """The file that exports it."""
    line: int
    """Line where the file defines it, or hands it on, counted from 1."""
    column: int
    """UTF-16 column of the name there, counted from 1."""
    target: str | None = None
    """Its address, where `file::name` is not: another of the file is called so, or the file only hands it on, also as a whole file."""
    uses: int = 0
    """Number of certain uses in other files, imports not counted; of what is handed on, those that take it from this file."""
    files: int = 0
    """In how many other files."""
    tests: int = 0
    """Number of tests among these files."""
    possible: int = 0
    """Number of uses by a receiver that is not known."""
    entry: bool = False
    """True where the package offers it to the world."""


class ExportUsageResult(Result, frozen=True, kw_only=True):
    """The exports, least used first."""

    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete."""
    results: tuple[ExportRow, ...]
    """One row an exported name of a file, names that `export … from` and `export *` hand on among them."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The exported definitions of the rows that are picked."""
        if picked is None:
            return None
        return offering.definitions((row for row in self.results if row.kind != "external"), picked)

    def behind(self) -> tuple[str, ...]:
        """The files that export."""
        return offering.files(self.results)


def export_usage(workspace: Workspace, request: ExportUsage) -> ExportUsageResult:
    """The exports of the target files, or of all files of the scope, with their uses elsewhere.

    Raises NoSuchFile, SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    keeps = path_filter(request)
    if request.targets:
        targets = dict.fromkeys(place.file for place in find_all(workspace, request.targets))
        files = [file for file in targets if keeps(generation.path_of(file))]
    else:
        files = [entry.id for entry in generation.files() if keeps(entry.path)]
    entries = entry_files(workspace)
    bounds = generation.bounds
    used = bounds.gathered(files, lambda part: generation.linker.export_uses(list(part)), "files", first=64)
    sources = SourceMap(generation)
    rows: list[ExportRow] = []
    for part in bounds.listed(used):
        described = iter(generation.linker.describe([definition for _, _, definition, *_ in part if definition]))
        for file, name, definition, module, handed_on_at, uses, users, possible in part:
            of = next(described) if definition else None
            handed_on = handed_on_at is not None
            line, column = _position(sources, file, of, handed_on_at)
            rows.append(
                ExportRow(
                    n=0,
                    name=WHOLE_MODULE if name == "=" else name if of is None or handed_on else of.name,
                    kind=of.kind if of else "external" if module is None else "module",
                    file=generation.path_of(file),
                    line=line,
                    column=column,
                    target=(address if handed_on or name == "=" else own_address)(sources, of)
                    if of
                    else None
                    if module is None
                    else generation.path_of(module),
                    uses=uses,
                    files=len(users),
                    tests=sum(is_test(generation.path_of(user)) for user in users),
                    possible=possible,
                    entry=file in entries,
                )
            )
    rows.sort(key=lambda row: (row.uses + row.possible, row.entry, row.file, row.line))
    possible = sum(row.possible for row in rows)
    return ExportUsageResult(
        why=(*((Gap("possible", possible),) if possible else ()), *gaps_anywhere(generation)),
        results=tuple(replace(row, n=n) for n, row in enumerate(rows, 1)),
    )


def _position(sources: SourceMap, file: int, of: Description | None, handed_on_at: int | None) -> tuple[int, int]:
    """Line and column where the file defines an export, or hands it on."""
    if handed_on_at is None and of is not None:
        return of.line, sources.column(file, of.line, of.at)
    at = handed_on_at or 0
    line = bisect_right(sources.lines(file)[0], at)
    return line, sources.column(file, line, at)
