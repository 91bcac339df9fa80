"""What the edits with code of their own leave of a file, as they are planned."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from clew.edits.delete import Delete, delete
from clew.edits.insert_after import InsertAfter, insert_after
from clew.edits.insert_before import InsertBefore, insert_before
from clew.edits.journal import Journal
from clew.edits.plans import applied
from clew.edits.rename import Aliases, Rename, rename
from clew.edits.replace import Replace, replace
from clew.edits.replace_text import ReplaceText, replace_text
from clew.errors import InvalidRequest, SymbolNotFound, UnsafeEdit
from clew.requests import Request, Target
from clew.workspace import Workspace

VERBS: dict[type[Request], Any] = {
    Delete: delete,
    InsertAfter: insert_after,
    InsertBefore: insert_before,
    Rename: rename,
    Replace: replace,
    ReplaceText: replace_text,
}

SHOP = """\
import { tax } from './tax';

/** What is bought. */
export class Cart {
  items = [];

  /** Puts one in. */
  add(item) {
    this.items.push(item);
  }

  total() {
    return tax(this.items.length);
  }
}

const one = 1, two = 2;

export function fill(cart) {
  cart = new Cart();
  cart.add(one);
  return cart;
}
"""
TREE = {"shop.js": SHOP, "tax.js": "export function tax(sum) {\n  return sum * 2;\n}\n"}


def opened(folder: Path, tree: Mapping[str, str] = TREE) -> Workspace:
    (folder / ".git").mkdir()
    for path, text in tree.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())
    workspace = Workspace.open(str(folder))
    workspace.begin()
    return workspace


def planned(workspace: Workspace, request: Request) -> dict[str, str]:
    """The files that a plan changes, as they would be."""
    result = VERBS[type(request)](workspace, request)
    plan = Journal(workspace.state).plan(result.stored.plan)
    return {change.path: applied((Path(workspace.root) / change.path).read_bytes(), change.edits).decode() for change in plan.changes}


def on(*texts: str) -> tuple[Target, ...]:
    return tuple(Target(text=text) for text in texts)


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    assert planned(workspace, Rename(targets=on("Cart#add"), to="put"))
    assert {path: (tmp_path / path).read_text() for path in TREE} == TREE


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


@pytest.mark.parametrize("name", ["", "a-b", "1a", "class", "tax"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises((InvalidRequest, UnsafeEdit)):
        planned(opened(tmp_path), Rename(targets=on("tax"), to=name))


def test_exports_can_keep_their_name(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    kept = planned(workspace, Rename(targets=on("tax"), to="levy", keep_export=True))
    assert kept == {"tax.js": "function levy(sum) {\n  return sum * 2;\n}\nexport { levy as tax };\n"}
    aliased = planned(workspace, Rename(targets=on("tax"), to="levy", aliases="keep"))
    assert aliased["shop.js"] == SHOP.replace("import { tax }", "import { levy as tax }")


def test_what_overrides_it_is_renamed_with_it(tmp_path: Path) -> None:
    tree = {
        "a.ts": "export interface Shape { area(): number }\nexport class Square implements Shape { area() { return 1; } }\n",
        "b.ts": "import { Shape } from './a';\nexport const sum = (one: Shape) => one.area();\n",
    }
    after = planned(opened(tmp_path, tree), Rename(targets=on("Square#area"), to="size"))
    assert after == {path: text.replace("area()", "size()") for path, text in tree.items()}


def test_a_place_that_means_something_else_as_well_is_refused(tmp_path: Path) -> None:
    tree = {
        "a.ts": "class A { go() {} }\nclass B { go() {} }\nexport const run = (it: A | B) => it.go();\n",
    }
    workspace = opened(tmp_path, tree)
    with pytest.raises(UnsafeEdit, match="B#go"):
        planned(workspace, Rename(targets=on("A#go"), to="start"))
    both = planned(workspace, Rename(targets=on("A#go", "B#go"), to="start"))["a.ts"]
    assert both == tree["a.ts"].replace("go()", "start()")


@pytest.mark.parametrize(
    "code",
    [
        "export const sizes = { small: 1, large: 2 };\n",
        "configure({ small: 1, large: 2 });\n",
        "export enum Size { small, large }\n",
        "export interface Sizes { small: number }\nexport interface Sizes { large: number }\n",
        "export class Sizes { small = 1; large() {} }\n",
    ],
    ids=["literal", "argument", "enum", "interfaces", "class"],
)
def test_a_name_that_another_member_of_the_same_owner_has_is_taken(tmp_path: Path, code: str) -> None:
    workspace = opened(tmp_path, {"a.ts": code})
    line = code[: code.index("small")].count("\n") + 1
    column = code.index("small") - code.rfind("\n", 0, code.index("small"))
    with pytest.raises(UnsafeEdit, match="large is taken"):
        planned(workspace, Rename(targets=on(f"a.ts:{line}:{column}"), to="large"))
    assert planned(workspace, Rename(targets=on(f"a.ts:{line}:{column}"), to="tiny")) == {"a.ts": code.replace("small", "tiny")}


DECLARED = {
    "lib/cart.js": "export class Cart {\n  add(item) { this.item = item; }\n}\n",
    "types/index.d.ts": "export class Cart {\n  add(item: string): void;\n}\nexport function fill(cart: Cart): void;\n",
}


@pytest.mark.parametrize(("target", "old"), [("lib/cart.js::Cart", "Cart"), ("lib/cart.js::Cart#add", "add")])
def test_declarations_beside_javascript_are_renamed_on_request_and_else_named(tmp_path: Path, target: str, old: str) -> None:
    workspace = opened(tmp_path, DECLARED)
    result = rename(workspace, Rename(targets=on(target), to="Other"))
    kept = [(row.file, row.why) for row in result.results if row.action == "kept"]
    assert kept == [("types/index.d.ts", "it is declared apart from the code")] * DECLARED["types/index.d.ts"].count(old)
    assert result.why[0].code == "possible"
    both = planned(workspace, Rename(targets=on(target), to="Other", include_possible=True))
    assert both == {path: text.replace(old, "Other") for path, text in DECLARED.items()}


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


def test_a_module_as_a_whole_has_no_name_but_its_importers_give_it_one(tmp_path: Path) -> None:
    tree = {"lib.cjs": "module.exports = () => 1;\n", "use.cjs": "const run = require('./lib.cjs');\nrun();\n"}
    tree["d.mjs"] = "export default () => 1;\n"
    workspace = opened(tmp_path, tree)
    for target in ("use.cjs::run", "use.cjs:1:7", "use.cjs:2:1"):
        assert planned(workspace, Rename(targets=on(target), to="go")) == {"use.cjs": tree["use.cjs"].replace("run", "go")}
    for target in ("lib.cjs:1:8", "d.mjs::default"):
        with pytest.raises(UnsafeEdit, match="has no name"):
            planned(workspace, Rename(targets=on(target), to="go"))


def test_a_property_that_is_its_value_by_name_is_renamed_alone(tmp_path: Path) -> None:
    tree = {"a.ts": "export const at = (is: string) => ({ is });\nexport const seen = at('x').is;\n"}
    workspace = opened(tmp_path, tree)
    after = planned(workspace, Rename(targets=on("a.ts:2:29"), to="was"))["a.ts"]
    assert after == "export const at = (is: string) => ({ was: is });\nexport const seen = at('x').was;\n"


@pytest.mark.parametrize(
    "code",
    [
        "/** @param {{a: 1}} [code] how */\nexport function f(code) { return code; }\n",
        "export const o = {\n  /** @param {number} code */\n  set status(code) { this.x = code; },\n};\n",
        "/** @param code */\nexport const g = (code) => code;\n",
    ],
)
def test_the_tag_of_a_parameter_is_renamed_with_it(tmp_path: Path, code: str) -> None:
    at = code.index("(code)") + 1
    place = f"a.js:{code.count(chr(10), 0, at) + 1}:{at - code.rfind(chr(10), 0, at)}"
    assert planned(opened(tmp_path, {"a.js": code}), Rename(targets=on(place), to="status"))["a.js"] == code.replace("code", "status")


def test_the_tag_of_an_outer_parameter_stays(tmp_path: Path) -> None:
    code = "/** @param {number[]} code */\nexport function f(code) { return code.map((code) => -code); }\n"
    at = code.index("(code) =>") + 1 - code.index("export")
    after = planned(opened(tmp_path, {"a.js": code}), Rename(targets=on(f"a.js:2:{at + 1}"), to="one"))["a.js"]
    assert after == code.replace("(code) => -code", "(one) => -one")


def test_an_alias_is_kept_where_a_pattern_takes_the_name_apart(tmp_path: Path) -> None:
    tree = {
        "a.ts": "export type R = { props: number[] };\nexport const make = (): R => ({ props: [] });\n",
        "b.ts": "import { make } from './a';\nconst { props } = make();\nexport const all = [...props];\n",
    }
    after = planned(opened(tmp_path, tree), Rename(targets=on("R.props"), to="given", aliases="keep"))
    assert after["b.ts"] == tree["b.ts"].replace("{ props }", "{ given: props }")


@pytest.mark.parametrize("aliases", ["rename", "keep"])
def test_a_parameter_that_is_a_field_is_no_alias_of_it(tmp_path: Path, aliases: Aliases) -> None:
    code = "export class A {\n  constructor(private log: Log) {\n    log.begin();\n  }\n  end() { this.log.end(); }\n}\n"
    after = planned(opened(tmp_path, {"a.ts": code}), Rename(targets=on("A#log"), to="notes", aliases=aliases))
    assert after == {"a.ts": code.replace("log", "notes")}


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


def test_a_rename_that_a_type_undoes_by_a_text_is_not_told_as_a_name_that_is_taken(tmp_path: Path) -> None:
    tree = {
        "a.ts": "interface Store { get(): number }\ntype Small = Pick<Store, 'get'>;\nexport const run = (store: Small) => store.get();\n"
    }
    with pytest.raises(UnsafeEdit, match=r"read would lead nowhere at a\.ts:3"):
        planned(opened(tmp_path, tree), Rename(targets=on("Store#get"), to="read"))


def test_overloads_are_named_once(tmp_path: Path) -> None:
    tree = {"a.ts": "export function go(one: string): void;\nexport function go(one: number): void;\nexport function go(one: unknown) {}\n"}
    assert rename(opened(tmp_path, tree), Rename(targets=on("go"), to="run")).renamed == ("a.ts::go",)


def test_a_kept_alias_is_handed_on_under_the_new_name(tmp_path: Path) -> None:
    tree = {
        "a.ts": "export const part = 1;\n",
        "b.ts": "import { part } from './a';\nexport { part };\nexport const twice = part * 2;\n",
        "c.ts": "import { part } from './b';\nexport const more = part + 1;\n",
    }
    after = planned(opened(tmp_path, tree), Rename(targets=on("a.ts::part"), to="piece", aliases="keep"))
    assert after == {
        "a.ts": "export const piece = 1;\n",
        "b.ts": "import { piece as part } from './a';\nexport { part as piece };\nexport const twice = part * 2;\n",
        "c.ts": "import { piece as part } from './b';\nexport const more = part + 1;\n",
    }


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
