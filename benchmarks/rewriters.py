"""Programs that rewrite files, and the trees on which they are tried: each changes every file of its tree, and makes it longer.

What is measured is how a program writes, not what it finds; so each does the plainest thing it can on text of a page less one byte.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from corpora import folder, npm_home

PAGE = 4096
FILES = "src"
"""The folder below the root that holds what is rewritten, and nothing else."""


class Rewriter(NamedTuple):
    """A program that is installed, and how it is asked to rewrite `src`."""

    name: str
    version: str
    command: tuple[str, ...]
    suffix: str = ".js"
    settings: tuple[tuple[str, str], ...] = ()
    """Files that it wants beside the folder, and their text."""
    first: tuple[str, ...] = ()
    """What is run before, in peace."""
    then: tuple[str, ...] = ()
    """The next command that somebody gives after a crash; empty means: the same again."""


class Missing(NamedTuple):
    """A program that could not be installed here."""

    name: str
    version: str


def javascript(number: int, size: int) -> str:
    """A module of that many bytes with something to do for every program: layout, `var`, a bare `if`, calls of `total`."""
    head = (
        'import {total} from "../total.js"\n'
        f"export function part{number}(rows,limit) {{\n"
        "    var found=0\n"
        "    if (rows.length>limit) return total(found,limit)\n"
        f"    return total(rows.length,{number})\n"
        "}\n"
    )
    return _filled(head, "// " + "a line of no interest " * 3, size)


def markdown(number: int, size: int) -> str:
    """A page of that many bytes whose headings and lists have no empty lines around them."""
    return _filled(f"# Part {number}\nA paragraph.\n## What follows\n* one\n* two\n## The rest\n", "a line of no interest " * 3, size)


def plant(root: Path, rewriter: Rewriter, count: int, size: int = PAGE - 1) -> dict[str, bytes]:
    """Make a tree for a program; gives the texts of the files that it is to rewrite, by name."""
    text = javascript if rewriter.suffix == ".js" else markdown
    files = {f"part{number:03}{rewriter.suffix}": text(number, size).encode() for number in range(count)}
    (root / FILES).mkdir(parents=True)
    for name, content in files.items():
        (root / FILES / name).write_bytes(content)
    beside = {"package.json": '{"name": "tree", "private": true, "type": "module"}\n', "total.js": _TOTAL, **dict(rewriter.settings)}
    for name, setting in beside.items():
        (root / name).write_text(setting)
    return files


def _filled(head: str, line: str, size: int) -> str:
    lines = [head]
    room = size - len(head)
    while room > 2 * len(line):
        lines.append(line.rstrip() + "\n")
        room -= len(lines[-1])
    last = ("// " if line.startswith("// ") else "") + "x" * room
    return "".join([*lines, last[: room - 1], "\n"])


_TOTAL = "export function total(one, other) {\n  return one + other;\n}\n"
_ESLINT = 'export default [{ rules: { curly: "error", "no-var": "error", eqeqeq: "error" } }];\n'
_OXLINT = '{"rules": {"curly": "error", "no-var": "error"}}\n'
_MARKDOWNLINT = '{"config": {"line-length": false}}\n'
_JSCODESHIFT = """\
export default function (file, { jscodeshift }) {
  const tree = jscodeshift(file.source);
  tree.find(jscodeshift.Identifier, { name: "total" }).forEach((path) => {
    path.node.name = "sumOfAll";
  });
  return tree.toSource();
}
"""
_TS_MORPH = """\
const { Project } = require(process.argv[2]);
const project = new Project({ compilerOptions: { allowJs: true } });
project.addSourceFilesAtPaths(["total.js", "src/*.js"]);
project.getSourceFileOrThrow("total.js").getFunctionOrThrow("total").rename("sumOfAll");
project.saveSync();
"""


def ours() -> list[Rewriter]:
    """clew: a rename, as one command, and as a plan that is written later; and a rewrite of all code of a shape."""
    from clew import __version__

    rewrite = ("--rewrite", "return total($A, $B)", "--with", "return total($A, $B, 0)")
    rename = ("--rename", "total", "--to", "sumOfAll")
    then = ("js-scan", "--root", ".", "--no-record", "--search", "part1")
    return [
        Rewriter("clew", __version__, ("js-edit", "--root", ".", *rename, "--fix"), then=then),
        Rewriter(
            "clew, planned before",
            __version__,
            ("js-edit", "--root", ".", "--from", "crash", "--fix"),
            first=("js-edit", "--root", ".", "--session-start", "crash", *rename),
            then=then,
        ),
        Rewriter("clew --rewrite", __version__, ("js-edit", "--root", ".", *rewrite, "--fix"), then=then),
    ]


def others() -> list[Rewriter | Missing]:
    """The rest, each in the version that is written here, installed by npm or pip when it is not there yet."""
    return [find() for find in _OTHERS]


def _npm(
    package: str,
    version: str,
    program: str,
    *flags: str,
    suffix: str = ".js",
    settings: tuple[tuple[str, str], ...] = (),
) -> Callable[[], Rewriter | Missing]:
    def find() -> Rewriter | Missing:
        home = npm_home(package, version)
        found = home and home / "node_modules" / ".bin" / program
        if found is None or not found.exists():
            return Missing(package, version)
        return Rewriter(package, version, (str(found), *flags), suffix, settings)

    return find


def _ts_morph() -> Rewriter | Missing:
    version = "28.0.0"
    home = npm_home("ts-morph", version)
    found = home and home / "node_modules" / "ts-morph"
    if found is None or not found.exists():
        return Missing("ts-morph", version)
    return Rewriter("ts-morph", version, ("node", "rename.cjs", str(found)), settings=(("rename.cjs", _TS_MORPH),))


def _mdformat() -> Rewriter | Missing:
    version = "1.0.0"
    home = folder() / f"mdformat-{version}"
    program = home / "bin" / "mdformat"
    if not program.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(home)], check=False, capture_output=True)
        if made.returncode == 0:
            subprocess.run([str(home / "bin" / "pip"), "install", "-q", f"mdformat=={version}"], check=False, capture_output=True)
    return Rewriter("mdformat", version, (str(program), FILES), ".md") if program.exists() else Missing("mdformat", version)


def _comby() -> Rewriter | Missing:
    """From a package manager of the system only."""
    found = shutil.which("comby")
    if found is None:
        return Missing("comby", "")
    said = subprocess.run([found, "-version"], check=False, capture_output=True, text=True).stdout.strip()
    return Rewriter("comby", said, (found, "total(:[a])", "sumOfAll(:[a])", ".js", "-directory", FILES, "-in-place"))


_OTHERS: tuple[Callable[[], Rewriter | Missing], ...] = (
    _npm("prettier", "3.10.1", "prettier", "--write", "--log-level", "warn", FILES),
    _npm("@biomejs/biome", "2.6.8", "biome", "check", "--write", FILES),
    _npm("eslint", "10.15.0", "eslint", "--fix", FILES, settings=(("eslint.config.js", _ESLINT),)),
    _npm("oxlint", "1.94.0", "oxlint", "--fix", FILES, settings=((".oxlintrc.json", _OXLINT),)),
    _npm("@ast-grep/cli", "0.51.1", "ast-grep", "run", "-p", "total($A, $B)", "-r", "sumOfAll($A, $B)", "-l", "js", "-U", FILES),
    _npm("jscodeshift", "17.4.0", "jscodeshift", "-s", "-t", "rename.mjs", FILES, settings=(("rename.mjs", _JSCODESHIFT),)),
    _ts_morph,
    _npm(
        "markdownlint-cli2",
        "0.22.1",
        "markdownlint-cli2",
        "--fix",
        f"{FILES}/*.md",
        suffix=".md",
        settings=((".markdownlint-cli2.jsonc", _MARKDOWNLINT),),
    ),
    _npm("remark-cli", "12.0.1", "remark", FILES, "-o", "-q", suffix=".md"),
    _mdformat,
    _comby,
)
