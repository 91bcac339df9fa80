"""Whatever stands in a file, it is read to an end, and what is said of it lies within."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from mutating import MUTATIONS, sources, strays

HANGS = 300
"""Seconds after which a process hangs; it takes about one."""


@pytest.mark.parametrize("seed", range(4))
def test_broken_sources_are_read_to_an_end(seed: int, soak: int) -> None:
    count = 150 * soak
    command = [sys.executable, str(Path(__file__).with_name("mutating.py")), str(seed), str(count)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS * soak)  # noqa: S603 - ourselves
    last = done.stderr.splitlines()[-1:]
    assert (done.stdout, done.returncode, last if done.returncode else []) == (f"read {count}\n", 0, [])


def test_there_are_sources_of_every_language_to_break() -> None:
    assert {path.rpartition(".")[2] for path, _ in sources()} >= {"js", "jsx", "mjs", "ts", "vue"}
    assert len(MUTATIONS) == 6


def test_whole_sources_are_read_without_strays() -> None:
    assert {path: strays(path, source) for path, source in sources() if strays(path, source)} == {}
