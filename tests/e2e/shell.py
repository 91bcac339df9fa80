"""Real processes over a small tree: what a person or an agent types, and what comes back."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import clew

MODULES = {"js-scan": "js_scan", "js-edit": "js_edit", "md-scan": "md_scan", "md-edit": "md_edit", "clew": "clew"}
PACKAGE = str(Path(clew.__file__).parents[1])
TREE = {
    "package.json": '{"name": "kettle", "main": "index.js"}\n',
    "index.js": "module.exports = require('./lib/kettle');\n",
    "lib/kettle.js": (
        "exports = module.exports = createKettle;\n\n"
        "function createKettle(options) {\n  return { boil: () => heat(options.watts) };\n}\n\n"
        "function heat(watts) {\n  return watts * 2;\n}\n\n"
        "exports.heat = heat;\n"
    ),
    "lib/tea.mjs": "import createKettle from './kettle.js';\n\nexport function brew() {\n  return createKettle({ watts: 9 }).boil();\n}\n",
    "test/kettle.js": "const createKettle = require('..');\n\ncreateKettle({ watts: 1 }).boil();\n",
    "test/heat.js": "const { heat } = require('../lib/kettle');\n\nheat(3);\n",
}


class Ran:
    """A finished process."""

    def __init__(self, out: bytes, err: bytes, status: int) -> None:
        self.out, self.err, self.status = out.decode(), err.decode(), status

    @property
    def json(self) -> dict[str, Any]:
        """The object on standard output; the only thing there."""
        reply: dict[str, Any] = json.loads(self.out)
        return reply

    @property
    def error(self) -> dict[str, Any]:
        """The error on standard output."""
        error: dict[str, Any] = self.json["error"]
        return error


class Shell:
    """Runs commands in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def line(self, command: str, *argv: str) -> list[str]:
        """The line of a real process."""
        return [sys.executable, "-c", f"from clew.cli.{MODULES[command]} import main; main()", *argv]

    def environ(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment, without what would change the answers."""
        own = {name: value for name, value in os.environ.items() if not name.startswith("CLEW_") and name != "AGENT_ID"}
        return {**own, "PYTHONPATH": PACKAGE, **(more or {})}

    def run(self, command: str, *argv: str, stdin: str = "", environ: Mapping[str, str] | None = None, cwd: Path | None = None) -> Ran:
        """Run a command to its end."""
        done = subprocess.run(  # noqa: S603 - our own commands
            self.line(command, *argv),
            cwd=cwd or self.folder,
            input=stdin.encode(),
            capture_output=True,
            env=self.environ(environ),
            timeout=120,
            check=False,
        )
        return Ran(done.stdout, done.stderr, done.returncode)

    def ask(self, *argv: str, **more: Any) -> dict[str, Any]:
        """`js-scan … --json` that must succeed."""
        ran = self.run("js-scan", *argv, "--json", **more)
        assert (ran.status, ran.err) == (0, ""), ran.out or ran.err
        return ran.json

    def refused(self, *argv: str, status: int, **more: Any) -> dict[str, Any]:
        """`js-scan … --json` that must fail with this status, and say why on standard output."""
        ran = self.run("js-scan", *argv, "--json", **more)
        assert (ran.status, ran.err) == (status, ""), ran.out or ran.err
        return ran.error

    def write(self, path: str, text: str | bytes) -> Path:
        """A file of the tree."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode() if isinstance(text, str) else text)
        return file

    def steps(self, session: str) -> list[str]:
        """The operations recorded in a session, oldest first."""
        rows = self.run("clew", "sessions", "log", session, "--json").json["results"]
        return [row["operation"] for row in reversed(rows)]
