"""A definition with exactly the code it needs, cut to a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew.code import offering
from clew.code.addresses import Place, find
from clew.code.depends_on import DependsOn, DependsOnResult, depends_on
from clew.code.inside import is_inside, signature
from clew.code.linking.context import Links, links_of
from clew.code.names import qualified_name
from clew.code.rows import Places
from clew.errors import InvalidRequest
from clew.index.facts import KIND_NAMES, NONE
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_DEFAULT_BYTES = 6000


class ContextSlice(Scope, frozen=True, kw_only=True, tag="context-slice"):
    """Give a definition with the definitions and types it needs, across files, nearest first, cut to a budget."""

    targets: tuple[Target, ...] = ()
    """Definitions. Empty means: what the continued step found."""
    bytes: int | None = None
    """How many bytes of source at most; 6000 when not given."""
    depth: int | None = None
    """How many hops to follow; without it, to the end."""


class Piece(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A piece of source: a whole definition, or its head where the whole did not fit."""

    n: int
    """Number of the row, counted from 1."""
    name: str
    """The definition."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path."""
    line: int
    """First line, counted from 1."""
    source: str
    """Its code, doc comment included."""
    head: bool = False
    """Whether only the head is given."""
    distance: int = 0
    """How many hops from the target."""


class ContextSliceResult(Result, frozen=True, kw_only=True):
    """The pieces, nearest first."""

    targets: tuple[str, ...]
    """What was asked about, as full addresses."""
    left_out: tuple[str, ...] = ()
    """Definitions that are needed and did not fit, nearest first."""
    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete."""
    results: tuple[Piece, ...]
    """One row a definition."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The targets again: the input passes through; rows only when they are picked."""
        if picked is None:
            return tuple(Target(text=target) for target in self.targets)
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the pieces."""
        return offering.files(self.results)


def context_slice(workspace: Workspace, request: ContextSlice) -> ContextSliceResult:
    """A backward slice over definitions (Weiser, IEEE TSE 1984, at the grain of definitions), cut at definition borders.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    needed = depends_on(
        workspace,
        DependsOn(targets=request.targets, depth=request.depth, dir=request.dir, include=request.include, exclude=request.exclude),
    )
    wanted = [(find(workspace, links, target), 0) for target in request.targets]
    wanted += [
        (find(workspace, links, Target(text=f"{row.file}:{row.line}", name=row.name)), row.distance)
        for row in needed.results
        if row.name is not None
    ]
    return _cut(links, wanted, request.bytes if request.bytes is not None else _DEFAULT_BYTES, needed)


def _cut(links: Links, wanted: list[tuple[Place, int]], budget: int, needed: DependsOnResult) -> ContextSliceResult:
    places = Places(links)
    pieces: list[Piece] = []
    taken: list[Place] = []
    left_out: list[str] = []
    for place, distance in wanted:
        if place.row is None or any(is_inside(links, place.definition, other.definition) for other in taken):
            continue
        facts, source = links.facts(place.file), places.source(place.file)
        name = qualified_name(facts, place.row)
        if source is None:
            left_out.append(f"{links.generation.path_of(place.file)}::{name}")
            continue
        doc = facts.def_doc_start[place.row]
        start = min(doc, facts.def_start[place.row]) if doc != NONE else facts.def_start[place.row]
        code = source[start : facts.def_end[place.row]].decode("utf-8", "replace")
        head = len(code.encode()) > budget
        if head:
            code = signature(links, source, place.definition)
        if len(code.encode()) > budget:
            left_out.append(f"{links.generation.path_of(place.file)}::{name}")
            continue
        budget -= len(code.encode())
        taken += [] if head else [place]
        pieces.append(
            Piece(
                n=len(pieces) + 1,
                name=name,
                kind=KIND_NAMES[facts.def_kind[place.row]],
                file=links.generation.path_of(place.file),
                line=facts.line_of(start),
                source=code,
                head=head,
                distance=distance,
            )
        )
    return ContextSliceResult(targets=needed.targets, left_out=tuple(left_out), why=needed.why, results=tuple(pieces))
