from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clew._native import digest
from clew.edits import journal as journals
from clew.edits import recovery
from clew.edits.apply import apply
from clew.edits.disk import Disk
from clew.edits.journal import Entry, FileRecord, Journal, Pending
from clew.edits.plans import FileChange, Plan, TextEdit, applied
from clew.edits.recovery import recover
from clew.errors import ClewError, InvalidRequest, OutsideWorkspace, PlanExpired, StaleInput, StalePlan, StoreCorrupt, UnsafeEdit


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name, text in {"a.js": "let a = 1;\n", "b.js": "let b = 2;\n", "lib/c.js": "let c = 3;\n"}.items():
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text)
    (tmp_path / "root" / ".clew").mkdir()
    return tmp_path / "root"


@pytest.fixture
def journal(root: Path) -> Journal:
    return Journal(str(root / ".clew"))


def change(root: Path, path: str, *edits: TextEdit, to: str | None = None, **fields: Any) -> FileChange:
    data = (root / path).read_bytes()
    return FileChange(path=path, to=to, before=digest(data), after=digest(applied(data, edits)), edits=edits, **fields)


def deleted(root: Path, path: str) -> FileChange:
    return FileChange(path=path, before=digest((root / path).read_bytes()))


def made(path: str, data: bytes, mode: int | None = None) -> FileChange:
    return FileChange(path=path, after=digest(data), edits=(TextEdit(0, 0, data),), mode=mode)


RENAME = TextEdit(4, 5, b"longer")


def test_a_plan_of_every_kind_of_change_is_written_and_recorded(root: Path, journal: Journal) -> None:
    (root / "b.js").chmod(0o751)
    plan = Plan(
        changes=(change(root, "a.js", RENAME), change(root, "b.js", RENAME, to="lib/b.js"), deleted(root, "lib/c.js"), made("x/y.js", b"y"))
    )
    entry = apply(str(root), journal, plan).entry
    assert (root / "a.js").read_text() == "let longer = 1;\n"
    assert (root / "lib/b.js").read_text() == "let longer = 2;\n"
    assert (root / "lib/b.js").stat().st_mode & 0o7777 == 0o751
    assert (root / "x/y.js").read_text() == "y"
    assert sorted(path.name for path in root.rglob("*.js")) == ["a.js", "b.js", "y.js"]
    assert entry.files[0] == FileRecord(
        path="a.js", before=plan.changes[0].before, after=plan.changes[0].after, mode=entry.files[0].mode, edits=((4, 5, 6),)
    )
    assert (entry.seq, entry.made, entry.emptied, entry.foreign) == (1, ("x",), (), ())
    assert Journal(str(root / ".clew")).entries() == [entry]
    assert journal.object(digest(b"let c = 3;\n"), of=entry) == b"let c = 3;\n"
    assert journal.plan(entry.plan) == plan


def test_a_plan_that_stands_is_not_written_again(root: Path, journal: Journal) -> None:
    plan = Plan(changes=(change(root, "a.js", RENAME),))
    first = apply(str(root), journal, plan)
    times = (root / "a.js").stat().st_mtime_ns
    again = apply(str(root), journal, plan)
    assert (again.entry, again.is_already_applied) == (first.entry, True)
    assert ((root / "a.js").stat().st_mtime_ns, len(journal.entries())) == (times, 1)
    (root / "a.js").write_text("let a = 1;\n")
    assert not apply(str(root), journal, plan).is_already_applied


def test_what_only_moves_keeps_its_time_and_the_rest_is_not_touched(root: Path, journal: Journal) -> None:
    for name in ("a.js", "b.js"):
        os.utime(root / name, ns=(10**18, 10**18))
    apply(str(root), journal, Plan(changes=(change(root, "a.js", to="lib/a.js"),)))
    assert [(root / name).stat().st_mtime_ns for name in ("lib/a.js", "b.js")] == [10**18, 10**18]


def test_a_link_that_stays_inside_is_written_through(root: Path, journal: Journal) -> None:
    (root / "link.js").symlink_to("lib/c.js")
    entry = apply(str(root), journal, Plan(changes=(change(root, "link.js", RENAME),))).entry
    assert ((root / "link.js").is_symlink(), (root / "lib/c.js").read_text()) == (True, "let longer = 3;\n")
    assert entry.files[0].path == "lib/c.js"


