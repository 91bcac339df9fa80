"""Checks inside the SQLite store for damage that reading its sessions does not show."""

from __future__ import annotations

from collections.abc import Iterator

import apsw

from clew.sessions.store import statements as sql
from clew.sessions.store.checks import wrong_sessions, wrong_values
from clew.sessions.store.packing import shown


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
    yield from wrong_sessions(connection.execute(sql.EVERY_SESSION))


def _bytes(connection: apsw.Connection) -> Iterator[str]:
    yield from wrong_values(connection.execute(sql.EVERY_BLOB))


def _references(connection: apsw.Connection) -> Iterator[str]:
    for address, refs, found in connection.execute(sql.WRONG_REFERENCES):
        yield f"the bytes of {shown(address)} are counted {refs} times and referred to {found} times"
    for (count,) in connection.execute(sql.STRAY_STEPS):
        if count:
            yield f"{count} steps belong to no session"
    for (count,) in connection.execute(sql.STRAY_PAYLOADS):
        if count:
            yield f"{count} stored values have no address"
