"""What a type annotation says about a value."""

from __future__ import annotations

from itertools import pairwise

from clew.code.linking import members, modules, values
from clew.code.linking.context import EXTERNAL, PRIMITIVE, Def, Env, Links, Value, Values, union
from clew.index.facts import NONE, FileFlag, Kind, Node

CONTAINERS = frozenset(
    [
        "Array",
        "ReadonlyArray",
        "Set",
        "ReadonlySet",
        "WeakSet",
        "Iterable",
        "IterableIterator",
        "Iterator",
        "Generator",
        "AsyncIterable",
        "AsyncGenerator",
        "Map",
        "ReadonlyMap",
        "WeakMap",
        "Promise",
        "PromiseLike",
        "Record",
        "Object",
        "WeakRef",
    ]
)
"""Generic types of the platform whose arguments are worth following."""

TRANSPARENT = frozenset(
    ["Partial", "Readonly", "Required", "NonNullable", "Awaited", "Omit", "Pick", "Extract", "Exclude", "ThisType", "NoInfer"]
)
"""Type functions of TypeScript's library that keep the members of their first argument."""

_PRIMITIVES = frozenset(["String", "Number", "Boolean", "BigInt", "Symbol"])
_PLATFORM = frozenset(["ArrayBuffer", "Buffer", "DataView", "Date", "Error", "RegExp", "Uint8Array", "URL"])

_KEYWORD_UNKNOWN = frozenset({0, 1, 6})
_KEYWORD_THIS = 8


def type_values(links: Links, file: int, node: int, env: Env = ()) -> Values:
    """The values that a variable of this type holds; nothing for `any`, `unknown` and what is not followed."""
    if node == NONE:
        return ()
    key = (file, node, env)
    known = links.values.get(key)
    if known is None:
        links.values[key] = ()  # a type that names itself adds nothing
        known = links.values[key] = _type_values(links, file, node, env)
    return known


def _type_values(links: Links, file: int, node: int, env: Env) -> Values:  # noqa: C901 - one case, one answer
    facts = links.facts(file)
    a = facts.node_a[node]
    match facts.node_kind[node]:
        case Node.TYPE_REF:
            return _reference(links, file, node, env)
        case Node.UNION | Node.INTERSECTION | Node.CONDITIONAL:
            parts = [type_values(links, file, part, env) for part in facts.items(a)]
            return union(parts) if facts.flags & FileFlag.TYPESCRIPT else _loose_union(parts)
        case Node.ARRAY_TYPE | Node.TUPLE:
            return (Value("array", file, node, env),)
        case Node.FUNCTION_TYPE:
            return (Value("function", file, a, env),)
        case Node.OBJECT_TYPE:
            return (Value("object", file, node, env),)
        case Node.TYPE_QUERY:
            module = a != NONE and facts.node_kind[a] == Node.IMPORT_TYPE
            return modules.values_of(links, import_meaning(links, file, a)) if module else values.evaluate(links, file, a, env)
        case Node.IMPORT_TYPE:
            return _import_type(links, file, node)
        case Node.INDEXED_ACCESS:
            return _indexed(links, file, node, env)
        case Node.LITERAL_TYPE | Node.TYPE_PREDICATE | Node.KEY_OF:
            return (PRIMITIVE,)
        case Node.KEYWORD:
            return () if a in _KEYWORD_UNKNOWN or a == _KEYWORD_THIS else (PRIMITIVE,)
        case _:
            return ()


def _loose_union(parts: list[Values]) -> Values:
    """A union in a comment: where a part says nothing, the value can be more than what the platform has."""
    found = union(parts)
    return () if () in parts and all(value.kind in {"external", "primitive"} for value in found) else found


def type_definitions(links: Links, file: int, node: int) -> tuple[Def | Value, ...]:
    """What a type's name stands for: declarations, followed through imports; `EXTERNAL` for the platform and packages."""
    facts = links.facts(file)
    if facts.node_kind[node] == Node.IDENT:
        target = facts.occ_target[facts.node_a[node]]
        return (EXTERNAL,) if target == NONE else modules.origin(links, (file, target))
    if facts.node_kind[node] == Node.MEMBER:
        name = links.member_name(file, node)
        return tuple(
            definition
            for value in _qualifiers(links, file, facts.node_a[node])
            for definition in members.member_definitions(links, value, name)
        )
    if facts.node_kind[node] == Node.IMPORT_TYPE:
        return import_meaning(links, file, node)
    return ()


def _qualifiers(links: Links, file: int, node: int) -> Values:
    return modules.values_of(links, type_definitions(links, file, node))


def _reference(links: Links, file: int, node: int, env: Env) -> Values:
    facts = links.facts(file)
    named, arguments = facts.node_a[node], facts.items(facts.node_b[node])
    if named == NONE:
        return ()
    name = links.global_name(file, named)
    if name is not None:
        return _of_the_platform(links, (file, node), name, arguments, env)
    found: list[Values] = []
    for part in type_definitions(links, file, named):
        if isinstance(part, Value):
            found.append(_instances(links, (part,)))
        else:
            found.append(declared(links, part, tuple(type_values(links, file, argument, env) for argument in arguments), env))
    return union(found) if found else ()


