"""A small tree, and pipelines that are written into it and run in this process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from clew.cli.clew import answer

TREE = {
    "package.json": '{"name": "kettle"}\n',
    "lib/kettle.js": "exports.heat = function heat(watts) { return watts * 2; };\nexports.cool = function cool() {};\n",
    "lib/tea.js": "const { heat } = require('./kettle');\nexports.brew = () => heat(3);\n",
    "lib/apart.js": "exports.alone = function alone() {};\n",
    "test/tea.test.js": "const { brew } = require('../lib/tea');\ntest('brews', () => brew());\n",
    "README.md": "# Kettle\n\nSee [tea](lib/tea.js).\n",
}


FIND: dict[str, object] = {"id": "find", "op": "search", "terms": ["heat"]}


def plant(root: Path) -> None:
    """The tree, below a root of its own."""
    (root / ".git").mkdir(parents=True)
    for path, text in TREE.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def write(root: Path, *steps: dict[str, object], name: str = "p.json", **top: object) -> None:
    """A pipeline of these steps, in a file."""
    (root / name).write_text(json.dumps({**top, "steps": steps}))


def said(*argv: str) -> tuple[dict[str, Any], int]:
    """What `clew … --json` says, and its status."""
    out, _, status = answer([*argv, "--json"], {})
    reply: dict[str, Any] = json.loads(out)
    return reply, status


def done(*argv: str) -> dict[str, Any]:
    """The reply of a `clew run` that must come to its end."""
    reply, status = said("run", *argv)
    assert status == 0, reply
    return reply


def refused(*argv: str, code: str) -> dict[str, Any]:
    """The error of a `clew run` that must fail with this code."""
    reply, _ = said("run", *argv)
    assert reply["error"]["code"] == code, reply
    error: dict[str, Any] = reply["error"]
    return error


def states(reply: dict[str, Any]) -> dict[str, str]:
    """What became of each step."""
    return {row["id"]: row["state"] for row in reply["results"]}
