"""For each promise a store or manager that breaks it, and the test that notices: a test that passes on these would prove nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from inspect import signature
from pathlib import Path
from unittest.mock import patch

import apsw
import doubles_continued
import doubles_done
import doubles_spent
import doubles_stored
import pytest
from _pytest.outcomes import Failed
from doubles import Double
from worlds import sqlite_world

from clew.errors import ClewError

DOUBLES = [*doubles_stored.DOUBLES, *doubles_continued.DOUBLES, *doubles_done.DOUBLES, *doubles_spent.DOUBLES]


def parameters(test: Callable[..., None]) -> Iterator[dict[str, object]]:
    """The arguments of each run of a test beside its fixtures."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        yield {}
    for mark in marks:
        for value in mark.args[1]:
            yield {mark.args[0]: value}


def passes(double: Double, folder: Path, arguments: dict[str, object]) -> bool:
    folder.mkdir()
    world = sqlite_world(folder)
    if "tmp_path" in signature(double.test).parameters:
        arguments = {**arguments, "tmp_path": folder}
    try:
        with patch.object(double.owner, double.name, double.wrap(getattr(double.owner, double.name))):
            double.test(world, **arguments)
    except (AssertionError, Failed, ClewError, apsw.Error, LookupError, ValueError, TypeError, AttributeError, ArithmeticError):
        return False
    else:
        return True
    finally:
        world.close()


@pytest.mark.parametrize("double", DOUBLES, ids=lambda double: f"{double.breaks}-{double.test.__name__}")
def test_a_broken_promise_is_noticed(double: Double, tmp_path: Path) -> None:
    runs = [passes(double, tmp_path / str(number), given) for number, given in enumerate(parameters(double.test))]
    assert not all(runs)


def test_every_promise_has_a_double() -> None:
    tests = {double.test for double in DOUBLES}
    modules = [sys.modules[name] for name in {test.__module__ for test in tests}]
    promised = {name for module in modules for name in vars(module) if name.startswith("test_")}
    assert promised - {test.__name__ for test in tests} == set()
