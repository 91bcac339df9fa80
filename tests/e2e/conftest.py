from pathlib import Path

import pytest
from shell import TREE, Shell


@pytest.fixture
def bare(tmp_path: Path) -> Shell:
    """An empty root."""
    (tmp_path / ".git").mkdir()
    return Shell(tmp_path)


@pytest.fixture
def shell(bare: Shell) -> Shell:
    """A root with a small tree."""
    for path, text in TREE.items():
        bare.write(path, text)
    return bare
