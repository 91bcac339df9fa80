"""One writer at a time, in order of arrival.

SQLite's own busy handler sleeps and retries, which starves some writers under load; a file lock queues them. Every write,
checkpoint and truncation of a store is made behind its gate, so that what is read behind it stands still.
"""

from __future__ import annotations

import os
import stat
import time
from _thread import RLock, allocate_lock, start_new_thread
from types import TracebackType

from clew.errors import StoreUnavailable
from clew.locks import lock, unlock

PATIENCE = 30.0
"""Seconds that a writer waits for the others."""


def require_files(*paths: str) -> None:
    """Raises StoreUnavailable where something other than a file stands: opening a FIFO or a device could hang."""
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except FileNotFoundError:
            continue
        if not stat.S_ISREG(mode):
            kind = "a directory" if stat.S_ISDIR(mode) else "no regular file"
            raise StoreUnavailable(f"{path} is {kind}; a file of the sessions' database should be there", hint="Move it away")


class Gate:
    """Held around every write transaction, by threads of one process and by processes of one machine.

    Re-entrant within a thread. Entering raises StoreUnavailable after `patience` seconds.
    """

    def __init__(self, path: str, *, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self.threads = RLock()
        self._depth = 0
        self._descriptor = -1
        self._process = 0

    def __enter__(self) -> None:
        until = time.monotonic() + self._patience
        if not self.threads.acquire(timeout=self._patience):
            raise self._busy()
        try:
            if not self._depth:
                self._take(until)
            self._depth += 1
        except BaseException:
            if not self._depth:
                self.close()  # an interrupt may come when the lock is there already
            self.threads.release()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._depth -= 1
            if not self._depth:
                unlock(self._descriptor)
        finally:
            self.threads.release()

    def close(self) -> None:
        """Give the file back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _take(self, until: float) -> None:
        """Lock the file that stands at the path: while it was waited for, it may have been deleted and made anew."""
        while True:
            if self._process != os.getpid():  # a lock taken through an inherited descriptor would be the parent's too
                self._process, self._descriptor = os.getpid(), -1
            if self._descriptor < 0:
                require_files(self._path)
                self._descriptor = os.open(self._path, _flags(self._path), 0o600)
            try:
                lock(self._descriptor, wait=False)
            except BlockingIOError:
                self._queue(until)
            if self._is_at_path():
                return
            self.close()

    def _queue(self, until: float) -> None:
        """Wait in line, which the system keeps, but not for ever: a thread waits, and who gives up leaves it the descriptor."""
        descriptor, turn, decision = self._descriptor, allocate_lock(), allocate_lock()
        trouble: list[OSError] = []
        given_up = False
        turn.acquire()

        def wait() -> None:
            try:
                lock(descriptor, wait=True)
            except OSError as error:
                trouble.append(error)
            with decision:
                if given_up:
                    os.close(descriptor)
                turn.release()

        start_new_thread(wait, ())
        came = False
        try:
            came = turn.acquire(timeout=max(0.0, until - time.monotonic()))
        finally:
            if not came:
                with decision:
                    given_up = turn.locked()
                    self._descriptor = -1 if given_up else descriptor
        if given_up:
            raise self._busy()
        if trouble:
            raise trouble[0]

    def _is_at_path(self) -> bool:
        try:
            at_path = os.stat(self._path)
        except FileNotFoundError:
            return False
        held = os.fstat(self._descriptor)
        return (at_path.st_dev, at_path.st_ino) == (held.st_dev, held.st_ino)

    def _busy(self) -> StoreUnavailable:
        return StoreUnavailable(f"{self._path} was held by another writer for {self._patience:g} seconds", again=())


def _flags(path: str) -> int:
    """A gate that may only be read can be locked all the same."""
    flags = getattr(os, "O_CLOEXEC", 0)
    return flags | (os.O_RDONLY if os.path.exists(path) and not os.access(path, os.W_OK) else os.O_RDWR | os.O_CREAT)