def test_a_folder_that_a_plan_takes_everything_out_of_goes_with_it(root: Path, journal: Journal) -> None:
    assert apply(str(root), journal, Plan(changes=(change(root, "lib/c.js", to="c.js"),))).entry.emptied == ("lib",)
    assert not (root / "lib").exists()
    (root / "sub").mkdir()
    (root / "sub" / "data").write_text("")
    apply(str(root), journal, Plan(changes=(change(root, "c.js", to="sub/c.js"),)))
    assert apply(str(root), journal, Plan(changes=(change(root, "sub/c.js", to="c.js"),))).entry.emptied == ()
    assert (root / "sub" / "data").exists()


def _outside(root: Path) -> FileChange:
    return FileChange(path="../x.js", before="0", after="0")


def _absolute(root: Path) -> FileChange:
    return made("/x.js", b"")


def _link_out(root: Path) -> FileChange:
    (root.parent / "out.js").write_text("let o;\n")
    (root / "out.js").symlink_to("../out.js")
    return change(root, "out.js", RENAME)


def _folder_out(root: Path) -> FileChange:
    (root / "away").symlink_to(root.parent)
    return made("away/x.js", b"")


def _link_deleted(root: Path) -> FileChange:
    (root / "link.js").symlink_to("a.js")
    return deleted(root, "link.js")


def _hard_link(root: Path) -> FileChange:
    os.link(root / "a.js", root / "hard.js")
    return change(root, "a.js", RENAME)


def _read_only(root: Path) -> FileChange:
    (root / "a.js").chmod(0o444)
    return change(root, "a.js", RENAME)


def _read_only_folder(root: Path) -> FileChange:
    (root / "lib").chmod(0o555)
    return change(root, "lib/c.js", RENAME)


def _exists(root: Path) -> FileChange:
    return made("b.js", b"")


def _moved_onto(root: Path) -> FileChange:
    return change(root, "a.js", to="b.js")


def _below_a_file(root: Path) -> FileChange:
    return made("a.js/x.js", b"")


def _of_git(root: Path) -> FileChange:
    return made(".git/hooks/post-commit", b"")


def _of_clew(root: Path) -> FileChange:
    return made(".clew/x", b"")


def _wrong_after(root: Path) -> FileChange:
    return FileChange(path="a.js", before=digest((root / "a.js").read_bytes()), after="0" * 32, edits=(RENAME,))


def _gone(root: Path) -> FileChange:
    return FileChange(path="gone.js", before="0" * 32, after="0" * 32)


def _changed(root: Path) -> FileChange:
    found = change(root, "a.js", RENAME)
    (root / "a.js").write_text("let a = 4;\n")
    return found


@pytest.mark.parametrize(
    ("make", "error", "said"),
    [
        (_outside, OutsideWorkspace, "../x.js"),
        (_absolute, OutsideWorkspace, "/x.js"),
        (_link_out, OutsideWorkspace, "out.js leads out"),
        (_folder_out, OutsideWorkspace, "away/x.js leads out"),
        (_link_deleted, UnsafeEdit, "link.js is a symbolic link"),
        (_hard_link, UnsafeEdit, "a.js has 2 hard links"),
        (_read_only, UnsafeEdit, "a.js is read-only"),
        (_read_only_folder, UnsafeEdit, "the folder lib is read-only"),
        (_exists, UnsafeEdit, "b.js exists already"),
        (_moved_onto, UnsafeEdit, "b.js exists already"),
        (_below_a_file, UnsafeEdit, "a.js is no folder"),
        (_of_git, UnsafeEdit, "belongs to git"),
        (_of_clew, UnsafeEdit, "belongs to git or to clew"),
        (_wrong_after, UnsafeEdit, "do not give the bytes"),
        (_gone, StalePlan, "gone.js: gone"),
        (_changed, StalePlan, "a.js changed since"),
    ],
)
def test_what_must_not_be_written_is_refused_and_nothing_else_written(
    root: Path, journal: Journal, make: Callable[[Path], FileChange], error: type[ClewError], said: str
) -> None:
    refused = make(root)
    plan = Plan(changes=tuple(sorted((change(root, "lib/c.js"), refused), key=lambda each: each.path)))
    before = {path: path.read_bytes() for path in root.rglob("*.js") if path.is_file()}
    with pytest.raises(error, match=said):
        apply(str(root), journal, Plan(changes=(refused,)) if make is _read_only_folder else plan)
    assert {path: path.read_bytes() for path in root.rglob("*.js") if path.is_file()} == before
    assert (journal.entries(), journal.is_pending) == ([], False)


