"""From a definition outwards to everything that leads to it.

Two movements, repeated until neither finds anything new: along bindings (local names, export names, import bindings, re-exports,
`require`), which is exact; and over the property names it is reached by, where the receiver's values decide.
"""

from __future__ import annotations

from typing import NamedTuple

from clew.code.linking import augmentations, members, modules, values
from clew.code.linking.context import Def, Links, Site, Value
from clew.code.linking.definitions import is_renamed
from clew.code.linking.sites import member_sites
from clew.index.facts import NONE, Kind, Node, Role

EXACT = "exact"
INFERRED = "inferred"
POSSIBLE = "possible"


class Found(NamedTuple):
    """One occurrence that refers to the definition, and how sure that is."""

    file: int
    occurrence: int
    evidence: str
    alias: bool = False
    """Whether it is the declaration of a local name for the definition (`const express = require('..')`)."""


class References(NamedTuple):
    """Everything that refers to a definition, by file and place."""

    certain: tuple[Found, ...]
    names: frozenset[str]
    """The property names it goes by; where one of them stands behind a receiver that could be anything, it is possible."""
    through: tuple[tuple[int, int], ...]
    """Files that hand the whole on without naming it, and the import they do it by: `module.exports = require('./x')`, `export *`."""
    aliases: frozenset[Def]
    """The definition and every other name for it: import bindings, constants that hold a `require`, members that hand it on."""

    def possible(self, links: Links) -> tuple[Found, ...]:
        """Occurrences with the right name and a receiver that could be anything, by file and place."""
        unknown = {place for name in self.names for place in member_sites(links, name).unknown}
        unknown.difference_update((one.file, one.occurrence) for one in self.certain)
        return tuple(Found(file, occurrence, POSSIBLE) for file, occurrence in sorted(unknown))


def references(links: Links, definition: Def, *, by_value: bool = False) -> References:
    """All occurrences of a definition, its own declarations among them.

    `by_value` follows its value too where that is what the file exports: `var app = module.exports = make()`.
    """
    walk = _Walk(links, definition, by_value=by_value)
    walk.run()
    certain = (Found(*place, walk.found[place], place in walk.alias_declarations) for place in sorted(walk.found))
    return References(tuple(certain), frozenset(walk.names), tuple(sorted(walk.through)), frozenset(walk.wanted))


