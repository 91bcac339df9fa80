from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from worlds import World

from clew.sessions.store.sqlite import SqliteStore


def sqlite_world(folder: Path) -> World:
    return World(
        open_store=lambda: SqliteStore(str(folder / "here" / "sessions.db")),
        other_workspace=lambda: SqliteStore(str(folder / "elsewhere" / "sessions.db")),
    )


@pytest.fixture(params=["sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The whole suite runs once for each store."""
    made = {"sqlite": sqlite_world}[request.param](tmp_path)
    yield made
    made.close()
