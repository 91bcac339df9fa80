"""Patterns that cannot be read, and files that cannot be looked into."""

from pathlib import Path

import pytest

from clew import _native


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("$A.send(", "line 1, column 9: Expected `)` but found `EOF`"),
        ("const $A =", "line 1, column 11: Unexpected token"),
        ("{ a: }", "line 1, column 6: Unexpected token"),
        ("f('😀', = 1)", "line 1, column 9: Unexpected token"),
        ("if ($A) {\n  = 1\n}", "line 2, column 3: Unexpected token"),
        ("case $A: $$$", "line 1, column 1: Unexpected token"),
        ("$A(); $B()", "line 1, column 7: a second statement begins here; a pattern is one statement or expression"),
        ("", "line 1, column 1: there is no code in it"),
        (" ; ", "line 1, column 1: there is no code in it"),
        ("$A", "line 1, column 1: a metavariable alone fits everything"),
        ("$$$REST", "line 1, column 1: `$$$` fits a list, and needs something around it"),
    ],
)
def test_a_pattern_that_cannot_be_read_is_refused_with_the_place(pattern: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"^line \d+, column \d+: ") as refused:
        _native.ast_pattern("/", [], pattern)
    assert str(refused.value) == complaint


def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_bytes(b"\xef\xbb\xbff(1); f('\xff')\r\n  f(2)")
    found = _native.ast_pattern(str(tmp_path), [(4, "gone.js"), (7, "a.js")], "f($A)")
    assert found == (
        [
            (7, 3, 7, 1, 1, 1, [("A", "1")]),
            (7, 9, 15, 1, 7, 1, [("A", "'?'")]),
            (7, 19, 23, 2, 3, 2, [("A", "2")]),
        ],
        [],
    )


def test_places_come_by_file_and_outer_ones_first(tmp_path: Path) -> None:
    names = [f"{number:03}.js" for number in range(300)]
    for name in names:
        (tmp_path / name).write_text("f(f(1), f(2));", encoding="utf-8")
    hits, broken = _native.ast_pattern(str(tmp_path), list(enumerate(names)), "f($$$)")
    assert [(file, start, end) for file, start, end, *_ in hits] == [
        place for file in range(300) for place in ((file, 0, 13), (file, 2, 6), (file, 8, 12))
    ]
    assert broken == []


def test_deep_nesting_is_no_danger(tmp_path: Path) -> None:
    deep = 20_000
    (tmp_path / "a.js").write_text(f"x = {'[' * deep}{']' * deep} + {'[' * deep}{']' * deep};", encoding="utf-8")
    hits, broken = _native.ast_pattern(str(tmp_path), [(0, "a.js")], "$A + $A")
    assert ([hit[:6] for hit in hits], broken) == ([(0, 4, 4 + 4 * deep + 3, 1, 5, 1)], [])
