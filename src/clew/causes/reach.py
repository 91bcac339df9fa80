"""A walk forwards from the code of a test over calls, reads and imports, and what each hop rests on.

A hop costs more the less it rests on: a use whose meaning is known, one that only the values lead to which calls hand on, one whose
receiver could be anything and whose name fits, a module that runs because something in it is used. The chain to a definition is the
cheapest one (Dijkstra, 1959). Of classes only what making an instance runs is followed; their members are reached by their own uses.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from heapq import heappop, heappush
from itertools import count
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test
from clew.causes.alterations import FUNCTIONS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clew._native import Def, Description
    from clew.causes.alterations import Alteration
    from clew.index.generation import Generation

EXACT, FLOW, POSSIBLE, MODULE = "exact", "flow", "possible", "module"
COSTS = {EXACT: 1.0, FLOW: 1.5, POSSIBLE: 3.0, MODULE: 4.0}
"""The cost of a hop by what it rests on."""
SETUP = 0.5
"""The surcharge of a hop that begins beside the test: in a hook, or at the top of its file."""
INNER = 0.5
"""The cost of going from a definition to one inside of it, or the other way."""
MOST_NAMESAKES = 8
"""Definitions that a name may mean where the receiver could be anything; of a more common name none is followed."""
MOST_NAMED = 40
"""Definitions of a name, locals and tests among them, of which the members are looked for."""
MOST_NODES = 4_000
"""Definitions that a walk goes on from."""
LOADED = 4.0
"""The cost of going from a module that is loaded to a definition in it that nothing is known to use."""
FARTHEST = 16.0
"""The cost behind which nothing counts as reached."""
CLASSES = frozenset({"class", "interface", "namespace", "enum"})

Node = tuple[int, int | None]
"""A definition, or with None the code at the top of a file."""


class Hop(NamedTuple):
    """One step of a chain."""

    file: int
    line: int
    via: str
    to: Node
    evidence: str


class Start(NamedTuple):
    """A first step, out of a test."""

    hop: Hop
    cost: float


class Reached(NamedTuple):
    """The way to an alteration."""

    cost: float
    chain: list[Hop]
    by: str | None
    """`module` where only its file is known to be loaded."""


class _Use(NamedTuple):
    """A use in the code of a file."""

    at: int
    declared: int
    """The offset of the definition's name, when that is in the same file; -1 otherwise."""
    hop: Hop


def _place(use: _Use) -> int:
    return use.at


