"""A disk that is full, fails or may not be written: a typed error, what was there readable, nothing half-written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import apsw
import pytest
from disks import Disk
from worlds import draft

from clew.errors import DiskFull, Storage, StoreUnavailable
from clew.sessions.manager import SessionManager
from clew.sessions.store.sqlite import SqliteStore

FAILURES: dict[str, tuple[type[apsw.Error], type[Storage]]] = {
    "full": (apsw.FullError, DiskFull),
    "failing": (apsw.IOError, StoreUnavailable),
    "read-only": (apsw.ReadOnlyError, StoreUnavailable),
}


def failing_at(place: int, kinds: tuple[str, ...], error: type[apsw.Error]) -> Callable[[str, str], None]:
    """Fails at the `place`-th operation of these kinds, and from then on."""
    left = place

    def before(kind: str, _file: str) -> None:
        nonlocal left
        if kind in kinds:
            left -= 1
            if left < 0:
                raise error("as told")

    return before


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("kinds", [("write",), ("sync",)], ids=["write", "sync"])
def test_a_failing_disk_is_said_and_nothing_is_half_written(tmp_path: Path, failure: str, kinds: tuple[str, ...]) -> None:
    raised, expected = FAILURES[failure]
    disk = Disk()
    vfs = disk.mount()
    path = str(tmp_path / "sessions.db")
    manager = SessionManager(SqliteStore(path, vfs=vfs))
    steps = [manager.append(manager.begin("tour"), draft())]
    failed = 0
    for place in range(24):
        position = manager.locate("tour")
        disk.before = failing_at(place, kinds, raised)
        made = draft("search", place, result=b'{"results":"%d%s"}' % (place, b"x" * 300))
        try:
            steps.append(manager.append(position, made))
        except expected:
            failed += 1
        finally:
            disk.before = lambda _kind, _file: None
        other = SessionManager.open(tmp_path)
        assert other.store.steps(steps[0].session_id) == steps
        assert list(other.store.examine()) == []
        other.close()
    manager.close()
    disk.unmount()
    assert failed > 0


def test_a_disk_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    disk = Disk()
    vfs = disk.mount()
    path = str(tmp_path / "sessions.db")
    manager = SessionManager(SqliteStore(path, vfs=vfs))
    step = manager.append(manager.begin("tour"), draft())
    manager.close()
    disk.before = failing_at(0, ("read",), apsw.IOError)
    with pytest.raises(StoreUnavailable):
        SessionManager(SqliteStore(path, vfs=vfs)).read_step("tour")
    disk.before = lambda _kind, _file: None
    assert SessionManager.open(tmp_path).read_step("tour") == step
