"""The ends of steps, as a run tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from clew.pipelines.answers import Answer

State = Literal["ran", "kept", "reused", "skipped", "failed", "waits", "unknown"]
"""`kept`: this run has it. `reused`: another step gave the same answer about the same tree. `waits`: a rehearsal does not get there.
`unknown`: its command was begun, and how it ended is not recorded."""


class Outcome(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The end of a step in a run."""

    position: str
    op: str
    state: State
    step: str | None = None
    total: int | None = None
    attempts: int = 1
    error: dict[str, Any] | None = None
    question: str = ""
    cut: tuple[str, ...] = ()
    """The bounds that cut its answer: `deadline`, `quota`."""
    because: dict[str, Any] | None = None
    """The first input that differs, where the step is not given an answer that is there."""


class Stopped(Exception):
    """A step failed, and the pipeline stops there."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.step.address)
        self.answer = answer


def outcome_of(position: str, answer: Answer, state: State, attempts: int) -> Outcome:
    """The outcome of a step that has an answer."""
    step = answer.step
    return Outcome(
        position=position,
        op=step.operation,
        state=state,
        step=step.address,
        total=step.total,
        attempts=attempts,
        question=step.question,
        cut=answer.cut,
    )
