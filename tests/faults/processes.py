"""Workers that are processes of their own and can be killed at any instruction; they report through a pipe."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Worker:
    """A forked process. What it `say`s, line by line, is in `said` once it was read."""

    pid: int
    pipe: int
    said: list[str] = field(default_factory=list)
    _rest: bytes = b""

    def read(self, lines: int) -> None:
        """Wait until the worker has said `lines` lines, or has ended."""
        while len(self.said) < lines and (data := os.read(self.pipe, 65536)):
            *whole, self._rest = (self._rest + data).split(b"\n")
            self.said += [line.decode() for line in whole]

    def kill(self) -> None:
        """End it between two instructions, and read what it said before."""
        os.kill(self.pid, signal.SIGKILL)
        self.join()

    def join(self) -> int:
        """Read to the end; gives the exit status."""
        self.read(sys.maxsize)
        os.close(self.pipe)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def fork(work: Callable[[Callable[[str], None]], None]) -> Worker:
    """Run `work(say)` in a new process."""
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return Worker(pid, read)
    status = 1
    try:
        os.close(read)
        work(lambda line: _write(write, line))
        status = 0
    except BaseException as error:  # noqa: BLE001 - a forked child must not return into pytest
        _write(write, f"failed {error!r}")
    finally:
        os._exit(status)


def _write(pipe: int, line: str) -> None:
    os.write(pipe, line.encode() + b"\n")
