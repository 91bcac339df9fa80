"""Everything that a command started, wherever it went: on Linux orphans come to this process, and are found below it.

What a command starts can leave its group (`setsid`) and outlive its parent; its line of parents leads here all the same.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from _thread import allocate_lock
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SET_CHILD_SUBREAPER, GET_CHILD_SUBREAPER = 36, 37
"""Options of prctl(2)."""
PATIENCE = 2.0
"""Seconds after which what does not die is left."""
BETWEEN_LOOKS = 0.002
DEAD = frozenset({b"Z", b"X"})


class _Process(NamedTuple):
    state: bytes
    parent: int
    group: int


class _Running:
    """The commands that run at once in this process: what they have left behind is not told apart."""

    def __init__(self) -> None:
        self.lock = allocate_lock()
        self.commands = 0
        self.before: set[int] = set()
        self.restore: Callable[[], object] | None = None


_running = _Running()


@contextmanager
def adopting() -> Iterator[Callable[[int], None]]:
    """Orphans below this process become its children for so long.

    What is given ends all that was started meanwhile by the child of that number, and that child; while other commands run, the last of
    them does it for all. Children in the group of this process are others' business. It does nothing where the system has no such thing.
    """
    with _running.lock:
        if not _running.commands:
            _running.restore = _prctl() if sys.platform == "linux" else None
            _running.before = {number for number, process in _processes().items() if process.parent == os.getpid()}
        _running.commands += 1

    def end(child: int) -> None:
        with _running.lock:
            if _running.commands == 1 and _running.restore is not None:
                _end(child, _running.before)

    try:
        yield end
    finally:
        with _running.lock:
            _running.commands -= 1
            if not _running.commands and _running.restore is not None:
                _running.restore()


def _prctl() -> Callable[[], object] | None:
    """Have orphans come here; what takes that back, or None where it cannot be had."""
    from ctypes import CDLL, byref, c_int, c_ulong  # 6 ms: only who runs a command pays

    prctl = CDLL(None).prctl
    was = c_int()
    if prctl(GET_CHILD_SUBREAPER, byref(was), c_ulong(), c_ulong(), c_ulong()) or prctl(
        SET_CHILD_SUBREAPER, c_ulong(1), c_ulong(), c_ulong(), c_ulong()
    ):
        return None
    return lambda: prctl(SET_CHILD_SUBREAPER, c_ulong(was.value), c_ulong(), c_ulong(), c_ulong())


def _end(child: int, before: set[int]) -> None:
    """Kill until nothing is left: what dies may have started something since it was seen."""
    until = time.monotonic() + PATIENCE
    beyond: set[int] = set()
    while True:
        living = []
        for number, process in _below(before).items():
            if process.state not in DEAD:
                living.append(number)
            elif process.parent == os.getpid() and number != child:
                with suppress(ChildProcessError):
                    os.waitpid(number, os.WNOHANG)
        for number in living:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass
            except PermissionError:  # it became another user
                beyond.add(number)
        if beyond.issuperset(living) or time.monotonic() > until:
            return
        time.sleep(BETWEEN_LOOKS)


def _below(before: set[int]) -> dict[int, _Process]:
    """The processes below this one, without those that were here before and those of its own group."""
    processes = _processes()
    children: dict[int, list[int]] = {}
    for number, process in processes.items():
        children.setdefault(process.parent, []).append(number)
    own = os.getpgrp()
    found = [number for number in children.get(os.getpid(), ()) if number not in before and processes[number].group != own]
    for number in found:
        found.extend(children.get(number, ()))
    return {number: processes[number] for number in found}


def _processes() -> dict[int, _Process]:
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError), open(f"/proc/{name}/stat", "rb") as stat:
                state, parent, group = stat.read().rpartition(b")")[2].split()[:3]
                found[int(name)] = _Process(state, int(parent), int(group))
    return found
