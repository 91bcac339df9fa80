"""Acts that change a session, each of them a step: start, note, undo, fork, rename, goal, pin, unpin, ttl, revive, redact, merge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clew.requests import Seconds
from clew.running.acts.base import Act, Acting, step_reply
from clew.running.subjects import said as subject_said
from clew.running.subjects import setting_of
from clew.sessions import acts
from clew.sessions.redaction import said_of as redaction_said_of

if TYPE_CHECKING:
    from clew.running.replies import Reply


class Note(Act, frozen=True, kw_only=True, tag="note"):
    """Leave a note in a session."""

    text: str
    """The note."""
    from_: str | None = msgspec.field(default=None, name="from")
    """The session or step it stands behind; otherwise the only live session."""


class SessionsStart(Act, frozen=True, kw_only=True, tag="sessions start"):
    """Start a session without a first question."""

    name: str | None = None
    """The name; without one it is called by its id."""
    ttl: Seconds | None = None
    """Time that the session may be idle: 8h; 1h otherwise."""
    pin: bool = False
    """Keep the session from expiring."""
    goal: str = ""
    """The purpose of the session; `clew resume` shows it."""


class SessionsFork(Act, frozen=True, kw_only=True, tag="sessions fork"):
    """Grow a branch at a step, or at the tip."""

    step: str | None = None
    """The step to grow from, or the session whose tip it is."""


class SessionsUndo(Act, frozen=True, kw_only=True, tag="sessions undo"):
    """Go back behind the newest step; nothing is lost."""

    session: str | None = None
    """A name, id, token or step; otherwise the only live session."""


class SessionsRename(Act, frozen=True, kw_only=True, tag="sessions rename"):
    """Give a session another name."""

    session: str
    """A name, id, token or step."""
    name: str
    """The new name."""


class SessionsGoal(Act, frozen=True, kw_only=True, tag="sessions goal"):
    """Say what a session is for."""

    session: str
    """A name, id, token or step."""
    text: str
    """The goal; `clew resume` shows it."""


class SessionsPin(Act, frozen=True, kw_only=True, tag="sessions pin"):
    """Keep a session until it is unpinned."""

    session: str
    """A name, id, token or step."""


class SessionsUnpin(Act, frozen=True, kw_only=True, tag="sessions unpin"):
    """Let the time of a pinned session run again."""

    session: str
    """A name, id, token or step."""


class SessionsTtl(Act, frozen=True, kw_only=True, tag="sessions ttl"):
    """Set how long a session may be idle: 8h."""

    session: str
    """A name, id, token or step."""
    time: Seconds
    """The time, from this step on: 90s, 15m, 8h, 2d; 90 days at most."""


class SessionsRevive(Act, frozen=True, kw_only=True, tag="sessions revive"):
    """Bring an expired session back."""

    session: str
    """A name, id, token or step."""


class SessionsRedact(Act, frozen=True, kw_only=True, tag="sessions redact"):
    """Take the content of a step out for good."""

    step: str
    """The step; its place in the chain stays."""


class SessionsMerge(Act, frozen=True, kw_only=True, tag="sessions merge"):
    """Add what SOURCE knows to INTO."""

    into: str
    """The session that learns."""
    source: str
    """The session that is read."""
    prefer: Literal["ours", "theirs"] | None = None
    """Whose value a key keeps that both have: that of INTO (ours), or of SOURCE (theirs)."""


def note(acting: Acting, request: Note) -> Reply:
    """The step of the note."""
    return step_reply(acting.sessions, acts.note(acting.sessions, request.from_, request.text, agent=acting.agent))


def sessions_start(acting: Acting, request: SessionsStart) -> Reply:
    """The new session and the token that continues it. Raises SessionExists."""
    sessions = acting.sessions
    session, step = sessions.start(request.name, agent=acting.agent, ttl=request.ttl, pinned=request.pin, goal=request.goal)
    reply: Reply = {"operation": "start", "continuationToken": step.token, "session": sessions.summary(session, step)}
    return {**reply, **redaction_said_of(step)}


def sessions_fork(acting: Acting, request: SessionsFork) -> Reply:
    """The step that opens the branch."""
    return step_reply(acting.sessions, acts.fork(acting.sessions, request.step, agent=acting.agent))


def sessions_undo(acting: Acting, request: SessionsUndo) -> Reply:
    """The step of the undo, the step that it took back, and what the session is about again."""
    step = acts.undo(acting.sessions, request.session, agent=acting.agent)
    undone = acts.undone_by(acting.sessions, step)
    setting = setting_of(acting.sessions, step)
    about: Reply = {"step": undone.address, "agent": undone.agent, "question": undone.question}
    return {
        **step_reply(acting.sessions, step),
        "undone": {name: value for name, value in about.items() if value},
        **(subject_said(setting) if setting else {}),
    }


def sessions_rename(acting: Acting, request: SessionsRename) -> Reply:
    """The step that renamed the session. Raises SessionExists when a live session has the name."""
    return step_reply(acting.sessions, acts.rename(acting.sessions, request.session, request.name, agent=acting.agent))


def sessions_goal(acting: Acting, request: SessionsGoal) -> Reply:
    """The step that set the goal."""
    return step_reply(acting.sessions, acts.set_goal(acting.sessions, request.session, request.text, agent=acting.agent))


def sessions_pin(acting: Acting, request: SessionsPin) -> Reply:
    """The step that pinned the session."""
    return step_reply(acting.sessions, acts.pin(acting.sessions, request.session, agent=acting.agent))


def sessions_unpin(acting: Acting, request: SessionsUnpin) -> Reply:
    """The step that unpinned the session."""
    return step_reply(acting.sessions, acts.pin(acting.sessions, request.session, pinned=False, agent=acting.agent))


def sessions_ttl(acting: Acting, request: SessionsTtl) -> Reply:
    """The step that set the time."""
    return step_reply(acting.sessions, acts.set_ttl(acting.sessions, request.session, request.time, agent=acting.agent))


def sessions_revive(acting: Acting, request: SessionsRevive) -> Reply:
    """The step that revived the session."""
    return step_reply(acting.sessions, acts.revive(acting.sessions, request.session, agent=acting.agent))


def sessions_redact(acting: Acting, request: SessionsRedact) -> Reply:
    """The step that redacted another."""
    return step_reply(acting.sessions, acts.redact(acting.sessions, request.step, agent=acting.agent))


def sessions_merge(acting: Acting, request: SessionsMerge) -> Reply:
    """The step that the merge ends with. Raises InvalidRequest where both have a key and `prefer` does not decide."""
    from clew.sessions.merging import merge  # only who asks pays

    return step_reply(acting.sessions, merge(acting.sessions, request.into, request.source, prefer=request.prefer, agent=acting.agent))
