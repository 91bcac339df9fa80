"""A definition with exactly the code it needs, cut to a budget."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew.code import offering
from clew.code.addresses import addresses, find_all, or_exports
from clew.code.depends_on import kept_files, target_names
from clew.code.heads import signature
from clew.code.rows import SourceMap, own_address
from clew.requests import Gap, Paths, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clew._native import Def, Description, Linker
    from clew.index.generation import Generation
    from clew.workspace import Workspace

_DEFAULT_BYTES = 8000
_HEAD, _ROW = 900, 220
"""Bytes of a reply beside its rows, and of a row beside its code."""
_MOST_LEFT_OUT = 50
_WHOLE_SHARE = 0.8
"""The part of the budget that is for whole definitions; the rest is for the heads of others."""
_PLAIN = frozenset({"parameter", "typeParameter", "import"})
_FIRST_NEEDS = 64  # as many as fit most slices; asked for again, four times as many, while there is room


class ContextSlice(Paths, frozen=True, kw_only=True, tag="context-slice"):
    """Give a definition with the definitions and types it needs, across files, nearest first, cut to a budget.

    js-scan --context-slice processData --bytes 4000
    """

    targets: tuple[Target, ...] = ()
    """Definitions. Empty means: what the continued step found."""
    bytes: int | None = None
    """Bytes of the reply at most, as `--budget`; 8000 when neither is given."""
    depth: int | None = None
    """Number of hops to follow; without it, to the end."""


class Piece(Row, frozen=True):
    """A piece of source: a whole definition, or its head where the whole did not fit."""

    name: str
    """The definition."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path."""
    line: int
    """Line of the name, counted from 1."""
    column: int
    """UTF-16 column of the name, counted from 1."""
    source: str
    """Its code, doc comment included."""
    first: int | None = None
    """First line of the code, where it stands above the name."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""
    head: bool = False
    """True where only the head is given."""
    distance: int = 0
    """Number of hops from the target."""


class ContextSliceResult(Result, frozen=True, kw_only=True):
    """The pieces, nearest first."""

    targets: tuple[str, ...]
    """The targets, as full addresses."""
    left_out: tuple[str, ...] = ()
    """The next 50 definitions that are needed and did not fit."""
    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete."""
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
    generation = workspace.generation
    places = or_exports(workspace, find_all(workspace, request.targets))
    asked = generation.linker.describe([place.definition for place in places if place.row is not None])
    starts = [_around(generation.linker, of) if of.local or of.kind in _PLAIN else of for of in asked]
    files = [(place.file, None) for place in places if place.row is None]
    walk = _Walk(generation, [*files, *((of.file, of.definition) for of in starts)], request)
    pieces, left_out = _cut(generation, chain(((of, 0) for of in starts), walk), _DEFAULT_BYTES if request.bytes is None else request.bytes)
    return ContextSliceResult(
        targets=target_names(generation, places),
        left_out=tuple(left_out),
        why=(Gap("unknown", walk.unknown),) if walk.unknown else (),
        results=tuple(pieces),
    )


class _Walk:
    """Definitions that are needed with their distances, nearest first, asked for as far as they are iterated."""

    def __init__(self, generation: Generation, starts: list[tuple[int, int | None]], request: ContextSlice) -> None:
        self.generation = generation
        self.starts = starts
        self.depth = request.depth
        self.kept = kept_files(generation, request)
        self.unknown = 0

    def __iter__(self) -> Iterator[tuple[Description, int]]:
        linker, seen, most = self.generation.linker, 0, _FIRST_NEEDS
        while True:
            rows, self.unknown = linker.needs(self.starts, self.depth, self.kept, most)
            fresh = [row for row in rows[seen:] if row.definition is not None]
            described = linker.describe([_shown(linker, row.file, row.definition, row.kind) for row in fresh if row.definition is not None])
            yield from zip(described, (row.distance for row in fresh), strict=True)
            if len(rows) < most:
                return
            seen, most = len(rows), 4 * most


def _shown(linker: Linker, file: int, definition: int, kind: str | None) -> Def:
    """The definition that a slice shows: of a parameter the function around it."""
    if kind not in _PLAIN:
        return file, definition
    (of,) = linker.describe([(file, definition)])
    around = _around(linker, of)
    return around.file, around.definition


def _around(linker: Linker, of: Description) -> Description:
    """The definition that a local one stands in; itself where it stands in none."""
    (row,) = linker.innermost(of.file, [of.at])
    return of if row is None else linker.describe([(of.file, row)])[0]


def _cut(generation: Generation, wanted: Iterable[tuple[Description, int]], budget: int) -> tuple[list[Piece], list[str]]:
    """The pieces that fit, and what did not; nothing is asked for once not even a head fits.

    The first definitions are given whole, as far as they fit into their share of the budget; of all behind them the heads, as far as
    these fit into the rest. So a larger budget never gives less. A definition inside of one that is given whole is not given again.
    """
    sources = SourceMap(generation)
    chosen: list[_Chosen] = []
    left_out: list[str] = []
    budget = max(budget - _HEAD, 0)
    room, heads = budget * _WHOLE_SHARE, budget * (1 - _WHOLE_SHARE)
    is_whole = True
    wanted = iter(wanted)
    for of, distance in wanted:
        if any(_is_inside(of, other.of) for other in chosen if not other.head):
            continue
        source = sources.source(of.file)
        if source is None:
            left_out += addresses(generation, [(of.file, of.definition)])
            continue
        start = of.start if of.doc is None else min(of.doc[0], of.start)
        candidate = _Chosen(
            of, distance, source[start : of.end].decode("utf-8", "replace"), of.first_line - source[start : of.start].count(b"\n")
        )
        is_whole = is_whole and candidate.size <= room
        if is_whole:
            room -= candidate.size
            chosen = [other for other in chosen if not _is_inside(other.of, of)]
        else:
            candidate = candidate._replace(code=signature(source, of), head=True)
            heads -= candidate.size
        if heads < 0 and chosen:
            rest = [of, *(other for other, _ in islice(wanted, _MOST_LEFT_OUT - 1))]
            left_out += addresses(generation, [(other.file, other.definition) for other in rest])
            break
        chosen.append(candidate)
    return [_piece(sources, candidate, n) for n, candidate in enumerate(chosen, 1)], left_out


class _Chosen(NamedTuple):
    """A definition of a slice, with the code that is given of it."""

    of: Description
    """The definition."""
    distance: int
    """Number of hops from the target."""
    code: str
    """The part of it that is given."""
    first: int
    """The line that this begins in."""
    head: bool = False
    """True when only the head is given."""

    @property
    def size(self) -> int:
        """The bytes of its row in a reply."""
        return len(msgspec.json.encode(self.code)) + _ROW


def _is_inside(inner: Description, outer: Description) -> bool:
    return inner.file == outer.file and outer.start <= inner.start and inner.end <= outer.end


def _piece(sources: SourceMap, chosen: _Chosen, n: int) -> Piece:
    of = chosen.of
    return Piece(
        n=n,
        name=of.name,
        kind=of.kind,
        file=sources.generation.path_of(of.file),
        line=of.line,
        column=sources.column(of.file, of.line, of.at),
        source=chosen.code,
        first=chosen.first if chosen.first != of.line else None,
        target=own_address(sources, of),
        head=chosen.head,
        distance=chosen.distance,
    )
