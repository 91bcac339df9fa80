"""What a plan breaks is said before it is written; what it leaves as it was is not mentioned."""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from trees import index_of, plant

from clew._native import digest
from clew.edits.comparing import Broken, Comparison
from clew.edits.guards import links, new_problems
from clew.edits.plans import FileChange, TextEdit, applied
from clew.edits.tracking import EditMap
from clew.index.generation import Generation
from clew.index.overlay import Overlay, overlaid

TREE = {
    "shop.ts": (
        "export class Order {\n  pay() {\n    return total(1)\n  }\n  cancel() {}\n}\n\n"
        "export function total(price: number) {\n  return price + TAX\n}\n\nconst TAX = 2\n"
    ),
    "till.ts": "import { Order, total as sum } from './shop'\n\nnew Order().pay()\nexport const all = sum(3)\n",
    "index.ts": "export * from './shop'\nexport { all } from './till'\n",
    "use.ts": "import { total, all } from './index'\n\ntotal(all)\n",
    "old.js": "function one() {}\nfunction two() { return one() }\nmodule.exports = { one, two }\n",
    "older.js": "const { one, two: zwei } = require('./old')\nconst old = require('./old')\none()\nzwei()\nold.two()\n",
}


def edited(generation: Generation, path: str, *pairs: tuple[str, str]) -> FileChange:
    """A change that puts texts in place of others, which stand once in the file; what both begin and end with is no part of it."""
    file = generation.id_of(path)
    assert file is not None
    source = generation.source(file)
    edits = []
    for old, new in pairs:
        assert source.count(old.encode()) == 1, old
        start, end = source.index(old.encode()), source.index(old.encode()) + len(old)
        first = _shared(old, new)
        last = _shared(old[first:][::-1], new[first:][::-1])
        edits.append(TextEdit(start + first, end - last, new[first : len(new) - last].encode()))
    ordered = tuple(sorted(edits))
    return FileChange(path=path, before=digest(source), after=digest(applied(source, ordered)), edits=ordered)


