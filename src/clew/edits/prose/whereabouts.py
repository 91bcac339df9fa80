"""Places of documents, and the anchors of their sections, after a plan."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from clew.edits.offsets import OffsetMap
from clew.index.prose import read_prose
from clew.markdown.documents import sections_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from clew.edits.plans import FileChange
    from clew.index.prose import Heading, Prose
    from clew.markdown.dialects import Dialects
    from clew.markdown.documents import Document, Section
    from clew.markdown.slugs import Dialect
    from clew.requests import Target


class Carry(NamedTuple):
    """Text that a plan takes to another place."""

    path: str
    """The file before."""
    start: int
    """Its first byte there."""
    end: int
    """The byte behind its last one."""
    to: str
    """The path, after the plan, of the file that it comes into."""
    at: int
    """The offset of its first byte there, after the plan."""
    inside: OffsetMap
    """The edits inside of it; offsets count from its start."""


class Offset(NamedTuple):
    """A place after a plan."""

    path: str
    """The path of the file after the plan."""
    at: int
    """The offset in it."""


class Landing(NamedTuple):
    """A place that links can lead to, after a plan."""

    path: str
    """The path of the file."""
    anchor: str
    """The anchor, without `#`."""


class Whereabouts:
    """From the places of files before a plan to those after it."""

    def __init__(self, changes: Iterable[FileChange], carries: Sequence[Carry] = ()) -> None:
        self._places = {change.path: change.place for change in changes if change.before is not None}
        self._maps = {change.path: OffsetMap.of(change.edits) for change in changes if change.edits}
        self._carries = carries

    def file(self, path: str) -> str | None:
        """The path of a file after the plan; None for one that is gone."""
        return self._places.get(path, path)

    def start(self, path: str, offset: int) -> Offset | None:
        """The place after the plan of what begins at an offset, be it with other text; None where that is gone."""
        for carry in self._carries:
            if carry.path == path and carry.start <= offset < carry.end:
                inside = carry.inside.start(offset - carry.start)
                return None if inside is None else Offset(carry.to, carry.at + inside)
        place, offsets = self.file(path), self._maps.get(path)
        moved = offset if offsets is None else offsets.start(offset)
        return None if place is None or moved is None else Offset(place, moved)

    def is_new(self, path: str, offset: int) -> bool:
        """True for a byte of a file after the plan that stands in text which the plan puts in."""
        before = next((known for known, place in self._places.items() if place == path), path)
        offsets = self._maps.get(before)
        shift = 0
        for start, end, length in offsets.spans if offsets is not None else ():
            if start + shift <= offset < start + shift + length:
                return True
            shift += length - (end - start)
        return False


class Outlined:
    """A document after a plan."""

    def __init__(self, prose: Prose, dialect: Dialect) -> None:
        self.prose = prose
        self.dialect = dialect

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Its sections."""
        return sections_of(self.prose, self.dialect)

    @cached_property
    def by_start(self) -> dict[int, Section]:
        """Its sections by the start of their headings."""
        return {section.start: section for section in self.sections}

    @cached_property
    def firsts(self) -> dict[str, int]:
        """The start of the section that each anchor leads to: of several the first."""
        return {section.anchor: section.start for section in reversed(self.sections)}


def sections_after(before: Document, after: Mapping[str, Outlined], where: Whereabouts) -> dict[int, tuple[str, Section]]:
    """The sections of a document after a plan, with their paths, by their number before; those that are gone are left out.

    A section goes on where its heading begins. One whose heading was replaced goes on as the first one of its text that the plan put into
    the same file and that goes on no other.
    """
    kept: dict[int, tuple[str, Section]] = {}
    lost: list[int] = []
    for number, section in enumerate(before.sections):
        place = where.start(before.path, section.start)
        there = None if place is None or place.path not in after else after[place.path].by_start.get(place.at)
        if place is None or there is None:
            lost.append(number)
        else:
            kept[number] = (place.path, there)
    path = where.file(before.path)
    if path is None or path not in after or not lost:
        return kept
    taken = {section.start for place, section in kept.values() if place == path}
    free: defaultdict[str, list[Section]] = defaultdict(list)
    for section in after[path].sections:
        if section.start not in taken and where.is_new(path, section.start):
            free[section.trail[-1]].append(section)
    for number in lost:
        candidates = free.get(before.sections[number].trail[-1])
        if candidates:
            kept[number] = (path, candidates.pop(0))
    return kept


