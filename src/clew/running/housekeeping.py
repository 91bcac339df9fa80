"""Calls without a question: a stored page, a clean-up, an empty cache, a new session."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import msgspec

from clew.errors import InvalidRequest
from clew.metrics.costs import SOURCES
from clew.operations import OPERATIONS, operation, verb
from clew.running.fitting import json_size
from clew.running.narrowing import check_fields
from clew.running.opening import left_by_others
from clew.running.replies import Reply, paged, with_output
from clew.sessions.context import timestamp
from clew.sessions.redaction import said, said_of

if TYPE_CHECKING:
    from clew.running.calls import Page
    from clew.running.fitting import Measure
    from clew.sessions.core import Sessions
    from clew.sessions.cursor import Thread
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

CACHE_FLOOR = "cache-floor"


def stored_page(workspace: Workspace, sessions: Sessions, page: Page, measure: Measure = json_size) -> Reply:
    """A page of a step's answer as it was given; nothing is asked anew and no step is made."""
    return shown(workspace, sessions, sessions.read_step(page.step or ""), page, measure)


def shown(workspace: Workspace, sessions: Sessions, step: Step, page: Page, measure: Measure = json_size) -> Reply:
    """A step, read again; `measure` counts the bytes of a reply as it is printed. Of an edit it says how it stands to the tree now."""
    if step.seq == 0:
        raise InvalidRequest(f"{step.address} only began its session; it answers nothing")
    head: Reply = {
        "operation": step.operation,
        "question": step.question,
        "step": step.address,
        "continuationToken": step.token,
        "createdAt": timestamp(step.created_at),
    }
    if step.agent:
        head["agent"] = step.agent
    if step.branch_address:
        head["branch"] = step.branch_address
    reused = {name: value for name, value in ((step.details.reused if step.details else None) or {}).items() if name != SOURCES}
    if reused:
        head["reused"] = reused
    head.update(said_of(step))
    if workspace.finished:
        head["warnings"] = left_by_others(workspace)
        workspace.finished = []  # the reply tells it
    if page.fields:
        check_fields(verb(operation(step.operation)).result, page.fields)
    raw = result_now(workspace, sessions, step)
    return with_output(paged(head, raw, page, step.address, total=step.total, measure=lambda reply: measure(with_output(reply))))


def result_now(workspace: Workspace, sessions: Sessions, step: Step) -> bytes:
    """The stored result of a step; of an edit with what is true of it now."""
    result = sessions.result_of(step)
    if not is_edit(step.operation):
        return result
    from clew.edits.plan_state import standing  # only edits stand somewhere

    fields = msgspec.json.decode(result, type=dict[str, msgspec.Raw])
    rows = {name: fields.pop(name) for name in ("results",) if name in fields}
    now = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in standing(workspace, result).items()}
    return msgspec.json.encode({**fields, **now, **rows})


def is_edit(name: str) -> bool:
    """True for the operation of a step that planned or wrote something."""
    return any(row.name == name and row.edits for row in OPERATIONS)


def without_question(sessions: Sessions, thread: Thread) -> Reply:
    """A call that asks nothing: it starts a session, which can be continued all the same, or leaves remarks in one."""
    if thread.starts or (thread.name is not None and thread.note is None):
        session, step = sessions.start(
            thread.name,
            exist_ok=not thread.starts,
            agent=thread.agent,
            ttl=thread.ttl,
            pinned=thread.pin,
            goal=thread.goal or "",
        )
        reply: Reply = {"operation": "start", "continuationToken": step.token, "session": sessions.summary(session, step)}
        left = annotate(sessions, thread, step.address)
        return {**reply, **left, **said(left.get("redacted", {}), said_of(step).get("redacted", {}))}
    aims, pins = (thread.goal is not None, thread.pin) if thread.continues else (False, False)
    if thread.note is None and not (aims or pins):
        return {}
    ref = thread.name or next(iter(thread.refs), None)
    left = annotate(sessions, thread, sessions.locate(ref, agent=thread.agent, revive=thread.revive).session.address)
    return {"operation": "note" if thread.note is not None else "goal" if aims else "pin", **left}


def annotate(sessions: Sessions, thread: Thread, ref: str) -> Reply:
    """Record the remarks of a call about its session, each as a step of its own: a note; a goal and a pin when it continues."""
    left: Reply = {}
    goal, pin = (thread.goal, thread.pin) if thread.continues else (None, False)
    if not thread.records or (goal is None and not pin and thread.note is None):
        return left
    from clew.sessions import acts  # only who remarks pays

    steps: list[Step] = []
    if goal is not None:
        steps.append(acts.set_goal(sessions, ref, goal, agent=thread.agent))
        ref = left["goal"] = steps[-1].address
    if pin:
        ref = left["pinned"] = acts.pin(sessions, ref, agent=thread.agent).address
    if thread.note is not None:
        steps.append(acts.note(sessions, ref, thread.note, agent=thread.agent))
        left["note"] = steps[-1].address
    return {**left, **said_of(*steps)}


def cleaned_up(sessions: Sessions) -> Reply:
    """Every expired session deleted at once."""
    return {"operation": "cleanup", "deletedCount": sessions.cleanup(), "timestamp": timestamp(sessions.clock())}


def cache_cleared(workspace: Workspace, sessions: Sessions) -> Reply:
    """Answers given until now are asked anew when they are wanted again; the steps themselves stay."""
    path = os.path.join(workspace.state, CACHE_FLOOR)
    now = sessions.clock()
    with open(path, "wb") as file:
        file.write(msgspec.json.encode(now))
    return {"operation": "clear-cache", "timestamp": timestamp(now)}


def cache_floor(workspace: Workspace) -> float:
    """Time at which the cache was last cleared; 0 when it never was."""
    path = os.path.join(workspace.state, CACHE_FLOOR)
    try:
        with open(path, "rb") as file:
            return msgspec.json.decode(file.read(), type=float)
    except (OSError, msgspec.DecodeError):
        return 0.0
