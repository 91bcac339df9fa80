"""An interrupt ends a command: one line, status 130, and whatever was committed before it."""

from __future__ import annotations

import os
import sys
import time
from _signal import SIGINT, set_wakeup_fd  # type: ignore[import-not-found]  # `signal` costs its enums
from _thread import allocate_lock, start_new_thread

INTERRUPTED = 130
PATIENCE = 0.05
"""Seconds that the main thread has to end by itself."""
ERASED = b"\r\x1b[K"

_said = allocate_lock()


def mind_interrupts() -> None:
    """Let an interrupt end this process even while native code runs that looks at no signals.

    Python's own way comes first: a KeyboardInterrupt, which takes back what is half done. Where the main thread does not get to it,
    the process ends as by a kill, which every store survives.
    """
    if sys.platform == "win32":
        return  # signals wake sockets only
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    set_wakeup_fd(writer, warn_on_full_buffer=False)
    start_new_thread(_wait, (reader,))


def say_interrupted() -> None:
    """Say it once, on a line of its own."""
    if _said.acquire(blocking=False):
        os.write(2, (ERASED if os.isatty(2) else b"") + b"interrupted\n")


def _wait(reader: int) -> None:
    while os.read(reader, 1) != bytes((SIGINT,)):
        pass
    time.sleep(PATIENCE)
    say_interrupted()
    os._exit(INTERRUPTED)
