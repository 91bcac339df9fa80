"""Several operations in one call: `python benchmarks/together.py TREE DEFINITION DOCUMENT [--rounds 5]`.

CPU time of whole processes over a warm index, the least of some rounds by turns: one call with all operations, beside the slowest of them
alone. DEFINITION is an address of the tree, DOCUMENT a Markdown file of it.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measuring import by_turns, print_table, run

MOST = 1.4


def calls(definition: str, document: str) -> dict[str, tuple[str, list[list[str]]]]:
    """Name -> the command, and the operations of one call; each can be asked alone."""
    about = [definition]
    return {
        "callers, references, tests": ("js-scan", [["--callers", *about], ["--references", *about], ["--tests", *about]]),
        "search, ripple, context-slice": ("js-scan", [["--search", _name(definition)], ["--ripple", *about], ["--context-slice", *about]]),
        "cycles, dead-code, hot-paths": ("js-scan", [["--cycles"], ["--dead-code"], ["--hot-paths"]]),
        "text, outline, longest-files": (
            "js-scan",
            [["--text", _name(definition)], ["--outline", definition.partition("::")[0]], ["--longest-files"]],
        ),
        "outline, links, check-links": ("md-scan", [["--outline", document], ["--links", document], ["--check-links"]]),
        "rename, diff": ("js-edit", [["--rename", *about, "--to", "renamedByTogether"], ["--diff"]]),
    }


def _name(definition: str) -> str:
    return definition.rpartition("::")[2].rpartition("#")[2]


def main() -> int:
    """Print a row for each call; the exit status says whether one is over the bound."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("tree", type=Path)
    reader.add_argument("definition")
    reader.add_argument("document")
    reader.add_argument("--rounds", type=int, default=5)
    taken = reader.parse_args()
    rows: list[Sequence[object]] = [("one call", "ms CPU", "slowest alone", "ms CPU", "ratio", "a call for each")]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        shutil.copytree(taken.tree, root, ignore=shutil.ignore_patterns(".clew", ".git"), symlinks=True)
        (root / ".git").mkdir()
        run(["js-scan", "--build-index", "--json"], cwd=root)
        for name, (command, operations) in calls(taken.definition, taken.document).items():
            alone = {part[0]: [command, *part, "--no-cache", "--json"] for part in operations if part != ["--diff"]}
            together = [command, *(word for part in operations for word in part), "--no-cache", "--json"]
            lines = {"together": together, **alone}
            costs = by_turns({key: lambda line=line: run(line, cwd=root) for key, line in lines.items()}, taken.rounds)  # type: ignore[misc]
            least = {key: min(cost.cpu for cost in found) * 1000 for key, found in costs.items()}
            slowest = max(alone, key=lambda key: least[key])
            times = least["together"] / least[slowest]
            failed |= times > MOST
            each = f"{sum(least[key] for key in alone) / least['together']:.2f}x" if len(alone) == len(operations) else ""
            rows.append((name, f"{least['together']:.0f}", slowest, f"{least[slowest]:.0f}", f"{times:.2f}x", each))
    print_table(rows)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
