"""Everything a change to a definition or a file can reach, nearest first."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import msgspec

from clew.code.addresses import Place, address, find
from clew.code.linking.context import Links, links_of
from clew.code.linking.references import references
from clew.code.linking.sites import member_sites
from clew.code.names import qualified_name
from clew.code.scope import path_filter
from clew.errors import InvalidRequest
from clew.index.facts import KIND_NAMES, NONE, Facts, Flag, Kind, Role
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

Via = Literal["call", "read", "type", "import", "override"]

_ANY = 1 << 32
_NO_HOLDER = frozenset({Kind.PARAMETER, Kind.IMPORT, Kind.TYPE_PARAMETER})

_CALLERS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CLASS, Kind.GETTER, Kind.SETTER, Kind.CONSTRUCTOR})


class Ripple(Scope, frozen=True, kw_only=True, tag="ripple"):
    """Follow a change outwards from its targets."""

    targets: tuple[Target, ...] = ()
    """What would change: definitions or files. Empty means: what the continued step found."""
    depth: int | None = None
    """How many hops to follow; without it, to the end."""
    via: tuple[Via, ...] = ()
    """Follow only these ways: call, read, type, import, override."""


class Reached(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A definition, or the top of a file, that the change reaches."""

    n: int
    """Number of the row, counted from 1."""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    via: str
    """How: `call`, `read`, `type`, `import` or `override`."""
    name: str | None = None
    """The definition; None for code at the top of the file."""
    kind: str | None = None
    """function, class, method, variable, …; None for the top of a file."""
    from_: int = msgspec.field(default=0, name="from")
    """The row it was reached from; 0 is a target."""
    distance: int = 1
    """How many hops away."""


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
    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete; never read an incomplete ripple as safe."""
    files: tuple[str, ...] = ()
    """Every file reached, nearest first."""
    results: tuple[Reached, ...]
    """Nearest first; `from` points at the row each was reached from."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The targets, then what they reached; only rows when rows are picked."""
        own = [Target(text=changed.target) for changed in self.targets] if picked is None else []
        rows = [_target(row) for row in self.results if picked is None or row.n in picked]
        return tuple(dict.fromkeys([*own, *rows]))

    def behind(self) -> tuple[str, ...]:
        """The files of the targets and all files reached."""
        return tuple(dict.fromkeys([*(changed.target.partition("::")[0].partition(":")[0] for changed in self.targets), *self.files]))


def _target(row: Reached) -> Target:
    if row.name is None:
        return Target(text=row.file, file=row.file)
    return Target(text=f"{row.file}::{row.name}", file=row.file, line=row.line, name=row.name)


def ripple(workspace: Workspace, request: Ripple) -> RippleResult:
    """Breadth-first over references and importers (Bohner & Arnold, Software Change Impact Analysis, 1996).

    Raises SymbolNotFound for a target that no longer exists.
    """
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    places = [find(workspace, links, target) for target in request.targets]
    spread = Spread(links, frozenset(request.via), request.depth)
    for place in places:
        spread.begin(place)
    spread.run()
    keeps = path_filter(request)
    rows = tuple(row for row in spread.rows if keeps(row.file))
    files = tuple(dict.fromkeys(row.file for row in rows))
    summaries = tuple(
        Changed(
            target=address(links, place.definition) if place.row is not None else links.generation.path_of(place.file),
            reached=len(rows) if len(places) == 1 else spread.reach_of(place)[0],
            files=len(files) if len(places) == 1 else spread.reach_of(place)[1],
        )
        for place in places
    )
    possible = spread.possible()
    why = (Gap("possible", possible),) if possible else ()
    return RippleResult(targets=summaries, why=why, files=files, results=rows)


