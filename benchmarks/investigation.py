"""One investigation with and without a session: `python benchmarks/investigation.py [--rounds 5]`.

An agent wants to change `Chunk#getEntryOptions` of webpack, fetched by npm: it looks for it, asks who calls it and what a change
reaches, reads the code around it, goes on to the next page, and asks who calls it once more, after the first answer went out of its
sight. Without a session nothing is recorded, and each command names the definition in full. Printed are the commands, the bytes typed and
printed, the estimate of tokens that `clew stats` makes of the latter, and CPU time: whole processes over a warm index, of each command
the least of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from clew.metrics.costs import tokens_estimate
from corpora import copied, corpus
from measuring import print_table, run

NAME = "getEntryOptions"
DEFINITION = "lib/graph/Chunk.js::Chunk#getEntryOptions"
Reply = dict[str, Any]
Command = Callable[[list[Reply]], str]
"""A line, which may take something from the replies before it."""


def line(text: str) -> Command:
    """A line that is known beforehand."""
    return lambda _: text


def next_page(of: int) -> Command:
    """The next page of an earlier answer."""
    return lambda replies: f"js-scan --after {replies[of]['next']} --json"


def without(*flags: str) -> Command:
    """A command that records nothing."""
    return line(shlex.join(["js-scan", "--no-record", *flags, "--json"]))


WAYS: dict[str, list[Command]] = {
    "without a session": [
        without("--search", NAME),
        without("--callers", DEFINITION),
        without("--ripple", DEFINITION),
        without("--context-slice", DEFINITION),
        lambda replies: shlex.join(["js-scan", "--no-record", "--ripple", DEFINITION, "--after", replies[2]["next"], "--json"]),
        without("--callers", DEFINITION),
    ],
    "in a session": [
        line(f"js-scan --session-start inv --search {NAME} --json"),
        line("js-scan --from inv --callers --json"),
        line("js-scan --from inv --ripple --json"),
        line("js-scan --from inv --context-slice --json"),
        next_page(2),
        line("js-scan --from inv --callers --json"),
    ],
    "in a session, read again with show": [
        line(f"js-scan --session-start inv --search {NAME} --json"),
        line("js-scan --from inv --callers --json"),
        line("js-scan --from inv --ripple --json"),
        line("js-scan --from inv --context-slice --json"),
        next_page(2),
        line("clew show inv#2 --json"),
    ],
    "in a session, four operations in one call": [
        line(f"js-scan --session-start inv --search {NAME} --callers --ripple --context-slice --json"),
        line("clew show inv#2 --json"),
        line("clew show inv#3 --json"),
        next_page(2),
        line("clew show inv#2 --json"),
    ],
}


class Walked(NamedTuple):
    """One walk through an investigation."""

    typed: int
    printed: int
    seconds: list[float]
    """CPU time of each command."""


def walk(root: Path, commands: list[Command]) -> Walked:
    """Type every command once; nothing is recorded yet."""
    for stored in (root / ".clew").glob("sessions.db*"):
        stored.unlink()
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE" and not name.startswith("CLEW_")}
    replies: list[Reply] = []
    typed = printed = 0
    seconds: list[float] = []
    for command in commands:
        text = command(replies)
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(shlex.split(text), cwd=root, env=environ, stdout=said)
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            said.seek(0)
            out = said.read()
        if process.returncode:
            raise ValueError(f"{text}: {out.decode()[:300]}")
        replies.append(json.loads(out))
        if any(gap["code"] == "deadline" for gap in replies[-1].get("why", ())):
            return walk(root, commands)  # the machine was so busy that the answer is another one
        typed += len(text)
        printed += len(out)
        seconds.append(usage.ru_utime + usage.ru_stime)
    return Walked(typed, printed, seconds)


def main() -> int:
    """Print a row for each way."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--rounds", type=int, default=5)
    taken = reader.parse_args()
    rows: list[tuple[object, ...]] = [("way", "commands", "bytes typed", "bytes printed", "tokens (estimate)", "ms CPU")]
    with copied(corpus("webpack")) as root:
        (root / ".git").mkdir()
        run(["js-scan", "--build-index", "--json"], cwd=root)
        rounds = [{name: walk(root, commands) for name, commands in WAYS.items()} for _ in range(taken.rounds)]
    for name, commands in WAYS.items():
        walks = [walks[name] for walks in rounds]
        cpu = sum(min(times) for times in zip(*(one.seconds for one in walks), strict=True))
        first = walks[0]
        rows.append((name, len(commands), first.typed, first.printed, tokens_estimate(first.printed), f"{cpu * 1000:.0f}"))
    print_table(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
