"""Who imports a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew.code.imports import target_files
from clew.code.scope import path_filter
from clew.requests import Paths, Result, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Importers(Paths, frozen=True, kw_only=True, tag="importers"):
    """List the files that import a file, in any form: `import`, `require`, re-exports, dynamic imports.

    js-scan --importers lib/app.js --transitive
    """

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found."""
    transitive: bool = False
    """Follow the importers of the importers too."""


class ImporterRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A file that imports the target, and where it first does."""

    n: int
    """Number of the row, counted from 1."""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    kind: str
    """How: import, export-from, require, dynamic, …"""
    type_only: bool = False
    """Whether it vanishes at run time."""
    distance: int = 1
    """How many hops away."""


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
    seen = set(files)
    level, distance = files, 0
    rows: list[ImporterRow] = []
    while level and (request.transitive or distance == 0):
        distance += 1
        found = {}
        for file in generation.bounds.each(level, "files"):
            for edge in generation.importers(file):
                if edge.importer not in seen and edge.kind != "augment":
                    seen.add(edge.importer)
                    found[edge.importer] = edge
        for importer, edge in sorted(found.items(), key=lambda pair: generation.path_of(pair[0])):
            path = generation.path_of(importer)
            if keeps(path):
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
        level = list(found)
    return ImportersResult(targets=tuple(generation.path_of(file) for file in files), results=tuple(rows))
