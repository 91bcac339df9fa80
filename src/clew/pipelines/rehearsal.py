"""A copy of what clew keeps of a root, to try a pipeline in: neither the tree nor the store has another byte afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from clew.errors import RunBlocked
from clew.index.lock import held
from clew.pipelines.runs import earlier_runs
from clew.running.opening import PENDING, let_read_steps, open_sessions
from clew.sessions.backends import DATABASE
from clew.sessions.core import Sessions
from clew.sessions.store.protocol import Change
from clew.workspace import Workspace, find_root, known_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.running.acts.base import Door

INDEX = "index.db"
JOURNAL = "journal"
RUNS_COPIED = 4
"""The newest runs that are read from a server."""


@contextmanager
def rehearsed(door: Door, pipeline: str) -> Iterator[tuple[Workspace, Sessions]]:
    """The workspace and the sessions of a call, as copies that are gone afterwards.

    Raises RunBlocked where an edit was left in the middle: what comes next would finish it, and that is a change.
    """
    root = find_root(door.root)
    state = known_state(root)
    if state is not None and os.path.lexists(os.path.join(state, *PENDING)):
        raise RunBlocked("An edit was left in the middle by a process that was killed; the next command finishes it", hint="clew resume")
    copy = tempfile.mkdtemp(prefix="clew-")
    try:
        if state is not None:
            _copy(state, copy)
        workspace = Workspace(root, copy, door.progress)
        sessions = Sessions.open(copy)
        if door.environ.get("CLEW_STORE") and state is not None:
            _fetch(door, Workspace(root, state), sessions, pipeline)
        let_read_steps(workspace, sessions)
        try:
            yield workspace, sessions
        finally:
            sessions.close()
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _copy(state: str, copy: str) -> None:
    """Copy what clew keeps, each part while nobody writes to it."""
    for name, gate in ((INDEX, "index.lock"), (DATABASE, f"{DATABASE}.gate")):
        path = os.path.join(state, gate)
        with held(path) if os.path.exists(path) else nullcontext():
            for suffix in ("", "-wal"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(os.path.join(state, name + suffix), os.path.join(copy, name + suffix))
    own = {f"{name}{suffix}" for name in (INDEX, DATABASE) for suffix in ("", "-wal", "-shm", ".gate")}
    for entry in os.scandir(state):
        if entry.is_file(follow_symlinks=False) and entry.name not in own:
            shutil.copyfile(entry.path, os.path.join(copy, entry.name))
    with suppress(FileNotFoundError):
        shutil.copytree(os.path.join(state, JOURNAL), os.path.join(copy, JOURNAL))


def _fetch(door: Door, workspace: Workspace, into: Sessions, pipeline: str) -> None:
    """Copy the newest runs of a pipeline from the server that sessions are kept on."""
    there = open_sessions(workspace, door.environ)
    try:
        for session in earlier_runs(there, pipeline)[:RUNS_COPIED]:
            whole = there.store.whole(session.session_id)
            if whole is None:
                continue
            addresses = {address for step in whole[1] for address in step.addresses}
            payloads = tuple(data for address in addresses if (data := there.store.payload(address)) is not None)
            into.store.create(Change(session=whole[0], steps=tuple(whole[1]), payloads=payloads))
    finally:
        there.close()
