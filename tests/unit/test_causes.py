"""The parts of `clew why`: what a change does, which test is meant, what a test reaches, and how changes are ranked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clew.causes import ranking
from clew.causes.alterations import Alteration, Altered
from clew.causes.cases import case_around, case_named, cases_of
from clew.causes.failures import CaseFiles, Failure, Place, passed_names
from clew.causes.kinds import Names, change_of
from clew.causes.ranking import Run, Suspect, ranked
from clew.causes.refactorings import renamings, value_named
from clew.causes.tokens import tokens_of
from clew.workspace import Workspace

NOTHING = Names({}, {})
TAX = """\
function tax(sum, rate) {
  const share = sum * rate;
  if (share < 1) return 0;
  log(sum);
  return round(share, 2);
}"""


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("share < 1", "share <= 1", "condition"),
        ("sum * rate", "sum + rate", "operator"),
        ("(share, 2)", "(share, 3)", "constant"),
        ("(share, 2)", "(2, share)", "constant"),
        ("round(share, 2)", "round(sum, 2)", "expression"),
        ("  log(sum);\n", "", "statement removed"),
        ("  log(sum);\n", "  return;\n  log(sum);\n", "exit"),
        ("return 0;", "share = 0;", "exit"),
        ("  log(sum);\n", "  log(sum);\n  sum = 0;\n", "code added"),
        ("  log(sum);\n", "  log(sum);\n  console.log(rate);\n", "logging added"),
        ("rate) {", "rate, note) {", "parameter added"),
        ("rate) {", "rate, note) {\n  if (note) { keep(note); }", "guarded code added"),
        ("rate) {", "rate) {\n  if (sum) { keep(sum); }", "code added"),
        ("return 0;", "return 0; // nothing", "layout"),
        ("if (share < 1) return 0;", "if (share < 1)\n    return 0;", "layout"),
    ],
)
def test_a_change_is_told_from_its_tokens(old: str, new: str, kind: str) -> None:
    assert TAX.count(old) == 1
    assert change_of(TAX, TAX.replace(old, new), NOTHING).kind == kind


def test_a_refactoring_is_recognised_and_a_look_alike_is_not() -> None:
    def kind(new: str, names: Names = NOTHING) -> str:
        return change_of(TAX, new, names).kind

    assert kind(TAX.replace("share", "part")) == "local renamed"
    assert kind(TAX.replace("(share, 2)", "(part, 2)")) == "expression"  # another variable, not another name
    assert kind(TAX.replace("round(", "floor(")) == "expression"  # another function
    assert kind(TAX.replace("round(", "floor("), Names({}, {"floor": "round"})) == "name followed"
    assert kind(TAX.replace("(share, 2)", "(share, DIGITS)"), Names({"DIGITS": ["2"]}, {})) == "value named"
    assert kind(TAX.replace("(share, 2)", "(share, DIGITS)"), Names({"DIGITS": ["3"]}, {})) == "constant"
    assert kind(TAX.replace("rate) {", "rate) {\n  const digits = 2;").replace("(share, 2)", "(share, digits)")) == "value named"
    assert kind(TAX.replace("rate) {", "rate) {\n  const digits = 3;").replace("(share, 2)", "(share, digits)")) != "value named"
    assert kind(TAX.replace("sum * rate", "rate * sum")) == "operands swapped"
    assert kind(TAX.replace("share < 1", "1 < share")) == "condition"
    lines = TAX.split("\n")
    assert kind("\n".join([*lines[:1], lines[3], lines[1], lines[2], *lines[4:]])) == "reordered"
    assert renamings({"Till#total": "total() { return 2; }"}, {"Till#sum": "sum() { return 2; }"}) == {"sum": "total"}
    assert renamings({"Till#total": "total() { return 2; }"}, {"Till#sum": "sum() { return 3; }"}) == {}
    assert value_named(None, "const DIGITS = 2;") == ("DIGITS", ["2"])


def test_a_long_line_is_shown_around_what_differs() -> None:
    line = "x = " + "a + " * 60 + "b"
    change = change_of(line, line.replace(" b", " c"), NOTHING)
    assert (change.before or "").endswith("a + b")
    assert (change.after or "").endswith("a + c")
    assert len(change.after or "") <= 82


def test_a_slash_is_read_by_what_stands_before_it() -> None:
    assert [token.text for token in tokens_of("a / b / /[/\"]/g.test(c) // d\n`${e} / 'f'`")] == [
        *("a", "/", "b", "/", '/[/"]/g', ".", "test", "(", "c", ")", "`${e} / 'f'`"),
    ]


CASES = """\
describe('cart', () => {
  it('adds', () => {});
  describe('with tax', () => {
    it('adds', () => { rows.forEach((row) => check(row)); });
    it.each([1, 2])('takes %d', (n) => {});
    for (const m of methods) it('sends ' + m, () => {});
    test(`knows ${name}`, async () => {});
  });
});
t.test('it\\'s "quoted"', () => {});
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("cart > adds", 2),
        ("cart with tax adds", 4),
        ("cart > with tax > adds", 4),
        ("cart > with tax > takes 2", 5),
        ("sends GET", 6),
        ("knows nothing at all", 7),
        ('it\'s "quoted"', 10),
        ("subtracts", None),
    ],
)
def test_a_test_is_found_by_the_name_that_its_runner_says(name: str, line: int | None) -> None:
    case = case_named(cases_of(CASES), name)
    assert (None if case is None else CASES.count("\n", 0, case.start) + 1) == line


