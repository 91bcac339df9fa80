"""Globs, as `rg -g` reads them."""

import pytest

from clew.code.scope import path_filter
from clew.errors import UsageError
from clew.requests import Paths

PATHS = ("a.ts", "b.mts", "src/c.ts", "src/deep/d.ts", "src/deep/e.js")


@pytest.mark.parametrize(
    ("glob", "kept"),
    [
        ("*.ts", ["a.ts", "src/c.ts", "src/deep/d.ts"]),
        ("/*.ts", ["a.ts"]),
        ("*.{ts,mts}", ["a.ts", "b.mts", "src/c.ts", "src/deep/d.ts"]),
        ("src/*.ts", ["src/c.ts"]),
        ("src/**/*.ts", ["src/c.ts", "src/deep/d.ts"]),
        ("src/**", ["src/c.ts", "src/deep/d.ts", "src/deep/e.js"]),
        ("[!a-c].?s", ["src/deep/d.ts", "src/deep/e.js"]),
        ("a.ts,b.mts", []),
    ],
)
def test_a_glob_keeps_what_it_fits(glob: str, kept: list[str]) -> None:
    assert [path for path in PATHS if path_filter(Paths(include=(glob,)))(path)] == kept
    assert [path for path in PATHS if not path_filter(Paths(exclude=(glob,)))(path)] == kept


def test_a_glob_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="is no glob"):
        path_filter(Paths(include=("*.{ts",)))
