"""A section and what it links to, within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.errors import InvalidRequest
from clew.markdown.addresses import Place, find_all
from clew.markdown.documents import Library
from clew.markdown.resolving import Resolver
from clew.markdown.rows import files_of, within
from clew.markdown.section import SectionRow, text_row
from clew.requests import Request, Result, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_DEFAULT_BYTES = 8000
_HEAD = 600
_ROW = 200
_LEAST = 300
"""Bytes of text that are worth a row."""
_MOST_LEFT_OUT = 50


class ContextSlice(Request, frozen=True, kw_only=True, tag="md-context-slice"):
    """Give a section with the sections and documents that it links to, nearest first, cut to a budget.

    md-scan --context-slice 'README.md#set-up' --bytes 4000
    """

    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Sections or documents. Empty means: what the continued step found."""
    bytes: int | None = None
    """Bytes of the reply at most, as `--budget`; 8000 when neither is given."""
    depth: int | None = None
    """Number of links to follow; without it, to the end."""


class PieceRow(SectionRow, frozen=True, kw_only=True):
    """A section."""

    distance: int = 0
    """Number of links from the target."""


class ContextSliceResult(Result, frozen=True, kw_only=True):
    """The sections, nearest first."""

    targets: tuple[str, ...]
    """The targets, as full addresses."""
    elsewhere: tuple[str, ...] = ()
    """The next 50 sections, documents and other files that are linked to and did not fit, or are no Markdown."""
    results: tuple[PieceRow, ...]
    """One row a section or document."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The targets again: the input passes through; rows only when they are picked."""
        if picked is None:
            return tuple(Target(text=target) for target in self.targets)
        return tuple(Target(text=row.target, file=row.file) for row in self.results if row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def md_context_slice(workspace: Workspace, request: ContextSlice) -> ContextSliceResult:
    """Sections in the order in which links lead to them, each cut at a line where there is no room for all of it.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    library = Library(workspace.generation)
    resolver = Resolver(library)
    asked = list(dict.fromkeys(find_all(workspace, library, request.targets)))
    queue = [(place, 0) for place in asked]
    seen = {place.address for place in asked}
    room = (_DEFAULT_BYTES if request.bytes is None else request.bytes) - _HEAD
    rows: list[PieceRow] = []
    elsewhere: list[str] = []
    at = 0
    while at < len(queue):
        place, distance = queue[at]
        at += 1
        if place.document.source is None or (rows and room < _LEAST and request.bytes != 0):
            elsewhere.append(place.address)
            continue
        if any(_is_inside(place, row) for row, _ in queue[: at - 1]):
            continue
        row = text_row(place, len(rows) + 1, room - _ROW if request.bytes != 0 else None)
        piece = PieceRow(**{name: getattr(row, name) for name in row.__struct_fields__}, distance=distance)
        room -= len(msgspec.json.encode(piece))
        rows.append(piece)
        if request.depth is not None and distance >= request.depth:
            continue
        for link in within(place, place.document.prose.links):
            found = resolver.resolve(place.document, link)
            if found.path is None or found.problem or link.is_image:
                continue
            if found.document is None:
                elsewhere += [] if found.path in seen else [found.path]
                seen.add(found.path)
                continue
            section = next((section for section in found.document.sections if section.anchor == found.anchor), None)
            there = Place(found.document, section)
            if there.address not in seen:
                seen.add(there.address)
                queue.append((there, distance + 1))
    return ContextSliceResult(
        targets=tuple(place.address for place in asked), elsewhere=tuple(elsewhere[:_MOST_LEFT_OUT]), results=tuple(rows)
    )


def _is_inside(inner: Place, outer: Place) -> bool:
    """True where a place is a part of another that was given before it."""
    if inner.document is not outer.document:
        return False
    if outer.section is None:
        return True
    return inner.section is not None and outer.section.start <= inner.section.start and inner.section.end <= outer.section.end
