"""The imports of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew._native import candidate_paths
from clew.code.addresses import find_all
from clew.code.breadth import levels
from clew.index.scope import path_filter
from clew.requests import Gap, Paths, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.index.generation import Generation
    from clew.index.rows import Edge
    from clew.workspace import Workspace


class Imports(Paths, frozen=True, kw_only=True, tag="imports"):
    """List what a file imports: files of the tree, packages, and what resolves to nothing.

    js-scan --imports lib/app.js
    """

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found."""
    transitive: bool = False
    """Follow the imports of the imported files too."""


class ImportRow(Row, frozen=True):
    """One import of a file: `file` is what it leads to, or `package`; neither means that nothing was found."""

    file: str | None = None
    """Root-relative path."""
    package: str | None = None
    """The package it leads to."""
    specifier: str | None = None
    """As it is written."""
    kind: str | None = None
    """How: import, export-from, require, dynamic, …"""
    importer: str | None = None
    """The file that imports."""
    line: int | None = None
    """Line, counted from 1."""
    type_only: bool = False
    """True where it vanishes at run time."""
    unresolved: bool = False
    """True where it leads to nothing in the tree and to no package."""
    tried: tuple[str, ...] = ()
    """The paths at which an unresolved relative import was looked for, with alternatives in braces."""


class ImportsResult(Result, frozen=True, kw_only=True):
    """The imports, in the order of the source."""

    why: tuple[Gap, ...] = ()
    """`unresolved`: imports that lead to nothing in the tree and to no package."""
    results: tuple[ImportRow, ...]
    """One row an import statement or call; one a file when transitive."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The imported files."""
        return tuple(
            dict.fromkeys(Target(text=row.file, file=row.file) for row in self.results if row.file and (picked is None or row.n in picked))
        )

    def behind(self) -> tuple[str, ...]:
        """The files that import."""
        return tuple(dict.fromkeys(row.importer for row in self.results if row.importer))


def imports(workspace: Workspace, request: Imports) -> ImportsResult:
    """The imports of the target files, directly or through others.

    Raises NoSuchFile, SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    files = target_files(workspace, request.targets)
    keeps = path_filter(request)
    rows: list[ImportRow] = []
    reached = set(files)

    def imported(file: int, _: int) -> Iterator[int]:
        for edge in generation.imports(file):
            if edge.kind == "augment" or (request.transitive and (edge.target is None or edge.target in reached)):
                continue
            row = _row(generation, edge, len(rows) + 1)
            if row.file is None or keeps(row.file):
                rows.append(row)
            if request.transitive and edge.target is not None:
                reached.add(edge.target)
                yield edge.target

    for _ in levels(files, imported, each=lambda level: generation.bounds.each(level, "files")):
        pass
    lost = sum(row.unresolved for row in rows)
    return ImportsResult(why=(Gap("unresolved", lost),) if lost else (), results=tuple(rows))


def _row(generation: Generation, edge: Edge, n: int) -> ImportRow:
    file = generation.path_of(edge.target) if edge.target is not None else edge.path
    importer, unresolved = generation.path_of(edge.importer), file is None and edge.package is None
    (line,) = generation.linker.import_lines([(edge.importer, edge.row)])
    return ImportRow(
        n=n,
        file=file,
        package=edge.package,
        specifier=edge.specifier,
        kind=edge.kind,
        importer=importer,
        line=line,
        type_only=edge.type_only,
        unresolved=unresolved,
        tried=tuple(candidate_paths(importer, edge.specifier)) if unresolved else (),
    )


def target_files(workspace: Workspace, targets: tuple[Target, ...]) -> list[int]:
    """The files that targets are or stand in, each once."""
    return list(dict.fromkeys(place.file for place in find_all(workspace, targets)))
