"""How definitions are called: `res.send`, `View#lookup`, `Kind.Circle`."""

from __future__ import annotations

from clew.index.facts import NONE, Facts, Flag, Kind, Node

_SCOPED = frozenset({Kind.ENUM, Kind.NAMESPACE})


def qualified_name(facts: Facts, row: int) -> str:
    """The name of a definition with what it belongs to: `Class#method`, `Class.static`, `object.member`."""
    name = facts.name(row)
    owner = facts.def_owner[row]
    if owner != NONE:
        if name == "exports" and facts.node_kind[owner] == Node.MODULE_EXPORTS:
            return "module.exports"
        holder, instance = owner_name(facts, owner)
        if holder:
            flags = facts.def_flags[row]
            return f"{holder}{'#' if (instance or flags & Flag.PROTOTYPE) and not flags & Flag.STATIC else '.'}{name}"
        return name
    parent = facts.def_parent[row]
    if parent != NONE and facts.def_kind[parent] in _SCOPED and facts.def_kind[row] != Kind.PARAMETER:
        return f"{qualified_name(facts, parent)}.{name}"
    return name


def owner_name(facts: Facts, node: int) -> tuple[str, bool]:
    """What a member is put on, by name, and whether it is on instances of it; empty when it has no name."""
    a = facts.node_a[node]
    match facts.node_kind[node]:
        case Node.CLASS:
            definition = facts.cls_definition[a]
            return (facts.name(definition), True) if definition != NONE else ("", True)
        case Node.OBJECT | Node.OBJECT_TYPE:
            column = "def_value" if facts.node_kind[node] == Node.OBJECT else "def_type"
            holders = facts.where(column, node)
            if holders:
                return qualified_name(facts, holders[0]), False
            return ("exports", False) if _is_the_module(facts, node) else ("", False)
        case Node.IDENT:
            return facts.strings[facts.occ_name[a]], False
        case Node.PROTOTYPE:
            return owner_name(facts, a)[0], True
        case Node.MEMBER:
            base = owner_name(facts, a)[0] if a != NONE else ""
            name = facts.strings[facts.occ_name[facts.node_b[node]]]
            return (f"{base}.{name}" if base else name), False
        case Node.MODULE_EXPORTS:
            return "exports", False
        case Node.THIS:
            return _this_name(facts, a, facts.node_b[node])
        case _:
            return "", False


def _is_the_module(facts: Facts, node: int) -> bool:
    """Whether an object is what a CommonJS module exports as a whole."""
    return any(facts.text(facts.exp_name[row]) == "=" for row in facts.where("exp_value", node))


def _this_name(facts: Facts, function: int, klass: int) -> tuple[str, bool]:
    if function == NONE:
        definition = facts.cls_definition[klass] if klass != NONE else NONE
        return (facts.name(definition), True) if definition != NONE else ("", False)
    if facts.fn_owner[function] != NONE:
        definition = facts.cls_definition[facts.fn_owner[function]]
        return (facts.name(definition), True) if definition != NONE else ("", True)
    if facts.fn_this[function] != NONE:
        return owner_name(facts, facts.fn_this[function])
    definition = facts.fn_definition[function]
    return (facts.name(definition), True) if definition != NONE else ("", False)


def split_name(text: str) -> tuple[str, ...]:
    """The parts of a name as typed: `View.prototype.lookup` and `View#lookup` are (`View`, `lookup`)."""
    return tuple(part for part in text.replace("#", ".").split(".") if part and part != "prototype")


def path_in(address: str) -> str:
    """The path in a full address: `lib/a.js` of `lib/a.js::Class#method` and of `lib/a.js:12`."""
    return address.partition("::")[0].partition(":")[0]
