"""What is left of the sources when a rewriter cannot finish: clew and the usual programs, ended and refused in the same ways.

    python benchmarks/edit_crashes.py [PROGRAM …] [--files 400] [--kills 20] [--seed 1]

Programs are installed by npm and pip beside the corpora; the first run takes minutes. Every trial has a tree of its own, in which each
file is one page less a byte, and every program makes each file longer. A file is *old* or *new* where it has the bytes of before, or
of an undisturbed run; *empty* or *torn* otherwise. For Linux: `prlimit`; the right to mount for the full disk; `setpriv` for root.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from measuring import print_table
from rewriters import FILES, PAGE, Missing, Rewriter, others, ours, plant

BIG = 16 * PAGE
WITHIN = BIG // 2
AT_ONCE = 40
"""Files of the trials with a full disk and a file that is read-only."""
LONGEST = 300
"""Seconds that a program may take."""
_SURROUNDINGS = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {"NO_COLOR": "1", "CI": "1"}


class Left(NamedTuple):
    """What the files of a tree are."""

    states: Mapping[str, str]
    """Of each file: old, new, empty, torn, or gone."""
    strays: tuple[str, ...]
    """Other files that a program left among them."""

    def __str__(self) -> str:
        counts = Counter(self.states.values())
        if len(self.states) == 1:
            said = next(iter(counts))
        elif len(counts) == 1:
            said = f"all {next(iter(counts))}"
        else:
            said = ", ".join(f"{counts[state]} {state}" for state in ("new", "old", "empty", "torn", "gone") if counts[state])
        return said + (f" and {len(self.strays)} left behind" if self.strays else "")

    @property
    def is_whole(self) -> bool:
        """True where all are old, or all are new."""
        return len(set(self.states.values())) == 1 and not self.broken

    @property
    def broken(self) -> int:
        """How many are neither old nor new."""
        return sum(state in {"empty", "torn", "gone"} for state in self.states.values())

    @property
    def changed(self) -> int:
        """How many are not old."""
        return sum(state != "old" for state in self.states.values())


class Tree(NamedTuple):
    """A tree on which a program is tried, and what its files are meant to be."""

    root: Path
    old: Mapping[str, bytes]
    new: Mapping[str, bytes]

    def left(self) -> Left:
        """What the files are now."""
        found = {path.name: path.read_bytes() for path in (self.root / FILES).iterdir()}
        states = {name: self._state(name, found.get(name)) for name in self.old}
        return Left(states, tuple(sorted(found.keys() - self.old.keys())))

    def _state(self, name: str, content: bytes | None) -> str:
        if content is None:
            return "gone"
        if not content:
            return "empty"
        return "old" if content == self.old[name] else "new" if content == self.new[name] else "torn"


class Useless(Exception):
    """A program that does not change every file of its tree when nothing disturbs it: what it would leave says nothing."""


class Trial:
    """The trials of one program. Trees are copied from one in which it was set up, and one in which it was done."""

    def __init__(self, program: Rewriter, room: Path) -> None:
        self.program = program
        self.room = room
        self.made: dict[tuple[int, int], tuple[Path, dict[str, bytes], dict[str, bytes]]] = {}

    def tree(self, count: int, size: int = PAGE - 1, at: Path | None = None) -> Tree:
        """A fresh tree of so many files. Raises Useless."""
        if (count, size) not in self.made:
            self.made[count, size] = self._made(count, size)
        ready, old, new = self.made[count, size]
        root = at or self.room / "tree"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(ready, root, symlinks=True)
        if self.program.first:
            ended(self.program.first, root)
        return Tree(root, old, new)

    def _made(self, count: int, size: int) -> tuple[Path, dict[str, bytes], dict[str, bytes]]:
        ready = self.room / f"ready-{count}-{size}"
        old = plant(ready, self.program, count, size)
        done = self.room / "done"
        shutil.rmtree(done, ignore_errors=True)
        shutil.copytree(ready, done)
        if self.program.first:
            ended(self.program.first, done)
        status, said = ended(self.program.command, done)
        new = {name: (done / FILES / name).read_bytes() for name in old}
        kept = [name for name in old if len(new[name]) <= len(old[name])]
        if kept:
            raise Useless(f"{self.program.name}, exit {status}: {len(kept)} of {count} files are no longer than before: {said[-300:]}")
        return ready, old, new

    def limited(self, limit: int, size: int) -> str:
        """One file, and no file may grow beyond a limit."""
        tree = self.tree(1, size)
        status, _ = ended(("prlimit", f"--fsize={limit}", *self.program.command), tree.root)
        return f"{tree.left()}, {told(status)}"

    def read_only(self) -> str:
        """One file of many is read-only."""
        drop = without_root()
        if drop is None:
            return "skipped"
        tree = self.tree(AT_ONCE)
        (tree.root / FILES / sorted(tree.old)[AT_ONCE // 2]).chmod(0o444)
        status, _ = ended((*drop, *self.program.command), tree.root)
        return f"{tree.left()}, {told(status)}"

    def full(self) -> str:
        """The disk has room for a quarter of what the files grow by."""
        with mounted(self.room / "disk") as disk:
            if disk is None:
                return "skipped"
            tree = self.tree(AT_ONCE, at=disk / "tree")
            if self.program.then and not self.program.first:  # its index is there, as it is in a tree in use
                ended(self.program.then, tree.root)
            filled = disk / "filler"
            with filled.open("wb") as filler:
                free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
                filler.write(bytes(max(0, free - AT_ONCE // 4 * PAGE)))
            status, _ = ended(self.program.command, tree.root)
            left = tree.left()
            filled.unlink()
            ended(self.program.command, tree.root)
            return f"{left}, {told(status)}; then {tree.left()}"

    def killed(self, files: int, kills: int, chance: random.Random) -> Kills:
        """`kill -9` when so many of the files that come and go in the folder were seen, drawn at random for each run."""
        tree = self.tree(files)
        most = until(self.program.command, tree, None)
        kills_done: list[Killed] = []
        for _ in range(kills):
            tree = self.tree(files)
            known = names(tree.root)
            until(self.program.command, tree, chance.randint(1, most))
            left = tree.left()
            fresh = sorted(names(tree.root) - known)
            ended(self.program.then or self.program.command, tree.root)
            kills_done.append(Killed(left, tree.left(), tuple(name for name in fresh if "lock" not in name)))
        return Kills(kills_done)


class Killed(NamedTuple):
    """A run that was killed: what it left, what stood after the next command, and which files it had made elsewhere."""

    left: Left
    then: Left
    made: tuple[str, ...]


class Kills(NamedTuple):
    """The runs of a program that were killed."""

    runs: Sequence[Killed]

    def cells(self) -> tuple[str, ...]:
        """What the table says of them."""
        changed = [run.left.changed for run in self.runs]
        mixed = sum(not run.left.is_whole for run in self.runs)
        broken = [run.left.broken for run in self.runs]
        return (
            f"{min(changed)}-{max(changed)} ({median(changed):.0f})",
            f"{mixed} of {len(self.runs)}",
            f"{sum(map(bool, broken))} runs, {sum(broken)} files" if any(broken) else "none",
            self._then(),
            "the journal" if any(name.startswith(".clew/journal/") for run in self.runs for name in run.made) else self._made(),
        )

    def _then(self) -> str:
        ends = Counter("broken" if run.then.broken else str(run.then) if run.then.is_whole else "mixed" for run in self.runs)
        return ", ".join(f"{count} {end}" for end, count in ends.most_common())

    def _made(self) -> str:
        made = {name for run in self.runs for name in run.made}
        return ", ".join(sorted(made)[:2]) if made else "none"


def names(root: Path) -> set[str]:
    """Paths of all files below a root but those that are rewritten."""
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file() and path.parts[-2] != FILES}


def ended(command: Sequence[str], root: Path) -> tuple[int, str]:
    """Run a program to its end; gives its status and what it said."""
    process = subprocess.Popen(
        command,
        cwd=root,
        env=_SURROUNDINGS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=LONGEST)
    finally:
        end(process)
    return process.returncode, output.decode(errors="replace").strip()


def until(command: Sequence[str], tree: Tree, count: int | None) -> int:
    """Run a program, and kill it with all that it started once so many changes in the folder were seen; gives how many were."""
    folder = tree.root / FILES
    seen = set(states(folder))
    known = len(seen)
    process = subprocess.Popen(
        command,
        cwd=tree.root,
        env=_SURROUNDINGS,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        while process.poll() is None and (count is None or len(seen) - known < count):
            time.sleep(0.0005)
            seen.update(states(folder))
    finally:
        end(process)
        process.wait()
    return max(1, len(seen | set(states(folder))) - known)


def states(folder: Path) -> Iterator[tuple[str, int, int, int]]:
    """Every file of a folder with what changes when it is written."""
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            yield entry.name, status.st_ino, status.st_size, status.st_mtime_ns


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and all of its group, in whatever state they are."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def told(status: int) -> str:
    """Whether a program said that something was wrong."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit {status}"


