"""The state in which the PostgreSQL store left the sessions that it wrote to: what the next change is decided on without looking first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec

from clew.sessions.steps import Session, Step
from clew.sessions.store.protocol import Change

MOST_HEADS = 64
MOST_UNSEEN = 1 << 20
"""So many bytes may be written before the size of the store is asked for again; each change counts as some, for others write too."""
LEAST_UNSEEN = 1 << 14


class Head(msgspec.Struct, kw_only=True):
    """A session as a writer knows it, and what is read most to decide about it."""

    session: Session
    key: int
    version: int
    tips: dict[int, Step | None]
    """Branch → its newest step; only those that were asked for."""
    size: int
    """Bytes of the store, as it was last asked for, and what was written since."""
    unseen: int = 0
    """Number of them written since."""

    def after(self, change: Change) -> Head | None:
        """The head when a change was written; None when it has to be read again."""
        written = sum(map(len, change.payloads))
        unseen = self.unseen + written + LEAST_UNSEEN
        if change.forget or change.strip is not None or change.session.name != self.session.name or unseen > MOST_UNSEEN:
            return None
        tips = {**self.tips, **{step.branch: step for step in change.steps}}
        version, size = self.version + 1, self.size + written
        return Head(session=change.session, key=self.key, version=version, tips=tips, size=size, unseen=unseen)


class _Deciding(threading.local):
    head: Head | None = None


class Heads:
    """Heads by session, for the threads of one store. What is remembered holds only if the statement that writes finds its version."""

    def __init__(self) -> None:
        self._left: dict[str, Head] = {}
        self._crowded: dict[str, int] = {}
        self._deciding = _Deciding()

    @property
    def decided_on(self) -> Head | None:
        """The head that this thread is deciding on."""
        return self._deciding.head

    @contextmanager
    def deciding(self, head: Head) -> Iterator[None]:
        """Let what is read in this thread be as the head says."""
        before, self._deciding.head = self._deciding.head, head
        try:
            yield
        finally:
            self._deciding.head = before

    def taken(self, session_id: str) -> Head | None:
        """The head as it was left, for one use."""
        return self._left.pop(session_id, None)

    def leave(self, head: Head, change: Change) -> None:
        """Remember how a session was left, unless others write to it as well."""
        session_id = head.session.session_id
        if self._crowded.get(session_id, head.version) != head.version:
            self.crowd(session_id, head.version + 1)
            return
        self._crowded.pop(session_id, None)
        left = head.after(change)
        if left is not None:
            if len(self._left) >= MOST_HEADS:
                self._left.clear()
            self._left[session_id] = left

    def is_crowded(self, session_id: str) -> bool:
        """True when others wrote between two changes of ours: who writes there waits in line at once."""
        return session_id in self._crowded

    def crowd(self, session_id: str, version: int) -> None:
        """Say that others write to a session, and at which version it was left."""
        if len(self._crowded) >= MOST_HEADS:
            self._crowded.clear()
        self._crowded[session_id] = version
