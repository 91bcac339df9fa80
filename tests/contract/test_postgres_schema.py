"""The schema in PostgreSQL: its owner, its making, its checks."""

from __future__ import annotations

from threading import Thread

import pytest
from worlds import World, draft, session_with

from clew.errors import InvalidRequest, StoreCorrupt, StoreNewer, StoreUnavailable
from clew.sessions import acts
from clew.sessions.manager import SessionManager
from clew.sessions.store.postgres import PostgresStore
from servers import alter_database, execute


def test_first_openings_at_once_make_one_schema(database: str) -> None:
    refused: list[Exception] = []

    def begin(number: int) -> None:
        manager = SessionManager(PostgresStore(database, "here"))
        try:
            manager.append(manager.begin("tour", exist_ok=True), draft("search", number))
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
            refused.append(error)
        manager.close()

    threads = [Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert execute(database, "SELECT count(*), max(seq) FROM clew.steps") == [(8, 8)]


def test_a_newer_schema_is_refused_and_left(remote: World, database: str) -> None:
    remote.manager().store.count()
    execute(database, "INSERT INTO clew.migrations (number) VALUES (999)")
    with pytest.raises(StoreNewer):
        remote.manager().store.count()


def test_another_programs_schema_is_refused_and_left(remote: World, database: str) -> None:
    execute(database, "CREATE SCHEMA clew")
    execute(database, "CREATE TABLE clew.yarn (length int)")
    with pytest.raises(StoreUnavailable, match="another program"):
        remote.manager().store.count()
    assert execute(database, "SELECT relname FROM pg_class WHERE relnamespace = 'clew'::regnamespace") == [("yarn",)]


def test_an_empty_schema_made_by_the_administrator_is_used(remote: World, database: str) -> None:
    execute(database, "CREATE SCHEMA clew")
    assert remote.manager().store.count() == 0


def test_a_user_who_may_not_make_tables_is_told_what_to_ask_for(database: str) -> None:
    execute(database, "CREATE ROLE reader LOGIN")
    with pytest.raises(StoreUnavailable) as refused:
        PostgresStore(database.replace("postgres:@", "reader@")).count()
    assert refused.value.hint == "CREATE SCHEMA clew AUTHORIZATION the user"


def test_settings_of_the_database_do_not_weaken_a_commit(database: str) -> None:
    alter_database(database, "SET synchronous_commit = off")
    alter_database(database, "SET default_transaction_isolation = 'serializable'")
    store = PostgresStore(database)
    settings = store._server.run(  # noqa: SLF001 - what the connection has is not shown otherwise
        lambda connection: connection.execute(
            "SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation')"
        ).fetchall()
    )
    store.close()
    assert settings == [("on", "read committed")]


def test_a_database_that_is_read_only_says_so(remote: World, database: str) -> None:
    manager = remote.manager()
    session_with(manager, "tour", "search")
    manager.close()
    alter_database(database, "SET default_transaction_read_only = on")
    assert manager.read_step("tour").seq == 1
    with pytest.raises(StoreUnavailable) as refused:
        manager.append(manager.locate("tour"), draft("ripple", 2))
    assert refused.value.hint == "Repeat the call with --no-record"


def test_what_postgresql_cannot_hold_is_an_invalid_request(remote: World) -> None:
    manager = remote.manager()
    session_with(manager, "tour", "search")
    with pytest.raises(InvalidRequest):
        manager.append(manager.locate("tour"), draft("ripple", 2, agent="a\x00b"))
    assert manager.append(manager.locate("tour"), draft("ripple", 2)).seq == 2


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE clew.blobs SET data = 'other'", "are not what was written"),
        ("UPDATE clew.sessions SET record = 'other'", "is not what was written"),
        ("UPDATE clew.sessions SET address = 'other'", "its record says otherwise"),
        ("DELETE FROM clew.sessions", "1 steps belong to no session"),
        ("DELETE FROM clew.steps", "1 stored values belong to no step"),
    ],
)
def test_damage_is_named(remote: World, database: str, damage: str, said: str) -> None:
    manager = remote.manager()
    session_with(manager, "tour", "search")
    assert list(manager.store.examine()) == []
    execute(database, damage)
    (problem,) = manager.store.examine()
    assert said in problem


def test_altered_bytes_are_not_handed_out(remote: World, database: str) -> None:
    manager = remote.manager()
    step = session_with(manager, "tour", "search")[0]
    execute(database, "UPDATE clew.blobs SET data = 'other'")
    with pytest.raises(StoreCorrupt):
        manager.result_of(step)


def test_redacted_bytes_come_back_when_they_are_recorded_again(remote: World) -> None:
    manager = remote.manager()
    step = session_with(manager, "tour", "search")[0]
    acts.redact(manager, step.token)
    again = manager.append(manager.locate("tour"), draft("search", 1))
    assert manager.result_of(again) == b'{"results":[{"n":1}]}'
