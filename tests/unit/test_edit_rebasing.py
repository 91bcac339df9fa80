"""Plans that are written while somebody else writes: other plans wait, and files of somebody else are not said to be written."""

from __future__ import annotations

import os
from contextlib import nullcontext
from pathlib import Path
from threading import Thread
from typing import Any

import msgspec
import pytest

from clew.edits import fix as fixing
from clew.edits import journal as journals
from clew.edits import undo as undoing
from clew.edits.disk import Disk
from clew.edits.fix import Fix, FixResult, fix
from clew.edits.insert_after import InsertAfter, insert_after
from clew.edits.journal import Entry, Journal
from clew.edits.plan_state import standing
from clew.edits.planning import PlanResult
from clew.edits.rebasing import for_this_tree
from clew.edits.rename import Rename, rename
from clew.edits.undo import UndoEdit, undo_edit
from clew.edits.undoing import inverse
from clew.errors import ClewError, UnsafeEdit
from clew.requests import Result, Target
from clew.workspace import Workspace

TREE = {
    "tax.js": "export function tax(sum) {\n  return sum * 2;\n}\n",
    "shop.js": "import { tax } from './tax.js';\n\nexport const bill = tax(1);\n",
    "tea.js": "export function go() {}\n",
}
LEVY = Rename(targets=(Target(text="tax.js::tax"),), to="levy")
MORE = InsertAfter(targets=(Target(text="tea.js::go"),), with_="export { tax as more } from './tax.js';")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    for path, text in TREE.items():
        (tmp_path / path).write_text(text)
    return tmp_path


def opened(tree: Path, result: Result | None = None) -> Workspace:
    workspace = Workspace.open(str(tree))
    workspace.begin()
    workspace.step = lambda _ref: ("rename", msgspec.json.encode(result), {})
    return workspace


def written(tree: Path, plan: PlanResult) -> FixResult:
    return fix(opened(tree, plan), Fix(step=("e#1",)))


class Beside:
    """Writes another plan in a thread of its own as soon as the first one is proved, and gives it a second."""

    def __init__(self, tree: Path, plan: PlanResult) -> None:
        self.tree, self.plan = tree, plan
        self.said = ""
        self.thread = Thread(target=self.run)

    def run(self) -> None:
        try:
            self.said = f"applied {written(self.tree, self.plan).applied}"
        except ClewError as error:
            self.said = error.code

    def begin(self) -> None:
        self.thread.start()
        self.thread.join(1)


def both(tree: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[bool, str, bool]:
    """Whether a rename was written, what became of a new caller of the old name, and whether it stands there."""
    workspace = opened(tree)
    plan = rename(workspace, LEVY)
    beside = Beside(tree, insert_after(workspace, MORE))

    def proved_first(*given: Any) -> Any:
        monkeypatch.setattr(fixing, "for_this_tree", for_this_tree)
        ready = for_this_tree(*given)
        beside.begin()
        return ready

    monkeypatch.setattr(fixing, "for_this_tree", proved_first)
    done = written(tree, plan)
    beside.thread.join()
    return done.applied, beside.said, "{ tax" in (tree / "tea.js").read_text()


def test_a_plan_is_written_to_the_tree_that_it_was_proved_on(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert both(tree, monkeypatch) == (True, "stale_plan", False)
    assert "levy" in (tree / "tax.js").read_text()


def test_a_proof_outside_of_the_lock_would_be_found(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixing, "undisturbed", lambda *_: nullcontext())
    assert both(tree, monkeypatch) == (True, "applied True", True)


def undone_beside(tree: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """What became of taking a rename back, and of a new caller of the new name."""
    done = written(tree, rename(opened(tree), LEVY))
    more = msgspec.structs.replace(MORE, with_="export { levy as more } from './tax.js';")
    beside = Beside(tree, insert_after(opened(tree), more))

    def looked_first(*given: Any, **more: Any) -> Any:
        plan = inverse(*given, **more)
        opened_by_us.generation.manifest_digest()
        beside.begin()
        return plan

    monkeypatch.setattr(undoing, "inverse", looked_first)
    opened_by_us = opened(tree, done)
    try:
        said = f"applied {undo_edit(opened_by_us, UndoEdit(step=('e#1',))).applied}"
    except UnsafeEdit as error:
        said = error.code
    beside.thread.join()
    return said, beside.said


def test_what_is_taken_back_is_proved_on_the_tree_that_is_written(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert undone_beside(tree, monkeypatch) == ("applied True", "stale_plan")


def test_an_undo_that_is_proved_outside_of_the_lock_would_be_found(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(undoing, "undisturbed", lambda *_: nullcontext())
    assert undone_beside(tree, monkeypatch) == ("applied True", "applied True")


def test_the_lock_is_held_again_by_who_holds_it_and_by_nobody_else(tree: Path) -> None:
    state = opened(tree).state
    journal, got = Journal(state), []

    def other() -> None:
        with Journal(state).locked():
            got.append("other")

    thread = Thread(target=other)
    with journal.locked():
        with journal.locked():
            thread.start()
        thread.join(0.3)
        got.append("own")
    thread.join()
    assert got == ["own", "other"]


class Interfering(Disk):
    """Somebody writes files right after the commit."""

    def __init__(self, *paths: Path) -> None:
        self.paths, self.begun = paths, 0

    def rename(self, path: str, to: str) -> None:
        super().rename(path, to)
        self.begun += os.path.basename(to) == "pending"
        if self.begun == 2:
            for each in self.paths:
                each.write_text("mine();\n")


def beside_others(tree: Path, monkeypatch: pytest.MonkeyPatch, *paths: str) -> FixResult:
    """A rename of which somebody else writes some of the files meanwhile."""
    plan = rename(opened(tree), LEVY)
    with monkeypatch.context() as patch:
        patch.setattr(journals, "Disk", lambda: Interfering(*(tree / path for path in paths)))
        return written(tree, plan)


def test_only_files_that_were_really_written_count(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = beside_others(tree, monkeypatch, "shop.js")
    assert (done.applied, done.edits, [row.file for row in done.results]) == (True, 1, ["tax.js"])
    assert [(warning.file, warning.code) for warning in done.warnings] == [("shop.js", "foreign")]
    assert standing(opened(tree), msgspec.json.encode(done)) == {"applied": True, "partial": True}
    back = undo_edit(opened(tree, done), UndoEdit(step=("e#1",), force=True))
    assert (back.applied, back.partial, (tree / "tax.js").read_text()) == (True, True, TREE["tax.js"])


def test_a_plan_none_of_whose_files_was_written_is_not_applied(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done = beside_others(tree, monkeypatch, "shop.js", "tax.js")
    assert (done.applied, done.edits, done.results, len(done.warnings)) == (False, 0, (), 2)
    assert standing(opened(tree), msgspec.json.encode(done)) == {"applied": False}


def test_a_count_of_files_that_were_not_written_would_be_found(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Entry, "written", lambda self: iter(self.files))
    assert beside_others(tree, monkeypatch, "shop.js", "tax.js").applied
