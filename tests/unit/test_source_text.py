"""What is put into a file reads like the rest of it, and files that nobody edits by accident are left alone."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trees import index_of, plant

from clew.edits.source_text import (
    byte_order_mark,
    fitted,
    indentation_at,
    newline_at,
    refuse_unless_named,
    reindented,
    require_utf8,
    with_newlines,
)
from clew.errors import UnsafeEdit


@pytest.mark.parametrize(
    ("source", "offset", "newline"),
    [
        (b"", 0, b"\n"),
        (b"a", 1, b"\n"),
        (b"a\r\nb\nc", 1, b"\r\n"),
        (b"a\r\nb\nc", 3, b"\r\n"),
        (b"a\r\nb\nc", 5, b"\n"),
        (b"a\rb", 2, b"\r"),
        (b"\nb", 1, b"\n"),
    ],
)
def test_the_line_break_of_a_place_is_that_of_the_lines_around_it(source: bytes, offset: int, newline: bytes) -> None:
    assert newline_at(source, offset) == newline


@given(st.text(alphabet="a \r\n"), st.sampled_from((b"\n", b"\r\n", b"\r")))
def test_a_text_has_one_kind_of_line_break(text: str, newline: bytes) -> None:
    written = with_newlines(text.encode(), newline)
    assert written.split(newline) == with_newlines(text.encode(), b"\n").split(b"\n")
    assert with_newlines(written, newline) == written


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("f() {\n  g()\n\n}", "f() {\n    g()\n\n  }"),
        ("    f() {\n      g()\n    }", "f() {\n    g()\n  }"),
        ("f() {\n      g()\n    }", "f() {\n    g()\n  }"),
        ("a =\n  b", "a =\n    b"),
        ("a = `\n x ${ {a: `\n`} }\n// ` \n", "a = `\n x ${ {a: `\n`} }\n// ` \n"),
        ("f = `//`\ng", "f = `//`\n  g"),
        ("a = '`'\nb", "a = '`'\n  b"),
        ("a // `\nb", "a // `\n  b"),
        ("a = `\nopen", "a = `\nopen"),
        ("a = `${'}'}`\nb", "a = `${'}'}`\n  b"),
    ],
)
def test_code_is_indented_as_where_it_stands(text: str, after: str) -> None:
    assert reindented(text.encode(), b"  ").decode() == after


def test_code_that_is_put_in_reads_like_what_is_around_it() -> None:
    source = b"\xef\xbb\xbfclass A {\r\n\tone() {}\r\n}\n"
    at = source.index(b"one")
    assert indentation_at(source, at) == b"\t"
    assert fitted(source, at, b"two() {\n\treturn 2\n}") == b"two() {\r\n\t\treturn 2\r\n\t}"
    assert byte_order_mark(source) == b"\xef\xbb\xbf"


@pytest.mark.parametrize("source", ["é\n".encode("utf-16"), "é\n".encode("utf-32"), b"a\n\xe9\n"])
def test_other_encodings_are_refused(source: bytes) -> None:
    require_utf8("a.js", "é\n".encode())
    with pytest.raises(UnsafeEdit) as refused:
        require_utf8("a.js", source)
    assert refused.value.details["file"] == "a.js"
    assert refused.value.details.get("line") in (None, 2)


def test_files_that_nobody_edits_by_accident_are_refused_unless_they_are_named(tmp_path: Path) -> None:
    left_alone = {
        "made.js": "// @generated\nexport const a = 1\n",
        "least.js": "var a=1;" * 4000,
        "out/a.js": "export {}\n",
        "package-lock.json": "{}",
        "binary.js": b"\x00",
    }
    files = {".gitignore": "out\n", "plain.js": "export {}\n", ".clew/x": "", **left_alone}
    generation = index_of(plant(tmp_path / "tree", files), tmp_path / "state").generation()
    refuse_unless_named(generation, ["plain.js", "new/one.js", *left_alone], named=set(left_alone))
    for path in left_alone:
        with pytest.raises(UnsafeEdit) as refused:
            refuse_unless_named(generation, ["plain.js", path], named={"plain.js"})
        assert refused.value.details == {"file": path}
    with pytest.raises(UnsafeEdit):
        refuse_unless_named(generation, [".clew/x"], named={".clew/x"})
