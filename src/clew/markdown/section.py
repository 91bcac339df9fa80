"""The text of sections."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.errors import InvalidRequest
from clew.markdown.addresses import find_all
from clew.markdown.documents import Library
from clew.markdown.rows import files_of, spans_of
from clew.requests import FileProblem, Request, Result, Row, Target

if TYPE_CHECKING:
    from clew.markdown.addresses import Place
    from clew.workspace import Workspace

_DEFAULT_BYTES = 8000
_HEAD = 600
"""Bytes of a reply around its rows."""
_ROW = 200
"""Bytes of a row around its text."""


class Section(Request, frozen=True, kw_only=True, tag="section"):
    """Give the text of a section, named by `guide.md#set-up`, `guide.md::A > B`, `A > B`, or of a whole document.

    md-scan --section 'README.md#set-up'
    """

    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Sections or documents. Empty means: what the continued step found."""
    bytes: int | None = None
    """Bytes of the reply at most, as `--budget`; 8000 when neither is given."""


class SectionRow(Row, frozen=True):
    """A section."""

    name: str
    """The texts of the headings above it and its own; of a document its path."""
    file: str
    """Root-relative path."""
    line: int
    """First line, counted from 1."""
    last: int
    """Last line that is given."""
    target: str
    """Its address."""
    source: str
    """Its text, the sections inside of it included."""
    cut: bool = False
    """True where it goes on behind what is given."""
    left_out: tuple[str, ...] = ()
    """The sections inside of it that begin behind what is given."""


class SectionResult(Result, frozen=True, kw_only=True):
    """The sections."""

    dialects: tuple[str, ...] = ()
    """The renderers whose anchors these are."""
    results: tuple[SectionRow, ...]
    """One row a target."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The sections."""
        return tuple(Target(text=row.target, file=row.file) for row in self.results if picked is None or row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def section(workspace: Workspace, request: Section) -> SectionResult:
    """The text of the target sections, each cut at a line where there is no room for all of it.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    places = find_all(workspace, Library(workspace.generation), request.targets)
    room = (_DEFAULT_BYTES if request.bytes is None else request.bytes) - _HEAD
    rows: list[SectionRow] = []
    for at, place in enumerate(places):
        if place.document.source is None:
            path = place.document.path
            workspace.moved.append(FileProblem(file=path, message="changed during the question; ask again", code="changed"))
            continue
        row = text_row(place, len(rows) + 1, room // (len(places) - at) - _ROW if request.bytes != 0 else None)
        room -= len(msgspec.json.encode(row))
        rows.append(row)
    return SectionResult(dialects=tuple(dict.fromkeys(place.document.dialect for place in places)), results=tuple(rows))


def text_row(place: Place, n: int, room: int | None) -> SectionRow:
    """The row of a place, whose text is cut behind the last line that there is room for; None is no bound."""
    start, end = spans_of(place)
    document = place.document
    source = document.source or b""
    given = end if room is None else start + _fitting(source[start:end], max(room, 0))
    left_out = [section for section in document.sections if given <= section.start < end]
    first, last = document.lines_of([start, max(start, given - 1)])
    return SectionRow(
        n=n,
        name=document.path if place.section is None else " > ".join(place.section.trail),
        file=document.path,
        line=first,
        last=last,
        target=place.address,
        source=source[start:given].decode("utf-8-sig" if start == 0 else "utf-8", "replace"),
        cut=given < end,
        left_out=tuple(document.address(section) for section in left_out[:20]),
    )


def _fitting(text: bytes, room: int) -> int:
    """Number of bytes of a text that fit into a reply, up to the end of a line."""
    taken = 0
    for line in text.splitlines(keepends=True):
        room -= len(msgspec.json.encode(line.decode("utf-8", "replace"))) - 2
        if room < 0:
            break
        taken += len(line)
    return taken
