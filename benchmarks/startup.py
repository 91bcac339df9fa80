"""What a continued step costs as a whole process, against the interpreter starting and doing nothing.

    python benchmarks/startup.py [FOLDER] [--search NAME] [--rounds N]

Every turn starts a session with a search (not measured) and continues it with a ripple (measured). The default is the sample
project of the package.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path
from statistics import median

import clew
from corpora import copied
from measuring import Cost, by_turns, milliseconds, print_table, ratio, run

SAMPLE = Path(clew.__file__).parent / "sample"


def programs(root: Path, name: str) -> dict[str, Callable[[], Cost]]:
    """Return the measured processes by what they do."""

    def scan(*flags: str) -> Cost:
        return run(["js-scan", *flags, "--json"], cwd=root)

    turns = count(1)

    def continued(*flags: str) -> Cost:
        session = f"turn-{next(turns)}"
        scan("--session-start", "--search", name, "--save-session", session)
        return scan("--session-continue", "--from", session, *flags)

    return {
        "python -c pass": lambda: run([sys.executable, "-c", "pass"], cwd=root),
        "warm search": lambda: scan("--search", name),
        "continued ripple": lambda: continued("--analyze-ripple"),
        "continued callers": lambda: continued("--callers"),
    }


def main() -> None:
    """Measure a copy of the folder, and print ratios."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("folder", nargs="?", type=Path, default=SAMPLE)
    flags.add_argument("--search", default="processData", metavar="NAME", help="what the first step looks for")
    flags.add_argument("--rounds", type=int, default=20)
    options = flags.parse_args()
    with copied(options.folder) as root:
        (root / ".clew").mkdir()
        costs = by_turns(programs(root, options.search), options.rounds)
    nothing = costs["python -c pass"]
    rows = [
        (name, milliseconds(spent), f"{max(cost.seconds for cost in spent) * 1000:.0f} ms", _ratio(spent, nothing))
        for name, spent in costs.items()
    ]
    print_table([("process", "median", "slowest", "x python -c pass"), *rows])
    print(f"\n{options.rounds} turns; python -c pass takes {median(cost.seconds for cost in nothing) * 1000:.0f} ms")


def _ratio(ours: list[Cost], theirs: list[Cost]) -> str:
    return str(ratio([cost.seconds for cost in ours], [cost.seconds for cost in theirs]))


if __name__ == "__main__":
    main()
