"""What a file gives to others: ECMAScript exports and CommonJS exports, followed through re-exports.

ECMA-262 §16.2 (ResolveExport) for modules; Node's CommonJS loader for `module.exports`; the interop of the two as bundlers and
TypeScript's `esModuleInterop` do it.
"""

from __future__ import annotations

from clew.code.linking import members, values
from clew.code.linking.context import EXTERNAL, Def, Links, Value, Values
from clew.index.facts import NONE, FileFlag, ImportFlag, Kind, Node

WHOLE = "="
STAR = "*"
MERGED = "+"


def export_rows(links: Links, file: int, name: str) -> list[int]:
    """Rows of the exports of `file` under that name, as they are written."""
    facts = links.facts(file)
    text = facts.string_id(name)
    return [] if text is None else facts.where("exp_name", text)


def exported(links: Links, file: int, name: str) -> tuple[Def | Value, ...]:
    """What `name` of `file` is: definitions (plain tuples) and values without a definition, through all re-exports.

    `=` is the whole of a CommonJS module; `default` of a CommonJS module is its whole.
    """
    key = (file, name)
    known = links.exports.get(key)
    if known is None:
        links.exports[key] = ()  # a cycle of re-exports adds nothing
        known = links.exports[key] = tuple(dict.fromkeys(_resolve(links, file, name)))
    return known


def _resolve(links: Links, file: int, name: str) -> list[Def | Value]:
    facts = links.facts(file)
    found: list[Def | Value] = []
    only_types = True
    for row in export_rows(links, file, name):
        found += _row_meaning(links, file, row)
        only_types &= bool(facts.exp_flags[row] & ImportFlag.TYPE_ONLY)
    behind_a_type = only_types and facts.flags & FileFlag.COMMONJS  # a typedef may share its name with a value
    if name == STAR or (found and not behind_a_type):
        return found
    if name != "default":
        for row in export_rows(links, file, STAR):
            target = links.target_of(file, facts.exp_import[row])
            if target is not None:
                found += exported(links, target, name)
    if (not found or behind_a_type) and name != WHOLE:
        found += _from_whole(links, file, name)
    if not found and name == "default" and (facts.flags & FileFlag.COMMONJS or not facts.flags & FileFlag.ESM):
        found += exported(links, file, WHOLE) or (Value("exports", file, 0),)
    return found


def _from_whole(links: Links, file: int, name: str) -> list[Def | Value]:
    """A member of what the file exports as a whole, or merges into its exports."""
    facts = links.facts(file)
    found: list[Def | Value] = []
    for special in (WHOLE, MERGED):
        for row in export_rows(links, file, special):
            node = facts.exp_value[row]
            for value in values.evaluate(links, file, node) if node != NONE else definition_values(links, file, facts.exp_definition[row]):
                if value.kind != "exports" or value.file != file:
                    found += members.member_definitions(links, value, name)
    return found


def definition_values(links: Links, file: int, definition: int) -> Values:
    """The values of a row's definition; nothing for NONE."""
    return () if definition == NONE else values.value_of(links, (file, definition))


def _row_meaning(links: Links, file: int, row: int) -> tuple[Def | Value, ...]:
    facts = links.facts(file)
    if facts.exp_import[row] != NONE:
        target = links.target_of(file, facts.exp_import[row])
        imported = facts.text(facts.exp_imported[row])
        return (EXTERNAL,) if target is None else imported_meaning(links, target, imported)
    definition = facts.exp_definition[row]
    node = facts.exp_value[row]
    if definition == NONE and node != NONE and facts.node_kind[node] == Node.IDENT:
        definition = facts.occ_target[facts.node_a[node]]
    if definition == NONE and node != NONE and facts.node_kind[node] in {Node.CALL, Node.NEW}:
        holder = links.definition_with_value(file, node)  # `var app = module.exports = make()` hands app on
        definition = NONE if holder is None else holder
    if definition != NONE:
        return origin(links, (file, definition))
    return tuple(declaration(links, value) or value for value in values.evaluate(links, file, node))