def without_root() -> tuple[str, ...] | None:
    """What a command begins with to heed modes of files; None where root cannot be made to."""
    if os.geteuid() != 0:
        return ()
    program = shutil.which("setpriv")
    rights = "-dac_override,-dac_read_search"
    return (program, "--inh-caps", rights, "--bounding-set", rights) if program else None


@contextmanager
def mounted(at: Path) -> Iterator[Path | None]:
    """A small disk; None where nothing may be mounted."""
    at.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", str(at)]
    if shutil.which("mount") is None or subprocess.run(command, check=False, capture_output=True).returncode:
        yield None
        return
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)


def main() -> None:
    """Try every program, and print the two tables."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("programs", nargs="*", metavar="PROGRAM")
    flags.add_argument("--files", type=int, default=400, help="files of the rewrite that is killed")
    flags.add_argument("--kills", type=int, default=20, help="kills of each program; 0 leaves this trial out")
    flags.add_argument("--seed", type=int, default=1)
    options = flags.parse_args()
    refused: list[tuple[object, ...]] = [("", "`ulimit -f 0`", "a limit of half the file", "a full disk", "one file read-only")]
    killed: list[tuple[object, ...]] = [
        ("", "files changed (median)", "left mixed", "left broken", "after the next command", "record of which")
    ]
    for program in (*ours(), *others()):
        if options.programs and program.name not in options.programs:
            continue
        name = f"{program.name} {program.version}".strip()
        if isinstance(program, Missing):
            refused.append((name, *["missing"] * (len(refused[0]) - 1)))
            continue
        with tempfile.TemporaryDirectory() as room:
            trial = Trial(program, Path(room))
            try:
                refused.append((name, trial.limited(0, PAGE - 1), trial.limited(WITHIN, BIG - 1), trial.full(), trial.read_only()))
                if options.kills:
                    chance = random.Random(options.seed)  # noqa: S311 - a draw, no secret
                    killed.append((name, *trial.killed(options.files, options.kills, chance).cells()))
            except Useless as failure:
                refused.append((name, str(failure)[:200], *["-"] * (len(refused[0]) - 2)))
    print_table(refused)
    if options.kills:
        print()
        print_table(killed)


if __name__ == "__main__":
    main()
