"""What can be wrong inside the SQLite store that reading its sessions does not show."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import apsw

from clew.errors import ClewError
from clew.sessions.steps import digest
from clew.sessions.store import statements as sql
from clew.sessions.store.rows import session_of

RAW, ZLIB, REDACTED = 0, 1, 2


def examine(connection: apsw.Connection) -> Iterator[str]:
    """A sentence for everything that is not as it was written. Pages, then sessions, then stored bytes."""
    for look in (_pages, _schema, _sessions, _bytes, _references):
        try:
            yield from look(connection)
        except (apsw.Error, UnicodeDecodeError, TypeError) as error:
            yield f"{look.__name__.strip('_')} cannot be read: {error}"


def _pages(connection: apsw.Connection) -> Iterator[str]:
    for (said,) in connection.execute("PRAGMA integrity_check(20)"):
        if said != "ok":
            yield f"SQLite says: {said}"


def _schema(connection: apsw.Connection) -> Iterator[str]:
    fresh = apsw.Connection(":memory:")
    for migration in sql.MIGRATIONS:
        fresh.execute(migration)
    expected = fresh.execute(sql.SCHEMA).fetchall()
    fresh.close()
    if connection.execute(sql.SCHEMA).fetchall() != expected:
        yield "the tables are not those of this schema"


def _sessions(connection: apsw.Connection) -> Iterator[str]:
    for session_id, address, name, last_used_at, transient, record, seal in connection.execute(sql.EVERY_SESSION):
        try:
            session = session_of(record, seal)
        except (ClewError, ValueError):
            yield f"the record of session {session_id} is not what was written"
            continue
        held = (session_id, address, name, last_used_at, transient)
        owned = session.name if session.owns_name else None
        if held != (session.session_id, owned, session.name, session.last_used_at, session.transient):
            yield f"session {session_id} stands under {held}, its record says otherwise"


def _bytes(connection: apsw.Connection) -> Iterator[str]:
    for address, size, codec, data in connection.execute(sql.EVERY_BLOB):
        if codec == REDACTED and data is None:
            continue
        try:
            held = zlib.decompress(data) if codec == ZLIB else data
        except (zlib.error, TypeError):
            held = None
        if codec not in (RAW, ZLIB) or held is None or digest(held) != address or len(held) != size:
            yield f"the bytes of {bytes(address).hex()[:16]} are not what was written"


def _references(connection: apsw.Connection) -> Iterator[str]:
    for address, refs, found in connection.execute(sql.WRONG_REFERENCES):
        yield f"the bytes of {bytes(address).hex()[:16]} are counted {refs} times and referred to {found} times"
    for (count,) in connection.execute(sql.STRAY_STEPS):
        if count:
            yield f"{count} steps belong to no session"
    for (count,) in connection.execute(sql.STRAY_PAYLOADS):
        if count:
            yield f"{count} stored values have no address"
