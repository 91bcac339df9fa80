"""Everything a definition or a file needs, nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code import offering
from clew.code.addresses import Place, address, find
from clew.code.inside import is_inside, uses
from clew.code.linking.context import Links, links_of
from clew.code.names import path_in, qualified_name
from clew.code.scope import path_filter
from clew.code.spread import Reached
from clew.errors import InvalidRequest
from clew.index.facts import KIND_NAMES, Role
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class DependsOn(Scope, frozen=True, kw_only=True, tag="depends-on"):
    """Follow what a definition or a file needs: calls, reads, types and imports, to the end."""

    targets: tuple[Target, ...] = ()
    """Definitions or files. Empty means: what the continued step found."""
    depth: int | None = None
    """How many hops to follow; without it, to the end."""


class DependsOnResult(Result, frozen=True, kw_only=True):
    """What is needed, and from which files."""

    targets: tuple[str, ...]
    """What needs it, as full addresses."""
    why: tuple[Gap, ...] = ()
    """`unknown`: uses whose receiver is not known."""
    files: tuple[str, ...] = ()
    """Every file needed, nearest first."""
    results: tuple[Reached, ...]
    """Nearest first; `from` points at the row that needs it."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """What is needed."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the targets and all files needed."""
        own = (path_in(target) for target in self.targets)
        return tuple(dict.fromkeys([*own, *self.files]))


def depends_on(workspace: Workspace, request: DependsOn) -> DependsOnResult:
    """Breadth-first over the uses in each body, and over imports for files.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    places = [find(workspace, links, target) for target in request.targets]
    number: dict[Place, int] = dict.fromkeys(places, 0)
    rows: list[Reached] = []
    level, unknown, distance = list(places), 0, 0
    while level and (request.depth is None or distance < request.depth):
        distance += 1
        following: list[Place] = []
        for place in level:
            needed, lost = _needs(links, place)
            unknown += lost
            for other, via in needed.items():
                if other not in number and keeps(links.generation.path_of(other.file)):
                    number[other] = len(rows) + 1
                    rows.append(_row(links, other, len(rows) + 1, via, number[place], distance))
                    following.append(other)
        level = following
    return DependsOnResult(
        targets=tuple(
            address(links, place.definition) if place.row is not None else links.generation.path_of(place.file) for place in places
        ),
        why=(Gap("unknown", unknown),) if unknown else (),
        files=tuple(dict.fromkeys(row.file for row in rows)),
        results=tuple(rows),
    )


def _needs(links: Links, place: Place) -> tuple[dict[Place, str], int]:
    """What a place needs directly, and how many uses lead to something that is not known."""
    if place.row is None:
        targets = (edge.target for edge in links.generation.imports(place.file))
        return {Place(target): "import" for target in targets if target is not None}, 0
    needed: dict[Place, str] = {}
    unknown = 0
    for use in uses(links, place.definition):
        role = links.facts(use.file).occ_role[use.occurrence]
        unknown += not use.definitions and bool(role & Role.MEMBER)
        for definition in use.definitions[:1]:
            if not is_inside(links, definition, place.definition):
                via = "call" if role & Role.INVOKES else "type" if role & Role.TYPE else "read"
                needed.setdefault(Place(*definition), via)
    return needed, unknown


def _row(links: Links, place: Place, n: int, via: str, origin: int, distance: int) -> Reached:  # noqa: PLR0917 - one row, its six cells
    facts = links.facts(place.file)
    path = links.generation.path_of(place.file)
    if place.row is None:
        return Reached(n=n, file=path, line=1, via=via, from_=origin, distance=distance)
    return Reached(
        n=n,
        file=path,
        line=facts.line_of(facts.def_start_name[place.row]),
        via=via,
        name=qualified_name(facts, place.row),
        kind=KIND_NAMES[facts.def_kind[place.row]],
        from_=origin,
        distance=distance,
    )
