"""`clew sessions …`, `clew show`, `clew note`: each function answers one subcommand from the sessions' own functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clew.cli.calling import page_of
from clew.running.errands import shown
from clew.running.subjects import said as subject_said
from clew.running.subjects import setting_of
from clew.sessions import acts, listing
from clew.sessions.redaction import said_of as redaction_said_of
from clew.sessions.retention import collect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step
    from clew.workspace import Workspace


def show(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """A page of a stored answer; `--after` takes the `next` of an earlier page, or a number of rows."""
    return shown(sessions, sessions.read_step(words[0]), page_of(flags), flags["measure"])


def note(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Leave a remark in a session."""
    return _done(sessions, acts.note(sessions, flags.get("from"), words[0], agent=flags.get("agent")))


def start(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """A new session without a first question."""
    session, step = sessions.start(
        words[0] if words else None,
        agent=flags.get("agent"),
        ttl=flags.get("ttl"),
        pinned=bool(flags.get("pin")),
        goal=flags.get("goal") or "",
    )
    reply: Reply = {"operation": "start", "continuationToken": step.token, "session": sessions.summary(session, step)}
    return {**reply, **redaction_said_of(step)}


def sessions_list(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """The sessions, newest use first."""
    del words
    page = listing.listing(
        sessions,
        name=flags.get("name"),
        agent=flags.get("by"),
        state=flags.get("state"),
        used_within=flags.get("used_within"),
        calls=bool(flags.get("calls")),
        after=flags.get("after"),
        limit=flags.get("limit", 20),
    )
    return {"operation": "sessions list", **_fields(page)}


def sessions_show(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """A session, as its replies describe it."""
    del flags
    position = sessions.locate(words[0] if words else None, for_append=False)
    session = position.session
    return {
        "operation": "sessions show",
        "session": sessions.summary(session, position.parent),
        "state": session.state(sessions.clock()),
        **({"goal": session.goal} if session.goal else {}),
        **({"pinned": True} if session.pinned else {}),
        **({"metadata": session.metadata} if session.metadata else {}),
        "branches": session.branches,
        "bytes": session.size,
    }


def sessions_log(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """The steps and branches of a session, newest first."""
    rows = listing.log(sessions, words[0] if words else None)
    limit = flags.get("limit", 0)
    return {"operation": "sessions log", "total": len(rows), "shown": len(rows[: limit or None]), "results": rows[: limit or None]}


def sessions_diff(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """What a later step knows that an earlier one did not."""
    del flags
    return {"operation": "sessions diff", **_fields(listing.difference(sessions, words[0], words[1]))}


def sessions_undo(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Go back behind the newest step: which one that was, and what the session is about again."""
    step = acts.undo(sessions, words[0] if words else None, agent=flags.get("agent"))
    undone = acts.undone_by(sessions, step)
    setting = setting_of(sessions, step)
    about: Reply = {"step": undone.address, "agent": undone.agent, "question": undone.question}
    return {
        **_done(sessions, step),
        "undone": {name: value for name, value in about.items() if value},
        **(subject_said(setting) if setting else {}),
    }


def sessions_fork(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Grow a branch."""
    return _done(sessions, acts.fork(sessions, words[0] if words else None, agent=flags.get("agent")))


def sessions_rename(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Give a session another name."""
    return _done(sessions, acts.rename(sessions, words[0], words[1], agent=flags.get("agent")))


def sessions_pin(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Keep a session until it is unpinned."""
    return _done(sessions, acts.pin(sessions, words[0], agent=flags.get("agent")))


def sessions_unpin(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Let the time of a pinned session run again."""
    return _done(sessions, acts.pin(sessions, words[0], pinned=False, agent=flags.get("agent")))


def sessions_goal(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Say what a session is for."""
    return _done(sessions, acts.aim(sessions, words[0], words[1], agent=flags.get("agent")))


def sessions_ttl(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Change how long a session may be idle."""
    from clew.cli.flags import seconds_of  # read already by whoever has flags

    return _done(sessions, acts.set_ttl(sessions, words[0], seconds_of("TIME", words[1]), agent=flags.get("agent")))


def sessions_copy(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Copy a session under another name."""
    from clew.sessions.copying import copy_session  # only who asks pays

    del flags
    copy, step = copy_session(sessions, words[0], words[1])
    token = {"continuationToken": step.token} if step else {}
    return {"operation": "copy", **token, "session": sessions.summary(copy, step)}


def sessions_revive(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Bring an expired session back."""
    return _done(sessions, acts.revive(sessions, words[0], agent=flags.get("agent")))


def sessions_redact(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Take the content of a step out for good."""
    return _done(sessions, acts.redact(sessions, words[0], agent=flags.get("agent")))


def sessions_delete(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Take a session away with all its steps."""
    del flags
    gone = acts.delete(sessions, words[0])
    return {"operation": "delete", "sessionId": gone.session_id, **({"sessionName": gone.name} if gone.name else {}), "steps": gone.head}


def sessions_gc(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Take away what was kept long enough, and give its space back."""
    del words, flags
    return {"operation": "gc", **_fields(collect(sessions.store, sessions.clock()))}


def sessions_export(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Write a session to a bundle."""
    from clew.sessions.bundles import export_bundle  # zipfile: only who asks pays

    del flags
    return {"operation": "export", **_fields(export_bundle(sessions, words[0], words[1]))}


def sessions_import(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Take a bundle in, verified whole first."""
    from clew.sessions.bundles import import_bundle  # zipfile: only who asks pays

    return {"operation": "import", **_fields(import_bundle(sessions, words[0], name=flags.get("name")))}


def sessions_merge(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Add what one session knows to another."""
    from clew.sessions.merging import merge  # only who asks pays

    return _done(sessions, merge(sessions, words[0], words[1], prefer=flags.get("prefer"), agent=flags.get("agent")))


def _done(sessions: Sessions, step: Step) -> Reply:
    """What was done, as a step."""
    reply: Reply = {"operation": step.operation, "step": step.address, "continuationToken": step.token}
    if step.branch_address:
        reply["branch"] = step.branch_address
    reply["session"] = sessions.summary(step.session_id, step)
    return {**reply, **redaction_said_of(step)}


def _fields(value: msgspec.Struct) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(value)
    return fields
