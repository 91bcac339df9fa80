"""The law of an account: whatever the steps are, an audit of it finds nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from spending import grown
from test_receipts import audited
from worlds import sqlite_world


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1 << 32), count=st.integers(1, 8))
def test_an_audit_of_any_sessions_finds_nothing(seed: int, count: int) -> None:
    with TemporaryDirectory() as folder:
        world = sqlite_world(Path(folder))
        grown(world.manager(), Random(seed), count)
        found = audited(world.manager())
        world.close()
    assert (found.results, found.problems) == ((), ())
