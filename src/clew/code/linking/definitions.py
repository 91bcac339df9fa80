"""From an occurrence to the definitions it means."""

from __future__ import annotations

from clew.code.linking import members, modules, values
from clew.code.linking.context import Def, Links, Value
from clew.code.names import qualified_name, split_name
from clew.index.facts import NONE, Facts, Flag, Kind, Node, Role

_NOT_A_DECLARATION = frozenset({Kind.IMPORT})


def definitions_at(links: Links, file: int, occurrence: int) -> tuple[Def, ...]:
    """Every definition that the occurrence can mean; merged declarations together, nothing when it cannot be known."""
    facts = links.facts(file)
    target, role = facts.occ_target[occurrence], facts.occ_role[occurrence]
    if target != NONE:
        found = modules.origin(links, (file, target))
    elif role & Role.MEMBER:
        found = _member(links, file, occurrence)
    else:
        found = _specifier(links, file, occurrence) or _declared_here(links, file, occurrence)
    together = [other for part in found if not isinstance(part, Value) for other in merged(links, part)]
    return tuple(dict.fromkeys(together))


def merged(links: Links, definition: Def) -> tuple[Def, ...]:
    """All declarations of the same binding: overloads, merged interfaces, a function and its namespace."""
    file, row = definition
    facts = links.facts(file)
    if facts.def_owner[row] != NONE:
        return (definition,)
    return tuple((file, other) for other in facts.where("def_symbol", facts.def_symbol[row])) or (definition,)


def _member(links: Links, file: int, occurrence: int) -> tuple[Def | Value, ...]:
    facts = links.facts(file)
    node = facts.occ_node[occurrence]
    if node == NONE or facts.node_kind[node] != Node.MEMBER:
        return _declared_here(links, file, occurrence)
    name = facts.strings[facts.occ_name[occurrence]]
    found: list[Def | Value] = []
    for receiver in values.evaluate(links, file, facts.node_a[node]):
        for definition in members.member_definitions(links, receiver, name):
            found += modules.origin(links, definition)
    return tuple(found) or _declared_here(links, file, occurrence)


def _specifier(links: Links, file: int, occurrence: int) -> tuple[Def | Value, ...]:
    """The name in an import or export specifier that names something of another file."""
    facts = links.facts(file)
    for binding in facts.where("bind_occurrence", occurrence):
        target = links.target_of(file, facts.bind_import[binding])
        if target is not None:
            return modules.imported_meaning(links, target, facts.strings[facts.bind_name[binding]])
    for export, specifier in enumerate(facts.exp_occurrence):
        if specifier == NONE or facts.exp_import[export] == NONE:
            continue
        # `export { a as b } from`: both names lead to the same thing; b stands right behind a
        if specifier == occurrence or (specifier == occurrence + 1 and is_renamed(facts, specifier)):
            target = links.target_of(file, facts.exp_import[export])
            if target is not None:
                return modules.imported_meaning(links, target, facts.text(facts.exp_imported[export]))
    return ()


def is_renamed(facts: Facts, occurrence: int) -> bool:
    """Whether an exported name is the second of `a as b`, so that the occurrence before it is the name in the other file."""
    return not facts.occ_role[occurrence] & Role.IMPORT


def imported_here(links: Links, file: int, occurrence: int) -> tuple[Def, ...]:
    """The import that a name comes by, where what it leads to is a module as a whole, a package, or not there."""
    facts = links.facts(file)
    target = facts.occ_target[occurrence]
    if target != NONE:
        return ((file, target),) if facts.def_kind[target] == Kind.IMPORT else ()
    return tuple((file, facts.bind_local[row]) for row in facts.where("bind_occurrence", occurrence) if facts.bind_local[row] != NONE)


def handed_on(links: Links, definition: Def) -> tuple[Def, ...]:
    """What an exported member stands for: of `exports.a = b` and `module.exports = { a: b }` it is b."""
    file, row = definition
    facts = links.facts(file)
    node = facts.def_value[row]
    if facts.def_kind[row] != Kind.FIELD or not facts.def_flags[row] & Flag.EXPORTED or node == NONE or facts.node_kind[node] != Node.IDENT:
        return (definition,)
    target = facts.occ_target[facts.node_a[node]]
    meant = [] if target == NONE else [part for part in modules.origin(links, (file, target)) if not isinstance(part, Value)]
    return tuple(other for part in meant for other in merged(links, part)) or (definition,)


def _declared_here(links: Links, file: int, occurrence: int) -> tuple[Def, ...]:
    facts = links.facts(file)
    return tuple((file, row) for row in facts.where("def_start_name", facts.occ_start[occurrence]))


def named(links: Links, parts: tuple[str, ...], file: int | None = None) -> list[Def]:
    """Definitions of a name, in one file or in all; what other code can see before locals, imports left out."""
    found: list[Def] = []
    local: list[Def] = []
    for candidate in links.generation.with_name(parts[-1]) if file is None else [file]:
        facts = links.facts(candidate)
        text = facts.string_id(parts[-1])
        if text is None:
            continue
        for row in facts.where("def_name", text):
            kind, flags = facts.def_kind[row], facts.def_flags[row]
            if kind in _NOT_A_DECLARATION or flags & Flag.FUNCTION_NAME:
                continue
            if len(parts) > 1 and split_name(qualified_name(facts, row))[-len(parts) :] != parts:
                continue
            plain = kind in {Kind.PARAMETER, Kind.TYPE_PARAMETER} or (flags & Flag.LOCAL and kind in {Kind.VARIABLE, Kind.CONSTANT})
            (local if plain else found).append((candidate, row))
    return found or local
