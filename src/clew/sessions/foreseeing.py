"""The step that an append is going to make, so that what it will say can be measured before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from clew.sessions import appending, context

if TYPE_CHECKING:
    from clew.sessions.core import Sessions
    from clew.sessions.steps import AppendPoint, SessionSummary, Step, StepDraft

STAND_IN = "0" * 26


def foreseen(sessions: Sessions, position: AppendPoint, draft: StepDraft) -> tuple[Step, SessionSummary]:
    """The next step at a position and the session with it, as far as is known before; nothing is written.

    Its token is a stand-in of the same length, its hash says nothing, and another writer may be faster.
    """
    now, parent, session = sessions.clock(), position.parent, position.session
    grows = position.fixed and position.branch is not None
    branch = session.branches + 1 if grows else parent.branch if position.fixed and parent is not None else position.on
    place = appending.StepPlacement(parent=parent, branch=branch)
    bare = replace(draft, request=b"", result=b"", depends={}, subject=None, reused=None)
    change, step = appending.next_change(session, place, bare, body=STAND_IN, now=now, redacted={})
    inherited = {} if parent is None else sessions.context_keys(parent)
    return step, context.summary(change.session, step, context.merged({**inherited, **step.keys}), now)
