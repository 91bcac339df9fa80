from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from worlds import World, sqlite_world


@pytest.fixture(params=["sqlite"])
def new_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], World]]:
    """Makes empty worlds; the whole suite runs once for each store."""
    make = {"sqlite": sqlite_world}[request.param]
    numbers = count()
    made: list[World] = []

    def new() -> World:
        made.append(make(tmp_path / str(next(numbers))))
        return made[-1]

    yield new
    for world in made:
        world.close()


@pytest.fixture
def world(new_world: Callable[[], World]) -> World:
    """One empty world."""
    return new_world()
