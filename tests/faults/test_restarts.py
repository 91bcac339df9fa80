"""PostgreSQL goes away under its writers, again and again: nothing is lost, nothing doubled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import psycopg
import pytest
from processes import fork
from test_kills import history_problems
from worlds import draft

from clew.sessions.manager import SessionManager
from clew.sessions.store.postgres import PostgresStore
from servers import running_server

WRITERS = 6
RESTARTS = 4


@pytest.fixture
def server() -> Iterator[Any]:
    """A server of its own, to be ended by the test."""
    with running_server() as server:
        yield server


def stop(server: Any) -> None:
    """As an administrator does it: open transactions are rolled back."""
    server.stop()
    server.ensure_postgres_running()


def crash(server: Any) -> None:
    """The server ends at once and recovers from its log when it starts."""
    postmaster = server.get_postmaster_info().process
    postmaster.send_signal(signal.SIGQUIT)
    postmaster.wait(30)
    server.ensure_postgres_running()


def kill_a_backend(server: Any) -> None:
    """One of its processes dies while it works for a writer; the server ends all others and recovers."""
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        (found,) = connection.execute("SELECT min(pid) FROM pg_stat_activity WHERE application_name = 'clew'").fetchone() or (None,)
    if found is not None:
        os.kill(found, signal.SIGKILL)


def appending(url: str, writer: str) -> Callable[[Callable[[str], None]], None]:
    """Append for ever to the session `tour`; say each token when it was given."""

    def work(say: Callable[[str], None]) -> None:
        manager = SessionManager(PostgresStore(url, patience=60))
        number = 0
        while True:
            number += 1
            result = b'{"results":["%s %d"]}' % (writer.encode(), number)
            step = manager.append(manager.begin("tour", exist_ok=True), draft("search", number, result=result, agent=writer))
            say(f"{step.token} {number}")

    return work


def test_a_server_that_restarts_under_its_writers_loses_and_doubles_nothing(server: Any, soak: int) -> None:
    url = server.get_uri()
    workers = {f"w{number}": fork(appending(url, f"w{number}")) for number in range(WRITERS)}
    ways = cycle([stop, crash, kill_a_backend])
    for _ in range(RESTARTS * soak):
        for worker in workers.values():
            worker.read(len(worker.said) + 5)
        next(ways)(server)
    for worker in workers.values():
        worker.read(len(worker.said) + 5)
    for worker in workers.values():
        worker.kill()
    acknowledged = {writer: worker.said for writer, worker in workers.items()}
    assert [line for said in acknowledged.values() for line in said if line.startswith("failed")] == []
    manager = SessionManager(PostgresStore(url))
    assert history_problems(manager, acknowledged) == []
    results = [manager.result_of(step) for step in manager.store.steps(manager.read_step("tour").session_id)]
    assert len(results) == len(set(results))
    assert list(manager.store.examine()) == []
    manager.close()
