"""The index of a root: open it, keep it fresh, rebuild it when it is damaged."""

from __future__ import annotations

import contextlib
import os

import apsw

from clew.index import schema
from clew.index.generation import Generation
from clew.index.lock import held
from clew.index.refresh import MADE_BY, refresh
from clew.requests import FileProblem

DAMAGED = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError, apsw.IOError, apsw.SQLError, ValueError)
READER = "PRAGMA query_only = 1"
WRITER = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -16384"


class Index:
    """The index of `root`, kept in the folder `state`."""

    def __init__(self, root: str, state: str) -> None:
        self.root = root
        self.path = os.path.join(state, "index.db")
        self._gate = os.path.join(state, "index.lock")
        self._current: Generation | None = None

    def generation(self) -> Generation:
        """The state of the tree as it is on disk now; what changed since the last one is parsed, nothing else.

        An earlier generation stays readable.
        """
        if self._current is None:
            self._current = self._open(parsed=0)
        if self._current is not None and not self._current.is_stale():
            return self._current
        parsed, notes = self._refresh()
        opened = self._open(parsed=parsed, notes=notes)
        if opened is None:
            raise apsw.CorruptError(self.path)
        self._current = opened
        return opened

    def _open(self, *, parsed: int, notes: tuple[FileProblem, ...] = ()) -> Generation | None:
        """The newest generation on disk; None when there is none, or none that this build can read."""
        if not os.path.exists(self.path):
            return None
        database = None
        try:
            database = apsw.Connection(self.path, flags=apsw.SQLITE_OPEN_READWRITE)
            database.set_busy_timeout(10_000)
            database.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            database.execute(READER)
            # The transaction stays open: every later read sees this generation.
            database.execute("BEGIN")
            row = database.execute(schema.GENERATION).fetchone()
            if row is not None and row[0] == MADE_BY:
                return Generation(database, self.root, (row[1], row[3], row[4]), parsed=parsed, notes=notes)
        except DAMAGED:
            pass
        if database is not None:
            database.close()
        return None

    def _refresh(self) -> tuple[int, tuple[FileProblem, ...]]:
        with held(self._gate):
            try:
                return self._write(), ()
            except DAMAGED as error:
                # Nobody can use what is there; who still reads an older state of it keeps the open file.
                for suffix in ("", "-wal", "-shm"):
                    with contextlib.suppress(FileNotFoundError):
                        os.remove(self.path + suffix)
                problem = FileProblem(
                    file=self.path, message=f"the index was damaged and has been built anew ({error})", code="index_rebuilt"
                )
                return self._write(), (problem,)

    def _write(self) -> int:
        database = apsw.Connection(self.path)
        try:
            database.set_busy_timeout(10_000)
            database.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
            database.execute(WRITER)
            return refresh(database, self.root)
        finally:
            database.close()
