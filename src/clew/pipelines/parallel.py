"""The items of a step side by side: so many at once, recorded in their order; none is begun behind one that stops the pipeline."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from clew.recording.process import LOOKS, interrupt_all, minding
from clew.sessions.appending import RECORD, Act
from clew.sessions.core import Sessions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clew.sessions.steps import AppendPoint, Step, StepDraft

    Work = Callable[[int, Any, "InTurn"], Any]


class Turns:
    """The turns of items: they are recorded in their order, whichever of them is ready first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._settled: set[int] = set()
        self._next = 0
        self._stopped_at: int | None = None

    def wait(self, number: int) -> None:
        """Wait until every item before this one is settled: what was done is recorded, although one of these stopped the pipeline."""
        with self._changed:
            self._changed.wait_for(lambda: self._next >= number)

    def settle(self, number: int) -> None:
        """An item is done with."""
        with self._changed:
            self._settled.add(number)
            while self._next in self._settled:
                self._settled.remove(self._next)
                self._next += 1
            self._changed.notify_all()

    def stop(self, number: int) -> None:
        """Nothing behind an item is begun any more."""
        with self._changed:
            self._stopped_at = number if self._stopped_at is None else min(self._stopped_at, number)
            self._changed.notify_all()

    def is_over(self, number: int) -> bool:
        """True for an item behind one that stopped the pipeline."""
        return self._stopped_at is not None and number > self._stopped_at


class InTurn(Sessions):
    """Sessions in which a step is appended when its item has its turn."""

    def __init__(self, sessions: Sessions, turns: Turns, number: int) -> None:
        super().__init__(sessions.store, clock=sessions.clock, codec=sessions.codec, quotas=sessions.quotas, tool=sessions.tool)
        self._turns = turns
        self._number = number

    def append(self, position: AppendPoint, draft: StepDraft, act: Act = RECORD) -> Step:
        """Record a step, in turn."""
        self._turns.wait(self._number)
        return super().append(position, draft, act)


def side_by_side(sessions: Sessions, items: Sequence[Any], at_once: int, work: Work, cancel: Callable[[], None]) -> list[Any]:
    """The results of `work` for each item, in their order; of the items that raise, the first one's error is raised.

    `cancel` ends what is being done, where this process is told to end.
    """
    turns, results, errors = Turns(), [None] * len(items), dict[int, BaseException]()
    signs: list[int] = []
    """The signal by which this process was told to end."""
    numbers, taking = iter(range(len(items))), threading.Lock()

    def one(number: int) -> None:
        try:
            results[number] = work(number, items[number], InTurn(sessions, turns, number))
        except BaseException as error:  # noqa: BLE001 - it is raised by who waits
            errors[number] = error
            turns.stop(number)
        finally:
            turns.settle(number)

    def worker() -> None:
        while True:
            with taking:  # who takes a number begins it, or nobody takes another: an item in turn waits for all before it
                number = next(numbers, None)
                if number is None or turns.is_over(number):
                    return
            one(number)

    def interrupt(sign: int) -> None:
        """Begin nothing more, and let the commands that run have their last words."""
        if signs:
            raise KeyboardInterrupt
        signs.append(sign)
        turns.stop(-1)
        interrupt_all(sign)

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(min(at_once, len(items)))]
    try:
        with minding(interrupt):
            _join(threads)
    except BaseException:
        turns.stop(-1)
        cancel()
        _join(threads)
        raise
    _raise_first(errors, signs)
    return results


def _raise_first(errors: dict[int, BaseException], signs: list[int]) -> None:
    """Raise the error of the first item that has one, else KeyboardInterrupt where this process was told to end."""
    if errors:
        raise errors[min(errors)]
    if signs:
        raise KeyboardInterrupt


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        if thread.ident is None:
            thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(LOOKS)  # a signal that another thread took is heard between two looks alone
