from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from psycopg import sql
from worlds import World, postgres_world, sqlite_world

from servers import execute

DATABASES = count()


@pytest.fixture(params=["sqlite", "postgres"])
def new_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes empty worlds; the whole suite runs once for each store."""
    numbers = count()
    made: list[World] = []

    def new() -> World:
        place = tmp_path / str(next(numbers))
        made.append(
            sqlite_world(place) if request.param == "sqlite" else postgres_world(request.getfixturevalue("postgres_url"), str(place))
        )
        return made[-1]

    yield new
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: Callable[[], World]) -> World:
    """One empty world."""
    return new_world()


@pytest.fixture
def database(postgres_url: str) -> str:
    """The address of an empty database."""
    name = f"fresh{next(DATABASES)}"
    execute(postgres_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return postgres_url.replace("/postgres?", f"/{name}?")


@pytest.fixture
def remote(database: str) -> Iterator[World]:
    """An empty world in a database of its own."""
    world = postgres_world(database, "here")
    yield world
    world.close()
