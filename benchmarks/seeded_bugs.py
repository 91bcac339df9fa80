"""Bugs seeded into real packages, each among ten innocent edits: where `clew why` ranks the guilty one.

    python benchmarks/seeded_bugs.py express=DIR … --tests express='npx mocha …' … [--sources express='lib/**/*.js' …]
        [--files express='npx mocha …'] [--bugs 10] [--seed 1] [--innocents 10] [--costs] [--out FILE]

A package is a git checkout without changes whose tests pass offline. A bug is one edit of a function as mutation testing makes them
(`seeding.py`); the innocent edits are of ten other functions, and with them alone the tests pass: that is run, too, of the files
that failed where `--files` says how files are run. A bug that no test notices is drawn again.
The tests run under `clew record`; then `clew why` is asked once, in a process of its own. Printed are the ranks, the largest reply
in bytes, and with `--costs` its CPU over that of an uncached ripple of what changed (`js-scan --ripple --changed`).

The trees are edited and put back: give copies.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from shlex import join, split
from statistics import median
from typing import Any, NamedTuple

from clew._native import declared_in, is_test
from measuring import print_table, run
from seeding import Edit, Function, applied, bugs, innocent

FIRST, TOP = 1, 3
KINDS = {"function", "method", "constructor", "getter", "setter"}
MOST_DRAWS = 30
SHORTEST_LINES = 3
ROUNDS = 3
LONGEST_RUN = 240
"""Seconds of one run of the tests: a bug that lets every test wait is drawn again."""


class Place(NamedTuple):
    """A function of a package."""

    file: Path
    name: str
    start: int
    end: int


class Trial(NamedTuple):
    """A bug, and where it was ranked."""

    package: str
    what: str
    place: str
    rank: int | None
    of: int
    size: int
    reply: dict[str, Any]
    ratio: float | None


class Package:
    """A checkout, its tests and its functions."""

    def __init__(self, name: str, root: Path, tests: str, sources: list[str], files: str | None) -> None:
        self.name, self.root, self.tests, self.files = name, root, split(tests), None if files is None else split(files)
        if subprocess.run(["git", "status", "--porcelain"], cwd=root, capture_output=True, check=True).stdout.strip():
            raise SystemExit(f"{root} has changes; give a clean copy")
        self.texts = {path: path.read_text(encoding="latin-1") for glob in sources for path in sorted(root.glob(glob)) if _is_source(path)}
        self.functions = [place for path, text in self.texts.items() for place in _functions(path, text)]

    def write(self, edits: dict[Place, list[Edit]]) -> None:
        """Write the files with edits of functions, the others as they were."""
        for path, text in self.texts.items():
            shifted = [
                Edit(edit.what, edit.start + place.start, edit.end + place.start, edit.text)
                for place, own in edits.items()
                if place.file == path
                for edit in own
            ]
            now = applied(text, shifted)
            if path.read_text(encoding="latin-1") != now:
                path.write_text(now, encoding="latin-1")

    def passes(self, failed: list[str]) -> bool:
        """True where the tests pass as the sources are, of all files or of those that failed."""
        command = self.tests if self.files is None or not failed else [*self.files, *failed]
        return subprocess.run(command, cwd=self.root, capture_output=True, check=False).returncode == 0

    def recorded(self, session: str) -> dict[str, Any]:
        """The reply to the tests as a recorded command."""
        return _asked(self.root, ["clew", "record", "--session", session, "--timeout", str(LONGEST_RUN), "--json", "--", *self.tests])


def _asked(root: Path, command: list[str]) -> dict[str, Any]:
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    try:
        reply: dict[str, Any] = json.loads(ran.stdout)
    except ValueError:
        raise SystemExit(f"{join(command)}: {ran.stdout}{ran.stderr}") from None
    return reply


def _is_source(path: Path) -> bool:
    return (
        path.suffix in {".js", ".mjs", ".cjs", ".ts", ".tsx"}
        and not {"test", "tests", "__tests__", "node_modules"} & {*path.parts}
        and ".test." not in path.name
    )


def _functions(path: Path, text: str) -> list[Place]:
    """Functions with a block as their body that hold no other one of them, of some lines."""
    declared = declared_in(str(path), text.encode("latin-1"), [])
    spans = {(start, end): name for _, name, kind, start, end, _ in (declared[0] if declared else ()) if kind in KINDS}
    places = [Place(path, name, start, end) for (start, end), name in spans.items()]
    return [
        place
        for place in places
        if text.count("\n", place.start, place.end) >= SHORTEST_LINES
        and Function(text[place.start : place.end]).body is not None
        and not any(other is not place and place.start <= other.start and other.end <= place.end for other in places)
    ]


def trial(package: Package, choose: random.Random, number: int, innocents: int, dropped: Counter[str], *, costs: bool) -> Trial | None:
    """Seed bugs until tests notice one, and ask why."""
    for _ in range(MOST_DRAWS):
        guilty = choose.choice(package.functions)
        found = bugs(Function(package.texts[guilty.file][guilty.start : guilty.end]))
        if not found:
            continue
        what = choose.choice(sorted({edit.what for edit in found}))
        bug = choose.choice([edit for edit in found if edit.what == what])
        edits: dict[Place, list[Edit]] = {}
        others = [place for place in package.functions if place is not guilty]
        choose.shuffle(others)
        for place in others:
            if len(edits) == innocents:
                break
            made = innocent(Function(package.texts[place.file][place.start : place.end]), choose)
            if made is not None:
                edits[place] = made[1]
        session = f"bug{number}-{int(time.time())}"
        try:
            package.write({**edits, guilty: [bug]})
            recorded = package.recorded(session)
            if recorded.get("timedOut"):
                dropped["no end"] += 1
                continue
            if recorded["status"] == 0:
                dropped["no test noticed"] += 1
                continue
            if not recorded.get("tests", {}).get("failed") or recorded.get("tests", {}).get("passed", 0) == 0:
                dropped["nothing could run"] += 1
                continue
            reply, size = _why(package.root, session)
            ratio = _cost(package, session) if costs else None
            rank = _rank(package, guilty, reply)
            package.write(edits)
            if not package.passes(_failed_files(package, session)):
                dropped["innocent edits failed"] += 1
                continue
            return Trial(
                package.name, bug.what, f"{guilty.file.relative_to(package.root)}::{guilty.name}", rank, reply["total"], size, reply, ratio
            )
        finally:
            package.write({})
    return None


def _failed_files(package: Package, session: str) -> list[str]:
    """The test files in which a recorded run failed; none where not every failure tells its file."""
    rows = _asked(package.root, ["clew", "show", f"{session}#1", "--limit", "0", "--budget", "0", "--json"])["results"]
    findings = [row["n"] for row in rows if "of" not in row]
    files = {
        number: {row["file"] for row in rows if number in {row["n"], row.get("of")} and is_test(row.get("file", ""))} for number in findings
    }
    return sorted(set().union(*files.values())) if all(files.values()) else []


def _why(root: Path, session: str) -> tuple[dict[str, Any], int]:
    command = ["clew", "why", f"{session}#1", "--json"]
    ran = subprocess.run(command, cwd=root, capture_output=True, check=False)
    reply = json.loads(ran.stdout)
    if "error" in reply:
        raise SystemExit(f"{join(command)}: {reply['error']}")
    return reply, len(ran.stdout)


def _rank(package: Package, guilty: Place, reply: dict[str, Any]) -> int | None:
    """The place of the guilty function among all suspects, from the stored step."""
    whole = _asked(package.root, ["clew", "show", reply["step"], "--limit", "0", "--budget", "0", "--json"])
    text = guilty.file.read_text(encoding="latin-1")
    path = str(guilty.file.relative_to(package.root))
    declared = declared_in(path, text.encode("latin-1"), []) or ([], [])
    spans = [(start, end) for _, name, kind, start, end, _ in declared[0] if name == guilty.name and kind in KINDS]
    lines = [(text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1) for start, end in spans]
    for row in whole["results"]:
        if row["file"] == path and any(first <= row.get("line", 0) <= last for first, last in lines):
            return int(row["n"])
    return None


def _cost(package: Package, session: str) -> float:
    """CPU of `clew why` over that of an uncached ripple of what changed, the least of some rounds each."""
    ripple = ["js-scan", "--ripple", "--changed", "--no-cache", "--no-record", "--json"]
    why = ["js-scan", "--why", f"{session}#1", "--no-record", "--json"]
    ours = min(run(why, cwd=package.root).cpu for _ in range(ROUNDS))
    theirs = min(run(ripple, cwd=package.root).cpu for _ in range(ROUNDS))
    return ours / theirs


def report(trials: list[Trial], dropped: Counter[str]) -> bool:
    """Print the figures; true where the bars are kept."""
    rows: list[list[object]] = [["package", "bugs", "first", "top three", "not ranked", "largest reply", "why / ripple, median", "worst"]]
    packages = dict.fromkeys(one.package for one in trials)
    for name in [*packages, None]:
        own = [one for one in trials if name is None or one.package == name]
        ratios = [one.ratio for one in own if one.ratio is not None]
        rows.append(
            [
                name or "all",
                len(own),
                sum(one.rank == FIRST for one in own),
                sum(one.rank is not None and one.rank <= TOP for one in own),
                sum(one.rank is None for one in own),
                f"{max((one.size for one in own), default=0)} B",
                f"{median(ratios):.2f}x" if ratios else "-",
                f"{max(ratios):.2f}x" if ratios else "-",
            ]
        )
    print_table(rows)
    print("drawn again:", ", ".join(f"{what} {count}" for what, count in dropped.items()) or "none")
    for one in trials:
        if one.rank != FIRST:
            print(f"  {one.package}: {one.what} in {one.place}: rank {one.rank} of {one.of}")
    total = len(trials)
    return sum(one.rank == FIRST for one in trials) >= 0.8 * total and sum((one.rank or TOP + 1) <= TOP for one in trials) >= 0.9 * total


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("packages", nargs="+", metavar="NAME=DIR")
    parser.add_argument("--tests", action="append", default=[], metavar="NAME=CMD")
    parser.add_argument("--sources", action="append", default=[], metavar="NAME=GLOB")
    parser.add_argument("--files", action="append", default=[], metavar="NAME=CMD")
    parser.add_argument("--bugs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--innocents", type=int, default=10)
    parser.add_argument("--costs", action="store_true")
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    tests, files = (dict(one.split("=", 1) for one in said) for said in (given.tests, given.files))
    sources: dict[str, list[str]] = {}
    for one in given.sources:
        name, _, glob = one.partition("=")
        sources.setdefault(name, []).append(glob)
    trials: list[Trial] = []
    dropped: Counter[str] = Counter()
    for one in given.packages:
        name, _, folder = one.partition("=")
        package = Package(name, Path(folder).resolve(), tests[name], sources.get(name, ["lib/**/*.js"]), files.get(name))
        choose = random.Random(f"{given.seed} {name}")  # noqa: S311 - draws that come again
        for number in range(given.bugs):
            done = trial(package, choose, number, given.innocents, dropped, costs=given.costs)
            if done is not None:
                trials.append(done)
                print(f"{name} {number + 1}: {done.what} in {done.place}: rank {done.rank} of {done.of}", file=sys.stderr, flush=True)
                if given.out is not None:
                    with given.out.open("a", encoding="utf-8") as stream:
                        stream.write(json.dumps(done._asdict()) + "\n")
    return 0 if report(trials, dropped) else 1


if __name__ == "__main__":
    raise SystemExit(main())
