"""Opens the store that sessions are kept in: SQLite in a folder, or PostgreSQL."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from clew.errors import StoreUnavailable, UsageError

if TYPE_CHECKING:
    from clew.sessions.store.protocol import SessionStore

DATABASE = "sessions.db"


def open_store(folder: str, url: str | None = None, *, workspace: str = "", durability: str = "full") -> SessionStore:
    """The store in `folder`, or the one of `workspace` in the PostgreSQL database at `url`. Raises UsageError, StoreUnavailable."""
    if url is None:
        from clew.sessions.store.sqlite import SqliteStore  # apsw: not on PostgreSQL

        return SqliteStore(os.path.join(folder, DATABASE), durability=durability)
    if not url.startswith(("postgresql://", "postgres://")):
        raise UsageError("CLEW_STORE takes an address of PostgreSQL", hint="CLEW_STORE=postgresql://user@host/database")
    try:
        from clew.sessions.store.postgres import PostgresStore  # psycopg: only who asks pays
    except ImportError as error:
        raise StoreUnavailable(f"CLEW_STORE needs psycopg: {error}", hint="pip install 'clew[postgres]'") from error
    return PostgresStore(url, workspace)
