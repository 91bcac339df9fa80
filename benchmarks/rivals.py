"""Questions beside the tools that answer something like them: `rg`, `knip`, and the language server of TypeScript 7.

Each gives rows of one table: what was compared, how many times the CPU of the other program ours took, and what ran.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import mean, median
from typing import NamedTuple

from asking import by_process
from compiler import one_project
from corpora import KNIP, knip
from languageserver import TYPESCRIPT, LanguageServer, Refused, Spot
from measuring import Cost, at, by_turns, cpu_of_children, ratio, run
from sampling import Target

ANEW = ("--no-record", "--no-cache", "--deadline", "0")
ANSWERED = (0, 3, 4)
"""Statuses of a reference question: answered, nothing there, more than one thing there."""
SETTINGS_NOT_LOADED = 2
"""The status with which knip says that settings of other tools did not load; it looks for unused code all the same."""
ISSUES = "files,exports,types,enumMembers,namespaceMembers"


class Compared(NamedTuple):
    """One line of the table."""

    question: str
    other: str
    times: str
    remark: str


def scan(root: Path, *flags: str, expect: tuple[int, ...] = (0,)) -> Cost:
    """One whole `js-scan` process that records nothing, takes nothing from stored answers, and has all the time it needs."""
    return run(["js-scan", "--root", str(root), *flags, *ANEW, "--json"], cwd=root, expect=expect)


def beside_rg(root: Path, targets: Sequence[Target]) -> list[Compared]:
    """`--references` of each target by turns with `rg -nw` for its name."""
    grep = shutil.which("rg")
    if grep is None:
        return [Compared("--references", "rg -nw NAME", "-", "not there")]
    ours, theirs = [], []
    for target in targets:
        ours.append(scan(root, "--references", str(target), expect=ANSWERED))
        theirs.append(run([grep, "-n", "-w", "-F", "--", target.name], cwd=root, expect=(0, 1)))
    remark = f"{len(ours)} names, whole processes"
    return [
        Compared(f"--references, {name}", "rg -nw NAME", f"{of(ours) / of(theirs):.2f}x", f"{of(ours) * 1000:.0f} ms; {remark}")
        for name, of in _FIGURES.items()
    ]


def beside_knip(root: Path, build: Callable[[], Cost], rounds: int) -> list[Compared]:
    """`--dead-code` by turns with knip, both over the whole tree; and both with nothing indexed yet, as knip always is."""
    program, package = knip(), root / "package.json"
    if program is None or not package.exists():
        missing = "not there" if program is None else "the tree has no package.json"
        return [Compared("--dead-code", "knip", "-", missing)]
    asked = [str(program), "--directory", str(root), "--no-progress", "--no-exit-code", "--include", ISSUES]
    told = subprocess.run(asked, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if told.returncode not in {0, SETTINGS_NOT_LOADED}:
        return [Compared("--dead-code", "knip", "-", f"knip {KNIP}: exit {told.returncode}: {told.stderr.strip()[-100:]}")]
    costs = by_turns(
        {
            "knip": lambda: run(asked, cwd=root, expect=(0, SETTINGS_NOT_LOADED)),
            "index": build,
            "ours": lambda: scan(root, "--dead-code"),
        },
        rounds,
    )
    ours, index, theirs = ([cost.cpu for cost in costs[name]] for name in ("ours", "index", "knip"))
    unloaded = told.stderr.count("Error loading")
    remark = f"knip {KNIP}, {median(theirs):.2f} s CPU" + (f"; settings of {unloaded} tools did not load" if unloaded else "")
    return [
        Compared("--dead-code", "knip", str(ratio(ours, theirs)), remark),
        Compared("--dead-code and the index", "knip", str(ratio([a + b for a, b in zip(ours, index, strict=True)], theirs)), remark),
    ]


def beside_typescript(root: Path, index: float, targets: Sequence[Target]) -> list[Compared]:
    """References of the same names by one `clew ask` and by one language server over a copy that is one project."""
    with tempfile.TemporaryDirectory() as room:
        home = one_project(root, Path(room) / "project")
        spots = [Spot(target.file, target.line, target.column) for target in targets if target.column and (home / target.file).exists()]
        answered: list[int] = []
        try:
            theirs = cpu_of_children(partial(_references, home, spots, answered))
        except Refused as refusal:
            return [Compared("references", "tsc --lsp", "-", str(refusal))]
    questions = [{"op": "references", "target": str(spot), "limit": 0, "deadline": 0} for spot in spots]
    ours = cpu_of_children(lambda: by_process(root)(questions))
    places = f"{sum(answered)} places of {len(answered)} names of {len(spots)}"
    remark = f"TypeScript {TYPESCRIPT}, {theirs:.2f} s CPU with its start; {places}"
    return [
        Compared("references", "tsc --lsp", f"{ours / theirs:.2f}x", remark),
        Compared("references and the index", "tsc --lsp", f"{(ours + index) / theirs:.2f}x", remark),
    ]


def _references(home: Path, spots: Sequence[Spot], answered: list[int]) -> None:
    with LanguageServer(home) as server:
        for spot in spots:
            try:
                answered.append(len(server.references(spot)))
            except Refused as refusal:
                if "has ended" in str(refusal):
                    raise


def _cpu(costs: Sequence[Cost]) -> float:
    return mean(cost.cpu for cost in costs)


_FIGURES: dict[str, Callable[[Sequence[Cost]], float]] = {
    "mean CPU": _cpu,
    "p95 CPU": lambda costs: at(0.95, [cost.cpu for cost in costs]),
    "median elapsed": lambda costs: median(cost.seconds for cost in costs),
    "p95 elapsed": lambda costs: at(0.95, [cost.seconds for cost in costs]),
}
