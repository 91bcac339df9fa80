"""Writing a damaged SQLite store whole again: rows that are not what was written go, in the caller's transaction.

Nothing here looks at meaning: which steps of a session verify is decided in `clew.sessions.mending`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import apsw

from clew.sessions.steps import Session
from clew.sessions.store import statements as sql
from clew.sessions.store.checks import wrong_values
from clew.sessions.store.opening import BUSY_MS, make_private
from clew.sessions.store.packing import REDACTED
from clew.sessions.store.rows import with_checksum

Connection = apsw.Connection

MAGIC = b"SQLite format 3\0"
CHUNK = 1 << 20

SESSION_ROWS = (
    "SELECT key, id, name, address, last_used_at, transient, record, seal FROM sessions NOT INDEXED",
    "SELECT key, id, name, address, last_used_at, transient, record, seal FROM sessions ORDER BY id DESC",
)
SESSION_WRITE = "UPDATE sessions SET id = ?, address = ?, name = ?, last_used_at = ?, transient = ?, record = ?, seal = ? WHERE key = ?"
STEPS_BEHIND = "DELETE FROM steps WHERE session = ? AND seq > ?"
STEP_STRIP = "UPDATE steps SET request = NULL, details = NULL WHERE session = ? AND seq = ?"
STRAY_STEPS = "DELETE FROM steps WHERE session NOT IN (SELECT key FROM sessions UNION SELECT session FROM doomed)"
STRAY_PAYLOADS = "DELETE FROM payloads WHERE blob NOT IN (SELECT key FROM blobs)"
BLOBS = "SELECT b.key, b.digest, b.size, b.codec, p.data FROM blobs b LEFT JOIN payloads p ON p.blob = b.key"
BLOB_RECOUNT = "UPDATE blobs SET refs = ? WHERE digest = ?"
SCHEMA = "SELECT rowid, type, name, tbl_name, sql FROM sqlite_schema ORDER BY rowid"
SCHEMA_BYTES = "SELECT rowid, cast(type || name || tbl_name || ifnull(sql, '') AS blob) FROM sqlite_schema ORDER BY rowid"
SCHEMA_WRITE = "UPDATE sqlite_schema SET type = ?, name = ?, tbl_name = ?, sql = ? WHERE rowid = ?"
BLOBS_UNUSED = "DELETE FROM blobs WHERE refs = 0"


def session_rows(connection: apsw.Connection) -> Iterator[tuple[object, ...]]:
    """key, id, name, address, last_used_at, transient, record and seal of every session that can be read, by either tree."""
    seen = set()
    for statement in SESSION_ROWS:
        try:
            for row in connection.execute(statement):
                if row[0] not in seen:
                    seen.add(row[0])
                    yield row
        except (apsw.Error, UnicodeDecodeError):
            continue  # a page or a text of this tree is damaged


def write_session(connection: apsw.Connection, key: int, session: Session) -> None:
    """Write a session's record, and beside it what its record says."""
    address = session.name if session.owns_name else None
    values = (session.session_id, address, session.name, session.last_used_at, session.transient, *with_checksum(session), key)
    connection.execute(SESSION_WRITE, values)


def drop_session(connection: apsw.Connection, key: int) -> None:
    """Take a session away of which nothing verifies; `recount` takes what it held."""
    connection.execute(sql.SESSION_DELETE, (key,))


def drop_steps(connection: apsw.Connection, key: int, behind: int) -> None:
    """Take away the steps of a session behind one; `recount` takes what they held."""
    connection.execute(STEPS_BEHIND, (key, behind))


def strip_step(connection: apsw.Connection, key: int, seq: int) -> None:
    """Take the request and details of a step out, as a redaction does."""
    connection.execute(STEP_STRIP, (key, seq))


def forget_wrong_values(connection: apsw.Connection) -> None:
    """Take out stored bytes that are not what was written; steps keep their address, as after a redaction."""
    for key, *row in connection.execute(BLOBS).fetchall():
        if any(wrong_values([tuple(row)])):
            connection.execute(sql.PAYLOAD_DELETE, (key,))
            connection.execute(sql.BLOB_CODEC, (REDACTED, key))


