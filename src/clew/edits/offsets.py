"""Offset maps: where the bytes of a file are after it was changed."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from clew._native import digest
from clew.edits.journal import Entry, Journal, Span
from clew.edits.plans import TextEdit, applied
from clew.errors import ClewError

MOST_COMPARED = 1_000_000
"""Pairs of lines that a diff looks at in the part that differs; a larger part is one change."""


class OffsetMap:
    """From the offsets of a file to those of the file after edits: disjoint, sorted spans of (start, end, length of the new text).

    A byte keeps its place among those that stay; what is inserted at a place comes before the byte that stood there.
    """

    __slots__ = ("_ends", "_shifts", "spans")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self.spans = tuple(spans)
        self._ends = [end for _, end, _ in self.spans]
        self._shifts = [0, *accumulate(length - (end - start) for start, end, length in self.spans)]

    @classmethod
    def of(cls, edits: Iterable[TextEdit]) -> OffsetMap:
        """The map of edits."""
        return OffsetMap((edit.start, edit.end, len(edit.text)) for edit in edits)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OffsetMap) and self.spans == other.spans

    def __hash__(self) -> int:
        return hash(self.spans)

    def __repr__(self) -> str:
        return f"OffsetMap({self.spans!r})"

    def forward(self, offset: int) -> int | None:
        """The offset of a byte now; None where it was replaced. The end of the file is where it ends now."""
        place = bisect_right(self._ends, offset)
        if place < len(self.spans) and self.spans[place][0] <= offset:
            return None
        return offset + self._shifts[place]

    def start(self, offset: int) -> int | None:
        """The offset at which begins now, be it with other text, what began at one; None where that is gone, or inside of a replacement."""
        place = bisect_right(self._ends, offset)
        if place < len(self.spans):
            start, _, length = self.spans[place]
            if start < offset or (start == offset and not length):
                return None
        return offset + self._shifts[place]

    def forward_range(self, start: int, end: int) -> tuple[int, int] | None:
        """The range now: with what was changed inside of it, or in its place.

        What was inserted at one of its borders is outside. None where an edit reaches over a border, or nothing of it is left.
        """
        first = bisect_right(self._ends, start)
        last = max(first, bisect_right(self._ends, end))
        while last > first and self.spans[last - 1][0] >= end:
            last -= 1  # inserted at the end
        if any(begin < border for border in (start, end) for begin, over, _ in self.spans[first : last + 1] if over > border):
            return None
        found = start + self._shifts[first], end + self._shifts[last]
        return None if start < end and found[0] == found[1] else found

    def transport(self, edits: Iterable[TextEdit]) -> tuple[list[TextEdit], list[TextEdit]]:
        """Edits of the same bytes, as edits of the bytes after; then those that overlap a span, as they were.

        An insertion overlaps only what was replaced around it; two insertions at one place do not overlap.
        """
        moved: list[TextEdit] = []
        overlapping: list[TextEdit] = []
        for edit in edits:
            place = bisect_right(self._ends, edit.start)
            if self._overlaps(edit, place):
                overlapping.append(edit)
            else:
                shift = self._shifts[place]
                moved.append(TextEdit(edit.start + shift, edit.end + shift, edit.text))
        return moved, overlapping

    def _overlaps(self, edit: TextEdit, place: int) -> bool:
        """True where a span that ends after the start of an edit begins before its end."""
        if place == len(self.spans):
            return False
        start, end, _ = self.spans[place]
        if edit.start == edit.end:
            return start < edit.start < end
        return start < edit.end

    def inverse(self) -> OffsetMap:
        """The map back."""
        return OffsetMap(
            (start + shift, start + shift + length, end - start)
            for (start, end, length), shift in zip(self.spans, self._shifts, strict=False)
        )

    def then(self, other: OffsetMap) -> OffsetMap:
        """The map of both changes, one after the other."""
        return OffsetMap(_composed(self.spans, other.spans))


class Carried(OffsetMap):
    """The map of a file from then to the path and the digest that it has now."""

    __slots__ = ("digest", "path")

    def __init__(self, spans: Iterable[Span], path: str, named: str) -> None:
        super().__init__(spans)
        self.path = path
        self.digest = named


def _composed(first: tuple[Span, ...], second: tuple[Span, ...]) -> list[Span]:
    """Spans that overlap in the file between the two changes are one: what is inside of them is replaced."""
    shift = 0
    pieces: list[tuple[int, int, int, int]] = []  # in the middle file from and to, grown before, grown after
    for start, end, length in first:
        pieces.append((start + shift, start + shift + length, end - start - length, 0))
        shift += length - (end - start)
    pieces += [(start, end, 0, length - (end - start)) for start, end, length in second]
    pieces.sort(key=lambda piece: (piece[0], piece[1]))
    merged: list[list[int]] = []
    for start, end, before, after in pieces:
        # Two that only touch stay two, unless the order of what was deleted and what was inserted there is open.
        if merged and (start < merged[-1][1] or (start == end == merged[-1][0])):
            merged[-1][1] = max(merged[-1][1], end)
            merged[-1][2] += before
            merged[-1][3] += after
        else:
            merged.append([start, end, before, after])
    spans: list[Span] = []
    shift = 0  # from the middle file to the one before
    for start, end, before, after in merged:
        span = (start + shift, end + shift + before, end - start + after)
        shift += before
        if span[0] != span[1] or span[2]:
            spans.append(span)
    return spans


def between(before: bytes, after: bytes) -> OffsetMap:
    """The map of a change that nobody recorded: by lines (Ratcliff and Obershelp), then by the bytes that the ends of each hunk share."""
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    # Whole lines around the part that differs, so that hunks begin and end where lines do.
    start = before.rfind(b"\n", 0, start) + 1
    newline = before.find(b"\n", len(before) - end)
    end = len(before) - newline - 1 if end and newline >= 0 else 0
    old = before[start : len(before) - end].splitlines(keepends=True)
    new = after[start : len(after) - end].splitlines(keepends=True)
    from difflib import SequenceMatcher  # 2 ms: only who compares lines pays

    if len(old) * len(new) > MOST_COMPARED:
        return OffsetMap(_trimmed(before, after, [(start, len(before) - end, start, len(after) - end)]))
    old_ends = [start, *(start + reached for reached in accumulate(len(line) for line in old))]
    new_ends = [start, *(start + reached for reached in accumulate(len(line) for line in new))]
    return OffsetMap(
        _trimmed(
            before,
            after,
            [
                (old_ends[one], old_ends[two], new_ends[three], new_ends[four])
                for tag, one, two, three, four in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
                if tag != "equal"
            ],
        )
    )


def _trimmed(before: bytes, after: bytes, hunks: list[tuple[int, int, int, int]]) -> list[Span]:
    spans = []
    for start, end, new_start, new_end in hunks:
        old, new = before[start:end], after[new_start:new_end]
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        if head + tail < max(len(old), len(new)):
            spans.append((start + head, end - tail, len(new) - head - tail))
    return spans


def _common(one: bytes, other: bytes) -> int:
    """Length of the common prefix of two byte strings, by halving."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def chain(journal: Journal, path: str, then: str, now: bytes | None = None) -> Carried | None:
    """The map of a file from the digest it had then through every entry since, with the path and the digest where that ends.

    None where the file was deleted, or where others changed it, too. With the bytes of `now` the map ends at them, and a diff stands
    for what others changed, where the bytes on both sides are known.
    """
    whole, at = OffsetMap(), (path, then)
    for step in _followed(journal, path, then, now):
        if step is None:
            return None
        whole, at = whole.then(step), (step.path, step.digest)
    return Carried(whole.spans, *at)