class Spread:
    """The breadth-first walk: what was reached, from where, and what is still to be followed."""

    def __init__(self, links: Links, via: frozenset[str], depth: int | None) -> None:
        self.links = links
        self.via = via
        self.only_calls = via == {"call"}
        """Then a variable that holds what a call gave passes nothing on: only what is invoked does."""
        self.depth = depth
        self.rows: list[Reached] = []
        self.names: set[str] = set()
        self.settled: set[tuple[int, int]] = set()
        self.number: dict[Place, int] = {}
        self.level: list[Place] = []
        self.holders: dict[int, list[_Extent]] = {}

    def begin(self, place: Place) -> None:
        """Add a target."""
        if place not in self.number:
            self.number[place] = 0
            self.level.append(place)

    def run(self) -> None:
        """Follow every level to the end, or to the depth asked for."""
        distance = 0
        while self.level and (self.depth is None or distance < self.depth):
            distance += 1
            level, self.level = self.level, []
            for place in level:
                if place.row is None:
                    self.follow_file(place, distance)
                else:
                    self.follow_definition(place, distance)

    def reach_of(self, place: Place) -> tuple[int, int]:
        """How many rows and files a single target reaches."""
        alone = Spread(self.links, self.via, self.depth)
        alone.begin(place)
        alone.run()
        return len(alone.rows), len({row.file for row in alone.rows})

    def possible(self) -> int:
        """How many places have the name of something reached, and a receiver that could be anything."""
        unknown = {place for name in self.names for place in member_sites(self.links, name).unknown}
        return len(unknown - self.settled)

    def follow_file(self, place: Place, distance: int) -> None:
        """A file as a whole reaches everything that imports it."""
        if self.via and "import" not in self.via:
            return
        for edge in self.links.generation.importers(place.file):
            facts = self.links.facts(edge.importer)
            self.reach(Place(edge.importer), "import", self.number[place], distance, facts.line_of(facts.imp_start[edge.row]))

    def follow_definition(self, place: Place, distance: int) -> None:
        """A definition reaches what is around each of its occurrences."""
        definition = place.definition
        found = references(self.links, definition, by_value=True)
        self.names |= found.names
        for one in found.certain:
            facts = self.links.facts(one.file)
            role = facts.occ_role[one.occurrence]
            if role & Role.MEMBER:
                self.settled.add((one.file, one.occurrence))
            if role & Role.DECLARES and not one.alias and not role & Role.IMPORT:
                continue
            via = _via(role, alias=one.alias)
            if self.via and via not in self.via:
                continue
            line = facts.line_of(facts.occ_start[one.occurrence])
            holder = self.holder(one.file, one.occurrence)
            if holder is None:
                self.reach(Place(one.file), via, self.number[place], distance, line, follow=False)
            elif (one.file, holder) != definition and not one.alias:
                carries = via != "call" or not self.only_calls or facts.def_kind[holder] in _CALLERS
                self.reach(Place(one.file, holder), via, self.number[place], distance, line, follow=carries)

    def holder(self, file: int, occurrence: int) -> int | None:
        """The definition that an occurrence is part of: the function around it, else the top-level declaration."""
        facts = self.links.facts(file)
        row = facts.occ_within[occurrence]
        if row != NONE:
            return int(row)
        if file not in self.holders:
            self.holders[file] = _top_level(facts)
        extents = self.holders[file]
        at = facts.occ_start[occurrence]
        for nth in range(bisect_right(extents, (at, _ANY)) - 1, -1, -1):
            _, end, row, reach = extents[nth]
            if at < end:
                return row
            if at >= reach:
                break
        return None

    def reach(self, place: Place, via: str, origin: int, distance: int, line: int, *, follow: bool = True) -> None:
        """Note a place when it is met first; `follow` says whether the walk goes on from it."""
        if place in self.number:
            return
        n = len(self.rows) + 1
        self.number[place] = n
        facts = self.links.facts(place.file)
        path = self.links.generation.path_of(place.file)
        if place.row is None:
            self.rows.append(Reached(n=n, file=path, line=line, via=via, from_=origin, distance=distance))
        else:
            self.rows.append(
                Reached(
                    n=n,
                    file=path,
                    line=facts.line_of(facts.def_start_name[place.row]),
                    via=via,
                    name=qualified_name(facts, place.row),
                    kind=KIND_NAMES[facts.def_kind[place.row]],
                    from_=origin,
                    distance=distance,
                )
            )
        if follow:
            self.level.append(place)


_Extent = tuple[int, int, int, int]
"""Start and end of a definition, its row, and the farthest end of it and all before it."""


def _top_level(facts: Facts) -> list[_Extent]:
    """The extents of what stands at the top of a file, by start."""
    found = sorted(
        (facts.def_start[row], facts.def_end[row], row)
        for row, (kind, flags) in enumerate(zip(facts.def_kind, facts.def_flags, strict=True))
        if kind not in _NO_HOLDER and not flags & (Flag.LOCAL | Flag.FUNCTION_NAME)
    )
    reaches = accumulate((end for _, end, _ in found), max)
    return [(*extent, reach) for extent, reach in zip(found, reaches, strict=True)]


def _via(role: int, *, alias: bool) -> str:
    if alias or role & (Role.IMPORT | Role.EXPORT):
        return "import"
    if role & Role.INVOKES:
        return "call"
    if role & (Role.TYPE | Role.HERITAGE) and not role & Role.READ:
        return "type"
    return "read"
