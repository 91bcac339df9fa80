"""Receipts of real sessions: `python benchmarks/receipts.py TREE [--sessions 1000] [--replayed 50] [--seed 1]`.

Makes sessions of random questions about a copy of the tree, in this process, and audits what `clew stats` says of them. Then makes
others by commands, a process for each question, and runs those with receipts again without reuse: what the receipts claim, beside what
the spared verbs take.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from clew.cli.clew import answer as clew_command
from clew.cli.main import verb_command
from clew.code.addresses import addresses
from clew.workspace import Workspace
from measuring import print_table

ABOUT = ("callers", "references", "ripple", "tests", "context-slice", "impacts", "definition", "callees")
MOST_STEPS = 6


def first_line(draw: random.Random, names: list[str], session: str) -> list[str]:
    """A line that begins a session: it looks for something."""
    return ["--save-session", session, draw.choice(("--search", "--search", "--text")), draw.choice(names)]


def next_line(draw: random.Random, session: str, asked: list[str]) -> list[str]:
    """A line that goes on: with the subject, with a row that it picks, with a question that was asked before, or with several."""
    line = ["--from", session]
    if draw.random() < 0.25:  # noqa: PLR2004 - a quarter
        return [*line, f"--{draw.choice(asked or ['callers'])}"]
    pick = ["--match", "1"] if draw.random() < 0.2 else []  # noqa: PLR2004 - a fifth
    chosen = draw.sample(ABOUT, draw.choice((1, 1, 1, 2)))
    asked += chosen
    return [*line, *(f"--{chosen[0]}", *pick), *(f"--{other}" for other in chosen[1:])]


def names_of(root: str, draw: random.Random, most: int) -> list[str]:
    """Names of definitions of a tree, drawn at random."""
    generation = Workspace.open(root).generation
    found = [one for entry in generation.files() for one in generation.linker.outlined(entry.id)[:40]]
    texts = addresses(generation, draw.sample(found, min(most, len(found))))
    return [text.rpartition("::")[2].partition(":")[0].rpartition("#")[2].rpartition(".")[2] for text in texts]


def in_process(root: Path, draw: random.Random, sessions: int) -> dict[str, Any]:
    """An audit of so many sessions."""
    os.chdir(root)
    names = [name for name in names_of(str(root), draw, 200) if name]
    for number in range(sessions):
        session, asked = f"s{number}", list[str]()
        verb_command("js-scan", [*first_line(draw, names, session), "--json"], {})
        for _ in range(draw.randrange(MOST_STEPS)):
            verb_command("js-scan", [*next_line(draw, session, asked), "--json"], {})
        if draw.random() < 0.2:  # noqa: PLR2004 - a fifth
            clew_command(["feedback", f"{session}#1", draw.choice(("--useful", "--not-useful"))], {})
        if draw.random() < 0.05:  # noqa: PLR2004 - few
            clew_command(["sessions", "copy", session, f"{session} copy"], {})
    out, _, status = clew_command(["stats", "--audit", "--json"], {})
    return {**json.loads(out), "status": status}


def by_commands(root: Path, draw: random.Random, sessions: int) -> dict[str, Any]:
    """A replay of so many sessions that processes made."""
    names = [name for name in names_of(str(root), draw, 200) if name]
    for number in range(2 * sessions):  # in some nothing is spared
        session, asked = f"s{number}", list[str]()
        lines = [first_line(draw, names, session), *(next_line(draw, session, asked) for _ in range(draw.randrange(2, MOST_STEPS)))]
        for line in lines:
            subprocess.run(["js-scan", *line, "--json"], cwd=root, stdout=subprocess.DEVNULL, check=False)
    done = subprocess.run(
        ["clew", "stats", "--replay", str(sessions), "--limit", "0", "--json"], cwd=root, stdout=subprocess.PIPE, check=False
    )
    reply: dict[str, Any] = json.loads(done.stdout)
    return reply


def main() -> int:
    """Print both; the exit status says whether the audit failed."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("tree", type=Path)
    reader.add_argument("--sessions", type=int, default=1000)
    reader.add_argument("--replayed", type=int, default=50)
    reader.add_argument("--seed", type=int, default=1)
    taken = reader.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # else every process compiles all of its modules
    draw = random.Random(taken.seed)  # noqa: S311 - a sample, no secret
    with tempfile.TemporaryDirectory() as folder:
        copies = []
        for name in ("audited", "replayed"):
            copies.append(Path(folder) / name)
            shutil.copytree(taken.tree, copies[-1], ignore=shutil.ignore_patterns(".clew", ".git"), symlinks=True)
            (copies[-1] / ".git").mkdir()
        found = in_process(copies[0], draw, taken.sessions) if taken.sessions else {}
        again = by_commands(copies[1], draw, taken.replayed) if taken.replayed else {}
        os.chdir("/")
    if found:
        print_table(
            [
                ("sessions", "steps", "figures", "receipts", "differ"),
                [found[name] for name in ("sessions", "steps", "figures", "receipts", "total")],
            ]
        )
    if again:
        figures = ("replayed", "receiptsMs", "truthMs", "differenceMs", "difference", "leftOut")
        print_table([figures, [again.get(name, "") for name in figures]])
    return int(found.get("status", 0))


if __name__ == "__main__":
    sys.exit(main())