class _Walk:
    """The fixed point, for one definition."""

    def __init__(self, links: Links, definition: Def, *, by_value: bool) -> None:
        self.links = links
        self.by_value = by_value
        self.definition = definition
        self.found: dict[tuple[int, int], str] = {}
        self.alias_declarations: set[tuple[int, int]] = set()
        self.names: dict[str, None] = {}
        self.wanted: set[Def] = set()
        self.through: set[tuple[int, int]] = set()
        self.seen_exports: set[tuple[int, str]] = set()
        self.todo: list[Def] = [definition]

    def run(self) -> None:
        searched: dict[str, int] = {}
        while True:
            while self.todo:
                self.follow(self.todo.pop())
            pending = [name for name in self.names if searched.get(name) != len(self.wanted)]
            if not pending:
                return
            for name in pending:
                searched[name] = len(self.wanted)
                self.search_members(name)

    def want(self, definition: Def) -> None:
        if definition not in self.wanted:
            self.todo.append(definition)

    def follow(self, definition: Def) -> None:
        """Everything in the definition's own file, and the export names it leaves by."""
        if definition in self.wanted:
            return
        self.wanted.add(definition)
        file, row = definition
        facts = self.links.facts(file)
        if facts.def_owner[row] == NONE and facts.def_kind[row] != Kind.ENUM_MEMBER:
            self.follow_binding(file, row)
        else:
            self.follow_member(file, row)

    def follow_binding(self, file: int, row: int) -> None:
        facts = self.links.facts(file)
        symbol = facts.def_symbol[row]
        group = facts.where("def_symbol", symbol)
        self.wanted.update((file, other) for other in group)
        is_alias = (file, row) != self.definition and self.definition not in ((file, other) for other in group)
        for occurrence in facts.where("occ_target", symbol):
            self.found[(file, occurrence)] = EXACT
            role = facts.occ_role[occurrence]
            if is_alias and role & Role.DECLARES:
                self.alias_declarations.add((file, occurrence))
            if role & Role.READ and not role & Role.INVOKES and facts.occ_node[occurrence] != NONE:
                self.follow_node(file, facts.occ_node[occurrence])
        for other in group:
            self.follow_declaration(file, other)

    def follow_node(self, file: int, node: int) -> None:
        """A binding that is handed on as it stands: `export default f`, `module.exports = f`, `exports.a = f`, `{ a: f }`."""
        facts = self.links.facts(file)
        for export in facts.where("exp_value", node):
            self.follow_export(file, facts.strings[facts.exp_name[export]])
        for other in facts.where("def_value", node):
            if facts.def_owner[other] != NONE and self.leaves_with_module(file, facts.def_owner[other]):
                self.want((file, other))

    def follow_declaration(self, file: int, row: int) -> None:
        """One of the declarations of a binding: what it is merged with elsewhere, and the names it leaves by."""
        facts = self.links.facts(file)
        for merged in augmentations.augmented(self.links, (file, row)):
            self.want(merged)
        self.follow_exports_of(file, row)
        if facts.def_parent[row] != NONE and facts.def_kind[facts.def_parent[row]] == Kind.NAMESPACE:
            self.names[facts.name(row)] = None
        value = facts.def_value[row]
        if value != NONE and (self.by_value or facts.node_kind[value] in {Node.FUNCTION, Node.CLASS}):
            for export in facts.where("exp_value", value):
                self.follow_export(file, facts.strings[facts.exp_name[export]])

    def leaves_with_module(self, file: int, owner: int) -> bool:
        """Whether an object is (part of) what the file exports."""
        facts = self.links.facts(file)
        if facts.node_kind[owner] == Node.MODULE_EXPORTS:
            return True
        if facts.node_kind[owner] != Node.OBJECT:
            return False
        here = Value("object", file, owner)
        if any(
            here in values.evaluate(self.links, file, facts.exp_value[row])
            for name in ("=", "+", "default")
            for row in modules.export_rows(self.links, file, name)
            if facts.exp_value[row] != NONE
        ):
            return True
        holder = self.links.definition_with_value(file, owner)
        return holder is not None and bool(facts.where("exp_definition", holder))

    def follow_member(self, file: int, row: int) -> None:
        facts = self.links.facts(file)
        name = facts.name(row)
        self.names[name] = None
        occurrence = facts.occurrence_at(facts.def_start_name[row])
        if occurrence is not None:
            self.found[(file, occurrence)] = EXACT
        owner = facts.def_owner[row]
        literal = owner != NONE and facts.node_kind[owner] == Node.OBJECT
        # A function put on an object is not all that the object's type declares, and a call of what a type declares
        # reaches one of many objects: a change is not followed there.
        if (file, row) == self.definition and not (literal and self.by_value):
            self.wanted |= members.kin(self.links, (file, row))
        self.follow_exports_of(file, row)
        if literal and self.leaves_with_module(file, owner):
            self.follow_export(file, name)

    def follow_exports_of(self, file: int, row: int) -> None:
        facts = self.links.facts(file)
        for export in facts.where("exp_definition", row):
            if facts.exp_import[export] == NONE:
                self.follow_export(file, facts.strings[facts.exp_name[export]])

    def follow_export(self, file: int, name: str) -> None:
        """Every file that imports `file`: its bindings of that name, its re-exports, its `require` calls."""
        if (file, name) in self.seen_exports:
            return
        self.seen_exports.add((file, name))
        if name not in {"=", "default"}:
            self.names[name] = None
        for edge in self.links.generation.importers(file):
            self.follow_importer(edge.importer, edge.row, file, name)

    def follow_importer(self, importer: int, row: int, file: int, name: str) -> None:
        facts = self.links.facts(importer)
        whole = name == "="
        for definition in augmentations.added_to(self.links, importer, row, name):
            self.want(definition)
        for binding in facts.where("bind_import", row):
            imported = facts.strings[facts.bind_name[binding]]
            if imported == name or (whole and imported in {"default", "*", "="}):
                self.follow_binding_row(importer, binding)
        for export in facts.where("exp_import", row):
            imported = facts.text(facts.exp_imported[export])
            given = facts.strings[facts.exp_name[export]]
            if given == "*":
                if name != "default" and not modules.export_rows(self.links, importer, name):
                    self.through.add((importer, row))
                    self.follow_export(importer, name)
            elif imported == name or (whole and imported == "default"):
                self.find_specifier(importer, facts.exp_occurrence[export])
                self.follow_export(importer, given)
        for node in self.links.require_nodes(importer).get(row, ()):
            self.follow_require(importer, node, file, whole=whole)

    def find_specifier(self, importer: int, occurrence: int) -> None:
        """The name, or both names, of a re-export."""
        if occurrence != NONE:
            self.found[(importer, occurrence)] = EXACT
            if is_renamed(self.links.facts(importer), occurrence):
                self.found[(importer, occurrence - 1)] = EXACT

    def follow_binding_row(self, importer: int, binding: int) -> None:
        facts = self.links.facts(importer)
        occurrence, local = facts.bind_occurrence[binding], facts.bind_local[binding]
        if occurrence != NONE:
            self.found[(importer, occurrence)] = EXACT
        if local != NONE:
            self.want((importer, local))

    def follow_require(self, importer: int, node: int, file: int, *, whole: bool) -> None:
        facts = self.links.facts(importer)
        if whole:
            for definition in facts.where("def_value", node):
                self.want((importer, definition))
            for export in facts.where("exp_value", node):
                self.through.add((importer, facts.node_a[node]))
                self.follow_export(importer, facts.strings[facts.exp_name[export]])
            return
        # `module.exports = require('./x')` hands every name on
        if any(facts.strings[facts.exp_name[export]] in {"=", "+"} for export in facts.where("exp_value", node)):
            for known, name in tuple(self.seen_exports):
                if known == file and name != "=":
                    self.follow_export(importer, name)

    def search_members(self, name: str) -> None:
        """Every `x.name` whose `x` can be what carries the definition."""
        for site in member_sites(self.links, name).known:
            place = (site.file, site.occurrence)
            if place not in self.found and not self.wanted.isdisjoint(site.leads_to):
                self.found[place] = EXACT if site.exact else INFERRED
                if site.exact and site.node != NONE and not self.is_enum_member(self.definition):
                    self.follow_taken_apart(site)

    def is_enum_member(self, definition: Def) -> bool:
        """Whether it is a value; a constant that holds it is a thing of its own."""
        file, row = definition
        return self.links.facts(file).def_kind[row] == Kind.ENUM_MEMBER

    def follow_taken_apart(self, site: Site) -> None:
        """`const { name } = require('./m')`, `const local = ns.name`: the local name is one more for the same thing."""
        facts = self.links.facts(site.file)
        for definition in facts.where("def_value", site.node):
            if facts.def_owner[definition] == NONE and facts.def_kind[definition] != Kind.PARAMETER:
                self.want((site.file, definition))
