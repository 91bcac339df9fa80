"""A file as a weave: every piece of bytes that stood in it, with the hunk that put it in and those that took it out.

Interleaved deltas, as SCCS keeps them (Rochkind, The Source Code Control System, 1975). A hunk is on or off; what is shown was put in by
one that is on, or stood there before all, and was taken out by none that is on. Pieces never change their order, and none is ever lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from itertools import accumulate

from clew._native import digest
from clew.edits.offsets import between
from clew.edits.plans import WHOLE, Hunk, TextEdit

NOBODY = ""
"""Stands for the entry of a change that no entry made."""


class Piece:
    """Bytes that came, and go and come again, as one."""

    __slots__ = ("by", "data", "is_shown", "outs")

    def __init__(self, data: bytes, by: Hunk | None, outs: Iterable[Hunk] = (), *, is_shown: bool = True) -> None:
        self.data = data
        self.by = by
        self.outs = [*outs]
        self.is_shown = is_shown

    def split(self, length: int) -> tuple[Piece, Piece]:
        """The first bytes, and the others."""
        return (
            Piece(self.data[:length], self.by, self.outs, is_shown=self.is_shown),
            Piece(self.data[length:], self.by, self.outs, is_shown=self.is_shown),
        )

    def is_shown_without(self, off: Collection[Hunk]) -> bool:
        """True where it is shown when these hunks are off."""
        return self.by not in off and not any(out not in off for out in self.outs)


class _Copy:
    """The pieces of a weave on the way into a new one."""

    def __init__(self, pieces: list[Piece]) -> None:
        self.done: list[Piece] = []
        self.rest = pieces[::-1]
        self.at = 0
        """How many bytes are shown before this place."""

    def reach(self, offset: int, taker: Hunk | None) -> None:
        """Go on until so much is shown, or, with a hunk, was shown before that took it out. Raises ValueError behind the end."""
        at, rest, done = self.at, self.rest, self.done
        while at < offset:
            if not rest:
                raise ValueError(f"there is nothing at {offset}")
            piece = rest.pop()
            if piece.is_shown:
                at += len(piece.data)
                if at > offset:
                    piece, tail = piece.split(len(piece.data) - (at - offset))
                    rest.append(tail)
                    at = offset
                if taker is not None:
                    piece.outs.append(taker)
                    piece.is_shown = False
            done.append(piece)
        self.at = at

    def pass_replaced(self) -> None:
        """Go past what once stood in place of the last piece: it comes back there, ahead of all that is put in behind it."""
        last = self.done[-1] if self.done else None
        while last is not None and self.rest and not self.rest[-1].is_shown and self.rest[-1].by in last.outs:
            self.done.append(self.rest.pop())


class Weave:
    """One file over time. It begins with nothing known: the first bytes that are `found` stood there before all."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew: what stood there is not known."""
        self.pieces: list[Piece] = []
        self.off: set[Hunk] = set()
        self.digest: str | None = None
        self.is_known = False
        self._left: dict[str, dict[Hunk, bool]] = {}
        self._log: list[Hunk] = []
        self._states: dict[str, int] = {}

    def begin(self, data: bytes | None) -> None:
        """Begin anew with bytes, or with a file that is made."""
        self.forget()
        self.is_known = True
        if data is not None:
            self.pieces = [Piece(data, None)] if data else []
            self._arrive(digest(data))

    def shown(self) -> bytes:
        """The bytes of the file now."""
        return b"".join(piece.data for piece in self.pieces if piece.is_shown)

    def standing(self, entry: str) -> list[Hunk] | None:
        """The hunks that an entry put in or switched and that are still as it left them; None where nothing is known of it."""
        left = self._left.get(entry)
        return None if left is None else [hunk for hunk, is_on in left.items() if (hunk not in self.off) is is_on]

    # What happened to the file.

    def found(self, named: str, read: Callable[[], bytes]) -> None:
        """Somebody else left these bytes: those that it had at some time, or a change of its own, by a diff."""
        if self.is_known and named == self.digest:
            return
        if not self.is_known:
            self.begin(read())
            return
        place = self._states.get(named)
        if place is not None:
            self._toggle([hunk for hunk, times in Counter(self._log[place:]).items() if times % 2 and hunk.number != WHOLE])
        else:
            data = read()
            edits, shift = [], 0
            for start, end, length in between(self.shown(), data).spans:
                edits.append(TextEdit(start, end, data[start + shift : start + shift + length]))
                shift += length - (end - start)
            self._put([Hunk(NOBODY, NOBODY, len(self._log) + number) for number in range(len(edits))], edits)
        self._arrive(named)

    def write(self, hunks: list[Hunk], edits: list[TextEdit], after: str | None, *, also: Iterable[Hunk] = ()) -> None:
        """An entry put hunks in, each an edit; `also` are some without text. Raises ValueError where edits do not fit."""
        self._put(hunks, edits)
        for hunk in (*hunks, *also):
            self._left.setdefault(hunk.entry, {})[hunk] = True
        self._log += also
        if after is not None:
            self._arrive(after)

    def switch(self, entry: str, hunks: tuple[Hunk, ...], after: str | None) -> bool:
        """An entry switched hunks; False, and nothing is done, where that is not how the file came to be what it was after."""
        if not all(hunk in self._left.get(hunk.entry, ()) for hunk in hunks):
            return False
        self._toggle(hunks)
        if after is not None and digest(self.shown()) != after:
            self._toggle(hunks)
            return False
        self._left[entry] = {hunk: hunk not in self.off for hunk in hunks}
        if after is not None:
            self._arrive(after)
        return True

    def _arrive(self, named: str) -> None:
        self.digest = named
        self._states[named] = len(self._log)

    def _toggle(self, hunks: Iterable[Hunk]) -> None:
        switched = set(hunks)
        self._log += switched
        self.off ^= switched
        for piece in self.pieces:
            if piece.by in switched or not switched.isdisjoint(piece.outs):
                piece.is_shown = piece.is_shown_without(self.off)

    def _put(self, hunks: list[Hunk], edits: list[TextEdit]) -> None:
        """Text that is put in stands behind what it replaces, else right behind what is shown before it."""
        copy = _Copy(self.pieces)
        for hunk, edit in zip(hunks, edits, strict=True):
            copy.reach(edit.start, None)
            copy.reach(edit.end, hunk)
            copy.pass_replaced()
            if edit.text:
                copy.done.append(Piece(edit.text, hunk))
        self.pieces = copy.done + copy.rest[::-1]
        self._log += hunks

    # What a switch would do.

    def blocked(self, hunks: Collection[Hunk]) -> set[Hunk]:
        """Those of some hunks that cannot be switched, because another one that is on overlaps: nothing else may change with it.

        All that leaves has to be there, with nothing put in between; what comes was taken out by no other, and stands nowhere inside of
        what another took out.
        """
        leaving, coming = self._moving(hunks)
        shown_before = [0, *accumulate(piece.is_shown for piece in self.pieces)]
        taken, around = self._taken()

        def is_blocked(hunk: Hunk) -> bool:
            out, back = leaving.get(hunk, []), coming.get(hunk, [])
            if any(not self.pieces[place].is_shown for place in out):
                return True
            if out and shown_before[out[-1] + 1] - shown_before[out[0]] != len(out):
                return True
            off = self.off ^ {hunk}
            first, last = taken.get(hunk, (0, 0))
            return any(not self.pieces[place].is_shown_without(off) or around[place] > (first < place < last) for place in back)

        return {hunk for hunk in hunks if is_blocked(hunk)}

    def _moving(self, hunks: Collection[Hunk]) -> tuple[dict[Hunk, list[int]], dict[Hunk, list[int]]]:
        """The places of the pieces that would leave, and of those that would come, if each of some hunks was switched."""
        leaving: dict[Hunk, list[int]] = {}
        coming: dict[Hunk, list[int]] = {}
        for place, piece in enumerate(self.pieces):
            if piece.by is not None and piece.by in hunks:
                (coming if piece.by in self.off else leaving).setdefault(piece.by, []).append(place)
            for hunk in piece.outs:
                if hunk in hunks:
                    (leaving if hunk in self.off else coming).setdefault(hunk, []).append(place)
        return leaving, coming

    def _taken(self) -> tuple[dict[Hunk, tuple[int, int]], list[int]]:
        """The first and the last place that each hunk that is on took out; then for every place, inside of how many of these it is."""
        taken: dict[Hunk, tuple[int, int]] = {}
        for place, piece in enumerate(self.pieces):
            for hunk in piece.outs:
                if hunk not in self.off:
                    taken[hunk] = (taken[hunk][0] if hunk in taken else place, place)
        steps = [0] * (len(self.pieces) + 1)
        for first, last in taken.values():
            if last > first:
                steps[first + 1] += 1
                steps[last] -= 1
        return taken, list(accumulate(steps))

    def difference(self, hunks: Collection[Hunk]) -> tuple[TextEdit, ...]:
        """The edits that switching hunks amounts to, one for each in one place."""
        off = self.off ^ set(hunks)
        edits: list[TextEdit] = []
        at, cause = 0, None
        for piece in self.pieces:
            if piece.is_shown is piece.is_shown_without(off):
                if piece.is_shown:
                    at, cause = at + len(piece.data), None
                continue
            hunk = next(each for each in (piece.by, *piece.outs) if each in hunks)
            if hunk != cause:
                cause = hunk
                edits.append(TextEdit(at, at, b""))
            last = edits[-1]
            if piece.is_shown:
                at += len(piece.data)
                edits[-1] = TextEdit(last.start, at, last.text)
            else:
                edits[-1] = TextEdit(last.start, last.end, last.text + piece.data)
        return tuple(edits)

    def lines(self, hunk: Hunk) -> tuple[int, int]:
        """The first and the last line, now, of all that a hunk put in or took out, and of what is between."""
        places = [place for place, piece in enumerate(self.pieces) if piece.by == hunk or hunk in piece.outs]
        start, last = (places[0], places[-1] + 1) if places else (0, 0)
        before, inside = (
            b"".join(piece.data for piece in part if piece.is_shown) for part in (self.pieces[:start], self.pieces[start:last])
        )
        first = before.count(b"\n") + 1
        return first, first + inside[:-1].count(b"\n")
