"""Bits flip in pages and in the log: they are named, what is whole stays readable, and nothing is overwritten unseen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from random import Random

import apsw
import pytest
from worlds import draft

from clew.errors import ClewError, Storage, StoreCorrupt, StoreNewer, StoreUnavailable
from clew.sessions.doctor import Report, examine
from clew.sessions.listing import listing
from clew.sessions.manager import SessionManager
from clew.sessions.store.sqlite import SqliteStore
from clew.sessions.store.wal import read_wal

STEPS = 30
TEXT = b"".join(b"%d: words that stand in a file, " % number for number in range(60))


def filled(folder: Path, *, in_log: bool, steps: int = STEPS) -> list[str]:
    """A store of some sessions, all of it in the log or none; gives the tokens."""
    manager = SessionManager.open(folder)
    tokens = []
    for number in range(steps):
        made = draft("search", number, result=b'{"results":"%d %s"}' % (number, TEXT), depends={"a.js": str(number)})
        tokens.append(manager.append(manager.begin(f"s{number % 5}", exist_ok=True, goal="to find"), made).token)
    if not in_log:
        manager.store.compact()
    manager.close()
    return tokens


def look(folder: Path, *, repair: bool = False) -> Report:
    return examine(str(folder / "sessions.db"), SqliteStore, repair=repair)


def reading(folder: Path, tokens: list[str]) -> list[object]:
    """All that a reader can get: steps and results, or the error's code."""
    try:
        manager = SessionManager.open(folder)
    except ClewError as error:
        return [error.code]
    held: list[object] = []
    for token in tokens:
        try:
            step = manager.read_step(token)
            held.append((step, manager.result_of(step), manager.depends_of(step)))
        except ClewError as error:
            held.append(error.code)
    manager.close()
    return held


def is_silent(folder: Path) -> bool:
    """True when the doctor says nothing; a flip in the header can make the file another program's, which it says as an error."""
    try:
        return not look(folder).problems
    except ClewError:
        return False


def unnamed(folder: Path, file: str, places: Sequence[int], tokens: list[str], flips: int) -> int:
    """How many flips the doctor does not name; after each of those every reader still gets exactly what was written."""
    expected = reading(folder, tokens)
    whole = {name: (folder / name).read_bytes() for name in ("sessions.db", "sessions.db-wal")}
    random = Random(5)
    silent = 0
    for _ in range(flips):
        for name, data in whole.items():
            (folder / name).write_bytes(data)
        (folder / "sessions.db-shm").unlink(missing_ok=True)
        damaged = bytearray(whole[file])
        damaged[random.choice(places)] ^= 1 << random.randrange(8)
        (folder / file).write_bytes(damaged)
        if is_silent(folder):
            silent += 1
            assert reading(folder, tokens) == expected
    return silent


def test_flipped_bits_in_pages_are_named(tmp_path: Path, soak: int) -> None:
    """Flips in the bytes that are not zero: the rest of a page is mostly unused space, where a flip changes nothing."""
    tokens = filled(tmp_path, in_log=False)
    places = [place for place, byte in enumerate((tmp_path / "sessions.db").read_bytes()) if byte]
    flips = 120 * soak
    assert unnamed(tmp_path, "sessions.db", places, tokens, flips) <= flips * 0.05


def test_flipped_bits_in_live_frames_of_the_log_are_named(tmp_path: Path, soak: int) -> None:
    tokens = filled(tmp_path, in_log=True, steps=20)
    flips = 40 * soak
    live = 32 + read_wal(str(tmp_path / "sessions.db-wal")).good * (4096 + 24)
    assert unnamed(tmp_path, "sessions.db-wal", range(live), tokens, flips) <= flips * 0.05


def test_a_whole_store_has_no_problems(tmp_path: Path) -> None:
    filled(tmp_path, in_log=True)
    report = look(tmp_path)
    assert (report.sessions, report.steps, report.problems, report.durability) == (5, STEPS, (), "full")


