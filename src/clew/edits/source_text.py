"""The style of a file, so that what is put into it reads like the rest; and files that a plan leaves alone unless named."""

from __future__ import annotations

import codecs
import os
import re
from typing import TYPE_CHECKING

from clew import _native
from clew.errors import UnsafeEdit
from clew.index import rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from clew.index.generation import Generation

NEWLINE = re.compile(rb"\r\n|\n|\r")
CLOSERS = (b"}", b")", b"]")
OTHER_ENCODINGS = {
    codecs.BOM_UTF32_LE: "UTF-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
LOCK_FILES = frozenset({"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "bun.lockb", "deno.lock"})
NEVER = frozenset({".git", ".clew"})
IN_CODE = re.compile(rb"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"|[`{}]", re.DOTALL)
IN_TEMPLATE = re.compile(rb"`|\$\{|\\.", re.DOTALL)


def newline_at(source: bytes, offset: int) -> bytes:
    """The line break of a place: that before it, else that behind it, else the one of a file without any."""
    before = source.rfind(b"\n", 0, offset), source.rfind(b"\r", 0, offset)
    if max(before) >= 0:
        start = before[0] - 1 if before[0] > 0 and before[0] - 1 == source.rfind(b"\r", 0, before[0]) else max(before)
        found = NEWLINE.match(source, start)
    else:
        found = NEWLINE.search(source, offset)
    return b"\n" if found is None else found[0]


def with_newlines(text: bytes, newline: bytes) -> bytes:
    """A text with every line break, of any kind, as this one."""
    return NEWLINE.sub(newline, text)


def byte_order_mark(source: bytes) -> bytes:
    """The mark that a file begins with, or nothing; nothing may be put in front of it."""
    return codecs.BOM_UTF8 if source.startswith(codecs.BOM_UTF8) else b""


def require_utf8(path: str, source: bytes) -> None:
    """Raise UnsafeEdit, with the line, for a file that is written in another encoding."""
    for mark, name in OTHER_ENCODINGS.items():
        if source.startswith(mark):
            raise UnsafeEdit(f"{path} is written in {name}; only UTF-8 can be edited", file=path)
    try:
        source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(NEWLINE.findall(source, 0, error.start)) + 1
        raise UnsafeEdit(f"{path}:{line}: a byte that is no UTF-8; only UTF-8 can be edited", file=path, line=line) from error


def indentation_at(source: bytes, offset: int) -> bytes:
    """The blanks that the line of a place begins with, as far as they stand before it."""
    start = max(source.rfind(b"\n", 0, offset), source.rfind(b"\r", 0, offset)) + 1
    line = source[start:offset]
    return line[: len(line) - len(line.lstrip(b" \t"))]


def reindented(text: bytes, indent: bytes) -> bytes:
    """A piece of code, with line feeds, as it stands behind an indentation: the lines after its first one begin with that.

    What all of it is indented by goes: the blanks of its first line, or, where that has none, those of a bracket that closes it at its left
    edge, or, where nothing does and all other lines are deeper than that, the indentation itself. Empty lines stay empty, and lines that
    begin inside of a template literal stay as they are.
    """
    lines = text.split(b"\n")
    fixed = _inside_templates(text)
    if fixed is None:
        return text
    base = _blanks(lines[0])
    rest = [line for number, line in enumerate(lines) if number and number not in fixed and line.strip()]
    if not base and rest:
        edge = min(map(_blanks, rest), key=len)
        if rest[-1].lstrip().startswith(CLOSERS) and _blanks(rest[-1]) == edge:
            base = edge
        elif edge.startswith(indent) and edge != indent:
            base = indent
    fitted = [lines[0].removeprefix(base)]
    for number, line in enumerate(lines[1:], 1):
        if number in fixed:
            fitted.append(line)
        else:
            fitted.append(indent + line.removeprefix(base) if line.strip() else b"")
    return b"\n".join(fitted)


def fitted(source: bytes, offset: int, text: bytes) -> bytes:
    """A piece of code as it reads at a place of a file: with the indentation and the line breaks of what is around it."""
    return with_newlines(reindented(with_newlines(text, b"\n"), indentation_at(source, offset)), newline_at(source, offset))


def refuse_unless_named(generation: Generation, paths: Iterable[str], named: Collection[str]) -> None:
    """Raise UnsafeEdit for the first file that nobody edits by accident, unless it is named: generated, minified, locked or ignored ones.

    What git or clew keep is refused in any case.
    """
    for path in paths:
        if not NEVER.isdisjoint(path.split("/")):
            raise UnsafeEdit(f"{path} belongs to git or clew, and is never edited", file=path)
        why = None if path in named else reason_to_leave(generation, path)
        if why is not None:
            raise UnsafeEdit(f"{path} {why}; name the file to have it edited all the same", file=path)


def reason_to_leave(generation: Generation, path: str) -> str | None:
    """The reason for which a file is left alone unless it is named; None for one that is not. A file that is new is not."""
    if os.path.basename(path) in LOCK_FILES:
        return "is written by a package manager"
    file = generation.id_of(path)
    if file is None:
        return "is ignored" if os.path.lexists(os.path.join(generation.root, path)) else None
    flags = generation.flags_of(file)
    facts = flags >> rows.FACTS_SHIFT
    for is_so, why in (
        (flags & (rows.BINARY | rows.ASSET), "is no text"),
        (flags & rows.TOO_LARGE, "is too large to be read"),
        (flags & rows.UNREADABLE, "cannot be read"),
        (flags & rows.CODE and facts & _native.GENERATED, "says that it is generated"),
        (flags & rows.CODE and facts & _native.MINIFIED, "is minified"),
    ):
        if is_so:
            return why
    return None


def _blanks(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _inside_templates(text: bytes) -> set[int] | None:
    """The lines, counted from 0, that begin inside of a template literal; None where the text ends inside of one."""
    inside: set[int] = set()
    opened: list[bytes] = []  # templates, substitutions in them, and blocks
    at = 0
    while True:
        in_template = opened[-1:] == [b"`"]
        found = (IN_TEMPLATE if in_template else IN_CODE).search(text, at)
        if found is None:
            return None if b"`" in opened else inside
        if in_template:
            inside.update(range(text.count(b"\n", 0, at) + 1, text.count(b"\n", 0, found.end()) + 1))
        token, at = found[0], found.end()
        if opened and token == (b"`" if in_template else b"}"):
            opened.pop()
        elif token in {b"`", b"{", b"${"}:
            opened.append(token)