class Reach:
    """The graph of what definitions use, as far as somebody walked."""

    def __init__(self, generation: Generation, altered: Iterable[Alteration]) -> None:
        self._generation = generation
        self._linker = generation.linker
        self._hops: dict[Node, list[tuple[Hop, float]]] = {}
        self._told: dict[Node, list[tuple[Hop, float]]] = {}
        self._aliases: dict[Def, list[Def]] = {}
        self._namesakes: dict[str, list[Def]] = {}
        self._described: dict[Def, Description] = {}
        self._uses_in_files: dict[int, list[_Use]] = {}
        self.left = 0
        """Definitions that the walk met and did not go on from, because there were too many."""
        self._altered: dict[int, list[tuple[int, Alteration]]] = {}
        for number, one in enumerate(altered):
            file = generation.id_of(one.file)
            if file is not None and one.new is not None:
                self._altered.setdefault(file, []).append((number, one))

    def starts(self, file: int, spans: Sequence[tuple[int, int]], *, beside: Sequence[tuple[int, int]] = ()) -> list[Start]:
        """The first hops out of the code in spans of a file; `beside` are spans whose code does not count as theirs.

        Of no spans: those of the code that stands in none of `beside`, which is what runs before every test.
        """
        uses = self._uses_of_file(file)
        held: list[_Use] = []
        for start, end in spans:
            inside = uses[bisect_left(uses, start, key=_place) : bisect_left(uses, end, key=_place)]
            held += [use for use in inside if not start <= use.declared < end]
        if not spans:
            held = [use for use in uses if not any(start <= use.at < end for start, end in beside)]
        also = 0.0 if spans else SETUP
        found: dict[Node, Start] = {}
        for use in held:
            cost = COSTS[use.hop.evidence] + also
            if use.hop.to not in found or found[use.hop.to].cost > cost:
                found[use.hop.to] = Start(use.hop, cost)
        return list(found.values())

    def _uses_of_file(self, file: int) -> list[_Use]:
        """Everything that the code of a test file uses, by place."""
        if file in self._uses_in_files:
            return self._uses_in_files[file]
        occurrences, sets = self._linker.meanings(file)
        source = self._generation.source(file)
        starts = self._linker.lines(file)[0]
        named = [[((of, row), at if of == file else -1) for of, row, at, _ in one] for one in sets]
        uses: list[_Use] = []
        for start, end, _, number in occurrences:
            meant, evidence = named[number], EXACT
            if not meant and source[start - 1 : start] == b"." and start:
                meant, evidence = [(of, -1) for of in self._meant_by(source[start:end].decode("utf-8", "replace"))], POSSIBLE
            if meant:
                via = "call" if source[end : end + 1] == b"(" else "read"
                line = bisect_right(starts, start)
                uses += [_Use(start, declared, Hop(file, line, via, of, evidence)) for one, declared in meant for of in self._behind(one)]
        self._uses_in_files[file] = uses
        return uses

    def describe(self, definition: Def) -> Description:
        """A definition as it is shown."""
        if definition not in self._described:
            (self._described[definition],) = self._linker.describe([definition])
        return self._described[definition]

    def hops(self, node: Node) -> list[tuple[Hop, float]]:
        """The steps from a node, each with its cost."""
        known = self._hops.get(node)
        if known is None:
            known = self._module_hops(node[0]) if node[1] is None else self._uses((node[0], node[1]))
            known = self._hops[node] = [*self._told.get(node, ()), *known]
        return known

    def tell(self, node: Node, hop: Hop, cost: float) -> None:
        """Add a step that is known to have happened, before the walk."""
        self._told.setdefault(node, []).append((hop, cost))

    def _uses(self, definition: Def) -> list[tuple[Hop, float]]:
        """The steps from a definition, the cheapest to each other one."""
        file = definition[0]
        lines = self._lines_run(definition)
        hops: list[Hop] = []
        unknown: dict[str, tuple[int, str]] = {}
        for line, name, via, is_member, definitions, _ in self._linker.uses_in(definition):
            if lines is not None and line not in lines:
                continue
            hops += [Hop(file, line, via, meant, EXACT) for of in definitions for meant in self._behind(of)]
            if is_member and not definitions:
                unknown.setdefault(name, (line, via))
        if unknown:
            hops += self._flowing(definition, unknown)
        hops += [Hop(file, line, via, of, POSSIBLE) for name, (line, via) in unknown.items() for of in self._meant_by(name)]
        if not is_test(self._generation.path_of(file)):
            hops.append(Hop(file, self.describe(definition).line, "import", (file, None), MODULE))
        best: dict[Node, tuple[Hop, float]] = {}
        for hop in hops:
            cost = COSTS[hop.evidence]
            if hop.to != definition and (hop.to not in best or best[hop.to][1] > cost):
                best[hop.to] = (hop, cost)
        return list(best.values())

    def _behind(self, definition: Def) -> list[Def]:
        """The definition of b for `exports.a = b` and `{ b }`; otherwise the definition itself."""
        if definition not in self._aliases:
            bare = self._linker.follow_shorthand([definition])
            self._aliases[definition] = [meant for one in bare for meant in self._linker.follow_export_alias(one)] or [definition]
        return self._aliases[definition]

    def _flowing(self, definition: Def, unknown: dict[str, tuple[int, str]]) -> list[Hop]:
        """The calls that only flow tells; their names are taken out of those that are not known."""
        hops: list[Hop] = []
        for line, name, via, _, definitions, by_flow in self._linker.uses_in(definition, invoked=True):
            if by_flow and not definitions:
                unknown.pop(name, None)
            hops += [Hop(definition[0], line, via, of, FLOW) for of in by_flow]
        return hops

    def _lines_run(self, definition: Def) -> frozenset[int] | None:
        """The lines of a class that making an instance runs, which leaves its methods out; None for what is no class: all of it runs."""
        if (of := self.describe(definition)).kind not in CLASSES:
            return None
        members = self._linker.describe([(of.file, row) for row, *_ in self._linker.definitions_in(of.file, [(of.start, of.end)])])
        out = {
            line
            for one in members
            if one.kind in FUNCTIONS - {"constructor"} and one.is_member
            for line in range(one.first_line, one.last_line + 1)
        }
        return frozenset(range(of.first_line, of.last_line + 1)) - out

    def _module_hops(self, file: int) -> list[tuple[Hop, float]]:
        """The modules that a module imports: their tops run before it."""
        return [
            (Hop(file, 1, "import", (edge.target, None), MODULE), 1.0)
            for edge in self._generation.imports(file)
            if edge.target is not None and edge.target != file
        ]

    def _meant_by(self, name: str) -> list[Def]:
        """The members of sources that a name can mean where the receiver could be anything; none of a name that too many have."""
        if name not in self._namesakes:
            found = self._linker.named(name) if len(name) > 1 else []
            described = self._linker.describe(found) if len(found) <= MOST_NAMED else []
            members = [(of.file, of.definition) for of in described if of.is_member and of.bare_name == name]
            sources = [of for of in members if not is_test(self._generation.path_of(of[0]))]
            self._namesakes[name] = sources if len(sources) <= MOST_NAMESAKES else []
        return self._namesakes[name]

    def altered_at(self, node: Node) -> list[tuple[int, float, str | None]]:
        """The alterations that a node leads to: number, what that costs more, and `module` for one that is only loaded with it."""
        file, row = node
        if row is None:
            return [(number, 0.0 if one.definition is None else LOADED, MODULE) for number, one in self._altered.get(file, ())]
        candidates = self._altered.get(file)
        if not candidates:
            return []
        of = self.describe((file, row))
        found: list[tuple[int, float, str | None]] = []
        for number, one in candidates:
            if one.definition is None:
                continue
            if one.definition == (file, row) or (one.start, one.end) == (of.start, of.end):
                found.append((number, 0.0, None))
            elif one.holds(of.start, of.end) or (of.start <= one.start and one.end <= of.end and of.kind not in CLASSES):
                found.append((number, INNER, None))
        return found

    def nearest(self, starts: Iterable[Start], wanted: int) -> dict[int, Reached]:
        """The cheapest chain to each alteration that is reached, by its number. It ends when so many were found."""
        walk = _Walk()
        for start in starts:
            walk.offer(start.hop.to, start.cost, (None, start.hop))
        found: dict[int, tuple[float, Node, str | None]] = {}
        for done, (node, cost) in enumerate(walk):
            if cost > FARTHEST:
                break
            if done >= MOST_NODES:
                self.left = walk.waiting
                break
            if not self._generation.bounds.goes_on("definitions", done, done + walk.waiting):
                break
            for number, also, by in self.altered_at(node):
                if number not in found or cost + also < found[number][0]:
                    found[number] = (cost + also, node, by)
            if len(found) >= wanted and cost > max(of for of, _, _ in found.values()):
                break
            for hop, more in self.hops(node):
                walk.offer(hop.to, cost + more, (node, hop))
        return {number: Reached(cost, walk.chain(node), by) for number, (cost, node, by) in found.items()}

    def costs_to(self, number: int) -> dict[Node, float]:
        """The cost from every node that was walked to one alteration, up to `FARTHEST`: the same hops, backwards."""
        walk = _Walk()
        for node, also in self._leading_to.get(number, ()):
            walk.offer(node, also, None)
        costs: dict[Node, float] = {}
        for node, cost in walk:
            if cost > FARTHEST:
                break
            costs[node] = cost
            for other, more in self._backwards.get(node, ()):
                walk.offer(other, cost + more, None)
        return costs

    @cached_property
    def _leading_to(self) -> dict[int, list[tuple[Node, float]]]:
        """The nodes, as far as somebody walked, that lead to each alteration, and what that costs more."""
        found: dict[int, list[tuple[Node, float]]] = {}
        for node in {*self._hops, *self._backwards}:
            if node[0] in self._altered:
                for number, also, _ in self.altered_at(node):
                    found.setdefault(number, []).append((node, also))
        return found

    @cached_property
    def _backwards(self) -> dict[Node, list[tuple[Node, float]]]:
        """The nodes that lead to each, as far as somebody walked."""
        found: dict[Node, list[tuple[Node, float]]] = {}
        for node, hops in self._hops.items():
            for hop, cost in hops:
                found.setdefault(hop.to, []).append((node, cost))
        return found


class _Walk:
    """Nodes by their cost, each once."""

    def __init__(self) -> None:
        self._costs: dict[Node, float] = {}
        self._before: dict[Node, tuple[Node | None, Hop] | None] = {}
        self._queue: list[tuple[float, int, Node]] = []
        self._order = count()
        self._done: set[Node] = set()

    def offer(self, node: Node, cost: float, by: tuple[Node | None, Hop] | None) -> None:
        """A way to a node, which is kept where it is the cheapest."""
        if cost < self._costs.get(node, inf):
            self._costs[node] = cost
            self._before[node] = by
            heappush(self._queue, (cost, next(self._order), node))

    @property
    def waiting(self) -> int:
        """Number of ways still to be looked at."""
        return len(self._queue)

    def __iter__(self) -> Iterator[tuple[Node, float]]:
        while self._queue:
            cost, _, node = heappop(self._queue)
            if node not in self._done:
                self._done.add(node)
                yield node, cost

    def chain(self, node: Node) -> list[Hop]:
        """The hops to a node, from the start on."""
        hops: list[Hop] = []
        before = self._before[node]
        while before is not None:
            at, hop = before
            hops.append(hop)
            before = None if at is None else self._before[at]
        return hops[::-1]
