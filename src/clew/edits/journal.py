"""The journal of a checkout: which plans were applied to it, what stood there before, and the apply that is under way.

`pending` is that apply: first what it is going to stage, then, in the same place, what it committed to; when all is done it is
renamed to be an entry. So one look says whether anything is under way, and each state follows the other at once.
"""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import cached_property
from typing import TypeVar

import msgspec

from clew._native import digest
from clew.edits.disk import Disk, failure, put
from clew.edits.plans import WHOLE, Hunk, Plan
from clew.errors import PlanExpired, StoreCorrupt
from clew.index.lock import held

KEPT_DAYS = 90
KEPT = KEPT_DAYS * 86_400
QUOTA = 512 * 1024 * 1024
SWEPT_EVERY = 32
"""Applies between two looks at what can go."""
FASTEST = 1
PACK = ".pack"
UNFINISHED = ".new"

T = TypeVar("T")
Span = tuple[int, int, int]
"""The start and the end of an edit in the bytes before, and the length of its text."""


class FileRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The changes of an apply to one file: its digest and path before and after, and the offset map between them."""

    path: str
    to: str | None = None
    before: str | None = None
    after: str | None = None
    mode: int | None = None
    """The permissions it had; None for a file that was made."""
    edits: tuple[Span, ...] = ()
    switched: tuple[Hunk, ...] = ()
    """The hunks of earlier entries that were taken back, or put there again; empty where the edits are hunks of their own."""

    @property
    def place(self) -> str | None:
        """The path after; None for a file that was deleted."""
        return None if self.after is None else self.to or self.path


class Entry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An apply that is done."""

    id: str
    seq: int
    plan: str
    wrote: str | None = None
    """The plan as it was written, where it had to follow what others changed since it was made."""
    undoes: str | None = None
    time: float
    files: tuple[FileRecord, ...]
    foreign: tuple[str, ...] = ()
    """Files that somebody else wrote meanwhile: they are as they were left, and nothing of the plan is in them."""
    made: tuple[str, ...] = ()
    """Folders that were made."""
    emptied: tuple[str, ...] = ()
    """Folders that were removed, because nothing was left in them."""

    def written(self) -> Iterator[FileRecord]:
        """The files that it really changed."""
        return (file for file in self.files if file.path not in self.foreign)


