"""Reaching a PostgreSQL server: one connection on the command line, as many as work at once in a long-lived process.

A server that was reached once is waited for when it goes away; what was being done is then done again on a new connection.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo, PipelineStatus

from clew.errors import ClewError, DiskFull, InvalidRequest, SessionExists, StoreCorrupt, StoreUnavailable

CONNECT_SECONDS = 10
SILENCE_MS = 15_000
PATIENCE = 10.0
LONGEST_PAUSE = 0.5
MOST_IDLE = 8
MOST_COLLISIONS = 20
_LOST = ("08", "57P01", "57P02", "57P03", "25P03")
_COLLISIONS = (errors.ForeignKeyViolation, errors.DeadlockDetected, errors.SerializationFailure)

Connection = psycopg.Connection[tuple[Any, ...]]
T = TypeVar("T")


class _Lost(Exception):
    """The connection is gone, or there was none; what was sent may or may not have been done."""


class _Held(threading.local):
    connection: Connection | None = None


class PostgresServer:
    """A server and its connections; `prepare` is run on every new one. Safe to share between threads, and after a fork."""

    def __init__(self, url: str, prepare: Callable[[Connection], None], *, patience: float = PATIENCE) -> None:
        try:
            given = conninfo_to_dict(url)
        except psycopg.Error:
            raise StoreUnavailable("CLEW_STORE is no address of PostgreSQL", hint="CLEW_STORE=postgresql://user@host/database") from None
        known = {option.keyword.decode(): option.val.decode() for option in Conninfo.get_defaults() if option.val is not None} | given
        defaults: dict[str, str | int] = {
            "connect_timeout": CONNECT_SECONDS,
            "tcp_user_timeout": SILENCE_MS,
            "fallback_application_name": "clew",
        }
        self._address = make_conninfo(url, **{name: value for name, value in defaults.items() if name not in known})
        self.where = f"postgresql://{known.get('host') or 'localhost'}/{known.get('dbname') or known.get('user') or ''}"
        self._prepare = prepare
        self._patience = patience
        self._idle: list[Connection] = []
        self._process = os.getpid()
        self._reached = False
        self._held = _Held()

    def run(self, work: Callable[[Connection], T]) -> T:
        """The result of `work`. It is run again when its connection was lost or when another writer stood in its way.

        Inside another `run` of the same thread it has the same connection. Raises the storage errors, SessionExists, InvalidRequest.
        """
        if self._held.connection is not None:
            return work(self._held.connection)
        deadline, pause, collisions = None, 0.0, 0
        while True:
            try:
                with self._connection() as connection:
                    return work(connection)
            except _Lost as error:
                deadline = deadline or time.monotonic() + self._patience
                if not self._reached or time.monotonic() >= deadline:
                    raise self._unavailable(error) from error.__cause__
                time.sleep(pause)
                pause = min(2 * pause or 0.02, LONGEST_PAUSE)
            except _COLLISIONS as error:
                collisions += 1
                if collisions == MOST_COLLISIONS:
                    raise self._storage_error(error) from error
            except (psycopg.Error, UnicodeEncodeError) as error:
                raise self._storage_error(error) from error

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """A connection of one's own for the block; what it holds on the server ends with it. Raises the storage errors."""
        try:
            connection = self._taken()
        except _Lost as error:
            raise self._unavailable(error) from error.__cause__
        try:
            yield connection
        except psycopg.Error as error:
            raise self._storage_error(error) from error
        finally:
            connection.close()

    def close(self) -> None:
        """Let go of every connection that nobody is using."""
        if self._process != os.getpid():
            self._idle.clear()
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        connection = self._taken()
        self._held.connection = connection
        try:
            yield connection
        except (psycopg.OperationalError, psycopg.InterfaceError) as error:
            is_stuck = connection.info.pipeline_status != PipelineStatus.OFF  # the server went away before all of it was answered
            if connection.closed or is_stuck or (error.sqlstate or "").startswith(_LOST):
                connection.close()
                self.close()  # the others were lost with it
                raise _Lost from error
            raise
        finally:
            self._held.connection = None
            self._give_back(connection)

    def _taken(self) -> Connection:
        if self._process != os.getpid():
            self._idle, self._process = [], os.getpid()  # a parent's connections are not ours to use
        with suppress(IndexError):
            return self._idle.pop()
        try:
            connection = psycopg.connect(self._address, autocommit=True, client_encoding="utf8")
        except psycopg.OperationalError as error:
            raise _Lost from error
        try:
            self._prepare(connection)
        except psycopg.OperationalError as error:
            connection.close()
            raise _Lost from error
        except BaseException:
            connection.close()
            raise
        self._reached = True
        return connection

    def _give_back(self, connection: Connection) -> None:
        if not connection.closed and len(self._idle) < MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def _unavailable(self, error: _Lost) -> StoreUnavailable:
        said = _first_line(error.__cause__)
        if self._reached:
            hint = "Repeat the call; with the same --idempotency-key it is recorded once"
            return StoreUnavailable(f"The connection to {self.where} was lost: {said}", hint=hint)
        hint = "Look at CLEW_STORE, PGPASSWORD and PGSSLMODE, or repeat the call with --no-record"
        return StoreUnavailable(f"{self.where} cannot be reached: {said}", hint=hint)

    def _storage_error(self, error: psycopg.Error | UnicodeEncodeError) -> ClewError:
        said = _first_line(error)
        if isinstance(error, errors.UniqueViolation):
            return SessionExists("A session of this name exists")
        if isinstance(error, (psycopg.DataError, UnicodeEncodeError)):
            return InvalidRequest(f"This cannot be stored: {said}")
        if isinstance(error, errors.DiskFull):
            return DiskFull(f"No space left at {self.where}; nothing was half-written", again=())
        if isinstance(error, (errors.DataCorrupted, errors.IndexCorrupted)):
            return StoreCorrupt(f"{self.where} is damaged: {said}", hint="clew doctor")
        if isinstance(error, errors.ReadOnlySqlTransaction):
            return StoreUnavailable(
                f"{self.where} cannot be written: {said}", hint="Repeat the call with --no-record", again=("--no-record",)
            )
        return StoreUnavailable(f"{self.where} cannot be used: {said}", hint="clew doctor")


def _first_line(error: BaseException | None) -> str:
    return str(error).strip().partition("\n")[0]
