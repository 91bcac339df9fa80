"""What an expression can be: abstract interpretation of the node graph, on demand and memoised."""

from __future__ import annotations

from clew.code.linking import expected, members, modules, types
from clew.code.linking.context import EXTERNAL, PRIMITIVE, Def, Env, Links, Value, Values, union
from clew.index.facts import NONE, FileFlag, Flag, Kind, Node

_DEEPEST = 60  # nested evaluations; past that an expression counts as unknown

_HAS_PARENTS = frozenset({"instance", "class", "object", "constructed", "function"})
_SAME_ARRAY = frozenset(["filter", "slice", "concat", "reverse", "sort", "splice", "toSorted", "toReversed", "flat", "fill"])
_ONE_ELEMENT = frozenset(["find", "findLast", "pop", "shift", "at", "get"])
_CALLBACK_ELEMENT = frozenset(["forEach", "map", "filter", "some", "every", "find", "findIndex", "findLast", "flatMap"])


def evaluate(links: Links, file: int, node: int, env: Env = ()) -> Values:
    """The values of an expression; nothing means unknown."""
    if node == NONE or links.depth > _DEEPEST:
        return ()
    key = (file, node, env)
    known = links.values.get(key)
    if known is None:
        links.values[key] = ()  # an expression that needs itself adds nothing
        links.depth += 1
        try:
            known = links.values[key] = _evaluate(links, file, node, env)
        finally:
            links.depth -= 1
    return known


def _evaluate(links: Links, file: int, node: int, env: Env) -> Values:  # noqa: C901, PLR0912 - one case, one answer
    facts = links.facts(file)
    a, b = facts.node_a[node], facts.node_b[node]
    match facts.node_kind[node]:
        case Node.IDENT:
            bound = facts.occ_target[a]
            return (EXTERNAL,) if bound == NONE else value_of(links, (file, bound), env)
        case Node.MEMBER:
            return _member(links, file, node, env)
        case Node.CALL:
            return _call(links, file, node, env)
        case Node.NEW:
            return union([_made(links, value) for value in evaluate(links, file, a, env)] or [()])
        case Node.REQUIRE:
            return modules.required(links, file, a)
        case Node.DYNAMIC_IMPORT:
            return _imported(links, file, a, "*")
        case Node.AWAIT:
            return awaited(links, evaluate(links, file, a, env))
        case Node.THIS:
            return _this(links, file, a, b)
        case Node.SUPER:
            return () if a == NONE else union([members.parents(links, Value(kind, file, a)) for kind in ("instance", "class")])
        case Node.FUNCTION:
            return (Value("function", file, a, env),)
        case Node.CLASS:
            return (Value("class", file, a),)
        case Node.OBJECT:
            return (Value("object", file, node),)
        case Node.ARRAY:
            return (Value("array", file, node, env),)
        case Node.CHOICE:
            return union([evaluate(links, file, part, env) for part in facts.items(a)] or [()])
        case Node.LITERAL:
            return (PRIMITIVE,)
        case Node.INDEX | Node.ELEMENT:
            return elements(links, evaluate(links, file, a, env), b if facts.node_kind[node] == Node.ELEMENT else NONE)
        case Node.CAST:
            return types.type_values(links, file, b, env) or evaluate(links, file, a, env)
        case Node.MODULE_EXPORTS:
            return modules.whole_values(links, file)
        case Node.IMPORTED:
            return _imported(links, file, a, facts.strings[b])
        case Node.PROTOTYPE:
            return tuple(_constructed(value) for value in evaluate(links, file, a, env))
        case Node.PARAM:
            return expected.parameter_of(links, file, a, b)
        case _:
            return ()


def _imported(links: Links, file: int, row: int, name: str) -> Values:
    target = links.target_of(file, row)
    return (EXTERNAL,) if target is None else modules.values_of(links, modules.imported_meaning(links, target, name))


def value_of(links: Links, definition: Def, env: Env = ()) -> Values:
    """The values that a definition's name stands for, in value space."""
    key = (definition, env)
    known = links.definition_values.get(key)
    if known is None:
        links.definition_values[key] = ()  # a definition that needs itself adds nothing
        known = links.definition_values[key] = _value_of(links, definition, env)
    return known


