"""Edits of code that take the documents along: `--with-docs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from clew.cli import js_edit, md_scan

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = """# Guide ü

## `Cart#addItem`

Call `Cart#addItem(x)`, `cart.addItem()` or [`addItem`](../src/cart.js#L2). You can addItem. \t
See [the cart](../src/cart.js "the cart"), [again][c], `src/cart.js`, <a href="../src/cart.js">x</a> and [ref](#cartadditem).

- `Cart#addItem` puts one in,
  and that is all.
- `Cart#total` sums up.

| member | what |
| --- | --- |
| `Cart.addItem` | puts |
| `Cart.total` | sums |

```js
import { Cart } from 'shop-kit'
const basket = new Cart()
basket.addItem(1) // addItem
other.addItem(1)
```

[c]: <../src/cart.js#L1>
"""
TREE = {
    "package.json": '{"name": "shop-kit", "main": "src/cart.js", "repository": "acme/shop-kit"}',
    "src/cart.js": "export class Cart {\n  addItem(item) {}\n  total() {}\n}\n",
    "src/till.js": "import { Cart } from './cart.js';\nnew Cart().addItem(1);\n",
    "manual/guide.md": GUIDE,
    "README.md": "[guide](manual/guide.md) https://github.com/acme/shop-kit/blob/main/src/cart.js\nand src/till.js, `Cart#addItem`\r\n",
    "CHANGELOG.md": "# Changelog\n\n- add `Cart#addItem` in `src/cart.js`, see [it](src/cart.js)\n",
    ".git/HEAD": "ref: refs/heads/main\n",
}


class Tree:
    def __init__(self, root: Path) -> None:
        self.root = root
        for path, text in TREE.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())

    def said(self, *argv: str, command: Any = js_edit, status: int = 0) -> dict[str, Any]:
        out, err, left = command.answer([*argv, "--root", str(self.root), "--json"], {"CLEW_AGENT": "test"})
        assert (left, err) == (status, b""), out
        reply: dict[str, Any] = msgspec.json.decode(out)
        return reply

    def bytes(self) -> dict[str, str]:
        files = (path for path in self.root.rglob("*") if path.is_file() and ".clew" not in path.parts)
        return {path.relative_to(self.root).as_posix(): path.read_bytes().decode() for path in files}


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def test_a_rename_takes_what_documents_say_of_it_along_and_gives_it_back(tree: Tree) -> None:
    plan = tree.said("--session-start", "s", "--rename", "Cart#addItem", "--to", "put", "--with-docs")
    kept = {(row["file"], row["line"]): row["why"] for row in plan["results"] if row["action"] == "kept"}
    assert set(kept) == {("CHANGELOG.md", 3), ("manual/guide.md", 3), ("manual/guide.md", 20)}
    assert kept["CHANGELOG.md", 3] == "it tells what was"
    assert "1 links lead to" in kept["manual/guide.md", 3]
    tree.said("--from", "s", "--fix")
    after = tree.bytes()
    guide = GUIDE.replace("addItem", "put").replace("## `Cart#put`", "## `Cart#addItem`").replace("You can put", "You can addItem")
    guide = guide.replace("// put", "// addItem")
    assert after == {
        **TREE,
        "src/cart.js": TREE["src/cart.js"].replace("addItem", "put"),
        "src/till.js": TREE["src/till.js"].replace("addItem", "put"),
        "README.md": TREE["README.md"].replace("addItem", "put"),
        "manual/guide.md": guide,
    }
    tree.said("--from", "s", "--undo")
    assert tree.bytes() == TREE


def test_without_the_flag_mentions_are_offered_with_evidence_and_counted(tree: Tree) -> None:
    plan = tree.said("--no-record", "--rename", "Cart#addItem", "--to", "put")
    offered = [row for row in plan["results"] if row.get("role") == "mention" and row["file"] != "CHANGELOG.md"]
    assert {row["action"] for row in offered} == {"kept"}
    assert plan["mentions"] == sum(row.get("evidence", "exact") != "possible" for row in plan["results"] if row.get("role") == "mention")
    assert {(row["by"], row.get("evidence", "exact")) for row in offered} >= {("member", "exact"), ("code", "exact"), ("link", "exact")}
    assert [change["file"] for change in plan["changes"]] == ["src/cart.js", "src/till.js"]


def test_a_move_takes_paths_and_links_along_and_gives_them_back(tree: Tree) -> None:
    plan = tree.said("--session-start", "s", "--rename-file", "src/cart.js", "lib/my shop/basket.js", "--with-docs")
    assert [row["why"] for row in plan["results"] if row["action"] == "kept"] == ["it tells what was"]
    tree.said("--from", "s", "--fix")
    guide = GUIDE.replace("../src/cart.js", "../lib/my%20shop/basket.js").replace("`src/cart.js`", "`lib/my shop/basket.js`")
    after = tree.bytes()
    assert after["manual/guide.md"] == guide
    assert after["README.md"] == TREE["README.md"].replace("src/cart.js", "lib/my shop/basket.js")
    assert after["CHANGELOG.md"] == TREE["CHANGELOG.md"].replace("(src/cart.js)", "(lib/my%20shop/basket.js)")
    broken = tree.said("--check-links", "manual/guide.md", "--no-record", command=md_scan)
    assert broken["results"] == []
    tree.said("--from", "s", "--undo")
    assert tree.bytes() == TREE


def test_a_folder_of_documents_that_moves_keeps_its_links(tree: Tree) -> None:
    tree.said("--session-start", "s", "--rename-file", "manual", "site/pages", "--with-docs")
    tree.said("--from", "s", "--fix")
    after = tree.bytes()
    assert after["site/pages/guide.md"] == GUIDE.replace("../src/", "../../src/")
    assert after["README.md"].startswith("[guide](site/pages/guide.md)")
    assert [row["file"] for row in tree.said("--check-links", "--no-record", command=md_scan)["results"]] == []


def test_a_deletion_takes_items_and_rows_along_and_names_the_rest(tree: Tree) -> None:
    (tree.root / "src/till.js").write_text("export {};\n", encoding="utf-8")
    plan = tree.said("--session-start", "s", "--delete", "Cart#addItem", "--with-docs")
    tree.said("--from", "s", "--fix")
    guide = GUIDE.replace("- `Cart#addItem` puts one in,\n  and that is all.\n", "").replace("| `Cart.addItem` | puts |\n", "")
    assert tree.bytes()["manual/guide.md"] == guide
    kept = [row["line"] for row in plan["results"] if row["action"] == "kept" and row["file"] == "manual/guide.md"]
    assert kept == [3, 5, 5, 5, 5, 20, 20, 21]
    tree.said("--from", "s", "--undo")
    assert tree.bytes()["manual/guide.md"] == GUIDE
