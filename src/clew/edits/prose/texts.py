"""Text of sections: what is put in, at which level, and between which blank lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from clew.edits.plans import TextEdit, applied
from clew.edits.source_text import byte_order_mark, newline_at, with_newlines
from clew.errors import InvalidRequest, UnsafeEdit
from clew.index.prose import read_prose

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew.index.prose import Heading, Prose
    from clew.markdown.addresses import Place

Position = Literal["after", "before", "child"]
"""A place beside a section, or in it."""

_BLANKS = b" \t"
_BLANK_START = re.compile(rb"(?:[ \t]*(?:\r\n|\n|\r))*")
_BREAK = re.compile(rb"\r\n|\n|\r")
_DEEPEST = 6
_SETEXT = 2
"""The deepest level that an underline can give."""


class Given(NamedTuple):
    """A text that is put in, and its facts."""

    text: bytes
    """The text without blank lines around it."""
    prose: Prose
    """Its facts."""

    @property
    def headings(self) -> list[Heading]:
        """The headings that open sections."""
        return [heading for heading in self.prose.headings if heading.opens_section]

    @property
    def begins_with_heading(self) -> bool:
        """True where the first thing in it is a heading."""
        return bool(self.headings) and not self.text[: self.headings[0].start].strip()

    def at_level(self, level: int) -> bytes:
        """The text with its first heading at a level, the others changed by as much.

        Raises UnsafeEdit where one of them stands above the first, or is too deep.
        """
        headings = self.headings
        first = headings[0].level
        outer = next((heading for heading in headings if heading.level < first), None)
        if outer is not None:
            message = f"The heading {outer.text!r} of the text stands above its first one, {headings[0].text!r}; it would end the section"
            raise UnsafeEdit(message)
        return applied(self.text, level_edits(self.text, headings, level - first))

    def below_level(self, level: int) -> bytes:
        """The text with headings that are deeper than a level, all changed by as much as that takes. Raises UnsafeEdit as above."""
        least = min((heading.level for heading in self.headings), default=level + 1)
        return self.text if least > level else applied(self.text, level_edits(self.text, self.headings, level + 1 - least))


def given(path: str, text: bytes) -> Given:
    """A text that is to come into a document. Raises InvalidRequest for an empty one."""
    text = text[: content_end(text, 0, len(text))]
    blank = _BLANK_START.match(text)
    text = text[blank.end() if blank else 0 :]
    if not text.strip():
        raise InvalidRequest("the text is empty")
    return Given(text, read_prose(path, text))


def content_end(source: bytes, start: int, end: int) -> int:
    """The end of what a span holds, without the blank lines behind it and the line break of its last line."""
    at = start + len(source[start:end].rstrip(_BLANKS + b"\r\n"))
    while at < end and source[at] in _BLANKS:
        at += 1  # blanks at the end of a line that is not empty
    return at


def level_edits(source: bytes, headings: Iterable[Heading], by: int, start: int = 0) -> list[TextEdit]:
    """The edits that make headings deeper by so many levels; offsets count from `start`. Raises UnsafeEdit beyond the sixth."""
    edits: list[TextEdit] = []
    for heading in headings if by else ():
        level = heading.level + by
        if not 1 <= level <= _DEEPEST:
            raise UnsafeEdit(f"The heading {heading.text!r} would be of level {level}; there are {_DEEPEST}")
        edits += (TextEdit(edit.start - start, edit.end - start, edit.text) for edit in _level_edits(source, heading, level))
    return edits


def _level_edits(source: bytes, heading: Heading, level: int) -> list[TextEdit]:
    if heading.form == "atx":
        at, by = source.index(b"#", heading.start) + 1, level - heading.level
        edits = [TextEdit(at, at, b"#" * by) if by > 0 else TextEdit(at, at - by, b"")]
        closing = re.search(rb"(?<=[ \t])#+(?=[ \t]*\Z)", source[heading.content_end : heading.end])
        if closing and len(closing[0]) == heading.level:
            first = heading.content_end + closing.start()
            edits.append(TextEdit(first, first + len(closing[0]), b"#" * level))
        return edits
    underline = max(source.rfind(b"\n", heading.start, heading.end), source.rfind(b"\r", heading.start, heading.end)) + 1
    marks = re.compile(rb"[=-]+").search(source, underline, heading.end)
    if marks is None:
        raise UnsafeEdit(f"The heading {heading.text!r} is written in a way that has no levels")
    if level <= _SETEXT:
        return [TextEdit(marks.start(), marks.end(), (b"=" if level == 1 else b"-") * len(marks[0]))]
    # An underline has two levels; deeper ones stand before their text, in one line.
    text = source[heading.content_start : heading.content_end]
    rest = source[heading.content_end : underline].rstrip(b"\r\n")
    return [TextEdit(heading.start, heading.end, b"#" * level + b" " + _BREAK.sub(b" ", text) + rest)]


def as_in(source: bytes, offset: int, text: bytes) -> bytes:
    """A text with the line breaks of a place of a document."""
    return with_newlines(text, newline_at(source, offset))


def inserted(source: bytes, offset: int, text: bytes) -> tuple[TextEdit, int]:
    """The edit that puts a text into a document as a block of its own, a blank line before and behind it; and how far in the text begins.

    At the end of a document the last line has a line break afterwards where it had one before.
    """
    newline = newline_at(source, offset)
    text = with_newlines(text, newline)
    mark = len(byte_order_mark(source))
    offset = max(offset, mark)
    head = source[mark:offset]
    if offset == len(source):
        at = content_end(source, mark, offset)
        if at == mark:
            return TextEdit(offset, offset, text + newline), 0
        return TextEdit(at, at, newline * 2 + text), len(newline) * 2
    breaks = len(_BREAK.findall(head[content_end(head, 0, len(head)) :]))
    before = newline * max(2 - breaks, 0) if head.strip() else b""
    behind = b"" if _BREAK.match(source, offset) else newline
    return TextEdit(offset, offset, before + text + newline + behind), len(before)


def is_apart(source: bytes, stop: int, start: int) -> bool:
    """True where what ends at one place does not become a part of the heading that begins at another one, once nothing is between them.

    A heading with an underline takes in the lines right before it.
    """
    head = source[len(byte_order_mark(source)) : stop]
    breaks = _BREAK.findall(head[content_end(head, 0, len(head)) :])
    return not head.strip() or len(breaks) > 1 or source[start:].lstrip(_BLANKS).startswith(b"#")


def removed(source: bytes, start: int, end: int) -> TextEdit:
    """The edit that takes out a section; one at the end of a document goes with the blank lines before it, and leaves the end as it is."""
    if end < len(source):
        return TextEdit(start, end, b"" if is_apart(source, start, end) else newline_at(source, start))
    first = content_end(source, len(byte_order_mark(source)), start)
    if first <= len(byte_order_mark(source)):
        return TextEdit(start, end, b"")
    return TextEdit(first, content_end(source, start, end), b"")


def put_at(place: Place, at: Position, source: bytes) -> tuple[int, int | None]:
    """The offset of a position beside or in a section, and the level of a heading there; in a document none that it had to have."""
    document, section = place
    if section is not None:
        level = section.heading.level
        return (section.start, level) if at == "before" else (section.end, level + (at == "child"))
    front = document.prose.front_matter
    if at != "before":
        return len(source), None
    return (len(byte_order_mark(source)) if front is None else _next_line(source, front.end)), None


def _next_line(source: bytes, offset: int) -> int:
    found = _BREAK.match(source, offset)
    return offset if found is None else found.end()
