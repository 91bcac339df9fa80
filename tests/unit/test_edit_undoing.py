"""Undoing as hunks that are switched off and on; every law over random sequences is in tests/faults/edit_model.py."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from clew._native import digest
from clew.edits.apply import apply
from clew.edits.journal import Entry, Journal, standing_of
from clew.edits.plans import FileChange, Plan, TextEdit, applied
from clew.edits.undoing import Only, Skipped, inverse


class Tree:
    """One file of lines, a journal, and plans about it told as the lines that they replace."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".clew").mkdir(parents=True)
        self.write("a b c d e f")

    @property
    def journal(self) -> Journal:
        return Journal(str(self.root / ".clew"))

    def write(self, lines: str) -> None:
        (self.root / "x").write_text("".join(f"{line}\n" for line in lines.split()))

    def read(self) -> str:
        return " ".join((self.root / "x").read_text().split())

    def plan(self, *changes: tuple[str, str]) -> Plan:
        data = (self.root / "x").read_bytes()
        edits = []
        for old, new in changes:
            start = data.index("".join(f"{line}\n" for line in old.split()).encode())
            edits.append(
                TextEdit(start, start + sum(len(line) + 1 for line in old.split()), "".join(f"{line}\n" for line in new.split()).encode())
            )
        return Plan(changes=(FileChange(path="x", before=digest(data), after=digest(applied(data, edits)), edits=tuple(edits)),))

    def apply(self, *changes: tuple[str, str]) -> Entry:
        return apply(str(self.root), self.journal, self.plan(*changes)).entry

    def undo(self, entry: Entry, only: Only | None = None) -> tuple[Entry | None, list[Skipped]]:
        plan, skipped = inverse(str(self.root), self.journal, entry, only=only)
        return (apply(str(self.root), self.journal, plan).entry if plan.changes else None), skipped

    def undone(self, entry: Entry) -> Entry:
        done, skipped = self.undo(entry)
        assert skipped == []
        assert done is not None
        return done

    def stand(self, *entries: Entry) -> list[bool]:
        standing = standing_of(self.journal.entries())
        return [entry.id in standing for entry in entries]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "root")


def test_an_undo_that_left_a_part_is_completed_when_nothing_is_in_its_way_any_more(tree: Tree) -> None:
    first = tree.apply(("b", "B"), ("e", "E"))
    second = tree.apply(("E", "EE"))
    partly, skipped = tree.undo(first)
    assert partly is not None
    assert (tree.read(), skipped) == ("a b c d EE f", [Skipped(path="x", lines=(5, 5), reason="was changed since")])
    assert tree.journal.active(first.plan) == first
    tree.undone(second)
    rest = tree.undone(first)
    assert (tree.read(), tree.journal.active(first.plan), tree.stand(first, partly, rest)) == ("a b c d e f", None, [False, True, True])
    tree.undone(partly)
    assert (tree.read(), tree.stand(first, partly, rest)) == ("a B c d e f", [True, False, True])


def test_an_undo_can_be_undone_in_parts(tree: Tree) -> None:
    first = tree.apply(("b", "B"), ("e", "E"))
    undo = tree.undone(first)
    later = tree.apply(("e", "ee"))
    again, skipped = tree.undo(undo)
    assert (tree.read(), len(skipped), tree.stand(first, undo)) == ("a B c d ee f", 1, [True, True])
    tree.undone(later)
    tree.undone(undo)
    assert (tree.read(), tree.stand(first, undo)) == ("a B c d E f", [True, False])
    assert again is not None


def test_only_some_hunks_can_be_undone(tree: Tree) -> None:
    first = tree.apply(("b", "B"), ("e", "E"))
    assert tree.undo(first, only=[("x", 1)])[1] == []
    assert tree.read() == "a B c d e f"
    assert tree.undo(first, only=["x"])[1] == []
    assert tree.read() == "a b c d e f"
    assert tree.undo(first, only=["y"]) == (None, [])


def test_what_was_undone_is_not_undone_again(tree: Tree) -> None:
    first = tree.apply(("b", "B"))
    tree.undone(first)
    assert tree.undo(first) == (None, [])


