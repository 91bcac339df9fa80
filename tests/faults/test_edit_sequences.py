"""Plans applied, undone and done again in any order, among changes by hand: what a model of lines says, and no edit is lost."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from itertools import pairwise
from pathlib import Path

import pytest
from edit_disks import WatchedDisk
from edit_model import Difference, Undo, compare, run
from processes import fork

from clew._native import digest
from clew.edits.apply import apply
from clew.edits.journal import Entry, Journal
from clew.edits.plans import FileChange, Hunk, Plan, TextEdit, applied
from clew.edits.undoing import Skipped, inverse
from clew.edits.weave import Weave
from clew.errors import StalePlan

SEQUENCES = 40
APPLIERS = 8
PLANS = 12


def test_any_sequence_of_applies_undos_and_changes_by_hand_ends_as_the_model_says(soak: int) -> None:
    counts, failed = compare(range(SEQUENCES * soak))
    assert failed == {}
    assert min(counts[kind] for kind in ("applied", "undone", "undone, in part", "changed by hand")) > SEQUENCES
    assert min(counts[kind] for kind in ("brought back by hand", "moved by hand", "deleted by hand")) > SEQUENCES // 20


def at_their_old_places(root: str, journal: Journal, entry: Entry) -> tuple[Plan, list[Skipped]]:
    """Broken: does not ask what was changed since."""
    plan, skipped = inverse(root, journal, entry)
    changes = []
    for change in plan.changes:
        file = next((file for file in entry.files if change.path == file.place and file.before and change.after), None)
        now = b"" if change.before is None else Path(root, change.path).read_bytes()
        if file is None or not change.edits:
            changes.append(change)
            continue
        edits, shift = [], 0
        for (start, end, length), edit in zip(file.edits, change.edits, strict=False):
            edits.append(TextEdit(min(start + shift, len(now)), min(start + shift + length, len(now)), edit.text))
            shift += length - (end - start)
        changes.append(
            FileChange(path=change.path, to=change.to, before=change.before, after=digest(applied(now, edits)), edits=tuple(edits))
        )
    return Plan(undoes=plan.undoes, changes=tuple(changes)), skipped


def is_found(root: Path, undo: Undo = inverse) -> bool:
    for seed in range(20):
        try:
            run(root / str(seed), seed, undo)
        except Difference:
            return True
    return False


def test_an_undo_that_does_not_follow_later_changes_would_be_found(tmp_path: Path) -> None:
    assert is_found(tmp_path, at_their_old_places)


def no_blocked(_self: Weave, _hunks: Collection[Hunk]) -> set[Hunk]:
    """Broken: switches what another hunk overlaps."""
    return set()


def no_switch(_self: Weave, _entry: str, _hunks: tuple[Hunk, ...], _after: str | None) -> bool:
    """Broken: takes text that an undo brought back for new."""
    return False


def no_return(self: Weave, named: str, read: Callable[[], bytes], found: Callable[..., None] = Weave.found) -> None:
    """Broken: does not know bytes again that somebody brought back."""
    self._states.clear()
    found(self, named, read)


@pytest.mark.parametrize(("name", "broken"), [("blocked", no_blocked), ("switch", no_switch), ("found", no_return)])
def test_a_weave_that_is_broken_would_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, broken: Callable[..., object]
) -> None:
    monkeypatch.setattr(Weave, name, broken)
    assert is_found(tmp_path)


class Unlocked(Journal):
    """Broken: waits for nobody."""

    def locked(self):  # type: ignore[no-untyped-def]  # noqa: ANN201
        import contextlib

        return contextlib.nullcontext()


def appliers(root: Path, kind: type[Journal]) -> tuple[list[str], bytes]:
    """The words of eight processes that append a line each to one file at once, over and over; and the file."""
    (root / ".clew").mkdir(parents=True)
    (root / "a.js").write_bytes(b"// first\n")
    apply(str(root), Journal(str(root / ".clew"), disk=WatchedDisk()), _appending(root, b"// second\n"))

    def work(number: int) -> None:
        journal = kind(str(root / ".clew"), disk=WatchedDisk())
        for turn in range(PLANS):
            line = b"// %d %d\n" % (number, turn)
            while True:
                try:
                    apply(str(root), journal, _appending(root, line))
                    break
                except StalePlan:
                    continue

    workers = [fork(lambda _say, number=number: work(number)) for number in range(APPLIERS)]  # type: ignore[misc]
    for worker in workers:
        worker.join()
    return [line for worker in workers for line in worker.said], (root / "a.js").read_bytes()


def _appending(root: Path, line: bytes) -> Plan:
    data = (root / "a.js").read_bytes()
    edit = TextEdit(len(data), len(data), line)
    return Plan(changes=(FileChange(path="a.js", before=digest(data), after=digest(data + line), edits=(edit,)),))


def test_of_eight_that_apply_at_once_each_is_applied_or_refused_and_no_edit_is_lost(tmp_path: Path) -> None:
    said, data = appliers(tmp_path / "root", Journal)
    assert said == []
    expected = [b"// first", b"// second", *(b"// %d %d" % (number, turn) for number in range(APPLIERS) for turn in range(PLANS))]
    assert sorted(data.splitlines()) == sorted(expected)
    journal = Journal(str(tmp_path / "root" / ".clew"))
    entries = journal.entries()
    assert [entry.seq for entry in entries] == list(range(1, APPLIERS * PLANS + 2))
    assert all(one.files[0].after == other.files[0].before for one, other in pairwise(entries))
    assert sorted(os.listdir(tmp_path / "root")) == [".clew", "a.js"]


def test_appliers_that_do_not_wait_for_each_other_would_be_found(tmp_path: Path) -> None:
    said, data = appliers(tmp_path / "root", Unlocked)
    assert said or len(data.splitlines()) < APPLIERS * PLANS + 2