def _value_of(links: Links, definition: Def, env: Env) -> Values:
    file, row = definition
    facts = links.facts(file)
    match facts.def_kind[row]:
        case Kind.IMPORT:
            parts = modules.origin(links, definition)
            return () if parts == (definition,) else modules.values_of(links, parts)
        case Kind.ENUM:
            return (Value("enum", file, row),)
        case Kind.NAMESPACE:
            merged = [other for other in facts.where("def_symbol", facts.def_symbol[row]) if facts.def_kind[other] != Kind.NAMESPACE]
            own = (Value("namespace", file, row),)
            return union([own, *(value_of(links, (file, other), env) for other in merged)])
        case Kind.ENUM_MEMBER:
            return (PRIMITIVE,)
        case Kind.TYPE_PARAMETER | Kind.TYPE:
            return ()
        case Kind.CLASS | Kind.FUNCTION:
            return _declared_value(links, file, row, env)
        case Kind.PARAMETER:
            return (
                types.type_values(links, file, facts.def_type[row], env)
                or _taken_apart(links, file, row)
                or evaluate(links, file, facts.def_value[row], env)
                or expected.parameter(links, file, row)
            )
        case _:
            declared = _declared_type(links, file, row, env)
            if declared is not None:
                return declared
            return _taken_apart(links, file, row) or evaluate(links, file, facts.def_value[row], env)


def _declared_type(links: Links, file: int, row: int, env: Env) -> Values | None:
    """What the annotation of a variable or member says; None where the value has to say it.

    In JavaScript it is a comment: where that leads nowhere the value counts, and what an object literal holds counts as well.
    """
    facts = links.facts(file)
    if facts.def_type[row] == NONE:
        return None
    found = types.type_values(links, file, facts.def_type[row], env)
    if facts.flags & FileFlag.TYPESCRIPT:
        return found
    value = facts.def_value[row]
    if value != NONE and facts.node_kind[value] in {Node.OBJECT, Node.REQUIRE}:
        return union([evaluate(links, file, value, env), found])
    return found or None


def _taken_apart(links: Links, file: int, row: int) -> Values:
    """Of `const { a = standard } = options` what `options` declares for a; its default counts only where that is not known."""
    facts = links.facts(file)
    node = facts.def_value[row]
    if not facts.def_flags[row] & Flag.DESTRUCTURED or node == NONE or facts.node_kind[node] != Node.CHOICE:
        return ()
    return evaluate(links, file, facts.items(facts.node_a[node])[0])


def _declared_value(links: Links, file: int, row: int, env: Env) -> Values:
    """A function or class; of an overloaded function, its implementation and every signature."""
    facts = links.facts(file)
    together = [
        evaluate(links, file, facts.def_value[other], env)
        for other in facts.where("def_symbol", facts.def_symbol[row])
        if facts.def_value[other] != NONE and facts.def_kind[other] in {Kind.CLASS, Kind.FUNCTION}
    ]
    return union(together) if together else evaluate(links, file, facts.def_value[row], env)


def member_values(links: Links, value: Value, name: str) -> Values:
    """The values of property `name` of a value; a getter gives what it returns."""
    if value.kind == "external":
        return (EXTERNAL,)
    own = members.own_members(links, value, name) if value.kind in _HAS_PARENTS else members.member_definitions(links, value, name)
    found = [_property_values(links, definition, value.env) for definition in own]
    if not found and value.kind in _HAS_PARENTS and links.depth < _DEEPEST:
        links.depth += 1
        found = [member_values(links, parent, name) for parent in members.parents(links, value)]
        links.depth -= 1
    if not found and value.kind == "exports":
        return modules.values_of(links, modules.exported(links, value.file, name))
    return union(found) if found else ()


def _property_values(links: Links, definition: Def, env: Env) -> Values:
    file, row = definition
    facts = links.facts(file)
    kind = facts.def_kind[row]
    if kind == Kind.GETTER and facts.def_type[row] == NONE:
        return union([returned(links, getter) for getter in evaluate(links, file, facts.def_value[row], env)] or [()])
    return () if kind == Kind.SETTER else value_of(links, definition, env)


