"""The importers of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code.breadth import levels
from clew.code.imports import target_files
from clew.index.scope import path_filter
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.index.rows import Edge
    from clew.workspace import Workspace


class Importers(Paths, frozen=True, kw_only=True, tag="importers"):
    """List the files that import a file, in any form: `import`, `require`, re-exports, dynamic imports.

    js-scan --importers lib/app.js --transitive
    """

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found."""
    transitive: bool = False
    """Follow the importers of the importers too."""


class ImporterRow(Row, frozen=True):
    """A file that imports the target, and where it first does."""

    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    kind: str
    """How: import, export-from, require, dynamic, …"""
    type_only: bool = False
    """True where it vanishes at run time."""
    distance: int = 1
    """Number of hops from the target."""


class ImportersResult(Result, frozen=True, kw_only=True):
    """The importers, nearest first, then by path."""

    targets: tuple[str, ...]
    """The files that are imported."""
    results: tuple[ImporterRow, ...]
    """One row a file."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The importing files."""
        return tuple(Target(text=row.file, file=row.file) for row in self.results if picked is None or row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The targets and their importers."""
        return tuple(dict.fromkeys([*self.targets, *(row.file for row in self.results)]))


def importers(workspace: Workspace, request: Importers) -> ImportersResult:
    """Every file that imports one of the target files.

    Raises NoSuchFile, SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    files = target_files(workspace, request.targets)
    keeps = path_filter(request)
    first_edge: dict[int, Edge] = {}

    def importing(file: int, _: int) -> Iterator[int]:
        for edge in generation.importers(file):
            if edge.kind != "augment":
                first_edge.setdefault(edge.importer, edge)
                yield edge.importer

    walk = levels(files, importing, depth=None if request.transitive else 1, each=lambda level: generation.bounds.each(level, "files"))
    rows: list[ImporterRow] = []
    for distance, level in enumerate(walk):
        for path, importer in sorted((generation.path_of(file), file) for file in level if distance):
            if keeps(path):
                edge = first_edge[importer]
                (line,) = generation.linker.import_lines([(importer, edge.row)])
                rows.append(
                    ImporterRow(
                        n=len(rows) + 1,
                        file=path,
                        line=line,
                        kind=edge.kind,
                        type_only=edge.type_only,
                        distance=distance,
                    )
                )
    return ImportersResult(targets=tuple(generation.path_of(file) for file in files), results=tuple(rows))
