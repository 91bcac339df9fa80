"""Plans as unified diffs, as git reads and writes them."""

from __future__ import annotations

from bisect import bisect_right
from difflib import SequenceMatcher
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew.edits.plans import applied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from clew.edits.plans import FileChange, TextEdit

_NOWHERE = "/dev/null"
_CONTEXT = 3
_MOST_COMPARED = 250_000
"""Pairs of lines that are compared in one part that changes; a larger part is shown as taken out and put in."""


class _Part(NamedTuple):
    """Lines that stand in the place of others."""

    first: int
    last: int
    """The first one that stays."""
    new: list[bytes]


def unified(changes: Iterable[FileChange], source: Callable[[FileChange], bytes]) -> str:
    """The changes as a diff that `git apply` takes; `source` gives the bytes of a file before."""
    return b"".join(line for change in changes for line in _of(change, source(change))).decode("utf-8", "replace")


def _of(change: FileChange, before: bytes) -> Iterator[bytes]:
    path, place = change.path, change.place
    yield b"diff --git %s %s\n" % (_quoted("a/" + path), _quoted("b/" + (place or path)))
    if change.before is None:
        yield b"new file mode %o\n" % (0o100000 | (change.mode or 0o644))
    elif place is None:
        yield b"deleted file mode 100644\n"
    elif place != path:
        yield b"rename from %s\nrename to %s\n" % (_quoted(path), _quoted(place))
    lines = _lines(before)
    parts = [_Part(0, len(lines), [])] if place is None and lines else list(_parts(lines, before, change.edits))
    if not parts:
        return
    old = _NOWHERE if change.before is None else "a/" + path
    new = _NOWHERE if place is None else "b/" + place
    yield b"--- %s\n+++ %s\n" % (_heading(old), _heading(new))
    grown = 0
    for hunk in _hunks(parts):
        first, last = max(hunk[0].first - _CONTEXT, 0), min(hunk[-1].last + _CONTEXT, len(lines))
        more = sum(len(part.new) - (part.last - part.first) for part in hunk)
        yield b"@@ -%s +%s @@\n" % (_span(first, last - first), _span(first + grown, last - first + more))
        grown += more
        at = first
        for part in hunk:
            yield from (_signed(b" ", line) for line in lines[at : part.first])
            yield from (_signed(b"-", line) for line in lines[part.first : part.last])
            yield from (_signed(b"+", line) for line in part.new)
            at = part.last
        yield from (_signed(b" ", line) for line in lines[at:last])


def _span(first: int, count: int) -> bytes:
    """The place of lines: the number of the first one, or of the one before where there are none, and how many."""
    start = first + 1 if count else first
    return b"%d" % start if count == 1 else b"%d,%d" % (start, count)


def _signed(sign: bytes, line: bytes) -> bytes:
    return sign + line if line.endswith(b"\n") else sign + line + b"\n\\ No newline at end of file\n"


def _hunks(parts: Iterable[_Part]) -> Iterator[list[_Part]]:
    """Parts that are so near to each other that the lines around them meet."""
    hunk: list[_Part] = []
    for part in parts:
        if hunk and part.first - hunk[-1].last > 2 * _CONTEXT:
            yield hunk
            hunk = []
        hunk.append(part)
    if hunk:
        yield hunk


def _parts(lines: list[bytes], before: bytes, edits: Sequence[TextEdit]) -> Iterator[_Part]:
    """The lines that edits change, as few as can be."""
    starts = [0, *accumulate(len(line) for line in lines)]
    for first, last, own in _touched(starts, edits):
        start = starts[first]
        moved = (msgspec.structs.replace(edit, start=edit.start - start, end=edit.end - start) for edit in own)
        old, new = lines[first:last], _lines(applied(before[start : starts[last]], moved))
        if (len(old) == len(new) == 1 and old != new) or len(old) * len(new) > _MOST_COMPARED:
            yield _Part(first, last, new)
            continue
        for tag, one, two, three, four in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag != "equal":
                yield _Part(first + one, first + two, new[three:four])


def _touched(starts: list[int], edits: Sequence[TextEdit]) -> Iterator[tuple[int, int, list[TextEdit]]]:
    """First line, and the one behind the last, of each run of lines that edits stand in, and these."""
    end = len(starts) - 1
    run: list[TextEdit] = []
    first = last = 0
    for edit in edits:
        here = min(bisect_right(starts, edit.start) - 1, max(end - 1, 0))
        there = min(bisect_right(starts, edit.end), end)
        if run and here > last:
            yield first, last, run
            run = []
        if not run:
            first, last = here, there
        last = max(last, there)
        run.append(edit)
    if run:
        yield first, last, run


def _lines(source: bytes) -> list[bytes]:
    """Lines as git sees them: only a line feed ends one."""
    lines = [line + b"\n" for line in source.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def _heading(path: str) -> bytes:
    """A path behind `---`; one with a blank is ended by a tab."""
    return _quoted(path) + (b"\t" if " " in path else b"")


def _quoted(path: str) -> bytes:
    """A path as git writes it: in quotes, with escapes, where it holds what could be misread."""
    if path.isprintable() and path.isascii() and not any(letter in path for letter in '"\\'):
        return path.encode()
    coded = path.encode("utf-8", "surrogateescape")
    escaped = b"".join(bytes([byte]) if 32 <= byte < 127 and byte not in b'"\\' else b"\\%03o" % byte for byte in coded)  # noqa: PLR2004
    return b'"%s"' % escaped
