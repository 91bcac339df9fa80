"""Acts about what steps cost and whether they helped: stats, feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew.errors import InvalidRequest, UsageError
from clew.requests import Seconds
from clew.running.acts.base import Act, Acting, step_reply
from clew.running.error_log import logged_errors
from clew.running.narrowing import page_of
from clew.running.replies import paged

if TYPE_CHECKING:
    from clew.metrics.reading import Scope
    from clew.running.replies import Reply


class Stats(Act, frozen=True, kw_only=True, tag="stats"):
    """Say what the recorded steps cost, and what reuse saved."""

    session: str | None = None
    """Only this session: a name, id, token or step."""
    since: Seconds | None = None
    """Only the last 7d, 8h, 15m."""
    steps: bool = False
    """A row for each step, the newest first, in place of one for each operation."""
    audit: bool = False
    """Work every figure out again from the steps themselves; what differs is listed, with status 1."""
    replay: int | None = None
    """Run so many sessions again without reuse, newest first, and compare what their receipts say with what that took."""
    limit: int | None = None
    """At most so many rows; 0 is all, 20 otherwise."""
    after: str | None = None
    """The page behind the one whose `next` this is; or skip so many rows."""
    budget: int | None = None
    """At most so many bytes; 0 is no bound, 8000 otherwise."""
    fields: str | None = None
    """Only these fields of each row: `operation,cpuMs`."""


class Feedback(Act, frozen=True, kw_only=True, tag="feedback"):
    """Say that an answer was useful, or not; `clew stats` counts it by operation."""

    step: str
    """The step: `NAME#3`, or its token."""
    useful: bool = False
    """It helped."""
    not_useful: bool = False
    """It did not."""
    note: str = ""
    """Words on it: what was missing, or in the way."""


def stats(acting: Acting, request: Stats) -> Reply:
    """The account of the steps: spent, saved, stale inputs, errors by code, the slowest steps, and a row for each operation."""
    from clew.metrics.reading import Read, Scope, steps_in  # only who asks pays
    from clew.metrics.stats import account

    sessions = acting.sessions
    session_id = None if request.session is None else sessions.find(request.session)[0].session_id
    scope = Scope(session_id=session_id, since=None if request.since is None else sessions.clock() - request.since)
    page = page_of({"limit": request.limit, "after": request.after, "budget": request.budget, "fields": request.fields})
    if request.replay is not None:
        head: Reply = {"operation": "stats"}
        result = _replayed(acting, scope, request)
    else:
        read = Read()
        told = account(steps_in(sessions, scope, read), by_step=request.steps and not request.audit)
        head = {"operation": "stats", "sessions": read.sessions}
        head.update({"errors": errors} if (errors := _errors(acting, scope)) else {})
        head.update({"damaged": read.damaged} if read.damaged else {})
        result = msgspec.json.encode(told)
        if request.audit:
            from clew.metrics.audit import audit

            result = msgspec.json.encode(audit(sessions, scope, told))
    reply = paged(head, result, page, None, measure=acting.measure)
    del reply["complete"]  # it speaks of code
    return reply


def _replayed(acting: Acting, scope: Scope, request: Stats) -> bytes:
    """Raises UsageError for no sessions at all, or an audit at the same time."""
    from clew.running.replaying import replay

    if request.replay is None or request.replay < 1 or request.audit:
        raise UsageError("--replay takes a number of sessions, and no --audit", hint="clew stats --replay 10")
    return msgspec.json.encode(replay(acting.workspace, acting.sessions, scope, request.replay))


def feedback(acting: Acting, request: Feedback) -> Reply:
    """The step of the feedback. Raises UsageError without exactly one judgement, InvalidRequest for a step that answered nothing."""
    from clew.metrics.stats import is_answer  # only who asks pays
    from clew.sessions import acts  # likewise

    if request.useful == request.not_useful:
        hint = f"clew feedback {request.step} --useful"
        raise UsageError("clew feedback takes --useful or --not-useful", hint=hint)
    step = acting.sessions.read_step(request.step)
    if not is_answer(step):
        raise InvalidRequest(f"{step.address} answered nothing that could be useful", hint=f"clew sessions log {step.session_id}")
    return step_reply(acting.sessions, acts.feedback(acting.sessions, step, useful=request.useful, note=request.note, agent=acting.agent))


def _errors(acting: Acting, scope: Scope) -> dict[str, int]:
    """Code -> how often, the most frequent first."""
    counts: dict[str, int] = {}
    for error in logged_errors(acting.workspace):
        if scope.holds(error.at) and scope.session_id in (None, error.session):
            counts[error.code] = counts.get(error.code, 0) + 1
    return dict(sorted(counts.items(), key=lambda one: (-one[1], one[0])))
