"""The sessions of a checkout that cannot be written are read from a private copy of their database and log.

SQLite reads a log only beside shared memory that it can write, and `immutable` would leave the log out.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress

import msgspec

from clew.errors import StoreUnavailable
from clew.sessions.store.gate import Gate, require_files

STAMP = ".copied"
TRIES = 3


class _Copied(msgspec.Struct, frozen=True):
    """Sizes and times of database and log, of those that were copied and of the copy."""

    source: tuple[int, ...]
    copy: tuple[int, ...]


def adopt(source: str, path: str) -> None:
    """Make the database at `path` a copy of the one at `source`, unless something else was recorded in it.

    Nothing is done where there is no database to read, or where the copy is of now. Raises StoreUnavailable.
    """
    if not os.access(source, os.R_OK):
        return
    require_files(source, source + "-wal", path)
    known = _known(path)
    if known is not None and (known.source == _state(source) or known.copy != _state(path)):
        return
    from clew.sessions.store.mending import is_empty  # apsw: only where there is something to copy

    gate = Gate(path + ".gate")
    with gate:  # now nobody records in it
        if not os.path.exists(path) or (is_empty(path) if known is None else known.copy == _state(path)):
            _copy(source, path)
    gate.close()


def _known(path: str) -> _Copied | None:
    try:
        with open(path + STAMP, "rb") as file:
            return msgspec.json.decode(file.read(), type=_Copied)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _copy(source: str, path: str) -> None:
    from clew.sessions.store.mending import copy_file, put_in_place

    partial = f"{path}.{os.getpid()}"
    try:
        for _ in range(TRIES):
            before = _state(source)
            with _still(source):
                for ending in ("", "-wal"):
                    with suppress(FileNotFoundError):
                        os.unlink(partial + ending)
                    if os.path.exists(source + ending):
                        copy_file(source + ending, partial + ending)
            if _state(source) == before:
                break
        else:
            raise StoreUnavailable(f"{source} changes while it is copied", again=())
        put_in_place(path, partial)
        with open(path + STAMP, "wb") as file:
            file.write(msgspec.json.encode(_Copied(before, _state(path))))
    finally:
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(partial + ending)


def _still(source: str) -> ExitStack:
    """The source's gate held, where it can be."""
    stack = ExitStack()
    gate = Gate(source + ".gate")
    stack.callback(gate.close)
    with suppress(OSError):
        stack.enter_context(gate)
    return stack


def _state(path: str) -> tuple[int, ...]:
    found: list[int] = []
    for ending in ("", "-wal"):
        with suppress(FileNotFoundError):
            held = os.stat(path + ending)
            found += [held.st_ino, held.st_size, held.st_mtime_ns]
    return tuple(found)
