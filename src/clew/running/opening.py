"""Opens what a call needs: the workspace of a root, and the sessions that are kept for it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from clew.sessions.backends import DATABASE
from clew.sessions.core import Sessions
from clew.workspace import STATE, Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clew.bounds import Progress


@contextmanager
def opened(
    root: str | None, environ: Mapping[str, str], progress: Progress | None = None, *, tool: str = "clew"
) -> Iterator[tuple[Workspace, Sessions]]:
    """The workspace of `root` (None: found from the current folder) and its sessions; `CLEW_STORE` and `CLEW_DURABILITY` count."""
    workspace = Workspace.open(root, progress=progress)
    sessions = open_sessions(workspace, environ, tool=tool)

    def step(ref: str) -> tuple[str, bytes, dict[str, str]]:
        found = sessions.read_step(ref)
        return found.operation, sessions.result_of(found), sessions.depends_of(found)

    workspace.step = step
    try:
        yield workspace, sessions
    finally:
        sessions.close()


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
