"""The index of a root: open it, keep it fresh, rebuild it when it is damaged."""

from __future__ import annotations

import os

import apsw

from clew.bounds import Progress
from clew.errors import DiskFull, StoreUnavailable
from clew.index import database, schema
from clew.index.generation import Generation, Stored
from clew.index.lock import held
from clew.index.refresh import MADE_BY, refresh
from clew.requests import FileProblem


class Index:
    """The index of `root`, kept in the folder `state`; a refresh says in `progress` how far it is."""

    def __init__(self, root: str, state: str, progress: Progress | None = None) -> None:
        self.root = root
        self._progress = progress or Progress()
        self.path = os.path.join(state, "index.db")
        self._gate = os.path.join(state, "index.lock")
        self._current: Generation | None = None
        self._notes: tuple[FileProblem, ...] = ()

    def generation(self) -> Generation:
        """The state of the tree as it is on disk now; what changed since the last one is parsed, nothing else.

        An earlier generation stays readable. Raises DiskFull or StoreUnavailable when the index cannot be written.
        """
        current = self._current or self._open()
        if current is not None and current.is_stale():
            if current is not self._current:
                current.close()  # nobody has seen it, and a reader keeps the log from being emptied
            current = None
        if current is None:
            current = self._open(self._refresh())
        if current is None:
            raise StoreUnavailable(f"{self.path} cannot be read right after it was written")
        self._current = current
        return current

    def _open(self, parsed: int = 0) -> Generation | None:
        """The newest generation on disk; None when there is none, or none that this build can read."""
        try:
            stored = self._stored()
            return None if stored is None else Generation(self.root, stored, self._rebuilt, parsed=parsed, notes=self._notes)
        except database.DAMAGED:
            return None

    def _stored(self) -> Stored | None:
        if not os.path.exists(self.path):
            return None
        connection = database.reader(self.path)
        row = connection.execute(schema.GENERATION).fetchone()
        return Stored(connection, row[1], row[3], row[4]) if row is not None and row[0] == MADE_BY else None

    def _rebuilt(self, error: Exception) -> tuple[Stored, tuple[FileProblem, ...]]:
        """A new index in place of one that turned out to be damaged while it was read, and what is to be said about it."""
        with held(self._gate):
            self._build_anew(error)
        stored = self._stored()
        if stored is None:
            raise StoreUnavailable(f"{self.path} cannot be read right after it was written")
        return stored, self._notes

    def _refresh(self) -> int:
        """Writes what changed; returns how many files were parsed."""
        with held(self._gate):
            try:
                return self._write()
            except apsw.FullError as error:
                raise DiskFull(f"no space left to index {self.root}") from error
            except (apsw.CantOpenError, apsw.ReadOnlyError) as error:
                raise StoreUnavailable(f"{self.path}: {error}") from error
            except database.DAMAGED as error:
                return self._build_anew(error)

    def _build_anew(self, error: Exception) -> int:
        database.remove(self.path)
        message = f"the index was damaged and has been built anew ({error})"
        self._notes = (*self._notes, FileProblem(file=os.path.basename(self.path), code="index_rebuilt", message=message))
        return self._write()

    def _write(self) -> int:
        connection = database.writer(self.path)
        try:
            parsed = refresh(connection, self.root, self._progress)
            database.checkpoint(connection)
        finally:
            connection.close()
        return parsed
