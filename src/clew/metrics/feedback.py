"""Feedback of agents on answers: one is a step, the newest one of an agent about a step holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew.sessions.steps import Step

FEEDBACK = "feedback"


class Said(msgspec.Struct, frozen=True):
    """The request of a feedback, as it is stored."""

    step: int
    """The number of the step in its session."""
    useful: bool
    note: str = ""


class Judgement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """An answer with what was thought of it."""

    operation: str
    step: str
    question: str = ""
    note: str = ""
    agent: str | None = None
    useful: bool = False


def newest_judgements(steps: Iterable[Step]) -> dict[tuple[str, int, str | None], tuple[Step, Said]]:
    """Session, number of the judged step and agent -> the newest feedback; what was redacted says nothing any more."""
    newest: dict[tuple[str, int, str | None], tuple[Step, Said]] = {}
    for step in steps:
        if step.request is None:
            continue
        try:
            said = msgspec.json.decode(step.request, type=Said)
        except msgspec.MsgspecError:
            continue  # of a session that was made elsewhere
        key = (step.session_id, said.step, step.agent)
        if key not in newest or newest[key][0].seq < step.seq:
            newest[key] = step, said
    return newest


def judged(newest: dict[tuple[str, int, str | None], tuple[Step, Said]], answered: Sequence[Step]) -> tuple[Judgement, ...]:
    """The answers that were judged, the newest judgement first."""
    answers = {(step.session_id, step.seq): step for step in answered}
    found = [(judging, said, answers[session, seq]) for (session, seq, _), (judging, said) in newest.items() if (session, seq) in answers]
    found.sort(key=lambda one: (-one[0].created_at, one[0].session_id, -one[0].seq))
    return tuple(
        Judgement(
            operation=answer.operation,
            step=answer.address,
            question=answer.question,
            note=said.note,
            agent=judging.agent,
            useful=said.useful,
        )
        for judging, said, answer in found
    )
