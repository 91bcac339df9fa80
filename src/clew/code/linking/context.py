"""`Links`: what one question knows so far, and the words the linker speaks in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from clew.index.facts import NONE, Facts, Flag, Kind, Node, Role
from clew.index.rows import CODE

if TYPE_CHECKING:
    from clew.index.generation import Generation

Def = tuple[int, int]
"""A definition: (file id, row of the file's definitions)."""

Env = tuple[tuple[Def, tuple["Value", ...]], ...]
"""What type parameters stand for."""


class Value(NamedTuple):
    """An abstract value: what an expression can be, as far as the sources tell (abstract interpretation, Cousot & Cousot 1977).

    `kind` is one of

    - `function`, `class`, `enum`, `namespace`: that declaration as a value; `at` is the row of functions, classes or definitions
    - `instance`: an instance of a class or interface · `constructed`: of a constructor function, or its prototype
    - `object`: an object literal, an object type or an `Object.create(…)`; `at` is its node
    - `array`: an array literal, array type or tuple; `at` is its node · `generic`: a library container, `at` is its type node
    - `exports`: the exports of a file, as CommonJS or as a namespace object
    - `external`: something of a package or of the platform · `primitive`: a string, a number, …
    """

    kind: str
    file: int
    at: int
    env: Env = ()


Values = tuple[Value, ...]


EXTERNAL = Value("external", 0, 0)
PRIMITIVE = Value("primitive", 0, 0)


def union(parts: list[Values]) -> Values:
    """All values of all parts, each once, in order."""
    if len(parts) == 1:
        return parts[0]
    return tuple(dict.fromkeys(value for part in parts for value in part))


class Site(NamedTuple):
    """One `x.name`."""

    file: int
    occurrence: int
    node: int
    leads_to: frozenset[Def]
    """The members it can mean, with all that they override or implement."""
    exact: bool
    """Whether the receiver is a module, a namespace or an enum."""


class Sites(NamedTuple):
    """Every place of the tree where a name is a property of something that is not a package's or the platform's."""

    known: tuple[Site, ...]
    """Where the receiver's member is found."""
    unknown: frozenset[tuple[int, int]]
    """Where the receiver could be anything: (file, occurrence)."""


def links_of(generation: Generation) -> Links:
    """What is known of a generation so far; a process that asks several questions of it goes on from there."""
    known = _KNOWN.get(generation)
    if known is None:
        known = _KNOWN[generation] = Links(generation)
    return known


class Links:
    """One generation of the tree, with everything that was worked out about it."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self.values: dict[tuple[int, int, Env], Values] = {}
        self.definition_values: dict[tuple[Def, Env], Values] = {}
        self.members: dict[tuple[Value, str], tuple[Def, ...]] = {}
        self.exports: dict[tuple[int, str], tuple[Def | Value, ...]] = {}
        self.sites: dict[str, Sites] = {}
        self._facts: dict[int, Facts] = {}
        self._targets: dict[int, dict[int, int]] = {}
        self._parameters: dict[int, dict[int, tuple[int, int]]] = {}
        self._requires: dict[int, dict[int, list[int]]] = {}
        self._arguments: dict[int, dict[int, tuple[int, int]]] = {}
        self._classes: dict[str, Def | None] = {}
        self._valued: dict[int, dict[int, int]] = {}
        self.depth = 0

    def facts(self, file: int) -> Facts:
        """The facts of a file."""
        known = self._facts.get(file)
        if known is None:
            known = self._facts[file] = self.generation.facts(file)
        return known

    def target_of(self, file: int, row: int) -> int | None:
        """The source file that import `row` of `file` leads to; None for a package, data, or nothing."""
        targets = self._targets.get(file)
        if targets is None:
            targets = self._targets[file] = {
                edge.row: edge.target
                for edge in self.generation.imports(file)
                if edge.target is not None and self.generation.flags_of(edge.target) & CODE
            }
        return targets.get(row)

    def parameter_place(self, file: int, parameter: int) -> tuple[int, int] | None:
        """The function and the position of a parameter."""
        places = self._parameters.get(file)
        if places is None:
            facts = self.facts(file)
            places = self._parameters[file] = {
                definition: (function, position)
                for function, params in enumerate(facts.fn_params)
                for position, definition in enumerate(facts.items(params))
            }
        return places.get(parameter)

    def argument_place(self, file: int, node: int) -> tuple[int, int] | None:
        """The call, or `new`, that a node is an argument of, and its position."""
        places = self._arguments.get(file)
        if places is None:
            facts = self.facts(file)
            kinds, lists = facts.node_kind, facts.node_b
            places = self._arguments[file] = {
                argument: (call, position)
                for kind in (Node.CALL, Node.NEW)
                for call in facts.where("node_kind", kind)
                for position, argument in enumerate(facts.items(lists[call]))
                if argument != NONE and kinds[argument] == Node.OBJECT
            }
        return places.get(node)

    def definition_with_value(self, file: int, node: int) -> int | None:
        """The definition whose value is that node, None when the node is no one's value."""
        valued = self._valued.get(file)
        if valued is None:
            valued = self._valued[file] = {node: definition for definition, node in enumerate(self.facts(file).def_value) if node != NONE}
        return valued.get(node)

    def class_named(self, name: str) -> Def | None:
        """The one class of the tree with that name, declarations without code aside; None when there are several or none."""
        if name not in self._classes:
            hits = [
                (hit.file, hit.row)
                for hit in self.generation.search((name,))
                if hit.name == name and hit.kind == Kind.CLASS and hit.row is not None and not hit.flags & Flag.AMBIENT
            ]
            self._classes[name] = hits[0] if len(hits) == 1 else None
        return self._classes[name]

    def require_nodes(self, file: int) -> dict[int, list[int]]:
        """The `require` calls of a file, by the row of their import."""
        known = self._requires.get(file)
        if known is None:
            facts = self.facts(file)
            known = self._requires[file] = {}
            for node in facts.where("node_kind", Node.REQUIRE):
                known.setdefault(facts.node_a[node], []).append(node)
        return known

    def global_name(self, file: int, node: int) -> str | None:
        """The name, when the node is an identifier that nothing in the file binds."""
        facts = self.facts(file)
        if node == NONE or facts.node_kind[node] != Node.IDENT:
            return None
        occurrence = facts.node_a[node]
        return facts.strings[facts.occ_name[occurrence]] if facts.occ_target[occurrence] == NONE else None

    def member_name(self, file: int, node: int) -> str:
        """The property name of a member node."""
        facts = self.facts(file)
        return facts.strings[facts.occ_name[facts.node_b[node]]]

    def is_member(self, file: int, occurrence: int) -> bool:
        """Whether the occurrence names a property of something."""
        return bool(self.facts(file).occ_role[occurrence] & Role.MEMBER)


_KNOWN: WeakKeyDictionary[Generation, Links] = WeakKeyDictionary()