def _member(links: Links, file: int, node: int, env: Env) -> Values:
    facts = links.facts(file)
    name = links.member_name(file, node)
    found = [member_values(links, value, name) for value in evaluate(links, file, facts.node_a[node], env)]
    return union(found) if found else ()


def _made(links: Links, value: Value) -> Values:
    """What `new` makes of a value."""
    construct = signatures(links, value, "new()")
    return union([returned(links, signature) for signature in construct]) if construct else (_constructed(value),)


def _constructed(value: Value) -> Value:
    """An instance of a class or of a constructor function."""
    match value.kind:
        case "class":
            return value._replace(kind="instance")
        case "function":
            return value._replace(kind="constructed", env=())
        case _:
            return EXTERNAL if value.kind == "external" else PRIMITIVE


def _this(links: Links, file: int, function: int, klass: int) -> Values:
    facts = links.facts(file)
    if function == NONE:
        if klass != NONE:
            return (Value("instance", file, klass),)
        return modules.whole_values(links, file) if facts.flags & FileFlag.COMMONJS else ()
    owner = facts.fn_owner[function]
    static = facts.fn_flags[function] & Flag.ASYNC  # functions keep STATIC at the bit where definitions keep ASYNC
    if owner != NONE:
        return (Value("class" if static else "instance", file, owner),)
    if facts.fn_this[function] != NONE:
        node = facts.fn_this[function]
        annotated = facts.node_kind[node] >= Node.TYPE_REF  # a parameter `this: T`
        return types.type_values(links, file, node) if annotated else evaluate(links, file, node)
    return (Value("constructed", file, function),) if makes_objects(links, file, function) else ()


def makes_objects(links: Links, file: int, function: int) -> bool:
    """Whether a plain function is used as a constructor: it is called with `new`, or has a prototype written to."""
    facts = links.facts(file)
    definition = facts.fn_definition[function]
    if definition == NONE:
        return False
    symbol = facts.def_symbol[definition]
    return any(
        facts.occ_role[occurrence] & 8
        or any(facts.node_kind[node] == Node.PROTOTYPE for node in facts.where("node_a", facts.occ_node[occurrence]))
        for occurrence in facts.where("occ_target", symbol)
    )


def _call(links: Links, file: int, node: int, env: Env) -> Values:
    facts = links.facts(file)
    callee, arguments = facts.node_a[node], facts.items(facts.node_b[node])
    if callee != NONE and facts.node_kind[callee] == Node.MEMBER:
        base, name = facts.node_a[callee], links.member_name(file, callee)
        if links.global_name(file, base) is not None:
            known = _platform_call(links, file, node, f"{links.global_name(file, base)}.{name}", arguments)
            if known is not None:
                return known
        for value in evaluate(links, file, base, env):
            if value.kind in {"array", "generic"}:
                return _container_call(links, value, name, (file, arguments, env))
            if name in {"bind", "call", "apply"} and value.kind == "function":
                return (value,) if name == "bind" else returned(links, value)
    found = [returned(links, value, (file, arguments, env)) for value in evaluate(links, file, callee, env)]
    return union(found) if found else ()


def _platform_call(links: Links, file: int, node: int, name: str, arguments: list[int]) -> Values | None:
    """Calls of the platform that hand their arguments on."""
    if name == "Object.create":
        return (Value("object", file, node),)
    if name in {"Object.assign", "Object.freeze", "Object.seal", "Promise.resolve", "Object.setPrototypeOf"}:
        return union([evaluate(links, file, argument) for argument in arguments] or [()])
    return None


def _container_call(links: Links, value: Value, name: str, call: tuple[int, list[int], Env]) -> Values:
    file, arguments, env = call
    if name in _SAME_ARRAY:
        return (value,)
    if name in _ONE_ELEMENT:
        return elements(links, (value,), 1 if name == "get" else NONE)
    if name in {"then", "catch", "finally"}:
        found = [returned(links, back) for argument in arguments[:1] for back in evaluate(links, file, argument, env)]
        return union(found) if found else ()
    return ()


