"""Renames: which places they change, and which they refuse."""

from pathlib import Path

import pytest
from planned_edits import SHOP, TREE, on, opened, planned

from clew.edits.rename import Aliases, Rename, rename
from clew.edits.replace import Replace
from clew.errors import InvalidRequest, UnsafeEdit


def test_a_plan_writes_nothing(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    assert planned(workspace, Rename(targets=on("Cart#add"), to="put"))
    assert {path: (tmp_path / path).read_text() for path in TREE} == TREE


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


def test_links_in_comments_are_renamed_where_nothing_else_has_the_name(tmp_path: Path) -> None:
    tree = {
        "a.js": (
            "/** See {@link tax} and {@linkcode Cart#add}, not taxes or tax. */\nexport class Cart { add() {} }\n"
            "/** @see tax */\nexport function tax() {}\ntax();\n"
        ),
        "b.js": "import { tax as levy } from './a';\n/** {@link tax} */\nconst tax = 1;\nlevy(tax);\n",
    }
    workspace = opened(tmp_path, tree)
    after = planned(workspace, Rename(targets=on("a.js::tax"), to="due"))
    assert after["a.js"] == tree["a.js"].replace("{@link tax}", "{@link due}").replace("@see tax", "@see due").replace("tax()", "due()")
    assert after["b.js"] == tree["b.js"].replace("{ tax as", "{ due as")
    member = planned(workspace, Rename(targets=on("Cart#add"), to="put"))["a.js"]
    assert member == tree["a.js"].replace("Cart#add", "Cart#put").replace("add()", "put()")


def test_places_of_the_code_as_it_would_be_are_told_as_such(tmp_path: Path) -> None:
    workspace = opened(tmp_path)
    for request in (
        Replace(targets=on("Cart#total"), with_="total( {"),
        Replace(targets=on("tax"), with_="function levy(sum) {\n  return sum;\n}"),
        Rename(targets=on("Cart#total"), to="add"),
    ):
        with pytest.raises(UnsafeEdit) as raised:
            planned(workspace, request)
        assert raised.value.message.count("(in the code as it would be)") == 1
