"""The breadth-first walk from what would change to everything that it reaches."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

import msgspec

from clew.code.addresses import Place
from clew.code.linking.members import kin
from clew.code.linking.references import References, references
from clew.code.linking.sites import member_sites
from clew.code.names import qualified_name
from clew.index.facts import KIND_NAMES, NONE, Facts, Flag, Kind, Node, Role

if TYPE_CHECKING:
    from clew.code.linking.context import Def, Links

_ANY = 1 << 32
_NO_HOLDER = frozenset({Kind.PARAMETER, Kind.IMPORT, Kind.TYPE_PARAMETER})
_CALLERS = frozenset({Kind.FUNCTION, Kind.METHOD, Kind.CLASS, Kind.GETTER, Kind.SETTER, Kind.CONSTRUCTOR})


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
    exported: bool = False
    """Whether other files can import it."""
    from_: int = msgspec.field(default=0, name="from")
    """The row it was reached from; 0 is a target."""
    distance: int = 1
    """How many hops away."""
    evidence: str | None = None
    """`possible` where the receiver is not known; such rows are not followed."""


class Spread:
    """The breadth-first walk: what was reached, from where, and what is still to be followed."""

    def __init__(self, links: Links, via: frozenset[str], depth: int | None) -> None:
        self.links = links
        self.via = via
        self.only_calls = via == {"call"}
        """Then a variable that holds what a call gave passes nothing on: only what is invoked does."""
        self.depth = depth
        self.rows: list[Reached] = []
        self.circles = 0
        """How often the walk came back to something it had come from."""
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

    def possible(self) -> set[tuple[int, int]]:
        """Places (file, occurrence) with the name of something reached, and a receiver that could be anything."""
        unknown = {place for name in self.names for place in member_sites(self.links, name).unknown}
        return unknown - self.settled

    def list_possible(self) -> None:
        """Add what is around the possible places, behind everything certain."""
        for file, occurrence in sorted(self.possible()):
            facts = self.links.facts(file)
            holder = self.holder(file, facts, occurrence)
            via = _via(facts.occ_role[occurrence], alias=False)
            self.reach(Place(file, holder), via, 0, 1, facts.occ_start[occurrence], follow=False, evidence="possible")

    def follow_file(self, place: Place, distance: int) -> None:
        """A file as a whole reaches everything that imports it."""
        if self.via and "import" not in self.via:
            return
        for edge in self.links.generation.importers(place.file):
            facts = self.links.facts(edge.importer)
            self.reach(Place(edge.importer), "import", self.number[place], distance, facts.imp_start[edge.row])

    def follow_definition(self, place: Place, distance: int) -> None:
        """A definition reaches what is around each of its occurrences."""
        definition = place.definition
        found = references(self.links, definition, by_value=True)
        self.names |= found.names
        origin = self.number[place]
        if not self.via or "override" in self.via:
            self.follow_overrides(place, distance)
        if not self.via or "import" in self.via:
            for importer, row in found.through:
                self.reach(Place(importer), "import", origin, distance, self.links.facts(importer).imp_start[row], follow=False)
        self.follow_places(place, found, origin, distance)

    def follow_places(self, place: Place, found: References, origin: int, distance: int) -> None:
        """What is around each certain occurrence."""
        file, facts = place.file, self.links.facts(place.file)
        for one in found.certain:
            if one.file != file:
                file, facts = one.file, self.links.facts(one.file)
            occurrence = one.occurrence
            role = facts.occ_role[occurrence]
            if role & Role.MEMBER:
                self.settled.add((file, occurrence))
            if role & Role.DECLARES and not one.alias and not role & Role.IMPORT:
                continue
            via = _via(role, alias=one.alias)
            if self.via and via not in self.via:
                continue
            holder = self.holder(file, facts, occurrence)
            if holder is None:
                self.reach(Place(file), via, origin, distance, facts.occ_start[occurrence], follow=False)
            elif (file, holder) not in found.aliases:
                carries = via != "call" or not self.only_calls or facts.def_kind[holder] in _CALLERS
                self.reach(Place(file, holder), via, origin, distance, follow=carries)
            elif file != place.file:
                self.reach(Place(file), "import", origin, distance, facts.occ_start[occurrence], follow=False)

    def follow_overrides(self, place: Place, distance: int) -> None:
        """A member reaches what it overrides or implements, and what overrides it."""
        facts = self.links.facts(place.file)
        owner = facts.def_owner[place.definition[1]]
        if owner == NONE or facts.node_kind[owner] != Node.CLASS:
            return
        bases = kin(self.links, place.definition) - {place.definition}
        for file, row in [*sorted(bases), *overriding(self.links, place.definition)]:
            self.reach(Place(file, row), "override", self.number[place], distance)

    def holder(self, file: int, facts: Facts, occurrence: int) -> int | None:
        """The definition that an occurrence is part of: the function around it, else the top-level declaration."""
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

    def came_from(self, row: int, earlier: int) -> bool:
        """Whether a row was reached by way of an earlier one, or is it."""
        while row > earlier:
            row = self.rows[row - 1].from_
        return row == earlier

    def reach(
        self,
        place: Place,
        via: str,
        origin: int,
        distance: int,
        at: int = 0,
        *,
        follow: bool = True,
        evidence: str | None = None,
    ) -> None:
        """Note a place when it is met first; `at` is where, for the top of a file; `follow` says whether the walk goes on from it."""
        known = self.number.get(place)
        if known is not None:
            self.circles += self.came_from(origin, known)
            return
        n = self.number[place] = len(self.rows) + 1
        facts = self.links.facts(place.file)
        row = place.row
        self.rows.append(
            Reached(
                n=n,
                file=self.links.generation.path_of(place.file),
                line=facts.line_of(at if row is None else facts.def_start_name[row]),
                via=via,
                name=None if row is None else qualified_name(facts, row),
                kind=None if row is None else KIND_NAMES[facts.def_kind[row]],
                exported=row is not None and bool(facts.def_flags[row] & Flag.EXPORTED),
                from_=origin,
                distance=distance,
                evidence=evidence,
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


def overriding(links: Links, definition: Def) -> list[Def]:
    """Every member of the tree that overrides or implements the definition, directly or through others."""
    name = links.facts(definition[0]).name(definition[1])
    found: list[Def] = []
    for file in links.generation.with_name(name):
        facts = links.facts(file)
        text = facts.string_id(name)
        if text is None:
            continue
        found += [
            (file, row)
            for row in facts.where("def_name", text)
            if (file, row) != definition and facts.def_owner[row] != NONE and definition in kin(links, (file, row))
        ]
    return found
