from __future__ import annotations

import os
import sys

import pytest

collect_ignore_glob = ["test_*.py"] if sys.platform == "win32" else []  # processes are forked and killed here
sys.path.append(os.path.join(os.path.dirname(__file__), "..", "contract"))


@pytest.fixture
def soak() -> int:
    """How many times longer than in a quick run; `make soak` sets the minutes."""
    return max(1, 15 * int(os.environ.get("CLEW_SOAK_MINUTES", "0")))
