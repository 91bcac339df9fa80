"""Recorded outputs of real tools: where their findings are, what they stand in, and what becomes of them after an edit.

The expected places were read from the project by hand; formats of one tool must agree with each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from recordings import OUTPUTS, against, depends_of, output_of, project, recorded

from clew.recording import findings, record
from clew.recording.findings import Change, Identity
from clew.recording.record import RecordResult

LINT = """\
src/money.js:2:1 rate warning no-var
src/money.js:2:5 rate error no-unused-vars
src/money.js:5:9 format error no-unused-vars
src/money.js:6:14 format warning eqeqeq
src/money.js:18:14 Purse#add warning eqeqeq
src/money.js:18:20 Purse#add error no-debugger
src/money.js:20:12 Purse#add error no-undef
src/money.js:30:9 checks.positive error no-unused-vars
"""
TYPES = """\
src/cart.ts:10:26 Cart#add error TS2339
src/cart.ts:15:5 Cart#total error TS2322
src/cart.ts:19:35 broken error TS2322
src/cart.ts:22:19 empty error TS2554
"""
COINS = """\
src/money.js:14:10 Purse#coins place -
src/money.js:17:7 Purse#add place -
src/money.js:18:9 Purse#add place -
src/money.js:19:10 Purse#add place -
src/money.js:24:17 Purse#total place -
"""
JEST = """\
test/purse.jest.cjs:7:27 - error purse > adds up
test/purse.cjs:8:13 Purse#add error purse > refuses nothing
test/purse.jest.cjs:11:17 - of 2 -
"""
VITEST = """\
test/purse.test.js:8:27 - error purse > adds up
src/money.js:7:11 format error refuses nothing
test/purse.test.js:17:9 - of 2 -
"""
NODE = """\
test/purse.node.mjs:9:12 - error adds up
test/purse.node.mjs:6:3 - of 1 -
src/money.js:7:11 format error refuses nothing
test/purse.node.mjs:18:3 - of 3 -
test/purse.node.mjs:17:1 - of 3 -
"""
MOCHA = """\
src/money.js:7:11 format error refuses nothing
test/purse.mocha.mjs:17:3 - of 1 -
test/purse.mocha.mjs:8:12 - error purse > adds up
"""
PYTEST = """\
prices.py:3 - error test_negative
test_prices.py:9 - of 1 -
"""
EXPECTED = {
    "eslint.txt": LINT,
    "eslint.json": LINT,
    "eslint.sarif": LINT,
    "tsc.txt": TYPES,
    "tsc-pretty.txt": TYPES,
    "rg-column.txt": COINS,
    "rg.json": COINS,
    "rg.txt": re.sub(r"(:\d+):\d+ ", r"\1 ", COINS),
    "grep.txt": re.sub(r"(:\d+):\d+ ", r"\1 ", COINS),
    "rg-context.txt": "src/money.js:24 Purse#total place -\nsrc/cart.ts:15 Cart#total place -\n",
    "jest.txt": JEST,
    "jest.json": JEST,
    "vitest.txt": VITEST,
    "vitest.json": VITEST,
    "vitest.junit": VITEST,
    "vitest.tap": "test/purse.test.js:8:27 - error adds up\nsrc/money.js:7:11 format error refuses nothing\n",
    "node-spec.txt": NODE,
    "node-tap.txt": NODE,
    "node.junit": "".join(NODE.splitlines(keepends=True)[::2][:2]) + "test/purse.node.mjs:18:3 - of 2 -\n",
    "mocha.txt": MOCHA,
    "mocha.json": MOCHA.replace("purse > adds", "purse adds"),
    "mocha.tap": MOCHA.replace("purse > adds", "purse adds"),
    "mocha.xunit": MOCHA.replace("purse > adds", "adds"),
    "pytest.txt": PYTEST,
    "pytest-short.txt": PYTEST,
    "pytest.junit": PYTEST,
    "pytest-line.txt": PYTEST.replace(".py:9", ".py"),
}
TESTS = {
    "jest": {"passed": 1, "failed": 2},
    "vitest": {"passed": 1, "failed": 2, "skipped": 1},
    "node": {"passed": 1, "failed": 2, "skipped": 1},
    "mocha": {"passed": 1, "failed": 2},
    "pytest": {"passed": 2, "failed": 1},
}
LINTERS = ("eslint.txt", "eslint.json", "eslint.sarif", "tsc.txt")


def listed(result: RecordResult) -> str:
    """Rows, one a line."""
    lines = []
    for row in result.results:
        place = ":".join(str(part) for part in (row.file, row.line, row.column) if part)
        sort = row.severity or (f"of {row.of}" if row.of else "place")
        lines.append(f"{place} {row.within.name if row.within else '-'} {sort} {row.rule or '-'}\n")
    return "".join(lines)


def test_every_recorded_output_has_its_places() -> None:
    assert sorted(EXPECTED) == OUTPUTS


@pytest.mark.parametrize("name", OUTPUTS)
def test_places_and_targets_of_a_recorded_output_are_right(tmp_path: Path, name: str) -> None:
    workspace = project(tmp_path)
    workspace.begin()
    result = recorded(workspace, name)
    assert listed(result) == EXPECTED[name]
    assert result.tests == TESTS.get(name.partition(".")[0].partition("-")[0], {})


def test_an_independent_reader_of_sarif_finds_the_same_places(tmp_path: Path) -> None:
    workspace = project(tmp_path)
    workspace.begin()
    log: Any = json.loads(output_of("eslint.sarif", tmp_path))
    read = []
    for one in log["runs"][0]["results"]:
        at = one["locations"][0]["physicalLocation"]
        path = Path(at["artifactLocation"]["uri"].removeprefix("file://")).relative_to(tmp_path).as_posix()
        read.append((path, at["region"]["startLine"], at["region"]["startColumn"], one["level"], one["ruleId"], one["message"]["text"]))
    result = recorded(workspace, "eslint.sarif")
    assert [(row.file, row.line, row.column, row.severity, row.rule, row.message) for row in result.results] == read


def shifted(text: str, file: str, first: int, by: int) -> str:
    """An output as the tool prints it after lines were put into a file before line `first`."""
    if text.startswith(("[", "{")):
        value = json.loads(text)
        _shift(value, first, by)
        return json.dumps(value)
    pattern = re.compile(rf"({re.escape(file)}\()(\d+)" if "(" in text.partition("\n")[0] else r"^( +)(\d+)(?=:\d+ )", re.MULTILINE)
    return pattern.sub(lambda found: f"{found[1]}{int(found[2]) + (by if int(found[2]) >= first else 0)}", text)


def _shift(value: Any, first: int, by: int) -> None:
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        if key in {"line", "endLine", "startLine"} and part >= first:
            value[key] = part + by
        _shift(part, first, by)


def inserted(folder: Path, file: str, first: int, by: int) -> None:
    """Put comment lines into a file before a line."""
    path = folder / file
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[first - 1 : first - 1] = [f"// line {number}" for number in range(by)]
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("first", [1, 5, 18, 19])
@pytest.mark.parametrize("name", LINTERS)
def test_after_fifty_inserted_lines_nothing_is_new(tmp_path: Path, name: str, first: int) -> None:
    workspace = project(tmp_path)
    workspace.begin()
    before = recorded(workspace, name)
    depends = depends_of(workspace, before)
    file = "src/cart.ts" if name == "tsc.txt" else "src/money.js"
    text = shifted(output_of(name, tmp_path), file, first, 50)
    inserted(tmp_path, file, first, 50)
    workspace.refresh()
    workspace.begin()
    after = against(workspace, name, before, depends, text)
    moved = sum(1 for row in before.results if (row.line or 0) >= first)
    assert after.diff is not None
    assert (after.diff.new, after.diff.fixed, after.diff.moved) == (0, 0, moved)


def edited(folder: Path, change: Callable[[str], str], path: str = "src/money.js", to: str | None = None) -> None:
    """A file with a change, under another path if one is given."""
    text = (folder / path).read_text(encoding="utf-8")
    (folder / path).unlink()
    (folder / (to or path)).write_text(change(text), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "to", "output", "expected"),
    [
        (lambda text: text.replace("format(", "render("), None, lambda text: text, (0, 0, 2)),
        (lambda text: text, "src/cash.js", lambda text: text.replace("money", "cash"), (0, 0, 8)),
        (lambda text: text.replace(" debugger;", " {}"), "src/cash.js",
         lambda text: re.sub(r".*no-debugger\n", "", text.replace("money", "cash")), (0, 1, 7)),
        (lambda text: text.replace("var rate", "const rate"), None, lambda text: re.sub(r".*no-var\n", "", text), (0, 1, 0)),
        (lambda text: text, None, lambda text: text.replace("no-undef\n", "no-undef\n  24:17  error  A thing  no-thing\n"), (1, 0, 0)),
    ],
    ids=["a definition renamed", "a file renamed", "a file renamed and edited", "one mended", "one made"],
)  # fmt: skip
def test_what_is_new_fixed_and_moved_is_told_apart(
    tmp_path: Path, change: Callable[[str], str], to: str | None, output: Callable[[str], str], expected: tuple[int, int, int]
) -> None:
    workspace = project(tmp_path)
    workspace.begin()
    before = recorded(workspace, "eslint.txt")
    depends = depends_of(workspace, before)
    edited(tmp_path, change, to=to)
    workspace.refresh()
    workspace.begin()
    after = against(workspace, "eslint.txt", before, depends, output(output_of("eslint.txt", tmp_path)))
    assert after.diff is not None
    assert (after.diff.new, after.diff.fixed, after.diff.moved) == expected


def test_knowing_findings_by_their_lines_alone_would_be_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def by_line(earlier: list[Identity], later: list[Identity], _: object) -> Change:
        places = {(one.rule, row): at for at, (one, row) in enumerate(zip(earlier, lines["before"], strict=True))}
        same = {at: places[key] for at, key in enumerate(zip([one.rule for one in later], lines["after"], strict=True)) if key in places}
        left = tuple(at for at in range(len(earlier)) if at not in same.values())
        return Change(tuple(at for at in range(len(later)) if at not in same), left, same)

    workspace = project(tmp_path)
    workspace.begin()
    before = recorded(workspace, "eslint.txt")
    text = shifted(output_of("eslint.txt", tmp_path), "src/money.js", 1, 50)
    inserted(tmp_path, "src/money.js", 1, 50)
    workspace.refresh()
    workspace.begin()
    after = recorded(workspace, "eslint.txt", text)
    lines = {"before": [row.line for row in before.results], "after": [row.line for row in after.results]}
    monkeypatch.setattr(record, "compared", by_line)
    broken = against(workspace, "eslint.txt", before, {}, text)
    assert broken.diff is not None
    assert broken.diff.new == 8


def test_a_message_that_counts_lines_is_the_same_finding() -> None:
    def too_long(lines: int, line: str) -> Identity:
        message = f"File has too many lines ({lines}). Maximum allowed is 300."
        return findings.identity_of(tool="eslint", rule="max-lines", message=message, file="a.js", line=line)

    change = findings.compared([too_long(301, "aa")], [too_long(351, "bb")], {})
    assert (change.new, change.fixed) == ((), ())


def test_equal_findings_of_one_definition_are_told_apart_by_line_then_by_order() -> None:
    def one(line: str, definition: str = "add") -> Identity:
        return findings.identity_of(
            tool="tsc", rule="TS1", message="Bad at line 3", file="a.ts", definition=definition, code=definition, line=line
        )

    change = findings.compared([one("x"), one("y"), one("z")], [one("y"), one("w"), one("q", "other")], {})
    assert (change.new, change.fixed, change.same) == ((2,), (2,), {0: 1, 1: 0})
