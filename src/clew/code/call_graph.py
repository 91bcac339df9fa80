"""The calls among definitions, from a definition outwards or over the whole tree."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal, TypeAlias

import msgspec

from clew.code import offering
from clew.code.addresses import addresses, find_definitions
from clew.code.breadth import levels
from clew.code.gaps import hidden_gaps
from clew.index.scope import path_filter
from clew.requests import POSSIBLE, Gap, Possible, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clew._native import Def
    from clew.index.generation import Generation
    from clew.workspace import Workspace

_DEFAULT_DEPTH = 2


class CallGraph(Possible, frozen=True, kw_only=True, tag="call-graph"):
    """List who calls whom around a definition, as edges of a graph.

    js-scan --call-graph processData --direction in --depth 3
    """

    targets: tuple[Target, ...] = ()
    """The definitions to begin with. Empty means: what the continued step found."""
    depth: int | None = None
    """Distance in calls; 2 when not given."""
    direction: Literal["out", "in", "both"] = "out"
    """Calls made (`out`), calls received (`in`), or both."""


class CallEdge(Row, frozen=True):
    """One definition calls another."""

    caller: str
    """The calling definition, as a full address; a path for code at the top of a file."""
    callee: str
    """The called definition, as a full address."""
    file: str
    """The file of the call."""
    line: int
    """Line of the first call, counted from 1."""
    calls: int = 1
    """Number of calls."""
    distance: int = 1
    """Distance from a target, in calls."""
    by: str | None = None
    """flow, where only the values that calls hand on lead to it."""
    evidence: str | None = None
    """`possible` where the receiver is not known; such edges are not followed."""


class CallGraphResult(Result, frozen=True, kw_only=True):
    """The edges, nearest first."""

    targets: tuple[str, ...]
    """The targets, with which the graph begins, as full addresses."""
    results: tuple[CallEdge, ...]
    """One row an edge."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions of the graph."""
        names = (name for row in self.results if picked is None or row.n in picked for name in (row.caller, row.callee))
        return tuple(Target(text=name) for name in dict.fromkeys([*(self.targets if picked is None else ()), *names]))

    def behind(self) -> tuple[str, ...]:
        """The files of the calls."""
        return offering.files(self.results)


def call_graph(workspace: Workspace, request: CallGraph) -> CallGraphResult:
    """Breadth-first over calls whose callee is known.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    keeps = path_filter(request)
    targets, files_left_out = find_definitions(workspace, request.targets)
    edges: dict[tuple[str, str, str | None], CallEdge] = {}
    unsure: Counter[str] = Counter()
    for way, step in (("out", _called), ("in", _calling)):
        if request.direction not in {way, "both"}:
            continue

        def joined(definition: Def, distance: int, step: _Step = step) -> Iterator[Def]:
            for caller, callee, other, file, line, by in step(generation, definition, unsure):
                path, evidence = generation.path_of(file), POSSIBLE if by == POSSIBLE else None
                if not keeps(path) or (evidence and not request.possible):
                    continue
                by_flow = None if evidence else by
                edge = CallEdge(n=0, caller=caller, callee=callee, file=path, line=line, distance=distance, by=by_flow, evidence=evidence)
                _count(edges, edge)
                if other is not None and not evidence:
                    yield other

        depth = request.depth or _DEFAULT_DEPTH
        for _ in levels(targets, joined, depth=depth, each=lambda level: generation.bounds.each(level, "definitions")):
            pass
    why = tuple(Gap(code, total) for code, total in unsure.items() if total)
    return CallGraphResult(
        files_left_out=files_left_out,
        why=why if why or request.direction == "out" else hidden_gaps(generation, targets),
        targets=tuple(addresses(generation, targets)),
        results=tuple(msgspec.structs.replace(edge, n=n) for n, edge in enumerate(edges.values(), 1)),
    )


def _count(edges: dict[tuple[str, str, str | None], CallEdge], edge: CallEdge) -> None:
    key = (edge.caller, edge.callee, edge.evidence)
    first = edges.setdefault(key, edge)
    if first is not edge and first.distance == edge.distance:
        edges[key] = msgspec.structs.replace(first, calls=first.calls + 1, by=first.by and edge.by)


_Step: TypeAlias = "Callable[[Generation, Def, Counter[str]], list[_Edge]]"

_Edge = tuple[str, str, "Def | None", int, int, "str | None"]
"""Caller, callee, the definition to go on from, where the call stands (file, line), and `flow` or `possible` where it is only that."""


def _called(generation: Generation, definition: Def, unsure: Counter[str]) -> list[_Edge]:
    """The calls in a definition; `unsure` counts those of members that lead nowhere that is known."""
    uses: list[tuple[int, Def, str | None]] = []
    for line, _, _, is_member, called, by_flow in generation.linker.uses_in(definition, invoked=True):
        unsure["unknown"] += is_member and not (called or by_flow)
        uses += [(line, callee, None) for callee in called[:1]] + [(line, callee, "flow") for callee in by_flow]
    own, *named = addresses(generation, [definition, *(called for _, called, _ in uses)])
    return [(own, name, called, definition[0], line, by) for name, (line, called, by) in zip(named, uses, strict=True)]


def _calling(generation: Generation, definition: Def, unsure: Counter[str]) -> list[_Edge]:
    """The calls of a definition; `unsure` counts those that are possible, and the places where it is passed on."""
    uses = generation.linker.references(definition, invoked=True)
    unsure[POSSIBLE] += len(uses.possible)
    unsure["passedOn"] += uses.passed_on
    calls = (
        [(occurrence, None) for occurrence in uses.certain]
        + [(occurrence, "flow") for occurrence in uses.flow]
        + [(occurrence, POSSIBLE) for occurrence in uses.possible]
    )
    callers = [(file, within) for (file, _, _, _, _, within, _, _), _ in calls if within is not None]
    own, *named = addresses(generation, [definition, *callers])
    names = iter(named)
    return [
        (generation.path_of(file), own, None, file, line, by) if within is None else (next(names), own, (file, within), file, line, by)
        for (file, _, line, _, _, within, _, _), by in calls
    ]
