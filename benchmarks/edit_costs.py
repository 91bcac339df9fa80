"""The cost of edits: a rename of 1,000 sites, the writing of 300 files, a folder that moves.

    python benchmarks/edit_costs.py [--rounds 5]

Trees are generated. Whole processes, user and system time, the least of the rounds; only the writing is elapsed time too, because
most of it is waiting for the disk, and takes turns with a program that writes and syncs the same bytes one after the other.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from clew._native import digest
from clew.edits.apply import apply
from clew.edits.journal import Journal
from clew.edits.plans import FileChange, Plan, TextEdit
from measuring import Cost, print_table, run

SITES = 1000
FILES = 100
WRITTEN = 300
MOVED = 34
LEADING = 660
AROUND = 3000


def edit(root: Path, *flags: str) -> Cost:
    """One whole `js-edit` process that takes nothing from stored answers; what it plans is a step."""
    return run(["js-edit", "--root", str(root), *flags, "--no-cache", "--json"], cwd=root)


def scan(root: Path, *flags: str) -> Cost:
    """One whole `js-scan` process that records nothing."""
    return run(["js-scan", "--root", str(root), *flags, "--no-record", "--no-cache", "--json"], cwd=root)


def rename_tree(root: Path) -> None:
    """A function, and files that call it so often that its name stands in 1,000 places: declared once, imported by each, called."""
    calls = (SITES - 1 - FILES) // FILES
    more = SITES - 1 - FILES - calls * FILES
    write(root / "total.js", "export function total(one, other) {\n  return one + other;\n}\n")
    for number in range(FILES):
        body = [f"  const at{call} = total({call}, limit);\n  limit += at{call} * 2;\n" for call in range(calls + (number < more))]
        text = f'import {{ total }} from "./total.js";\n\nexport function part{number}(limit) {{\n{"".join(body)}  return limit;\n}}\n'
        write(root / f"part{number:03}.js", text)


def folder_tree(root: Path) -> None:
    """A folder of 34 files to which 660 imports lead, among 3,000 files that import each other."""
    for number in range(MOVED):
        write(root / "lib" / "moved" / f"piece{number}.js", f"export function piece{number}(value) {{\n  return value + {number};\n}}\n")
    for number in range(AROUND - MOVED):
        folder = root / "src" / f"group{number % 60}"
        lines = [f'import {{ part{number - 60} }} from "./part{number - 60}.js";\n'] if number >= 60 else []  # noqa: PLR2004 - one to a folder
        if number < LEADING:
            piece = number % MOVED
            lines.append(f'import {{ piece{piece} }} from "../../lib/moved/piece{piece}.js";\n')
        calls = "".join(f"  found += {line.split()[2]}(found);\n" for line in lines)
        write(folder / f"part{number}.js", "".join(lines) + f"\nexport function part{number}(found) {{\n{calls}  return found;\n}}\n")


def write(path: Path, text: str) -> None:
    """A file, in a folder that is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def least(action: Callable[[], Cost], rounds: int) -> float:
    """The least CPU time of some runs, in seconds."""
    return min(action().cpu for _ in range(rounds))


def of_a_rename(root: Path, rounds: int) -> tuple[object, ...]:
    """Plan and diff with no index, less the index alone."""
    rename_tree(root)

    def anew(action: Callable[[], Cost]) -> Callable[[], Cost]:
        def run_anew() -> Cost:
            shutil.rmtree(root / ".clew", ignore_errors=True)
            return action()

        return run_anew

    renaming = ("--rename", "total", "--to", "sumOfAll")
    index = least(anew(lambda: scan(root, "--build-index")), rounds)
    both = least(anew(lambda: edit(root, *renaming, "--diff")), rounds)
    warm = least(lambda: edit(root, *renaming, "--diff"), rounds)
    said = f"index {index * 1000:.0f} ms, index, plan and diff {both * 1000:.0f} ms; plan and diff on an index {warm * 1000:.0f} ms"
    return f"plan and diff of a rename with {SITES} sites, less the index", f"{(both - index) * 1000:.0f} ms CPU", "40 ms CPU", said


def of_writing(root: Path, rounds: int) -> tuple[object, ...]:
    """An apply by turns with a loop that writes the same bytes, and syncs each file."""
    ratios, ours, theirs, cpu = [], [], [], []
    for turn in range(rounds + 1):
        there = root / f"turn{turn}"
        contents = {f"part{number:03}.js": f"export const total = {number};\n".encode() * 130 for number in range(WRITTEN)}
        for name, content in contents.items():
            write(there / "a" / name, content.decode())
            write(there / "b" / name, content.decode())
        (there / "state").mkdir()
        os.sync()
        plan = Plan(
            changes=tuple(
                FileChange(
                    path=name,
                    before=digest(content),
                    after=digest(content.replace(b"total", b"sumOfAll", 1)),
                    edits=(TextEdit(13, 18, b"sumOfAll"),),
                )
                for name, content in contents.items()
            )
        )
        started, used = time.perf_counter(), time.process_time()
        apply(str((there / "a").resolve()), Journal(str(there / "state")), plan)
        ours.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
        started = time.perf_counter()
        for name, content in contents.items():
            synced(there / "b" / name, content.replace(b"total", b"sumOfAll", 1))
        theirs.append(time.perf_counter() - started)
        if turn:
            ratios.append(ours[-1] / theirs[-1])
    said = f"{median(ours[1:]) * 1000:.0f} ms (CPU {min(cpu) * 1000:.0f} ms) and {median(theirs[1:]) * 1000:.0f} ms"
    return f"apply to {WRITTEN} files, beside writing and syncing them", f"{median(ratios):.2f}x elapsed", "2x", said


def synced(path: Path, content: bytes) -> None:
    """Write a file in place, and wait for the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC)
    try:
        os.write(descriptor, content)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def of_a_folder(root: Path, rounds: int) -> tuple[object, ...]:
    """The plan of a move, on an index that is there."""
    folder_tree(root)
    scan(root, "--build-index")
    plan = least(lambda: edit(root, "--rename-file", "lib/moved", "lib/kept/here"), rounds)
    ready = least(lambda: scan(root, "--build-index"), rounds)
    said = f"a question that does nothing {ready:.2f} s"
    return f"plan for a folder of {MOVED} files with {LEADING} references in {AROUND} files", f"{plan:.2f} s CPU", "1 s CPU", said


def main() -> None:
    """Measure each, and print a table."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("--rounds", type=int, default=5)
    options = flags.parse_args()
    rows: list[tuple[object, ...]] = [("what", "cost", "bound", "")]
    for measured in (of_a_rename, of_writing, of_a_folder):
        with tempfile.TemporaryDirectory(dir=os.environ.get("XDG_CACHE_HOME")) as room:
            rows.append(measured(Path(room), options.rounds))
    print_table(rows)


if __name__ == "__main__":
    main()
