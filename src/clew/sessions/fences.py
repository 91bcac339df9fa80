"""Fencing numbers: who holds a session for a run writes only as long as nobody took a higher number.

A lock is given back when its holder dies, and, on a server, when the connection is lost that held it. The holder may still be alive
then; its number is no longer that of the session, and the store refuses what it appends (Kleppmann, How to do distributed locking, 2016).
"""

from __future__ import annotations

from msgspec.structs import replace

from clew.errors import LeaseLost
from clew.sessions.steps import Session

FENCE = "fence"
"""The key of the number in the metadata of a session."""


def fence_of(session: Session) -> int:
    """The number of the newest holder; 0 where there never was one."""
    held = session.metadata.get(FENCE, 0)
    return held if isinstance(held, int) else 0


def fenced(number: int, session: Session) -> Session:
    """The session itself. Raises LeaseLost where a later holder took it over."""
    if fence_of(session) != number:
        raise LeaseLost(f"Another process goes on with {session.address}", hint=f"clew sessions log {session.address}")
    return session


def taken_over(session: Session) -> Session:
    """The session under the next number."""
    return replace(session, metadata={**session.metadata, FENCE: fence_of(session) + 1}, revision=session.revision + 1)
