"""Edits with code of their own: what they leave of a file, as they are planned."""

from pathlib import Path

import pytest
from planned_edits import SHOP, TREE, VERBS, on, opened, planned

from clew.edits.delete import Delete, delete
from clew.edits.insert_after import InsertAfter
from clew.edits.insert_before import InsertBefore
from clew.edits.journal import Journal
from clew.edits.plans import applied
from clew.edits.rename import Rename, rename
from clew.edits.replace import Replace
from clew.edits.replace_text import ReplaceText, replace_text
from clew.errors import SymbolNotFound, UnsafeEdit
from clew.requests import Request


def test_replaced_code_takes_the_indentation_of_the_old_one(tmp_path: Path) -> None:
    code = "add(item) {\n  if (item) {\n    this.items.push(item);\n  }\n}"
    after = planned(opened(tmp_path), Replace(targets=on("Cart#add"), with_=code))["shop.js"]
    assert after == SHOP.replace(
        "  add(item) {\n    this.items.push(item);\n  }\n",
        "  add(item) {\n    if (item) {\n      this.items.push(item);\n    }\n  }\n",
    )


def test_export_and_comment_stay_unless_the_code_has_its_own(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    without = planned(workspace, Replace(targets=on("tax"), with_="function tax(sum) {\n  return sum;\n}"))["tax.js"]
    with_own = planned(workspace, Replace(targets=on("tax"), with_="export const tax = (sum) => sum;"))["tax.js"]
    assert without == "export function tax(sum) {\n  return sum;\n}\n"
    assert with_own == "export const tax = (sum) => sum;\n"


def test_code_that_does_not_parse_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeEdit, match="would not parse"):
        planned(opened(tmp_path), Replace(targets=on("Cart#add"), with_="add(item) {"))


def test_code_that_leaves_a_name_dangling_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsafeEdit, match="leads nowhere"):
        planned(opened(tmp_path), Replace(targets=on("tax"), with_="export function taxes(sum) {\n  return sum;\n}"))


