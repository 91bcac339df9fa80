"""The state of a session, for a process that knows nothing of it. Reading makes no step and continues nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clew.errors import SessionNotFound
from clew.running.acts.base import Act, Acting
from clew.running.housekeeping import is_edit
from clew.running.subjects import said, setting_of
from clew.running.verdicts import verdict_on
from clew.sessions.staleness import FRESH
from clew.sessions.store.protocol import Filter

if TYPE_CHECKING:
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Session, Step
    from clew.workspace import Workspace

SHOWN_STEPS = 4
SHOWN_FILES = 5
SHOWN_OTHERS = 5
LOOKED_BACK = 50
LONGEST_QUESTION = 80


class ResultCounts(msgspec.Struct):
    """The counts that `resume` reads of a result."""

    possible: int = 0
    edits: int | None = None


class Resume(Act, frozen=True, kw_only=True, tag="resume"):
    """Say what the newest session was about, and how to go on."""

    session: str | None = None
    """A name, id, token or step; otherwise the newest session with a name."""


def resume(acting: Acting, request: Resume) -> Reply:
    """The session named, or the newest one with a name: its goal, its newest steps, what changed since, and how to go on.

    Raises SessionNotFound when there is none.
    """
    workspace, sessions, wanted = acting.workspace, acting.sessions, request.session
    newest = sessions.store.sessions(Filter(transient=False, limit=SHOWN_OTHERS + 1))
    session = next(iter(newest), None) if wanted is None else sessions.session_of(sessions.read_step(wanted))
    if session is None:
        raise SessionNotFound("There is no session to resume", hint="js-scan --session-start")
    now = sessions.clock()
    state = session.state(now)
    steps = [step for step in sessions.store.steps(session.session_id, newest=True, limit=LOOKED_BACK) if step.seq > 0]
    reply: Reply = {"operation": "resume", "session": session.address, "state": state, "idle": max(0, int(now - session.last_used_at))}
    if session.goal:
        reply["goal"] = session.goal
    reply["operationsCompleted"] = steps[0].depth if steps else 0
    setting = setting_of(sessions, steps[0]) if steps else None
    if setting is not None:
        reply.update(said(setting))
    depends: dict[str, str] = {}
    for step in reversed(steps):
        depends.update(sessions.depends_of(step))
    judged = verdict_on(depends, workspace.generation)
    reply["steps"] = [_line(sessions, step, workspace) for step in reversed(steps[:SHOWN_STEPS])]
    if judged.files:
        reply["tree"] = {"changed": len(judged.files), "files": judged.files[:SHOWN_FILES]}
    reply["next"] = _next(session, steps[0] if steps else None, state, is_about=setting is not None and bool(setting.subject))
    others = [other.address for other in newest if other.session_id != session.session_id][:SHOWN_OTHERS]
    if others:
        reply["others"] = others
    return reply


def _line(sessions: Sessions, step: Step, workspace: Workspace) -> dict[str, Any]:
    line: dict[str, Any] = {"step": step.address, "question": (step.question or step.operation)[:LONGEST_QUESTION]}
    if step.total is not None:
        line["total"] = step.total
    if step.details is not None:
        counted = msgspec.json.decode(sessions.result_of(step), type=ResultCounts)
        if counted.possible:
            line["possible"] = counted.possible
        if counted.edits is not None:
            line["edits"] = counted.edits
        if is_edit(step.operation):
            from clew.edits.plan_state import standing  # only edits stand somewhere

            line.update(standing(workspace, sessions.result_of(step)))
    verdict = verdict_on(sessions.depends_of(step), workspace.generation).verdict
    if verdict != FRESH:
        line["verdict"] = verdict
    return line


def _next(session: Session, last: Step | None, state: str, *, is_about: bool) -> list[str]:
    revive = " --revive" if state == "expired" else ""
    if last is None:
        return [f"js-scan --from {session.address}{revive} --search TERM --json"]
    further = "--ripple" if is_about else "--search TERM"
    return [f"clew show {last.address} --json", f"js-scan --from {session.address}{revive} {further} --json"]
