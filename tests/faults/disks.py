"""Disks that remember every write, or fail at the one they are told to, as SQLite virtual file systems."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import apsw

_numbers = count()


@dataclass(frozen=True)
class Write:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    file: str
    size: int


@dataclass(frozen=True)
class Delete:
    file: str


@dataclass(frozen=True)
class Sync:
    file: str


@dataclass(frozen=True)
class Said:
    """Something was acknowledged to a caller."""

    text: str


Event = Write | Truncate | Delete | Sync | Said


@dataclass
class Disk:
    """The operations, in order. `before` is asked before each operation and may raise."""

    events: list[Event] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda _kind, _file: None

    def mount(self) -> str:
        """Register a file system over the real one; gives its name."""
        name = f"disk{next(_numbers)}"
        self._vfs = _Vfs(name, self)
        return name

    def unmount(self) -> None:
        self._vfs.unregister()


class _Vfs(apsw.VFS):
    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> _File:  # noqa: N802 - SQLite's name
        return _File(self.disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        super().xDelete(filename, syncdir)
        self.disk.events.append(Delete(Path(filename).name))


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: Any, flags: list[int]) -> None:
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self.disk, self.name = disk, Path(path).name if path else ""
        super().__init__("", name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self.disk.before("write", self.name)
        super().xWrite(data, offset)
        self.disk.events.append(Write(self.name, offset, bytes(data)))

    def xTruncate(self, size: int) -> None:  # noqa: N802
        self.disk.before("truncate", self.name)
        super().xTruncate(size)
        self.disk.events.append(Truncate(self.name, size))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self.disk.before("sync", self.name)
        super().xSync(flags)
        self.disk.events.append(Sync(self.name))

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        self.disk.before("read", self.name)
        return super().xRead(amount, offset)


def after_power_loss(events: list[Event], folder: Path, *, random: Random | None) -> None:
    """Write the files as a disk holds them when power fails after `events`.

    Without `random` every write arrived, the last one in part. With it, each write that was not synced arrived or did not.
    """
    synced = {event.file: place for place, event in enumerate(events) if isinstance(event, Sync)}
    held: dict[str, bytearray] = {}
    last = max((place for place, event in enumerate(events) if isinstance(event, Write)), default=-1)
    for place, event in enumerate(events):
        if isinstance(event, Delete):
            held.pop(event.file, None)
        if not isinstance(event, Write | Truncate):
            continue
        durable = place < synced.get(event.file, -1)
        if random is not None and not durable and random.random() < 0.5:
            continue
        file = held.setdefault(event.file, bytearray())
        if isinstance(event, Truncate):
            del file[event.size :]
            continue
        data = event.data[: len(event.data) // 2] if place == last and not durable else event.data
        file.extend(bytes(max(0, event.offset - len(file))))
        file[event.offset : event.offset + len(data)] = data
    folder.mkdir(parents=True)
    for name, data in held.items():
        (folder / name).write_bytes(data)
