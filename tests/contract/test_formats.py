"""Stores and a bundle that commit 166c94a wrote, with steps of format 1, are opened, continued, verified and carried."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from worlds import Clock, World, draft, sqlite_world

from clew.errors import StoreCorrupt, StoreNewer
from clew.sessions import acts
from clew.sessions.bundles import chain_problems, export_bundle, import_bundle
from clew.sessions.doctor import examine_store
from clew.sessions.manager import SessionManager
from clew.sessions.merging import merge
from clew.sessions.steps import Step, digest
from clew.sessions.store import opening, statements
from clew.sessions.store.sqlite import SqliteStore
from servers import execute

DATA = Path(__file__).parents[1] / "data" / "format1"
FIRST = "js--ajqtmjh1hq8rjt6j1vy8azjbr4-search-001"
KEYS = {"callers": 2, "who": 6, "search": 8, "risk": 10}


def stored_before(world: World, folder: Path) -> World:
    """The SQLite store as 166c94a left it."""
    (folder / "here").mkdir(parents=True)
    shutil.copy(DATA / "sessions.db", folder / "here")
    return world


@pytest.fixture(params=["sqlite", "postgres"])
def old_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "sqlite":
        world = stored_before(sqlite_world(tmp_path), tmp_path)
    else:
        from clew.sessions.store.postgres import PostgresStore

        url = request.getfixturevalue("database")
        execute(url, (DATA / "sessions.sql").read_text())
        world = World(open_store=partial(PostgresStore, url, "here"), other_workspace=partial(PostgresStore, url, "elsewhere"))
    world.clock = Clock(1_000_000_100.0)
    yield world
    world.close()


def steps_of(manager: SessionManager, name: str) -> tuple[Step, ...]:
    return tuple(manager.store.steps(manager.find(name)[0].session_id, after=-1))


def test_old_steps_verify_and_read_as_they_were(old_world: World) -> None:
    manager = old_world.manager()
    session = manager.find("tour")[0]
    steps = steps_of(manager, "tour")
    assert list(chain_problems(session, steps)) == []
    assert ([step.format for step in steps], manager.context_keys(steps[-1])) == ([1] * 11, KEYS)
    assert manager.context_keys(steps[5]) == {"search": 1, "callers": 2}
    assert manager.result_of(manager.read_step(FIRST)) == b'{"results":[{"n":1,"name":"f1","file":"a.js","line":1,"column":1}]}'
    assert (manager.subject_of(steps[1]), examine_store(manager.store).problems) == (None, [])


def test_an_old_session_is_continued_and_its_old_steps_are_not_rewritten(old_world: World) -> None:
    manager = old_world.manager()
    before = steps_of(manager, "tour")
    new = manager.append(manager.locate("tour"), draft("tests", 20))
    undone = acts.undo(manager, acts.undo(manager, new.token).token)
    side = manager.append(manager.locate(FIRST), draft("slice", 21))
    united = merge(manager, side.token, "other", prefer="theirs")
    fresh = old_world.manager()
    steps = steps_of(fresh, "tour")
    assert steps[: len(before)] == before
    assert [step.format for step in steps[len(before) :]] == [2] * 5
    assert list(chain_problems(fresh.find("tour")[0], steps)) == []
    assert fresh.context_keys(new) == {**KEYS, "tests": 11}
    assert fresh.context_keys(undone) == {"callers": 2, "who": 6, "search": 8}
    assert fresh.context_keys(side) == {"search": 1, "slice": 14}
    assert fresh.context_keys(united) == {"search": 1, "slice": 14}
    assert examine_store(fresh.store).problems == []


def test_a_bundle_of_format_1_is_taken_in_and_carried_on(old_world: World, tmp_path: Path) -> None:
    there = old_world.foreign_manager()
    import_bundle(there, str(DATA / "tour.clew"))
    assert steps_of(there, "tour") == steps_of(old_world.manager(), "tour")
    there.append(there.locate("tour"), draft("tests", 20))
    export_bundle(there, "tour", str(tmp_path / "tour.clew"))
    acts.delete(there, "tour")
    import_bundle(there, str(tmp_path / "tour.clew"))
    assert [step.format for step in steps_of(there, "tour")] == [1] * 11 + [2]


def test_an_old_step_that_was_altered_is_noticed(old_world: World) -> None:
    manager = old_world.manager()
    steps = list(steps_of(manager, "tour"))
    for number, fields in ((3, {"keys": {}}), (4, {"agent": "eve"}), (8, {"stands_on": 3}), (10, {"format": 2})):
        altered = [*steps[:number], replace(steps[number], **fields), *steps[number + 1 :]]
        assert list(chain_problems(manager.find("tour")[0], tuple(altered)))


def test_a_formula_that_forgets_format_1_is_noticed(old_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = old_world.manager()
    formula = Step.expected_hash
    monkeypatch.setattr(Step, "expected_hash", lambda step, parent: digest(formula(step, parent) + bytes([step.format == 1])))
    with pytest.raises((AssertionError, StoreCorrupt)):
        test_old_steps_verify_and_read_as_they_were(old_world)
    manager.close()


def test_an_older_clew_says_that_the_store_is_newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = stored_before(sqlite_world(tmp_path), tmp_path)
    world.manager().close()
    monkeypatch.setattr(opening, "MIGRATIONS", statements.MIGRATIONS[:1])
    with pytest.raises(StoreNewer):
        SqliteStore(str(tmp_path / "here" / "sessions.db"))
    world.close()