def _followed(journal: Journal, path: str, then: str, now: bytes | None) -> Iterator[Carried | None]:
    """Every change of a file since the last time that it had a digest; None where it can be followed no further.

    What led away from a digest and back is left out.
    """
    entries = journal.entries()
    place = _last_place(entries, path, then)
    if place is None and now is None and any(path in (file.path, file.place) for entry in entries for file in entry.written()):
        yield None
    while place is not None and place < len(entries):
        file = next((file for file in entries[place].written() if file.path == path), None)
        place += 1
        if file is None:
            continue
        if file.before is not None and file.before != then:
            yield None if now is None else _bridge(journal, path, then, image(journal, file.before))
        if file.after is None and file.before is not None:  # unless it was brought back
            again = _last_place(entries[place:], path, file.before)
            then, place = file.before, None if again is None else place + again
        if file.before is None or place is None:
            yield None
            return
        if file.after is not None:
            path, then = file.to or file.path, file.after
            yield Carried(file.edits, path, then)
            place = _last_place(entries, path, then)
    if now is not None and digest(now) != then:
        yield _bridge(journal, path, then, now)


def image(journal: Journal, named: str) -> bytes | None:
    """The bytes of a digest that a file had before or after some entry; None where they are no longer known."""
    try:
        for entry in reversed(journal.entries()):
            for file in entry.written():
                if file.before == named:
                    return journal.object(named, of=entry)
                if file.after == named:
                    before = b"" if file.before is None else journal.object(file.before, of=entry)
                    changes = journal.plan(entry.wrote or entry.plan).changes
                    edits = next(change.edits for change in changes if (change.before, change.after) == (file.before, named))
                    return applied(before, edits)
        return journal.object(named)
    except (ClewError, StopIteration, ValueError):
        return None


def _bridge(journal: Journal, path: str, then: str, now: bytes | None) -> Carried | None:
    """The change of others, by a diff."""
    before = None if now is None else image(journal, then)
    return None if before is None or now is None else Carried(between(before, now).spans, path, digest(now))


def _last_place(entries: list[Entry], path: str, named: str) -> int | None:
    """Index of the entry after the last at which a file had a digest."""
    for place in range(len(entries) - 1, -1, -1):
        if any((file.place, file.after) == (path, named) for file in entries[place].written()):
            return place + 1
        if any((file.path, file.before) == (path, named) for file in entries[place].written()):
            return place
    return None
