"""The cost of an index: built whole, refreshed with nothing changed, refreshed after one file, beside oxlint and ctags.

    python benchmarks/index.py [NAME …] [--rounds N] [--beside js-scan]

`NAME` is one of the corpora, or a folder; the default is the tree with 20 MB of source. Programs take turns; the columns with
an `x` are ratios within a turn. `--beside` is the `js-scan` of another build, which takes turns too.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

from corpora import PACKAGES, copied, oxlint, sources, tree
from measuring import Cost, by_turns, megabytes, milliseconds, print_table, ratio, run

LINT = ("-A", "all", "-D", "import/no-cycle", "--import-plugin", "--silent")
FOUND_SOMETHING = 1
"""The status with which a linter says that it found what it was asked for."""


def scan(root: Path, *flags: str, program: str = "js-scan") -> Cost:
    """One whole `js-scan` process; its answer is not looked at, its status is."""
    return run([program, "--root", str(root), *flags, "--no-record", "--json"], cwd=root)


def full_builds(root: Path, rounds: int, beside: str | None) -> dict[str, list[Cost]]:
    """Build the index from nothing, by turns with what else reads a whole tree."""

    def built(program: str) -> Callable[[], Cost]:
        def build() -> Cost:
            shutil.rmtree(root / ".clew", ignore_errors=True)
            return scan(root, "--build-index", program=program)

        return build

    programs: dict[str, Callable[[], Cost]] = {"clew": built("js-scan")}
    if beside:
        programs["clew beside"] = built(beside)
    if linter := oxlint():
        programs["oxlint"] = lambda: run([str(linter), *LINT], cwd=root, expect=(0, FOUND_SOMETHING))
    if ctags := shutil.which("ctags"):
        programs["ctags"] = lambda: run([ctags, "-R", "--languages=JavaScript,TypeScript", "-f", "-"], cwd=root)
    return by_turns(programs, rounds)


def refreshes(root: Path, rounds: int) -> dict[str, list[Cost]]:
    """A query with nothing changed, by turns with the same query after one file changed."""
    changed = sorted(sources(root), key=lambda path: path.stat().st_size)[len(sources(root)) // 2]
    question = ("--search", "parse")

    def after_a_change() -> Cost:
        with changed.open("a", encoding="utf-8") as file:
            file.write("\n// one line more\n")
        return scan(root, *question)

    before = changed.read_bytes()
    try:
        return by_turns({"unchanged": lambda: scan(root, *question), "one file changed": after_a_change}, rounds)
    finally:
        changed.write_bytes(before)


def report(name: str, root: Path, rounds: int, beside: str | None) -> None:
    """Measure one tree and print its tables."""
    files = sources(root)
    print(f"\n## {name}: {len(files)} files, {megabytes(sum(path.stat().st_size for path in files))} of source\n")
    builds = full_builds(root, rounds, beside)
    print_table([("full index", "median", "peak", "CPU of clew / its"), *_rows(builds, builds["clew"])])
    print()
    asked = refreshes(root, max(rounds, 10))
    rows = [(kind, milliseconds(costs), f"{ratio(_seconds(costs), _seconds(asked['unchanged']))}") for kind, costs in asked.items()]
    print_table([("query", "median", "elapsed x unchanged"), *rows])


def _rows(builds: dict[str, list[Cost]], ours: Sequence[Cost]) -> list[tuple[object, ...]]:
    return [
        (name, milliseconds(costs), megabytes(median(cost.peak for cost in costs)), ratio(_cpu(ours), _cpu(costs)))
        for name, costs in builds.items()
    ]


def _cpu(costs: Sequence[Cost]) -> list[float]:
    return [cost.cpu for cost in costs]


def _seconds(costs: Sequence[Cost]) -> list[float]:
    return [cost.seconds for cost in costs]


def main() -> None:
    """Measure copies of the trees."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("names", nargs="*", default=["three"], metavar="NAME", help=f"{', '.join(PACKAGES)}, forest, or a folder")
    flags.add_argument("--rounds", type=int, default=5, help="turns that count; one more goes before them")
    flags.add_argument("--beside", metavar="PROGRAM", help="the js-scan of another build")
    options = flags.parse_args()
    for name in options.names:
        with copied(tree(name)) as root:
            report(name, root, options.rounds, options.beside)


if __name__ == "__main__":
    main()
