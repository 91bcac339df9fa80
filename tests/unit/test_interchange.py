"""Plans as other tools take them: git's own `apply`, editors, and ourselves."""

import csv
import io
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from trees import plant

from clew.edits import unified as unified_module
from clew.edits import workspace_edits
from clew.edits.batch import Batch, batch
from clew.edits.diff import Diff, Form, diff
from clew.edits.journal import Journal
from clew.edits.planning import PlanResult
from clew.edits.plans import FileChange, TextEdit, applied
from clew.edits.rename import Rename, rename
from clew.edits.unified import unified
from clew.requests import Target
from clew.workspace import Workspace

SEEDS = range(25)
NAMES = ("plain.md", "with blank.md", "umlaut-ü.md", 'quote".md', "back\\slash.md", "deep/er/file.md", "𝒳.md")


def drawn(seed: int) -> tuple[dict[str, bytes], tuple[FileChange, ...]]:
    """A tree of odd files, and changes of it: edits, files that are made, moved with and without edits, and deleted."""
    rng = random.Random(seed)
    tree: dict[str, bytes] = {}
    changes: list[FileChange] = []
    for name in rng.sample(NAMES, 5):
        end = rng.choice(["\n", "\r\n"])
        text = end.join(
            "".join(rng.choices(["a", "ü", "𝒳", " ", "-", "+", "@", "\\", "--- a", "\r"], k=rng.randrange(4))) for _ in range(30)
        )
        source = (rng.choice(["", "\ufeff"]) + text + rng.choice(["", end])).encode()
        made = rng.random() < 0.2
        edits = (TextEdit(0, 0, source),) if made and source else () if made else edits_of(rng, source)
        before = b"" if made else source
        after = applied(before, edits)
        if not made:
            tree[name] = source
        gone = not made and rng.random() < 0.2
        moved = not made and not gone and rng.random() < 0.3
        if after == before and not (made or gone or moved):
            continue
        changes.append(
            FileChange(
                path=name,
                to=f"moved/{name}" if moved else None,
                before=None if made else "before",
                after=None if gone else "after",
                edits=() if gone else edits,
            )
        )
    return tree, tuple(sorted(changes, key=lambda change: change.path))


