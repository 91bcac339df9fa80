"""Whole processes, measured by turns so that their figures can be compared.

Absolute times are noise on a shared machine; what counts is the ratio of two programs that took turns (A B A B …).
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple


class Cost(NamedTuple):
    """Cost of one process."""

    seconds: float
    """Elapsed, from start to end."""
    cpu: float
    """Seconds of user and system time, children included."""
    peak: int
    """Largest resident size in bytes. At least that of the measuring program, because Linux counts from before `exec`."""


class Ratio(NamedTuple):
    """How many times as much one program took as another: the median over the turns, and the middle half of them."""

    middle: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.middle:.2f}x ({self.low:.2f}-{self.high:.2f})"


class Failed(Exception):
    """A measured program ended with a status that was not expected."""


def run(
    command: Sequence[str],
    *,
    cwd: Path | None = None,
    expect: tuple[int, ...] = (0,),
    told: str = "",
) -> Cost:
    """Run a program to its end, on the input it is told; what it says is not looked at. Raises Failed on a status that is not expected."""
    # Where compiled modules may not be kept, every start compiles all of them, and nothing else is measured.
    surroundings = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryFile() as asked, tempfile.TemporaryFile() as said:
        asked.write(told.encode())
        asked.seek(0)
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=cwd, env=surroundings, stdin=asked, stdout=said, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in expect:
            said.seek(0)
            message = said.read().decode(errors="replace").strip()[-2000:]
            raise Failed(f"{' '.join(map(str, command))}: exit {process.returncode}: {message}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def cpu_of_children(action: Callable[[], object]) -> float:
    """Seconds of user and system time of the processes that an action starts and waits for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    action()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_turns(programs: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, list[Cost]]:
    """Run every program once per round, in order; one round before the first is not counted."""
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    for turn in range(rounds + 1):
        for name, program in programs.items():
            cost = program()
            if turn:
                costs[name].append(cost)
    return costs


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> Ratio:
    """Divide turn by turn; a single turn has no spread."""
    turns = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    low, _, high = quantiles(turns, n=4, method="inclusive") if len(turns) > 1 else (turns[0], turns[0], turns[0])
    return Ratio(median(turns), low, high)


def at(share: float, values: Iterable[float]) -> float:
    """The value below which that share of the values lies: 0.5 is the median, 1 the largest. Raises ValueError for none."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("no values")
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def milliseconds(costs: Sequence[Cost]) -> str:
    """Median elapsed and CPU time."""
    return f"{median(cost.seconds for cost in costs) * 1000:.1f} ms ({median(cost.cpu for cost in costs) * 1000:.1f} ms CPU)"


def megabytes(size: float) -> str:
    """Bytes as MiB."""
    return f"{size / 2**20:.0f} MiB"


def print_table(rows: Sequence[Sequence[object]]) -> None:
    """Print rows as a Markdown table; the first row is the header."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    for number, row in enumerate(cells):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |")
        if number == 0:
            print("| " + " | ".join("-" * width for width in widths) + " |")