class BrokenHeading(NamedTuple):
    """A heading that would be another, although nobody changes it."""

    path: str
    """The document: before, or after where it was none."""
    heading: Heading
    """The heading."""
    why: str
    """Its fate."""


def broken_headings(
    before: Document, change: FileChange, after: Mapping[str, Outlined], where: Whereabouts, carries: Sequence[Carry] = ()
) -> Iterator[BrokenHeading]:
    """The headings outside of the edits of a document that are gone, or have another text or level; and new ones outside of new text."""
    if change.place is None:
        return
    there = {heading.start: heading for heading in after[change.place].prose.headings}
    known: set[int] = set()
    for heading in before.prose.headings:
        is_carried = any(carry.path == before.path and carry.start <= heading.start < carry.end for carry in carries)
        place = where.start(before.path, heading.start)
        now = None
        if place is not None and place.path in after:
            headings = there if place.path == change.place else {one.start: one for one in after[place.path].prose.headings}
            now = headings.get(place.at)
        if now is not None and place is not None and place.path == change.place:
            known.add(now.start)
        edits = [edit for edit in change.edits if edit.start < heading.end and edit.end > heading.start]
        if edits and not is_carried and (now is not None or any(edit.start <= heading.start for edit in edits)):
            continue
        if now is None:
            yield BrokenHeading(before.path, heading, "would be no heading any more")
        elif now.text != heading.text or (now.level != heading.level and not is_carried):
            yield BrokenHeading(before.path, heading, f"would be {now.text!r} of level {now.level}")
    for start, heading in there.items():
        if start not in known and not where.is_new(change.place, start):
            yield BrokenHeading(change.place, heading, "would be a heading, and is none")


def landings(before: Document, after: Mapping[str, Outlined], where: Whereabouts) -> dict[str, Landing | None]:
    """The places after a plan of those anchors of a document that are others then; None for one that is gone."""
    place = where.file(before.path)
    if place is not None and place in after and _is_same_outline(before, after[place], place, where):
        return {}
    found: dict[str, Landing | None] = {}
    kept = sections_after(before, after, where)
    for number, section in enumerate(before.sections):
        if section.anchor and section.anchor not in found:
            there = kept.get(number)
            is_reached = there is not None and there[1].start == after[there[0]].firsts.get(there[1].anchor)
            found[section.anchor] = Landing(there[0], there[1].anchor) if there is not None and is_reached else None
    for anchor in before.prose.anchors:
        if anchor.name not in found:
            found[anchor.name] = _named(anchor.name, before.path, anchor.start, after, where)
    return {anchor: to for anchor, to in found.items() if to is None or to != (place, anchor)}


def _is_same_outline(before: Document, after: Outlined, place: str, where: Whereabouts) -> bool:
    """True where each heading and each name in HTML is what it was, in its place, so that all anchors are those of before."""
    pairs = ((before.prose.headings, after.prose.headings), (before.prose.anchors, after.prose.anchors))
    if before.dialect != after.dialect or any(len(was) != len(now) for was, now in pairs):
        return False
    texts = all((one.text, one.id) == (other.text, other.id) for one, other in zip(*pairs[0], strict=True))
    names = all(one.name == other.name for one, other in zip(*pairs[1], strict=True))
    placed = all(
        where.start(before.path, one.start) == (place, other.start) for was, now in pairs for one, other in zip(was, now, strict=True)
    )
    return texts and names and placed


def _named(name: str, path: str, start: int, after: Mapping[str, Outlined], where: Whereabouts) -> Landing | None:
    """The place of a name in HTML: the file in which it stands then, else the same file where it has the name still."""
    place = where.start(path, start)
    for file in (None if place is None else place.path, where.file(path)):
        if file is not None and file in after and any(one.name == name for one in after[file].prose.anchors):
            return Landing(file, name)
    return None


def section_then(dialects: Dialects, target: Target, source: bytes) -> Section | None:
    """The section that an address, by anchor or by line, meant in the bytes that a document had then."""
    path = target.file or ""
    sections = sections_of(read_prose(path, source), dialects.of(path))
    rest = target.text.removeprefix(path)
    if rest.startswith("#"):
        return next((one for one in sections if one.anchor == rest[1:]), None)
    if rest.startswith(":") and rest[1:].isdigit():
        return next((one for one in sections if one.heading.line == int(rest[1:])), None)
    return None
