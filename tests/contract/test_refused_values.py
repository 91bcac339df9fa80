"""Values of callers are checked before anything is written: a typed error, and the store as it was."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from worlds import World, draft, session_with, sqlite_world

from clew.errors import ClewError, InvalidRequest, QuotaExceeded, StoreCorrupt, StoreUnavailable
from clew.sessions import acts, listing, validating
from clew.sessions.appending import Quotas
from clew.sessions.copying import copy_session
from clew.sessions.doctor import examine_store
from clew.sessions.manager import SessionManager
from clew.sessions.retention import tidy
from clew.sessions.store.protocol import Change
from clew.sessions.store.sqlite import SqliteStore


@dataclass
class Holder:
    value: float


WRONG: dict[str, Callable[[SessionManager], object]] = {
    "a list as context": lambda manager: manager.create_session(None, [1]),  # type: ignore[arg-type]
    "a text as context": lambda manager: manager.create_session(None, "abc"),  # type: ignore[arg-type]
    "a number as name": lambda manager: manager.create_session(5),  # type: ignore[arg-type]
    "a number as goal": lambda manager: manager.create_session(None, goal=5),  # type: ignore[arg-type]
    "a word as switch": lambda manager: manager.create_session(None, pinned="no"),  # type: ignore[arg-type]
    "ttl is nan": lambda manager: manager.create_session(None, ttl=nan),
    "ttl is -inf": lambda manager: manager.create_session(None, ttl=-inf),
    "a word as ttl": lambda manager: manager.create_session(None, ttl="1h"),  # type: ignore[arg-type]
    "a number as agent": lambda manager: manager.create_session(None, agent=5),  # type: ignore[arg-type]
    "a list as metadata": lambda manager: manager.create_session(None, metadata=[1]),  # type: ignore[arg-type]
    "metadata without end": lambda manager: manager.create_session(None, metadata={"x": "y" * 100_000}),
    "a goal without end": lambda manager: manager.create_session(None, goal="x" * 100_000),
    "a surrogate in a goal": lambda manager: manager.create_session(None, goal="\ud800"),
    "a NUL in an agent": lambda manager: manager.create_session(None, agent="a\0b"),
    "a long key": lambda manager: manager.create_session(None, {"x" * 1_000_000: 1}),
    "a surrogate key": lambda manager: manager.create_session(None, {"\ud800": 1}),
    "nan in a set": lambda manager: manager.append_result("tour", "search", {"x": {nan}}),
    "nan in a dataclass": lambda manager: manager.append_result("tour", "search", {"x": Holder(nan)}),
    "a number as key of idempotency": lambda manager: manager.append_result("tour", "search", {}, idempotency_key=5),  # type: ignore[arg-type]
    "a NUL in a key of idempotency": lambda manager: manager.append_result("tour", "search", {}, idempotency_key="\0"),
    "a long operation": lambda manager: manager.append_result("tour", "s" * 100_000, {}),
    "a number as operation": lambda manager: manager.append_result("tour", 5, {}),  # type: ignore[arg-type]
    "a long key of a result": lambda manager: manager.append_result("tour", "search", {"x" * 1_000_000: 1}),
    "a long context key": lambda manager: manager.append(manager.locate("tour"), draft(store_as="x" * 100_000)),
    "a step of 5,000 digits": lambda manager: manager.append_result("tour#" + "9" * 5000, "search", {}),
    "a step of 900 digits": lambda manager: manager.append_result("tour#" + "9" * 900, "search", {}),
    "a branch of 900 digits": lambda manager: manager.append_result("tour~" + "9" * 900, "search", {}),
    "a number as address": lambda manager: manager.continue_session(5),  # type: ignore[arg-type]
    "a NUL in an id": lambda manager: manager.continue_session("sess-\0"),
    "a surrogate in an address": lambda manager: manager.continue_session("\ud800"),
    "a NUL in a token": lambda manager: manager.continue_session("js--" + "0" * 26 + "-search-001\0"),
    "a surrogate in a note": lambda manager: acts.note(manager, "tour", "\udfff"),
    "a number as new goal": lambda manager: acts.set_goal(manager, "tour", 5),  # type: ignore[arg-type]
    "a new ttl that is nan": lambda manager: acts.set_ttl(manager, "tour", nan),
    "a copy called ..": lambda manager: copy_session(manager, "tour", ".."),
}


def everything(manager: SessionManager) -> list[Any]:
    session = manager.find("tour")[0]
    return [manager.store.count(), session, manager.store.steps(session.session_id, after=-1)]


@pytest.mark.parametrize("wrong", list(WRONG.values()), ids=list(WRONG))
def test_a_wrong_value_is_refused_and_nothing_is_written(world: World, wrong: Callable[[SessionManager], object]) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search")
    before = everything(manager)
    with pytest.raises(ClewError) as refused:
        wrong(manager)
    assert refused.value.exit_status in (2, 3, 7)
    assert everything(world.manager()) == before


def test_a_check_that_is_left_out_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = sqlite_world(tmp_path)
    monkeypatch.setattr(validating, "beginnings", lambda **_: None)
    monkeypatch.setattr(validating, "text_value", lambda *_: None)
    for name in ("a number as goal", "a surrogate in a goal", "a word as switch"):
        with pytest.raises((AssertionError, TypeError, UnicodeError, ClewError, pytest.fail.Exception)):
            test_a_wrong_value_is_refused_and_nothing_is_written(world, WRONG[name])
        acts.delete(world.manager(), "tour")
    world.close()


@pytest.mark.parametrize("fields", [{"created_at": 1e300}, {"last_used_at": -1e300}, {"kept_from": 1e18}])
def test_one_bad_record_is_named_and_stops_nothing(world: World, fields: dict[str, float]) -> None:
    manager = world.manager()
    session_with(manager, "bad", "search")
    session_with(manager, "good", "search")
    bad = manager.find("bad")[0]
    manager.store.change(bad.session_id, lambda session: Change(session=replace(session, **fields)))
    assert [row.name for row in listing.listing(manager).results] == ["good"]
    with pytest.raises(StoreCorrupt):
        manager.find("bad")
    assert any(bad.session_id in problem for problem in examine_store(manager.store).problems)
    world.clock.advance(10_000)
    assert tidy(manager.store, world.clock(), budget_ms=None) == 1


def test_a_pipe_in_the_place_of_the_log_is_refused_at_once(tmp_path: Path) -> None:
    SqliteStore(str(tmp_path / "sessions.db")).close()
    for part in ("-wal", "-shm"):
        place = tmp_path / f"sessions.db{part}"
        place.unlink(missing_ok=True)
        os.mkfifo(place)
        with pytest.raises(StoreUnavailable, match=part):
            SqliteStore(str(tmp_path / "sessions.db"))
        place.unlink()


def test_quotas_hold_for_creation_and_what_gives_room_back_is_never_refused(world: World) -> None:
    manager = world.manager()
    step = session_with(manager, "tour", "search")[0]
    acts.undo(manager, manager.append(manager.locate("tour"), draft("callers", 2)).token)
    small = world.manager(quotas=Quotas(step=50, session=100, store=0))
    for refused in (
        lambda: small.create_session("big", {"x": "y" * 100}),
        lambda: small.create_session("small", {}),
        lambda: small.append_result("tour", "search", {}),
    ):
        with pytest.raises(QuotaExceeded):
            refused()
    assert small.store.count() == 1
    acts.undo(small, "tour")
    acts.redact(small, step.token)
    acts.delete(small, "tour")
    assert small.store.count() == 0


def test_a_step_that_is_not_what_was_written_is_refused_wherever_it_is_read(world: World) -> None:
    manager = world.manager()
    first, _ = session_with(manager, "tour", "search", "callers")
    false = replace(first, seq=3, parent=2, body=first.body[::-1], agent="eve")
    session = manager.find("tour")[0]
    manager.store.change(session.session_id, lambda session: Change(session=replace(session, head=3), steps=(false,)))
    for read in (
        lambda: manager.read_step("tour"),
        lambda: manager.read_step("tour#3"),
        lambda: manager.read_step(false.token),
        lambda: manager.store.steps(session.session_id),
        lambda: manager.store.newest_of(session.session_id, "eve"),
        lambda: manager.store.context_chain(session.session_id, 3),
        lambda: manager.store.steps_by_request(first.operation, first.request_digest, 5),
    ):
        with pytest.raises(StoreCorrupt, match="Step 3 of tour"):
            read()
    rows = listing.log(manager, "tour#1")
    assert [(row.step, row.damaged) for row in rows] == [("tour#3", True), ("tour#2", False), ("tour#1", False)]
    assert manager.read_step("tour#2").operation == "callers"
    with pytest.raises(InvalidRequest):
        acts.set_ttl(manager, "tour#2", -1.0)
