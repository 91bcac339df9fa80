"""Golden facts: what stands in the tables for every form of `tests/cases/facts`.

`CLEW_CASES=write pytest tests/unit/test_facts.py` writes what the extractor says now; read the diff before you keep it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from facts_rendering import rendered

from clew import _native
from clew.index.facts import Facts, FileFlag

FORMS = Path(__file__).parents[1] / "cases" / "facts"
SOURCES = sorted(path for path in FORMS.iterdir() if path.suffix != ".facts")


def extracted(path: str, source: bytes) -> tuple[Facts, list[tuple[str, int, str]]]:
    """The facts of one source, and its problems."""
    [(blob, _names, _definitions, _imports, problems, _flags)] = _native.extract([(path, source)])
    return Facts(blob), problems


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_every_form_has_its_facts(path: Path) -> None:
    source = path.read_bytes()
    facts, _ = extracted(path.name, source)
    golden = path.with_name(f"{path.name}.facts")
    now = rendered(facts, source)
    if os.environ.get("CLEW_CASES") == "write":
        golden.write_text(now, encoding="utf-8")
    assert now == golden.read_text(encoding="utf-8")


def test_offsets_stay_exact_behind_odd_bytes() -> None:
    source = b'\xef\xbb\xbf#!/usr/bin/env node\r\nlet a = "\xff\xc3";\r\nb(a)\rc(a)'
    facts, problems = extracted("odd.js", source)
    names = [source[start:end].decode() for start, end in zip(facts.occ_start, facts.occ_end, strict=True)]
    assert names == ["a", "b", "a", "c", "a"]
    assert [facts.line_of(start) for start in facts.occ_start] == [2, 3, 3, 4, 4]
    assert [code for _, _, code in problems] == ["encoding"]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("with (a) { b = 010 }\nvar await = 1; return await", ["a", "b", "await", "await"]),
        ("await a; export {}", ["a"]),
        ("<a>{b}</a>", ["b"]),
    ],
)
def test_a_js_file_may_be_sloppy_a_module_or_jsx(source: str, names: list[str]) -> None:
    facts, problems = extracted("any.js", source.encode())
    assert [facts.text(name) for name in facts.occ_name] == names
    assert problems == []


@pytest.mark.parametrize("nest", [("(", ")"), ("[", "]"), ("{a:", "}"), ("f(", ")"), ("a + ", ""), ("a => ", ""), ("!", ""), ("`${", "}`")])
def test_five_thousand_levels_are_parsed(nest: tuple[str, str]) -> None:
    opening, closing = nest
    source = f"x = {opening * 5_000}y{closing * 5_000}"
    facts, problems = extracted("deep.js", source.encode())
    assert facts.text(facts.occ_name[-1]) == "y"
    assert problems == []


def test_a_million_levels_cost_one_file_its_facts_and_nothing_else() -> None:
    facts, problems = extracted("deeper.js", b"x = " + b"[" * 1_000_000)
    assert facts.flags & FileFlag.TOKEN_SCAN
    assert [code for _, _, code in problems] == ["syntax", "tokens"]


def test_facts_depend_on_bytes_and_language_alone() -> None:
    source = b"export const a = require('./b')"
    assert _native.extract([("x/one.js", source)]) == _native.extract([("two.js", source)])


def test_bytes_that_are_no_blob_are_refused() -> None:
    with pytest.raises(ValueError, match="not a blob"):
        Facts(b"\x00\x01\x02")
