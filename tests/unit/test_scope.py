"""Globs, as `rg -g` reads them."""

import pytest

from clew._native import is_test
from clew.errors import UsageError
from clew.index.scope import path_filter
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


def test_a_mark_of_a_test_is_read_from_the_name_and_a_folder_from_the_path() -> None:
    told = ("a.test.ts", "test/a.ts", "src/__tests__/deep/a.ts", "lib/a_test.js", "fixtures/a.js", "e2e/a.ts")
    assert [path for path in (*told, "test.ts", "a.test.d/b.ts", "latest/a.ts", "contest.js", "") if is_test(path)] == list(told)
