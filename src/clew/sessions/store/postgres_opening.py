"""Opening a database of sessions in PostgreSQL: made when missing, migrated when older, refused when newer or not ours."""

from __future__ import annotations

from psycopg import errors

from clew.errors import StoreNewer, StoreUnavailable
from clew.sessions.store import postgres_statements as sql
from clew.sessions.store.postgres_server import Connection


def open_workspace(connection: Connection, workspace: str, where: str) -> int:
    """The key of a workspace, new or known, at the newest schema. Raises StoreNewer or StoreUnavailable."""
    try:
        version, key = _opened(connection, workspace)
    except (errors.UndefinedTable, errors.InvalidSchemaName):
        version, key = 0, 0
    if version > len(sql.MIGRATIONS):
        raise StoreNewer(f"{where} has schema {version}; this clew knows {len(sql.MIGRATIONS)}", hint="pip install --upgrade clew")
    if version < len(sql.MIGRATIONS):
        _migrate(connection, where)
    if not key:
        connection.execute(sql.WORKSPACE_INSERT, (workspace,))
        version, key = _opened(connection, workspace)
    return key


def _opened(connection: Connection, workspace: str) -> tuple[int, int]:
    """The schema's version and the workspace's key, 0 when it is new."""
    version, key, *_ = connection.execute(sql.OPENED, (workspace,)).fetchone() or (0, 0)
    return version, key or 0


def _migrate(connection: Connection, where: str) -> None:
    """Bring the schema up to date, each step in one transaction; another process may be at it too."""
    for number in range(1, len(sql.MIGRATIONS) + 1):
        with connection.transaction():
            connection.execute(sql.MIGRATION_LOCK)
            _require_ours(connection, where)
            (version,) = connection.execute(sql.MIGRATED).fetchone() or (0,)
            if version < number:
                connection.execute(sql.MIGRATIONS[number - 1])
                connection.execute(sql.MIGRATION_DONE, (number,))


def _require_ours(connection: Connection, where: str) -> None:
    """Make the schema and its table of migrations when they are missing."""
    there, migrated, filled = connection.execute(sql.SCHEMA_STATE).fetchone() or (False, False, False)
    if filled and not migrated:
        raise StoreUnavailable(f"{where} has a schema clew of another program; it was left as it is", hint="Use another database")
    try:
        if not there:
            connection.execute(sql.SCHEMA_CREATE)
        if not migrated:
            connection.execute(sql.MIGRATIONS_CREATE)
    except errors.InsufficientPrivilege as error:
        raise StoreUnavailable(
            f"{where} has no sessions yet, and this user may not make their tables", hint="CREATE SCHEMA clew AUTHORIZATION the user"
        ) from error