def test_a_damaged_log_is_kept_aside_before_it_is_written_over(tmp_path: Path) -> None:
    filled(tmp_path, in_log=True)
    log = tmp_path / "sessions.db-wal"
    data = bytearray(log.read_bytes())
    data[read_wal(str(log)).good // 2 * (4096 + 24)] ^= 1
    log.write_bytes(data)
    (tmp_path / "sessions.db-shm").unlink()
    store = SqliteStore(str(tmp_path / "sessions.db"))
    assert len(store.warnings) == 1
    assert "damaged" in store.warnings[0]
    copies = list(tmp_path.glob("sessions.db-wal.damaged-*"))
    assert [copy.read_bytes() for copy in copies] == [bytes(data)]
    manager = SessionManager(store)
    manager.append(manager.begin("new"), draft())
    assert SqliteStore(str(tmp_path / "sessions.db")).warnings == []


def test_a_log_that_a_killed_writer_left_unfinished_is_no_damage(tmp_path: Path) -> None:
    filled(tmp_path, in_log=True)
    log = tmp_path / "sessions.db-wal"
    whole = read_wal(str(log))
    (tmp_path / "sessions.db-shm").unlink()
    data = log.read_bytes()
    log.write_bytes(data[: -4096 - 24])
    assert (whole.lost_commits, read_wal(str(log)).lost_commits) == (0, 0)
    assert SqliteStore(str(tmp_path / "sessions.db")).warnings == []


def test_a_log_cut_anywhere_leaves_a_consistent_prefix(tmp_path: Path, soak: int) -> None:
    whole = tmp_path / "whole"
    tokens = filled(whole, in_log=True)
    size = (whole / "sessions.db-wal").stat().st_size
    random = Random(6)
    for number in range(15 * soak):
        folder = tmp_path / str(number)
        shutil.copytree(whole, folder)
        (folder / "sessions.db-shm").unlink()
        os.truncate(folder / "sessions.db-wal", random.randrange(size))
        try:
            manager = SessionManager.open(folder)
        except ClewError:
            continue
        there = [bool(manager.store.steps_by_token(token[4:30], 1)) for token in tokens]
        assert there == sorted(there, reverse=True)
        assert list(manager.store.examine()) == []
        assert manager.append(manager.begin("new"), draft()).seq == 1
        manager.close()


def test_repair_keeps_what_can_be_read_and_the_damaged_files(tmp_path: Path) -> None:
    tokens = filled(tmp_path, in_log=False)
    path = tmp_path / "sessions.db"
    connection = apsw.Connection(str(path))
    connection.execute("UPDATE payloads SET data = x'00' WHERE blob = 3")
    connection.execute("UPDATE steps SET operation = 'other' WHERE session = 2 AND seq = 4")
    connection.close()
    damaged = look(tmp_path, repair=True)
    assert len(damaged.problems) >= 2
    assert damaged.repaired is not None
    assert (Path(damaged.repaired) / "sessions.db").exists()
    after = look(tmp_path)
    assert (after.problems, after.sessions, after.steps) == ((), 5, damaged.kept)
    assert STEPS > damaged.kept >= STEPS - 6
    manager = SessionManager.open(tmp_path)
    assert manager.read_step(tokens[0]).seq == 1
    assert manager.append(manager.locate("s0"), draft()).seq > 1


def test_one_damaged_result_leaves_the_others_readable(tmp_path: Path) -> None:
    tokens = filled(tmp_path, in_log=False)
    connection = apsw.Connection(str(tmp_path / "sessions.db"))
    connection.execute("UPDATE payloads SET data = x'00' WHERE blob = (SELECT result FROM steps WHERE session = 1 AND seq = 2)")
    connection.close()
    held = reading(tmp_path, tokens)
    assert [value for value in held if isinstance(value, str)] == ["store_corrupt"]


def test_bytes_that_became_text_are_named_by_readers_and_by_the_doctor(tmp_path: Path) -> None:
    """One bit of a row's header makes text of bytes: the same letters, which no hash is taken of."""
    tokens = filled(tmp_path, in_log=False)
    connection = apsw.Connection(str(tmp_path / "sessions.db"))
    connection.execute("UPDATE steps SET context = cast(context AS text) WHERE session = 1 AND seq = 4")
    connection.execute("UPDATE steps SET request = cast(request AS text) WHERE session = 1 AND seq = 5")
    connection.execute("UPDATE steps SET details = cast(details AS text) WHERE session = 1 AND seq = 6")
    connection.close()
    assert reading(tmp_path, tokens).count("store_corrupt") == 3
    damaged = look(tmp_path, repair=True)
    assert (damaged.problems != (), damaged.kept) == (True, STEPS - 3)
    assert look(tmp_path).problems == ()


def test_a_number_where_bytes_were_written_is_named_and_not_taken_for_a_length(tmp_path: Path) -> None:
    tokens = filled(tmp_path, in_log=False)
    connection = apsw.Connection(str(tmp_path / "sessions.db"))
    connection.execute("UPDATE payloads SET data = 1 << 60 WHERE blob = (SELECT result FROM steps WHERE session = 1 AND seq = 2)")
    connection.execute("UPDATE blobs SET codec = 0, digest = 1 << 60 WHERE key = (SELECT result FROM steps WHERE session = 1 AND seq = 3)")
    connection.execute("UPDATE blobs SET codec = 0 WHERE key = (SELECT result FROM steps WHERE session = 1 AND seq = 2)")
    connection.close()
    assert len(look(tmp_path).problems) >= 2
    assert [value for value in reading(tmp_path, tokens) if isinstance(value, str)] == ["store_corrupt", "store_corrupt"]


def test_a_damaged_record_of_one_session_leaves_the_others_usable(tmp_path: Path) -> None:
    filled(tmp_path, in_log=False)
    connection = apsw.Connection(str(tmp_path / "sessions.db"))
    connection.execute("UPDATE sessions SET record = cast(replace(record, 'to find', 'to hide') AS blob) WHERE name = 's1'")
    connection.close()
    manager = SessionManager.open(tmp_path)
    with pytest.raises(StoreCorrupt):
        manager.locate("s1")
    assert manager.append(manager.locate("s2"), draft()).session_name == "s2"
    assert any("s1" in problem for problem in look(tmp_path).problems)
    assert [row.name for row in listing(manager).results] == ["s2", "s4", "s3", "s0"]


def not_a_database(path: Path) -> None:
    path.write_bytes(b"these are my notes\n" * 100)


def another_programs(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("CREATE TABLE diary (entry TEXT)")
    connection.close()


def another_programs_with_an_id(path: Path) -> None:
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA application_id = 4711")
    connection.close()


def newer(path: Path) -> None:
    SqliteStore(str(path)).close()
    connection = apsw.Connection(str(path))
    connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (not_a_database, StoreCorrupt),
        (another_programs, StoreUnavailable),
        (another_programs_with_an_id, StoreUnavailable),
        (newer, StoreNewer),
        (Path.mkdir, StoreUnavailable),
    ],
)
def test_what_is_not_ours_is_refused_and_left_as_it_is(tmp_path: Path, make: object, expected: type[Storage]) -> None:
    path = tmp_path / "sessions.db"
    make(path)  # type: ignore[operator]
    before = path.read_bytes() if path.is_file() else sorted(path.iterdir())
    with pytest.raises(expected):
        SqliteStore(str(path))
    assert (path.read_bytes() if path.is_file() else sorted(path.iterdir())) == before


def test_files_are_their_owners_only(tmp_path: Path) -> None:
    filled(tmp_path / ".clew", in_log=True)
    assert (tmp_path / ".clew").stat().st_mode & 0o777 == 0o700
    modes = {path.name: oct(path.stat().st_mode & 0o777) for path in (tmp_path / ".clew").iterdir()}
    assert modes == dict.fromkeys(["sessions.db", "sessions.db-wal", "sessions.db-shm", "sessions.db.gate"], "0o600")


def test_the_last_process_to_leave_does_not_checkpoint(tmp_path: Path) -> None:
    filled(tmp_path, in_log=True)
    assert (tmp_path / "sessions.db-wal").stat().st_size > 4096
