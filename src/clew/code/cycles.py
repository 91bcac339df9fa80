"""Import cycles."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from clew.code.scope import DECLARATIONS, path_filter
from clew.requests import Paths, Result, Target

if TYPE_CHECKING:
    from collections.abc import Callable

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
    """Which imports count: all, those that remain at run time (no types, no `.d.ts`), or those that run while loading (nothing lazy)."""


class CycleRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A strongly connected component: every one of its files reaches every other."""

    n: int
    """Number of the row, counted from 1."""
    size: int
    """How many files."""
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
    """The strongly connected components of the import graph (Tarjan, SIAM J. Comput. 1972)."""
    generation = workspace.generation
    keeps = path_filter(request)
    graph: dict[str, dict[str, None]] = {}
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
            graph.setdefault(source, {})[target] = None
    bounds = generation.bounds
    going = components(graph, lambda settled: bounds.goes_on("files", settled, len(graph)))
    found = sorted((tuple(sorted(part)) for part in going), key=lambda part: (-len(part), part))
    rows = [CycleRow(n=n, size=len(part), files=part, path=circle(graph, part)) for n, part in enumerate(bounds.each(found, "rows"), 1)]
    unsure = bounds.was_cut  # a check is not passed where nobody looked
    return CyclesResult(failed=request.check and (bool(found) or unsure), results=tuple(rows))


def components(graph: dict[str, dict[str, None]], goes_on: Callable[[int], bool]) -> list[list[str]]:  # noqa: C901 - Tarjan without recursion
    """Components in which every node reaches every other; single nodes only where they reach themselves directly.

    Those found before `goes_on`, given how many nodes are settled, says no.
    """
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in graph:
        if root in order:
            continue
        work = [(root, iter(graph.get(root, ())))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            if not goes_on(len(order) - len(stack)):
                return found
            node, successors = work[-1]
            for successor in successors:
                if successor not in order:
                    order[successor] = low[successor] = len(order)
                    stack.append(successor)
                    on_stack.add(successor)
                    work.append((successor, iter(graph.get(successor, ()))))
                    break
                if successor in on_stack:
                    low[node] = min(low[node], order[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    part: list[str] = []
                    while not part or part[-1] != node:
                        part.append(stack.pop())
                        on_stack.discard(part[-1])
                    if len(part) > 1 or node in graph.get(node, ()):
                        found.append(part)
    return found


def circle(graph: dict[str, dict[str, None]], part: tuple[str, ...]) -> tuple[str, ...]:
    """A shortest way from the first file of a component back to it, by breadth-first search."""
    first, inside = part[0], set(part)
    came: dict[str, str] = {}
    level = [first]
    while level:
        following = []
        for node in level:
            for successor in graph.get(node, ()):
                if successor == first:
                    way = [node]
                    while way[-1] != first:
                        way.append(came[way[-1]])
                    return (*reversed(way), first)
                if successor in inside and successor not in came:
                    came[successor] = node
                    following.append(successor)
        level = following
    return ()
