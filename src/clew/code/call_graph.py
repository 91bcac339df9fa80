"""The calls among definitions, from a definition outwards or over the whole tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clew.code import offering
from clew.code.addresses import address, find_definitions
from clew.code.inside import uses
from clew.code.linking.context import Def, Links, links_of
from clew.code.linking.references import references
from clew.code.scope import path_filter
from clew.errors import InvalidRequest
from clew.index.facts import NONE, Role
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_DEFAULT_DEPTH = 2


class CallGraph(Scope, frozen=True, kw_only=True, tag="call-graph"):
    """List who calls whom around a definition, as edges of a graph."""

    targets: tuple[Target, ...] = ()
    """Where to begin. Empty means: what the continued step found."""
    depth: int | None = None
    """How many calls away; 2 when not given."""
    direction: Literal["out", "in", "both"] = "out"
    """What is called (`out`), who calls (`in`), or both."""


class CallEdge(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One definition calls another."""

    n: int
    """Number of the row, counted from 1."""
    caller: str
    """The calling definition, as a full address; a path for code at the top of a file."""
    callee: str
    """The called definition, as a full address."""
    file: str
    """Where the call stands."""
    line: int
    """Line of the first call, counted from 1."""
    calls: int = 1
    """How many calls."""
    distance: int = 1
    """How many calls away from a target."""


class CallGraphResult(Result, frozen=True, kw_only=True):
    """The edges, nearest first."""

    targets: tuple[str, ...]
    """Where the graph begins, as full addresses."""
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
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    targets = find_definitions(workspace, links, request.targets)
    edges: dict[tuple[str, str], CallEdge] = {}
    for way, step in (("out", _called), ("in", _calling)):
        if request.direction not in {way, "both"}:
            continue
        seen, level = set(targets), targets
        for distance in range(1, (request.depth or _DEFAULT_DEPTH) + 1):
            following: list[Def] = []
            for definition in level:
                for caller, callee, other, place in step(links, definition):
                    if not keeps(links.generation.path_of(place[0])):
                        continue
                    _count(links, edges, (caller, callee), place, distance)
                    if other is not None and other not in seen:
                        seen.add(other)
                        following.append(other)
            level = following
    return CallGraphResult(
        targets=tuple(address(links, target) for target in targets),
        results=tuple(msgspec.structs.replace(edge, n=n) for n, edge in enumerate(edges.values(), 1)),
    )


def _count(links: Links, edges: dict[tuple[str, str], CallEdge], key: tuple[str, str], place: tuple[int, int], distance: int) -> None:
    known = edges.get(key)
    if known is None:
        facts = links.facts(place[0])
        edges[key] = CallEdge(
            n=0,
            caller=key[0],
            callee=key[1],
            file=links.generation.path_of(place[0]),
            line=facts.line_of(facts.occ_start[place[1]]),
            distance=distance,
        )
    elif known.distance == distance:
        edges[key] = msgspec.structs.replace(known, calls=known.calls + 1)


_Edge = tuple[str, str, Def | None, tuple[int, int]]
"""Caller, callee, the definition to go on from, and where the call stands (file, occurrence)."""


def _called(links: Links, definition: Def) -> list[_Edge]:
    own = address(links, definition)
    return [
        (own, address(links, use.definitions[0]), use.definitions[0], (use.file, use.occurrence))
        for use in uses(links, definition, Role.INVOKES)
        if use.definitions
    ]


def _calling(links: Links, definition: Def) -> list[_Edge]:
    own = address(links, definition)
    found: list[_Edge] = []
    for one in references(links, definition).certain:
        facts = links.facts(one.file)
        if facts.occ_role[one.occurrence] & Role.INVOKES:
            row = facts.occ_within[one.occurrence]
            caller = None if row == NONE else (one.file, int(row))
            name = links.generation.path_of(one.file) if caller is None else address(links, caller)
            found.append((name, own, caller, (one.file, one.occurrence)))
    return found
