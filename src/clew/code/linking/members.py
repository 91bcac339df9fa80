"""The members of a value: own, assigned later, and inherited."""

from __future__ import annotations

from clew.code.linking import expected, modules, types, values
from clew.code.linking.context import Def, Links, Value, Values
from clew.index.facts import NONE, FileFlag, Flag, Kind, Node

_OWNERS = {Node.OBJECT: "object", Node.OBJECT_TYPE: "object", Node.CLASS: "instance"}


def member_definitions(links: Links, value: Value, name: str) -> tuple[Def, ...]:
    """The definitions of member `name` of a value; nearest first, inherited ones only where there is no own one."""
    key = (value._replace(env=()), name)
    known = links.members.get(key)
    if known is None:
        links.members[key] = ()  # a cycle of heritage adds nothing
        known = links.members[key] = tuple(dict.fromkeys(_find(links, key[0], name)))
    return known


def _find(links: Links, value: Value, name: str) -> list[Def]:
    match value.kind:
        case "exports":
            parts = modules.exported(links, value.file, name)
            found = [part for part in parts if not isinstance(part, Value)]
            return found or own_members(links, value, name)
        case "enum" | "namespace":
            return _scoped(links, value, name)
        case "external" | "primitive" | "array" | "generic":
            return []
        case _:
            found = own_members(links, value, name)
            if found and not _only_written(links, value, found):
                return found
            return [definition for parent in parents(links, value) for definition in member_definitions(links, parent, name)] or found


def _only_written(links: Links, value: Value, found: list[Def]) -> bool:
    """Whether a class of TypeScript only assigns to these members, so that a base class declares them."""
    facts = links.facts(value.file)
    return bool(
        value.kind in {"instance", "class"}
        and facts.flags & FileFlag.TYPESCRIPT
        and all(facts.def_flags[row] & Flag.ASSIGNED for _, row in found)
    )


def _scoped(links: Links, value: Value, name: str) -> list[Def]:
    """A member of an enum or a namespace, in any of its merged declarations."""
    facts = links.facts(value.file)
    text = facts.string_id(name)
    if text is None:
        return []
    symbol = facts.def_symbol[value.at]
    return [
        (value.file, row)
        for row in facts.where("def_name", text)
        if facts.def_parent[row] != NONE
        and facts.def_symbol[facts.def_parent[row]] == symbol
        and (facts.def_kind[row] == Kind.ENUM_MEMBER or facts.def_flags[row] & Flag.EXPORTED)
    ] or own_members(links, value, name)


def own_members(links: Links, value: Value, name: str) -> list[Def]:
    """Members that the value's own file puts on it: in its literal or body, or by assignment."""
    facts = links.facts(value.file)
    text = facts.string_id(name)
    if text is None:
        return []
    found = []
    for row in facts.where("def_name", text):
        owner = facts.def_owner[row]
        if owner != NONE and _is_put_on(links, value, row, owner):
            found.append((value.file, row))
    declared = [part for part in found if not facts.def_flags[part[1]] & Flag.ASSIGNED]
    return declared if value.kind in {"instance", "class"} and declared else found


def _is_put_on(links: Links, value: Value, row: int, owner: int) -> bool:
    """Whether definition `row`, put on node `owner`, is a member of the value."""
    facts = links.facts(value.file)
    kind = facts.node_kind[owner]
    if kind == Node.CLASS:
        static = facts.def_flags[row] & Flag.STATIC
        if value.kind != ("class" if static else "instance"):
            return False
        here = facts.node_a[owner]
        return here == value.at or _merged(links, value.file, here, value.at)
    if kind in _OWNERS:
        return value.kind == "object" and owner == value.at
    return any(found[:3] == value[:3] for found in values.evaluate(links, value.file, owner))


def _merged(links: Links, file: int, one: int, other: int) -> bool:
    """Whether two class or interface declarations are merged into one type."""
    facts = links.facts(file)
    first, second = facts.cls_definition[one], facts.cls_definition[other]
    return NONE not in {first, second} and facts.def_symbol[first] == facts.def_symbol[second]


def parents(links: Links, value: Value) -> Values:
    """Where members are looked for next: base classes, prototypes, spread objects."""
    facts = links.facts(value.file)
    match value.kind:
        case "instance" | "class":
            return _heritage(links, value)
        case "object":
            return _object_parents(links, value)
        case "constructed":
            return _prototype_parents(links, value)
        case "function" if facts.fn_definition[value.at] != NONE:
            # a namespace declared with the function's name adds members to it
            symbol = facts.def_symbol[facts.fn_definition[value.at]]
            return tuple(
                Value("namespace", value.file, row) for row in facts.where("def_symbol", symbol) if facts.def_kind[row] == Kind.NAMESPACE
            )
        case _:
            return ()


