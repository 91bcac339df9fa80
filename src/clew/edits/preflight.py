"""The places where a plan may write: inside of the root, on whole files that are only themselves and may be written."""

from __future__ import annotations

import os
import stat
from collections import Counter

import msgspec

from clew._native import digest
from clew.edits.plans import FileChange, Plan, applied
from clew.errors import OutsideWorkspace, StalePlan, UnsafeEdit


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A change, and what there is on the disk of it; paths are below the root, and lead over no link."""

    change: FileChange
    source: str | None = None
    """The file; None for one that is made."""
    target: str | None = None
    """The place of its bytes; None for a file that is deleted."""
    status: os.stat_result | None = None
    bytes_before: bytes | None = None
    bytes_after: bytes | None = None

    @property
    def signature(self) -> tuple[int, ...] | None:
        """That of the file before it was read."""
        return None if self.status is None else _signature_of(self.status)

    @property
    def is_moved(self) -> bool:
        """True where it comes to stand elsewhere."""
        return self.source is not None and self.target is not None and self.source != self.target


def examine(root: str, state: str, plan: Plan) -> list[Found]:
    """Every change with its file, read once.

    Raises StalePlan with the files that are not as they were; OutsideWorkspace, and UnsafeEdit for what must not be written.
    """
    places = _Places(root, state)
    found = [_find(places, change) for change in plan.changes]
    stale = [each.change.path for each in found if each.change.before is not None and not _is_as_it_was(each)]
    if stale:
        gone = [path for path in stale if not os.path.lexists(os.path.join(root, path))]
        changed = ", ".join(path for path in stale if path not in gone)
        said = [f"{changed} changed since the plan was made"] * bool(changed) + [f"{', '.join(gone)}: gone"] * bool(gone)
        raise StalePlan("; ".join(said), files=stale)
    _check_places(places, found)
    return [_with_result(each) for each in found]


def signature(root: str, path: str) -> tuple[int, ...] | None:
    """Numbers that change with a file; None where there is nothing."""
    try:
        status = os.lstat(f"{root}/{path}")
    except (FileNotFoundError, NotADirectoryError):
        return None
    return _signature_of(status)


def _signature_of(status: os.stat_result) -> tuple[int, ...]:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _find(places: _Places, change: FileChange) -> Found:
    root = places.root
    source = None if change.before is None else places.inside(change.path)
    target = source if change.place == change.path and source else None if change.place is None else places.inside(change.place)
    if source is None:
        return Found(change=change, target=target)
    if change.path in places.links and (target is None or change.to is not None):
        raise UnsafeEdit(f"{change.path} is a symbolic link, which is written through, and neither moved nor deleted", file=change.path)
    try:
        status = os.stat(f"{root}/{source}")
    except (FileNotFoundError, NotADirectoryError):
        return Found(change=change, source=source, target=target)
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeEdit(f"{change.path} is not a regular file", file=change.path)
    if status.st_nlink > 1:
        raise UnsafeEdit(f"{change.path} has {status.st_nlink} hard links; a new file would stand under one name only", file=change.path)
    places.check_writable(source, status)
    with open(f"{root}/{source}", "rb") as stream:
        return Found(change=change, source=source, target=target, status=status, bytes_before=stream.read())


def _is_as_it_was(found: Found) -> bool:
    return found.bytes_before is not None and digest(found.bytes_before) == found.change.before


class _Places:
    """The ends of paths; each folder is looked at once."""

    def __init__(self, root: str, state: str) -> None:
        self.root = root
        self.base = root.rstrip(os.sep) + os.sep
        self.state = os.path.realpath(state) + os.sep
        self.folders: dict[str, str] = {}
        self.links: set[str] = set()
        """Paths that are links themselves."""
        self.writable: set[str] = set()
        """Folders that may be written."""

    def inside(self, path: str) -> str:
        """The path that a path leads to, below the root. Raises OutsideWorkspace and UnsafeEdit."""
        if not path or "\0" in path or os.path.isabs(path) or os.path.normpath(path).replace(os.sep, "/") != path:
            raise OutsideWorkspace(f"{path!r} is no path below the root", file=path)
        real = self._real(path)
        if path == ".." or path.startswith("../") or not real.startswith(self.base):
            raise OutsideWorkspace(f"{path} leads out of {self.root}", file=path)
        if ".git" in real[len(self.base) :].split(os.sep) or real.startswith(self.state):
            raise UnsafeEdit(f"{path} belongs to git or to clew", file=path)
        return real[len(self.base) :].replace(os.sep, "/")

    def _real(self, path: str) -> str:
        folder, _, name = path.rpartition("/")
        if folder not in self.folders:
            self.folders[folder] = os.path.realpath(os.path.join(self.root, folder))
        plain = os.path.join(self.folders[folder], name)
        if not os.path.islink(plain):
            return plain
        self.links.add(path)
        return os.path.realpath(plain)

    def check_writable(self, path: str, status: os.stat_result | None) -> None:
        """Raises UnsafeEdit where nobody may write, whoever asks: a file without the permission is not meant to be changed."""
        plain = f"{self.root}/{path}"
        if status is not None and not (status.st_mode & 0o222 and os.access(plain, os.W_OK)):
            raise UnsafeEdit(f"{path} is read-only", file=path)
        folder = os.path.dirname(plain)
        if folder in self.writable:
            return
        above = folder
        while not os.path.isdir(above):
            if os.path.lexists(above):
                raise UnsafeEdit(f"{os.path.relpath(above, self.root)} is no folder", file=path)
            above = os.path.dirname(above)
        if not (os.stat(above).st_mode & 0o222 and os.access(above, os.W_OK | os.X_OK)):
            raise UnsafeEdit(f"the folder {os.path.relpath(above, self.root)} is read-only", file=path)
        self.writable.add(folder)


def _check_places(places: _Places, found: list[Found]) -> None:
    """Every file is changed once, and comes where nothing stands or where what stands goes away."""
    sources = [each.source for each in found if each.source is not None]
    targets = [each.target for each in found if each.target is not None]
    root = places.root
    for each_place in (sources, targets):
        twice = sorted(place for place, times in Counter(each_place).items() if times > 1)
        if twice:
            raise UnsafeEdit(f"two changes of one plan are about {twice[0]}", file=twice[0])
    leaving = {each.source for each in found if each.source is not None and (each.is_moved or each.target is None)}
    for each in found:
        if each.target is None or each.target == each.source:
            continue
        plain = os.path.join(root, each.target)
        places.check_writable(each.target, os.stat(plain) if os.path.exists(plain) else None)
        if each.target in leaving or not os.path.lexists(plain):
            continue
        if each.source is not None and os.path.samefile(os.path.join(root, each.source), plain):
            raise UnsafeEdit(f"{each.change.path} and {each.change.place} are one file here: only the case differs", file=each.change.path)
        raise UnsafeEdit(f"{each.change.place} exists already", file=each.change.place)


def _with_result(found: Found) -> Found:
    change = found.change
    if found.target is None:
        return found
    try:
        after = applied(found.bytes_before or b"", change.edits)
    except ValueError as error:
        raise UnsafeEdit(f"{change.path}: {error}", file=change.path) from error
    if digest(after) != change.after:
        raise UnsafeEdit(f"{change.path}: its edits do not give the bytes that the plan says", file=change.path)
    return msgspec.structs.replace(found, bytes_after=after)
