"""What the ancestors of a step left behind, and what is said about a session in every reply."""

from __future__ import annotations

import time

from clew.sessions.steps import LastOperation, Session, SessionSummary, Step


def context_keys(session: Session, step: Step | None) -> tuple[str, ...]:
    """The keys a continued step can read: the initial ones first, then those of the ancestors, oldest first."""
    left = sorted(step.context.items(), key=lambda item: item[1]) if step else []
    return (*session.initial, *(key for key, _ in left if key not in session.initial))


def summary(session: Session, step: Step | None, now: float) -> SessionSummary:
    """The session as seen from `step` (its tip, or the step just appended)."""
    last = None
    if step is not None and step.seq > 0:
        last = LastOperation(name=step.operation, completed_at=timestamp(step.created_at), result_keys=step.result_keys)
    return SessionSummary(
        session_id=session.session_id,
        session_name=session.name,
        expires_in=session.expires_in(now),
        age=max(0, int(now - session.created_at)),
        operations_completed=step.depth if step else 0,
        context_keys=context_keys(session, step),
        last_operation=last,
    )


def timestamp(moment: float) -> str:
    """RFC 3339 in UTC, to the second."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