def _of_the_platform(links: Links, place: tuple[int, int], name: str, arguments: list[int], env: Env) -> Values:
    file, node = place
    if name in TRANSPARENT and arguments:
        return type_values(links, file, arguments[0], env)
    if name in CONTAINERS and (arguments or name != "Object"):
        return (Value("generic", file, node, env),)
    if name == "ReturnType" and arguments:
        return union([values.returned(links, value) for value in type_values(links, file, arguments[0], env)])
    if name == "InstanceType" and arguments:
        return tuple(v._replace(kind="instance") for v in type_values(links, file, arguments[0], env) if v.kind == "class")
    if links.facts(file).flags & FileFlag.TYPESCRIPT:
        return (EXTERNAL,)
    return _of_a_comment(links, name)


def _of_a_comment(links: Links, name: str) -> Values:
    """An unbound name in a comment: to JSDoc all names are global, so it is the one class of the tree that is called so.

    TypeScript would say `any`. `Object` and `Function` are said of everything.
    """
    if name in _PRIMITIVES:
        return (PRIMITIVE,)
    if name in _PLATFORM:
        return (EXTERNAL,)
    named = links.class_named(name)
    return () if named is None else declared(links, named)


def declared(links: Links, definition: Def, arguments: tuple[Values, ...] = (), env: Env = ()) -> Values:
    """The values of a type that a declaration gives: instances of a class or interface, what an alias stands for."""
    file, row = definition
    facts = links.facts(file)
    match facts.def_kind[row]:
        case Kind.CLASS | Kind.INTERFACE:
            rows = facts.where("cls_definition", row)
            return (Value("instance", file, rows[0], _bind(links, definition, arguments)),) if rows else ()
        case Kind.TYPE:
            return type_values(links, file, facts.def_type[row], _bind(links, definition, arguments))
        case Kind.TYPE_PARAMETER:
            for parameter, meaning in env:
                if parameter == definition:
                    return meaning
            return type_values(links, file, facts.def_type[row])
        case Kind.ENUM | Kind.ENUM_MEMBER:
            return (PRIMITIVE,)
        case Kind.VARIABLE | Kind.CONSTANT | Kind.FUNCTION if any(
            facts.def_kind[other] in {Kind.CLASS, Kind.INTERFACE, Kind.TYPE} for other in facts.where("def_symbol", facts.def_symbol[row])
        ):
            return union(
                [
                    declared(links, (file, other), arguments, env)
                    for other in facts.where("def_symbol", facts.def_symbol[row])
                    if facts.def_kind[other] in {Kind.CLASS, Kind.INTERFACE, Kind.TYPE}
                ]
            )
        case _:
            return _instances(links, values.value_of(links, definition))


def _instances(links: Links, named: Values) -> Values:
    """What a type that is named after values stands for: instances of a class or a constructor function, an object itself."""
    made = [value._replace(kind="instance") for value in named if value.kind == "class"]
    made += [
        value._replace(kind="constructed", env=())
        for value in named
        if value.kind == "function" and values.makes_objects(links, value.file, value.at)
    ]
    return tuple(made) or tuple(value for value in named if value.kind in {"object", "exports", "external"})


def _bind(links: Links, definition: Def, arguments: tuple[Values, ...]) -> Env:
    """What the type parameters of a declaration stand for, given its arguments."""
    if not any(arguments):
        return ()
    file, row = definition
    facts = links.facts(file)
    parameters = [other for other in facts.where("def_parent", row) if facts.def_kind[other] == Kind.TYPE_PARAMETER]
    return tuple(((file, parameter), argument) for parameter, argument in zip(parameters, arguments, strict=False) if argument)


def _import_type(links: Links, file: int, node: int) -> Values:
    parts = import_meaning(links, file, node)
    whole = tuple(part for part in parts if isinstance(part, Value))
    return union([_instances(links, whole), *(declared(links, part) for part in parts if not isinstance(part, Value))])


def import_meaning(links: Links, file: int, node: int, until: int = NONE) -> tuple[Def | Value, ...]:
    """What `import('./x').A.B` names, up to the occurrence `until`; the whole module where it names nothing in it."""
    facts = links.facts(file)
    target = links.target_of(file, facts.node_a[node])
    if target is None:
        return (EXTERNAL,)
    path = facts.items(facts.node_b[node])
    if not path:
        return modules.whole_values(links, target)
    parts = modules.exported(links, target, facts.strings[facts.occ_name[path[0]]])
    for before, occurrence in pairwise(path):
        if before == until:
            break
        name = facts.strings[facts.occ_name[occurrence]]
        parts = tuple(d for value in modules.values_of(links, parts) for d in members.member_definitions(links, value, name))
    return parts


def _indexed(links: Links, file: int, node: int, env: Env) -> Values:
    facts = links.facts(file)
    objects, index = type_values(links, file, facts.node_a[node], env), facts.node_b[node]
    if index == NONE:
        return ()
    if facts.node_kind[index] == Node.LITERAL_TYPE and facts.node_b[index] != NONE:
        name = facts.strings[facts.node_b[index]]
        return union([values.member_values(links, value, name) for value in objects] or [()])
    return values.elements(links, objects)