def _shared(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def laid(generation: Generation, *changes: FileChange) -> Overlay:
    planned: dict[str, bytes | None] = {}
    for change in changes:
        file = generation.id_of(change.path) if change.before is not None else None
        after = applied(b"" if file is None else generation.source(file), change.edits)
        if change.place != change.path:
            planned[change.path] = None
        if change.place is not None:
            planned[change.place] = after
    return overlaid(generation, planned)


def shown(rows: tuple[Broken, ...]) -> list[str]:
    said = [f"{row.file}:{row.line}:{row.column} {row.name} {row.sort}: {row.meant} -> {row.now}" for row in rows]
    return [re.sub(r":\d+:\d+~\w+", "", line) for line in said]


@pytest.fixture
def tree(tmp_path: Path) -> Generation:
    return index_of(plant(tmp_path / "tree", TREE), tmp_path / "state").generation()


def broken_by(generation: Generation, *changes: FileChange) -> list[str]:
    return shown(links(generation, laid(generation, *changes), changes))


HARMLESS: Mapping[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "a comment": ("shop.ts", (("export class", "// says who pays\nexport class"),)),
    "a body": ("shop.ts", (("price + TAX", "TAX * price + Math.max(price, 1)"),)),
    "a function moved down": (
        "shop.ts",
        (
            ("export function total(price: number) {\n  return price + TAX\n}\n\n", ""),
            ("const TAX = 2\n", "const TAX = 2\n\nexport function total(price: number) {\n  return price + TAX\n}\n"),
        ),
    ),
    "a method replaced": ("shop.ts", (("  pay() {\n    return total(1)\n  }", "  pay(twice = false) {\n    return twice ? 2 : 1\n  }"),)),
    "a definition added": ("till.ts", (("new Order", "class Other { cancel() {} }\nnew Order"),)),
    "an overload added": ("shop.ts", (("export function total", "export function total(price: number): number\nexport function total"),)),
    "another way to import": ("till.ts", (("from './shop'", "from './index'"),)),
    "commonjs moved": ("old.js", (("function one() {}\n", ""), ("module.exports", "function one() {}\nmodule.exports"))),
}


@pytest.mark.parametrize("which", HARMLESS)
def test_a_harmless_edit_breaks_nothing(tree: Generation, which: str) -> None:
    path, pairs = HARMLESS[which]
    change = edited(tree, path, *pairs)
    assert broken_by(tree, change) == []
    assert new_problems(tree, laid(tree, change), [change]) == ()


def test_a_deleted_function_leaves_its_references_dangling(tree: Generation) -> None:
    change = edited(tree, "shop.ts", ("export function total(price: number) {\n  return price + TAX\n}\n\n", ""))
    assert broken_by(tree, change) == [
        "shop.ts:3:12 total dangling: shop.ts::total -> None",
        "till.ts:1:17 total dangling: shop.ts::total -> None",
        "till.ts:1:26 sum dangling: shop.ts::total -> None",
        "till.ts:4:20 sum dangling: shop.ts::total -> None",
        "use.ts:1:10 total dangling: shop.ts::total -> None",
        "use.ts:3:1 total dangling: shop.ts::total -> None",
    ]


def test_a_deleted_function_of_commonjs_leaves_its_references_dangling(tree: Generation) -> None:
    change = edited(tree, "old.js", ("function one() {}\n", ""), ("{ one, two }", "{ two }"))
    assert broken_by(tree, change) == [
        "old.js:1:25 one dangling: old.js::one -> None",
        "older.js:1:9 one dangling: old.js::exports.one -> None",
        "older.js:3:1 one dangling: old.js::exports.one -> None",
    ]


def test_an_export_that_is_taken_away_breaks_who_imports_it(tree: Generation) -> None:
    change = edited(tree, "old.js", ("{ one, two }", "{ one }"))
    assert broken_by(tree, change) == [
        "older.js:1:14 two dangling: old.js::exports.two -> None",
        "older.js:1:19 zwei dangling: old.js::exports.two -> None",
        "older.js:4:1 zwei dangling: old.js::exports.two -> None",
        "older.js:5:5 two dangling: old.js::exports.two -> None",
    ]
    change = edited(tree, "shop.ts", ("export class", "class"))
    assert [row.split(":", 1)[0] for row in broken_by(tree, change)] == ["till.ts", "till.ts"]


def test_a_method_that_is_taken_away_breaks_its_calls(tree: Generation) -> None:
    change = edited(tree, "shop.ts", ("  pay() {\n    return total(1)\n  }\n", ""))
    assert broken_by(tree, change) == ["till.ts:3:13 pay dangling: shop.ts::Order#pay -> None"]


def test_a_parameter_that_is_put_in_captures(tree: Generation) -> None:
    change = edited(tree, "shop.ts", ("  pay() {", "  pay(total = Number) {"))
    assert broken_by(tree, change) == ["shop.ts:3:12 total captured: shop.ts::total -> shop.ts::total"]


def test_an_import_that_leads_nowhere_is_said(tree: Generation) -> None:
    rows = broken_by(tree, edited(tree, "till.ts", ("'./shop'", "'./shopp'")))
    assert rows == [
        "till.ts:1:10 Order dangling: shop.ts::Order -> None",
        "till.ts:1:17 total dangling: shop.ts::total -> None",
        "till.ts:1:26 sum dangling: shop.ts::total -> None",
        "till.ts:1:38 ./shopp dangling: shop.ts -> None",
        "till.ts:3:5 Order dangling: shop.ts::Order -> None",
        "till.ts:3:13 pay dangling: shop.ts::Order#pay -> None",
        "till.ts:4:20 sum dangling: shop.ts::total -> None",
    ]


def test_a_name_that_is_imported_from_a_file_without_it_is_said(tree: Generation) -> None:
    source = b"import { Order, Odrer } from './index'\nexport { all as every, al } from './till'\nnew Order(Odrer)\n"
    made = FileChange(path="made.ts", after=digest(source), edits=(TextEdit(0, 0, source),))
    assert broken_by(tree, made) == [
        "made.ts:1:17 Odrer dangling: None -> None",
        "made.ts:2:24 al dangling: None -> None",
    ]
    assert broken_by(tree, edited(tree, "older.js", ("const { one,", "const { three, one,"))) == []  # CommonJS can add to its exports


def test_a_file_that_moves_without_its_importers_breaks_them(tree: Generation) -> None:
    source = TREE["shop.ts"].encode()
    change = FileChange(path="shop.ts", to="lib/shop.ts", before=digest(source), after=digest(source))
    rows = broken_by(tree, change)
    assert "till.ts:1:38 ./shop dangling: shop.ts -> None" in rows
    followed = [
        change,
        edited(tree, "till.ts", ("'./shop'", "'./lib/shop'")),
        edited(tree, "index.ts", ("'./shop'", "'./lib/shop'")),
    ]
    assert broken_by(tree, *followed) == []


def test_a_file_that_goes_breaks_its_importers(tree: Generation) -> None:
    gone = FileChange(path="old.js", before=digest(TREE["old.js"].encode()))
    assert broken_by(tree, gone)[:2] == [
        "older.js:1:9 one dangling: old.js::exports.one -> None",
        "older.js:1:14 two dangling: old.js::exports.two -> None",
    ]


def test_a_rename_with_all_its_references_breaks_nothing_and_one_left_out_is_said(tree: Generation) -> None:
    whole = [
        edited(tree, "shop.ts", ("total(1)", "sum(1)"), ("function total", "function sum")),
        edited(tree, "till.ts", ("total as sum", "sum")),
        edited(tree, "use.ts", ("{ total,", "{ sum,"), ("total(all)", "sum(all)")),
    ]
    assert broken_by(tree, *whole) == []
    assert broken_by(tree, *whole[:2]) == [
        "use.ts:1:10 total dangling: shop.ts::total -> None",
        "use.ts:3:1 total dangling: shop.ts::total -> None",
    ]


def test_new_syntax_errors_are_said_and_old_ones_are_not(tmp_path: Path) -> None:
    files = {"a.js": "const a = 1\n", "half.js": "const b = (\n"}
    tree = index_of(plant(tmp_path / "tree", files), tmp_path / "state").generation()
    change = edited(tree, "a.js", ("a = 1", "a = (1"))
    problems = new_problems(tree, laid(tree, change), [change])
    assert {(problem.file, problem.line, problem.code) for problem in problems} == {("a.js", 2, "syntax"), ("a.js", 1, "tokens")}
    same = edited(tree, "half.js", ("const b", "const c"))
    assert new_problems(tree, laid(tree, same), [same]) == ()
    more = edited(tree, "half.js", ("const b", "const const b"))
    assert new_problems(tree, laid(tree, more), [more]) != ()


def test_these_tests_see_a_guard_that_looks_at_changed_files_only(tree: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Comparison, "_compare_elsewhere", lambda *_: None)
    with pytest.raises(AssertionError):
        test_a_deleted_function_leaves_its_references_dangling(tree)


def test_these_tests_see_a_guard_that_does_not_carry_places(tree: Generation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EditMap, "moved", lambda _, offset: offset)
    with pytest.raises(AssertionError):
        test_a_rename_with_all_its_references_breaks_nothing_and_one_left_out_is_said(tree)


def test_these_tests_see_a_guard_that_takes_any_error_for_an_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clew.edits.guards.ERRORS", frozenset())
    with pytest.raises(AssertionError):
        test_new_syntax_errors_are_said_and_old_ones_are_not(tmp_path)
