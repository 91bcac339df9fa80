"""`clew ask`: JSON lines in, JSON lines out, in the same order."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import msgspec

from clew.bounds import SECONDS
from clew.cli.watching import shown
from clew.errors import InvalidRequest
from clew.running.asking import Recorded, answered
from clew.running.opening import let_read_steps, open_sessions
from clew.sessions.cursor import Thread
from clew.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping


def ask(_: list[str], flags: Mapping[str, Any]) -> int:
    """Answer every line of standard input as it comes; returns the exit status.

    Raises InvalidRequest for two sessions at once, and what continuing a session raises.
    """
    gc.enable()  # this process lives on
    deadline = flags.get("deadline", SECONDS)
    with shown(flags.get("progress")) as progress, ExitStack() as stack:
        workspace = Workspace.open(flags.get("root"), progress=progress)
        session = _session(workspace, flags, stack)
        out = sys.stdout.buffer
        for line in sys.stdin.buffer:
            if not line.strip():
                continue
            workspace.look_again()
            out.write(msgspec.json.encode(answered(workspace, line, deadline, session)) + b"\n")
            out.flush()
            progress.report("")
    return 0


def _session(workspace: Workspace, flags: Mapping[str, Any], stack: ExitStack) -> Recorded | None:
    """The session that the flags name; without one nothing is recorded."""
    continued, name = flags.get("from"), flags.get("save_session")
    if continued is not None and name is not None:
        raise InvalidRequest("--from goes on with a session and --save-session names one to record in; give one of them")
    if continued is None and name is None:
        return None
    sessions = open_sessions(workspace, os.environ)
    stack.callback(sessions.close)
    let_read_steps(workspace, sessions)
    refs = () if continued is None else (continued,)
    return Recorded(sessions, Thread(name=name, continues=continued is not None, refs=refs, agent=flags.get("agent")))
