"""References in a pipeline: `${find.results[0].file}`, what they may lead to, and what they mean in a run.

There is no language but paths: a name, then fields and numbers of list items. A text that is one reference keeps the type of what it
leads to; a reference inside a longer text becomes a part of that. `$${` is `${` itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec import inspect

PARAMS, ITEM, INDEX = "params", "item", "index"
RESERVED = frozenset({PARAMS, ITEM, INDEX})
OWN = {"step": inspect.StrType(), "total": inspect.IntType()}
"""Members of every step beside those of its result: its address, and its number of rows."""

_REFERENCE = re.compile(r"\$?\$\{([^}]*)\}?")
_PATH = re.compile(r"([A-Za-z_][\w-]*)((?:\.[A-Za-z_][\w-]*|\[\d+\])*)\Z")
_PART = re.compile(r"\.([A-Za-z_][\w-]*)|\[(\d+)\]")


class Reference(msgspec.Struct, frozen=True):
    """A reference as written, and its parts."""

    text: str
    root: str
    path: tuple[str | int, ...]


class BadReference(ValueError):
    """A reference that leads nowhere; `candidates` are near names."""

    def __init__(self, message: str, candidates: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.candidates = candidates


def parsed(text: str) -> list[str | Reference]:
    """A text as its plain parts and its references, in their order. Raises BadReference."""
    parts: list[str | Reference] = []
    at = 0
    for found in _REFERENCE.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[0].startswith("$$"):
            parts.append(found[0][1:])
            continue
        path = _PATH.match(found[1].strip())
        if path is None or not found[0].endswith("}"):
            raise BadReference(f"{found[0]!r} is no reference; one is written ${{find.results[0].file}}")
        keys = tuple(name or int(number) for name, number in _PART.findall(path[2]))
        parts.append(Reference(found[0], path[1], keys))
    parts.append(text[at:])
    return [part for part in parts if part != ""]


def references(value: object) -> Iterator[Reference]:
    """Every reference in a value, however deep."""
    if isinstance(value, str) and "${" in value:
        yield from (part for part in parsed(value) if isinstance(part, Reference))
    elif isinstance(value, (list, tuple)):
        for held in value:
            yield from references(held)
    elif isinstance(value, Mapping):
        for held in value.values():
            yield from references(held)


def only_reference(value: object) -> Reference | None:
    """The reference that a text is, where it is nothing else."""
    if not isinstance(value, str) or "${" not in value:
        return None
    parts = parsed(value)
    return parts[0] if len(parts) == 1 and isinstance(parts[0], Reference) else None


def reference_in(value: object) -> Reference | None:
    """The reference that a text is, where it is nothing else and well-formed."""
    try:
        return only_reference(value)
    except BadReference:
        return None


def found_in(value: object) -> list[Reference]:
    """Every reference in a value; none where one is not well-formed."""
    try:
        return list(references(value))
    except BadReference:
        return []


# What a reference may lead to, known before anything runs.


class Members(msgspec.Struct, frozen=True):
    """Named members: parameters, or the steps of a pipeline."""

    of: str
    """Their owner, for messages."""
    members: dict[str, Any]


class Result(msgspec.Struct, frozen=True):
    """The answer of a step of this type."""

    of: str
    type: type[msgspec.Struct]


class Listed(msgspec.Struct, frozen=True):
    """The answers of a step that runs for each item."""

    of: str
    each: Any


Shape = Any
"""`Members`, `Result`, `Listed`, a type of `msgspec.inspect`, or None where it is not known."""


def shape_of(reference: Reference, scope: Members) -> Shape:
    """The shape of what a reference leads to. Raises BadReference with near names."""
    shape: Shape = scope
    so_far = ""
    for key in (reference.root, *reference.path):
        if shape is None:
            return None
        shape = _member(shape, key, so_far or scope.of)
        so_far += f"[{key}]" if isinstance(key, int) else f".{key}" if so_far else key
    return shape


def _member(shape: Shape, key: str | int, of: str) -> Shape:
    """The shape of a member or an item. Raises BadReference."""
    shape = _plain(shape)
    if shape is None or isinstance(shape, inspect.AnyType):
        return None
    if isinstance(shape, (Listed, inspect.VarTupleType, inspect.ListType)):
        if not isinstance(key, int):
            raise BadReference(f"{of} is a list, so an item of it has a number: ${{{of}[0]}}")
        return shape.each if isinstance(shape, Listed) else shape.item_type
    if isinstance(shape, inspect.DictType):
        return shape.value_type
    names = _names(shape)
    if names is None:
        raise BadReference(f"{of} is {said_kinds(kinds(shape))}, which has no members")
    if isinstance(key, int):
        raise BadReference(f"{of} is no list, so it has no item {key}")
    if key not in names:
        from clew.near import near  # only who errs pays

        close = near(key, names)
        raise BadReference(f"{of} has no {key!r}", close or tuple(sorted(names))[:5])
    return names[key]


def _names(shape: Shape) -> dict[str, Any] | None:
    """The members of a shape; None where it has none."""
    if isinstance(shape, Members):
        return shape.members
    if isinstance(shape, Result):
        return {**_fields(shape.type), **OWN}
    return _fields(shape.cls) if isinstance(shape, inspect.StructType) else None


def _fields(struct: type[msgspec.Struct]) -> dict[str, Any]:
    info = inspect.type_info(struct)
    fields = info.fields if isinstance(info, inspect.StructType) else ()
    return {field.encode_name: field.type for field in fields if field.name != "stored"}


def _plain(shape: Shape) -> Shape:
    """A type without the None that may stand in its place."""
    if isinstance(shape, inspect.UnionType):
        own = [part for part in shape.types if not isinstance(part, inspect.NoneType)]
        return own[0] if len(own) == 1 else inspect.AnyType()
    return shape


_KINDS: tuple[tuple[Any, str], ...] = (
    (inspect.StrType, "a text"),
    (inspect.BoolType, "true or false"),
    (inspect.IntType, "a whole number"),
    (inspect.FloatType, "a number"),
    ((inspect.VarTupleType, inspect.ListType, Listed), "a list"),
    ((inspect.StructType, inspect.DictType, Members, Result), "an object"),
)


def kinds(shape: Shape) -> frozenset[str] | None:
    """The kinds of value that a shape stands for; None where it is not known."""
    if isinstance(shape, inspect.UnionType):
        parts = [kinds(part) for part in shape.types if not isinstance(part, inspect.NoneType)]
        return None if None in parts else frozenset().union(*(part for part in parts if part is not None))
    if isinstance(shape, inspect.LiteralType):
        return frozenset({"a text"})
    return next((frozenset({name}) for kind, name in _KINDS if isinstance(shape, kind)), None)


def said_kinds(known: frozenset[str] | None) -> str:
    """Kinds of value in words."""
    return " or ".join(sorted(known)) if known else "a value"


# What a reference means in a run.


def resolved(value: object, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any value of a pipeline
    """A value with its references replaced by what they mean. Raises BadReference for one that leads nowhere in this run."""
    if isinstance(value, str):
        if "${" not in value:
            return value
        parts = parsed(value)
        if len(parts) == 1 and isinstance(parts[0], Reference):
            return msgspec.to_builtins(meant(parts[0], scope))
        return "".join(part if isinstance(part, str) else _text(part, scope) for part in parts)
    if isinstance(value, (list, tuple)):
        return [resolved(held, scope) for held in value]
    if isinstance(value, Mapping):
        return {name: resolved(held, scope) for name, held in value.items()}
    return value


def meant(reference: Reference, scope: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any value
    """The value of a reference."""
    value: Any = scope
    so_far = ""
    for key in (reference.root, *reference.path):
        if value is None:
            raise BadReference(f"{so_far} is nothing here, so {reference.text} leads nowhere")
        if isinstance(key, int):
            if not isinstance(value, (list, tuple)) or key >= len(value):
                many = len(value) if isinstance(value, (list, tuple)) else 0
                raise BadReference(f"{so_far} has {many} items, so {reference.text} leads nowhere")
            value = value[key]
        else:
            value = _value_of(value, key, reference)
        so_far += f"[{key}]" if isinstance(key, int) else f".{key}" if so_far else key
    return value


def _value_of(value: object, key: str, reference: Reference) -> object:
    if isinstance(value, Mapping):
        if key not in value:
            raise BadReference(f"{reference.text} leads nowhere: there is no {key!r}")
        return value[key]
    for field in msgspec.structs.fields(value) if isinstance(value, msgspec.Struct) else ():
        if field.encode_name == key:
            return getattr(value, field.name)
    raise BadReference(f"{reference.text} leads nowhere: there is no {key!r}")


def _text(reference: Reference, scope: Mapping[str, Any]) -> str:
    value = meant(reference, scope)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise BadReference(f"{reference.text} is {'nothing' if value is None else 'no text'}, so it cannot be a part of one")
