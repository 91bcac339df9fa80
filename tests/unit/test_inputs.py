"""The input of an operation: picked rows, result addresses."""

from types import SimpleNamespace
from typing import ClassVar

import pytest
from msgspec import Struct

from clew.errors import InvalidRequest
from clew.requests import Result, Target
from clew.running.picking import address, chosen_rows
from clew.running.subjects import offered

ROWS = [
    SimpleNamespace(n=number, file=file, name=name)
    for number, (file, name) in enumerate(
        [("lib/a.js", "Tea#brew"), ("lib/a.js", None), ("lib/b.test.js", "brew"), ("library.js", "heat")], 1
    )
]
FOUR = [("lib", {1, 2, 3}), ("lib/", {1, 2, 3}), ("lib/a.js,4", {1, 2, 4}), ("*.test.js", {3}), ("brew", {1, 3}), ("Tea#*", {1})]


@pytest.mark.parametrize(
    ("match", "rows"),
    [*FOUR, ("1", {1}), ("1,4-6", {1, 4, 5, 6}), ("all", {1, 2, 3, 4, 5, 6, 7}), (" 2 , 2", {2}), ("7-7", {7})],
)
def test_a_match_names_rows(match: str, rows: set[int]) -> None:
    assert chosen_rows(match, 7, ROWS) == rows


class Row(Struct, frozen=True):
    n: int


class Many(Result, frozen=True, kw_only=True):
    """An answer that counts the rows that it looks at."""

    looked_at: ClassVar[list[int]] = []
    results: tuple[Row, ...]

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        self.looked_at.append(len(self.results))
        return tuple(Target(text=f"a.js::f{row.n}") for row in self.results if picked is None or row.n in picked)


def test_what_an_answer_leaves_is_found_in_one_pass_over_its_rows() -> None:
    found = offered(Many(results=tuple(Row(n) for n in range(1, 501))))
    assert found is not None
    assert (len(found[0]), found[1]) == (500, tuple(range(1, 501)))
    assert sum(Many.looked_at) <= 3 * 500


@pytest.mark.parametrize("match", ["", "0", "8", "3-2", "1-", "-1", "a", "1;2", "1,,2", "²"])
def test_a_match_that_fits_no_row_is_refused(match: str) -> None:
    with pytest.raises(InvalidRequest):
        chosen_rows(match, 7, ROWS)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("@3", (None, 3)),
        ("@2.3", ("2", 3)),
        ("@search.3", ("search", 3)),
        ("@find-pattern.12", ("find-pattern", 12)),
        ("@my.key.1", ("my.key", 1)),
        ("hdr#2.3", ("hdr#2", 3)),
        ("Hono##2.x", None),
        ("res.send", None),
        ("lib/a.js:12:7", None),
    ],
)
def test_a_result_address_says_where_and_which(text: str, parsed: tuple[str | None, int] | None) -> None:
    assert address(text) == parsed


@pytest.mark.parametrize("text", ["@", "@x", "@0", "@.3", "@2.", "@2.x"])
def test_a_wrong_result_address_is_told(text: str) -> None:
    with pytest.raises(InvalidRequest):
        address(text)