def test_a_line_behind_text_that_came_back_stays_behind_what_replaces_it_again(tree: Tree) -> None:
    undo = tree.undone(tree.apply(("b", "B")))
    tree.apply(("c", "new c"))
    tree.undone(undo)
    assert tree.read() == "a B new c d e f"


def test_what_stood_between_lines_that_are_gone_does_not_come_back_without_them(tree: Tree) -> None:
    first = tree.apply(("c", ""))
    second = tree.apply(("b d", "one"))
    assert [one.reason for one in tree.undo(first)[1]] == ["was changed since"]
    tree.undone(second)
    tree.undone(first)
    assert tree.read() == "a b c d e f"


def test_two_deletions_side_by_side_come_back_in_their_order(tree: Tree) -> None:
    first, second = tree.apply(("b", "")), tree.apply(("c", ""))
    tree.undone(first)
    tree.undone(second)
    assert tree.read() == "a b c d e f"
    third, fourth = tree.apply(("c", "")), tree.apply(("b", ""))
    tree.undone(third)
    tree.undone(fourth)
    assert tree.read() == "a b c d e f"


def test_a_file_that_somebody_brought_back_is_what_it_was(tree: Tree) -> None:
    """As `git checkout` does: what was applied since is off, and can be put there again."""
    tree.apply(("b", "B"))
    second = tree.apply(("e", "E"))
    tree.write("a B c d e f")
    assert tree.undo(second) == (None, [])
    third = tree.apply(("f", "F"))
    tree.undone(third)
    assert tree.read() == "a B c d e f"


def test_a_plan_that_moved_with_changes_by_hand_is_taken_back(tree: Tree) -> None:
    plan_id = tree.journal.keep_plan(tree.plan(("e", "E")))
    tree.write("new a b c d e f")
    entry = apply(str(tree.root), tree.journal, tree.plan(("e", "E")), plan_id).entry
    tree.write("a b c d E f")
    tree.undone(entry)
    assert tree.read() == "a b c d e f"


def test_an_undo_that_does_not_say_what_it_switched_is_an_edit_like_any_other(tree: Tree) -> None:
    first = tree.apply(("b", "B"))
    plan, _ = inverse(str(tree.root), tree.journal, first)
    older = Plan(undoes=first.id, changes=tuple(msgspec.structs.replace(change, switched=()) for change in plan.changes))
    undo = apply(str(tree.root), tree.journal, older).entry
    assert [one.lines for one in tree.undo(first)[1]] == [(2, 2)]
    tree.undone(undo)
    assert tree.read() == "a B c d e f"
    tree.undone(first)
    assert tree.read() == "a b c d e f"


def test_an_undo_of_which_others_changed_the_outcome_is_an_edit_like_any_other(tree: Tree) -> None:
    """Hunks are believed only where switching them gives the bytes that were there afterwards."""
    first = tree.apply(("b", "B"))
    tree.apply(("e", "E"))
    plan, _ = inverse(str(tree.root), tree.journal, first)
    (change,) = plan.changes
    data = (tree.root / "x").read_bytes()
    edits = (*change.edits, TextEdit(len(data), len(data), b"more\n"))
    odd = msgspec.structs.replace(change, edits=edits, after=digest(applied(data, edits)))
    undo = apply(str(tree.root), tree.journal, msgspec.structs.replace(plan, changes=(odd,))).entry
    tree.undone(undo)
    assert tree.read() == "a B c d E f"


def test_what_is_kept_no_more_is_said_and_what_came_later_is_undone(tree: Tree) -> None:
    first, second = tree.apply(("b", "B")), tree.apply(("e", "E"))
    (tree.root / ".clew" / "journal" / "objects" / first.plan).unlink()
    assert [one.reason for one in tree.undo(first)[1]] == ["cannot be followed: what stood there in between is no longer known"]
    tree.undone(second)
    assert tree.read() == "a B c d e f"


def test_entries_of_an_earlier_version_are_read(tree: Tree) -> None:
    entry = tree.apply(("b", "B"))
    assert b"switched" not in msgspec.json.encode(entry)
    undo = tree.undone(entry)
    assert msgspec.json.decode(msgspec.json.encode(undo), type=Entry) == undo
    assert [(hunk.entry, hunk.path, hunk.number) for file in undo.files for hunk in file.switched] == [(entry.id, "x", 0)]