def edits_of(rng: random.Random, source: bytes) -> tuple[TextEdit, ...]:
    text = source.decode()
    first = 1 if text.startswith("\ufeff") else 0
    fitting = [at for at in range(first, len(text) + 1) if text[at - 1 : at + 1] != "\r\n"]
    points = sorted(rng.sample(fitting, min(len(fitting) // 2 * 2, 2 * rng.randrange(4))))
    spans = [(len(text[:start].encode()), len(text[:end].encode())) for start, end in zip(points[::2], points[1::2], strict=True)]
    news = [rng.choice(["", "x", "one\ntwo", "\n", "ü\r\n"]).encode() for _ in spans]
    return tuple(TextEdit(start, end, new) for (start, end), new in zip(spans, news, strict=True) if source[start:end] != new)


def after_of(tree: dict[str, bytes], changes: tuple[FileChange, ...]) -> dict[str, bytes]:
    """The tree with the changes."""
    left = {path: source for path, source in tree.items() if path not in {change.path for change in changes}}
    for change in changes:
        if change.place is not None:
            left[change.place] = applied(tree.get(change.path, b""), change.edits)
    return left


def of_all_seeds(test: Callable[[Path, int], None], folder: Path) -> None:
    for seed in SEEDS:
        (folder / str(seed)).mkdir()
        test(folder / str(seed), seed)


def on_disk(root: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.relative_to(root).parts[0].startswith(".")
    }


def git_applied(root: Path, text: str) -> dict[str, bytes]:
    subprocess.run(["git", "init", "-q", "."], cwd=root, check=True)  # noqa: S607
    line = ["git", "apply", "--whitespace=nowarn", "-"]
    done = subprocess.run(line, cwd=root, input=text.encode(), capture_output=True, check=False)  # noqa: S603
    assert done.stderr == b""
    return on_disk(root)


def batch_applied(root: Path, text: str) -> dict[str, bytes]:
    """The tree as the plan of a batch would leave it."""
    (root / ".git").mkdir(exist_ok=True)
    workspace = Workspace.open(str(root))
    workspace.begin()
    tree = on_disk(root)
    result = batch(workspace, Batch(edits=text))
    return after_of(tree, Journal(workspace.state).plan(result.stored.plan).changes)


@pytest.mark.parametrize("seed", SEEDS)
def test_git_applies_a_plan_to_the_same_bytes(tmp_path: Path, seed: int) -> None:
    tree, changes = drawn(seed)
    plant(tmp_path, tree)
    assert git_applied(tmp_path, unified(changes, lambda change: tree.get(change.path, b""))) == after_of(tree, changes)


def test_a_diff_without_the_mark_of_a_missing_line_end_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unified_module, "_signed", lambda sign, line: sign + line.rstrip(b"\n") + b"\n")
    with pytest.raises(AssertionError):
        of_all_seeds(test_git_applies_a_plan_to_the_same_bytes, tmp_path)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_as_a_diff_is_read_back_to_the_same_bytes(tmp_path: Path, seed: int) -> None:
    tree, changes = drawn(seed)
    if not changes:
        return
    plant(tmp_path, tree)
    assert batch_applied(tmp_path, unified(changes, lambda change: tree.get(change.path, b""))) == after_of(tree, changes)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_plan_as_a_workspace_edit_is_read_back_to_the_same_bytes(tmp_path: Path, seed: int) -> None:
    tree, changes = drawn(seed)
    if not changes:
        return
    plant(tmp_path, tree)
    said = workspace_edits.as_workspace_edit(str(tmp_path), changes, lambda change: tree.get(change.path, b""))
    assert batch_applied(tmp_path, json.dumps(said)) == after_of(tree, changes)


def test_positions_in_bytes_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def position(self: workspace_edits.Places, offset: int) -> dict[str, int]:
        before = self.source[:offset]
        return {"line": before.count(b"\n"), "character": len(before.rpartition(b"\n")[2])}

    monkeypatch.setattr(workspace_edits.Places, "position", position)
    with pytest.raises(AssertionError):
        of_all_seeds(test_a_plan_as_a_workspace_edit_is_read_back_to_the_same_bytes, tmp_path)


def test_many_edits_of_one_file_are_few_hunks_and_each_line_is_shown_once() -> None:
    source = b"".join(b"line %d\n" % n for n in range(2000))
    edits = tuple(TextEdit(found, found + 4, b"Line") for found in range(0, 1200, 12) if source[found : found + 4] == b"line")
    text = unified([FileChange(path="a", before="1", after="2", edits=edits)], lambda _: source)
    shown = [line for line in text.splitlines() if line[:1] in "-+" and not line.startswith(("---", "+++"))]
    assert len(shown) == 2 * len(edits)
    assert len(set(shown)) == len(shown)


# A plan with places whose receiver is not known.

SHOP = "class Cart {\n  add(x) { return x; }\n}\nnew Cart().add(1);\nexport const use = (cart) => cart.add(2);\n"


def renamed(folder: Path, *, possible: bool = False) -> tuple[Workspace, PlanResult]:
    plant(folder, {".git/": "", "shop.js": SHOP})
    workspace = Workspace.open(str(folder))
    workspace.begin()
    result = rename(workspace, Rename(targets=(Target(text="Cart#add"),), to="put", include_possible=possible))
    workspace.step = lambda _: ("rename", msgspec.json.encode(result), {})
    return workspace, result


def shown(workspace: Workspace, form: Form) -> str:
    return diff(workspace, Diff(step=("cart#1",), as_=form)).text


@pytest.mark.parametrize("possible", [False, True])
def test_places_that_are_only_possible_need_a_confirmation(tmp_path: Path, possible: bool) -> None:
    workspace, _ = renamed(tmp_path, possible=possible)
    said: dict[str, Any] = json.loads(shown(workspace, "workspace-edit"))
    (document,) = said["documentChanges"]
    edits = [(edit["range"]["start"]["line"], edit["newText"], edit.get("annotationId")) for edit in document["edits"]]
    assert edits == [(1, "put", None), (3, "put", None), (4, "put", "possible")]
    assert said["changeAnnotations"]["possible"]["needsConfirmation"] is True
    sure = batch(workspace, Batch(edits=json.dumps(said), force=True))
    all_of_it = batch(workspace, Batch(edits=json.dumps(said), include_possible=True, force=True))
    assert [(one.edits, one.confirm, [row.action for row in one.results].count("kept")) for one in (sure, all_of_it)] == [
        (2, 1, 1),
        (3, 0, 0),
    ]


def test_the_places_of_a_plan_are_a_table(tmp_path: Path) -> None:
    workspace, _ = renamed(tmp_path)
    expected = [
        {
            "file": "shop.js",
            "line": 2,
            "kind": "renamed",
            "evidence": "exact",
            "before": "add(x) { return x; }",
            "after": "put(x) { return x; }",
        },
        {
            "file": "shop.js",
            "line": 4,
            "kind": "renamed",
            "evidence": "inferred",
            "before": "new Cart().add(1);",
            "after": "new Cart().put(1);",
        },
        {
            "file": "shop.js",
            "line": 5,
            "kind": "kept",
            "evidence": "possible",
            "before": "export const use = (cart) => cart.add(2);",
        },
    ]
    assert [json.loads(line) for line in shown(workspace, "jsonl").splitlines()] == expected
    table = list(csv.DictReader(io.StringIO(shown(workspace, "csv"))))
    assert table == [{"after": "", **row, "line": str(row["line"])} for row in expected]
