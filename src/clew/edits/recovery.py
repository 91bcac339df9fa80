"""Bringing an apply to its end: what was staged is thrown away before the commit, and put in its place after it."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable
from contextlib import suppress

import msgspec

from clew._native import digest
from clew.edits.disk import Disk, failure
from clew.edits.journal import Entry, Journal, Pending, Work

NEVER = "not a file"
"""Stands for what has no digest: a folder in the place of a file."""
Unchanged = Callable[[str], bool]


def recover(root: str, journal: Journal) -> Entry | None:
    """End what another process left in the middle; gives its entry where it was committed.

    Waits for an apply that is still under way. Nothing is written where nothing is pending.
    """
    if not journal.is_pending:
        return None
    with journal.locked():
        return recover_locked(root, journal)


def recover_locked(root: str, journal: Journal) -> Entry | None:
    """The same, for who holds the lock."""
    pending = journal.pending()
    if pending is None:
        return None
    try:
        if not pending.committed:
            discard(root, journal, pending)
            return None
        if not journal.has(pending.id):
            return roll_forward(root, journal, pending)
        clean(root, journal.disk, pending.work)
        journal.drop()
    except OSError as error:
        raise failure(error, f"finishing the apply {pending.id}") from error
    return journal.entry(pending.id)


def discard(root: str, journal: Journal, pending: Pending) -> None:
    """The tree and the journal as they were before an apply that was not committed."""
    clean(root, journal.disk, pending.work)
    for folder in reversed(pending.made):
        with suppress(OSError):  # somebody else put something there
            journal.disk.remove_folder(os.path.join(root, folder))
    journal.forget(pending.id)
    journal.drop()


def clean(root: str, disk: Disk, works: Iterable[Work]) -> None:
    """Remove what is still staged."""
    for work in works:
        if work.staged is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                disk.remove(os.path.join(root, work.staged))


def roll_forward(root: str, journal: Journal, pending: Pending, unchanged: Unchanged = lambda _path: False) -> Entry:
    """Put everything in its place, and make the entry.

    A file with a third digest is left as it is, and is `foreign` in the entry. It may be begun again after any of its operations.
    `unchanged` says of a path below the root that it is known to be as it was. Raises OSError.
    """
    disk = journal.disk
    foreign = set(pending.foreign)
    targets = {work.target for work in pending.work}
    changes = list(zip(pending.files, pending.work, strict=True))

    def stands(path: str, *expected: str | None) -> bool:
        return unchanged(path) or digest_of(root, path) in expected

    for file, work in changes:
        if file.path in foreign or work.staged is None or work.target is None:
            continue
        is_unchanged = unchanged(work.target)
        if not is_unchanged and not os.path.lexists(os.path.join(root, work.staged)):
            continue  # it was put in its place before
        goes = None if work.source in targets else work.source
        # A power cut can have taken the new name and kept that the old one is gone.
        if (is_unchanged or digest_of(root, work.target) == work.stood) and (goes is None or stands(goes, file.before, None)):
            disk.rename(f"{root}/{work.staged}", f"{root}/{work.target}")
        else:
            foreign.add(file.path)
    for file, work in changes:
        if file.path in foreign or work.source is None or work.source in targets or digest_of(root, work.source) is None:
            continue
        if stands(work.source, file.before):
            disk.remove(os.path.join(root, work.source))
        else:
            foreign.add(file.path)
    _settle_folders(root, disk, pending)
    foreign |= {
        file.path for file, work in changes if work.target and file.path not in foreign and digest_of(root, work.target) != file.after
    }
    if foreign != set(pending.foreign):
        pending = msgspec.structs.replace(pending, foreign=tuple(sorted(foreign)))
        journal.begin(pending)
    clean(root, disk, (work for file, work in changes if file.path in foreign))
    journal.finish(pending)
    return Entry(**{name: getattr(pending, name) for name in Entry.__struct_fields__})


def _settle_folders(root: str, disk: Disk, pending: Pending) -> None:
    """Remove folders that were left empty, and wait until every name is on the disk."""
    touched = {os.path.dirname(path) for work in pending.work for path in (work.target, work.source) if path is not None}
    for folder in pending.emptied:
        with suppress(OSError):  # somebody else put something there, or it is gone
            disk.remove_folder(os.path.join(root, folder))
        touched.add(os.path.dirname(folder))
    for folder in sorted(touched):
        with suppress(FileNotFoundError, NotADirectoryError):  # it was removed with the last file in it
            disk.sync_folder(os.path.join(root, folder))


def digest_of(root: str, path: str) -> str | None:
    """The digest of a file below the root; None where there is nothing."""
    try:
        with open(f"{root}/{path}", "rb") as stream:
            return digest(stream.read())
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.EISDIR, errno.ENOTDIR, errno.ELOOP):
            return NEVER
        raise
