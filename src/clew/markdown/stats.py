"""Documents in numbers: headings, links, pictures, code."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.markdown.documents import Library
from clew.markdown.rows import files_of, places_asked, within
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Stats(Paths, frozen=True, kw_only=True, tag="md-stats"):
    """Count headings, links, pictures and blocks of code of documents, largest first.

    md-scan --stats --dir docs
    """

    stands_alone: ClassVar[bool] = True
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents or sections. Empty means: what the continued step found, else all documents."""


class StatsRow(Row, frozen=True):
    """A document or section."""

    target: str
    """Its address."""
    file: str
    """Root-relative path."""
    bytes: int
    """Its size."""
    headings: int = 0
    """Number of headings."""
    links: int = 0
    """Number of links, pictures left out."""
    images: int = 0
    """Number of pictures."""
    code_blocks: int = 0
    """Number of blocks of code."""


class StatsResult(Result, frozen=True, kw_only=True):
    """The documents, largest first."""

    bytes: int
    """Sum of the bytes."""
    headings: int
    """Sum of the headings."""
    links: int
    """Sum of the links, pictures left out."""
    results: tuple[StatsRow, ...]
    """One row a document or section."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The documents and sections that are picked."""
        return None if picked is None else tuple(Target(text=row.target, file=row.file) for row in self.results if row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def md_stats(workspace: Workspace, request: Stats) -> StatsResult:
    """Counts of the target documents and sections, or of all documents in the scope.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    counted: list[tuple[int, str, str, int, int, int, int]] = []
    for place in places_asked(workspace, Library(workspace.generation), request, request.targets):
        prose = place.document.prose
        links = list(within(place, prose.links))
        images = sum(link.is_image for link in links)
        headings, code = (len(list(within(place, things))) for things in (prose.headings, prose.code))
        start, end = (0, prose.size) if place.section is None else (place.section.start, place.section.end)
        counted.append((end - start, place.address, place.document.path, headings, len(links) - images, images, code))
    counted.sort(key=lambda row: (-row[0], row[1]))
    rows = tuple(
        StatsRow(n=n, target=target, file=file, bytes=size, headings=headings, links=links, images=images, code_blocks=code)
        for n, (size, target, file, headings, links, images, code) in enumerate(counted, 1)
    )
    totals = (sum(getattr(row, name) for row in rows) for name in ("bytes", "headings", "links"))
    return StatsResult(**dict(zip(("bytes", "headings", "links"), totals, strict=True)), results=rows)