def _heritage(links: Links, value: Value) -> Values:
    file, facts = value.file, links.facts(value.file)
    found: list[Value] = []
    definition = facts.cls_definition[value.at]
    rows = [value.at]
    if definition != NONE:
        symbol = facts.def_symbol[definition]
        rows += [row for other in facts.where("def_symbol", symbol) for row in facts.where("cls_definition", other) if row != value.at]
    for row in rows:
        if facts.cls_extends[row] != NONE:
            for base in values.evaluate(links, file, facts.cls_extends[row], value.env):
                if base.kind in {"class", "instance"}:  # `extends Base<T>` is a type applied to arguments
                    found.append(base._replace(kind=value.kind))
                elif base.kind == "function":
                    found.append(base if value.kind == "class" else base._replace(kind="constructed"))
                elif base.kind == "external":
                    found.append(base)
        if value.kind == "instance" and facts.cls_flags[row] & 1:
            for node in facts.items(facts.cls_implements[row]):
                found += types.type_values(links, file, node, value.env)
    return tuple(dict.fromkeys(found))


def interfaces(links: Links, value: Value) -> Values:
    """The interfaces that a class says it implements."""
    facts = links.facts(value.file)
    found: list[Value] = []
    if value.kind == "instance" and not facts.cls_flags[value.at] & 1:
        for node in facts.items(facts.cls_implements[value.at]):
            found += types.type_values(links, value.file, node)
    return tuple(found)


def _object_parents(links: Links, value: Value) -> Values:
    facts = links.facts(value.file)
    if facts.node_kind[value.at] == Node.CALL:  # Object.create(prototype)
        arguments = facts.items(facts.node_b[value.at])
        return values.evaluate(links, value.file, arguments[0]) if arguments else ()
    if facts.node_kind[value.at] == Node.OBJECT:
        return tuple(part for node in facts.items(facts.node_a[value.at]) for part in values.evaluate(links, value.file, node))
    return ()


def _prototype_parents(links: Links, value: Value) -> Values:
    """What `F.prototype = …` and `util.inherits(F, G)` put behind instances of F."""
    facts = links.facts(value.file)
    found: list[Value] = []
    text = facts.string_id("prototype")
    if text is not None:
        for row in facts.where("def_name", text):
            owner, node = facts.def_owner[row], facts.def_value[row]
            if NONE not in {owner, node} and _is_put_on(links, value._replace(kind="function"), row, owner):
                found += values.evaluate(links, value.file, node)
    text = facts.string_id("inherits")
    if text is not None:
        for occurrence in facts.where("occ_name", text):
            for call in facts.where("node_a", facts.occ_node[occurrence]):
                arguments = facts.items(facts.node_b[call]) if facts.node_kind[call] == Node.CALL else []
                if len(arguments) == 2 and value._replace(kind="function") in values.evaluate(links, value.file, arguments[0]):  # noqa: PLR2004
                    found += [
                        base._replace(kind="constructed" if base.kind == "function" else "instance")
                        for base in values.evaluate(links, value.file, arguments[1])
                        if base.kind in {"function", "class"}
                    ]
    return tuple(dict.fromkeys(found))


def kin(links: Links, definition: Def) -> frozenset[Def]:
    """A member with every member of the same name that it overrides or implements, up its class and interfaces.

    Two members are the same thing to a reader when these sets meet; that is how TypeScript's find-references groups them.
    """
    file, row = definition
    facts = links.facts(file)
    found = {definition}
    name = facts.name(row)
    todo = [value._replace(env=()) for value in _stands_for(links, file, row)]
    seen = set(todo)
    while todo:
        value = todo.pop()
        found.update(own_members(links, value, name))
        for parent in (*parents(links, value), *interfaces(links, value)):
            bare = parent._replace(env=())
            if bare not in seen and bare.kind in {"class", "instance", "object", "constructed"}:
                seen.add(bare)
                todo.append(bare)
    return frozenset(found)


def _stands_for(links: Links, file: int, row: int) -> Values:
    """The class of a member, or the type that is expected of the object literal that holds it."""
    facts = links.facts(file)
    owner = facts.def_owner[row]
    kind = Node.CALL if owner == NONE else facts.node_kind[owner]
    if kind == Node.CLASS:
        return (Value("class" if facts.def_flags[row] & Flag.STATIC else "instance", file, facts.node_a[owner]),)
    if kind == Node.OBJECT:
        return tuple(value for value in expected.contextual_type(links, file, owner) if value.kind in {"instance", "object"})
    return ()
