from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from clew.edits.offsets import OffsetMap, between
from clew.edits.plans import TextEdit, applied

SOURCES = st.binary(max_size=60)


@st.composite
def edits_of(draw: st.DrawFn, size: int) -> tuple[TextEdit, ...]:
    """Disjoint and sorted edits of so many bytes, that change something."""
    borders = sorted(draw(st.lists(st.integers(0, size), max_size=8)))
    pairs = list(zip(borders[::2], borders[1::2], strict=False))
    edits = [TextEdit(start, end, draw(st.binary(max_size=5))) for start, end in pairs]
    return tuple(edit for edit in edits if edit.start < edit.end or edit.text)


@st.composite
def changes(draw: st.DrawFn, count: int) -> tuple[int, list[tuple[TextEdit, ...]]]:
    """The size of a file, and edits of it, one set after the other."""
    size = draw(st.integers(0, 40))
    found = []
    at = size
    for _ in range(count):
        found.append(draw(edits_of(at)))
        at += sum(len(edit.text) - (edit.end - edit.start) for edit in found[-1])
    return size, found


def marked(size: int) -> list[int]:
    """A file in which every byte is known: its own number; what is written is -1."""
    return list(range(size))


def written(marks: list[int], edits: tuple[TextEdit, ...]) -> list[int]:
    made, at = [], 0
    for edit in edits:
        made += marks[at : edit.start] + [-1] * len(edit.text)
        at = edit.end
    return made + marks[at:]


@given(changes(1))
def test_a_byte_is_where_the_map_says_or_replaced(change: tuple[int, list[tuple[TextEdit, ...]]]) -> None:
    size, (edits,) = change
    after = written(marked(size), edits)
    where = OffsetMap.of(edits)
    assert [where.forward(mark) for mark in range(size)] == [after.index(mark) if mark in after else None for mark in range(size)]
    assert where.forward(size) == len(after)


@given(changes(1))
def test_the_inverse_of_a_map_leads_back(change: tuple[int, list[tuple[TextEdit, ...]]]) -> None:
    size, (edits,) = change
    where = OffsetMap.of(edits)
    assert where.inverse().inverse() == where
    for offset in range(size):
        moved = where.forward(offset)
        assert moved is None or where.inverse().forward(moved) == offset


@given(changes(3))
def test_composed_maps_lead_where_one_after_the_other_leads(change: tuple[int, list[tuple[TextEdit, ...]]]) -> None:
    size, (one, two, three) = change
    maps = [OffsetMap.of(edits) for edits in (one, two, three)]
    after = written(written(written(marked(size), one), two), three)
    for whole in (maps[0].then(maps[1]).then(maps[2]), maps[0].then(maps[1].then(maps[2]))):
        assert [whole.forward(mark) for mark in range(size)] == [after.index(mark) if mark in after else None for mark in range(size)]
        assert whole.forward(size) == len(after)
        assert all(one[1] <= other[0] for one, other in pairwise(whole.spans))


@given(changes(1), st.data())
def test_edits_that_do_not_overlap_give_the_same_in_either_order(
    change: tuple[int, list[tuple[TextEdit, ...]]], data: st.DataObject
) -> None:
    size, (edits,) = change
    source = bytes(range(65, 65 + size))
    others = data.draw(edits_of(size))
    moved, overlapping = OffsetMap.of(edits).transport(others)
    assert sorted(overlapping) == sorted(
        other for other in others if any(max(one.start, other.start) < min(one.end, other.end) or _splits(one, other) for one in edits)
    )
    kept = [other for other in others if other not in overlapping]
    first = applied(applied(source, edits), moved)
    back, none = OffsetMap.of(kept).transport(edits)
    assert none == []
    second = applied(applied(source, kept), back)
    # At one place two insertions come in the order in which they were made; nothing else depends on it.
    if not {edit.start for edit in edits if edit.start == edit.end} & {edit.start for edit in kept if edit.start == edit.end}:
        assert first == second


def _splits(one: TextEdit, other: TextEdit) -> bool:
    """True where one is an insertion inside of the other."""
    return (one.start == one.end and other.start < one.start < other.end) or (
        other.start == other.end and one.start < other.start < one.end
    )


def test_a_range_keeps_what_is_inside_and_leaves_out_what_is_put_beside_it() -> None:
    def moved(*spans: tuple[int, int, int]) -> tuple[int, int] | None:
        return OffsetMap(spans).forward_range(10, 20)

    assert moved() == (10, 20)
    assert moved((10, 10, 3), (20, 20, 3)) == (13, 23)
    assert moved((12, 14, 5)) == (10, 23)
    assert moved((10, 20, 4)) == (10, 14)
    assert moved((5, 10, 1), (20, 25, 1)) == (6, 16)
    assert moved((10, 13, 6)) == (10, 23)
    assert moved((10, 20, 0)) is None
    assert moved((8, 12, 4)) is None
    assert moved((18, 22, 4)) is None
    assert moved((8, 22, 30)) is None
    assert OffsetMap([(10, 13, 6)]).forward_range(10, 10) == (10, 10)
    assert OffsetMap([(8, 13, 6)]).forward_range(10, 10) is None


def test_what_began_at_an_offset_begins_where_it_was_replaced_and_not_where_it_was_deleted() -> None:
    assert OffsetMap([(10, 13, 6)]).start(10) == 10
    assert OffsetMap([(10, 13, 0)]).start(10) is None
    assert OffsetMap([(8, 13, 9)]).start(10) is None
    assert OffsetMap([(10, 10, 4)]).start(10) == 14
    assert OffsetMap([(5, 10, 1)]).start(10) == 6


LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"cc\n", b"d d\n", b"e", b"\r\n", b"\xc3\xa4\n"]), max_size=25).map(b"".join)


@given(LINES, LINES)
def test_the_map_of_a_change_that_nobody_recorded_gives_the_bytes_after(before: bytes, after: bytes) -> None:
    spans = between(before, after).spans
    edits, shift = [], 0
    for start, end, length in spans:
        edits.append(TextEdit(start, end, after[start + shift : start + shift + length]))
        shift += length - (end - start)
    assert applied(before, edits) == after


def test_the_map_of_a_change_is_no_larger_than_the_change() -> None:
    lines = [b"line %d\n" % number for number in range(1000)]
    after = list(lines)
    after[3] = b"lane 3\n"
    del after[500]
    after.insert(900, b"another\n")
    starts = [sum(map(len, lines[:number])) for number in range(1001)]
    assert between(b"".join(lines), b"".join(after)).spans == (
        (starts[3] + 1, starts[3] + 2, 1),
        (starts[500], starts[501], 0),
        (starts[901], starts[901], 8),
    )


def test_two_files_that_have_nothing_in_common_are_one_change() -> None:
    one, other = b"".join(b"%d\n" % number for number in range(3000)), b"".join(b"x%d\n" % number for number in range(3000))
    assert between(one, other).spans == ((0, len(one) - len(b"2999\n"), len(other) - len(b"2999\n")),)