def test_code_goes_before_the_comment_and_behind_the_end(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    before = planned(workspace, InsertBefore(targets=on("Cart#add"), with_="clear() {\n  this.items = [];\n}"))["shop.js"]
    behind = planned(workspace, InsertAfter(targets=on("Cart#add"), with_="clear() {\n  this.items = [];\n}"))["shop.js"]
    block = "  clear() {\n    this.items = [];\n  }\n"
    assert before == SHOP.replace("  /** Puts one in. */\n", f"{block}\n  /** Puts one in. */\n")
    assert behind == SHOP.replace("push(item);\n  }\n", f"push(item);\n  }}\n\n{block}")


def test_an_insertion_that_takes_a_name_from_others_is_refused(tmp_path: Path) -> None:
    tree = {"a.js": "const depth = 1;\nexport function outer() {\n  const inner = 2;\n  return depth + inner;\n}\n"}
    with pytest.raises(UnsafeEdit, match="depth"):
        planned(opened(tmp_path, tree), InsertAfter(targets=on("inner"), with_="const depth = 3;"))


def test_what_is_used_is_not_deleted(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    with pytest.raises(UnsafeEdit, match=r"shop\.js:21"):
        planned(workspace, Delete(targets=on("Cart#add")))
    forced = planned(workspace, Delete(targets=on("Cart#add"), force=True))["shop.js"]
    assert forced == SHOP.replace("  /** Puts one in. */\n  add(item) {\n    this.items.push(item);\n  }\n\n", "")


def test_one_of_several_variables_goes_alone(tmp_path: Path) -> None:
    after = planned(opened(tmp_path), Delete(targets=on("two")))["shop.js"]
    assert after == SHOP.replace("const one = 1, two = 2;", "const one = 1;")


def test_text_is_replaced_where_it_stands_as_often_as_expected(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    assert planned(workspace, ReplaceText(old=("sum * 2",), with_="sum * 3"))["tax.js"] == TREE["tax.js"].replace("* 2", "* 3")
    with pytest.raises(UnsafeEdit, match="stands 2 times"):
        planned(workspace, ReplaceText(old=("item)",), with_="items)", within=("shop.js",)))
    both = planned(workspace, ReplaceText(old=("(item)",), with_="(thing)", within=("Cart#add",), expect_count=2, force=True))["shop.js"]
    assert both == SHOP.replace("(item)", "(thing)")


def test_line_ends_match_any_others_and_are_kept(tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.js": "one();\r\ntwo();\r\nthree();\r\n"})
    result = replace_text(workspace, ReplaceText(old=("one();\ntwo();",), with_="two();\none();"))
    assert result.matched_with == "lineEnds"
    plan = Journal(workspace.state).plan(result.stored.plan)
    assert applied((tmp_path / "a.js").read_bytes(), plan.changes[0].edits) == b"two();\r\none();\r\nthree();\r\n"


def test_a_text_that_is_nowhere_is_told_by_the_first_line_that_differs(tmp_path: Path) -> None:
    with pytest.raises(SymbolNotFound) as raised:
        planned(opened(tmp_path), ReplaceText(old=("  add(item) {\n    this.item.push(item);\n  }",), with_="", within=("shop.js",)))
    assert raised.value.details["differs"] == {
        "file": "shop.js",
        "line": 9,
        "there": "    this.items.push(item);",
        "given": "    this.item.push(item);",
    }


def test_a_member_that_is_handed_to_code_nobody_reads_may_be_read_there(tmp_path: Path) -> None:
    tree = {"a.js": "import { send } from 'wire';\nconst order = { total: 1 };\nsend(order);\n"}
    workspace = opened(tmp_path, tree)
    assert "escapes" in {gap.code for gap in rename(workspace, Rename(targets=on("order.total"), to="sum")).why}
    assert "escapes" in {gap.code for gap in delete(workspace, Delete(targets=on("order.total"))).why}


def test_only_a_bracket_at_the_left_edge_says_how_far_code_was_indented(tmp_path: Path) -> None:
    code = "type Size =\n  | 1\n  | {\n      own: 1\n    }\n"
    after = planned(opened(tmp_path, {"a.ts": code}), Replace(targets=on("Size"), with_=code.replace("own", "other")))
    assert after == {"a.ts": code.replace("own", "other")}


def test_code_that_closes_nothing_keeps_its_indentation(tmp_path: Path) -> None:
    code = "const sum =\n  one +\n  two;\n"
    inside = "export function all() {\n  const whole =\n    one +\n    sum;\n  return whole;\n}\n"
    tree = {"a.js": f"const one = 1;\nconst two = 2;\n{code}{inside}"}
    workspace = opened(tmp_path, tree)
    again = planned(workspace, Replace(targets=on("sum"), with_=code.replace("one +", "one -")))["a.js"]
    assert again == tree["a.js"].replace("one +\n  two", "one -\n  two")
    for text in ("const whole =\n  one -\n  sum;", "const whole =\n    one -\n    sum;"):
        inner = planned(workspace, Replace(targets=on("whole"), with_=text))["a.js"]
        assert inner == tree["a.js"].replace("one +\n    sum", "one -\n    sum")


def test_a_row_shows_the_code_that_comes_and_goes_and_how_much_of_it(tmp_path: Path) -> None:
    workspace = opened(tmp_path)

    def shown(request: Request) -> list[tuple[str | None, str | None]]:
        return [(row.before, row.after) for row in VERBS[type(request)](workspace, request).results]

    add = on("Cart#add")
    assert shown(InsertAfter(targets=add, with_="clear() {\n  this.items = [];\n}")) == [(None, "clear() { … 3 lines")]
    assert shown(InsertBefore(targets=add, with_="count = 0;")) == [(None, "count = 0;")]
    assert shown(Replace(targets=add, with_="add(item) {}")) == [("add(item) { … 3 lines", "add(item) {}")]
    assert shown(Delete(targets=add, force=True)) == [("/** Puts one in. */ … 4 lines", None)]
    assert shown(ReplaceText(old=("sum * 2",), with_="sum * 3")) == [("return sum * 2;", "return sum * 3;")]
    assert shown(Rename(targets=on("Cart#total"), to="sum"))[0] == ("total() {", "sum() {")


def test_the_place_nearest_to_a_text_is_where_its_words_stand_in_order(tmp_path: Path) -> None:
    other = "".join(f"the {letters} has it\n" for letters in ("same in if (O) value value { return true }", "rest") * 1500)
    tree = {"a.md": other, "z.js": "export function same(one, other) {\n  if (Object.is(one, other)) {\n    return true;\n  }\n}\n"}
    with pytest.raises(SymbolNotFound, match=r"nearest at z\.js:2"):
        planned(opened(tmp_path, tree), ReplaceText(old=("if (Object.is(one, other)) { return true }",), with_="x"))


def test_comments_directly_above_go_with_a_definition_and_those_of_the_file_stay(tmp_path: Path) -> None:
    about = "// about the second\n// and more\n"
    code = f"// about the file\nfunction first() {{}}\n\n{about}function second() {{}}\n\n// apart\n\nfunction third() {{}}\n"
    tree = {"a.js": code}
    workspace = opened(tmp_path, tree)
    assert planned(workspace, Delete(targets=on("first")))["a.js"] == code.replace("function first() {}\n", "")
    assert planned(workspace, Delete(targets=on("second")))["a.js"] == code.replace(
        "// about the second\n// and more\nfunction second() {}\n\n", ""
    )
    assert planned(workspace, Delete(targets=on("third")))["a.js"] == code.replace("function third() {}\n", "")
    before = planned(workspace, InsertBefore(targets=on("second"), with_="let x;"))["a.js"]
    assert before == code.replace("// about the second", "let x;\n// about the second")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("value.toFixed(3)", "value.toFixed(2)"),
        ("value.toFixd(2)", "value.toFixed(2)"),
        ("price = value.toFixxed(2) + ' kg'", "price = value.toFixed(2) + ' kg'"),
        ("const  price", "const price"),
    ],
)
def test_a_part_of_a_line_with_a_typo_is_told_as_it_stands(typed: str, meant: str, tmp_path: Path) -> None:
    workspace = opened(tmp_path, {"a.js": "// the value of it\nexport const price = value.toFixed(2) + ' kg';\r\n", "b.js": "let value;\n"})
    with pytest.raises(SymbolNotFound, match=r"nearest at a\.js:2, which has") as raised:
        planned(workspace, ReplaceText(old=(typed,), with_="x"))
    assert (raised.value.given, raised.value.candidates) == (typed, (meant,))
    assert raised.value.details["differs"] == {"file": "a.js", "line": 2, "there": meant, "given": typed}
    with pytest.raises(SymbolNotFound, match=r"nowhere$"):
        planned(workspace, ReplaceText(old=("value that is never anywhere",), with_="x"))


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    mark = "\ufeff"
    workspace = opened(tmp_path, {"a.js": mark + "export function one() {}\n\nexport const two = 2;\n"})
    first = planned(workspace, InsertBefore(targets=on("one"), with_="const zero = 0;"))["a.js"]
    assert first == mark + "const zero = 0;\nexport function one() {}\n\nexport const two = 2;\n"
    assert planned(workspace, Delete(targets=on("one")))["a.js"] == mark + "\nexport const two = 2;\n"
