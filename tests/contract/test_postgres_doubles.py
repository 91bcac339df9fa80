"""For what PostgreSQL alone must do a store that does not do it, and the test that notices."""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from itertools import count
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import test_continuing as continuing
import test_postgres_schema as schema
import test_postgres_server as server
from _pytest.outcomes import Failed
from worlds import World

from clew.errors import ClewError
from clew.sessions.store import postgres, postgres_server
from clew.sessions.store import postgres_statements as statements
from clew.sessions.store.postgres import PostgresStore
from clew.sessions.store.postgres_opening import open_workspace


class Double(NamedTuple):
    """A deliberate fault: its place, its replacement, and the test that has to fail."""

    breaks: str
    owner: object
    name: str
    broken: Any
    test: Callable[..., None]


class Forgetful:
    """Does not know the connection that a thread works with."""

    connection = property(lambda _: None, lambda *_: None)


DOUBLES = [
    Double(
        "the version is not compared",
        statements,
        "CHANGE",
        statements.CHANGE.replace("AND version = %(version)s", "AND %(version)s::bigint > 0"),
        server.test_who_comes_too_late_decides_again_on_the_session_as_it_is,
    ),
    Double(
        "a step without an answer is decided anew",
        PostgresStore,
        "_recorded",
        lambda *_: False,
        server.test_a_step_whose_answer_was_lost_stays_once_when_others_append_meanwhile,
    ),
    Double(
        "a server that went away is not waited for",
        postgres_server,
        "time",
        SimpleNamespace(monotonic=count(0, 100).__next__),
        server.test_connections_that_the_server_ends_are_made_anew,
    ),
    Double(
        "every question has a connection of its own",
        postgres_server,
        "_Held",
        Forgetful,
        server.test_one_thread_needs_one_connection,
    ),
    Double(
        "the server is asked at once",
        postgres,
        "PostgresServer",
        lambda *given, **named: opened(postgres_server.PostgresServer(*given, **named)),
        server.test_nothing_is_asked_of_the_server_before_the_first_use,
    ),
    Double(
        "one workspace for all",
        postgres,
        "open_workspace",
        lambda connection, _, where: open_workspace(connection, "here", where),
        continuing.test_a_foreign_token_is_refused_with_the_words_of_an_unknown_one,
    ),
    Double(
        "the oldest migration counts",
        statements,
        "OPENED",
        statements.OPENED.replace("max(number)", "min(number)"),
        schema.test_a_newer_schema_is_refused_and_left,
    ),
    Double(
        "nobody looks whose schema it is",
        statements,
        "SCHEMA_STATE",
        "SELECT to_regnamespace('clew') IS NOT NULL, to_regclass('clew.migrations') IS NOT NULL, false",
        schema.test_another_programs_schema_is_refused_and_left,
    ),
    Double(
        "the database decides how durable a commit is",
        statements,
        "OPENED",
        statements.OPENED.replace("'on'", "'off'"),
        schema.test_settings_of_the_database_do_not_weaken_a_commit,
    ),
    Double("bytes are believed", postgres, "unpacked", lambda *given: given[-1], schema.test_altered_bytes_are_not_handed_out),
]


def opened(made: postgres_server.PostgresServer) -> postgres_server.PostgresServer:
    made.run(lambda _: None)
    return made


@pytest.mark.parametrize("double", DOUBLES, ids=lambda double: f"{double.breaks}-{double.test.__name__}")
def test_a_broken_promise_of_postgresql_is_noticed(
    double: Double, remote: World, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    fixtures = {"remote": remote, "world": remote, "database": database, "monkeypatch": monkeypatch, "tmp_path": tmp_path}
    monkeypatch.setattr(double.owner, double.name, double.broken)
    with pytest.raises((AssertionError, Failed, ClewError)):
        double.test(**{name: fixtures[name] for name in signature(double.test).parameters})
