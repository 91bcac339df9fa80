"""The declarations of a file, or of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.code import offering
from clew.code.addresses import find_all
from clew.code.heads import signature, summary
from clew.code.rows import SourceMap, outlined, own_address
from clew.index.scope import path_filter
from clew.requests import Kinds, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Outline(Kinds, frozen=True, kw_only=True, tag="outline"):
    """List the declarations of files, in the order of their code, with signatures and doc summaries.

    js-scan --outline lib/app.js --exported
    """

    stands_alone: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found, else the tree."""


class OutlineRow(Row, frozen=True):
    """A declaration."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path."""
    line: int
    """Line of the name, counted from 1."""
    column: int
    """UTF-16 column of the name, counted from 1."""
    last: int
    """Last line."""
    first: int | None = None
    """First line, where it stands above the name."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""
    exported: bool = False
    """True where other files can import it."""
    signature: str | None = None
    """Its head, up to the body."""
    doc: str | None = None
    """The first sentence of its doc comment."""


class OutlineResult(Result, frozen=True, kw_only=True):
    """The declarations, by file and place."""

    results: tuple[OutlineRow, ...]
    """One row a declaration."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The declarations."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files."""
        return offering.files(self.results)


def outline(workspace: Workspace, request: Outline) -> OutlineResult:
    """The declarations of the target files, or of all files in the scope.

    Raises NoSuchFile, SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    keeps = path_filter(request)
    if request.targets:
        targets = dict.fromkeys(place.file for place in find_all(workspace, request.targets))
        files = [file for file in targets if keeps(generation.path_of(file))]
    else:
        files = sorted((entry.id for entry in generation.files() if keeps(entry.path)), key=generation.path_of)
    sources = SourceMap(generation)
    rows: list[OutlineRow] = []
    for file in generation.bounds.each(files, "files", lists=True):
        source = sources.source(file)
        for of in outlined(generation, file, request.kind, lists=True):
            if request.exported and not of.exported:
                continue
            rows.append(
                OutlineRow(
                    n=len(rows) + 1,
                    name=of.name,
                    kind=of.kind,
                    file=generation.path_of(file),
                    line=of.line,
                    column=sources.column(file, of.line, of.at),
                    first=of.first_line if of.first_line != of.line else None,
                    target=own_address(sources, of),
                    last=of.last_line,
                    exported=of.exported,
                    signature=signature(source, of) if source is not None else None,
                    doc=summary(source, of) if source is not None else None,
                )
            )
    return OutlineResult(results=tuple(rows))
