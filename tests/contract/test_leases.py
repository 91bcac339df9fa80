"""A lease is held by one at a time, ends with its holder, and a holder that was taken over writes nothing any more."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from multiprocessing import Event, Process
from multiprocessing.synchronize import Event as Flag
from pathlib import Path

import pytest
from msgspec.structs import replace
from worlds import World, draft

from clew.cli.clew import answer
from clew.errors import LeaseLost
from clew.sessions.appending import Act
from clew.sessions.fences import fence_of, fenced, taken_over
from clew.sessions.manager import SessionManager
from clew.sessions.store.protocol import Change, SessionStore
from pipelines import plant


def hold(open_store: Callable[[], SessionStore], taken: Flag, let_go: Flag) -> None:
    with open_store().lease("review"):
        taken.set()
        let_go.wait(30)


def holding(world: World) -> tuple[Process, Flag]:
    """A process that holds the lease, and what lets it go."""
    taken, let_go = Event(), Event()
    process = Process(target=hold, args=(world.open_store, taken, let_go))
    process.start()
    assert taken.wait(30)
    return process, let_go


def test_who_comes_second_waits_until_the_lease_is_given_back(world: World) -> None:
    first, let_go = holding(world)
    taken = Event()
    second = Process(target=hold, args=(world.open_store, taken, let_go))
    second.start()
    assert not taken.wait(0.5)
    let_go.set()
    assert taken.wait(30)
    for process in (first, second):
        process.join()


def test_a_lease_ends_with_its_holder_whatever_ends_it(world: World) -> None:
    process, _ = holding(world)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    with world.open_store().lease("review"), world.open_store().lease("another"):
        pass


def taken(manager: SessionManager, session_id: str) -> int:
    """The number under which somebody takes a session over."""
    manager.store.change(session_id, lambda session: Change(session=taken_over(session)))
    session = manager.store.session(session_id)
    assert session is not None
    return fence_of(session)


def test_a_holder_that_was_taken_over_appends_nothing(world: World) -> None:
    first, second = world.manager(), world.manager()
    session, _ = first.start("run")
    held = taken(first, session.session_id)
    first.append(first.locate("run"), draft("search", 1), Act(session=lambda session: fenced(held, session)))
    later = taken(second, session.session_id)
    with pytest.raises(LeaseLost):
        first.append(first.locate("run"), draft("search", 2), Act(session=lambda session: fenced(held, session)))
    step = second.append(second.locate("run"), draft("search", 3), Act(session=lambda session: fenced(later, session)))
    assert (held, later, step.seq) == (1, 2, 2)


def test_a_run_on_a_server_goes_on_and_is_explained(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path / "root")
    monkeypatch.chdir(tmp_path / "root")
    Path("p.toml").write_text('[[steps]]\nid = "find"\nop = "search"\nterms = ["heat"]\n')

    def run(*flags: str) -> str:
        out, _, status = answer(["run", "p.toml", "--json", *flags], {"CLEW_STORE": database})
        assert status == 0, out
        row: str = json.loads(out)["results"][0]["state"]
        return row

    assert [run(), run("--explain"), run("--dry-run"), run()] == ["ran", "reused", "reused", "reused"]


def test_a_fence_survives_what_else_is_said_of_a_session(world: World) -> None:
    manager = world.manager()
    session, _ = manager.start("run")
    taken(manager, session.session_id)
    manager.store.change(session.session_id, lambda session: Change(session=replace(session, pinned=True, revision=session.revision + 1)))
    assert taken(manager, session.session_id) == 2
