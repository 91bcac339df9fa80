"""What is expected of a value where it stands: the type of a parameter that has no annotation of its own."""

from __future__ import annotations

from clew.code.linking import members, types, values
from clew.code.linking.context import Links, Value, Values, union
from clew.index.facts import NONE, Node

_CALLBACK_ELEMENT = frozenset(["forEach", "map", "filter", "some", "every", "find", "findIndex", "findLast", "flatMap"])


def parameter(links: Links, file: int, row: int) -> Values:
    """The values of a parameter by its definition, from what is expected where its function stands."""
    place = links.parameter_place(file, row)
    return () if place is None else parameter_of(links, file, *place)


def parameter_of(links: Links, file: int, function: int, position: int) -> Values:
    """A parameter without annotation: from the type expected where its function stands."""
    facts = links.facts(file)
    params = facts.items(facts.fn_params[function])
    if position < len(params) and params[position] != NONE and facts.def_type[params[position]] != NONE:
        return types.type_values(links, file, facts.def_type[params[position]])
    call = facts.fn_context_call[function]
    if call != NONE:
        return _callback_parameter(links, file, call, facts.fn_context_position[function], position)
    expected = contextual_type(links, file, facts.fn_node[function])
    return union([_parameter_type(links, value, position) for value in expected] or [()])


def _callback_parameter(links: Links, file: int, call: int, argument: int, position: int) -> Values:
    facts = links.facts(file)
    callee = facts.node_a[call]
    if callee != NONE and facts.node_kind[callee] == Node.MEMBER:
        name = links.member_name(file, callee)
        for value in values.evaluate(links, file, facts.node_a[callee]):
            if value.kind in {"array", "generic"}:
                if name in _CALLBACK_ELEMENT and position == 0:
                    return values.elements(links, (value,))
                if name == "reduce" and position == 1:
                    return values.elements(links, (value,))
                return values.awaited(links, (value,)) if name == "then" and position == 0 and value.kind == "generic" else ()
    found = [_parameter_type(links, expected, position) for expected in _argument_type(links, file, call, argument)]
    return union(found) if found else ()


def _argument_type(links: Links, file: int, call: int, position: int) -> Values:
    """What a call, or `new`, expects as one of its arguments."""
    facts = links.facts(file)
    found: list[Values] = []
    for value in values.evaluate(links, file, facts.node_a[call]):
        if value.kind == "function":
            found.append(_parameter_type(links, value, position))
        elif value.kind == "class" and facts.node_kind[call] == Node.NEW:
            made = members.member_definitions(links, value._replace(kind="instance"), "constructor")
            makers = [values.evaluate(links, maker, links.facts(maker).def_value[row], value.env) for maker, row in made]
            found += [_parameter_type(links, maker, position) for maker in union([*makers, ()])]
    return union(found) if found else ()


def _parameter_type(links: Links, function: Value, position: int) -> Values:
    if function.kind != "function":
        called = values.signatures(links, function)
        return union([_parameter_type(links, signature, position) for signature in called] or [()])
    facts = links.facts(function.file)
    params = facts.items(facts.fn_params[function.at])
    if position >= len(params) or params[position] == NONE:
        return ()
    return types.type_values(links, function.file, facts.def_type[params[position]], function.env)


def contextual_type(links: Links, file: int, node: int) -> Values:
    """The type that is expected of an expression: of the variable or property that it initialises, of the parameter it is passed as."""
    facts = links.facts(file)
    row = links.definition_with_value(file, node)
    if row is None:
        place = links.argument_place(file, node)
        return () if place is None else _argument_type(links, file, *place)
    if facts.def_type[row] != NONE:
        return types.type_values(links, file, facts.def_type[row])
    owner = facts.def_owner[row]
    if owner != NONE and facts.node_kind[owner] == Node.OBJECT:
        name = facts.name(row)
        return union([values.member_values(links, value, name) for value in contextual_type(links, file, owner)] or [()])
    return ()
