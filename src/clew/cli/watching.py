"""Progress of a call on standard error: one line that is rewritten at a terminal, lines elsewhere when they are asked for."""

from __future__ import annotations

import os
import time
from _thread import allocate_lock, start_new_thread  # `threading` costs more than it gives here
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from clew.bounds import Progress
from clew.cli.interrupts import ERASED

if TYPE_CHECKING:
    from collections.abc import Iterator

AFTER = 1.0
"""Seconds before anything is said."""
EVERY = {True: 0.1, False: 1.0}
"""Seconds between two looks, at a terminal and elsewhere."""
ERROR = 2
WIDTH = 80
"""Columns of a terminal that does not say."""


@contextmanager
def shown(mode: str | None) -> Iterator[Progress]:
    """Progress that is shown as long as the block runs: at a terminal (`auto`, or None), anywhere (`always`), or `never`."""
    progress = Progress()
    rewrites = os.isatty(ERROR)
    if mode == "never" or not (rewrites or mode == "always"):
        yield progress
        return
    watch = _Watch(progress, rewrites=rewrites)
    try:
        yield progress
    finally:
        watch.end()


class _Watch:
    """A thread that says what the main one is doing."""

    def __init__(self, progress: Progress, *, rewrites: bool) -> None:
        self._progress = progress
        self._rewrites = rewrites
        self._line = ""
        self._writing = allocate_lock()
        self._ended = allocate_lock()
        self._ended.acquire()
        start_new_thread(self._run, ())

    def end(self) -> None:
        """Say nothing more; the line is gone when this returns."""
        with self._writing:
            self._ended.release()
            self._say("")

    def _run(self) -> None:
        since: float | None = None
        while not self._ended.acquire(timeout=EVERY[self._rewrites] if self._line else AFTER / 4):
            now = time.monotonic()
            since = None if not self._progress.doing else since or now
            with self._writing:
                if not self._ended.locked():
                    return
                self._say("" if since is None or now - since < AFTER else self._told(now - since))

    def _told(self, seconds: float) -> str:
        progress = self._progress
        much = f" {progress.done} of {progress.total} {progress.unit}" if progress.total else ""
        return f"{progress.doing}{much} ({int(seconds)} s)"

    def _say(self, line: str) -> None:
        if line == self._line:
            return
        self._line = line
        with suppress(OSError):  # nobody reads it
            if self._rewrites:
                os.write(ERROR, ERASED + line[: (os.get_terminal_size(ERROR).columns or WIDTH) - 1].encode())
            elif line:
                os.write(ERROR, f"{line}\n".encode())
