"""The bytes that a definition takes up as it is written, and the places beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clew.edits.source_text import byte_order_mark
from clew.errors import UnsafeEdit

if TYPE_CHECKING:
    from clew._native import Description

_EXPORT = re.compile(rb"\bexport\s+(?:default\s+)?(?:declare\s+)?$")
_LISTED = re.compile(rb"(?:\b(?:const|let|var)\s|,)\s*$")
_OPENS_WITH_EXPORT = re.compile(rb"\s*(?:/\*.*?\*/\s*|//[^\n]*\n\s*)*(?:export\b|@)", re.DOTALL)
NEAR = 400
"""Bytes around a definition that are looked at for the words and signs which belong to it."""
_BLANK = b" \t"


def exported_from(source: bytes, of: Description) -> int:
    """The start of a declaration, with its `export` before it."""
    found = _EXPORT.search(source, max(of.start - NEAR, 0), of.start)
    return of.start if found is None else found.start()


def replaced(source: bytes, of: Description, code: bytes) -> tuple[int, int]:
    """The bytes that new code stands in for: `export` and the doc comment go where the code has its own."""
    start = exported_from(source, of) if _OPENS_WITH_EXPORT.match(code) else of.start
    if of.doc is not None and code.lstrip().startswith(b"/**"):
        start = of.doc[0]
    ends_itself = code.rstrip().endswith((b";", b","))
    end = of.end
    if not ends_itself and source[end - 1 : end] == b";" and (_is_assigned(code) or not code.rstrip().endswith(b"}")):
        end -= 1  # the one that is there ends the new code, too
    elif ends_itself and source[end : end + 1] in (b";", b",") and source[end : end + 1] == code.rstrip()[-1:]:
        end += 1
    return start, end


def _is_assigned(code: bytes) -> bool:
    """True for code that gives a name a value: `f = () => {}`, which a semicolon ends."""
    return b"=" in re.split(rb"[{(]", code, maxsplit=1)[0]


def with_doc(source: bytes, of: Description) -> tuple[int, int]:
    """The declaration with its `export`, the comments directly above it and what ends it."""
    start = exported_from(source, of)
    start = min(start, of.doc[0]) if of.doc is not None else _under_comments(source, start)
    end = of.end
    while source[end : end + 1] in (b";", b",") and source[end : end + 1]:
        end += 1
    return start, end


def _under_comments(source: bytes, start: int) -> int:
    """The start of the `//` lines directly above a declaration; those that a file begins with are about the file."""
    first = line_start(source, start)
    if source[first:start].strip():
        return start
    at = first
    while at and source[line_start(source, at - 1) : at].lstrip(_BLANK).startswith(b"//"):
        at = line_start(source, at - 1)
    if at in (line_start(source, 0), first):
        return start
    return at + len(source[at:first]) - len(source[at:first].lstrip(_BLANK))


def line_start(source: bytes, at: int) -> int:
    """The start of the line; that of the first one is behind the byte order mark."""
    return source.rfind(b"\n", 0, at) + 1 or len(byte_order_mark(source))


def line_end(source: bytes, at: int) -> int:
    """The end of the line, its line feed included."""
    found = source.find(b"\n", at)
    return len(source) if found < 0 else found + 1


def is_listed(source: bytes, of: Description) -> bool:
    """True for one of several variables of a statement."""
    after = source[of.end : of.end + NEAR].lstrip()[:1]
    return of.kind in {"constant", "variable", "function"} and (
        (_LISTED.search(source, max(of.start - NEAR, 0), of.start) is not None and not of.is_member) or (after == b"," and not of.is_member)
    )


def removed(source: bytes, of: Description) -> tuple[int, int]:
    """The bytes to take out with a definition: whole lines where it has them for itself. Raises UnsafeEdit where it cannot be told."""
    if is_listed(source, of):
        after = re.match(rb"\s*,\s*", source[of.end :])
        if after is not None:
            return of.start, of.end + after.end()
        before = re.search(rb"\s*,\s*$", source[: of.start])
        if before is None:
            raise UnsafeEdit(f"{of.name} is the only variable of its statement, written in a way that cannot be taken apart")
        return before.start(), of.end
    start, end = with_doc(source, of)
    first, last = line_start(source, start), line_end(source, end)
    alone = not source[first:start].strip() and not source[end:last].strip()
    if not alone:
        return start, end
    above = source[line_start(source, max(first - 1, 0)) : first]
    below = source[last : line_end(source, last)]
    if first > line_start(source, 0) and not above.strip() and not below.strip():
        last = line_end(source, last)  # one of the two blank lines around it
    return first, last
