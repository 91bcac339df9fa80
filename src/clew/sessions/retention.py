"""Retention: how long sessions are kept, and their deletion in slices, never while they are used."""

from __future__ import annotations

import time
from math import ceil

import msgspec

from clew.sessions.steps import DAY, HOUR, Session
from clew.sessions.store.protocol import Filter, SessionStore

KEPT = 7 * DAY
KEPT_NAMELESS = HOUR
PAGE = 100
SHARE = 10
"""One in so many of the calls that nobody continued goes when there is no room for another session."""
UNHURRIED = 600_000.0


def readable_until(session: Session) -> float:
    """The time at which an expired session is taken away."""
    return session.expires_at() + (KEPT if session.name is not None else KEPT_NAMELESS)


def tidy(store: SessionStore, now: float, *, budget_ms: float | None) -> int:
    """Take sessions away and free what they held, for at most `budget_ms`; with None everything expired goes, whatever it takes.

    Each session is looked at again in the transaction that takes it, so that one used meanwhile stays.
    """
    deadline = None if budget_ms is None else time.perf_counter() + budget_ms / 1000

    def over() -> bool:
        return deadline is not None and time.perf_counter() > deadline

    def due(session: Session) -> bool:
        return (session.expires_at() if budget_ms is None else readable_until(session)) <= now

    taken = 0
    after: tuple[float, str] | None = None
    while not over():
        page = store.sessions(Filter(used_before=now, after=after, limit=PAGE) if budget_ms is None else _old(now, after))
        for session in page:
            if over():
                break
            if due(session):
                taken += store.delete(session.session_id, due)
        if not page:
            break
        after = (page[-1].last_used_at, page[-1].session_id)
    store.sweep(over)
    return taken


def _old(now: float, after: tuple[float, str] | None) -> Filter:
    return Filter(used_before=now - KEPT_NAMELESS, after=after, limit=PAGE)


def make_room(store: SessionStore) -> int:
    """Take away some of the calls that nobody continued, those that were made longest ago; returns how many."""
    calls: list[Session] = []
    while page := store.sessions(
        Filter(transient=True, after=(calls[-1].last_used_at, calls[-1].session_id) if calls else None, limit=PAGE)
    ):
        calls += page
    oldest = calls[-min(PAGE, ceil(len(calls) / SHARE)) :] if calls else []
    return sum(store.delete(call.session_id, lambda now: now.transient and not now.pinned) for call in oldest)


class Collected(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Sessions and bytes that a collection freed."""

    sessions: int
    bytes_before: int
    bytes_after: int


def collect(store: SessionStore, now: float) -> Collected:
    """Take away what was kept long enough, free what it held, and give the space back to the system."""
    before = store.size()
    taken = tidy(store, now, budget_ms=UNHURRIED)
    store.compact()
    return Collected(sessions=taken, bytes_before=before, bytes_after=store.size())
