"""A small shop, and what an edit leaves of its files as it is planned."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clew.edits.delete import Delete, delete
from clew.edits.insert_after import InsertAfter, insert_after
from clew.edits.insert_before import InsertBefore, insert_before
from clew.edits.journal import Journal
from clew.edits.plans import applied
from clew.edits.rename import Rename, rename
from clew.edits.replace import Replace, replace
from clew.edits.replace_text import ReplaceText, replace_text
from clew.edits.rewrite import Rewrite, rewrite
from clew.requests import Request, Target
from clew.workspace import Workspace

VERBS: dict[type[Request], Any] = {
    Delete: delete,
    InsertAfter: insert_after,
    InsertBefore: insert_before,
    Rename: rename,
    Replace: replace,
    ReplaceText: replace_text,
    Rewrite: rewrite,
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
