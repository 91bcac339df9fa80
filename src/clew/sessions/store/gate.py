"""One writer at a time, in order of arrival.

SQLite's own busy handler sleeps and retries, which starves some writers under load; a file lock queues them.
"""

from __future__ import annotations

import os
import sys
from _thread import RLock
from types import TracebackType

if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError:
                continue  # LK_LOCK gives up after ten seconds; the queue is longer
            return

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class Gate:
    """Held around every write transaction, by threads of one process and by processes of one machine."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.threads = RLock()
        self._descriptor = -1
        self._process = 0

    def __enter__(self) -> None:
        self.threads.acquire()
        try:
            if self._process != os.getpid():  # a lock taken through an inherited descriptor would be the parent's too
                self._process = os.getpid()
                self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
            _lock(self._descriptor)
        except BaseException:
            self.threads.release()
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            _unlock(self._descriptor)
        finally:
            self.threads.release()

    def close(self) -> None:
        """Give the file back."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
