"""What an operation works on: picked rows, result addresses."""

from types import SimpleNamespace

import pytest

from clew.errors import InvalidRequest
from clew.running.inputs import address, chosen_rows

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
