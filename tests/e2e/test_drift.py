"""What prose names and the tree has no more: `md-scan --drift`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from clew.cli import md_scan
from clew.markdown import drift_paths

if TYPE_CHECKING:
    from pathlib import Path

CODE = {
    "package.json": '{"name": "shop-kit", "main": "src/index.ts", "bin": {"shop": "bin/shop.js"}, "repository": "acme/shop-kit"}',
    "src/index.ts": "export { Cart } from './cart';\nexport { formatPrice, sumOf } from './tools/price';\n",
    "src/cart.ts": "export class Cart {\n  items = [];\n  addItem(item: string) {}\n  static of() { return new Cart(); }\n}\n"
    "export class Basket extends Cart {}\n",
    "src/tools/price.ts": "export function formatPrice(n: number) {}\nexport function sumOf() {}\n",
    "src/order.ts": "import { Base } from 'elsewhere';\nexport class Order extends Base {}\n",
    "src/widgets.ts": "export { default as Badge } from './Badge.astro';\n",
    "src/parts.ts": "export * from './generated';\n",
    "declared/all.d.ts": "import 'elsewhere';\ndeclare function countAll(): void;\n",
    "declared/index.js": "exports.open = () => 1;\n",
    "declared/index.d.ts": "export class Till {\n  open: boolean;\n}\n",
    "scripts/all.sh": 'if [ "$1" == "--every-one" ]; then exit; fi\n',
    "src/made.ts": "export interface Made { begin(): void }\n",
    "src/making.ts": "export const Made = function () {};\nMade.__add = function () {};\n",
    "bin/shop.js": "const options = { '--dry-run': true, outputPath: '', verbose: 1 };\n",
    "pages/guide/start.md": "# Start\n",
    "src/pool.ts": "export class Pool { readonly [key: string]: unknown; }\n"
    "export class Proxied { constructor(names: string[]) { for (const name of names) this[name] = 1; } }\n"
    "export function Emitter() {}\nEmitter.off = 1;\nfor (const name in {}) Emitter[name] = 1;\n",
    "examples/store/store.ts": "export class Store {\n  keepAll() {}\n}\n",
    "src/compat.ts": "export namespace Frame {\n  export function draw(): void {}\n}\n",
    "tools/package.json": '{"name": "tools", "devDependencies": {"frame": "1"}}',
    "src/Box.ts": "export interface Box { size: number }\nexport const wrap = () => 1;\n",
    "site/public/plain.html": "",
    "untyped/test/all.test.ts": "1;\n",
    "untyped/package.json": '{"name": "untyped-kit", "main": "index.js"}',
    "untyped/index.js": "export const keepAll = () => 1;\n",
    "parts/package.json": '{"name": "parts-kit", "exports": {"./made/*": "./made/*.js", "./all": "./all.js"}}',
    "stated/package.json": '{"name": "stated-kit", "main": "index.mjs"}',
    "stated/index.mjs": "export const begin = 1;\n",
    "stated/index.d.mts": "export * from './built/all.js';\n",
    "inner/package.json": '{"name": "inner-kit", "main": "./internal/all/index.cjs"}',
    "inner/src/index.ts": "export const begin = 1;\n",
    "src/shelf.ts": "export abstract class Shelf {}\nexport class Bookshelf extends Shelf { sortAll() {} }\n",
    "src/lines.ts": "export type { Line } from 'elsewhere';\n",
    "src/tools/.gitignore": "made.ts\n/cart.ts\n",
    ".gitmodules": '[submodule "x"]\n\tpath = src/vendored\n',
    ".git/HEAD": "ref: refs/heads/main\n",
}
KNOWN_FLAGS = "```sh\nshop --dry-run --output-path x\nshop --verbose\n```\n\n"
DRIFTED: dict[str, tuple[str, str, str] | None] = {
    # a paragraph -> kind, evidence and what is missing; None: nothing drifted
    "See `src/tools/prices.ts`.": ("path", "inferred", "src/tools/prices.ts"),
    "See `src/prices/cart.ts`.": ("path", "inferred", "src/prices/cart.ts"),
    "```sh\nnode src/tools/seed.js\n```": ("path", "inferred", "src/tools/seed.js"),
    "[it](https://github.com/acme/shop-kit/blob/main/src/gone.ts)": ("path", "exact", "src/gone.ts"),
    "`src/tools/price.ts`, `src/cart`, src/cart.ts, `tools/price.ts`, `./guide/start.md`": None,
    "All prices are in `src/tools/prices.ts`:\n\n```ts\n1;\n```": None,
    "`src/tools/p1.ts`, `src/tools/p2.ts`, `src/tools/p3.ts`, `src/tools/p4.ts`, `src/tools/p5.ts`": None,
    "Create the prices in `src/tools/prices.ts`.": None,
    "### Adding prices\n\nAll are in `src/tools/prices.ts`.": None,
    "Add the prices to `src/tools/prices.ts`.": ("path", "inferred", "src/tools/prices.ts"),
    "It reads `.shop/tools/price.ts`.": None,
    "`src/tools/prices.ts`:\n\n```ts\n1;\n```": None,
    "`src/tools/prices.ts`:\n\n```sh\nls\n```": ("path", "inferred", "src/tools/prices.ts"),
    "Write `src/my-shop/cart.ts`, `path/to/cart.ts`, `lib/foo.js`, `src/tools/<name>.ts` and `src/tools/*.js`.": None,
    "`dist/tools/price.js`, `node_modules/x/index.js`, `src/vendored/tools/price.c`, `app/models/user.ts`": None,
    "`src/tools/made.ts`, `src/tools/cart.ts` and `src/tools/prices.ts`": ("path", "inferred", "src/tools/prices.ts"),
    "```sh\nshop --output-path=./src/tools/all.ts\nshop -o src/tools/all.ts\nshop > src/tools/all.ts\n```": None,
    "```sh\nshop --dry-run src/tools/all.ts\n```": ("path", "inferred", "src/tools/all.ts"),
    "```text\n```\n\n```bash\n> shop --dry-run\n\nsrc/tools/prices.ts → out\n$ shop src/tools/price.ts\n```": None,
    "```bash\nshop src/tools/prices.ts\n```": ("path", "inferred", "src/tools/prices.ts"),
    "Add a new module `src/tools/taxes.ts`, working name `src/tools/rates.ts`.": None,
    "[it](https://github.com/acme/shop-kit/blob/main/src/some%20file.ts) and https://github.com/acme/shop-kit/blob/main/src/*.ts": None,
    "`src/begin.ts`, `src/app/`, `src/api/index.ts`, `src/tools/CART_KIND.ts`\n\n<!-- [it](./guide/ending.md) -->": None,
    "`src/tools/prices.ts` was renamed to `src/tools/price.ts`.": None,
    "https://github.com/acme/shop-kit/blob/v1.0.0/src/gone.ts https://github.com/acme/other/blob/main/src/gone.ts": None,
    KNOWN_FLAGS + "`shop --dry-runs`": ("flag", "inferred", "--dry-runs"),
    KNOWN_FLAGS + "```sh\nnpx shop list --quick x \\\n  --dry-run\n```": ("flag", "inferred", "--quick"),
    KNOWN_FLAGS + "Pass `--frobnicate`.": None,
    KNOWN_FLAGS + "## `--frobnicate`": ("flag", "inferred", "--frobnicate"),
    KNOWN_FLAGS + "Pass `--verbos`.": ("flag", "inferred", "--verbos"),
    KNOWN_FLAGS + "```js\nif (process.argv.includes('--quick')) go();\n```\n\n```sh\nshop --quick --verbose\n```": None,
    KNOWN_FLAGS + "`--no-verbose`, `shop --output-path --help`, `shop -- --frobnicate`, `node --frobnicate`, `git push --force`": None,
    KNOWN_FLAGS + "Unlike Jest's `--frobnicate`, and Jest's own `--quick`, shop's `--faster`": (
        "flag",
        "inferred",
        "--faster",
    ),
    KNOWN_FLAGS + "Pass `--every-one` to the script.": None,
    KNOWN_FLAGS + "```sh\ntask --watch-files x\n```\n\nIn the mode of `--watch-files`.": None,
    KNOWN_FLAGS + "All flags can be in `--camelCase` and `--kebab-case`.\n\n```sh\nshop --key1 a --verbose\n```": None,
    KNOWN_FLAGS + "If a plugin is called `blue`, its port\nis set by `--blue-port`.": None,
    "`shop --frobnicate`, `shop --quick`: nothing here says which flags it has.": None,
    "Call `Cart#addItems(1)`.": ("member", "inferred", "addItems"),
    "Call `Cart.off()`.": ("member", "inferred", "off"),
    "## Cart.remove(item)": ("member", "inferred", "remove"),
    "`Cart.of`, `Cart#items`, `Basket#addItem`, `Cart.name`, `cart.gone`, `Cart.js`": None,
    "## Cart.remove(item)\n\nNot yet implemented.": None,
    "`Shelf.sortAll()`": None,
    "```ts\nimport { Prop } from 'inner-kit';\n```": None,
    "```ts\nimport { Logger } from 'stated-kit';\nimport { one } from 'parts-kit/made/one';\n```": None,
    "```ts\nimport { ended } from 'stated-kit';\n```": ("import", "exact", "ended"),
    "```js\nimport { partOf } from 'parts-kit/others';\n```": ("import", "inferred", "partOf"),
    "`Store.openAll()`": None,
    "`Box.wrap()` and `Box.size`": None,
    "`Box.unwrap()`": ("member", "inferred", "unwrap"),
    "Served as `../plain.html`, below `./guides/`, with `./stort.png` and `./guide/begins.png`.": None,
    "See `./guide/starts.md`.": ("path", "inferred", "guide/starts.md"),
    "It is like `Frame.paint()`.": None,
    "Built to `./guide/start.html`, `guide/start.html` and `../pages/guide/begin.html`.": None,
    "```ts\nimport { Kept, type KeepAll } from 'untyped-kit';\nlet kept: Kept<KeepAll>;\n```": None,
    "```ts\nimport { Kept } from 'untyped-kit';\nnew Kept();\n```": ("import", "exact", "Kept"),
    "```js\nimport { Kept } from 'untyped-kit';\n```": ("import", "exact", "Kept"),
    "`Shelf.sortNone()`": ("member", "inferred", "sortNone"),
    "`Order#anything` and `Elsewhere#gone` and `Array.gone()`": None,
    "```ts\nimport { Cart } from 'shop-kit';\nconst cart = new Cart();\ncart.addItems('x');\n```": ("member", "inferred", "addItems"),
    "```ts\nimport { Cart, formatPrices } from 'shop-kit';\n```": ("import", "exact", "formatPrices"),
    "```js\nconst { sumOff: s } = require('shop-kit');\n```": ("import", "inferred", "sumOff"),
    "```ts\nimport { formatPrices } from 'elsewhere';\nimport x, { Cart as C, sumOf } from 'shop-kit';\n```": None,
    "`Till.open`, `Made.__add()`": None,
    "`Till.shut`": ("member", "inferred", "shut"),
    "`Cart.Props`\n\n```ts\nimport type { Cart } from './+types/cart';\n```": None,
    "```ts\nimport { Badge } from 'shop-kit/src/widgets';\nimport { Part } from 'shop-kit/src/parts';\n```": None,
    "```ts\nimport { countAll } from 'shop-kit/declared/all.d.ts';\n```": None,
    "```ts\nimport { Badges } from 'shop-kit/src/widgets';\n```": ("import", "exact", "Badges"),
    "`Pool#anything`, `Proxied#anything`, `Emitter.anything()`": None,
    "```ts\nimport { Proxied } from '../src/pool';\nimport { Cart } from 'shop-kit';\nnew Proxied().anything();\n```": None,
    "```ts\nimport { formatPrices } from 'shop-kit'; // [!code --]\nimport { formatPrice } from 'shop-kit'; // [!code ++]\n```": None,
    "```ts\n// Before\nimport { formatPrices } from 'shop-kit';\n```": None,
    "```js\nimport { Cart } from 'shop-kit';\nconst cart = = new Cart();\n```": ("syntax", "inferred", ""),
    "```js\nimport { Cart } from 'shop-kit';\nclass X { ... }\n```": None,
    "```js\nimport { sumOf } from 'shop-kit';\nfunction all() {\n  return (\n    // some\n  )\n}\n```": None,
    "```js\nimport { sumOf } from 'shop-kit';\nsumOf({\n  delay: number | null;\n})\n```": None,
    "```js\nimport { sumOf } from 'shop-kit';\nsumOf({\n  color: string, // of all\n  size?: Size,\n})\n```": None,
    "```js\nimport { sumOf } from 'shop-kit';\nsumOf({\n  size?: Size,\n})\n```": None,
    "```jsx\nimport { Cart } from 'shop-kit';\n\nonOpen={(event) => {\n  new Cart();\n}}\n```": None,
    "```jsx\nimport { Cart } from 'shop-kit';\n\n<Cart items={[new Item()]}>\n```": None,
    "```js\nimport { sumOf } from 'shop-kit';\nsumOf(a)(b) = sumOf(b)\n```": None,
    "```ts\nimport { sumOf } from 'shop-kit';\nsumOf({ by: 's\n//         ^|\n})\n```": None,
    "```js\nimport { sumOf } from 'shop-kit';\nsumOf({ from: // the first,\n})\n```": None,
    "```js\nimport { Cart } from 'shop-kit';\nif (/* it is open */) {\n  new Cart();\n}\n```": None,
    "```ts\nimport { Cart } from 'shop-kit';\nconst all: Promise<*> = load(Cart);\n```": None,
    "```ts\nimport { sumOf } from 'shop-kit';\nsumOf(() => {\n}).is(1) // [!code --]\n}).is(2) // [!code ++]\n```": None,
    "```ts\nimport { Cart } from 'shop-kit';\n\n@Module({ carts: [Cart] })\n```": None,
    "```ts\nimport { sumOf } from 'shop-kit';\n\nconst sum = sumOf(items?: Item[], how?: Map<string, How>, round?)\n```": None,
    "```tsx\nimport { Cart } from 'shop-kit';\n\n// one\n<Cart items={[]} />\n\n// and more\n<Cart items={[1]} />\n```": None,
    "```ts\nimport { Cart } from 'shop-kit';\n\nreadonly cart = new Cart()\nprivate count = 1\n```": None,
    "```tsx\nimport { Cart } from 'shop-kit';\n\nconst cart = new Cart()\n\n<Show cart={cart}>{1}</Show>\n```": None,
    "```js\nimport { sumOf } from 'shop-kit';\n\nconst [one, more] = yield all([sumOf()])\n```": None,
    "```js\nimport { sumOf, } from 'shop-kit';\n\nconst ?? = sumOf()\n```": None,
    "```js\n<script>\n  import { sumOf } from 'shop-kit';\n</script>\n```": None,
    "```ts\nimport {\n  sumOf\n  Cart,\n} from 'shop-kit';\n\nsumOf()\n```": ("syntax", "inferred", ""),
    "```js\naddItem(item) { return 1 }\n```\n\n```ts\naddItem(item: string): void\n```\n\n```json\n{a\n```": None,
}


def made(root: Path, guide: str, path: str = "pages/guide.txt") -> None:
    for file, text in {**CODE, path: guide}.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")


def said(root: Path, *argv: str, status: int = 0) -> dict[str, Any]:
    out, err, left = md_scan.answer(["--no-record", "--drift", *argv, "--root", str(root), "--json"], {"CLEW_AGENT": "test"})
    assert (left, err) == (status, b""), out
    reply: dict[str, Any] = msgspec.json.decode(out)
    return reply


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shop")
    made(root, "")
    return root


@pytest.mark.parametrize("text", DRIFTED)
def test_what_is_no_longer_there_is_told_with_evidence_and_nothing_else(shop: Path, text: str) -> None:
    (shop / "pages/page.md").write_text(f"# Page\n\nBefore ü.\n\n{text}\n", encoding="utf-8")
    reply = said(shop)
    expected = DRIFTED[text]
    assert [(row["kind"], row["evidence"], row.get("missing", "")) for row in reply["results"]] == ([expected] if expected else []), reply
    for row in reply["results"]:
        assert row["why"]
        assert row["missing"] in (row["text"]) if expected != ("syntax", "inferred", "") else row["text"].startswith("```")


@pytest.mark.parametrize(
    "path", ["CHANGELOG.md", "pages/migrating-to-2.md", "pages/version-2.x/all.md", "pages/blog/new.md", "test/fixtures/a.md"]
)
def test_what_tells_of_the_past_is_only_possible(tmp_path: Path, path: str) -> None:
    made(tmp_path, "# Page\n\n`src/tools/prices.ts`, `Cart#addItems`\n", path)
    reply = said(tmp_path)
    assert (reply["results"], reply["possible"]) == ([], 2)
    assert {row["evidence"] for row in said(tmp_path, "--possible")["results"]} == {"possible"}


def test_data_at_the_top_of_a_document_names_no_files_of_the_tree(tmp_path: Path) -> None:
    made(tmp_path, "---\npermalink: src/tools/prices.ts\n---\n\n# A\n\nSee src/tools/prices.ts.\n", "a.md")
    assert [(row["kind"], row["line"]) for row in said(tmp_path)["results"]] == [("path", 7)]


def test_the_nearest_names_are_given_and_a_check_fails(tmp_path: Path) -> None:
    made(
        tmp_path, "# A\n\n`src/tools/prices.ts`\n\n# B\n\n`Cart#addItems`\n\n```ts\nimport { formatPrices } from 'shop-kit'\n```\n", "a.md"
    )
    reply = said(tmp_path, "--check", status=1)
    assert [(row["kind"], row["candidates"][:1]) for row in reply["results"]] == [
        ("path", ["src/tools/price.ts"]),
        ("member", ["Cart.addItem"]),
        ("import", ["formatPrice"]),
    ]
    assert said(tmp_path, "a.md#b", "--of", "member", "--check", status=1)["results"][0]["section"] == "a.md#b"
    assert said(tmp_path, "a.md#a", "--of", "member", "--check")["results"] == []


def test_an_import_that_is_missing_is_missing_wherever_its_document_names_it(tmp_path: Path) -> None:
    made(tmp_path, "# A\n\n```ts\nimport { formatPrices } from 'shop-kit'\n```\n\nCall `formatPrices(1)`.\n", "a.md")
    assert [(row["kind"], row["line"]) for row in said(tmp_path)["results"]] == [("import", 4), ("name", 7)]


def test_a_name_that_prose_gives_to_another_package_is_none_of_a_missing_import(tmp_path: Path) -> None:
    made(tmp_path, "# A\n\n```ts\nimport { useData } from 'shop-kit'\n```\n\nIt is Frame's `useData` hook.\n", "a.md")
    assert [(row["kind"], row["line"]) for row in said(tmp_path)["results"]] == [("import", 4)]


def test_a_name_that_a_source_hands_on_from_elsewhere_is_missing_only_where_it_is_imported(tmp_path: Path) -> None:
    made(tmp_path, "# A\n\n```ts\nimport { Line, Lines } from 'shop-kit'\n```\n\nA `Line` of `Lines`.\n", "a.md")
    assert [(row["kind"], row["missing"]) for row in said(tmp_path)["results"]] == [
        ("import", "Line"),
        ("import", "Lines"),
        ("name", "Lines"),
    ]


def test_an_export_that_only_a_declaration_file_states_is_there(tmp_path: Path) -> None:
    made(tmp_path, "# A\n\n```ts\nimport { Line, Lines } from 'typed'\n```\n", "a.md")
    typed = {
        "package.json": '{"name": "typed", "exports": {".": {"types": "./types/index.d.ts", "default": "./index.js"}}}',
        "index.js": "export const line = 1;\n",
        "types/index.d.ts": "export * from './line';\n",
        "types/line.d.ts": "export interface Line {}\n",
    }
    for path, text in typed.items():
        (tmp_path / "typed" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "typed" / path).write_text(text, encoding="utf-8")
    assert [(row["kind"], row["missing"]) for row in said(tmp_path)["results"]] == [("import", "Lines")]


def test_a_file_whose_name_is_only_an_extension_has_no_empty_candidate(tmp_path: Path) -> None:
    made(tmp_path, "# A\n\n[it](https://github.com/acme/shop-kit/blob/main/.shoprc.js)\n", "a.md")
    assert [(row["missing"], row.get("candidates")) for row in said(tmp_path)["results"]] == [(".shoprc.js", None)]


def test_the_cases_tell_a_scan_that_takes_every_path_for_drift(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "pages/page.md").write_text("See `src/my-shop/cart.ts`.\n", encoding="utf-8")
    monkeypatch.setattr(drift_paths, "is_placeholder", lambda _: False)
    assert said(shop)["results"]