def recount(connection: apsw.Connection) -> None:
    """Take away what nothing refers to, and count the references again."""
    connection.execute(STRAY_STEPS)
    connection.execute(STRAY_PAYLOADS)
    for address, _refs, found in connection.execute(sql.WRONG_REFERENCES).fetchall():
        connection.execute(BLOB_RECOUNT, (found, address))
    connection.execute(BLOBS_UNUSED)
    connection.execute(STRAY_PAYLOADS)


def copy_file(source: str, target: str) -> None:
    """Copy a file of the database durably, for its owner only; called behind the gate.

    It is read through SQLite's own files: closing another descriptor would drop the locks that SQLite holds on it in this process
    (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as copy:
        file = apsw.VFSFile("", os.path.abspath(source), [apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_MAIN_DB, 0])
        try:
            size = file.xFileSize()
            for offset in range(0, size, CHUNK):
                copy.write(file.xRead(min(CHUNK, size - offset), offset))
        finally:
            file.xClose()
        copy.flush()
        os.fsync(copy.fileno())


def is_ours(path: str) -> bool:
    """True for a copy that is empty or carries clew's mark; then its magic, which another damage may have hit, is put right."""
    with open(path, "r+b") as file:
        head = file.read(100)
        if head and head[68:72] != sql.APPLICATION_ID.to_bytes(4):
            return False
        if head and not head.startswith(MAGIC):
            file.seek(0)
            file.write(MAGIC)
    return True


def restore_schema(path: str) -> None:
    """Write the known text of the schema over a damaged one, in a copy; SQLite does not read a store whose schema it cannot parse.

    Each entry keeps its root page. They stand in the order of the migrations, or in another one after a VACUUM.
    """
    copy, fresh = apsw.Connection(path), apsw.Connection(":memory:")
    try:
        for migration in sql.MIGRATIONS:
            fresh.execute(migration)
        copy.pragma("writable_schema", 1)
        there = copy.execute(SCHEMA_BYTES).fetchall()  # damaged text may be none
        orders = [(fresh.execute(SCHEMA_BYTES).fetchall(), fresh.execute(SCHEMA).fetchall())]
        fresh.execute("VACUUM")
        orders.append((fresh.execute(SCHEMA_BYTES).fetchall(), fresh.execute(SCHEMA).fetchall()))
        _, expected = max(orders, key=lambda order: sum(a[1] == b[1] for a, b in zip(order[0], there, strict=False)))
        if copy.pragma("user_version") == len(sql.MIGRATIONS) and len(there) == len(expected):
            for (number, _), (_number, *entry) in zip(there, expected, strict=True):
                copy.execute(SCHEMA_WRITE, (*entry, number))
    except apsw.Error:
        return  # the tree of the schema itself is damaged
    finally:
        fresh.close()
        copy.close()


def put_in_place(path: str, source: str) -> None:
    """Make the database at `path` equal to the one at `source`, through SQLite; other handles on it go on. Called behind the gate."""
    make_private(path)
    kept = apsw.Connection(source, flags=apsw.SQLITE_OPEN_READWRITE)
    live = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        live.set_busy_timeout(BUSY_MS)
        live.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        try:
            _back_up(kept, live)
        except (apsw.CorruptError, apsw.NotADBError):
            live.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 1)
            live.execute("VACUUM")
            live.config(apsw.SQLITE_DBCONFIG_RESET_DATABASE, 0)
            _back_up(kept, live)
        live.pragma("journal_mode", "wal")
    finally:
        live.close()
        kept.close()


def is_empty(path: str) -> bool:
    """True for a database without a session, or without a schema; called behind the gate."""
    connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        return connection.execute(sql.ANY_SESSION).fetchone() is None
    except apsw.SQLError:
        return not connection.pragma("application_id")
    finally:
        connection.close()


def _back_up(source: apsw.Connection, target: apsw.Connection) -> None:
    with target.backup("main", source, "main") as backup:
        backup.step()
