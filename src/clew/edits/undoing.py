"""The inverse of an apply, as a plan for the tree as it is now: hunks of a weave switched off, or on again."""

from __future__ import annotations

import os
from collections.abc import Collection

import msgspec

from clew._native import digest
from clew.edits.journal import Entry, FileRecord, Journal
from clew.edits.plans import WHOLE, FileChange, Hunk, Plan, TextEdit, applied
from clew.edits.weave import Weave
from clew.edits.weaving import File, Files, Texts, woven

Only = Collection[str | tuple[str, int]]
"""Files by their path before or after, whole, or one of their hunks by its number, from 0."""


class Skipped(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A part that is not undone."""

    path: str
    """The file, where it is now or was last."""
    lines: tuple[int, int] | None = None
    """The first and the last line of the place, as they are now; None for the whole file or its path."""
    reason: str


class _Inverse(msgspec.Struct, kw_only=True):
    """The future of one file."""

    path: str
    before: str | None = None
    to: str | None = None
    data: bytes | None = None
    edits: tuple[TextEdit, ...] = ()
    mode: int | None = None
    switched: tuple[Hunk, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.before is not None and self.data is not None and self.to is None and not self.edits

    def stay(self) -> None:
        """Do not move."""
        self.to = None
        self.switched = tuple(hunk for hunk in self.switched if hunk.number != WHOLE)


def inverse(root: str, journal: Journal, entry: Entry, *, only: Only | None = None) -> tuple[Plan, list[Skipped]]:
    """The plan that takes an apply back, and what of it cannot be taken back.

    It switches the hunks that the entry put in off, or those that it switched back; a hunk that another one overlaps stays. What was
    undone already is in neither. Raises PlanExpired and StoreCorrupt where what stood before is no longer known.
    """
    undoing = _Undoing(root, journal, entry, only)
    found = [undoing.of(file) for file in entry.files if undoing.is_meant(file)]
    inverses = [each for each in found if each is not None]
    _settle_places(root, inverses, undoing.skipped)
    changes = [_change(each) for each in inverses if not each.is_empty]
    return Plan(undoes=entry.id, changes=tuple(sorted(changes, key=lambda change: change.path))), undoing.skipped


def _change(each: _Inverse) -> FileChange:
    after = None if each.data is None else digest(applied(each.data, each.edits))
    return FileChange(path=each.path, to=each.to, before=each.before, after=after, edits=each.edits, mode=each.mode, switched=each.switched)


class _Undoing:
    def __init__(self, root: str, journal: Journal, entry: Entry, only: Only | None) -> None:
        self.root = root
        self.journal = journal
        self.entry = entry
        self.only = only
        self.skipped: list[Skipped] = []
        self.files = Files(journal.entries())
        self.texts = Texts(journal)

    def is_meant(self, record: FileRecord, number: int | None = None) -> bool:
        """True for a file that is asked for, with a number for a hunk of it."""
        if self.only is None:
            return True
        named = (record.path, record.place)
        if number is None:
            return any((each if isinstance(each, str) else each[0]) in named for each in self.only)
        return any(each in self.only or (each, number) in self.only for each in named if each is not None)

    def of(self, record: FileRecord) -> _Inverse | None:
        """The inverse of one file; None where there is nothing to be done."""
        if record.path in self.entry.foreign:
            self._left(record.path, "somebody else wrote it while the plan was applied")
            return None
        file = self.files.of(self.entry, record)
        weave = woven(self.journal, self.texts, file)
        if record.after is None:
            return self._brought_back(record, file, weave)
        if weave.standing(self.entry.id) == []:
            return None
        now = _read(self.root, file.path) if file.is_there else None
        if now is None:
            self._left(file.path, "is gone")
            return None
        weave.found(digest(now), lambda: now)
        standing = weave.standing(self.entry.id)
        if standing is None:
            self._left(file.path, "cannot be followed: what stood there in between is no longer known")
            return None
        hunks = [hunk for hunk in standing if self.is_meant(record, hunk.number)]
        if not hunks:
            return None
        if record.before is None:
            return self._unmade(record, file.path, now, hunks)
        return self._switched(record, file.path, now, weave, hunks)

    def _left(self, path: str, reason: str) -> None:
        self.skipped.append(Skipped(path=path, reason=reason))

    def _brought_back(self, record: FileRecord, file: File, weave: Weave) -> _Inverse | None:
        """A file that was deleted."""
        standing = weave.standing(self.entry.id)
        if record.before is None or standing == [] or _digest_at(self.root, record.path) == record.before:
            return None
        if file.is_there:
            self._left(record.path, "was made anew since")
            return None
        data = self.journal.object(record.before, of=self.entry)
        return _Inverse(path=record.path, data=b"", edits=(TextEdit(0, 0, data),), mode=record.mode, switched=tuple(standing or ()))

    def _unmade(self, record: FileRecord, path: str, now: bytes, hunks: list[Hunk]) -> _Inverse | None:
        """A file that was made."""
        if path != record.path or digest(now) != record.after:
            self._left(path, "was changed since it was made")
            return None
        return _Inverse(path=path, before=record.after, switched=tuple(hunks))

    def _switched(self, record: FileRecord, path: str, now: bytes, weave: Weave, hunks: list[Hunk]) -> _Inverse:
        """A file that was changed, or moved."""
        blocked = weave.blocked({hunk for hunk in hunks if hunk.number != WHOLE})
        for hunk in sorted(blocked):
            self.skipped.append(Skipped(path=path, lines=weave.lines(hunk), reason="was changed since"))
        switched = [hunk for hunk in hunks if hunk not in blocked]
        found = _Inverse(path=path, before=digest(now), data=now, edits=weave.difference({*switched}), switched=tuple(switched))
        is_moving = record.to is not None and any(hunk.number == WHOLE for hunk in switched)
        if is_moving and path == record.to:
            found.to = record.path
        else:
            found.stay()
            if is_moving and path != record.path:
                self._left(path, f"was moved since; {record.path} was its path before")
        return found


def _settle_places(root: str, inverses: list[_Inverse], skipped: list[Skipped]) -> None:
    """Leave in its place each file that comes back to a place where something stands that does not leave."""
    while True:
        leaving = {each.path for each in inverses if each.before is not None and (each.to is not None or each.data is None)}
        blocked = [each for each in inverses if _is_blocked(root, each, leaving)]
        if not blocked:
            return
        for each in blocked:
            place = each.to or each.path
            skipped.append(Skipped(path=each.path, reason=f"another file stands at {place}" if each.to else "another file stands there"))
            if each.before is None:
                inverses.remove(each)
            each.stay()


def _is_blocked(root: str, each: _Inverse, leaving: set[str]) -> bool:
    place = each.to if each.before is not None else each.path
    return place is not None and place not in leaving and os.path.lexists(os.path.join(root, place))


def _read(root: str, path: str) -> bytes | None:
    try:
        with open(os.path.join(root, path), "rb") as stream:
            return stream.read()
    except OSError:
        return None


def _digest_at(root: str, path: str) -> str | None:
    data = _read(root, path)
    return None if data is None else digest(data)
