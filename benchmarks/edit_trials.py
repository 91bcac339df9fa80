"""Edits of random definitions in real packages, each applied, checked by what does not know clew, and taken back.

    python benchmarks/edit_trials.py express=DIR [hono=DIR …] [--edits 100] [--seed 1] [--group 10] [--out FILE]
        [--tests express='npx mocha …'] [--compile]

Of each edit: the changed files parse, as TypeScript's parser says; the references of what is renamed map one to one, and those of other
definitions are as many as before; code is where it was meant to be, byte for byte. Of a group of edits: `--compile` counts the compiler's
diagnostics (JavaScript is checked, too), `--tests` runs the tests of the package; where either is worse, edits are taken back one by one
until it is not. Undo gives every byte and every mode back, in any order. A new name that is nowhere, a definition in its own place, and an
insertion of such a name have no reason to be refused; where one is, that is a false alarm.

The trees are edited: give copies. The status is 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import random
import re
import stat
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from shlex import join
from typing import Any, NamedTuple

import msgspec

from clew._native import Description
from clew.edits.delete import Delete, delete
from clew.edits.insert_after import InsertAfter, insert_after
from clew.edits.insert_before import InsertBefore, insert_before
from clew.edits.journal import Entry, Journal
from clew.edits.plans import Plan
from clew.edits.rebasing import written
from clew.edits.rename import Rename, rename
from clew.edits.rename_file import RenameFile, rename_file
from clew.edits.replace import Replace, replace
from clew.edits.tracking import EditMap
from clew.edits.undo import taken_back
from clew.errors import ClewError
from clew.index.generation import Generation
from clew.index.rows import CODE
from clew.requests import Request
from clew.workspace import Workspace
from measuring import print_table
from random_edits import FRESH, Draws
from trial_judges import Judges, Parser

VERBS: dict[type[Request], Any] = {
    Delete: delete,
    InsertAfter: insert_after,
    InsertBefore: insert_before,
    Rename: rename,
    RenameFile: rename_file,
    Replace: replace,
}
_REASONS = (
    ("would not parse", "would not parse"),
    ("is taken", "name taken"),
    ("mean something else as well", "means something else as well"),
    ("still referred", "still referred to"),
    ("leads to", "leads elsewhere"),
    ("leads nowhere", "leads nowhere"),
    ("constructor", "constructor"),
)
_SAMPLE = 3
_SHUFFLED = 0.4
"""Of the groups of edits the part that is taken back in any order."""


class Done(NamedTuple):
    """An edit that was applied."""

    what: str
    plan: Plan
    entry: Entry
    before: dict[str, tuple[bytes, int] | None]
    """Bytes and mode of the files that it changed."""
    gaps: bool
    """True where the plan said that it could not know all."""


class Sites(NamedTuple):
    """Where a definition is named (path, offset, length), and how many places mean it."""

    place: tuple[str, int, int]
    places: int


class Known(NamedTuple):
    """What is known before an edit: the names of the file, the imports that lead nowhere, and where the name stands that it changes."""

    names: list[str]
    unresolved: int
    sites: Sites | None


class Tree:
    """A package that is edited."""

    def __init__(self, name: str, root: Path, tests: str | None, seed: int, parser: Parser, *, compiled: bool) -> None:
        self.name, self.root, self.parser = name, root.resolve(), parser
        self.judges = Judges(self.root, tests, compiled=compiled)
        self.chance = random.Random(f"{name}-{seed}")  # noqa: S311 - a sample that comes again
        self.figures: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()
        self.log: list[dict[str, object]] = []
        (self.root / ".git").mkdir(exist_ok=True)
        self.workspace = Workspace.open(str(self.root))
        self.workspace.begin()
        listed = (file.path for file in self.workspace.generation.files(CODE))
        files = [path for path in listed if not re.search(r"(^|/)(dist|build|coverage)/", path)]
        self.draws = Draws(self.root, self.workspace, files, self.chance)
        self.journal = Journal(self.workspace.state)
        self._to: list[tuple[str, int | None]] = []

    def trial(self) -> Done | None:
        """Plan an edit, apply it and check it by itself; none where there was none to be made, or it was refused."""
        of = self.draws.definition()
        drawn = None if of is None else self.draws.request(of)
        if of is None or drawn is None:
            return None
        request = drawn.request
        what = f"{_said(request)} [{of.kind}]"
        self.figures["planned"] += 1
        self.workspace.begin()
        generation = self.workspace.generation
        known = Known(_names(generation, of.file), _unresolved(generation), self._sites(request, of))
        others = self._others(of)
        try:
            result = VERBS[type(request)](self.workspace, request)
        except ClewError as error:
            self._refused(request, what, error, is_safe=drawn.is_safe)
            return None
        plan = self.journal.plan(result.stored.plan)
        if not plan.changes:
            self.figures["nothing to change"] += 1
            return None
        before = {path: _state(self.root / path) for change in plan.changes for path in (change.path, change.place or change.path)}
        errors = [self.parser.errors(str(self.root / change.path)) for change in plan.changes]
        counts = self._counts(others)
        self._follow(plan, others)
        try:
            entry, _ = written(self.workspace, self.journal, plan, result.stored.plan)
        except ClewError as error:
            self._wrong("apply", what, error.message)
            return None
        self.figures["applied"] += 1
        done = Done(what, plan, entry, before, gaps=bool(result.why))
        self.workspace.begin()
        for change, had in zip(plan.changes, errors, strict=True):
            if change.place is not None and self.parser.errors(str(self.root / change.place)) > had:
                self._wrong("parse", what, change.path)
        counts_now = self._counts_after()
        if not _is_alike(counts, counts_now, less=isinstance(request, Delete)):
            self._wrong("account", what, f"{counts} -> {counts_now}")
        self._check(request, of, known, done)
        if drawn.expected is not None and (self.root / plan.changes[0].path).read_bytes() != drawn.expected:
            self._wrong("bytes", what, _difference(drawn.expected, (self.root / plan.changes[0].path).read_bytes()))
        return done

    def _check(self, request: Request, of: Description, known: Known, done: Done) -> None:
        """What the sort of an edit asks for."""
        if not isinstance(request, Rename) and (now := _unresolved(self.workspace.generation)) > known.unresolved:
            self._wrong("imports", done.what, f"{known.unresolved} -> {now} lead nowhere")
        if known.sites is not None:
            self._check_renamed(done.plan, done.what, known.sites)
        if isinstance(request, InsertAfter | InsertBefore):
            self._check_inserted(of, known.names, done)

    def _others(self, of: Description) -> list[tuple[int, int]]:
        """Some definitions that an edit leaves alone: of the same file, and of any."""
        generation = self.workspace.generation
        rows = [
            row
            for row in generation.linker.definitions_in(of.file, [(0, 2**32 - 1)])
            if not of.start <= row[1] < of.end and row[3] != of.name
        ]
        return [(of.file, row[0]) for row in self.chance.sample(rows, min(_SAMPLE, len(rows)))]

    def _follow(self, plan: Plan, others: Sequence[tuple[int, int]]) -> None:
        """Where these are named after a plan."""
        generation = self.workspace.generation
        changes = {change.path: change for change in plan.changes}
        self._to = []
        for of in generation.linker.describe(list(others)):
            path = generation.path_of(of.file)
            change = changes.get(path)
            self._to.append((path, of.at) if change is None else (change.place or path, EditMap(change.edits).moved(of.at)))

    def _counts(self, definitions: Sequence[tuple[int, int]]) -> list[int | None]:
        """How many certain references each has."""
        return [len(self.workspace.generation.linker.references(one).certain) for one in definitions]

    def _counts_after(self) -> list[int | None]:
        """The same after the edit; None for one that the edit itself renamed or took."""
        generation = self.workspace.generation
        found: list[int | None] = []
        for path, at in self._to:
            file = generation.id_of(path)
            standing = [] if at is None or file is None else generation.linker.standing_at(file, at)
            found.append(len(generation.linker.references(standing[0]).certain) if standing else None)
        return found

    def _sites(self, request: Request, of: Description) -> Sites | None:
        if not isinstance(request, Rename) or request.aliases == "keep":
            return None
        generation = self.workspace.generation
        count = len(generation.linker.renaming([(of.file, of.definition)])[1])
        return Sites((generation.path_of(of.file), of.at, len(of.bare_name.encode())), count)

    def _check_renamed(self, plan: Plan, what: str, sites: Sites) -> None:
        """The references of the renamed thing map one to one."""
        after = self.workspace.generation
        path, start, length = sites.place
        change = next((change for change in plan.changes if change.path == path), None)
        file = after.id_of(path)
        there = None if change is None else EditMap(change.edits).renamed(start, start + length)
        at = None if there is None else there[0]
        found = [] if file is None or at is None else after.linker.standing_at(file, at)
        now = len(after.linker.renaming(found)[1]) if found else None
        if now is not None and now != sites.places:
            self._wrong("one to one", what, f"{sites.places} -> {now}")

    def _check_inserted(self, of: Description, names: list[str], done: Done) -> None:
        """The new thing is there, and nothing else came or went."""
        now = _names(self.workspace.generation, of.file)
        new = [name for name in now if re.search(rf"\b{FRESH}\d+$", name) and name not in names]
        if [name for name in now if name not in new] != names or len(new) != 1:
            self._wrong("definitions", done.what, f"{set(now) ^ set(names)}")
        elif any(edit.end > edit.start for change in done.plan.changes for edit in change.edits):
            self._wrong("bytes", done.what, "an insertion takes bytes away")

    def _refused(self, request: Request, what: str, error: ClewError, *, is_safe: bool) -> None:
        reason = next((said for part, said in _REASONS if part in error.message), error.message[:60])
        self.figures["refused"] += 1
        self.reasons[f"{type(request).__name__}: {reason}"] += 1
        if is_safe:
            self.figures["refused though safe"] += 1
        self.log.append({"sort": "false alarm?" if is_safe else "refused", "what": what, "says": error.message, "reason": reason})

    def _wrong(self, check: str, what: str, says: str) -> None:
        self.figures["wrong"] += 1
        self.reasons[f"WRONG {check}"] += 1
        self.log.append({"sort": "wrong", "check": check, "what": what, "says": says[:1500]})
        print(f"{self.name}: wrong ({check}): {what}\n    {says[:600]}", flush=True)

    def run(self, edits: int, group: int, until: float) -> None:
        """Groups of edits, judged by the compiler and the tests, and taken back."""
        known, failing = self.judges.diagnostics(), self.judges.tested() | self.judges.tested()
        print(f"{self.name}: {known.total()} diagnostics, {len(failing)} failing tests", flush=True)
        while self.figures["planned"] < edits and time.monotonic() < until:
            done: list[Done] = []
            for _ in range(group * 20):
                if len(done) == group or self.figures["planned"] >= edits or time.monotonic() > until:
                    break
                if one := self.trial():
                    done.append(one)
            self._judge(done, known, failing)

    def _worse(self, known: Counter[str], failing: frozenset[str]) -> frozenset[str]:
        """The diagnostics and the failing tests that were not there; some tests fail now and then, so that they are asked again."""
        more = frozenset(f"compiler {line} +{count}" for line, count in (self.judges.diagnostics() - known).items())
        return more or ((self.judges.tested() - failing) and (self.judges.tested() - failing))

    def _judge(self, done: list[Done], known: Counter[str], failing: frozenset[str]) -> None:
        shuffled = self.chance.random() < _SHUFFLED
        left = list(done)
        worse = self._worse(known, failing) if done else frozenset()
        while worse and left:
            last = left.pop()
            self._take_back(last, exact=True)
            now = self._worse(known, failing) if left else frozenset()
            mended = worse - now
            if mended:
                kind = "compiler" if min(mended).startswith("compiler") else "tests"
                if last.gaps:
                    self.figures[f"{kind} worse, as the plan said"] += 1
                    self.log.append({"sort": "told", "check": kind, "what": last.what, "says": sorted(mended)[:10]})
                else:
                    self._wrong(kind, last.what, str(sorted(mended)[:10]))
            worse = now
        if shuffled:
            self.chance.shuffle(left)
        for one in reversed(left):
            self._take_back(one, exact=not shuffled)
        self._restore(done)

    def _take_back(self, done: Done, *, exact: bool) -> None:
        self.workspace.begin()
        try:
            result = taken_back(self.workspace, self.journal, done.entry, force=not exact)
        except ClewError as error:
            if exact:
                self._wrong("undo", done.what, error.message)
            else:
                self.figures["undo: overlapped"] += 1
            return
        self.figures["undo: overlapped" if result.partial else "undone"] += 1
        if exact:
            for path, state in done.before.items():
                if _state(self.root / path) != state:
                    self._wrong("undo", done.what, path)

    def _restore(self, done: Sequence[Done]) -> None:
        """What undo in any order should have given; what a later edit overlapped is written back."""
        first: dict[str, tuple[bytes, int] | None] = {}
        for one in reversed(done):
            first |= one.before
        for path, state in first.items():
            if _state(self.root / path) != state:
                if not self.figures["undo: overlapped"]:
                    self._wrong("undo in any order", path, "")
                if state is None:
                    (self.root / path).unlink()
                else:
                    (self.root / path).parent.mkdir(exist_ok=True)
                    (self.root / path).write_bytes(state[0])
                    (self.root / path).chmod(state[1])
        self.workspace.refresh()


def _is_alike(before: Sequence[int | None], after: Sequence[int | None], *, less: bool) -> bool:
    """True for the same counts; what is deleted referred to others, which then are referred to less."""
    pairs = [(one, other) for one, other in zip(before, after, strict=True) if one is not None and other is not None]
    return all(other == one or (less and other < one) for one, other in pairs)


def _said(request: Request) -> str:
    """An edit in one line."""
    about = [target.text for target in getattr(request, "targets", ())] or list(getattr(request, "paths", ()))
    code = getattr(request, "to", None) or (getattr(request, "with_", None) or "")[:60]
    return join([type(request).__name__, *about, code])


def _unresolved(generation: Generation) -> int:
    """How many imports of the tree lead nowhere."""
    files = [file.id for file in generation.files(CODE)]
    return sum(edge.target is None and edge.path is None and edge.package is None for file in files for edge in generation.imports(file))


def _state(path: Path) -> tuple[bytes, int] | None:
    return None if not path.exists() else (path.read_bytes(), stat.S_IMODE(path.lstat().st_mode))


def _names(generation: Generation, file: int) -> list[str]:
    return [name for _, _, _, name, _ in generation.linker.definitions_in(file, [(0, 2**32 - 1)])]


def _difference(expected: bytes, found: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(expected, found, strict=False)) if a != b), min(len(expected), len(found)))
    return f"at {at}: expected {expected[max(at - 60, 0) : at + 60]!r}, found {found[max(at - 60, 0) : at + 60]!r}"


def main() -> int:
    """Print the figures; 1 where anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+")
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--group", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--tests", action="append", default=[])
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    tests = dict(one.split("=", 1) for one in given.tests)
    judge = Parser()
    rows, reasons, log = [], Counter[str](), []
    for one in given.trees:
        name, _, folder = one.rpartition("=")
        tree = Tree(name or Path(folder).name, Path(folder), tests.get(name), given.seed, judge, compiled=given.compile)
        tree.run(given.edits, given.group, time.monotonic() + given.minutes * 60)
        figures = tree.figures
        columns = ("planned", "refused", "refused though safe", "applied", "wrong", "undone", "undo: overlapped")
        rows.append([tree.name, *(figures[column] for column in columns)])
        print(tree.name, dict(figures), flush=True)
        reasons += tree.reasons
        log += [{"tree": tree.name, **line} for line in tree.log]
    print_table([["tree", *columns], *rows])
    for reason, count in reasons.most_common():
        print(f"{count:5} {reason}")
    if given.out is not None:
        given.out.write_bytes(b"".join(msgspec.json.encode(line) + b"\n" for line in log))
    return 1 if any(row[5] for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
