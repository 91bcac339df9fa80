"""Everything a change to a definition or a file can reach, nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clew.code import offering
from clew.code.addresses import address, find
from clew.code.gaps import gaps
from clew.code.linking.context import links_of
from clew.code.names import path_in
from clew.code.scope import is_test, path_filter
from clew.code.spread import Reached, Spread
from clew.errors import InvalidRequest
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from clew.workspace import Workspace

Via = Literal["call", "read", "type", "import", "override"]

Change = Literal["signature", "removal", "behaviour"]

# what each sort of change travels by, and how many hops it goes when no depth is given
_TRAVELS: dict[Change, tuple[frozenset[str], int | None]] = {
    "signature": (frozenset({"call", "read", "override"}), 1),
    "removal": (frozenset({"call", "read", "type", "import", "override"}), 1),
    "behaviour": (frozenset({"call", "read", "override"}), None),
}


class Ripple(Scope, frozen=True, kw_only=True, tag="ripple"):
    """Follow a change outwards from its targets."""

    targets: tuple[Target, ...] = ()
    """What would change: definitions or files. Empty means: what the continued step found."""
    depth: int | None = None
    """How many hops to follow; without it, to the end."""
    via: tuple[Via, ...] = ()
    """Follow only these ways: call, read, type, import, override."""
    if_: Change | None = msgspec.field(default=None, name="if")
    """The sort of change: a new signature reaches callers and overrides, a removal every use, behaviour whatever calls, to the end."""


class Changed(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One target, with what it reaches."""

    target: str
    """The target as a full address."""
    reached: int
    """How many rows."""
    files: int
    """How many files."""


class RippleResult(Result, frozen=True, kw_only=True):
    """What is reached, and in which files."""

    targets: tuple[Changed, ...]
    """A summary for each target."""
    tests: int = 0
    """How many of the files are tests."""
    circles: int = 0
    """How often the walk came back to something it had come from: recursion."""
    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete; never read an incomplete ripple as safe."""
    files: tuple[str, ...] = ()
    """Every file reached, nearest first."""
    results: tuple[Reached, ...]
    """Nearest first; `from` points at the row each was reached from."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The targets, then what they reached; only rows when rows are picked."""
        own = [Target(text=changed.target) for changed in self.targets] if picked is None else []
        return tuple(dict.fromkeys([*own, *offering.definitions(self.results, picked)]))

    def behind(self) -> tuple[str, ...]:
        """The files of the targets and all files reached."""
        return tuple(dict.fromkeys([*(path_in(changed.target) for changed in self.targets), *self.files]))


def ripple(workspace: Workspace, request: Ripple) -> RippleResult:
    """Breadth-first over references and importers (Bohner & Arnold, Software Change Impact Analysis, 1996).

    Raises SymbolNotFound for a target that no longer exists.
    """
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    places = [find(workspace, links, target) for target in request.targets]
    via, depth = frozenset[str](request.via), request.depth
    if request.if_ is not None:
        travels, hops = _TRAVELS[request.if_]
        via, depth = via or travels, depth or hops
    spread = Spread(links, via, depth)
    for place in places:
        spread.begin(place)
    spread.run()
    possible = len(spread.possible())
    if request.possible:
        spread.list_possible()
    keeps = path_filter(request)
    rows = _kept(spread.rows, lambda row: keeps(row.file) and _is_asked_for(request, row))
    files = tuple(dict.fromkeys(row.file for row in rows))
    summaries = tuple(
        Changed(
            target=address(links, place.definition) if place.row is not None else links.generation.path_of(place.file),
            reached=len(rows) if len(places) == 1 else spread.reach_of(place)[0],
            files=len(files) if len(places) == 1 else spread.reach_of(place)[1],
        )
        for place in places
    )
    names = {links.facts(place.file).name(place.row) for place in places if place.row is not None}
    able = {place.file for place in places}.union(*map(links.generation.with_name, names))
    able.update(file for path in files if (file := links.generation.id_of(path)) is not None)
    why = (*((Gap("possible", possible),) if possible else ()), *gaps(links.generation, able))
    return RippleResult(targets=summaries, tests=sum(map(is_test, files)), circles=spread.circles, why=why, files=files, results=rows)


def _is_asked_for(request: Ripple, row: Reached) -> bool:
    return (not request.kind or row.kind in request.kind) and (row.exported or not request.exported)


def _kept(rows: list[Reached], keeps: Callable[[Reached], bool]) -> tuple[Reached, ...]:
    """The rows of files in the scope, numbered anew; `from` points at the nearest row that is left."""
    number = {0: 0}
    kept: list[Reached] = []
    for row in rows:
        if keeps(row):
            number[row.n] = len(kept) + 1
            kept.append(row if len(kept) + 1 == row.n else msgspec.structs.replace(row, n=len(kept) + 1, from_=number[row.from_]))
        else:
            number[row.n] = number[row.from_]
    return tuple(kept)
