"""A checkout that cannot be written: its sessions are shown, what is recorded is recorded elsewhere, and it stays as it is."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import fork
from worlds import draft

from clew.errors import StoreUnavailable
from clew.running.doctor import doctor
from clew.running.opening import opened
from clew.sessions.listing import listing
from clew.sessions.manager import SessionManager
from clew.workspace import Workspace

NOBODY = 65534
Say = Callable[[str], None]


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A tree with a session in `.clew`, all of it in the log, in a folder that everybody may enter and nobody write."""
    base = Path(tempfile.mkdtemp())
    manager = SessionManager.open(base / "tree" / ".clew")
    manager.append(manager.begin("tour"), draft())
    manager.close()
    (base / "states").mkdir()
    (base / "states").chmod(0o777)
    _protect(base / "tree")
    base.chmod(0o755)
    yield base
    shutil.rmtree(base)


def _protect(tree: Path) -> None:
    for folder, _, files in os.walk(tree):
        for file in files:
            os.chmod(os.path.join(folder, file), 0o444)
        os.chmod(folder, 0o555)  # noqa: S103 - everybody may read


def as_nobody(base: Path, work: Callable[[Say], None], states: str = "states") -> list[str]:
    """The output of `work` as a user whom the checkout's permissions bind."""

    def bound(say: Say) -> None:
        os.environ["XDG_STATE_HOME"] = str(base / states)
        if os.geteuid() == 0:
            os.seteuid(NOBODY)
        work(say)

    worker = fork(bound)
    worker.join()
    return worker.said


def names(base: Path) -> Callable[[Say], None]:
    def work(say: Say) -> None:
        with opened(str(base / "tree"), {}) as (_, sessions):
            for row in listing(sessions).results:
                say(f"{row.name} {len(sessions.store.steps(row.session_id))}")

    return work


def continuing(base: Path) -> Callable[[Say], None]:
    def work(say: Say) -> None:
        with opened(str(base / "tree"), {}) as (_, sessions):
            say(sessions.append(sessions.locate("tour"), draft("callers")).address)

    return work


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_read_only_checkout_shows_its_sessions_and_stays_as_it_is(checkout: Path) -> None:
    before = held(checkout / "tree" / ".clew")
    assert as_nobody(checkout, names(checkout)) == ["tour 1"]
    assert as_nobody(checkout, continuing(checkout)) == ["tour#2"]
    assert as_nobody(checkout, names(checkout)) == ["tour 2"]
    assert held(checkout / "tree" / ".clew") == before


def test_a_read_only_checkout_shows_its_sessions_where_an_empty_store_stands_for_it(checkout: Path) -> None:
    def examining(say: Say) -> None:
        say(str(doctor(str(checkout / "tree"), {}, repair=False).get("failed")))

    assert as_nobody(checkout, examining) == ["None"]
    assert as_nobody(checkout, names(checkout)) == ["tour 1"]
    assert {path.stat().st_mode & 0o777 for path in (checkout / "states").rglob("sessions.db")} == {0o600}


def test_a_read_only_checkout_shows_what_was_recorded_in_it_since(checkout: Path) -> None:
    assert as_nobody(checkout, names(checkout)) == ["tour 1"]
    if os.geteuid() == 0:
        manager = SessionManager.open(checkout / "tree" / ".clew")
        manager.append(manager.locate("tour"), draft("callers"))
        manager.close()
        _protect(checkout / "tree")
        assert as_nobody(checkout, names(checkout)) == ["tour 2"]


def test_a_folder_that_cannot_be_written_is_said(checkout: Path) -> None:
    def opening(say: Say) -> None:
        try:
            Workspace.open(str(checkout / "tree"))
        except StoreUnavailable as error:
            say(error.message.partition("; ")[2])

    (checkout / "states").chmod(0o555)
    assert as_nobody(checkout, opening) == ["set XDG_STATE_HOME to a folder that can be"]

    def library(say: Say) -> None:
        try:
            manager = SessionManager.open(checkout / "tree" / ".clew")
            manager.append(manager.locate("tour"), draft())
        except StoreUnavailable as error:
            say(error.code)

    assert as_nobody(checkout, library) == ["store_unavailable"]
