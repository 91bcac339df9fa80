"""Import cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from clew._native import strongly_connected
from clew.code.breadth import levels
from clew.index.scope import DECLARATIONS, path_filter
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.workspace import Workspace

_NO_LOADING = frozenset({"require-resolve", "mock", "jsdoc", "augment", "url", "worker"})


class Cycles(Paths, frozen=True, kw_only=True, tag="cycles"):
    """Find files that import each other in a circle.

    js-scan --cycles --graph runtime --check
    """

    takes_input: ClassVar[bool] = False

    check: bool = False
    """Fail (exit status 1) when there is a circle."""
    graph: Literal["all", "runtime", "static"] = "all"
    """The imports that count: all, those that remain at run time (no types, no `.d.ts`), or those that run while loading (nothing lazy)."""


class CycleRow(Row, frozen=True):
    """A strongly connected component: every one of its files reaches every other."""

    size: int
    """Number of files."""
    files: tuple[str, ...]
    """Its files, by path."""
    path: tuple[str, ...] = ()
    """One shortest circle through the first file."""


class CyclesResult(Result, frozen=True, kw_only=True):
    """The components, largest first."""

    failed: bool = False
    """True when a check was asked for and there are circles, or not all was looked at."""
    results: tuple[CycleRow, ...]
    """One row a component of two files or more, or of one that imports itself."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The files in circles of the rows that are picked."""
        return (
            None if picked is None else tuple(Target(text=file, file=file) for row in self.results if row.n in picked for file in row.files)
        )

    def behind(self) -> tuple[str, ...]:
        """The files in circles."""
        return tuple(dict.fromkeys(file for row in self.results for file in row.files))


def cycles(workspace: Workspace, request: Cycles) -> CyclesResult:
    """The strongly connected components of the import graph (Sharir, Computers & Mathematics with Applications 1981)."""
    generation = workspace.generation
    keeps = path_filter(request)
    graph: dict[int, dict[int, None]] = {}
    for edge in generation.edges():
        if edge.target is None or edge.kind in _NO_LOADING:
            continue
        if request.graph != "all" and (edge.type_only or edge.kind == "import-type"):
            continue
        if request.graph == "static" and (edge.lazy or edge.kind == "dynamic"):
            continue
        source, target = generation.path_of(edge.importer), generation.path_of(edge.target)
        if request.graph != "all" and (source.endswith(DECLARATIONS) or target.endswith(DECLARATIONS)):
            continue
        if keeps(source) and keeps(target):
            graph.setdefault(edge.importer, {})[edge.target] = None
    bounds = generation.bounds
    has_time = bounds.goes_on("files", 0, len(graph))  # all of them take a few milliseconds
    parts = strongly_connected([(importer, target) for importer, targets in graph.items() for target in targets]) if has_time else []
    found = sorted((sorted(part, key=generation.path_of) for part in parts), key=lambda part: (-len(part), generation.path_of(part[0])))
    rows = [
        CycleRow(
            n=n,
            size=len(part),
            files=tuple(map(generation.path_of, part)),
            path=tuple(map(generation.path_of, circle(graph, part))),
        )
        for n, part in enumerate(bounds.each(found, "rows"), 1)
    ]
    unsure = bounds.was_cut  # a check is not passed where nobody looked
    return CyclesResult(failed=request.check and (bool(found) or unsure), results=tuple(rows))


def circle(graph: dict[int, dict[int, None]], part: list[int]) -> tuple[int, ...]:
    """A shortest way from the first file of a component back to it."""
    first, inside = part[0], set(part)
    came_from: dict[int, int] = {}

    def imported(file: int, _: int) -> Iterator[int]:
        for target in graph.get(file, ()):
            if target in inside:
                came_from.setdefault(target, file)
                yield target

    for _ in levels((first,), imported):
        if first in came_from:
            break
    way = [first, came_from[first]]
    while way[-1] != first:
        way.append(came_from[way[-1]])
    return tuple(reversed(way))
