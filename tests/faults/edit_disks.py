"""Disks under an apply: one that asks before each operation, and one that remembers what a power cut would leave."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from clew._native import digest
from clew.edits.disk import Disk
from clew.edits.plans import FileChange, Plan, TextEdit, applied

Before = Callable[[str, str], None]


class WatchedDisk(Disk):
    """Asks `before` with the kind and the path of each operation; it may raise, or never return."""

    def __init__(self, before: Before = lambda _kind, _path: None) -> None:
        self.before = before
        self.names: dict[int, str] = {}

    def make(self, path: str, mode: int) -> int:
        self.before("make", path)
        descriptor = super().make(path, mode)
        self.names[descriptor] = path
        return descriptor

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        """Half of the bytes at a time, so that there is a moment at which half are there."""
        self.before("write", self.names[descriptor])
        return super().write(descriptor, data[: len(data) // 2 or 1])

    def sync(self, descriptor: int) -> None:
        self.before("sync", self.names[descriptor])  # and no wait: a kill loses nothing that was written

    def sync_folder(self, path: str) -> None:
        self.before("sync_folder", path)

    def rename(self, path: str, to: str) -> None:
        self.before("rename", path)
        super().rename(path, to)

    def remove(self, path: str) -> None:
        self.before("remove", path)
        super().remove(path)

    def make_folder(self, path: str, mode: int) -> None:
        self.before("make_folder", path)
        super().make_folder(path, mode)

    def remove_folder(self, path: str) -> None:
        self.before("remove_folder", path)
        super().remove_folder(path)


@dataclass(eq=False)
class Held:
    """A file of the model, and what it holds from the beginning; written is only what is made."""

    data: bytes = b""


@dataclass(frozen=True)
class Name:
    """A name that begins or ends to stand in a folder; both halves of a rename in one folder are one event."""

    folder: str
    gone: str | None = None
    here: tuple[str, Held | None] | None = None


@dataclass(frozen=True)
class FolderSynced:
    folder: str


@dataclass(frozen=True)
class Written:
    file: Held
    data: bytes


@dataclass(frozen=True)
class Synced:
    file: Held


@dataclass
class PowerDisk(Disk):
    """Remembers every operation. A name is sure when its folder was synced since, bytes when their file was."""

    root: str
    events: list[Name | FolderSynced | Written | Synced] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.open: dict[int, Held] = {}
        self.now = _held_in(self.root)

    def make(self, path: str, mode: int) -> int:
        descriptor = super().make(path, mode)
        self.open[descriptor] = self.now[path] = Held()
        self.events.append(Name(os.path.dirname(path), here=(path, self.now[path])))
        return descriptor

    def write(self, descriptor: int, data: bytes | memoryview) -> int:
        self.events.append(Written(self.open[descriptor], bytes(data)))
        return super().write(descriptor, data)

    def sync(self, descriptor: int) -> None:
        self.events.append(Synced(self.open[descriptor]))

    def sync_folder(self, path: str) -> None:
        self.events.append(FolderSynced(path.rstrip("/")))

    def rename(self, path: str, to: str) -> None:
        super().rename(path, to)
        file = self.now[to] = self.now.pop(path)
        here, there = os.path.dirname(path), os.path.dirname(to)
        if here == there:
            self.events.append(Name(here, gone=path, here=(to, file)))
        else:
            self.events += [Name(there, here=(to, file)), Name(here, gone=path)]

    def remove(self, path: str) -> None:
        super().remove(path)
        del self.now[path]
        self.events.append(Name(os.path.dirname(path), gone=path))

    def make_folder(self, path: str, mode: int) -> None:
        super().make_folder(path, mode)
        self.now[path] = None
        self.events.append(Name(os.path.dirname(path), here=(path, None)))

    def remove_folder(self, path: str) -> None:
        super().remove_folder(path)
        del self.now[path]
        self.events.append(Name(os.path.dirname(path), gone=path))


def _held_in(root: str) -> dict[str, Held | None]:
    found: dict[str, Held | None] = {}
    for folder, _, files in os.walk(root):
        found[folder] = None
        for name in files:
            data = Path(folder, name).read_bytes()
            found[os.path.join(folder, name)] = Held(data)
    return found


def after_power_cut(disk: PowerDisk, moment: int, before: Path, to: Path, random: Random) -> None:
    """Make at `to` what a disk holds that began as `before` when power fails after `moment` operations.

    What is not sure arrived or did not, each for itself; bytes that are not sure arrived in part.
    """
    names = {path.replace(str(before), disk.root, 1): held for path, held in _held_in(str(before)).items()}
    events = disk.events[:moment]
    last_sync = {event.folder: place for place, event in enumerate(events) if isinstance(event, FolderSynced)}
    for place, event in enumerate(events):
        if isinstance(event, Name) and (place < last_sync.get(event.folder, -1) or random.random() < 0.5):
            if event.gone is not None:
                names.pop(event.gone, None)
            if event.here is not None:
                names[event.here[0]] = event.here[1]
    for path in sorted(names):
        held, place = names[path], Path(path.replace(disk.root, str(to), 1))
        if path != disk.root and not place.parent.is_dir():
            continue
        if held is None:
            place.mkdir()
        else:
            place.write_bytes(_what_arrived(held, events, random))


def _what_arrived(held: Held, events: list[Name | FolderSynced | Written | Synced], random: Random) -> bytes:
    data = sure = held.data
    for event in events:
        if isinstance(event, Written) and event.file is held:
            data += event.data
        elif isinstance(event, Synced) and event.file is held:
            sure = data
    return data[: random.randrange(len(sure), len(data) + 1)]


def tree_of(root: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and mode of every file, and every folder; what belongs to clew left out."""
    found: dict[str, tuple[bytes, int]] = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name != ".clew"]
        found |= {os.path.relpath(os.path.join(folder, name), root): (b"<folder>", 0) for name in folders}
        for name in files:
            path = Path(folder, name)
            found[os.path.relpath(path, root)] = (path.read_bytes(), path.stat().st_mode & 0o7777)
    return found


def make_tree(root: Path, files: int) -> None:
    """So many files in a few folders, one of them executable."""
    for number in range(files):
        path = root / f"lib{number % 4}" / f"{number}.js"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"exports.old = %d;\n" % number * (number % 7 + 1))
    (root / "lib0" / "0.js").chmod(0o755)
    (root / ".clew").mkdir()


def plan_for(root: Path, word: bytes = b"renamed") -> Plan:
    """Every kind of change at once: all files edited, one of them moved to a new folder, two swapped, one made, a folder deleted."""
    changes = []
    for path in sorted(root.glob("lib*/*.js")):
        name, data = path.relative_to(root).as_posix(), path.read_bytes()
        edits = tuple(TextEdit(at, at + 3, word) for at in range(len(data)) if data.startswith(b"old", at))
        to = {"lib0/4.js": "new/deep/4.js", "lib0/8.js": "lib1/5.js", "lib1/5.js": "lib0/8.js"}.get(name)
        if name.startswith("lib3/"):
            changes.append(FileChange(path=name, before=digest(data)))
        else:
            changes.append(FileChange(path=name, to=to, before=digest(data), after=digest(applied(data, edits)), edits=edits))
    made = b"made\n"
    changes.append(FileChange(path="new/made.js", after=digest(made), edits=(TextEdit(0, 0, made),), mode=0o640))
    return Plan(changes=tuple(sorted(changes, key=lambda change: change.path)))


def copy_tree(root: Path, to: Path) -> None:
    shutil.copytree(root, to, symlinks=True)