class Work(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The work that is to be done for one file of a pending apply; paths are below the root, and lead over no link."""

    staged: str | None = None
    """Its bytes, beside their place; None for a file that is deleted."""
    target: str | None = None
    """Their place."""
    stood: str | None = None
    """The digest of what stands there before."""
    source: str | None = None
    """A file that is removed in the end."""


class Pending(Entry, frozen=True, kw_only=True, omit_defaults=True):
    """An apply that is under way; the names it stages until it is committed, the whole of it from then on."""

    committed: bool = False
    work: tuple[Work, ...] = ()
    """One for each of `files`."""


class Journal:
    """All that is kept of the applies to one root, below its state folder. Looking at it writes nothing."""

    def __init__(self, state: str, *, disk: Disk | None = None, clock: Callable[[], float] = time.time) -> None:
        self.state = state
        self.folder = os.path.join(state, "journal")
        self.disk = disk or Disk()
        self.clock = clock
        self._objects = os.path.join(self.folder, "objects")
        self._entries = os.path.join(self.folder, "entries")
        self._pending = os.path.join(self.folder, "pending")
        self._known: dict[str, Entry] = {}
        self._holds = 0

    # What is under way.

    @property
    def is_pending(self) -> bool:
        """True where an apply is under way, or ended in the middle."""
        return os.path.lexists(self._pending)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Wait for the apply of another process, and hold the journal for the block.

        Who holds it may hold it again through the same object; another object of the same process waits like another process.
        """
        if self._holds:
            lock: AbstractContextManager[None] = nullcontext()
        else:
            try:
                _ = self._made
                lock = held(os.path.join(self.folder, "lock"))
                lock.__enter__()
            except OSError as error:
                raise failure(error, f"in {self.folder}") from error
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
            lock.__exit__(None, None, None)

    def pending(self) -> Pending | None:
        """The apply that is under way. Raises StoreCorrupt."""
        return self._read(self._pending, Pending)

    def begin(self, pending: Pending) -> None:
        """Say what an apply is going to do next; it is on the disk when this returns."""
        self._put(self._pending, msgspec.json.encode(pending), in_folder=self.folder)

    def finish(self, pending: Pending) -> None:
        """The pending apply is an entry from now on."""
        self.disk.rename(self._pending, self._path_of(pending))
        self.disk.sync_folder(self._entries)

    def drop(self) -> None:
        """Nothing is pending any more."""
        with suppress(FileNotFoundError):
            self.disk.remove(self._pending)

    # What is done.

    def entries(self) -> list[Entry]:
        """Every entry, oldest first."""
        names = self._names(self._entries)
        return [entry for name in names if (entry := self._entry_of(name)) is not None]

    def entry(self, ident: str) -> Entry:
        """An entry by its id. Raises PlanExpired."""
        for name in self._names(self._entries):
            if name.endswith(f"-{ident}.json") and (entry := self._entry_of(name)) is not None:
                return entry
        raise PlanExpired(f"There is no entry {ident} in the journal; it keeps what was applied for {KEPT_DAYS} days")

    def has(self, ident: str) -> bool:
        """True where that apply is done."""
        return any(name.endswith(f"-{ident}.json") for name in self._names(self._entries))

    def active(self, plan: str) -> Entry | None:
        """The newest apply of a plan of which something stands: it was not taken back since, or not all of it."""
        entries = self.entries()
        standing = standing_of(entries)
        return next((entry for entry in reversed(entries) if entry.plan == plan and entry.id in standing), None)

    def next_number(self) -> int:
        """The number of the next entry."""
        names = self._names(self._entries)
        return int(names[-1].partition("-")[0]) + 1 if names else 1

    # What is kept.

    def keep(self, data: bytes) -> str:
        """Keep bytes; gives their digest."""
        named = digest(data)
        path = os.path.join(self._objects, named)
        try:
            os.utime(path)  # it is as young as who asked for it
        except FileNotFoundError:
            self._put(path, _compressed(data), in_folder=self._objects)
        return named

    def keep_all(self, ident: str, sources: dict[str, bytes]) -> None:
        """Keep what stood before an apply, by digest, all of it in one file: one wait for the disk."""
        parts = {named: _compressed(source) for named, source in sources.items()}
        if parts:
            index = msgspec.json.encode({named: len(part) for named, part in parts.items()})
            data = b"".join((len(index).to_bytes(4, "big"), index, *parts.values()))
            self._put(os.path.join(self._objects, ident + PACK), data, in_folder=self._objects)

    def forget(self, ident: str) -> None:
        """Forget all that was kept for an apply that never was."""
        with suppress(FileNotFoundError):
            self.disk.remove(os.path.join(self._objects, ident + PACK))

    def object(self, named: str, *, of: Entry | None = None) -> bytes:
        """The bytes of that digest, looked up first among what stood before an entry. Raises PlanExpired and StoreCorrupt."""
        for name in self._holders(named, of):
            path = os.path.join(self._objects, name)
            try:
                part = _part(path, named) if name.endswith(PACK) else _whole(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise failure(error, f"reading {path}") from error
            if part is None:
                continue
            try:
                data = zlib.decompress(part)
            except zlib.error:
                data = b""
            if digest(data) != named:
                raise StoreCorrupt(f"{path} does not hold what was kept as {named}", again=())
            return data
        raise PlanExpired(f"What was kept as {named} is gone; it was kept for {KEPT_DAYS} days")

    def _holders(self, named: str, of: Entry | None) -> Iterator[str]:
        """Names of the files that may hold a digest, the likeliest first."""
        if of is not None:
            yield of.id + PACK
        yield named
        yield from sorted((name for name in self._names(self._objects) if name.endswith(PACK)), reverse=True)

    def keep_plan(self, plan: Plan) -> str:
        """Keep a plan; gives its id."""
        return self.keep(msgspec.json.encode(plan))

    def plan(self, ident: str) -> Plan:
        """A plan by its id. Raises PlanExpired and StoreCorrupt."""
        try:
            return msgspec.json.decode(self.object(ident), type=Plan)
        except msgspec.DecodeError as error:
            raise StoreCorrupt(f"{ident} in {self._objects} is no plan: {error}", again=()) from error

    def sweep(self) -> None:
        """Take away what is older than KEPT, and, over the quota, the oldest of what no apply that stands needs to be undone."""
        oldest = self.clock() - KEPT
        entries = self.entries()
        for entry in entries[:-1]:  # the last one keeps the count
            if entry.time < oldest:
                self.disk.remove(self._path_of(entry))
        standing = standing_of(entries)
        standing |= {hunk.entry for entry in entries if entry.id in standing for file in entry.files for hunk in file.switched}
        needed = {
            name
            for entry in entries
            if entry.time >= oldest and entry.id in standing
            for name in (entry.plan, entry.wrote, entry.id + PACK)
        }
        found = []
        for name in os.listdir(self._objects):
            status = os.stat(os.path.join(self._objects, name))
            found.append((status.st_mtime, status.st_size, name))
        size = sum(bytes_ for _, bytes_, _ in found)
        for written, bytes_, name in sorted(found):
            if name not in needed and (written < oldest or size > QUOTA):
                self.disk.remove(os.path.join(self._objects, name))
                size -= bytes_

    # How it is written.

    @cached_property
    def _made(self) -> None:
        for folder in (self.folder, self._objects, self._entries):
            if not os.path.isdir(folder):
                with suppress(FileExistsError):
                    self.disk.make_folder(folder, 0o700)
                self.disk.sync_folder(os.path.dirname(folder))

    def _put(self, path: str, data: bytes, *, in_folder: str) -> None:
        """A whole file in its place at once, on the disk when this returns."""
        own = f"{path}.{os.urandom(4).hex()}{UNFINISHED}"
        try:
            _ = self._made
            try:
                put(self.disk, own, data, mode=0o600)
                self.disk.rename(own, path)
            except BaseException:
                with suppress(OSError):
                    self.disk.remove(own)
                raise
            self.disk.sync_folder(in_folder)
        except OSError as error:
            raise failure(error, f"writing {path}") from error

    def _path_of(self, entry: Entry) -> str:
        return os.path.join(self._entries, f"{entry.seq:06}-{entry.id}.json")

    def _entry_of(self, name: str) -> Entry | None:
        if name not in self._known:
            entry = self._read(os.path.join(self._entries, name), Entry)
            if entry is None:
                return None  # swept meanwhile
            self._known[name] = entry
        return self._known[name]

    def _names(self, folder: str) -> list[str]:
        try:
            return sorted(name for name in os.listdir(folder) if not name.endswith(UNFINISHED))
        except FileNotFoundError:
            return []

    def _read(self, path: str, kind: type[T]) -> T | None:
        try:
            data = _whole(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise failure(error, f"reading {path}") from error
        try:
            return msgspec.json.decode(data, type=kind)
        except msgspec.DecodeError as error:
            raise StoreCorrupt(f"{path} cannot be read: {error}", again=()) from error


def own_hunks(entry: Entry, file: FileRecord) -> list[Hunk]:
    """The hunks that an entry made in a file; that of the file itself is the last one."""
    is_whole = file.to is not None or file.before is None or file.after is None
    return [Hunk(entry.id, file.path, number) for number in (*range(len(file.edits)), *([WHOLE] if is_whole else []))]


def standing_of(entries: Iterable[Entry]) -> set[str]:
    """Ids of the entries of which something stands: a hunk of theirs that is on, or one that nobody has switched since they did."""
    is_on: dict[Hunk, bool] = {}
    last: dict[Hunk, str] = {}
    for entry in entries:
        for file in entry.written():
            for hunk in file.switched:
                is_on[hunk] = not is_on.get(hunk, True)
                last[hunk] = entry.id
            if not file.switched:
                is_on |= dict.fromkeys(own_hunks(entry, file), True)
    return {hunk.entry for hunk, on in is_on.items() if on} | set(last.values())


def _compressed(data: bytes) -> bytes:
    """Bytes as `zlib.decompress` reads them; those of a small file in a small window, as a large one takes longer to clear than to fill."""
    window = min(max(len(data).bit_length(), 9), zlib.MAX_WBITS)
    compressing = zlib.compressobj(FASTEST, zlib.DEFLATED, window, min(window - 6, zlib.DEF_MEM_LEVEL))
    return compressing.compress(data) + compressing.flush()


def _whole(path: str) -> bytes:
    with open(path, "rb") as stream:
        return stream.read()


def _part(path: str, named: str) -> bytes | None:
    """The bytes that a pack holds under a digest, as it is kept."""
    with open(path, "rb") as stream:
        try:
            sizes = msgspec.json.decode(stream.read(int.from_bytes(stream.read(4), "big")), type=dict[str, int])
        except msgspec.DecodeError as error:
            raise StoreCorrupt(f"{path} cannot be read: {error}", again=()) from error
        start = stream.tell()
        for key, size in sizes.items():
            if key == named:
                stream.seek(start)
                return stream.read(size)
            start += size
    return None
