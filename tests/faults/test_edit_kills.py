"""`kill -9` at every write, fsync and rename of an apply, full disks and power cuts: the tree is wholly old or wholly new."""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

import pytest
from edit_disks import Before, PowerDisk, WatchedDisk, after_power_cut, copy_tree, make_tree, plan_for, tree_of
from processes import fork

from clew.edits import apply as applying
from clew.edits.apply import apply
from clew.edits.disk import Disk
from clew.edits.journal import Journal, Pending
from clew.edits.recovery import recover
from clew.errors import DiskFull, StoreUnavailable

FILES = 50
Say = Callable[[str], None]
Open = Callable[[str, Disk], Journal]


def opened(state: str, disk: Disk) -> Journal:
    return Journal(state, disk=disk)


class WithoutCommit(Journal):
    """Broken: what it committed to is never written down."""

    def begin(self, pending: Pending) -> None:
        if not pending.committed:
            super().begin(pending)


@pytest.fixture
def old(tmp_path: Path) -> Path:
    root = tmp_path / "old"
    make_tree(root, FILES)
    return root


@pytest.fixture
def new(tmp_path: Path, old: Path) -> Path:
    root = tmp_path / "new"
    copy_tree(old, root)
    apply(str(root), Journal(str(root / ".clew"), disk=WatchedDisk()), plan_for(root))
    return root


def counting(operations: list[str]) -> Before:
    return lambda kind, path: operations.append(f"{kind} {path}")


def dying_at(place: int) -> Before:
    left = place

    def before(_kind: str, _path: str) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return before


def killed(work: Callable[[], object]) -> None:
    worker = fork(lambda _say: work() and None)
    worker.join()
    assert worker.said == []


def halves(old: Path, new: Path, folder: Path, open_: Open, every: int = 1) -> list[str]:
    """Moments at which a kill leaves the tree neither old nor new, after a recovery that is killed as well."""
    plan = plan_for(old)
    states = [tree_of(old), tree_of(new)]
    operations: list[str] = []
    copy_tree(old, folder / "whole")
    apply(str(folder / "whole"), open_(str(folder / "whole" / ".clew"), WatchedDisk(counting(operations))), plan)
    assert tree_of(folder / "whole") == states[1]
    random = Random(5)
    problems = []
    seen = set()
    for place, operation in list(enumerate(operations))[::every]:
        root = folder / str(place)
        copy_tree(old, root)
        killed(lambda root=root, place=place: apply(str(root), open_(str(root / ".clew"), WatchedDisk(dying_at(place))), plan))
        killed(lambda root=root: recover(str(root), Journal(str(root / ".clew"), disk=WatchedDisk(dying_at(random.randrange(12))))))
        recover(str(root), Journal(str(root / ".clew"), disk=WatchedDisk()))
        left = tree_of(root)
        entries = Journal(str(root / ".clew")).entries()
        if left not in states or len(entries) != states.index(left) or Journal(str(root / ".clew")).is_pending:
            problems.append(operation)
        else:
            seen.add(states.index(left))
    assert problems or seen == {0, 1}
    return problems


def test_a_kill_at_any_operation_leaves_the_tree_wholly_old_or_wholly_new(tmp_path: Path, old: Path, new: Path) -> None:
    assert halves(old, new, tmp_path / "trials", opened) == []


def test_a_journal_that_does_not_commit_would_be_found(tmp_path: Path, old: Path, new: Path) -> None:
    assert halves(old, new, tmp_path / "trials", lambda state, disk: WithoutCommit(state, disk=disk), every=11) != []


def failing_at(place: int, kinds: tuple[str, ...], number: int) -> Before:
    """Fails at the `place`-th operation of these kinds, and from then on."""
    left = place

    def before(kind: str, path: str) -> None:
        nonlocal left
        if kind in kinds:
            left -= 1
            if left < 0:
                raise OSError(number, os.strerror(number), path)

    return before


