"""The doctor beside writers: no false alarm, and a repair that loses no step anybody was given."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import apsw
import pytest
from processes import Worker, fork
from test_damage import filled, look
from test_kills import appending, history_problems
from worlds import draft

from clew.errors import ClewError, StoreUnavailable
from clew.sessions import doctor, mending
from clew.sessions.manager import SessionManager
from clew.sessions.store.gate import Gate
from clew.sessions.store.sqlite import SqliteStore
from clew.sessions.store.wal import check_wal, read_wal

FRAME = 24 + 4096


def beside_writers(folder: Path, work: Callable[[], object], writers: int = 3) -> list[str]:
    """Problems of the history of writers that append while `work` runs."""
    running = [(f"w{number}", fork(appending(folder, f"w{number}"))) for number in range(writers)]
    for _, worker in running:
        worker.read(2)
    work()
    for _, worker in running:
        worker.read(len(worker.said) + 2)
        worker.kill()
    failed = [line for _, worker in running for line in worker.said if line.startswith("failed")]
    return failed or history_problems(SessionManager.open(folder), {name: worker.said for name, worker in running})


def flipped(path: Path, place: int) -> None:
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def damage_values(folder: Path) -> None:
    with apsw.Connection(str(folder / "sessions.db")) as connection:
        connection.execute("UPDATE payloads SET data = x'00' WHERE blob = 3")


def damage_a_step(folder: Path) -> None:
    with apsw.Connection(str(folder / "sessions.db")) as connection:
        connection.execute("UPDATE steps SET operation = 'other' WHERE session = 2 AND seq = 4")


def damage_a_record(folder: Path) -> None:
    with apsw.Connection(str(folder / "sessions.db")) as connection:
        connection.execute("UPDATE sessions SET record = x'00' WHERE name = 's1'")


def damage_a_request(folder: Path) -> None:
    with apsw.Connection(str(folder / "sessions.db")) as connection:
        connection.execute("UPDATE steps SET request = x'00' WHERE session = 2 AND seq = 4")


def damage_an_index(folder: Path) -> None:
    path = str(folder / "sessions.db")
    with apsw.Connection(path) as connection:
        page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'step_tokens'").get
    flipped(Path(path), (page - 1) * 4096)


def damage_the_magic(folder: Path) -> None:
    flipped(folder / "sessions.db", 0)


def damage_the_schema(folder: Path) -> None:
    flipped(folder / "sessions.db", (folder / "sessions.db").read_bytes().index(b"last_used_at"))


@pytest.mark.parametrize(
    ("damage", "kept"),
    [
        (damage_values, 30),
        (damage_a_step, 27),
        (damage_a_record, 30),
        (damage_a_request, 30),
        (damage_an_index, 30),
        (damage_the_magic, 30),
        (damage_the_schema, 30),
    ],
)
def test_a_repair_keeps_every_step_that_verifies(tmp_path: Path, damage: Callable[[Path], None], kept: int) -> None:
    filled(tmp_path, in_log=False)
    (tmp_path / "sessions.db-wal").unlink(missing_ok=True)
    damage(tmp_path)
    damaged = (tmp_path / "sessions.db").read_bytes()
    file = (tmp_path / "sessions.db").stat().st_ino
    report = look(tmp_path, repair=True)
    assert report.repaired is not None
    assert (Path(report.repaired) / "sessions.db").read_bytes() == damaged
    assert sorted(os.listdir(report.repaired)) in (["sessions.db"], ["sessions.db", "sessions.db-wal"])
    after = look(tmp_path)
    assert (after.problems, after.steps, report.kept) == ((), kept, kept)
    assert (tmp_path / "sessions.db").stat().st_ino == file


@pytest.mark.parametrize("damage", [damage_values, damage_a_step])
def test_a_repair_beside_writers_loses_nothing_that_was_acknowledged(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    filled(tmp_path, in_log=False)
    damage(tmp_path)
    reports: list[doctor.Report] = []
    assert beside_writers(tmp_path, lambda: reports.append(look(tmp_path, repair=True))) == []
    assert reports[0].repaired is not None
    assert look(tmp_path).problems == ()


def test_a_doctor_beside_writers_raises_no_alarm(tmp_path: Path, soak: int) -> None:
    reports: list[doctor.Report] = []
    assert beside_writers(tmp_path, lambda: reports.extend(look(tmp_path, repair=True) for _ in range(5 * soak))) == []
    assert [(report.problems, report.repaired) for report in reports] == [((), None)] * len(reports)


def test_the_check_sees_a_repair_that_renames(tmp_path: Path) -> None:
    """The broken double: the files are moved away and a copy is put in place, with nobody held back."""

    def swap() -> None:
        copy, path = str(tmp_path / "copy.db"), str(tmp_path / "sessions.db")
        with apsw.Connection(path) as source, apsw.Connection(copy) as target, target.backup("main", source, "main") as backup:
            backup.step()
        for ending in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.replace(path + ending, copy + ".damaged" + ending)
        os.replace(copy, path)

    def swaps() -> None:
        for _ in range(10):
            with suppress(apsw.Error):  # what it copies is moved away under it
                swap()

    filled(tmp_path, in_log=False)
    assert beside_writers(tmp_path, swaps) != []


def test_no_token_is_given_for_a_store_that_was_deleted(tmp_path: Path) -> None:
    manager = SessionManager.open(tmp_path)
    manager.append(manager.begin("tour"), draft())
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(ClewError):
        manager.append(manager.locate("tour"), draft())
    step = manager.append(manager.begin("tour"), draft())
    assert SessionManager.open(tmp_path).read_step(step.token) == step


def test_a_store_deleted_during_the_commit_gives_no_token(tmp_path: Path) -> None:
    store = SqliteStore(str(tmp_path / "sessions.db"))

    def delete(connection: apsw.Connection) -> None:
        connection.execute("INSERT INTO doomed VALUES (1)")
        (tmp_path / "sessions.db").unlink()

    with pytest.raises(StoreUnavailable, match="moved or deleted"):
        store.write(delete)


def test_the_gate_is_entered_again_by_who_holds_it_and_waited_for_no_longer_than_said(tmp_path: Path) -> None:
    gate, other = Gate(str(tmp_path / "gate")), Gate(str(tmp_path / "gate"), patience=0.05)
    with gate, gate, pytest.raises(StoreUnavailable, match="was held by another writer"), other:
        pass
    with other:
        pass


def test_a_gate_that_was_deleted_and_made_anew_lets_one_in(tmp_path: Path) -> None:
    path = tmp_path / "gate"
    first, late = Gate(str(path)), Gate(str(path), patience=0.05)
    with first:
        pass
    path.unlink()
    with first, pytest.raises(StoreUnavailable), late:
        pass


@pytest.mark.parametrize("name", ["sessions.db", "sessions.db-wal", "sessions.db-shm", "sessions.db.gate"])
@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir, lambda path: os.symlink("/dev/zero", path)], ids=["fifo", "folder", "device"])
def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path, name: str, make: Callable[[Path], None]) -> None:
    filled(tmp_path, in_log=True, steps=1)
    (tmp_path / name).unlink(missing_ok=True)
    make(tmp_path / name)
    with pytest.raises(StoreUnavailable, match=name):
        SqliteStore(str(tmp_path / "sessions.db"))
    with pytest.raises(StoreUnavailable, match=name):
        look(tmp_path)


def logged(folder: Path) -> bytes:
    filled(folder, in_log=True, steps=6)
    log = folder / "sessions.db-wal"
    return log.read_bytes()[: 32 + read_wal(str(log)).good * FRAME]


def test_what_a_killed_writer_left_is_no_damage(tmp_path: Path) -> None:
    """Half of the last frame; a frame of a transaction whose beginning another writer wrote over."""
    data = logged(tmp_path)
    half = data[: -FRAME + 24 + 2000] + bytes(FRAME - 24 - 2000)
    left = data + data[-FRAME:]
    assert [check_wal(log).lost_commits for log in (half, left)] == [0, 0]


def test_a_flipped_bit_in_any_frame_is_damage(tmp_path: Path) -> None:
    data = logged(tmp_path)
    frames = (len(data) - 32) // FRAME
    for frame in (0, frames // 2, frames - 1):
        for place in (0, 5, 8, 16, 20, 24, 3000):
            damaged = bytearray(data)
            damaged[32 + frame * FRAME + place] ^= 64
            assert check_wal(bytes(damaged)).lost_commits > 0, (frame, place)


def test_the_next_writer_cuts_off_what_a_killed_one_left(tmp_path: Path) -> None:
    def working(say: Callable[[str], None]) -> None:
        store = SqliteStore(str(tmp_path / "sessions.db"))
        store.connection.execute("PRAGMA cache_spill = 1; PRAGMA cache_size = 1")

        def write(connection: apsw.Connection) -> None:
            for number in range(200):
                connection.execute("INSERT INTO payloads VALUES (?, zeroblob(5000))", (10_000 + number,))
            say("written")
            signal.pause()

        store.write(write)

    manager = SessionManager.open(tmp_path)
    manager.append(manager.begin("tour"), draft())
    worker: Worker = fork(working)
    worker.read(1)
    worker.kill()
    left = (tmp_path / "sessions.db-wal").stat().st_size
    token = manager.append(manager.locate("tour"), draft()).token
    assert (tmp_path / "sessions.db-wal").stat().st_size < left
    assert look(tmp_path).problems == ()
    assert SessionManager.open(tmp_path).read_step(token).token == token


def test_a_file_of_another_program_is_left_by_a_repair(tmp_path: Path) -> None:
    path = tmp_path / "sessions.db"
    path.write_bytes(b"these are my notes\n" * 100)
    report = look(tmp_path, repair=True)
    assert (report.repaired, path.read_bytes()) == (None, b"these are my notes\n" * 100)
    assert report.problems[-1] == f"{path} is no database of clew; it was left as it is"
    assert list(tmp_path.glob("*.damaged-*")) == []


def test_a_repair_that_is_killed_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(tmp_path, in_log=False)
    damage_a_step(tmp_path)

    def mending_until(say: Callable[[str], None]) -> None:
        def die(_connection: object) -> None:
            say("mending")
            os.kill(os.getpid(), signal.SIGKILL)

        monkeypatch.setattr(mending.rows, "recount", die)
        look(tmp_path, repair=True)

    before = look(tmp_path)
    worker = fork(mending_until)
    worker.join()
    assert worker.said == ["mending"]
    assert look(tmp_path) == before
    assert look(tmp_path, repair=True).kept == before.steps - 3
