"""Rows that several answers about Markdown share, and the choice of the documents that a question is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.index.scope import path_filter
from clew.markdown.addresses import Place, find_all
from clew.requests import Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from clew.index.prose import Placed
    from clew.markdown.documents import Library, Section
    from clew.requests import Paths
    from clew.workspace import Workspace


_LONGEST = 160


class PlaceRow(Row, frozen=True):
    """A place in a document."""

    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    section: str | None = None
    """The address of the section around it; none where it stands above the first heading."""


def places_asked(workspace: Workspace, library: Library, request: Paths, targets: Sequence[Target]) -> Iterator[Place]:
    """The documents and sections that a question is about: its targets, else every document in its scope, while there is time."""
    keeps = path_filter(request)
    if targets:
        places = dict.fromkeys(find_all(workspace, library, targets))
        yield from (place for place in places if keeps(place.document.path))
        return
    files = sorted(file for file in library.files if keeps(workspace.generation.path_of(file)))
    for file in workspace.generation.bounds.each(files, "files"):
        yield Place(library.document(file))


def spans_of(place: Place) -> tuple[int, int]:
    """The bytes of a document or of a section."""
    return (0, place.document.prose.size) if place.section is None else (place.section.start, place.section.end)


def within(place: Place, things: Iterable[Placed]) -> Iterator[Any]:
    """The things of a document that stand in a place."""
    start, end = spans_of(place)
    return (thing for thing in things if start <= thing.start < end)


def section_address(place: Place, offset: int) -> str | None:
    """The address of the section around an offset of the document."""
    section: Section | None = place.document.section_around(offset)
    return None if section is None else place.document.address(section)


def place_row(place: Place, offset: int) -> dict[str, Any]:
    """The fields of a row for an offset of a document: file, line, column, section and the text of the line."""
    document = place.document
    source = document.source or b""
    (line,) = document.lines_of([offset])
    start, end = source.rfind(b"\n", 0, offset) + 1, source.find(b"\n", offset)
    encoding = "utf-8-sig" if start == 0 else "utf-8"
    text = source[start : len(source) if end < 0 else end].decode(encoding, "replace").strip()
    before = source[start:offset].decode(encoding, "replace")
    return {
        "file": document.path,
        "line": line,
        "column": len(before.encode("utf-16-le")) // 2 + 1,
        "section": section_address(place, offset),
        "text": text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…",
    }


def sections_offered(rows: Iterable[Any], picked: frozenset[int] | None) -> tuple[Target, ...]:
    """The sections around rows, each once; a row above the first heading offers its document."""
    texts = dict.fromkeys((row.section or row.file, row.file) for row in rows if picked is None or row.n in picked)
    return tuple(Target(text=text, file=file) for text, file in texts)


def files_of(rows: Iterable[Any]) -> tuple[str, ...]:
    """The files of rows, each once."""
    return tuple(dict.fromkeys(row.file for row in rows))
