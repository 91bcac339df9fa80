"""What prose says of code: `md-scan --mentions`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from clew.cli import js_scan, md_scan
from clew.markdown import finding

if TYPE_CHECKING:
    from pathlib import Path

CODE = {
    "package.json": '{"name": "shop-kit", "main": "src/index.js", "bin": {"shop": "bin/shop.js"}, "repository": "github:acme/shop-kit",'
    ' "scripts": {"seed": "node scripts/seed.js"}}',
    "src/index.js": "export { Cart } from './cart.js';\nexport { formatPrice, parse, round } from './price.js';\n",
    "src/cart.js": "export class Cart {\n  addItem(item) {}\n  total() {}\n  static of(items) {}\n}\n"
    "const kit = { output: { dir: 1 } };\nkit;\n",
    "src/price.js": "export function formatPrice(n) {}\nexport function parse(text) {}\nexport function round(n) {}\n"
    "function hidden() {}\nhidden();\n",
    "src/fields.ts": "export type Line = { amountDue: number };\nexport type SavedLine = Line;\nexport const Lines = { keepAll() {} };\n"
    "export function made() {\n  const line = { amountLeft: 1 };\n  return { line, serverMade: 2, read: { orderOf: 1 } };\n}\n"
    "declare global {\n  interface Shelf {}\n}\n",
    "src/shelf.ts": "export class Shelf {}\n",
    "src/app.jsx": "export const App = () => null;\n",
    "src/twins.ts": "export interface Stack { undoAll(): void }\nexport const Stack = { undoAll(stack: Stack) {} };\n",
    "src/order.js": "export class Order {\n  total() {}\n}\nexport function round(n) {}\n",
    "bin/shop.js": "import { Cart } from '../src/index.js';\nnew Cart();\n",
    "scripts/seed.js": "export const seeds = [];\n",
    "scripts/make-seeds.js": "export const seedsMade = 1;\n",
    "src/baskets.js": "export class SavedBasket {\n  storeAll() {}\n  isKept() {}\n}\nexport class DraftBasket {\n  storeAll() {}\n}\n"
    "export function mark(task) {\n  task.outcome = 1;\n}\n",
    "src/twin-a.ts": "export class Shop {\n  openAll() {}\n  close() {}\n}\n",
    "src/twin-b.ts": "export class Shop {\n  closeAll() {}\n}\nexport class BigShopLogger {\n  warnings() {}\n}\n",
    "src/building.js": "import { pack } from 'elsewhere';\npack({ pack: { minified: 1 } });\n",
    "src/settings/extra.js": "export const extra = 1;\n",
    "src/settings/more-extra.js": "export const moreExtra = 1;\n",
    "src/whole.js": "import { formatPrice } from './price.js';\nexport default { formatPrice };\n",
    "src/readers/reader.js": "export class Reader {}\nexport class Lexer {}\n",
    "src/readers.js": "export * as Reader from './readers/reader.js';\n",
    "src/memo.js": "export function memoAll(f) {}\n",
    "tools/package.json": '{"name": "tools", "devDependencies": {"lodash": "1"}}',
    "docs/config.ts": "export default { sidebarAll: { folded: 1 } };\n",
    "src/intents.ts": "export interface Opened { kind: 'opened'; openedBy: string }\n"
    "export interface Closed { kind: 'closed'; openedBy: string }\nexport function intentOf(): Opened | Closed { return null as never; }\n",
    "src/given.ts": "export interface Props { text: string; givenText: string }\nexport interface Logs { info(): void; infoAll(): void }\n",
    "src/options.js": "export default { setUpAll() {} };\n",
    "manual/node.js": "export const node = 1;\n",
    "src/globals.d.ts": "export declare const allGlobals: number;\n",
    "src/messages.js": "export const string = { upperCased: 1 };\n",
    "src/mode.js": "process.shopMode = 1;\n",
    "shop.config.js": "export default { watchAll: 1 };\n",
    "bundle.cjs": "exports.bundled = 1;\n",
    "src/host.ts": "export interface DocumentFragment {}\n",
    "other/lib/other-price.js": "export const otherPrice = 1;\n",
    "examples/list/list.js": "export class ListService {\n  loadAll() {}\n}\n",
    ".git/HEAD": "ref: refs/heads/main\n",
}
SPOKEN: dict[str, dict[str, tuple[str, str] | None]] = {
    # target -> a paragraph of manual/guide.md -> by and evidence; None: it does not speak of it
    "src/cart.js": {
        "See `src/cart.js`.": ("path", "exact"),
        "See src/cart.js for more.": ("path", "exact"),
        "See [it](../src/cart.js).": ("link", "exact"),
        "See [it][c].\n\n[c]: ../src/cart.js#L2": ("link", "exact"),
        "https://github.com/acme/shop-kit/blob/main/src/cart.js#L3": ("link", "exact"),
        "See `../src/cart`.": ("path", "inferred"),
        "```sh\nnode ./src/cart.js\n```": ("path", "inferred"),
        "https://github.com/other/thing/blob/main/src/cart.js": None,
        "See `lib/cart.js`.": None,
        "`src/cart.js` from the `cart-kit` package": None,
        "`src/cart.js` of the `shop-kit` package": ("path", "exact"),
        "A shopping cart, and cart.json.": None,
    },
    "Cart#addItem": {
        "Call `Cart#addItem`.": ("member", "exact"),
        "Call Cart#addItem(item) for that.": ("member", "exact"),
        "Call `cart.addItem(item)`.": ("member", "inferred"),
        "Call `myCart.addItem(item)`.": ("member", "inferred"),
        "Call `.addItem()`.": ("member", "inferred"),
        "## cart.addItem(item)\n\nText": ("member", "inferred"),
        "```js\nimport { Cart } from 'shop-kit';\nconst basket = new Cart();\nbasket.addItem(1);\n```": ("code", "exact"),
        "> ```ts\n> import { Cart } from 'shop-kit'\n> new Cart()\n>   .addItem(1)\n> ```": ("code", "exact"),
        "```js\nimport { Cart } from 'elsewhere';\nclass Cart2 { addItem() {} }\nnew Cart2().addItem();\n```": None,
        "Call `List.addItem()`.": None,
        '```json\n{"addItem": 1}\n```': None,
        "You can addItem there.": None,
    },
    "Cart#total": {
        "`Cart.total()`": ("member", "exact"),
        "`Order#total`": None,
        "The total is `total`.": None,
        "```js\nimport { Cart } from '../src/cart.js';\nnew Cart().total();\n```": ("code", "exact"),
        "```js\nimport { Order } from '../src/order.js';\nnew Order().total();\n```": None,
    },
    "src/price.js::formatPrice": {
        "Use `formatPrice(3)`.": ("export", "inferred"),
        "Use `formatPrice`.": ("export", "inferred"),
        "[`formatPrice`](../src/price.js)": ("link", "exact"),
        "`shopKit.formatPrice`": ("export", "inferred"),
        "```js\nconst { formatPrice: price } = require('shop-kit');\nprice(1);\n```": ("code", "exact"),
        "```js\nconst formatPrice = 1;\nformatPrice;\n```": None,
        "```js\nconst db = { formatPrice: 1 };\ndb.formatPrice(1);\n```\n\nIt calls `formatPrice(1)`.": None,
        "`db.formatPrice` calls `formatPrice(1)`.": None,
        "`db.formatPrice` is no [`formatPrice`](../src/price.js).": ("link", "exact"),
        "The [`formatPrice`](https://elsewhere.example/format) of others": None,
        "`{ formatPrice: true }`, `'formatPrice'`, `--formatPrice`, `my-formatPrice`": None,
    },
    "src/price.js::hidden": {"`shopKit.hidden()`": None, "```js\nhidden()\n```": None},
    "src/cart.js::kit.output.dir": {"Set `output.dir`.": None, "Set `kit.output.dir`.": ("member", "exact")},
    "src/price.js::parse": {
        "Use `parse(text)`.": ("export", "inferred"),
        "We parse it, JSON.parse() too, `JSON.parse(text)`, and `url.parse`.": None,
    },
    "SavedBasket#storeAll": {
        "`savedBasket.storeAll()`": ("member", "inferred"),
        "`oldSavedBasket.storeAll()`": ("member", "inferred"),
        "`basket.storeAll()`": None,
        "```js\nbasket.storeAll()\n```": None,
    },
    "Line.amountDue": {
        "`Line.amountDue`": ("member", "exact"),
        "`line.amountDue`": ("member", "inferred"),
        "`SavedLine.amountDue`": None,
        "`oldLine.amountDue`": ("member", "inferred"),
    },
    "Lines.keepAll": {"`Lines.keepAll()`": ("member", "exact"), "`lines.keepAll()`": None},
    "line.amountLeft": {"`line.amountLeft` of a `Line.amountLeft`": None},
    "read.orderOf": {"`access.read.orderOf`": None},
    "src/fields.ts::serverMade": {"A `serverMade` of others": None},
    "src/fields.ts::global.Shelf": {"```ts\nconst shelf: Shelf = it;\n```": None},
    "src/app.jsx::App": {
        "An empty `<App>`.": ("export", "inferred"),
        "An empty `<App>`.\n\n```jsx\nconst App = () => null;\n<App />\n```": None,
    },
    "Stack#undoAll": {"`Stack#undoAll`": ("member", "exact"), "`stack.undoAll()`": ("member", "inferred"), "`Stack.undoAll(stack)`": None},
    "Stack.undoAll": {"`Stack.undoAll(stack)`": ("member", "exact"), "`stack.undoAll()`": None},
    "src/twin-a.ts::Shop#openAll": {"`shop.openAll()`": None, "`Shop#openAll`": ("member", "exact")},
    "BigShopLogger#warnings": {"`bigShopLogger.warnings()`": ("member", "inferred"), "`logger.warnings()`": None},
    "pack.minified": {"Set `pack.minified`.": None},
    "src/settings/extra.js": {"Write `settings/extra.js`.": None, "See `src/settings/extra.js`.": ("path", "exact")},
    "src/settings/more-extra.js": {"See `settings/more-extra.js`.": ("path", "inferred")},
    "src/index.js": {
        "https://play.example/x?file=/src/index.js": None,
        "Import it in `src/index.js`.": None,
        "See `../src/index.js`.": ("path", "exact"),
    },
    "src/whole.js::default.formatPrice": {"```js\nimport { formatPrice } from 'shop-kit';\n```": None},
    "src/readers/reader.js::Reader": {"A `Reader` of it.": None},
    "src/readers/reader.js::Lexer": {"A `Lexer` of it.": ("export", "inferred")},
    "src/memo.js::memoAll": {"Wrap it in lodash `memoAll()`.": None, "Wrap it in lodash, with `memoAll()`.": ("export", "inferred")},
    "SavedBasket#isKept": {
        "Call `isKept()`.": ("name", "inferred"),
        "Call `isKept()`.\n\n```ts\nconst [a, isKept]: [A] = use(a: string);\n```": None,
    },
    "docs/config.ts::default.sidebarAll": {"The `sidebarAll` option": None},
    "Opened.openedBy": {
        "```ts\nimport { intentOf } from '../src/intents';\nintentOf().openedBy;\n```": None,
        "```ts\nimport { Opened } from '../src/intents';\nconst it: Opened = use();\nit.openedBy;\n```": ("code", "exact"),
    },
    "src/intents.ts": {"See [it](https://github.com/acme/shop-kit/blob/main/src/intents.js).": ("link", "exact")},
    "Props.text": {"`props.text`": None, "`Props.text`": ("member", "exact")},
    "Props.givenText": {"`props.givenText`": ("member", "inferred")},
    "Logs#info": {
        "```js\nimport { make } from 'elsewhere';\nconst logs = make();\nlogs.info();\n```": None,
        "```js\nlogs.info();\n```": ("member", "inferred"),
    },
    "src/options.js::default.setUpAll": {"Vue calls `setUpAll()`.": None},
    "manual/node.js": {"Written for node.js alone.": None, "See `./node.js`.": ("path", "exact")},
    "src/globals.d.ts": {"Put it in `globals.d.ts`.": None, "See `src/globals.d.ts`.": ("path", "exact")},
    "string.upperCased": {"## string.upperCased(message)": None},
    "process.shopMode": {"The `process.shopMode` of the host": None},
    "shop.config.js::default.watchAll": {"The `watchAll` option": None},
    "shop.config.js": {"Write a `shop.config.js`.": None, "See `../shop.config.js`.": ("path", "exact")},
    "bundle.cjs": {"It is run as './bundle all'.": None, "Run `./bundle.cjs`.": ("path", "inferred")},
    "task.outcome": {"The `task.outcome` of a task.": None},
    "src/cart.js::Cart": {
        "See [src](../src/cart.js#L2).": None,
        "See [Cart](../src/cart.js#L2).": ("link", "exact"),
        "## The Cart\n\nSee [src](../src/cart.js#L2).": ("link", "exact"),
        "## The Cart\n\nSee [src](../src/cart.js#L8).": None,
        "Press `Cart Total`.": None,
        "`<p>Cart</p>`": None,
        "Make a `new Cart`.": ("export", "inferred"),
    },
    "ListService#loadAll": {"`ListService#loadAll` and `listService.loadAll()`": None},
    "src/host.ts::DocumentFragment": {"A `DocumentFragment`": None, "See [`DocumentFragment`](../src/host.ts).": ("link", "exact")},
    "examples/list/list.js": {"Make `list/list.js`.": None, "See `examples/list/list.js`.": ("path", "exact")},
    "other/lib/other-price.js": {"See `other-price.js`.": ("path", "inferred")},
    "scripts/make-seeds.js": {
        "See `make-seeds.js`.": ("path", "inferred"),
        "```js [make-seeds.js]\n1\n```": None,
        "```js\nload('./make-seeds.js')\n```": None,
        "```js\nimport './scripts/make-seeds.js';\n```": None,
        "```sh\nnode ./scripts/make-seeds.js\n```": ("path", "inferred"),
    },
    "bin/shop.js": {
        "```sh\n$ npx shop --help\n```": ("command", "exact"),
        "Run `shop list`.": ("command", "exact"),
        "A shop has a `shop`.": None,
        "```sh\nnpm install shop\n```": None,
    },
    "scripts/seed.js": {"Run `npm run seed`.": ("command", "inferred"), "Run `npm run seed:all`.": None},
}  # fmt: skip
CASES = [(target, text, said) for target, cases in SPOKEN.items() for text, said in cases.items()]


def made(root: Path, guide: str) -> None:
    for path, text in {**CODE, "manual/guide.md": guide}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def said(root: Path, *argv: str, command: Any = md_scan) -> dict[str, Any]:
    out, err, status = command.answer([*argv, "--root", str(root), "--json"], {"CLEW_AGENT": "test"})
    assert (status, err) == (0, b""), out
    reply: dict[str, Any] = msgspec.json.decode(out)
    return reply


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    made(root, "")
    return root


@pytest.mark.parametrize(("target", "text", "expected"), CASES)
def test_prose_speaks_of_a_definition_with_evidence_or_not_at_all(
    shop: Path, target: str, text: str, expected: tuple[str, str] | None
) -> None:
    (shop / "manual/guide.md").write_text(f"# Guide\n\nBefore ü.\n\n{text}\n", encoding="utf-8")
    rows = [row for row in said(shop, "--no-record", "--mentions", target)["results"] if row["evidence"] != "possible"]
    assert {(row["by"], row["evidence"]) for row in rows} == ({expected} if expected else set()), rows
    guide = (shop / "manual/guide.md").read_text(encoding="utf-8").splitlines()
    for row in rows:
        line = guide[row["line"] - 1]
        assert line[row["column"] - 1 :].startswith(row["written"])
        assert row["section"].startswith("manual/guide.md#")


def test_only_the_word_is_possible_and_counted(tmp_path: Path) -> None:
    made(tmp_path, "`round(1)`, `x.total()`\n\n`formatPrice`\n")
    reply = said(tmp_path, "--no-record", "--mentions", "src/price.js::round", "src/price.js::formatPrice")
    assert [(row["of"], row["evidence"]) for row in reply["results"]] == [("src/price.js::formatPrice", "inferred")]
    assert reply["possible"] == 1
    assert reply["why"] == [{"code": "possible", "total": 1, "list": reply["why"][0]["list"]}]
    shown = said(tmp_path, "--no-record", "--mentions", "src/price.js::round", "--possible")
    assert [(row["written"], row["evidence"]) for row in shown["results"]] == [("round", "possible")]


def test_a_question_about_code_goes_on_about_its_prose_and_back(tmp_path: Path) -> None:
    made(tmp_path, "# Guide\n\n## Prices\n\nUse `formatPrice(3)`.\n")
    said(tmp_path, "--session-start", "s", "--search", "formatPrice", command=js_scan)
    found = said(tmp_path, "--session-continue", "s", "--mentions")
    assert [(row["of"], row["line"]) for row in found["results"]] == [("src/price.js::formatPrice", 5)]
    section = said(tmp_path, "--session-continue", "s", "--section", "@1")
    assert [row["target"] for row in section["results"]] == ["manual/guide.md#prices"]
    again = said(tmp_path, "--session-continue", found["continuationToken"], "--references", command=js_scan)
    assert again["targets"][0]["target"] == "src/price.js::formatPrice"


def test_a_bare_name_means_a_file_of_the_package_of_its_document_and_a_script_that_package(tmp_path: Path) -> None:
    made(tmp_path, "`other-price.js`, `npm run seed`\n")
    for path, text in {"site/package.json": "{}", "site/pages/a.md": "`other-price.js`, `npm run seed`\n"}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    reply = said(tmp_path, "--no-record", "--mentions", "other/lib/other-price.js", "scripts/seed.js")
    assert [(row["file"], row["written"]) for row in reply["results"]] == [
        ("manual/guide.md", "other-price.js"),
        ("manual/guide.md", "seed"),
    ]


def test_a_member_that_another_package_has_too_is_meant_where_its_package_is_spoken_of(tmp_path: Path) -> None:
    made(tmp_path, "`Result#rowsOf`\n")
    files = {
        "natives/package.json": '{"name": "shop-natives"}',
        "natives/result.js": "export class Result {\n  rowsOf() {}\n}\n",
        "natives/README.md": "`Result#rowsOf`\n",
        "src/result.js": "export class Result {\n  rowsOf() {}\n}\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    reply = said(tmp_path, "--no-record", "--mentions", "natives/result.js::Result#rowsOf")
    assert [row["file"] for row in reply["results"]] == ["natives/README.md"]


def test_an_example_is_meant_by_name_in_its_own_documents(tmp_path: Path) -> None:
    made(tmp_path, "`ListService#loadAll`\n")
    (tmp_path / "examples/list/notes.md").write_text("`ListService#loadAll`\n", encoding="utf-8")
    reply = said(tmp_path, "--no-record", "--mentions", "ListService#loadAll")
    assert [(row["file"], row["evidence"]) for row in reply["results"]] == [("examples/list/notes.md", "exact")]


def test_a_member_that_stands_for_one_of_another_package_is_meant_where_its_package_is_spoken_of(tmp_path: Path) -> None:
    files = {
        "package.json": '{"private": true, "workspaces": ["packages/*"]}',
        "packages/core/package.json": '{"name": "core", "main": "client.js"}',
        "packages/core/client.js": "export class Client {\n  fetchAll() {}\n}\n",
        "packages/view/package.json": '{"name": "@shop/view", "main": "client.js", "dependencies": {"core": "*"}}',
        "packages/view/client.js": "import { Client as Base } from 'core';\nexport class Client extends Base {\n  fetchAll() {}\n}\n",
        "packages/view/README.md": "`Client#fetchAll`\n",
        "manual/core.md": "`Client#fetchAll`\n",
        "manual/view.md": "With `@shop/view`: `Client#fetchAll`\n",
        ".git/HEAD": "ref: refs/heads/main\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    near = said(tmp_path, "--no-record", "--mentions", "packages/view/client.js::Client#fetchAll")
    assert [row["file"] for row in near["results"]] == ["manual/view.md", "packages/view/README.md"]
    base = said(tmp_path, "--no-record", "--mentions", "packages/core/client.js::Client#fetchAll")
    assert {row["file"] for row in base["results"]} == {"manual/core.md", "manual/view.md", "packages/view/README.md"}


def test_a_document_is_no_target_and_the_hint_says_which_question_it_has(tmp_path: Path) -> None:
    made(tmp_path, "# Guide\n")
    out, _, status = md_scan.answer(["--mentions", "manual/guide.md#guide", "--root", str(tmp_path), "--json"], {})
    error = msgspec.json.decode(out)["error"]
    assert (status, error["code"], error["hint"]) == (2, "invalid_request", "md-scan --backlinks 'manual/guide.md#guide'")


def test_the_cases_tell_a_finder_that_takes_every_word(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "saying", lambda *_, **__: finding.Saying("name", "exact"))
    (shop / "manual/guide.md").write_text("You can addItem there.\n", encoding="utf-8")
    assert said(shop, "--no-record", "--mentions", "Cart#addItem")["results"]
