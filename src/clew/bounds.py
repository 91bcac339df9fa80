"""Bounds of a question in time and rows. What is left out is counted, and never silent.

A question has time to find and, behind it, time to list: what was found when the first is over is still shown. Loops ask here whether
to go on, in parts that take some milliseconds; the native linker keeps the same time by itself, inside its own loops.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

from clew.requests import Gap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Protocol

    class Bounded(Protocol):
        """Something that keeps the time by itself."""

        @property
        def is_late(self) -> bool: ...  # noqa: D102 - whether it was cut

        def set_deadline(self, seconds: float | None) -> None: ...  # noqa: D102 - from any thread


T = TypeVar("T")
R = TypeVar("R")

DEADLINE = "deadline"
SECONDS = 10.0
"""Default seconds of a question."""
LISTING, LONGEST_LISTING = 1 / 4, 2.0
"""The share of the time that is kept for listing and recording what was found, and its seconds at most."""
RECORDING = 1 / 2
"""The share of what is left when listing begins that is kept for recording: both cost about the same, row by row."""
SHORT, LONG = 0.02, 0.05
"""Seconds that a part takes: the next one is larger when it took less, smaller when it took more."""

LISTED_AT_ONCE = 128
"""Rows of the first part that is listed; these are listed however late it is."""


class OutOfTime(Exception):
    """The time was over before it was clear what a target means."""


class Cancelled(Exception):
    """Nobody waits for the answer any more: it ends without a step."""


class Progress:
    """The phase of a call and its progress; a face may read it from another thread."""

    def __init__(self) -> None:
        self.doing = ""
        self.done = 0
        self.total = 0
        self.unit = ""

    def report(self, doing: str, done: int = 0, total: int = 0, unit: str = "") -> None:
        """Say what is being done from now on; no total where it is not known."""
        self.doing, self.done, self.total, self.unit = doing, done, total, unit


class Bounds:
    """The time of one question from now on, and how many rows are of use; None is no bound.

    `clock` gives seconds that only grow.
    """

    def __init__(
        self,
        seconds: float | None = None,
        *,
        rows: int | None = None,
        progress: Progress | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        allowed = float("inf") if seconds is None else seconds
        now = clock()
        self._clock = clock
        self._until = now + allowed
        self._find_until = self._until - min(allowed * LISTING, LONGEST_LISTING)
        self._list_until: float | None = None
        self._rows = rows
        self._progress = progress or Progress()
        self._linkers: list[Bounded] = []
        self._cuts: dict[str, tuple[int, int]] = {}
        self._is_cancelled = False
        self.left_out = 0
        """The number of rows that were found and not listed."""

    def watch(self, linker: Bounded) -> None:
        """Take note when this linker is cut."""
        self._linkers.append(linker)
        if self._is_cancelled:
            linker.set_deadline(0.0)

    def cancel(self) -> None:
        """End the question, from any thread: its loops raise Cancelled, and native code stops as at a deadline."""
        self._is_cancelled = True
        for linker in self._linkers:
            linker.set_deadline(0.0)

    def require_wanted(self) -> None:
        """Raise Cancelled when the question was cancelled."""
        if self._is_cancelled:
            raise Cancelled

    def left(self) -> float | None:
        """Seconds that are left to find something, at least 0; None where there is no bound."""
        left = self._find_until - self._clock()
        return None if left == float("inf") else max(0.0, left)

    @property
    def was_cut(self) -> bool:
        """True when the time was over before everything was looked at."""
        return bool(self._cuts) or self._is_late()

    def gaps(self) -> tuple[Gap, ...]:
        """Gaps for what the time did not reach: one for each sort of thing, with the number of those done."""
        if self._cuts:
            return tuple(Gap(DEADLINE, total, done=done, unit=unit) for unit, (done, total) in self._cuts.items())
        return (Gap(DEADLINE),) if self._is_late() else ()

    def parts(self, items: Sequence[T], unit: str, *, first: int = 1) -> Iterator[Sequence[T]]:
        """The items in parts, of which the first has `first`, while there is time to find something."""
        return self._parts(items, unit, first, len(items), lists=False)

    def each(self, items: Sequence[T], unit: str, *, lists: bool = False) -> Iterator[T]:
        """The items one by one, while there is time to find something, or with `lists` to list it."""
        total = len(items)
        for done, item in enumerate(items):
            if not self.goes_on(unit, done, total, lists=lists):
                return
            yield item
        if total and self._is_late():
            self._cut(unit, total - 1, total)

    def gathered(self, items: Sequence[T], ask: Callable[[Sequence[T]], Iterable[R]], unit: str, *, first: int = 1) -> list[R]:
        """The answers of `ask` for parts of the items; none of the part in which the linker was cut, as half a judgement is wrong."""
        found: list[R] = []
        for part in self.parts(items, unit, first=first):
            answer = ask(part)
            if not self._is_late():
                found.extend(answer)
        return found

    def listed(self, found: Sequence[T], *, row_each: bool = False) -> Iterator[Sequence[T]]:
        """The items that were found, in parts, while there is time to list them; the first part in any case.

        With `row_each` each of them is one row: no more are listed than are of use, and the rest is counted in `left_out`.
        """
        most = len(found) if self._rows is None or not row_each else min(len(found), self._rows)
        listed = 0
        for part in self._parts(found, "rows", LISTED_AT_ONCE, most, lists=True):
            listed += len(part)
            yield part
        if row_each:
            self.left_out += len(found) - listed

    def goes_on(self, unit: str, done: int, total: int, *, lists: bool = False) -> bool:
        """True while there is time to find something after so many of so many; else take note of them."""
        self.require_wanted()
        if self._is_late():
            self._cut(unit, done - 1, total)  # inside the last one
            return False
        now = self._clock()
        if now >= (self._listing(now) if lists else self._find_until):
            self._cut(unit, done, total)
            return False
        self._progress.report("answering", done, total, unit)
        return True

    def _cut(self, unit: str, done: int, total: int) -> None:
        self._cuts.setdefault(unit, (max(done, 0), total))

    def _parts(self, items: Sequence[T], unit: str, size: int, most: int, *, lists: bool) -> Iterator[Sequence[T]]:
        done = 0
        started = self._clock()
        until = self._listing(started) if lists else self._find_until
        while done < most:
            self.require_wanted()
            if (started >= until and (done or not lists)) or (not lists and self._is_late()):
                self._cut(unit, done, len(items))
                return
            self._progress.report("listing" if lists else "answering", done, most, unit)
            part = items[done : min(done + size, most)]
            yield part
            if not lists and self._is_late():
                continue  # it was cut inside this part
            done += len(part)
            now = self._clock()
            size = size * 2 if now - started < SHORT else max(1, size // 2) if now - started > LONG else size
            started = now

    def _listing(self, now: float) -> float:
        """The moment when listing ends; the first list of a question sets it."""
        if self._list_until is None:
            self._list_until = now + max(0.0, self._until - now) * (1 - RECORDING)
        return self._list_until

    def _is_late(self) -> bool:
        return any(linker.is_late for linker in self._linkers)
