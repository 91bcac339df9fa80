"""`clew show`: the answer of a step, as it was given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clew.cli.calling import page_of
from clew.running.errands import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace


def show(_: Workspace, sessions: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """A page of a stored answer; `--after` takes the `next` of an earlier page, or a number of rows."""
    return shown(sessions, sessions.read_step(words[0]), page_of(flags))
