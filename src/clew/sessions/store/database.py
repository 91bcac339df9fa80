"""A handle on the sessions' database: what is written is written behind the gate, to the file that stands at the path."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

import apsw

from clew.errors import SessionExists, StoreUnavailable
from clew.sessions.store import statements as sql
from clew.sessions.store.gate import PATIENCE, Gate
from clew.sessions.store.opening import open_database, storage_error
from clew.sessions.store.wal import cut_tail, frames_behind, has_tail, keep_damaged_log

T = TypeVar("T")
Value = str | bytes | int | float | None


class Database:
    """One connection per process, opened again when another file stands at the path; safe to share between threads and processes."""

    def __init__(self, path: str, *, vfs: str | None = None, durability: str = "full", patience: float = PATIENCE) -> None:
        self.path = path
        try:
            os.makedirs(os.path.dirname(path) or ".", mode=0o700, exist_ok=True)
        except OSError as error:
            raise storage_error(error, path) from error
        self.gate = Gate(path + ".gate", patience=patience)
        self._plain = vfs is None  # another file system than the system's is not looked at behind SQLite's back
        self._open = partial(open_database, path, self.gate, vfs=vfs, normal=durability == "normal")
        self._process = os.getpid()
        self._opened: list[apsw.Connection] = []
        self._file = (0, 0)
        self._reopen()
        self.warnings: list[str] = []
        if self._plain:
            self._look_behind_log()

    def close(self) -> None:
        """Let go of files and connections."""
        if self._process == os.getpid():
            self._opened[-1].close()
        self.gate.close()

    @property
    def _connection(self) -> apsw.Connection:
        """Ours alone, on the file at the path.

        One that came through a fork is never used or closed, for it shares the parent's files.
        """
        held = self._opened[-1]
        if self._process != os.getpid():
            self._process = os.getpid()
            self._reopen()
        elif self._plain and not held.in_transaction and not self._is_at_path():
            self._reopen()
            held.close()
        return self._opened[-1]

    @property
    def connection(self) -> apsw.Connection:
        """For `mending` alone."""
        return self._connection

    def write(self, work: Callable[[apsw.Connection], T]) -> T:
        """Run `work` in a write transaction and make it durable."""
        return self._transaction(lambda: work(self._connection))

    def _reopen(self) -> None:
        self._opened.append(self._open())
        if self._plain:
            self._file = _identity(self.path)

    def _is_at_path(self) -> bool:
        """False when the file was deleted, moved or replaced since it was opened: what is written to it then, nobody finds."""
        return _identity(self.path) == self._file

    def _rows(self, statement: str, values: Sequence[Value] | Mapping[str, Value] = ()) -> list[Any]:
        try:
            with self.gate.threads:  # one connection, one thread at a time; and nobody reads what is not committed
                return self._connection.execute(statement, values).fetchall()
        except (apsw.Error, UnicodeDecodeError) as error:
            raise storage_error(error, self.path) from error

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Reads inside see one state."""
        with self.gate.threads:
            self._rows("BEGIN")
            try:
                yield
            finally:
                with suppress(apsw.Error):
                    self._opened[-1].execute("ROLLBACK")

    def _transaction(self, write: Callable[[], T]) -> T:
        """Run `write` alone in the world and make it durable. Raises StoreUnavailable when the file is not at its path afterwards."""
        try:
            with self.gate:
                connection = self._connection
                if self._plain and has_tail(self.path + "-wal", connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)[0]):
                    self._cut_tail()
                connection.execute("BEGIN IMMEDIATE")
                try:
                    result = write()
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
                if self._plain and not self._is_at_path():
                    raise StoreUnavailable(f"{self.path} was moved or deleted while it was written to", again=())
        except apsw.ConstraintError as error:
            raise SessionExists("A session of this name exists") from error
        except (apsw.Error, OSError) as error:
            raise storage_error(error, self.path) from error
        return result

    def _scrub(self) -> None:
        """Empty the write-ahead log, so that bytes that were taken out do not linger in it."""
        try:
            with self.gate:
                self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            return  # a reader stands in the log; the next checkpoint passes it
        except (apsw.Error, OSError) as error:
            raise storage_error(error, self.path) from error

    def _frames_seen(self) -> int:
        """The number of frames of its log that SQLite reads."""
        self._rows(sql.ANY_SESSION)
        return self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP)[0]

    def _look_behind_log(self) -> None:
        """Look behind what SQLite reads of its log before anything is written over it; reading goes on without."""
        try:
            if frames_behind(self.path + "-wal", self._frames_seen()):
                with self.gate:
                    self._cut_tail()
        except (OSError, StoreUnavailable, apsw.BusyError, apsw.ReadOnlyError):
            return
        except apsw.Error as error:
            raise storage_error(error, self.path) from error

    def _cut_tail(self) -> None:
        """End the log behind what SQLite reads of it, keeping a copy of a damaged one; called behind the gate.

        So a killed writer's frames never stand behind those of another, where they would look like damage.
        """
        version = self._connection.pragma("data_version")
        seen = self._frames_seen()
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            if self._connection.pragma("data_version") == version and frames_behind(self.path + "-wal", seen):
                report = keep_damaged_log(self.path)
                if report is not None:
                    self.warnings.append(f"{self.path}-wal: {report.problem}; a copy was kept beside it")
                cut_tail(self.path + "-wal", seen)
        finally:
            self._connection.execute("ROLLBACK")


def _identity(path: str) -> tuple[int, int]:
    try:
        held = os.stat(path)
    except FileNotFoundError:
        return (0, 0)
    return (held.st_dev, held.st_ino)