def returned(links: Links, value: Value, call: tuple[int, list[int], Env] | None = None) -> Values:
    """What calling a value gives: its annotated type, else what its `return` statements give."""
    if value.kind != "function":
        return union([returned(links, signature, call) for signature in signatures(links, value)] or [()])
    file, facts = value.file, links.facts(value.file)
    env = value.env
    if call is not None:
        known = {parameter for parameter, _ in env}
        env = (*env, *(bound for bound in _inferred(links, value, call) if bound[0] not in known))
    if facts.fn_type[value.at] != NONE:
        annotated = types.type_values(links, file, facts.fn_type[value.at], env)
        if annotated:
            return annotated
    if _is_overloaded(links, value):
        return ()
    found = [evaluate(links, file, node, env) for node in facts.items(facts.fn_returns[value.at])]
    return union(found) if found else ()


def signatures(links: Links, value: Value, name: str = "()") -> Values:
    """The call signatures (`new()` for construct signatures) that a type declares, as functions."""
    if value.kind not in {"instance", "object"}:
        return ()
    return tuple(function for function in member_values(links, value, name) if function.kind == "function")


def _is_overloaded(links: Links, value: Value) -> bool:
    """Whether callers see the signatures of a function and not its implementation."""
    facts = links.facts(value.file)
    row = facts.fn_definition[value.at]
    return (
        row != NONE
        and not facts.def_flags[row] & Flag.OVERLOAD
        and any(facts.def_flags[other] & Flag.OVERLOAD for other in facts.where("def_symbol", facts.def_symbol[row]))
    )


def _inferred(links: Links, value: Value, call: tuple[int, list[int], Env]) -> Env:
    """Type parameters that stand alone as a parameter's type, taken from the arguments (`wrap<T>(x: T)`)."""
    facts = links.facts(value.file)
    caller, arguments, env = call
    bound = []
    for parameter, argument in zip(facts.items(facts.fn_params[value.at]), arguments, strict=False):
        node = facts.def_type[parameter] if parameter != NONE else NONE
        if NONE in {node, argument} or facts.node_kind[node] != Node.TYPE_REF:
            continue
        named = facts.node_a[node]
        if named == NONE or facts.node_kind[named] != Node.IDENT:
            continue
        target = facts.occ_target[facts.node_a[named]]
        if target != NONE and facts.def_kind[target] == Kind.TYPE_PARAMETER:
            meaning = evaluate(links, caller, argument, env)
            if meaning:
                bound.append(((value.file, target), meaning))
    return tuple(bound)


def awaited(links: Links, promised: Values) -> Values:
    """What awaiting gives: the argument of a `Promise<…>`, anything else as it is."""
    found: list[Values] = []
    for value in promised:
        if value.kind == "generic":
            found.append(_argument(links, value, 0))
        else:
            found.append((value,))
    return union(found) if found else ()


def _argument(links: Links, value: Value, position: int) -> Values:
    facts = links.facts(value.file)
    arguments = facts.items(facts.node_b[value.at])
    return types.type_values(links, value.file, arguments[position], value.env) if position < len(arguments) else ()


def elements(links: Links, containers: Values, position: int = NONE) -> Values:
    """The values inside containers; `position` in a tuple or an entry of a map, NONE for any."""
    found: list[Values] = []
    for value in containers:
        if value.kind == "generic":
            many = len(links.facts(value.file).items(links.facts(value.file).node_b[value.at])) > 1
            found.append(_argument(links, value, 1 if many and position != 0 else 0))
        elif value.kind == "array":
            found.append(_array_elements(links, value, position))
        elif value.kind == "external":
            found.append((EXTERNAL,))
    return union(found) if found else ()


def _array_elements(links: Links, value: Value, position: int) -> Values:
    file, facts = value.file, links.facts(value.file)
    kind, a = facts.node_kind[value.at], facts.node_a[value.at]
    if kind == Node.ARRAY_TYPE:
        return types.type_values(links, file, a, value.env)
    parts = facts.items(a)
    if position != NONE and position < len(parts):
        parts = [parts[position]]
    if kind == Node.TUPLE:
        return union([types.type_values(links, file, part, value.env) for part in parts] or [()])
    return union([evaluate(links, file, part, value.env) for part in parts] or [()])
