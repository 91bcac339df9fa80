"""Applying a plan: all of it or nothing, whatever ends the process, and with a record of how to take it back."""

from __future__ import annotations

import os
import stat
from contextlib import suppress

import msgspec

from clew.edits.disk import New, failure, put_all
from clew.edits.journal import SWEPT_EVERY, Entry, FileRecord, Journal, Pending, Work
from clew.edits.plans import Plan
from clew.edits.preflight import Found, examine, signature
from clew.edits.recovery import digest_of, discard, recover_locked, roll_forward
from clew.errors import ClewError, InvalidRequest, StalePlan

Signatures = dict[str, tuple[int, ...] | None]


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the journal, and whether it was there before."""

    entry: Entry
    is_already_applied: bool = False


def apply(root: str, journal: Journal, plan: Plan, plan_id: str | None = None, *, ident: str | None = None) -> Applied:
    """Write a plan to the tree, and its entry to the journal.

    A plan that stands already writes nothing. `plan_id` is what `keep_plan` gave, `ident` the id of the entry, a random one where it is
    None. The root is a real path. Raises StalePlan with the files that changed, OutsideWorkspace, UnsafeEdit for what must not be
    written, DiskFull and StoreUnavailable; after an error the tree is as it was, but for one that says that the apply will be finished.
    """
    if not plan.changes:
        raise InvalidRequest("the plan changes nothing")
    with journal.locked():
        recover_locked(root, journal)
        wrote = journal.keep_plan(plan)
        kept = wrote if plan_id is None else plan_id
        active = journal.active(kept)
        if active is not None and not _stands_before(root, plan):
            return Applied(entry=active, is_already_applied=True)
        found = examine(root, journal.state, plan)
        entry = _carry_out(root, journal, _pending(root, journal, plan, (kept, wrote), found, ident=ident), found)
        if entry.seq % SWEPT_EVERY == 0:
            with suppress(OSError, ClewError):  # the apply is done; another one sweeps
                journal.sweep()
        return Applied(entry=entry)


def _stands_before(root: str, plan: Plan) -> bool:
    """True where every file is as before the plan: it was applied, and taken back by other means."""
    return all(digest_of(root, change.path) == change.before for change in plan.changes)


def _pending(root: str, journal: Journal, plan: Plan, ids: tuple[str, str], found: list[Found], *, ident: str | None) -> Pending:
    """The apply of a plan, with its id as it was made and as it is now."""
    plan_id, wrote = ids
    ident = ident or os.urandom(8).hex()
    stood = {each.source: each.change.before for each in found if each.source is not None}
    return Pending(
        id=ident,
        seq=journal.next_number(),
        plan=plan_id,
        wrote=wrote if wrote != plan_id else None,
        undoes=plan.undoes,
        time=journal.clock(),
        files=tuple(_record(each) for each in found),
        made=_folders_to_make(root, found),
        emptied=_folders_to_leave(root, journal, plan, found),
        work=tuple(
            Work(
                staged=None if each.target is None else os.path.join(os.path.dirname(each.target), f".clew-{ident}-{number}"),
                target=each.target,
                stood=stood.get(each.target) if each.target is not None else None,
                source=each.source if each.target != each.source else None,
            )
            for number, each in enumerate(found)
        ),
    )


def _record(found: Found) -> FileRecord:
    change = found.change
    return FileRecord(
        path=found.source or found.target or change.path,
        to=found.target if found.is_moved else None,
        before=change.before,
        after=change.after,
        mode=None if found.status is None else stat.S_IMODE(found.status.st_mode),
        edits=tuple((edit.start, edit.end, len(edit.text)) for edit in change.edits),
        switched=change.switched,
    )


def _folders_to_make(root: str, found: list[Found]) -> tuple[str, ...]:
    """Folders that are missing for files that are made or moved, outermost first."""
    missing = set()
    for each in found:
        folder = os.path.dirname(each.target or "")
        while folder and not os.path.isdir(os.path.join(root, folder)):
            missing.add(folder)
            folder = os.path.dirname(folder)
    return tuple(sorted(missing))


def _folders_to_leave(root: str, journal: Journal, plan: Plan, found: list[Found]) -> tuple[str, ...]:
    """Folders that the plan takes everything out of, innermost first; an inverse leaves those only that were made by what it undoes."""
    kept = {each.target for each in found if each.target is not None}
    going = {each.source for each in found if each.source is not None and each.source not in kept}
    candidates = {os.path.dirname(path) for path in going}
    made = set(journal.entry(plan.undoes).made) if plan.undoes is not None else None
    leaving: list[str] = []
    while candidates:
        folder = max(candidates, key=lambda path: path.count("/"))
        candidates.remove(folder)
        if not folder or any(path.startswith(folder + "/") for path in kept) or (made is not None and folder not in made):
            continue
        if all(f"{folder}/{name}" in going for name in os.listdir(os.path.join(root, folder))):
            going.add(folder)
            leaving.append(folder)
            candidates.add(os.path.dirname(folder))
    return tuple(leaving)


def _carry_out(root: str, journal: Journal, pending: Pending, found: list[Found]) -> Entry:
    paths = {path for work in pending.work for path in (work.target, work.source) if path is not None}
    before = {path: signature(root, path) for path in paths}
    _check_same({each.source: each.signature for each in found if each.source is not None}, before)
    committed = msgspec.structs.replace(pending, committed=True)
    try:
        try:
            journal.begin(pending)
            journal.keep_all(
                pending.id,
                {each.change.before: each.bytes_before for each in found if each.change.before and each.bytes_before is not None},
            )
            _stage(root, journal, pending, found)
            _check_same(before, {path: signature(root, path) for path in paths})
            journal.begin(committed)
        except BaseException:
            written = journal.pending()
            if written is None or not written.committed:
                discard(root, journal, pending)
            raise
    except OSError as error:
        raise failure(error, "applying the plan") from error
    try:
        return roll_forward(root, journal, committed, lambda path: signature(root, path) == before[path])
    except OSError as error:
        raise failure(error, "applying the plan, which the next command finishes") from error


def _check_same(before: Signatures, now: Signatures) -> None:
    changed = sorted(path for path in before if now[path] != before[path])
    if changed:
        raise StalePlan(f"{', '.join(changed)} changed while the plan was applied", files=changed)


def _stage(root: str, journal: Journal, pending: Pending, found: list[Found]) -> None:
    """Every new content beside its place, on the disk."""
    disk = journal.disk
    for folder in pending.made:
        disk.make_folder(os.path.join(root, folder), 0o777)
    folders = {os.path.dirname(folder) for folder in pending.made}
    files: list[New] = []
    for each, work in zip(found, pending.work, strict=True):
        if work.staged is None or each.bytes_after is None:
            continue
        is_only_moved = each.is_moved and not each.change.edits
        files.append(New(os.path.join(root, work.staged), each.bytes_after, each.status, each.change.mode, is_only_moved))
        folders.add(os.path.dirname(work.staged))
    put_all(disk, files)
    for folder in sorted(folders):
        disk.sync_folder(os.path.join(root, folder))
