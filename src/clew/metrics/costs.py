"""The cost of a step, as it is measured and as it is stored; what it saved by using the answer of an earlier step.

A step that goes on from rows of an earlier one spares the verb that found them, one that is answered from the cache spares its own.
The receipt of a step is the CPU time that these verbs took when they were run, less what it took now to look for them and to take
them over; that is spent where nothing was found, too, and then the receipt is negative. To bring the index up to date is in neither.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Literal

import msgspec

from clew.sessions.steps import VERB

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clew.sessions.steps import Step

BYTES_PER_TOKEN = 4
"""No model's tokenizer is asked: the estimate is the bytes of a reply divided by this, rounded up."""

WALL, CPU, INDEX, REUSE, SAVED = "ms", "cpuMs", "indexCpuMs", "reuseCpuMs", "savedMs"
PARSED, BYTES_OUT = "filesParsed", "bytesOut"
SOURCES = "sources"
"""Key of the steps whose verbs were spared, in what a step keeps of its reuse: each `#3` of its own session or `sess-…#3`."""

Part = Literal["index", "reuse", "verb", "rest"]


def tokens_estimate(bytes_out: int) -> int:
    """The estimated number of a language model's tokens in so many bytes."""
    return -(-bytes_out // BYTES_PER_TOKEN)


def process_cpu() -> float:
    """The CPU seconds of this process and of the children that it waited for."""
    children = os.times()
    return time.process_time() + children.children_user + children.children_system


class Meter:
    """A watch on one step: the time that passes, and the CPU time by what it went into."""

    def __init__(self, cpu: Callable[[], float] = process_cpu) -> None:
        self._cpu = cpu
        """The CPU seconds that were spent so far, by whatever works on the step."""
        self._began = time.perf_counter()
        self._last = cpu()
        self._spent: dict[Part, float] = {"index": 0.0, "reuse": 0.0, "verb": 0.0, "rest": 0.0}

    def lap(self, part: Part) -> None:
        """Count what was spent since the last lap to this part."""
        now = self._cpu()
        self._spent[part] += now - self._last
        self._last = now

    def start_clock(self) -> None:
        """Begin to count elapsed time; until then it went into the index."""
        self._began = time.perf_counter()

    def costs(self, *, parsed: int, sources: Sequence[Worked], answer: Worked | None) -> dict[str, float]:
        """The cost of the step as it is stored; `answer` is where it was taken from instead of being worked out."""
        self.lap("rest")
        spent = {part: _milliseconds(seconds) for part, seconds in self._spent.items()}
        verb = spent["verb"] if answer is None else answer.cpu_ms
        return {
            WALL: round((time.perf_counter() - self._began) * 1000, 1),
            CPU: _milliseconds(sum(seconds for part, seconds in self._spent.items() if part != "index")),
            INDEX: spent["index"],
            VERB: verb,
            REUSE: spent["reuse"],
            SAVED: round(sum(source.cpu_ms for source in sources) - spent["reuse"], 3),
            PARSED: float(parsed),
        }


class Worked(msgspec.Struct, frozen=True):
    """A step whose answer was worked out before, and the CPU time that its verb took."""

    session_id: str
    seq: int
    cpu_ms: float

    def address_in(self, session_id: str | None) -> str:
        """Its address in the receipt of a step of that session; such a one is true in copies of the session too."""
        return f"#{self.seq}" if self.session_id == session_id else f"{self.session_id}#{self.seq}"


def worked_by(step: Step) -> Worked:
    """The work behind the answer of a stored step; none where its cost is not known."""
    return Worked(step.session_id, step.seq, step.details.cost.get(VERB, 0.0) if step.details else 0.0)


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 3)