def declaration(links: Links, value: Value) -> Def | None:
    """The declaration of a function or class that has one."""
    if value.kind not in {"function", "class"}:
        return None
    facts = links.facts(value.file)
    row = facts.fn_definition[value.at] if value.kind == "function" else facts.cls_definition[value.at]
    return None if row == NONE else (value.file, row)


def origin(links: Links, definition: Def) -> tuple[Def | Value, ...]:
    """Where a definition really comes from: itself, or what an import binding or a `require` constant leads to."""
    file, row = definition
    facts = links.facts(file)
    if facts.def_kind[row] == Kind.IMPORT:
        bindings = facts.where("bind_local", row)
        if not bindings:
            return (definition,)
        target = links.target_of(file, facts.bind_import[bindings[0]])
        return (EXTERNAL,) if target is None else imported_meaning(links, target, facts.strings[facts.bind_name[bindings[0]]])
    node = facts.def_value[row]
    if facts.def_kind[row] == Kind.GETTER:
        node = _only_return(links, file, node)
    elif facts.def_kind[row] not in {Kind.VARIABLE, Kind.CONSTANT, Kind.FIELD}:
        return (definition,)
    if node == NONE:
        return (definition,)
    if facts.node_kind[node] == Node.MEMBER and is_required(links, file, facts.node_a[node]):
        name = links.member_name(file, node)
        receivers = values.evaluate(links, file, facts.node_a[node])
        taken = (part for value in receivers for part in members.member_definitions(links, value, name))
        return tuple(dict.fromkeys(taken)) or (definition,)
    if facts.node_kind[node] == Node.REQUIRE:
        target = links.target_of(file, facts.node_a[node])
        whole = tuple(part for part in exported(links, target, WHOLE) if not isinstance(part, Value)) if target is not None else ()
        return whole or (definition,)
    return (definition,)


def _only_return(links: Links, file: int, node: int) -> int:
    """What a lazy getter gives, when that is one expression: `get() { return require('./x').y }`."""
    facts = links.facts(file)
    if node == NONE or facts.node_kind[node] != Node.FUNCTION:
        return NONE
    returns = facts.items(facts.fn_returns[facts.node_a[node]])
    return returns[0] if len(returns) == 1 else NONE


def is_required(links: Links, file: int, node: int) -> bool:
    """Whether a node is a `require` call, or a property of one, as deep as it goes."""
    facts = links.facts(file)
    while node != NONE and facts.node_kind[node] == Node.MEMBER:
        node = facts.node_a[node]
    return node != NONE and facts.node_kind[node] == Node.REQUIRE


def imported_meaning(links: Links, target: int, name: str) -> tuple[Def | Value, ...]:
    """What an import of `name` from `target` is; `*` is the namespace, `=` the whole."""
    if name == STAR:
        facts = links.facts(target)
        if facts.flags & FileFlag.COMMONJS and export_rows(links, target, WHOLE):
            return (*exported(links, target, WHOLE), Value("exports", target, 0))
        return (Value("exports", target, 0),)
    return exported(links, target, name)


def required(links: Links, file: int, row: int) -> Values:
    """The values of `require(…)`: the whole of the other module."""
    target = links.target_of(file, row)
    if target is None:
        return (EXTERNAL,)
    return whole_values(links, target)


def whole_values(links: Links, target: int) -> Values:
    """The values that a module is as a whole: what it assigns to `module.exports`, and its exports object."""
    facts = links.facts(target)
    found: list[Value] = []
    for row in export_rows(links, target, WHOLE):
        node = facts.exp_value[row]
        found += values.evaluate(links, target, node) if node != NONE else definition_values(links, target, facts.exp_definition[row])
    found.append(Value("exports", target, 0))
    return tuple(dict.fromkeys(found))


def values_of(links: Links, parts: tuple[Def | Value, ...]) -> Values:
    """The values of what `exported` gave."""
    found: list[Value] = []
    for part in parts:
        if isinstance(part, Value):
            found.append(part)
        else:
            found += values.value_of(links, part)
    return tuple(dict.fromkeys(found))
