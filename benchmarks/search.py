"""The cost of a text search once the index is there, beside `rg` over the same tree.

    python benchmarks/search.py [NAME …] [--for WORD] [--rounds N]

`NAME` is one of the corpora, `forest` (all of them side by side), or a folder. Programs take turns; the last column says how
many milliseconds more (or less) than `rg -n -w WORD` a whole process takes.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from clew.workspace import Workspace
from corpora import PACKAGES, copied, sources, tree
from measuring import Cost, by_turns, megabytes, milliseconds, print_table, ratio, run


@contextmanager
def indexed(name: str) -> Iterator[Path]:
    """A copy of a tree, with its index built."""
    with copied(tree(name)) as root:
        run(["js-scan", "--root", str(root), "--build-index", "--no-record", "--json"], cwd=root)
        yield root


def programs(root: Path, word: str) -> dict[str, Callable[[], Cost]]:
    """Return the measured processes by what they do."""

    def scan(*flags: str) -> Callable[[], Cost]:
        return lambda: run(["js-scan", "--root", str(root), *flags, "--no-record", "--json"], cwd=root, expect=(0, 4))

    theirs: dict[str, Callable[[], Cost]] = {"python -c pass": lambda: run([sys.executable, "-c", "pass"], cwd=root)}
    if program := shutil.which("rg"):
        theirs["rg -n -w"] = lambda: run([program, "-n", "-w", word], cwd=root, expect=(0, 1))
    return {**theirs, "--text": scan("--text", word)}


def native_text(root: Path, word: str, rounds: int) -> float:
    """CPU seconds of the native text search alone, in this process: the median over the rounds."""
    generation = Workspace.open(str(root)).generation
    spent = []
    for _ in range(rounds):
        start = time.process_time()
        generation.text(word)
        spent.append(time.process_time() - start)
    return median(spent)


def report(name: str, root: Path, word: str, rounds: int) -> None:
    """Measure one tree and print its table."""
    files = sources(root)
    print(f"\n## {name}: {len(files)} files, {megabytes(sum(path.stat().st_size for path in files))} of source, {word!r}\n")
    costs = by_turns(programs(root, word), rounds)
    grep = costs.get("rg -n -w")
    rows = [
        (
            kind,
            milliseconds(spent),
            ratio([cost.seconds for cost in spent], [cost.seconds for cost in costs["python -c pass"]]),
            "-" if grep is None else f"{(_middle(spent) - _middle(grep)) * 1000:+.0f} ms",
        )
        for kind, spent in costs.items()
    ]
    print_table([("process", "median", "x python -c pass", "beside rg"), *rows])
    alone = native_text(root, word, rounds)
    beside = "" if grep is None else f", {alone / median(cost.cpu for cost in grep):.2f}x that of rg -n -w"
    print(f"\nnative text search alone: {alone * 1000:.1f} ms CPU{beside}")


def _middle(costs: list[Cost]) -> float:
    return median(cost.seconds for cost in costs)


def main() -> None:
    """Measure copies of the trees."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("names", nargs="*", default=["three"], metavar="NAME", help=f"{', '.join(PACKAGES)}, forest, or a folder")
    flags.add_argument("--for", dest="word", default="PerspectiveCamera", metavar="WORD", help="the name that is looked for")
    flags.add_argument("--rounds", type=int, default=10)
    options = flags.parse_args()
    for name in options.names:
        with indexed(name) as root:
            report(name, root, options.word, options.rounds)


if __name__ == "__main__":
    main()