def test_the_innermost_case_holds_a_place() -> None:
    cases = cases_of(CASES)
    held = case_around(cases, CASES.index("check(row)"))
    assert held is not None
    assert (held.title, CASES[held.start : held.end].startswith("it('adds', () => { rows")) == ("adds", True)
    assert case_around(cases, CASES.index("describe('with tax")) is None


def test_passed_tests_are_read_where_a_reporter_lists_them() -> None:
    lines = (
        "    ✔ adds up (3ms)",
        "  ✓ prints 12ms",
        "    1) fails",
        "ok 3 - is empty # time=2ms",
        "not ok 4 - breaks",
        " ✓ |main| a.test.ts > holds 2ms",
    )
    assert passed_names("\n".join(lines)) == {"adds up", "prints", "is empty", "holds"}


SHOP = {
    "lib/till.js": (
        "const { rounded } = require('./money');\n\n"
        "exports.total = function (items) {\n  return rounded(items.length);\n};\n\n"
        "exports.names = function (items) {\n  return items.map(String);\n};\n"
    ),
    "lib/money.js": "exports.rounded = function (sum) {\n  return Math.round(sum);\n};\n",
    "lib/stock.js": "exports.left = function (count) {\n  return count + 1;\n};\n",
    "test/till.test.js": (
        "const till = require('../lib/till');\n\n"
        "it('adds', () => {\n  equal(till.total([1]), 1);\n});\n\n"
        "it('names', () => {\n  equal(till.names([1]), ['1']);\n});\n"
    ),
}


def order(folder: Path, *, stack: bool = False, said: str = "1 == 2") -> list[Suspect]:
    """The ranks of three changes, of which the guilty one, in `rounded`, is the nearest of kind, and the oldest."""
    (folder / ".git").mkdir()
    for path, text in SHOP.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text)
    workspace = Workspace.open(str(folder))
    generation = workspace.generation
    workspace.begin(60)
    alterations = []
    for path, name, old, new in (
        ("lib/money.js", "exports.rounded", "Math.floor", "Math.round"),
        ("lib/till.js", "exports.names", "items.sort", "items.map"),
        ("lib/stock.js", "exports.left", "count - 1", "count + 1"),
    ):
        file = generation.id_of(path)
        assert file is not None
        (of,) = generation.linker.describe(generation.linker.called(name, file))
        text = SHOP[path][of.start : of.end]
        alterations.append(Alteration(path, (file, of.definition), name, of.kind, text.replace(new, old), text, of.start, of.end))
    files = CaseFiles(workspace)
    (case, _) = files.cases("test/till.test.js")
    place = Place("lib/till.js" if stack else "test/till.test.js", 8 if stack else 4, 10 if stack else 3)
    failed = Failure(1, "adds", said, (place, Place("test/till.test.js", 4, 3)), "test/till.test.js", case)
    age = {0: 1.0, 1: 0.5, 2: 0.0}
    suspects, *_ = ranked(generation, Run(files, [failed], "  ✔ names\n"), Altered("HEAD", alterations, [], {}), age)
    return suspects


def names(suspects: list[Suspect]) -> list[str | None]:
    return [one.alteration.name for one in suspects]


def test_what_the_failing_test_reaches_is_first(tmp_path: Path) -> None:
    suspects = order(tmp_path)
    assert names(suspects)[0] == "exports.rounded"
    assert [one.failing for one in suspects if one.alteration.name == "exports.rounded"] == [(1, 1)]
    assert [one.passing for one in suspects if one.alteration.name == "exports.rounded"] == [(0, 1)]
    assert [one.evidence for one in suspects if one.alteration.name == "exports.left"] == ["unlinked"]


def test_what_stands_in_the_stack_comes_before_what_is_only_reached(tmp_path: Path) -> None:
    assert names(order(tmp_path, stack=True))[0] == "exports.names"


def test_words_of_the_failure_tell_changes_apart(tmp_path: Path) -> None:
    suspects = order(tmp_path, said="expected the count to be 3")
    assert [one.words for one in suspects if one.alteration.name == "exports.left"] == [("count",)]


def _by_age(suspects: list[Suspect]) -> list[Suspect]:
    ages = {"exports.rounded": 1.0, "exports.names": 0.5, "exports.left": 0.0}
    return sorted(suspects, key=lambda one: ages[one.alteration.name or ""])


def _by_kind(suspects: list[Suspect]) -> list[Suspect]:
    return sorted(suspects, key=lambda one: -one.change.weight)


@pytest.mark.parametrize("double", [_by_age, _by_kind])
def test_a_ranking_that_does_not_look_at_the_chain_is_caught(tmp_path: Path, double: Callable[[list[Suspect]], list[Suspect]]) -> None:
    assert names(double(order(tmp_path)))[0] != "exports.rounded"


def test_without_hops_nothing_is_linked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The chain comes from the walk: a double of it that follows nothing leaves every change unlinked."""
    monkeypatch.setattr(ranking.Reach, "hops", lambda *_: [])
    monkeypatch.setattr(ranking.Reach, "starts", lambda *_, **__: [])
    monkeypatch.setattr(ranking, "_along_stack", lambda *_: [])
    monkeypatch.setattr(ranking, "COSTS", {**ranking.COSTS, ranking.MODULE: 99.0})
    assert {one.evidence for one in order(tmp_path)} == {"unlinked"}
