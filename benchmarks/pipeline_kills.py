"""A pipeline of twelve steps with edits and a recorded command, killed at random moments and gone on with by the same command.

Each trial kills the run with SIGKILL, up to three times, at moments drawn evenly over the time that an undisturbed one takes, then lets
the same command end it. What is left is compared with an undisturbed run: the tree, the operations, their keys and the digests of their
results (without the seconds of the command), the entries of the journal, and how often each happened.

    python benchmarks/pipeline_kills.py [TRIALS [FIRST]]

Every trial is drawn by its number, from FIRST on, so that one that differs can be tried again.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Any

import msgspec

import clew
from clew.edits.journal import Journal
from clew.sessions.core import Sessions
from clew.sessions.steps import digest

PIPELINE = """\
about = "Twelve steps: questions, plans, edits, an undo, and a command."

[[steps]]
id = "find"
op = "search"
terms = ["toLine"]

[[steps]]
id = "uses"
op = "references"

[[steps]]
id = "ripple"
op = "ripple"

[[steps]]
id = "plan"
op = "rename"
targets = ["${find.results[0].file}::toLine"]
to = "toRow"

[[steps]]
id = "write"
op = "fix"
step = "${plan.step}"

[[steps]]
id = "callers"
op = "callers"
targets = ["${find.results[0].file}::toRow"]

[[steps]]
id = "count"
op = "record"
command = ["/bin/sh", "-c", "echo ran >> ../commands; sleep 0.2; grep -c toRow \\"$1\\"", "sh", "${find.results[0].file}"]
effects = "none"

[[steps]]
id = "second"
op = "replace-text"
old = "Math.round(Number(price) * 100)"
with = "Math.round(100 * Number(price))"
within = "lib/process-data.js"

[[steps]]
id = "written"
op = "fix"
step = "${second.step}"

[[steps]]
id = "back"
op = "undo-edit"
step = "${write.step}"

[[steps]]
id = "outlines"
op = "outline"
for_each = ["lib/report.js", "lib/shop.js", "lib/order-book.js"]
targets = ["${item}"]

[[steps]]
id = "last"
op = "md-outline"
targets = ["README.md"]
"""
RUN = [sys.executable, "-c", "from clew.cli.clew import main; main()", "run", "twelve.toml", "--json"]
MOST_KILLS = 3


class Left(msgspec.Struct, frozen=True):
    """What a run left behind."""

    tree: dict[str, bytes]
    steps: list[tuple[str, str | None, bytes]]
    """Operation, key and digest of the result of each step, in their order."""
    entries: int
    commands: int
    attempts: int


def project(folder: Path) -> Path:
    """A copy of the sample project with the pipeline in it."""
    root = folder / "project"
    shutil.copytree(f"{clew.__path__[0]}/sample", root)
    (root / ".git").mkdir()
    (root / "twelve.toml").write_text(PIPELINE, encoding="utf-8")
    return root


def start(root: Path) -> subprocess.Popen[bytes]:
    """The command, in a process."""
    return subprocess.Popen(RUN, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def ended(root: Path) -> None:
    """The command, run to its end."""
    process = start(root)
    out, err = process.communicate()
    if process.returncode:
        raise SystemExit(f"the run ended with {process.returncode}: {(out + err).decode()[:2000]}")


def left(root: Path) -> Left:
    """What stands in the tree, the session and the journal."""
    tree = {
        str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file() and ".clew" not in path.parts
    }
    sessions = Sessions.open(root / ".clew")
    try:
        session = sessions.find("twelve/1")[0]
        steps = [
            (step.operation, step.idempotency_key, _digest(sessions.result_of(step))) for step in sessions.store.steps(session.session_id)
        ]
        begun: dict[str, Any] = session.metadata.get("begun", {})
        recorded = [int(key.rpartition("~")[2]) for _, key, _ in steps if key and ":count~" in key]
    finally:
        sessions.close()
    commands = (root.parent / "commands").read_text(encoding="utf-8").count("ran")
    attempts = max([1, *recorded, begun.get("count", {}).get("attempts", 1)])
    return Left(tree, steps, len(Journal(str(root / ".clew")).entries()), commands, attempts)


def _digest(result: bytes) -> bytes:
    """The digest of a result without the time that a command took, which no two runs share."""
    fields = msgspec.json.decode(result, type=dict[str, msgspec.Raw])
    fields.pop("seconds", None)
    return digest(msgspec.json.encode(fields))


def trial(number: int, whole: float, expected: Left) -> tuple[list[str], int, int]:
    """Kill a run and end it: what differs from an undisturbed one, how often it was killed, and how often the command ran."""
    random = Random(number)  # noqa: S311 - chance with a seed, so that a failure comes again
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder))
        kills = 0
        for _ in range(random.randint(1, MOST_KILLS)):
            process = start(root)
            try:
                process.communicate(timeout=random.uniform(0.0, whole))
                break  # it was over before
            except subprocess.TimeoutExpired:
                os.kill(process.pid, signal.SIGKILL)
                kills += 1
                if process.communicate()[0].endswith(b"\n"):
                    break  # it had said that all is done
        else:
            ended(root)
        found = left(root)
    plain = [(operation, _plain(key), result) for operation, key, result in found.steps]
    problems = [
        name
        for name, now, then in (
            ("tree", found.tree, expected.tree),
            ("steps", plain, expected.steps),
            ("journal", found.entries, expected.entries),
        )
        if now != then
    ]
    if not 1 <= found.commands <= found.attempts <= 1 + kills:
        problems.append(f"commands: {found.commands} runs, {found.attempts} attempts, {kills} kills")
    return problems, kills, found.commands


def _plain(key: str | None) -> str | None:
    """The key of a step, whichever of its attempts it is of."""
    return None if key is None else key.partition("~")[0]


def main() -> None:
    """Print what every trial that differs differs in, and the sums."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    first = int(sys.argv[2]) if len(sys.argv) > 2 else 0  # noqa: PLR2004 - the second argument
    undisturbed: list[tuple[float, Left]] = []
    for _ in range(3):  # the first one compiles
        with tempfile.TemporaryDirectory() as folder:
            root = project(Path(folder))
            began = time.monotonic()
            ended(root)
            undisturbed.append((time.monotonic() - began, left(root)))
    whole, expected = min(undisturbed, key=lambda one: one[0])
    print(f"undisturbed: {len(expected.steps)} steps, {expected.entries} entries of the journal, {whole:.2f} s")
    killed = again = bad = 0
    for number in range(first, first + trials):
        problems, kills, commands = trial(number, whole, expected)
        killed += kills
        again += commands - 1
        bad += bool(problems)
        for problem in problems:
            print(f"trial {number}: {problem} differs")
    print(f"{trials} trials, {killed} kills, {bad} differ; the command ran once more {again} times, each counted")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
