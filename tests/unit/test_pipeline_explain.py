"""`--explain` names the first input that differs, for every kind of change, and nothing where nothing differs that counts."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clew.pipelines import explaining
from clew.running import execution
from pipelines import done, plant, states

PIPELINE = """\
about = "Seven steps"

[params]
name = { default = "heat" }

[[steps]]
id = "find"
op = "search"
terms = ["${params.name}"]

[[steps]]
id = "callers"
op = "callers"

[[steps]]
id = "files"
op = "outline"
for_each = ["lib/kettle.js", "lib/tea.js"]
targets = ["${item}"]

[[steps]]
id = "rare"
op = "cycles"
when = true

[[steps]]
id = "inner"
pipeline = "inner.toml"
params = { file = "lib/apart.js" }

[[steps]]
id = "says"
op = "record"
command = ["/bin/echo", "hello"]
effects = "none"
"""
INNER = '[params.file]\n\n[[steps]]\nid = "importers"\nop = "importers"\ntargets = ["${params.file}"]\n'
Change = Callable[[Path], None]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "root"
    plant(root)
    (root / "lib/second.js").write_text("require('./kettle').cool();\n")
    (root / "p.toml").write_text(PIPELINE)
    (root / "inner.toml").write_text(INNER)
    monkeypatch.chdir(root)
    assert set(states(done("p.toml")).values()) == {"ran"}
    return root


def edit(path: str, old: str, new: str) -> Change:
    """Another text in a file."""

    def change(root: Path) -> None:
        text = (root / path).read_text()
        assert old in text
        (root / path).write_text(text.replace(old, new, 1))

    return change


def pipeline(old: str, new: str) -> Change:
    return edit("p.toml", old, new)


def write(path: str, text: str) -> Change:
    return lambda root: (root / path).write_text(text) and None


def both(*changes: Change) -> Change:
    def change(root: Path) -> None:
        for one in changes:
            one(root)

    return change


def explained(*argv: str) -> dict[str, Any]:
    """What `--explain` says of each step, and that it changed no byte."""
    before = bytes_of(Path())
    reply = done("p.toml", "--explain", *argv)
    assert bytes_of(Path()) == before
    return {row["id"]: row for row in reply["results"]}


def bytes_of(root: Path) -> dict[str, bytes]:
    """Every byte of the tree and of what is kept of it."""
    return {str(path): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


CHANGES: dict[str, tuple[Change, tuple[str, ...], str, str | None]] = {
    "a file behind an answer": (edit("lib/kettle.js", "* 2", "* 3"), (), "find", "lib/kettle.js"),
    "a file that an answer depends on": (edit("lib/tea.js", "heat(3)", "heat(4)"), (), "callers", "lib/tea.js"),
    "a file that no answer shows": (edit("lib/second.js", "cool", "heat"), (), "find", "lib/second.js"),
    "a file that is new": (write("lib/new.js", "exports.n = 1;\n"), (), "find", "lib/new.js"),
    "a file that is gone": (lambda root: (root / "lib/second.js").unlink(), (), "find", "lib/second.js"),
    "a file that moved": (lambda root: (root / "lib/second.js").rename(root / "lib/third.js") and None, (), "find", "lib/second.js"),
    "a manifest of a package": (write("package.json", '{"name": "pot"}\n'), (), "find", "package.json"),
    "a setting of a compiler": (write("tsconfig.json", "{}\n"), (), "find", "tsconfig.json"),
    "what is ignored": (write(".gitignore", "lib/second.js\n"), (), "find", "lib/second.js"),
    "a blank line in a source": (edit("lib/second.js", "require", "\nrequire"), (), "find", "lib/second.js"),
    "a parameter": (lambda _: None, ("--param", "name=cool"), "find", "params.name"),
    "the default of a parameter": (pipeline('default = "heat"', 'default = "cool"'), (), "find", "params.name"),
    "a field": (pipeline('terms = ["${params.name}"]', 'terms = ["brew"]'), (), "find", "terms"),
    "a field that is new": (pipeline('op = "callers"', 'op = "callers"\npossible = true'), (), "callers", "possible"),
    "an operation": (pipeline('op = "callers"', 'op = "references"'), (), "callers", "op"),
    "a step that is new": (
        pipeline('[[steps]]\nid = "rare"', '[[steps]]\nid = "more"\nop = "hot-paths"\n\n[[steps]]\nid = "rare"'),
        (),
        "more",
        "step",
    ),
    "a condition": (pipeline("when = true", "when = false"), (), "rare", "when"),
    "one more item": (pipeline('"lib/tea.js"]', '"lib/tea.js", "lib/apart.js"]'), (), "files[2]", "for_each"),
    "another item": (pipeline('"lib/tea.js"]', '"lib/apart.js"]'), (), "files[1]", "targets"),
    "the input of a step": (
        pipeline('id = "callers"\nop = "callers"', 'id = "callers"\nop = "callers"\ntargets = ["cool"]'),
        (),
        "callers",
        "targets",
    ),
    "a parameter of a pipeline inside": (pipeline("lib/apart.js", "lib/kettle.js"), (), "inner.importers", "targets"),
    "a pipeline inside": (edit("inner.toml", 'op = "importers"', 'op = "imports"'), (), "inner.importers", "op"),
    "a command": (pipeline('"hello"', '"world"'), (), "says", "command"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_first_input_that_differs_is_named(root: Path, name: str) -> None:
    change, argv, ident, wanted = CHANGES[name]
    change(root)
    row = explained(*argv)[ident]
    assert row["because"]["input"] == wanted, row
    assert row["state"] not in {"reused", "kept"}


def test_another_build_of_clew_is_named(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (explaining, execution):
        monkeypatch.setattr(module, "BUILD", "another")
    assert explained()["find"]["because"]["input"] == "clew"


def touched(root: Path) -> None:
    for path in (root / "lib/kettle.js", root / "p.toml"):
        os.utime(path, (1, 1))


INNOCENT: dict[str, Change] = {
    "nothing": lambda _: None,
    "a comment": pipeline("[params]", "# what it is about\n[params]  # these"),
    "blank lines": pipeline('op = "callers"', '\n\n  op = "callers"\n\n'),
    "the order of keys": pipeline('id = "find"\nop = "search"', 'op = "search"\nid = "find"'),
    "what it says about itself": pipeline("Seven steps", "Some steps"),
    "the spelling of a key": pipeline("for_each", "forEach"),
    "the name of a step": pipeline('id = "rare"', 'id = "ring"'),
    "times": touched,
    "a file that is written as it was": edit("lib/tea.js", "brew", "brew"),
    "a file that changed and is as it was again": both(edit("lib/tea.js", "heat(3)", "heat(4)"), edit("lib/tea.js", "heat(4)", "heat(3)")),
    "a file that git ignores": both(write(".gitignore", "out\n"), write("out", "1")),
}


@pytest.mark.parametrize("name", INNOCENT)
def test_no_question_is_asked_again_for_what_does_not_count(root: Path, name: str) -> None:
    INNOCENT[name](root)
    rows = explained()
    says = rows.pop("says")
    assert {ident: row["state"] for ident, row in rows.items()} == dict.fromkeys(rows, "reused")
    assert says["because"] == {"why": "a command runs in every run"}
    again = states(done("p.toml"))
    assert again == {**dict.fromkeys(rows, "reused"), "says": "ran"}


def test_plan_explain_and_dry_run_change_no_byte_in_a_tree_that_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path / "new")
    monkeypatch.chdir(tmp_path / "new")
    before = bytes_of(Path())
    argv = ("safe-rename", "--param", "target=heat", "--param", "to=warm", "--param", "check=true")
    for mode in ("--plan", "--explain", "--dry-run"):
        done(*argv, mode)
        assert bytes_of(Path()) == before
    assert states(done(*argv, "--dry-run")) == {
        "definition": "runs",
        "references": "runs",
        "plan": "runs",
        "write": "waits",
        "check": "waits",
    }
