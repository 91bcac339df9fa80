"""A command without a shell: its output as it comes, its end, and the end of everything that it started.

The command runs in a process group of its own. A watcher leads that group and waits on a pipe that only this process holds open, so that
whatever ends this process, `kill -9` included, ends the group. What left the group ends with the command as well, but not with `kill -9`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from queue import Empty, Full, Queue
from shlex import join
from threading import Event, Thread, current_thread, main_thread
from typing import IO, TYPE_CHECKING, NamedTuple

from clew.bounds import Cancelled
from clew.errors import ProgramNotFound
from clew.recording.descendants import adopting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

STDOUT, STDERR = 1, 2
AT_ONCE = 1 << 16
"""Bytes that are read at once."""
WAITING = 64
"""Reads that may wait to be taken; a command that writes faster waits."""
GRACE = 2.0
"""Seconds that a command has to end by itself when its time is over, or this process is told to end."""
LOOKS = 0.5
"""Seconds after which a command that says nothing is looked after."""
LAST_WORDS = 1.0
"""Seconds that are left for the output of an ended command, where something outside of its group keeps its pipes open."""
TIMED_OUT = 124
"""The status of a command that was ended for its time, as `timeout` gives it."""
BY_SIGNAL = 128
WATCHER = "trap '' HUP INT QUIT TERM TTIN TTOU; read -r done || kill -KILL 0"
"""It reads a line when all is well, and the end of its pipe when the process that holds the other end is gone."""
POSIX = sys.platform != "win32"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if POSIX else ()
"""What tells this process to end."""


class Ended(NamedTuple):
    """The end of a command."""

    status: int
    """Its exit status; 128 and the number of the signal that ended it; 124 when its time was over."""
    seconds: float
    signal: str | None = None
    """The name of the signal that ended it."""
    timed_out: bool = False
    interrupted: bool = False
    """True when this process was told to end by `signal`, and ended the command."""
    cpu_seconds: float = 0.0
    """CPU time of the command and of what it waited for; 0 where the system does not tell one child from another."""


def run(
    command: tuple[str, ...],
    take: Callable[[int, bytes], None],
    *,
    folder: str | None = None,
    timeout: float | None = None,
    hears: bool = False,
    is_wanted: Callable[[], bool] = lambda: True,
    holds: tuple[int, ...] = (),
    environ: Mapping[str, str] | None = None,
) -> Ended:
    """Run a command in a folder to its end and hand over its output as it comes, with the stream that it came on.

    It reads what this process would read if it `hears`, else nothing. A signal that would end this process is handed on to the command,
    which has some time for last words; a second one ends both. It keeps the descriptors `holds` open, and so
    does what it starts, as long as any of it lives. Raises ProgramNotFound where there is no such program, and Cancelled, with the
    command ended, soon after it is no longer wanted. `environ` is set in its environment beside what this process has in its own.
    """
    began = time.monotonic()
    listening = _Listening(take, is_wanted)
    with minding(listening.interrupt), listening.among_all(), adopting() as end_all, _group() as group, _foreground(group, hears=hears):
        process = _started(command, group, folder, environ, hears=hears, holds=holds)

        def end(sign: int) -> None:
            _signal(process, group, sign)
            if POSIX and sign == signal.SIGKILL:
                end_all(process.pid)

        try:
            late = listening.until_ended(process, end, None if not timeout else began + timeout)
        finally:
            end(signal.SIGKILL if POSIX else signal.SIGTERM)
        returned = listening.status_of(process)
    ended = Ended(returned, round(time.monotonic() - began, 3), cpu_seconds=listening.cpu_seconds)
    if listening.interrupted_by is not None:
        sign = listening.interrupted_by
        return ended._replace(status=BY_SIGNAL + sign, signal=signal.Signals(sign).name, interrupted=True)
    if late:
        return ended._replace(status=TIMED_OUT, timed_out=True)
    if returned < 0:
        return ended._replace(status=BY_SIGNAL - returned, signal=_name_of(-returned))
    return ended


def _name_of(sign: int) -> str:
    """The name of a signal, or its number where it has none, as those of real time."""
    try:
        return signal.Signals(sign).name
    except ValueError:
        return str(sign)


def interrupt_all(sign: int) -> None:
    """Ask every command that runs to end, whichever thread runs it. Raises KeyboardInterrupt the second time."""
    for listening in tuple(_running):
        listening.interrupt(sign)


@contextmanager
def minding(interrupt: Callable[[int], None]) -> Iterator[None]:
    """Hand signals that would end this process to `interrupt` for so long, but none that is ignored, as under `nohup`."""
    if current_thread() is not main_thread():
        yield
        return
    if POSIX and signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # else the system keeps no status of a command
    before = {sign: handler for sign in ENDING if (handler := signal.getsignal(sign)) not in {signal.SIG_IGN, None}}
    woken = signal.set_wakeup_fd(-1)  # who waits there ends this process
    try:
        for sign in before:
            signal.signal(sign, lambda sign, _: interrupt(sign))
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
        signal.set_wakeup_fd(woken)


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


def _started(
    command: tuple[str, ...],
    group: int | None,
    folder: str | None,
    environ: Mapping[str, str] | None,
    *,
    hears: bool,
    holds: tuple[int, ...],
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - running what was asked for is the purpose; there is no shell
            command,
            stdin=None if hears else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            cwd=folder,
            env={**os.environ, **environ} if environ else None,
            process_group=group,
            pass_fds=holds if POSIX else (),
        )
    except FileNotFoundError as error:
        raise ProgramNotFound(f"There is no program {command[0]}", hint=_right(command)) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ProgramNotFound(f"{command[0]} cannot be run: {reason}") from error


def _right(command: tuple[str, ...]) -> str | None:
    """The line that was meant: of a command in one word, or of a program that a package installed; None where that is not known."""
    program, *rest = command
    if not rest and len(program.split()) > 1:
        return f"clew record -- {program}"
    if os.path.exists(os.path.join("node_modules", ".bin", program)):
        return f"clew record -- {join(['npx', *command])}"
    return None


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

    def __init__(self, take: Callable[[int, bytes], None], is_wanted: Callable[[], bool]) -> None:
        self._take = take
        self._is_wanted = is_wanted
        self._end: Callable[[int], None] | None = None
        self._events: Queue[tuple[int, bytes]] = Queue(WAITING)
        self._over = Event()
        self._open = 2
        self._ended = False
        self._until = float("inf")
        self.interrupted_by: int | None = None
        """The signal that this process was told to end by."""
        self.cpu_seconds = 0.0
        """CPU time of the process, once it has ended."""
        self._waiter: Thread | None = None
        """The thread that alone may wait for the process: a second one would take its status away."""

    @contextmanager
    def among_all(self) -> Iterator[None]:
        """Be among those that `interrupt_all` asks, for so long."""
        _running.add(self)
        try:
            yield
        finally:
            _running.discard(self)

    def interrupt(self, sign: int) -> None:
        """Ask the command to end, in the middle of whatever is done. Raises KeyboardInterrupt the second time."""
        if self.interrupted_by is not None:
            raise KeyboardInterrupt
        self.interrupted_by = sign
        if self._end is not None:
            self._until = min(self._until, time.monotonic() + GRACE)
            self._end(sign)

    def until_ended(self, process: subprocess.Popen[bytes], end: Callable[[int], None], deadline: float | None) -> bool:
        """Take everything until the command has ended, and say whether it was ended for its time; `end` sends it a signal.

        Raises Cancelled when nobody wants it any more.
        """
        for stream, pipe in ((STDOUT, process.stdout), (STDERR, process.stderr)):
            if pipe is not None:
                Thread(target=self._read, args=(stream, pipe), daemon=True).start()
        self._waiter = Thread(target=self._wait, args=(process,), daemon=True)
        self._waiter.start()
        late = False
        deadline = float("inf") if deadline is None else deadline
        self._end = end
        if self.interrupted_by is not None:  # before there was something to end
            self._until = time.monotonic() + GRACE
            end(self.interrupted_by)
        try:
            while not (self._ended and self._open == 0):
                if not self._is_wanted():
                    raise Cancelled
                now = time.monotonic()
                if now >= self._until:
                    if self._ended:
                        break
                    self._until = now + GRACE
                    end(signal.SIGKILL if POSIX else signal.SIGTERM)
                elif now >= deadline and not late:
                    late, self._until = True, now + GRACE
                    end(signal.SIGTERM)
                with suppress(Empty):
                    self._heard(*self._events.get(timeout=max(0.0, min(self._until - now, LOOKS, LOOKS if late else deadline - now))), end)
        finally:
            self._over.set()
        return late

    def status_of(self, process: subprocess.Popen[bytes]) -> int:
        """The status of a process that has ended or is about to; negative is the signal that ended it."""
        if self._waiter is not None:
            self._waiter.join()
        return process.wait()

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
        if POSIX:
            try:
                _, status, usage = os.wait4(process.pid, 0)
            except ChildProcessError:  # it ended where SIGCHLD is ignored, and the system kept no status of it
                process.returncode = 0
            else:
                self.cpu_seconds = usage.ru_utime + usage.ru_stime
                process.returncode = os.waitstatus_to_exitcode(status)
        else:
            process.wait()
        self._say(0, b"")

    def _say(self, stream: int, data: bytes) -> None:
        while not self._over.is_set():
            with suppress(Full):
                self._events.put((stream, data), timeout=1)
                return


_running: set[_Listening] = set()
"""Commands that run in this process."""
