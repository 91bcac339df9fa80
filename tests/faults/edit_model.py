"""Random sequences of applies, undos and changes by hand, beside a model that knows nothing of bytes, offsets and journals.

Run as a script it compares random sequences with the real thing: `python tests/faults/edit_model.py 0 1000`.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from edit_disks import WatchedDisk
from edit_lines import File, Hunk, Line, Run

from clew._native import digest
from clew.edits.apply import apply
from clew.edits.journal import Entry, Journal, standing_of
from clew.edits.plans import FileChange, Plan, TextEdit, applied
from clew.edits.undoing import Skipped, inverse

Undo = Callable[[str, Journal, Entry], tuple[Plan, list[Skipped]]]


@dataclass(eq=False)
class Doing:
    """All that one apply did, by the number of the file."""

    ident: str = ""
    left: dict[int, dict[Hunk, bool]] = field(default_factory=dict)
    """Its hunks, or those that it turned, and whether they were on afterwards."""
    moves: dict[int, tuple[str, str, Hunk]] = field(default_factory=dict)
    made: dict[int, tuple[str, bytes]] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)

    def hunks(self) -> list[Hunk]:
        return [hunk for hunks in self.left.values() for hunk in hunks]

    def stands(self) -> bool:
        """True where undos left something of it, whatever was changed by hand."""
        return any(hunk.turned_by[-1] is self if self in hunk.turned_by else len(hunk.turned_by) % 2 == 0 for hunk in self.hunks())

    def standing(self, number: int) -> list[Hunk]:
        return [hunk for hunk, is_on in self.left[number].items() if hunk.is_on is is_on]


class Difference(AssertionError):
    """The tree is not what the model says."""


class Trial:
    def __init__(self, root: Path, seed: int, undo: Undo = inverse) -> None:
        self.random = Random(seed)
        self.root = root
        (root / ".clew").mkdir(parents=True)
        self.journal = Journal(str(root / ".clew"), disk=WatchedDisk())
        self.inverse = undo
        self.numbers = count()
        self.files: list[File] = []
        self.doings: list[Doing] = []
        self.counts: Counter[str] = Counter()
        for name in ("a", "b", "c"):
            self.by_hand_made(name, self.new_lines(8))
        self.settle()

    def new_lines(self, most: int) -> list[Line]:
        """Lines that have nothing in common with any other."""
        return [Line(b"%s %d\n" % (self.random.randbytes(6).hex().encode(), next(self.numbers))) for _ in range(most)]

    def there(self) -> list[int]:
        return [number for number, file in enumerate(self.files) if file.is_there]

    def by_hand_made(self, name: str, lines: list[Line]) -> None:
        self.files.append(File(name, lines))
        (self.root / name).write_bytes(self.files[-1].data())

    def draw(self, number: int, most: int) -> list[Run]:
        """Lines to take out and lines to put in at some places that do not touch, often where something was."""
        shown = self.files[number].now
        runs, last = [], -1
        places = {
            self.random.choice([*range(len(shown) + 1), *self.files[number].seams() * 4]) for _ in range(self.random.randint(1, most))
        }
        for first in sorted(places):
            gone = shown[first : first + self.random.choice([0, 1, 1, 2, 3])]
            come = self.new_lines(self.random.choice([0, 0, 1, 2]))
            if first > last and (gone or come):
                last = first + len(gone)
                runs.append((shown[first - 1] if first else None, gone, come))
        return runs

    @staticmethod
    def edits(shown: list[Line], runs: list[Run]) -> tuple[TextEdit, ...]:
        edits = []
        for before, gone, come in runs:
            first = 0 if before is None else shown.index(before) + 1
            start = sum(len(line.text) for line in shown[:first])
            edits.append(TextEdit(start, start + sum(len(line.text) for line in gone), b"".join(line.text for line in come)))
        return tuple(edits)

    def settle(self) -> None:
        """The tree is what the model says."""
        names = {path.name for path in self.root.iterdir() if path.is_file()}
        if names != {file.path for file in self.files if file.is_there}:
            raise Difference(f"files {names}")
        for file in self.files:
            if file.is_there and (data := (self.root / file.path).read_bytes()) != file.data():
                raise Difference(f"{file.path}: {data!r} and not {file.data()!r}")

    # Everything that happens.

    def edit(self) -> None:
        """Apply a plan about a few files, with a move, a deletion or a new file now and then."""
        doing, changes = Doing(), []
        there = self.there()
        for number in self.random.sample(there, min(len(there), self.random.randint(1, 2))):
            file = self.files[number]
            before, path, what = file.data(), file.path, self.random.random()
            if what < 0.06 and len(there) > 2:
                file.see()
                doing.deleted.add(number)
                doing.left[number] = {Hunk(): True}
                file.is_there = False
                changes.append(FileChange(path=path, before=digest(before)))
                continue
            runs = self.draw(number, 3)
            edits = self.edits(file.now, runs)
            to = f"moved{next(self.numbers)}" if what > 0.9 else None
            if not (runs or to):
                continue
            file.see()
            doing.left[number] = dict.fromkeys([file.put(*run) for run in runs], True)
            if to is not None:
                doing.moves[number] = (path, to, Hunk())
                doing.left[number][doing.moves[number][2]] = True
                file.path = to
            file.remember()
            assert applied(before, edits) == file.data()
            changes.append(FileChange(path=path, to=to, before=digest(before), after=digest(file.data()), edits=edits))
        if self.random.random() < 0.1:
            file = File(f"made{next(self.numbers)}", [])
            self.files.append(file)
            text = file.put(None, [], self.new_lines(4))
            file.remember()
            doing.made[len(self.files) - 1] = (file.path, file.data())
            doing.left[len(self.files) - 1] = {text: True, Hunk(): True}
            changes.append(FileChange(path=file.path, after=digest(file.data()), edits=(TextEdit(0, 0, file.data()),)))
        if changes:
            self.apply(doing, Plan(changes=tuple(sorted(changes, key=lambda change: change.path))))
            self.counts["applied"] += 1

    def apply(self, doing: Doing, plan: Plan) -> None:
        doing.ident = apply(str(self.root), self.journal, plan).entry.id
        self.doings.append(doing)

    def by_hand(self) -> None:
        """Change, move or delete a file behind clew's back."""
        if not self.there():
            return
        file = self.files[number := self.random.choice(self.there())]
        what = self.random.random()
        if what < 0.1:
            file.is_there = False
            (self.root / file.path).unlink()
            if what < 0.07:
                self.by_hand_made(f"hand{next(self.numbers)}", [Line(line.text) for line in file.now])
            self.counts["moved by hand" if what < 0.07 else "deleted by hand"] += 1
            return
        if what < 0.3 and file.states:
            file.now = list(self.random.choice(list(file.states)))
            (self.root / file.path).write_bytes(file.data())
            self.counts["brought back by hand"] += 1
            return
        if tuple(file.now) in file.states and file.now != file.shown():
            return  # brought back, and nobody saw it yet: which line is which would be open
        for before, gone, come in self.draw(number, 1):
            place = 0 if before is None else file.now.index(before) + 1
            file.now = [*file.now[:place], *come, *file.now[place + len(gone) :]]
        (self.root / file.path).write_bytes(file.data())
        self.counts["changed by hand"] += 1

    def undo(self) -> None:
        """Take back any of the last applies, an undo too."""
        if not self.doings:
            return
        doing = self.random.choice(self.doings[-6:])
        plan, skipped = self.inverse(str(self.root), self.journal, self.journal.entry(doing.ident))
        back, is_partial = self.expected(doing)
        if bool(skipped) is not is_partial:
            raise Difference(f"left out {skipped}, by the model {is_partial}")
        if plan.changes:
            self.apply(back, plan)
            for hunk in back.hunks():
                hunk.turned_by.append(back)
        standing = standing_of(self.journal.entries())
        wrong = [each.ident for each in self.doings if each.stands() is not (each.ident in standing)]
        if wrong:
            raise Difference(f"stand or stand no longer {wrong}")
        self.counts["undone, in part" if skipped else "undone" if plan.changes else "was undone"] += 1

    def expected(self, doing: Doing) -> tuple[Doing, bool]:
        """The doing of an undo in the model, and whether something is left out."""
        back, is_partial = Doing(), False
        for number in doing.left:
            file = self.files[number]
            if number in doing.deleted:
                if (hunks := doing.standing(number)) and not file.is_there:
                    for hunk in hunks:
                        file.turn(hunk)
                    file.remember()
                    file.is_there = True
                    back.made[number] = (file.path, file.data())
                    back.left[number] = {hunk: hunk.is_on for hunk in hunks}
            elif doing.standing(number):
                is_partial |= not file.is_there or self.expect(doing, back, number)
        return back, is_partial

    def expect(self, doing: Doing, back: Doing, number: int) -> bool:
        """Turn the hunks of a file; gives whether one is left out."""
        file, is_partial = self.files[number], False
        unseen = file.now, list(file.lines), list(file.hunks), file.state(), dict(file.states)
        file.see()
        hunks = doing.standing(number)
        if number in doing.made:
            if hunks and (file.path, file.data()) != doing.made[number]:
                is_partial = True
            elif hunks:
                back.deleted.add(number)
                file.is_there = False
        else:
            path, to, move = doing.moves.get(number, (None, None, None))
            if move in hunks:
                hunks.remove(move)
                if file.path == to:
                    back.moves[number] = (to, path, move)
                    file.path = path
                else:
                    is_partial |= file.path != path
            overlapped = [hunk for hunk in hunks if file.is_overlapped(hunk)]
            hunks = [hunk for hunk in hunks if hunk not in overlapped] + [move] * (number in back.moves)
            is_partial |= bool(overlapped)
        if not hunks or (number in doing.made and number not in back.deleted):
            file.now, file.lines, file.hunks, state, file.states = unseen
            file.return_to(state)
            return is_partial
        for hunk in hunks:
            file.turn(hunk)
        if number not in back.deleted:
            file.remember()
        back.left[number] = {hunk: hunk.is_on for hunk in hunks}
        return is_partial


def run(root: Path, seed: int, undo: Undo = inverse, steps: int = 24) -> Counter[str]:
    """Compare one sequence; raises Difference."""
    trial = Trial(root, seed, undo)
    for _ in range(steps):
        trial.random.choices([trial.edit, trial.undo, trial.by_hand], [4, 5, 2])[0]()
        trial.settle()
    return trial.counts


def compare(seeds: range) -> tuple[Counter[str], dict[int, str]]:
    """Counts of all that happened in these sequences, and the differences."""
    total: Counter[str] = Counter()
    failed: dict[int, str] = {}
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            try:
                total += run(Path(folder) / "root", seed)
            except Difference as error:
                failed[seed] = str(error)
    return total, failed


if __name__ == "__main__":
    print(*compare(range(*map(int, sys.argv[1:]))), sep="\n")  # noqa: T201
