"""The cost of a question and a continued step as whole processes, against the interpreter starting and doing nothing.

    python benchmarks/startup.py [FOLDER] [--search NAME] [--rounds N]

Every turn starts a session with a search (not measured) and continues it (measured). *First* answers are worked out, *stored* ones were
given before. The default is the sample project of the package.
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
    turns = count(1)

    def scan(*flags: str) -> Cost:
        return run(["js-scan", *flags, "--json"], cwd=root)

    def continued(*flags: str) -> Callable[[], Cost]:
        def turn() -> Cost:
            session = f"turn-{next(turns)}"
            scan("--session-start", "--search", name, "--save-session", session)
            return scan("--session-continue", "--from", session, *flags)

        return turn

    return {
        "python -c pass": lambda: run([sys.executable, "-c", "pass"], cwd=root),
        "first search": lambda: scan("--search", name, "--no-cache"),
        "first references": lambda: scan("--references", name, "--no-cache"),
        "continued, first ripple": continued("--analyze-ripple", "--no-cache"),
        "continued, stored ripple": continued("--analyze-ripple"),
        "continued, first callers": continued("--callers", "--no-cache"),
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
        (
            name,
            milliseconds(spent),
            f"{max(cost.seconds for cost in spent) * 1000:.0f} ms",
            ratio([cost.seconds for cost in spent], [cost.seconds for cost in nothing]),
            ratio([cost.cpu for cost in spent], [cost.cpu for cost in nothing]),
        )
        for name, spent in costs.items()
    ]
    print_table([("process", "median", "slowest", "elapsed x python -c pass", "CPU x python -c pass"), *rows])
    print(f"\n{options.rounds} turns; python -c pass takes {median(cost.seconds for cost in nothing) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
