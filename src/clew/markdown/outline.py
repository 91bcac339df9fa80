"""The headings of a document, or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.markdown.documents import Library
from clew.markdown.rows import files_of, places_asked, within
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Outline(Paths, frozen=True, kw_only=True, tag="md-outline"):
    """List the headings of documents with their anchors, in the order of the text.

    md-scan --outline README.md --level 2
    """

    stands_alone: ClassVar[bool] = True
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents or sections. Empty means: what the continued step found, else all documents."""
    level: int | None = None
    """Only headings down to this level."""


class HeadingRow(Row, frozen=True):
    """A heading."""

    name: str
    """Its text."""
    level: int
    """1 to 6."""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    last: int
    """The last line of its section."""
    bytes: int
    """The size of its section."""
    target: str
    """The address of its section."""
    nested: bool = False
    """True in a quote, a list or HTML."""


class OutlineResult(Result, frozen=True, kw_only=True):
    """The headings, by file and place."""

    dialects: tuple[str, ...] = ()
    """The renderers whose anchors these are."""
    results: tuple[HeadingRow, ...]
    """One row a heading."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The sections."""
        return tuple(
            Target(text=row.target, file=row.file, line=row.line, name=row.name)
            for row in self.results
            if picked is None or row.n in picked
        )

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def md_outline(workspace: Workspace, request: Outline) -> OutlineResult:
    """The headings of the target documents and sections, or of all documents in the scope.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    library = Library(workspace.generation)
    rows: list[HeadingRow] = []
    dialects: dict[str, None] = {}
    for place in places_asked(workspace, library, request, request.targets):
        document = place.document
        dialects[document.dialect] = None
        inside = set(within(place, document.prose.headings))
        ends = document.lines_of([section.end - 1 for section in document.sections])
        for section, last in zip(document.sections, ends, strict=True):
            heading = section.heading
            if heading in inside and heading.level <= (request.level or 6):
                rows.append(
                    HeadingRow(
                        n=len(rows) + 1,
                        name=section.trail[-1],
                        level=heading.level,
                        file=document.path,
                        line=heading.line,
                        column=heading.column,
                        last=last,
                        bytes=section.end - section.start,
                        target=document.address(section),
                        nested=not heading.opens_section,
                    )
                )
    return OutlineResult(dialects=tuple(dialects), results=tuple(rows))
