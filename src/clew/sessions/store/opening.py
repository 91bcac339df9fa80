"""Opening the sessions' database: made when missing, migrated when older, refused when it is not ours, never overwritten."""

from __future__ import annotations

import os
from contextlib import suppress

import apsw

from clew.errors import ClewError, DiskFull, StoreCorrupt, StoreNewer, StoreUnavailable
from clew.sessions.store.gate import Gate, require_files
from clew.sessions.store.mounts import network_file_system
from clew.sessions.store.statements import APPLICATION_ID, MIGRATIONS
from clew.sessions.store.wal import read_wal

BUSY_MS = 10_000
CHECKPOINT_PAGES = 400
ELSEWHERE = "Set CLEW_STORE=postgresql://… to share sessions between machines"


def storage_error(error: apsw.Error | OSError | UnicodeDecodeError, path: str) -> ClewError:
    """The error of clew's that a failure of SQLite or the system means."""
    if isinstance(error, UnicodeDecodeError):
        return StoreCorrupt(f"{path} is damaged: it holds text that is none", hint="clew doctor")
    if isinstance(error, apsw.FullError) or getattr(error, "errno", None) == 28:  # noqa: PLR2004 - ENOSPC
        return DiskFull(f"No space left while writing {path}; nothing was half-written", again=())
    if isinstance(error, (apsw.CorruptError, apsw.NotADBError)):
        return StoreCorrupt(f"{path} is damaged: {error}", hint="clew doctor")
    if isinstance(error, apsw.ReadOnlyError):
        return StoreUnavailable(f"{path} cannot be written: {error}", again=("--no-record",))
    return StoreUnavailable(f"{path} cannot be used: {error}", hint="clew doctor")


def open_database(path: str, gate: Gate, *, vfs: str | None = None, normal: bool = False) -> apsw.Connection:
    """A connection to the store at `path`, at the newest schema.

    Raises StoreNewer, StoreCorrupt or StoreUnavailable; a file that is not ours is left exactly as it is.
    """
    require_files(path, path + "-wal", path + "-shm", path + ".gate")
    try:
        if vfs is None:
            make_private(path)
        connection = apsw.Connection(path, flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_CREATE, vfs=vfs)
        try:
            _prepare(connection, path, gate, normal=normal)
        except BaseException:
            connection.close()
            raise
    except (apsw.Error, OSError) as error:
        raise storage_error(error, path) from error
    return connection


def make_private(path: str) -> None:
    """Make the file, for its owner only, when it is missing.

    One that exists is not opened here: closing it would drop the locks that SQLite holds on it in this process
    (https://sqlite.org/howtocorrupt.html, 2.2).
    """
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        return


def _prepare(connection: apsw.Connection, path: str, gate: Gate, *, normal: bool) -> None:
    connection.set_busy_timeout(BUSY_MS)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    connection.wal_autocheckpoint(CHECKPOINT_PAGES)
    if (connection.pragma("application_id"), connection.pragma("user_version")) != (APPLICATION_ID, len(MIGRATIONS)):
        with gate:  # another process may be in the middle of making it: only behind the gate is what is read final
            _migrate(connection, path)
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if normal else 'FULL'}")


def _version(connection: apsw.Connection, path: str) -> int:
    with connection:  # one snapshot: another process may be migrating between two reads
        application = connection.pragma("application_id")
        version = connection.pragma("user_version")
        used = connection.execute("SELECT count(*) FROM sqlite_schema").get
    if application == APPLICATION_ID:
        if version > len(MIGRATIONS):
            raise StoreNewer(f"{path} has schema {version}; this clew knows {len(MIGRATIONS)}", hint="pip install --upgrade clew")
        return int(version)
    if application != 0 or version != 0 or used:
        raise StoreUnavailable(f"{path} is another program's database; it was left as it is", hint="Move it away")
    return 0


def _migrate(connection: apsw.Connection, path: str) -> None:
    """Bring the schema up to date, each step in one transaction; another process may have been first.

    The schema is then moved out of the log, so that a log that is lost later can never make the store look new.
    """
    version = _version(connection, path)
    network = network_file_system(path)
    if network is not None:
        raise StoreUnavailable(f"{path} lies on a network drive ({network}), where writers cannot share it safely", hint=ELSEWHERE)
    if connection.pragma("journal_mode") != "wal" and connection.pragma("journal_mode", "wal") != "wal":
        raise StoreUnavailable(f"{path} lies on a file system without shared memory", hint=ELSEWHERE)
    connection.execute("PRAGMA synchronous = FULL")
    log = read_wal(path + "-wal")
    if not version and (log.header_damaged or log.lost_commits > 1):
        raise StoreCorrupt(
            f"{path} is empty and its log is damaged: {log.problem}; both were left as they are", hint="clew doctor --repair"
        )
    for number in range(version, len(MIGRATIONS)):
        with connection:
            connection.execute(MIGRATIONS[number])
            connection.pragma("application_id", APPLICATION_ID)
            connection.pragma("user_version", number + 1)
    with suppress(apsw.BusyError):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
