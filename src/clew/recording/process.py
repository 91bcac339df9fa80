"""A command without a shell: its output as it comes, its end, and the end of everything that it started.

The command runs in a process group of its own. A watcher leads that group and waits on a pipe that only this process holds open, so that
whatever ends this process, `kill -9` included, ends the group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import IO, TYPE_CHECKING, NamedTuple

from clew.errors import ProgramNotFound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STDOUT, STDERR = 1, 2
AT_ONCE = 1 << 16
"""Bytes that are read at once."""
WAITING = 64
"""Reads that may wait to be taken; a command that writes faster waits."""
GRACE = 2.0
"""Seconds that a command has to end by itself when its time is over."""
LAST_WORDS = 1.0
"""Seconds that are left for the output of an ended command, where something outside of its group keeps its pipes open."""
TIMED_OUT = 124
"""The status of a command that was ended for its time, as `timeout` gives it."""
BY_SIGNAL = 128
WATCHER = "trap '' HUP INT QUIT TERM TTIN TTOU; read -r done || kill -KILL 0"
"""It reads a line when all is well, and the end of its pipe when the process that holds the other end is gone."""
POSIX = sys.platform != "win32"


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    """Its exit status; 128 and the number of the signal that ended it; 124 when its time was over."""
    seconds: float
    signal: str | None = None
    """The name of the signal that ended it."""
    timed_out: bool = False


def run(command: tuple[str, ...], take: Callable[[int, bytes], None], *, timeout: float | None = None, hears: bool = False) -> Ended:
    """Run a command to its end and hand over its output as it comes, with the stream that it came on.

    It reads what this process would read if it `hears`, else nothing. Raises ProgramNotFound where there is no such program, and an
    interrupt after everything was ended.
    """
    began = time.monotonic()
    with _group() as group, _foreground(group, hears=hears):
        process = _started(command, group, hears=hears)
        try:
            late = _Listening(process, take).until_ended(
                None if not timeout else began + timeout, lambda sign: _signal(process, group, sign)
            )
        finally:
            _signal(process, group, signal.SIGKILL if POSIX else signal.SIGTERM)
        returned = process.wait()
    seconds = round(time.monotonic() - began, 3)
    if late:
        return Ended(TIMED_OUT, seconds, timed_out=True)
    if returned < 0:
        with suppress(ValueError):
            return Ended(BY_SIGNAL - returned, seconds, signal.Signals(-returned).name)
        return Ended(BY_SIGNAL - returned, seconds, str(-returned))
    return Ended(returned, seconds)


@contextmanager
def _group() -> Iterator[int | None]:
    """A process group with its watcher; None where there are no groups. Whoever is in it is ended with it."""
    if not POSIX:
        yield None
        return
    reader, writer = os.pipe()
    try:
        watcher = subprocess.Popen(  # noqa: S603 - constant
            ["/bin/sh", "-c", WATCHER], stdin=reader, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
        )
    finally:
        os.close(reader)
    try:
        yield watcher.pid
    finally:
        os.close(writer)
        watcher.wait()


def _started(command: tuple[str, ...], group: int | None, *, hears: bool) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - running what was asked for is the purpose; there is no shell
            command,
            stdin=None if hears else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            process_group=group,
        )
    except FileNotFoundError as error:
        raise ProgramNotFound(f"There is no program {command[0]}") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ProgramNotFound(f"{command[0]} cannot be run: {reason}") from error


@contextmanager
def _foreground(group: int | None, *, hears: bool) -> Iterator[None]:
    """The terminal belongs to the group for so long, where it reads from one: keys that interrupt reach it alone."""
    if group is None or not hears or not os.isatty(0):
        yield
        return
    before = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    try:
        with suppress(OSError):
            os.tcsetpgrp(0, group)
        yield
    finally:
        with suppress(OSError):
            os.tcsetpgrp(0, os.getpgrp())
        signal.signal(signal.SIGTTOU, before)


def _signal(process: subprocess.Popen[bytes], group: int | None, sign: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        if group is None:
            process.send_signal(sign)
        else:
            os.killpg(group, sign)


class _Listening:
    """Threads that read the pipes of a process and wait for its end, so that one place can wait for all of it on any system."""

    def __init__(self, process: subprocess.Popen[bytes], take: Callable[[int, bytes], None]) -> None:
        self._take = take
        self._events: Queue[tuple[int, bytes]] = Queue(WAITING)
        self._over = Event()
        self._open = 2
        self._ended = False
        self._until = 0.0
        for stream, pipe in ((STDOUT, process.stdout), (STDERR, process.stderr)):
            if pipe is not None:
                Thread(target=self._read, args=(stream, pipe), daemon=True).start()
        Thread(target=self._wait, args=(process,), daemon=True).start()

    def until_ended(self, deadline: float | None, end: Callable[[int], None]) -> bool:
        """Take everything until the command has ended, and say whether it was ended for its time; `end` sends it a signal."""
        late = False
        try:
            while not (self._ended and self._open == 0):
                now = time.monotonic()
                limit = self._until if self._ended else deadline
                if limit is not None and now >= limit:
                    if self._ended:
                        break
                    end(signal.SIGKILL if late and POSIX else signal.SIGTERM)
                    late, deadline = True, now + GRACE
                    continue
                with suppress(Empty):
                    self._heard(*self._events.get(timeout=None if limit is None else limit - now), end)
        finally:
            self._over.set()
        return late

    def _heard(self, stream: int, data: bytes, end: Callable[[int], None]) -> None:
        if data:
            self._take(stream, data)
        elif stream:
            self._open -= 1
        else:
            self._ended, self._until = True, time.monotonic() + LAST_WORDS
            if POSIX:
                end(signal.SIGKILL)  # what it left behind ends with it

    def _read(self, stream: int, pipe: IO[bytes]) -> None:
        with pipe:
            data = b"-"
            while data:
                try:
                    data = os.read(pipe.fileno(), AT_ONCE)
                except OSError:
                    data = b""
                self._say(stream, data)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        process.wait()
        self._say(0, b"")

    def _say(self, stream: int, data: bytes) -> None:
        while not self._over.is_set():
            with suppress(Full):
                self._events.put((stream, data), timeout=1)
                return
