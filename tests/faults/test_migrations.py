"""A schema step is one transaction: done or not, whatever happens in between."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import apsw
import pytest
from processes import fork
from worlds import draft

from clew.errors import StoreNewer, StoreUnavailable
from clew.sessions.manager import SessionManager
from clew.sessions.store import opening
from clew.sessions.store.statements import MIGRATIONS

FILL = """
    CREATE TABLE later (x);
    INSERT INTO later WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < 20000) SELECT x FROM n;
"""


def filled(folder: Path) -> str:
    manager = SessionManager.open(folder)
    token = manager.append(manager.begin("tour"), draft()).token
    manager.close()
    return token


def state(folder: Path) -> tuple[int, int]:
    """The schema's number, and how many tables the later schema has made."""
    connection = apsw.Connection(str(folder / "sessions.db"))
    tables = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'later'").get
    version = connection.pragma("user_version")
    connection.close()
    return version, tables


def test_an_older_store_is_brought_up_to_date_and_an_older_clew_refuses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = filled(tmp_path)
    monkeypatch.setattr(opening, "MIGRATIONS", (*MIGRATIONS, FILL))
    manager = SessionManager.open(tmp_path)
    assert manager.read_step(token).seq == 1
    manager.close()
    assert state(tmp_path) == (len(MIGRATIONS) + 1, 1)
    monkeypatch.setattr(opening, "MIGRATIONS", MIGRATIONS)
    with pytest.raises(StoreNewer):
        SessionManager.open(tmp_path)


def test_a_step_that_fails_leaves_the_older_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = filled(tmp_path)
    monkeypatch.setattr(opening, "MIGRATIONS", (*MIGRATIONS, FILL + "SELECT no_such_function();"))
    with pytest.raises(StoreUnavailable):
        SessionManager.open(tmp_path)
    monkeypatch.setattr(opening, "MIGRATIONS", MIGRATIONS)
    assert state(tmp_path) == (len(MIGRATIONS), 0)
    assert SessionManager.open(tmp_path).read_step(token).seq == 1


def test_a_kill_during_a_migration_leaves_one_schema_or_the_other(tmp_path: Path, soak: int, monkeypatch: pytest.MonkeyPatch) -> None:
    random = Random(2)
    monkeypatch.setattr(opening, "MIGRATIONS", (*MIGRATIONS, FILL))
    seen = set()
    for number in range(12 * soak):
        folder = tmp_path / str(number)
        with monkeypatch.context() as before:
            before.setattr(opening, "MIGRATIONS", MIGRATIONS)
            token = filled(folder)

        def migrating(say: Callable[[str], None], folder: Path = folder) -> None:
            say("started")
            SessionManager.open(folder)
            say("done")

        worker = fork(migrating)
        worker.read(1)
        for _ in range(random.randrange(400_000)):
            pass
        worker.kill()
        seen.add(state(folder))
        assert SessionManager.open(folder).read_step(token).seq == 1
        assert state(folder) == (len(MIGRATIONS) + 1, 1)
    assert seen <= {(len(MIGRATIONS), 0), (len(MIGRATIONS) + 1, 1)}
