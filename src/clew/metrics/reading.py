"""The steps that an account is about: of a session or of all, since a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew.errors import StoreCorrupt
from clew.sessions.store.protocol import Filter

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.sessions.core import Sessions
    from clew.sessions.steps import Session, Step

SESSIONS_AT_ONCE = 100


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """The steps that an account is about."""

    session_id: str | None = None
    """One session; all when None."""
    since: float | None = None
    """Only steps from this moment on. A step from the future, of a clock that was set back, is one of them."""

    def holds(self, moment: float) -> bool:
        """True for a moment that it is about."""
        return self.since is None or moment >= self.since


class Read(msgspec.Struct):
    """The sessions that were read."""

    sessions: int = 0
    """Those with a step in the account."""
    damaged: list[str] = []
    """Addresses of those that cannot be read; `clew doctor` says what is wrong with them."""


def sessions_in(sessions: Sessions, scope: Scope) -> Iterator[Session]:
    """The sessions that may have steps in the scope, newest use first. Raises SessionNotFound.

    They are not chosen by the time of their last use: a clock that was set back makes it older than their steps.
    """
    if scope.session_id is not None:
        yield sessions.find(scope.session_id)[0]
        return
    after: tuple[float, str] | None = None
    while page := sessions.store.sessions(Filter(after=after, limit=SESSIONS_AT_ONCE)):
        yield from page
        after = (page[-1].last_used_at, page[-1].session_id)


def steps_in(sessions: Sessions, scope: Scope, read: Read) -> Iterator[Step]:
    """The steps in the scope, session by session; a session that is damaged is named in `read` and left out whole."""
    for session in sessions_in(sessions, scope):
        try:
            steps = [step for step in sessions.store.steps(session.session_id) if scope.holds(step.created_at)]
        except StoreCorrupt:
            read.damaged.append(session.address)
            continue
        read.sessions += bool(steps)
        yield from steps
