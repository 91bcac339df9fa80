"""The way to PostgreSQL: answers that get lost on it, servers that go away, writers that meet."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Any

import psycopg
import pytest
from worlds import World, draft, session_with

from clew.errors import StoreUnavailable, UsageError
from clew.sessions import acts
from clew.sessions.backends import open_store
from clew.sessions.bundles import chain_problems
from clew.sessions.manager import SessionManager
from clew.sessions.steps import Session
from clew.sessions.store import postgres_statements as statements
from clew.sessions.store.postgres import PostgresStore
from clew.sessions.store.protocol import Change
from servers import drop_database, execute


class Unanswered:
    """Sends the statement, or does not, and loses the connection before the answer comes; the first `times` times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, statement: str, *, sent: bool, times: int = 1) -> None:
        execute_it = psycopg.Connection.execute
        self.times = times

        def execute_once(connection: Any, query: Any, *given: Any, **named: Any) -> Any:
            if query != statement or not self.times:
                return execute_it(connection, query, *given, **named)
            self.times -= 1
            if sent:
                execute_it(connection, query, *given, **named)
            connection.close()
            raise psycopg.OperationalError("the connection is lost")

        monkeypatch.setattr(psycopg.Connection, "execute", execute_once)


@pytest.mark.parametrize("sent", [True, False], ids=["written", "not-written"])
def test_a_step_whose_answer_was_lost_is_recorded_once(remote: World, monkeypatch: pytest.MonkeyPatch, sent: bool) -> None:
    manager = remote.manager()
    first = session_with(manager, "tour", "search")[0]
    for number in (2, 3):
        Unanswered(monkeypatch, statements.CHANGE, sent=sent)
        step = manager.append(manager.locate("tour"), draft("ripple", number))
        assert manager.store.tip(first.session_id, 1) == step
    steps = manager.store.steps(first.session_id)
    assert [step.seq for step in steps] == [1, 2, 3]
    assert list(chain_problems(manager.session_of(first), tuple(steps))) == []


@pytest.mark.parametrize("sent", [True, False], ids=["written", "not-written"])
def test_a_session_whose_first_answer_was_lost_is_made_once(remote: World, monkeypatch: pytest.MonkeyPatch, sent: bool) -> None:
    Unanswered(monkeypatch, statements.CREATE, sent=sent)
    manager = remote.manager()
    manager.store.count()
    step = manager.append(manager.begin("tour"), draft())
    assert (manager.read_step("tour"), manager.store.count()) == (step, 1)


@pytest.mark.parametrize("sent", [True, False], ids=["written", "not-written"])
def test_a_deletion_whose_answer_was_lost_is_counted(remote: World, monkeypatch: pytest.MonkeyPatch, sent: bool) -> None:
    manager = remote.manager()
    step = session_with(manager, "tour", "search")[0]
    Unanswered(monkeypatch, statements.DELETE, sent=sent)
    assert manager.store.delete(step.session_id, lambda _: True)
    assert manager.store.count() == 0


def test_a_step_whose_answer_was_lost_stays_once_when_others_append_meanwhile(remote: World, monkeypatch: pytest.MonkeyPatch) -> None:
    manager, other = remote.manager(), remote.manager()
    first = session_with(manager, "tour", "search")[0]
    execute_it = psycopg.Connection.execute
    lost = []

    def overtaken(connection: Any, query: Any, *given: Any, **named: Any) -> Any:
        answer = execute_it(connection, query, *given, **named)
        if query == statements.CHANGE and not lost:
            lost.append(connection)
            other.append(other.locate("tour"), draft("callers", 9))
            connection.close()
            raise psycopg.OperationalError("the connection is lost")
        return answer

    monkeypatch.setattr(psycopg.Connection, "execute", overtaken)
    step = manager.append(manager.locate("tour"), draft("ripple", 2))
    steps = manager.store.steps(first.session_id)
    assert [(held.seq, held.operation) for held in steps] == [(1, "search"), (2, "ripple"), (3, "callers")]
    assert steps[1] == step


def test_who_comes_too_late_decides_again_on_the_session_as_it_is(remote: World) -> None:
    manager, other = remote.manager(), remote.manager()
    step = session_with(manager, "tour", "search")[0]
    seen: list[int] = []

    def overtaken(session: Session) -> Change | None:
        seen.append(session.head)
        if len(seen) == 1:
            other.append(other.locate("tour"), draft("ripple", 2))
        return None if len(seen) == 2 else Change(session=session)

    manager.store.change(step.session_id, overtaken)
    assert seen == [1, 2]


def test_sweeping_and_appending_the_same_bytes_do_not_stop_each_other(database: str) -> None:
    refused: list[Exception] = []

    def guarded(work: Callable[[SessionManager], None]) -> Callable[[], None]:
        def run() -> None:
            manager = SessionManager(PostgresStore(database, "here"))
            try:
                work(manager)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
                refused.append(error)
            manager.close()

        return run

    def use(manager: SessionManager) -> None:
        for number in range(25):
            step = manager.append(manager.begin(None), draft("search", number, result=b'"shared"'))
            acts.delete(manager, step.token)

    threads = [Thread(target=guarded(use)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store = PostgresStore(database, "here")
    assert refused == []
    assert (store.count(), store.sweep(lambda: False), list(store.examine())) == (0, 0, [])
    store.close()


def test_connections_that_the_server_ends_are_made_anew(remote: World, database: str) -> None:
    manager = remote.manager()
    session_with(manager, "tour", "search")
    for number in range(2, 5):
        execute(
            database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()",
        )
        assert manager.append(manager.locate("tour"), draft("ripple", number)).seq == number


def test_a_server_that_was_never_there_is_said_at_once_without_the_password(tmp_path: Any) -> None:
    store = PostgresStore(f"postgresql://ann:secret@/team?host={tmp_path}")
    with pytest.raises(StoreUnavailable) as refused:
        store.session_named("tour")
    assert refused.value.hint == "Look at CLEW_STORE, PGPASSWORD and PGSSLMODE, or repeat the call with --no-record"
    assert "secret" not in f"{refused.value.message} {refused.value.hint} {store.path}"
    assert store.path == f"postgresql://{tmp_path}/team"


def test_a_server_that_stays_away_is_store_unavailable(database: str, postgres_url: str) -> None:
    store = PostgresStore(database, patience=0)
    store.count()
    drop_database(database, postgres_url)
    with pytest.raises(StoreUnavailable) as refused:
        store.count()
    assert refused.value.hint == "Repeat the call; with the same --idempotency-key it is recorded once"
    assert refused.value.exit_status == 8


def test_an_address_that_cannot_be_read_is_refused_without_showing_it(tmp_path: Any) -> None:
    with pytest.raises(StoreUnavailable) as refused:
        open_store(str(tmp_path), "postgresql://ann:se%zzcret@host/team")
    assert "cret" not in refused.value.message


def test_one_thread_needs_one_connection(remote: World, database: str) -> None:
    manager = remote.manager()
    session_with(manager, "tour", "search", "ripple")
    manager.cleanup()
    assert execute(database, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'clew' AND datname = current_database()") == [
        (1,)
    ]


def test_nothing_is_asked_of_the_server_before_the_first_use(tmp_path: Any) -> None:
    PostgresStore(f"postgresql:///team?host={tmp_path}").close()


@pytest.mark.parametrize("url", ["mysql://host/database", "sessions.db", "postgres"])
def test_a_store_that_is_no_postgresql_is_a_usage_error(tmp_path: Any, url: str) -> None:
    with pytest.raises(UsageError, match="CLEW_STORE takes an address of PostgreSQL"):
        open_store(str(tmp_path), url)
