"""Errors make no step; those of recorded calls are counted in a file of the checkout, one line each, without a word of the caller.

A line of a command that could not be read writes nothing and is not counted. The file is begun anew before it grows large; the one
before it is kept.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import msgspec

from clew.errors import ClewError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.sessions.core import Sessions
    from clew.workspace import Workspace

FILE, BEFORE = "errors.jsonl", "errors.1.jsonl"
LARGEST = 1 << 20


class LoggedError(msgspec.Struct, frozen=True, omit_defaults=True):
    """An error as it is kept."""

    at: float
    code: str
    session: str | None = None
    """The id of the session that was continued, where there was one."""


@contextmanager
def counted(workspace: Workspace, sessions: Sessions) -> Iterator[None]:
    """Keep the error that ends the block."""
    try:
        yield
    except ClewError as error:
        log_error(workspace, error, sessions.clock(), None)
        raise


def log_error(workspace: Workspace, error: ClewError, now: float, session_id: str | None) -> None:
    """Keep an error, once; where that fails, the caller hears of the error all the same."""
    if error.is_counted:
        return
    error.is_counted = True
    path = os.path.join(workspace.state, FILE)
    line = msgspec.json.encode(LoggedError(now, error.code, session_id)) + b"\n"
    with suppress(OSError):
        with open(path, "ab", buffering=0) as file:
            file.write(line)  # in one piece: lines of several processes do not mix
            is_large = file.tell() > LARGEST
        if is_large:
            os.replace(path, os.path.join(workspace.state, BEFORE))


def logged_errors(workspace: Workspace) -> Iterator[LoggedError]:
    """The errors that are kept, oldest first; a line that a full disk cut off is none."""
    for name in (BEFORE, FILE):
        try:
            with open(os.path.join(workspace.state, name), "rb") as file:
                lines = file.read().split(b"\n")
        except OSError:
            continue
        for line in lines:
            with suppress(msgspec.MsgspecError):
                yield msgspec.json.decode(line, type=LoggedError)
