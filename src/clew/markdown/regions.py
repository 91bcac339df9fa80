"""The parts of a document that text stands in: blocks of code, code within a line, destinations of links, data, or plain text."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from clew.index.prose import Code, CodeSpan, Heading, Link

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clew.index.prose import Prose

Kind = Literal["block", "span", "destination", "info", "heading", "data", "text"]


class Region(NamedTuple):
    """A part of a document, by the bytes of its content."""

    kind: Kind
    """`info` is what a fence says of its block, `data` the front matter."""
    start: int
    end: int
    thing: Code | CodeSpan | Link | Heading | None = None
    """The block, the span, the link or the heading that it belongs to."""


class Regions:
    """The regions of a document."""

    def __init__(self, prose: Prose) -> None:
        self._prose = prose
        found = [
            *(Region("block", one.content_start, one.content_end, one) for one in prose.code),
            *(Region("info", one.start, one.content_start, one) for one in prose.code),
            *(Region("span", one.content_start, one.content_end, one) for one in prose.spans),
            *(Region("destination", *span, link) for link, span in _destinations(prose)),
            *(Region("data", one.content_start, one.content_end) for one in [prose.front_matter] if one is not None),
        ]
        self._regions = sorted(found, key=lambda region: region.start)
        self._starts = [region.start for region in self._regions]

    @cached_property
    def _headings(self) -> list[int]:
        return [heading.start for heading in self._prose.headings]

    def spans(self) -> Iterator[Region]:
        """The code within lines."""
        return (region for region in self._regions if region.kind == "span")

    def headings(self) -> Iterator[Region]:
        """The headings."""
        return (Region("heading", one.content_start, one.content_end, one) for one in self._prose.headings)

    def at(self, offset: int) -> Region:
        """The region around an offset; that of a heading or of plain text reaches over all of the heading or file."""
        for region in reversed(self._regions[max(bisect_right(self._starts, offset) - 2, 0) : bisect_right(self._starts, offset)]):
            if region.start <= offset < region.end:
                return region
        place = bisect_right(self._headings, offset) - 1
        if place >= 0 and offset < self._prose.headings[place].end:
            heading = self._prose.headings[place]
            return Region("heading", heading.content_start, heading.content_end, heading)
        return Region("text", 0, self._prose.size)

    def link_around(self, offset: int) -> Link | None:
        """The innermost link whose text stands around an offset."""
        around = (link for link in self._prose.links if link.content_span and link.content_span[0] <= offset < link.content_span[1])
        return max(around, key=lambda link: link.start, default=None)


def _destinations(prose: Prose) -> Iterable[tuple[Link, tuple[int, int]]]:
    return ((link, link.destination_span) for link in prose.all_links if link.destination_span)
