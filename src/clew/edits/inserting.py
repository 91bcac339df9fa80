"""Code before or behind a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.edits import spans
from clew.edits.plans import TextEdit
from clew.edits.source_text import fitted, indentation_at, newline_at
from clew.edits.writing import Changed, code_of, the_definition
from clew.errors import UnsafeEdit

if TYPE_CHECKING:
    from clew._native import Description
    from clew.edits.insert_after import InsertAfter
    from clew.edits.insert_before import InsertBefore
    from clew.edits.planning import Kept
    from clew.workspace import Workspace


def inserted(workspace: Workspace, request: InsertBefore | InsertAfter, flag: str, *, after: bool) -> Kept:
    """The plan of an insertion."""
    code = code_of(workspace, request.with_, request.with_file, flag)
    of = the_definition(workspace, request.targets, flag)
    draft = Changed(workspace)
    put_beside(draft, of, code, after=after)
    return draft.finish(request)


def put_beside(draft: Changed, of: Description, code: bytes, *, after: bool) -> None:
    """Add the edit that puts code before a definition, or behind it. Raises UnsafeEdit where nothing can stand there."""
    source = draft.source(of.file)
    if spans.is_listed(source, of):
        raise UnsafeEdit(f"{of.name} is one of several variables of a statement; give a definition with a statement of its own")
    start, end = spans.with_doc(source, of)
    text = fitted(source, start, code.strip(b"\r\n"))
    between = _between(source, of, start, end)
    newline = newline_at(source, start)
    if _is_listed_member(source, of):
        comma = b"" if text.rstrip().endswith(b",") else b","
        text, missing = text + comma, b"" if source[end - 1 : end] == b"," else b","
        if after and missing:
            text = missing + between + text.removesuffix(b",")
            draft.put(of, TextEdit(end, end, text), "inserted")
            return
    if after:
        rest = spans.line_end(source, end)
        stands = end if source[end:rest].strip() and not _is_comment(source[end:rest]) else rest - len(_newline_at(source, rest))
        draft.put(of, TextEdit(stands, stands, between + text), "inserted")
    else:
        blank = newline if _is_block(source, of, text) else b""
        separator = newline + blank + indentation_at(source, start) if b"\n" in between else between
        draft.put(of, TextEdit(start, start, text + separator), "inserted")


def _between(source: bytes, of: Description, start: int, end: int) -> bytes:
    """The bytes that part two things of a list of things like this: a line break, a blank line between blocks, or a blank."""
    first = spans.line_start(source, start)
    if source[first:start].strip():
        return b" "
    newline = newline_at(source, start)
    return newline * (2 if _is_block(source, of, source[start:end]) else 1) + indentation_at(source, start)


def _is_block(source: bytes, of: Description, text: bytes) -> bool:
    """True for what stands apart from its neighbours by a blank line."""
    return b"\n" in text and of.kind not in {"field", "enumMember"} and not _is_listed_member(source, of)


def _is_listed_member(source: bytes, of: Description) -> bool:
    """True for a property of an object literal, or a member of an enum: commas part them."""
    if of.kind == "enumMember":
        return True
    after = source[of.end : of.end + spans.NEAR].lstrip()[:1]
    before = source[max(of.start - spans.NEAR, 0) : of.start].rstrip()[-1:]
    return of.is_member and (after == b"," or before == b",")


def _is_comment(text: bytes) -> bool:
    return text.lstrip().startswith((b"//", b"/*"))


def _newline_at(source: bytes, at: int) -> bytes:
    """The line break that ends at an offset."""
    return b"\r\n" if source[:at].endswith(b"\r\n") else b"\n" if source[:at].endswith(b"\n") else b""
