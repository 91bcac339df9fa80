"""Facts as text that people can check: a line for each row of each table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.index.facts import NONE, Facts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def words(text: str) -> list[str]:
    """Split a line of names."""
    return text.split()


KINDS = words(
    "variable constant function class method getter setter field parameter import interface type enum enumMember namespace "
    "typeParameter constructor"
)
FLAGS = words(
    "exported default local static async generator optional readonly declare private abstract assigned prototype functionName "
    "computed rest shorthand overload destructured jsdoc"
)
ROLES = words(
    "read write call new type import export member declares jsx tagged decorator heritage shorthand destructureKey element "
    "typeof argument delete jsdoc"
)
NODES = words(
    "Ident Member Call New Require DynamicImport Await This Super Function Class Object Array Choice Literal Index Element "
    "Cast ModuleExports _ Rest Yield Imported Prototype _ Param _ _ _ _ _ _ _ _ _ _ _ _ _ _ TypeRef Union Intersection "
    "ArrayType Tuple FunctionType ObjectType TypeQuery ImportType KeyOf IndexedAccess Conditional Mapped LiteralType Keyword "
    "TypePredicate"
)
IMPORTS = words("import export-from require dynamic import-type import-equals side-effect require-resolve mock jsdoc glob path _ augment")

# What the columns `a` and `b` of each kind of node are.
SHAPES = {
    **dict.fromkeys(("Call", "New"), ("node", "nodes")),
    **dict.fromkeys(("Require", "DynamicImport"), ("import", "")),
    **dict.fromkeys(("Object", "Array", "Choice", "Union", "Intersection", "Tuple", "Conditional"), ("nodes", "")),
    **dict.fromkeys(("Await", "Rest", "Yield", "Prototype", "ArrayType", "TypeQuery", "KeyOf", "TypePredicate"), ("node", "")),
    **dict.fromkeys(("Cast", "Index", "IndexedAccess", "Mapped"), ("node", "node")),
    "Ident": ("occurrence", ""),
    "Member": ("node", "occurrence"),
    "Imported": ("import", "text"),
    "ImportType": ("import", "occurrences"),
    "Element": ("node", "number"),
    "TypeRef": ("node", "nodes"),
    "Literal": ("number", "text"),
    "LiteralType": ("text", ""),
}


def rendered(facts: Facts, source: bytes) -> str:
    """Render what matters for linking; places are shown by the text that stands there."""
    return "\n".join([*_definitions(facts, source), "", *_occurrences(facts), "", *_modules(facts), "", *_bodies(facts)]) + "\n"


def _bits(value: int, names: list[str]) -> str:
    return "|".join(name for bit, name in enumerate(names) if value >> bit & 1)


def _definition(facts: Facts, row: int) -> str:
    return f"{facts.name(row) or '_'}#{row}"


def _node(facts: Facts, node: int) -> str:
    if node == NONE:
        return "?"
    name = NODES[facts.node_kind[node]]
    shape = SHAPES.get(name, ("number", "number"))
    cells = (facts.node_a[node], facts.node_b[node])
    parts = [part for what, cell in zip(shape, cells, strict=True) if (part := _part(facts, what, cell))]
    if name == "Ident":
        return parts[0]
    return ".".join(parts) if name == "Member" else f"{name}({', '.join(parts)})"


def _part(facts: Facts, what: str, cell: int) -> str:
    parts: dict[str, Callable[[], str]] = {
        "node": lambda: _node(facts, cell),
        "nodes": lambda: ", ".join(_node(facts, one) for one in facts.items(cell)),
        "occurrence": lambda: facts.text(facts.occ_name[cell]),
        "occurrences": lambda: ".".join(facts.text(facts.occ_name[one]) for one in facts.items(cell)),
        "import": lambda: facts.text(facts.imp_specifier[cell]),
        "text": lambda: facts.text(cell),
        "number": lambda: "" if cell == NONE else str(cell),
        "": lambda: "",
    }
    return parts[what]()


def _definitions(facts: Facts, source: bytes) -> Iterator[str]:
    for row, kind in enumerate(facts.def_kind):
        where = source[facts.def_start[row] : facts.def_end[row]].decode().split("\n")[0]
        parts = [f"definition {_definition(facts, row)} {KINDS[kind]} [{_bits(facts.def_flags[row], FLAGS)}]"]
        if facts.def_parent[row] != NONE:
            parts.append(f"in {_definition(facts, facts.def_parent[row])}")
        for word, column in (("on", facts.def_owner), ("=", facts.def_value), (":", facts.def_type)):
            if column[row] != NONE:
                parts.append(f"{word} {_node(facts, column[row])}")
        if facts.def_symbol[row] != row:
            parts.append(f"same as #{facts.def_symbol[row]}")
        if facts.def_doc_start[row] != NONE:
            parts.append(source[facts.def_doc_start[row] : facts.def_doc_end[row]].decode())
        yield " ".join([*parts, f"`{where[:60]}`"])


def _occurrences(facts: Facts) -> Iterator[str]:
    for row, name in enumerate(facts.occ_name):
        line = facts.line_of(facts.occ_start[row])
        column = facts.occ_start[row] - facts.lines_start[line - 1] + 1
        parts = [f"{line}:{column} {facts.text(name)} [{_bits(facts.occ_role[row], ROLES)}]"]
        if facts.occ_target[row] != NONE:
            parts.append(f"-> {_definition(facts, facts.occ_target[row])}")
        if facts.occ_node[row] != NONE:
            parts.append(f"as {_node(facts, facts.occ_node[row])}")
        if facts.occ_within[row] != NONE:
            parts.append(f"in {_definition(facts, facts.occ_within[row])}")
        yield " ".join(parts)


def _modules(facts: Facts) -> Iterator[str]:
    for row, specifier in enumerate(facts.imp_specifier):
        flags = _bits(facts.imp_flags[row], ["typeOnly", "lazy", "conditional"])
        yield f"import {facts.text(specifier)} {IMPORTS[facts.imp_kind[row]]} [{flags}]"
    for row, name in enumerate(facts.bind_name):
        yield f"binding {facts.text(name)} of import {facts.bind_import[row]} is {_definition(facts, facts.bind_local[row])}"
    for row, name in enumerate(facts.exp_name):
        parts = [f"export {facts.text(name)} [{_bits(facts.exp_flags[row], ['typeOnly', 'commonjs'])}]"]
        if facts.exp_definition[row] != NONE:
            parts.append(f"is {_definition(facts, facts.exp_definition[row])}")
        if facts.exp_value[row] != NONE:
            parts.append(f"= {_node(facts, facts.exp_value[row])}")
        if facts.exp_import[row] != NONE:
            parts.append(f"from import {facts.exp_import[row]} {facts.text(facts.exp_imported[row])}".rstrip())
        yield " ".join(parts)


def _bodies(facts: Facts) -> Iterator[str]:
    for row, definition in enumerate(facts.fn_definition):
        name = "_" if definition == NONE else _definition(facts, definition)
        params = ", ".join(_definition(facts, one) for one in facts.items(facts.fn_params[row]))
        returns = ", ".join(_node(facts, one) for one in facts.items(facts.fn_returns[row]))
        parts = [f"function {row} {name}({params}) returns [{returns}]"]
        for word, column in ((":", facts.fn_type), ("this", facts.fn_this), ("passed to", facts.fn_context_call)):
            if column[row] != NONE:
                parts.append(f"{word} {_node(facts, column[row])}")
        yield " ".join(parts)
    for row, definition in enumerate(facts.cls_definition):
        name = "_" if definition == NONE else _definition(facts, definition)
        implements = ", ".join(_node(facts, one) for one in facts.items(facts.cls_implements[row]))
        yield f"class {row} {name} extends {_node(facts, facts.cls_extends[row])} implements [{implements}]"
    for row, message in enumerate(facts.problem_message):
        yield f"problem at {facts.problem_start[row]}: {facts.text(message)}"
