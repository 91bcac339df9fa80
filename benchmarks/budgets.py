"""Budgets and pages: `python benchmarks/budgets.py TREE [--calls 400] [--seed 1]`.

Draws calls of all verbs at random, in each form (JSON, indented, text) and with budgets from the smallest to 60,000 bytes: how many
replies are larger than their budget. Then the pages of every verb to the end: rows together equal to the total, each once, and every
page with something new; the same for the other lists of an answer. Prints the calls that fail; the exit status says whether there are any.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from pathlib import Path
from typing import Any

from clew.cli.main import verb_command
from clew.code.addresses import addresses
from clew.workspace import Workspace

SURVEYS = ("cycles", "dead-code", "hot-paths", "longest-files", "outline", "list-types", "export-usage", "build-index")
ABOUT = (
    *("definition", "references", "callers", "callees", "call-graph", "overrides", "importers", "imports", "ripple", "impacts"),
    *("impact-preview", "tests", "depends-on", "context-slice", "export-usage", "outline", "list-types"),
)
LOOKING = ("search", "text", "find-pattern", "ast-pattern")
FORMS = (("--json",), ("--pretty",), ())


def drawn(draw: random.Random, targets: list[str], words: list[str]) -> list[str]:
    """A line of one or two operations."""
    line: list[str] = []
    for _ in range(draw.choice((1, 1, 1, 2))):
        kind = draw.random()
        if kind < 0.2:  # noqa: PLR2004 - a fifth
            line += [f"--{draw.choice(SURVEYS)}"]
        elif kind < 0.4:  # noqa: PLR2004 - another
            verb = draw.choice(LOOKING)
            word = draw.choice(words)
            line += [f"--{verb}", {"ast-pattern": "$A.$B($$$)", "find-pattern": f"*{word[:2]}*"}.get(verb, word)]
        else:
            line += [f"--{draw.choice(ABOUT)}", *draw.sample(targets, draw.choice((1, 1, 1, 2, 8)))]
    return line


def whole(line: list[str]) -> list[str]:
    """Problems of the pages of a line, put together."""
    reply = answered([*line, "--json"])
    if "error" in reply or "step" not in reply or "results" not in reply:
        return []
    wrong: list[str] = []
    seen: list[int] = []
    others: dict[str, int] = {}
    totals: dict[str, int] = {}
    pages = 0
    while True:
        pages += 1
        rows = [row["n"] for row in reply["results"]]
        seen += rows
        lists = {name: value for name, value in reply.items() if isinstance(value, list) and name not in NO_PAGES}
        for name, value in lists.items():
            others[name] = others.get(name, 0) + len(value)
            totals[name] = reply.get(f"{name}Total", totals.get(name, len(value)))
        if "next" not in reply:
            break
        if not rows and not lists:
            return [*wrong, f"page {pages} shows nothing: {reply['next']}"]
        total = reply["total"]
        reply = answered(["--after", reply["next"], "--json"])
        if "error" in reply:
            return [*wrong, f"page {pages + 1}: {reply['error']['message']}"]
        if reply["total"] != total:
            wrong.append(f"total {total} became {reply['total']}")
    if seen != list(range(1, reply["total"] + 1)):
        wrong.append(f"{len(seen)} rows of {reply['total']}")
    wrong += [f"{others[name]} of {total} {name}" for name, total in totals.items() if others[name] != total]
    return wrong


NO_PAGES = {"results", "why", "warnings", "earlier", "since", "subject", "cut"}


def main() -> int:
    """Run both over a tree."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("tree", type=Path)
    reader.add_argument("--calls", type=int, default=400)
    reader.add_argument("--seed", type=int, default=1)
    taken = reader.parse_args()
    os.chdir(taken.tree)
    draw = random.Random(taken.seed)  # noqa: S311 - a sample, no secret
    targets = targets_of(draw, 60)
    words = [target.rpartition("::")[2].rpartition("#")[2].rpartition(".")[2].partition(":")[0] for target in targets]
    failed = 0
    for _ in range(taken.calls):
        line = drawn(draw, targets, words)
        form = draw.choice(FORMS)
        budget = draw.choice((1000, 1001, 1200, 1500, 2000, 3000, 5000, 8000, 20_000, 60_000, None))
        limits = draw.choice(((), (), ("--limit", "0"), ("--limit", "3"), ("--limit", "300")))
        bounds = ("--budget", str(budget)) if budget else ()
        said = printed([*line, *limits, *form, *bounds])
        most = budget or (None if limits[1:] in {("0",), ("300",)} else 8000)
        if most is not None and len(said) > most:
            failed += 1
            sys.stdout.write(f"{len(said)} > {most}: {' '.join([*line, *limits, *form, *bounds])}\n")
    for name in (*SURVEYS, *LOOKING, *ABOUT):
        words_of = {"ast-pattern": ["$A.$B($$$)"], "find-pattern": ["*a*"]}.get(name, [words[0]]) if name in LOOKING else []
        line = [f"--{name}", *(words_of if name in LOOKING or name in SURVEYS else targets[:2])]
        wrong = whole(line)
        failed += bool(wrong)
        sys.stdout.writelines(f"{' '.join(line)}: {text}\n" for text in wrong)
    sys.stdout.write(json.dumps({"calls": taken.calls, "failed": failed}) + "\n")
    return 1 if failed else 0


def targets_of(draw: random.Random, most: int) -> list[str]:
    """Addresses of definitions of the tree, drawn at random."""
    workspace = Workspace.open()
    generation = workspace.generation
    files = draw.sample([entry.id for entry in generation.files()], min(most, sum(1 for _ in generation.files())))
    found = [one for file in files for one in generation.linker.outlined(file)[:40]]
    return addresses(generation, draw.sample(found, min(most, len(found))))


def answered(line: list[str]) -> dict[str, Any]:
    """The reply to a line with `--json`."""
    reply: dict[str, Any] = json.loads(printed(line))
    return reply


def printed(line: list[str]) -> bytes:
    """The output of a line, errors too."""
    out, err, _ = verb_command("js-scan", line, dict(os.environ))
    return out + err


if __name__ == "__main__":
    sys.exit(main())
