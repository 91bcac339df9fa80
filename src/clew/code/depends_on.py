"""Everything a definition or a file needs, nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from clew.code import offering
from clew.code.addresses import Place, addresses, find
from clew.code.names import path_in
from clew.code.ripple import Reached
from clew.code.scope import path_filter
from clew.errors import InvalidRequest
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clew._native import Description
    from clew.index.generation import Generation
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
    generation = workspace.generation
    places = [find(workspace, target) for target in request.targets]
    walk = Needs(generation, places, request.depth, path_filter(request))
    rows = [_row(generation, need, n) for n, need in enumerate(walk, 1)]
    return DependsOnResult(
        targets=target_names(generation, places),
        why=(Gap("unknown", walk.unknown),) if walk.unknown else (),
        files=tuple(dict.fromkeys(row.file for row in rows)),
        results=tuple(rows),
    )


def target_names(generation: Generation, places: list[Place]) -> tuple[str, ...]:
    """Places as full addresses."""
    named = iter(addresses(generation, [place.definition for place in places if place.row is not None]))
    return tuple(generation.path_of(place.file) if place.row is None else next(named) for place in places)


class Need(NamedTuple):
    """Something that is needed."""

    place: Place
    """Where it is."""
    of: Description | None
    """The definition; None for a file."""
    via: str
    """How it is needed: `call`, `read`, `type` or `import`."""
    origin: int
    """The number of the need that needs it, counted from 1; 0 is a start."""
    distance: int
    """Hops from the start."""


class Needs:
    """Everything that places need, nearest first, worked out as far as it is iterated."""

    def __init__(self, generation: Generation, starts: list[Place], depth: int | None, keeps: Callable[[str], bool]) -> None:
        self.generation = generation
        self.starts = starts
        self.depth = depth
        self.keeps = keeps
        self.unknown = 0
        """How many uses lead to something that is not known, as far as the walk came."""

    def __iter__(self) -> Iterator[Need]:
        linker = self.generation.linker
        number: dict[Place, int] = dict.fromkeys(self.starts, 0)
        level, distance = list(self.starts), 0
        while level and (self.depth is None or distance < self.depth):
            distance += 1
            following: list[Place] = []
            for place in level:
                needed, lost = _needs(self.generation, place)
                self.unknown += lost
                fresh = [other for other in needed if other not in number and self.keeps(self.generation.path_of(other.file))]
                described = iter(linker.describe([other.definition for other in fresh if other.row is not None]))
                for other in fresh:
                    number[other] = len(number) - len(self.starts) + 1
                    yield Need(other, None if other.row is None else next(described), needed[other], number[place], distance)
                following += fresh
            level = following


def _needs(generation: Generation, place: Place) -> tuple[dict[Place, str], int]:
    """What a place needs directly, and how many uses lead to something that is not known."""
    if place.row is None:
        targets = (edge.target for edge in generation.imports(place.file))
        return {Place(target): "import" for target in targets if target is not None}, 0
    (own,) = generation.linker.describe([place.definition])
    uses = generation.linker.uses_in(place.definition)
    used = list(dict.fromkeys(definitions[0] for *_, definitions in uses if definitions))
    inside = {
        (of.file, of.definition)
        for of in generation.linker.describe(used)
        if of.file == own.file and own.start <= of.start and of.end <= own.end
    }
    needed: dict[Place, str] = {}
    unknown = 0
    for _, _, via, is_member, definitions in uses:
        unknown += not definitions and is_member
        for definition in definitions[:1]:
            if definition not in inside:
                needed.setdefault(Place(*definition), via)
    return needed, unknown


def _row(generation: Generation, need: Need, n: int) -> Reached:
    row = Reached(n=n, file=generation.path_of(need.place.file), line=1, via=need.via, from_=need.origin, distance=need.distance)
    return row if need.of is None else replace(row, line=need.of.line, name=need.of.name, kind=need.of.kind)
