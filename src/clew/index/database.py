"""Connections to the database of an index, and what tells that it is damaged."""

from __future__ import annotations

import contextlib
import os

import apsw

DAMAGED = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError, apsw.IOError, apsw.SQLError, apsw.ConstraintError, ValueError)
"""Errors that reading raises when the bytes are not those that were written: by SQLite, or by the checksum of a blob."""

READER = "PRAGMA query_only = 1"
WRITER = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384"
PATIENCE_MS = 10_000


def _connect(path: str, flags: int, pragmas: str) -> apsw.Connection:
    database = apsw.Connection(path, flags=flags)
    try:
        database.set_busy_timeout(PATIENCE_MS)
        # The next writer does it: nobody waits for a checkpoint at the end of a call.
        database.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        database.execute(pragmas)
    except BaseException:
        database.close()
        raise
    return database


def reader(path: str) -> apsw.Connection:
    """A connection that sees the state of its first question until it is closed."""
    database = _connect(path, apsw.SQLITE_OPEN_READWRITE, READER)
    database.execute("BEGIN")
    return database


def writer(path: str) -> apsw.Connection:
    """A connection that writes while others read; the database is made when there is none."""
    return _connect(path, apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE, WRITER)


def checkpoint(connection: apsw.Connection) -> None:
    """Moves the write-ahead log into the database and empties it, unless somebody still reads from it.

    The first process to open a database reads its whole log, so every later call would pay for a long one.
    """
    connection.set_busy_timeout(0)
    with contextlib.suppress(apsw.BusyError):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)


def remove(path: str) -> None:
    """Deletes a database. Who has it open keeps what it sees."""
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(path + suffix)