def left_by_a_full_disk(old: Path) -> tuple[int, list[int]]:
    """At how many operations a disk can be full, and after which of them the tree or the journal are not as they were."""
    plan, before = plan_for(old), tree_of(old)
    journal = Journal(str(old / ".clew"))
    problems: list[int] = []
    for place in count():
        journal.disk = WatchedDisk(failing_at(place, ("make", "write", "make_folder"), errno.ENOSPC))
        try:
            apply(str(old), journal, plan)
        except DiskFull:
            if (tree_of(old), journal.is_pending, journal.entries()) != (before, False, []):
                problems.append(place)
        else:
            break
    return place, problems


def test_a_disk_that_is_full_at_any_operation_leaves_the_tree_as_it_was(old: Path) -> None:
    places, problems = left_by_a_full_disk(old)
    assert problems == []
    assert places > 2 * FILES


def test_an_apply_that_leaves_what_it_staged_would_be_found(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "discard", lambda *_: None)
    assert left_by_a_full_disk(old)[1] != []


@pytest.mark.parametrize("kinds", [("sync", "sync_folder"), ("rename",)], ids=["sync", "rename"])
def test_a_disk_that_fails_is_said_and_the_next_call_finds_the_tree_whole(
    tmp_path: Path, old: Path, new: Path, kinds: tuple[str, ...]
) -> None:
    plan, states = plan_for(old), [tree_of(old), tree_of(new)]
    seen = set()
    for place in range(0, 200, 7):
        root = tmp_path / str(place)
        copy_tree(old, root)
        journal = Journal(str(root / ".clew"), disk=WatchedDisk(failing_at(place, kinds, errno.EIO)))
        try:
            apply(str(root), journal, plan)
        except StoreUnavailable:
            journal.disk = WatchedDisk()
            recover(str(root), journal)
        assert tree_of(root) in states
        assert len(journal.entries()) == states.index(tree_of(root))
        seen.add(states.index(tree_of(root)))
    assert seen == {0, 1}


def test_a_limit_on_the_size_of_files_leaves_the_tree_as_it_was(old: Path) -> None:
    plan, before = plan_for(old), tree_of(old)

    def work(say: Say) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        try:
            apply(str(old), Journal(str(old / ".clew")), plan)
        except DiskFull as error:
            say(error.code)

    worker = fork(work)
    worker.join()
    assert (worker.said, tree_of(old), Journal(str(old / ".clew")).is_pending) == (["disk_full"], before, False)


class Forgetful(PowerDisk):
    """Broken: never waits for the names in a folder."""

    def sync_folder(self, path: str) -> None:
        pass


def cut(old: Path, new: Path, folder: Path, kind: type[PowerDisk], cuts: int) -> list[int]:
    """Moments of a power cut after which the tree is neither old nor new, or old although the apply had returned."""
    root = folder / "whole"
    copy_tree(old, root)
    disk = kind(str(root))
    apply(str(root), Journal(str(root / ".clew"), disk=disk), plan_for(old))
    states = [tree_of(old), tree_of(new)]
    random = Random(7)
    moments = [*sorted(random.sample(range(len(disk.events)), cuts)), *[len(disk.events)] * 5]
    problems = []
    for number, moment in enumerate(moments):
        left = folder / str(number)
        after_power_cut(disk, moment, old, left, random)
        recover(str(left), Journal(str(left / ".clew"), disk=WatchedDisk()))
        state = tree_of(left)
        if _without_modes(state) not in [_without_modes(each) for each in states[moment == len(disk.events) :]]:
            problems.append(moment)
    return problems


def _without_modes(tree: dict[str, tuple[bytes, int]]) -> dict[str, bytes]:
    return {path: data for path, (data, _) in tree.items()}


def test_a_power_cut_leaves_the_tree_wholly_old_or_wholly_new(tmp_path: Path, old: Path, new: Path, soak: int) -> None:
    assert cut(old, new, tmp_path / "cuts", PowerDisk, 60 if soak == 1 else 400) == []


def test_an_apply_that_does_not_wait_for_the_disk_would_be_found(tmp_path: Path, old: Path, new: Path) -> None:
    assert cut(old, new, tmp_path / "cuts", Forgetful, 60) != []
