"""Opens what a call needs: the workspace of a root, and the sessions that are kept for it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clew.operations import OPERATIONS
from clew.sessions.backends import DATABASE
from clew.sessions.core import Sessions
from clew.workspace import STATE, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clew.bounds import Progress
    from clew.edits.who import RecordedEdit
    from clew.requests import FileProblem

SESSIONS_AT_ONCE = 100
PENDING = ("journal", "pending")
"""Below the state folder: what the journal of edits writes while an apply is under way."""


@contextmanager
def opened(
    root: str | None, environ: Mapping[str, str], progress: Progress | None = None, *, tool: str = "clew"
) -> Iterator[tuple[Workspace, Sessions]]:
    """The workspace of `root` (None: found from the current folder) and its sessions; `CLEW_STORE` and `CLEW_DURABILITY` count."""
    workspace = Workspace.open(root, progress=progress)
    finish_edits(workspace)
    sessions = open_sessions(workspace, environ, tool=tool)
    let_read_steps(workspace, sessions)
    try:
        yield workspace, sessions
    finally:
        sessions.close()


def let_read_steps(workspace: Workspace, sessions: Sessions) -> None:
    """Let questions about earlier steps read them."""

    def step(ref: str) -> tuple[str, bytes, dict[str, str]]:
        found = sessions.read_step(ref)
        return found.operation, sessions.result_of(found), sessions.depends_of(found)

    workspace.step = step
    workspace.asked = lambda ref: sessions.read_step(ref).request or b""
    workspace.edits = lambda: recorded_edits(sessions)


def finish_edits(workspace: Workspace) -> None:
    """Wait for an apply that is under way, and finish or discard one that ended in the middle: nobody reads half of it.

    The next reply warns of the files in it that somebody else wrote meanwhile.
    """
    if not os.path.lexists(os.path.join(workspace.state, *PENDING)):
        return
    from clew.edits.journal import Journal  # only where something is pending
    from clew.edits.recovery import recover  # likewise

    ended = recover(workspace.root, Journal(workspace.state))
    if ended is not None and ended.foreign:
        workspace.finished.append(ended)


def left_by_others(workspace: Workspace) -> tuple[FileProblem, ...]:
    """Warnings of files that somebody else wrote while they were to be written by an apply that this process finished."""
    if not workspace.finished:
        return ()
    from clew.edits.rebasing import left_by_finished  # only who finished something pays

    return left_by_finished(workspace)


def recorded_edits(sessions: Sessions) -> Iterator[RecordedEdit]:
    """The steps of edits of all sessions, those of the newest session first."""
    from clew.edits.who import RecordedEdit  # only who asks pays
    from clew.sessions.context import timestamp  # likewise
    from clew.sessions.store.protocol import Filter  # likewise

    names = {row.name for row in OPERATIONS if row.edits} - {"verify"}
    after: tuple[float, str] | None = None
    while page := sessions.store.sessions(Filter(after=after, limit=SESSIONS_AT_ONCE)):
        for session in page:
            for step in sessions.store.steps(session.session_id, newest=True):
                if step.operation in names and step.details is not None:
                    at = timestamp(step.created_at)
                    yield RecordedEdit(step.address, step.question or step.operation, at, step.agent, sessions.result_of(step))
        after = (page[-1].last_used_at, page[-1].session_id)


def open_sessions(workspace: Workspace, environ: Mapping[str, str], *, tool: str = "clew", prefixes: bool = True) -> Sessions:
    """The sessions of a workspace: in its state folder, or on the server that `CLEW_STORE` names; without `prefixes` tokens are whole.

    A checkout that cannot be written, and so has its state elsewhere, shows there the sessions that came with it.
    """
    url = environ.get("CLEW_STORE") or None
    came_with_it = os.path.join(workspace.root, STATE, DATABASE)
    if url is None and os.path.dirname(came_with_it) != workspace.state and os.path.exists(came_with_it):
        from clew.sessions.store.adopting import adopt  # only such a checkout pays

        adopt(came_with_it, os.path.join(workspace.state, DATABASE))
    durability = "normal" if environ.get("CLEW_DURABILITY") == "normal" else "full"
    whose = workspace.identity if url else ""
    return Sessions.open(workspace.state, url=url, workspace=whose, durability=durability, tool=tool, prefixes=prefixes)
