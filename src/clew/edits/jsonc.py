"""The strings of a JSON file with their places; comments and trailing commas may be in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(rb'"(?:[^"\\\n]|\\.)*"|//[^\n]*|/\*.*?\*/|[{}\[\]:,]', re.DOTALL)


class Text(NamedTuple):
    """A string without escapes."""

    keys: tuple[str, ...]
    """The keys above it; those of lists are left out. Of a key, itself last."""
    is_key: bool
    value: str
    start: int
    end: int
    """The span between the quotes, in bytes."""


def texts(source: bytes) -> Iterator[Text]:
    """Every string of a file, in order; those with escapes are left out, and what is not JSON is passed over."""
    keys: list[str] = []
    open_objects: list[bool] = []
    expects_key = False
    for token in _TOKEN.finditer(source):
        text = token.group()
        match text[:1]:
            case b"{" | b"[":
                open_objects.append(text == b"{")
                keys.append("")
                expects_key = text == b"{"
            case b"}" | b"]":
                if open_objects:
                    open_objects.pop()
                    keys.pop()
                expects_key = False
            case b",":
                expects_key = bool(open_objects) and open_objects[-1]
            case b'"':
                value = text[1:-1].decode("utf-8", "replace")
                if expects_key:
                    keys[-1] = value
                if b"\\" not in text:
                    yield Text(tuple(filter(None, keys)), expects_key, value, token.start() + 1, token.end() - 1)
                expects_key = False
            case _:
                pass