def test_two_changes_of_one_file_by_two_names_are_refused(root: Path, journal: Journal) -> None:
    (root / "link.js").symlink_to("a.js")
    with pytest.raises(UnsafeEdit, match=r"about a\.js"):
        apply(str(root), journal, Plan(changes=(change(root, "a.js", RENAME), change(root, "link.js", RENAME))))


def test_a_name_that_differs_in_case_only_is_refused_where_it_is_the_same_file(
    root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that does not tell the case apart is played by a second file that is taken for the first."""
    (root / "A.js").write_text("let a = 1;\n")
    monkeypatch.setattr(os.path, "samefile", lambda one, other: one.lower() == other.lower())
    with pytest.raises(UnsafeEdit, match="only the case differs"):
        apply(str(root), journal, Plan(changes=(change(root, "a.js", to="A.js"),)))


def test_an_empty_plan_is_no_plan_to_apply(root: Path, journal: Journal) -> None:
    with pytest.raises(InvalidRequest):
        apply(str(root), journal, Plan())


def test_looking_at_a_clean_workspace_writes_nothing(root: Path, journal: Journal) -> None:
    assert (journal.is_pending, journal.entries(), journal.active("0"), recover(str(root), journal)) == (False, [], None, None)
    assert list((root / ".clew").iterdir()) == []


class Interfering(Disk):
    """Somebody writes a file before the first rename after the commit, or after it."""

    def __init__(self, path: Path, when: str) -> None:
        self.path, self.when, self.renames = path, when, 0

    def rename(self, path: str, to: str) -> None:
        is_of_tree = ".clew-" in os.path.basename(path)
        if is_of_tree and self.when == "before":
            self.path.write_text("mine\n")
        super().rename(path, to)
        if is_of_tree and self.when == "after":
            self.path.write_text("mine\n")


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_somebody_writes_after_the_commit_stays_and_is_named(root: Path, when: str) -> None:
    journal = Journal(str(root / ".clew"), disk=Interfering(root / "b.js", when))
    entry = apply(str(root), journal, Plan(changes=(change(root, "a.js", RENAME), change(root, "b.js", RENAME)))).entry
    assert ((root / "a.js").read_text(), (root / "b.js").read_text(), entry.foreign) == ("let longer = 1;\n", "mine\n", ("b.js",))
    assert [path.name for path in root.iterdir() if path.name.startswith(".clew-")] == []


class Early(Interfering):
    """Somebody writes a file while others are staged."""

    def make(self, path: str, mode: int) -> int:
        if ".clew-" in os.path.basename(path):
            self.path.write_text("mine\n")
        return super().make(path, mode)


def test_what_somebody_writes_before_the_commit_stops_it(root: Path) -> None:
    journal = Journal(str(root / ".clew"), disk=Early(root / "b.js", "never"))
    with pytest.raises(StalePlan, match=r"b\.js changed while"):
        apply(str(root), journal, Plan(changes=(change(root, "a.js", RENAME), change(root, "b.js", RENAME))))
    assert sorted(path.name for path in root.iterdir()) == [".clew", "a.js", "b.js", "lib"]
    assert ((root / "a.js").read_text(), (root / "b.js").read_text(), journal.is_pending) == ("let a = 1;\n", "mine\n", False)


class Cut(Disk):
    """Stops before the first rename in the tree."""

    def rename(self, path: str, to: str) -> None:
        if ".clew-" in os.path.basename(path):
            raise StaleInput("stopped")
        super().rename(path, to)


def recovered(root: Path, journal: Journal) -> Entry | None:
    """The entry of a recovery, before which somebody wrote one of the files."""
    plan = Plan(changes=(change(root, "a.js", RENAME), change(root, "b.js", RENAME), deleted(root, "lib/c.js")))
    with pytest.raises(StaleInput):
        apply(str(root), Journal(str(root / ".clew"), disk=Cut()), plan)
    (root / "b.js").write_text("mine\n")
    assert journal.is_pending
    return recover(str(root), journal)


def test_a_recovery_leaves_a_file_with_a_third_digest_and_finishes_the_rest(root: Path, journal: Journal) -> None:
    entry = recovered(root, journal)
    assert entry is not None
    assert entry.foreign == ("b.js",)
    assert sorted(path.name for path in root.iterdir()) == [".clew", "a.js", "b.js"]
    assert ((root / "a.js").read_text(), (root / "b.js").read_text()) == ("let longer = 1;\n", "mine\n")
    assert (recover(str(root), journal), journal.is_pending) == (None, False)


def test_a_recovery_that_does_not_look_would_be_found(root: Path, journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    blindly = partial(recovery.roll_forward, unchanged=lambda _path: True)
    monkeypatch.setattr(recovery, "roll_forward", blindly)
    entry = recovered(root, journal)
    assert entry is not None
    assert (entry.foreign, (root / "b.js").read_text()) != (("b.js",), "mine\n")


def test_what_is_kept_is_read_back_whole_or_said_to_be_gone(root: Path, journal: Journal) -> None:
    entry = apply(str(root), journal, Plan(changes=(change(root, "a.js", RENAME),))).entry
    pack = root / ".clew" / "journal" / "objects" / f"{entry.id}.pack"
    assert {path.stat().st_mode & 0o777 for path in (root / ".clew" / "journal").rglob("*") if path.is_file()} == {0o600}
    whole = pack.read_bytes()
    pack.write_bytes(whole[:-3] + bytes(3))
    with pytest.raises(StoreCorrupt):
        journal.object(digest(b"let a = 1;\n"))
    pack.write_bytes(whole[:5])
    with pytest.raises(StoreCorrupt):
        journal.object(digest(b"let a = 1;\n"))
    pack.unlink()
    with pytest.raises(PlanExpired, match="90 days"):
        journal.object(digest(b"let a = 1;\n"))


def test_sweeping_takes_the_old_and_over_the_quota_only_what_nothing_needs(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1e9]
    journal = Journal(str(root / ".clew"), clock=lambda: now[0])
    objects = root / ".clew" / "journal" / "objects"
    entries = []
    for day, word in enumerate((b"one", b"two", b"three")):
        entries.append(apply(str(root), journal, Plan(changes=(change(root, "a.js", TextEdit(4, 5, word)),))).entry)
        for path in objects.iterdir():
            if path.stat().st_mtime > 2e9 or path.stat().st_mtime > now[0] + 1:
                os.utime(path, (now[0], now[0]))
        now[0] += 50 * 86_400 * (day < 2)
    draft = journal.keep(b"a plan that nobody applied")
    os.utime(objects / draft, (now[0], now[0]))
    journal.sweep()
    left = Journal(str(root / ".clew"))
    assert left.entries() == entries[1:]
    assert {path.name for path in objects.iterdir()} == {
        draft,
        *(name for entry in entries[1:] for name in (entry.plan, entry.id + ".pack")),
    }
    monkeypatch.setattr(journals, "QUOTA", 0)
    journal.sweep()
    assert {path.name for path in objects.iterdir()} == {name for entry in entries[1:] for name in (entry.plan, entry.id + ".pack")}


class Careless(Journal):
    """Broken: takes for done what was not committed."""

    def pending(self) -> Pending | None:
        found = super().pending()
        return None if found is None or not found.committed else found


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process is forked and ended")
def test_a_double_that_forgets_what_was_staged_would_be_found(root: Path) -> None:
    class CutWhileStaging(Disk):
        def make(self, path: str, mode: int) -> int:
            if path.endswith("-1"):
                os._exit(9)
            return super().make(path, mode)

    plan = Plan(changes=(change(root, "a.js", RENAME), change(root, "b.js", RENAME)))
    left = []
    for kind in (Journal, Careless):
        pid = os.fork()
        if not pid:
            apply(str(root), Journal(str(root / ".clew"), disk=CutWhileStaging()), plan)
        os.waitpid(pid, 0)
        recover(str(root), kind(str(root / ".clew")))
        left.append(any(path.name.startswith(".clew-") for path in root.iterdir()))
    assert left == [False, True]
