"""The hold on a pipeline of who runs it: a lock of the kernel or of the server, which ends with its holder, and never a clock.

Beside that stands a lock that commands inherit: what a killed run left behind holds it as long as it lives. Some programs close what they
inherit before they start others, as Node does; these are known by a mark in their environment, which is looked for behind a killed run.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from clew.errors import RunBlocked
from clew.locks import lock
from clew.workspace import MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clew.sessions.core import Sessions
    from clew.workspace import Workspace

LOOKS = 40
BETWEEN_LOOKS = 0.05
"""Seconds between two looks at what a killed run left: what is about to end has two seconds for it."""
MOST_SHOWN = 5
HELD = b"held"
"""The content of the lock's file while a run holds it; a run that was killed leaves it behind."""
MOST_OF_A_LINE = 80


@contextmanager
def held(workspace: Workspace, sessions: Sessions, name: str) -> Iterator[None]:
    """Hold the pipeline for the block: another run of it is waited for, and so is what a killed one left, but not for long.

    Commands that run in the block keep it held as long as they live. Raises RunBlocked with the processes that are left.
    """
    workspace.progress.report("waiting for another run")
    with sessions.store.lease(name):
        folder = os.path.join(workspace.state, "runs")
        os.makedirs(folder, mode=0o700, exist_ok=True)
        path = os.path.join(folder, f"{name}.children")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        try:
            _take(descriptor, path, name)
            workspace.progress.report("")
            workspace.holds, workspace.mark = (descriptor,), path
            os.pwrite(descriptor, HELD, 0)
            try:
                yield
            finally:
                os.ftruncate(descriptor, 0)
        finally:
            workspace.holds, workspace.mark = (), None
            os.close(descriptor)


def _take(descriptor: int, path: str, name: str) -> None:
    for _ in range(LOOKS):
        with suppress(BlockingIOError):
            lock(descriptor, wait=False)
            if os.pread(descriptor, len(HELD), 0) != HELD or not marked(path):
                return
        time.sleep(BETWEEN_LOOKS)
    living = holders(path) or marked(path)
    said = "; ".join(f"{number} {line}" for number, line in living[:MOST_SHOWN])
    raise RunBlocked(
        f"What a killed run of {name} started is still alive{f': {said}' if said else ''}",
        hint=f"kill {' '.join(str(number) for number, _ in living)}" if living else f"fuser {path}",
        processes=[number for number, _ in living],
    )


def marked(path: str) -> list[tuple[int, str]]:
    """The processes with this mark in their environment, with their lines; empty where the system does not tell."""
    wanted = f"{MARK}={path}\0".encode("utf-8", "surrogateescape")

    def has_mark(process: str) -> bool:
        with open(f"/proc/{process}/environ", "rb") as stream:
            return wanted in stream.read()

    return _others(has_mark)


def _others(are: Callable[[str], bool]) -> list[tuple[int, str]]:
    """The other processes that are so, with their lines; those that end meanwhile, or may not be looked at, are left out."""
    found = []
    with suppress(OSError):
        for name in os.listdir("/proc"):
            if name.isdigit() and int(name) != os.getpid():
                with suppress(OSError):
                    if are(name):
                        found.append((int(name), _line_of(name)))
    return sorted(found)


def _line_of(process: str) -> str:
    """The line that a process was started by."""
    with open(f"/proc/{process}/cmdline", "rb") as stream:
        return stream.read().replace(b"\0", b" ").decode(errors="replace").strip()[:MOST_OF_A_LINE]


def holders(path: str) -> list[tuple[int, str]]:
    """The processes that have a file open, with their lines; empty where the system does not tell."""
    wanted = os.stat(path)
    return _others(lambda process: _has_open(process, wanted))


def _has_open(process: str, wanted: os.stat_result) -> bool:
    with suppress(OSError):
        for entry in os.scandir(f"/proc/{process}/fd"):
            with suppress(OSError):
                status = entry.stat()
                if (status.st_dev, status.st_ino) == (wanted.st_dev, wanted.st_ino):
                    return True
    return False
