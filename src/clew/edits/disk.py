"""Everything that an apply does to a disk, an operation each, so that a test can stand in for any of them."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from clew.errors import ClewError, DiskFull, StoreUnavailable

FULL = frozenset({errno.ENOSPC, errno.EFBIG, errno.EDQUOT})
OPEN_AT_ONCE = 64
_BINARY = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)


class Disk:
    """The operations that change a disk, or make a change durable. All take absolute paths."""

    def make(self, path: str, mode: int) -> int:
        """An open, empty file."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, mode)

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """Write bytes; gives the number written."""
        return os.write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        """Wait until the bytes of an open file are on the disk."""
        os.fsync(descriptor)

    def sync_folder(self, path: str) -> None:
        """Wait until the names in a folder are on the disk."""
        if os.name == "nt":
            return  # folders cannot be opened there
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def rename(self, path: str, to: str) -> None:
        """Put a file in the place of another, at once."""
        os.replace(path, to)

    def remove(self, path: str) -> None:
        """Remove a file."""
        os.unlink(path)

    def make_folder(self, path: str, mode: int) -> None:
        """Make a folder."""
        os.mkdir(path, mode)

    def remove_folder(self, path: str) -> None:
        """Remove an empty folder."""
        os.rmdir(path)


def put(disk: Disk, path: str, data: bytes, *, mode: int) -> None:
    """A whole file, on the disk. Raises OSError; what was written of the file is left then."""
    put_all(disk, [New(path, data, mode=mode)])


class New(NamedTuple):
    """A file that is to be written: with the permissions and the owner of `like`, or with `mode`, or as any new file."""

    path: str
    data: bytes
    like: os.stat_result | None = None
    mode: int | None = None
    is_aged: bool = False
    """True for one that gets the time of `like`, too."""


def put_all(disk: Disk, files: Sequence[New]) -> None:
    """Whole files, on the disk. Raises OSError; what was written of them is left then.

    They are synced after so many were written, which is less work for a file system than one by one.
    """
    for first in range(0, len(files), OPEN_AT_ONCE):
        opened: list[int] = []
        try:
            for file in files[first : first + OPEN_AT_ONCE]:
                opened.append(disk.make(file.path, 0o666 if _mode(file) is None else 0o600))
                _fill(disk, opened[-1], file)
            for descriptor in opened:
                disk.sync(descriptor)
        finally:
            for descriptor in opened:
                os.close(descriptor)


def _mode(file: New) -> int | None:
    return file.mode if file.mode is not None else None if file.like is None else file.like.st_mode & 0o7777


def _fill(disk: Disk, descriptor: int, file: New) -> None:
    like, mode = file.like, _mode(file)
    if like is not None and hasattr(os, "fchown") and (like.st_uid, like.st_gid) != _owner(descriptor):
        with suppress(PermissionError):
            os.fchown(descriptor, like.st_uid, like.st_gid)
    if mode is not None and hasattr(os, "fchmod"):
        os.fchmod(descriptor, mode)  # after the owner, which clears bits
    rest = memoryview(file.data)
    while rest:
        written = disk.write(descriptor, rest)
        if not written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), file.path)
        rest = rest[written:]
    if file.is_aged and like is not None:
        os.utime(descriptor if os.utime in os.supports_fd else file.path, ns=(like.st_atime_ns, like.st_mtime_ns))


def _owner(descriptor: int) -> tuple[int, int]:
    made = os.fstat(descriptor)
    return made.st_uid, made.st_gid


def failure(error: OSError, doing: str) -> ClewError:
    """The error of ours for one of the operating system."""
    if error.errno in FULL:
        return DiskFull(f"No space left {doing}; nothing was half-written", again=())
    return StoreUnavailable(f"Cannot go on {doing}: {error.strerror or error}", again=())
