"""What a file, or the tree, declares."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.code import offering
from clew.code.addresses import find
from clew.code.inside import outlined, signature, summary
from clew.code.linking.context import links_of
from clew.code.names import qualified_name
from clew.code.rows import Places
from clew.code.scope import path_filter
from clew.index.facts import KIND_NAMES, Flag
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Outline(Scope, frozen=True, kw_only=True, tag="outline"):
    """List the declarations of files, in the order of their code, with signatures and doc summaries."""

    stands_alone: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found, else the tree."""


class OutlineRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A declaration."""

    n: int
    """Number of the row, counted from 1."""
    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path."""
    line: int
    """First line, counted from 1."""
    last: int
    """Last line."""
    exported: bool = False
    """Whether other files can import it."""
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
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    if request.targets:
        files = list(dict.fromkeys(find(workspace, links, target).file for target in request.targets))
    else:
        files = sorted((entry.id for entry in links.generation.files() if keeps(entry.path)), key=links.generation.path_of)
    places = Places(links)
    rows: list[OutlineRow] = []
    for file in files:
        facts = links.facts(file)
        source = places.source(file)
        for row in outlined(links, file):
            kind, exported = KIND_NAMES[facts.def_kind[row]], bool(facts.def_flags[row] & Flag.EXPORTED)
            if (request.kind and kind not in request.kind) or (request.exported and not exported):
                continue
            rows.append(
                OutlineRow(
                    n=len(rows) + 1,
                    name=qualified_name(facts, row),
                    kind=kind,
                    file=links.generation.path_of(file),
                    line=facts.line_of(facts.def_start[row]),
                    last=facts.line_of(max(facts.def_start[row], facts.def_end[row] - 1)),
                    exported=exported,
                    signature=signature(links, source, (file, row)) if source is not None else None,
                    doc=summary(links, source, (file, row)) if source is not None else None,
                )
            )
    return OutlineResult(results=tuple(rows))
