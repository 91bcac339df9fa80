"""Everything a definition or a file needs, nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code import offering
from clew.code.addresses import Location, addresses, find_all
from clew.code.names import path_in
from clew.code.ripple import Reached, reached_rows
from clew.index.scope import path_filter
from clew.requests import Gap, Paths, Result, Target

if TYPE_CHECKING:
    from clew.index.generation import Generation
    from clew.workspace import Workspace


class DependsOn(Paths, frozen=True, kw_only=True, tag="depends-on"):
    """Follow what a definition or a file needs: calls, reads, types and imports, to the end.

    js-scan --depends-on processData --depth 2
    """

    targets: tuple[Target, ...] = ()
    """Definitions or files. Empty means: what the continued step found."""
    depth: int | None = None
    """Number of hops to follow; without it, to the end."""


class DependsOnResult(Result, frozen=True, kw_only=True):
    """The definitions that are needed, and their files."""

    targets: tuple[str, ...]
    """The targets, which need it, as full addresses."""
    why: tuple[Gap, ...] = ()
    """`unknown`: uses whose receiver is not known."""
    files: tuple[str, ...] = ()
    """Every file needed, nearest first."""
    results: tuple[Reached, ...]
    """Nearest first; `from` points at the row that needs it."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """One row for each definition or file that is needed."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the targets and all files needed."""
        own = (path_in(target) for target in self.targets)
        return tuple(dict.fromkeys([*own, *self.files]))


def depends_on(workspace: Workspace, request: DependsOn) -> DependsOnResult:
    """Breadth-first over the uses in each body, and over imports for files.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    places = find_all(workspace, request.targets)
    starts = [(place.file, place.row) for place in places]
    found, unknown = generation.linker.needs(starts, request.depth, kept_files(generation, request), _ALL)
    rows = reached_rows(generation, found)
    return DependsOnResult(
        targets=target_names(generation, places),
        why=(Gap("unknown", unknown),) if unknown else (),
        files=tuple(dict.fromkeys(row.file for row in rows)),
        results=tuple(rows),
    )


_ALL = (1 << 32) - 1


def kept_files(generation: Generation, scope: Paths) -> list[bool]:
    """Of each file whether it is in the scope; empty where all are."""
    if not (scope.dir or scope.include or scope.exclude):
        return []
    return [*map(path_filter(scope), generation.paths())]


def target_names(generation: Generation, places: list[Location]) -> tuple[str, ...]:
    """Places as full addresses."""
    named = iter(addresses(generation, [place.definition for place in places if place.row is not None]))
    return tuple(generation.path_of(place.file) if place.row is None else next(named) for place in places)
