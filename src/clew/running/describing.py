"""The documentation of the operations: the docstrings of requests and their fields, which do not survive as attributes."""

from __future__ import annotations

import ast
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clew.operations import Operation, SessionAct


def docs_of(row: Operation | SessionAct) -> tuple[str, dict[str, str]]:
    """The docstring of a request, and those of its fields with what they inherit."""
    path, _, name = row.where.partition(":")
    classes = {**classes_of("clew.requests"), **classes_of(path)}
    fields: dict[str, str] = {}
    pending = [name]
    while pending:
        node = classes.get(pending.pop())
        if node is not None:
            fields = {**field_docs(node), **fields}
            pending.extend(base.id for base in node.bases if isinstance(base, ast.Name))
    return ast.get_docstring(classes[name]) or "", fields


@cache
def classes_of(module: str) -> dict[str, ast.ClassDef]:
    """The classes of a module, as syntax."""
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        return {}
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def field_docs(node: ast.ClassDef) -> dict[str, str]:
    """The docstring of each field of a class."""
    docs: dict[str, str] = {}
    for field, after in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)) or "ClassVar" in ast.unparse(field.annotation):
            continue
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
            docs[field.target.id] = " ".join(after.value.value.split())
    return docs


def camel(field: str) -> str:
    """The name of a field on the wire."""
    first, *rest = field.rstrip("_").split("_")
    return first + "".join(part.title() for part in rest)
