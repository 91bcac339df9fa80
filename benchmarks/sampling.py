"""Random targets of a tree, and what each question about them costs when nothing is linked yet.

Every question opens the workspace anew, as a process would; starting the interpreter is left out, so that hundreds can be asked.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import NamedTuple, Never, ParamSpec, TypeVar

import msgspec

from clew.running.asking import answered
from clew.workspace import Workspace

_WORD = re.compile(r"[\w$]+")
Taken = ParamSpec("Taken")
Given = TypeVar("Given")

GIVEN_UP = 60.0
"""CPU seconds after which a question is given up."""


class Target(NamedTuple):
    """A definition to ask about."""

    name: str
    file: str
    line: int
    column: int | None = None
    """None means the definition that begins on the line."""

    def __str__(self) -> str:
        return ":".join(str(part) for part in self[1:] if part is not None)


class Asked(NamedTuple):
    """One question and what it cost."""

    verb: str
    target: Target
    cpu: float
    """Seconds of all threads, from opening the workspace to the encoded reply."""
    rows: int
    files: int
    failed: str
    """The code of its error, or `given up`; empty for an answer."""


class GivenUp(BaseException):
    """The time of a question is over; no error, so that nothing on the way takes it for one."""


def random_targets(root: Path, most: int, seed: int) -> list[Target]:
    """Definitions of random files that have a name, each file as likely as the next; fewer where the tree has hardly any."""
    generation = Workspace.open(str(root)).generation
    chance = random.Random(seed)  # noqa: S311 - a sample that comes again
    files = list(generation.files())
    found: list[Target] = []
    for _ in range(20 * most if files else 0):
        entry = chance.choice(files)
        outline = [of for of in generation.linker.describe(generation.linker.outlined(entry.id)) if _WORD.fullmatch(of.bare_name)]
        if outline:
            of = chance.choice(outline)
            ((column, _),) = generation.shown_lines([(entry.id, of.line, of.at)])
            found.append(Target(of.bare_name, entry.path, of.line, column))
        if len(found) == most:
            break
    return found


def hot_targets(root: Path, most: int) -> list[Target]:
    """The definitions with the most call sites: the ones that a walk over everything hurts most."""
    reply = answered(Workspace.open(str(root)), json.dumps({"op": "hot-paths", "limit": most, "deadline": 0}).encode())
    rows = [msgspec.json.decode(msgspec.json.encode(row)) for row in reply.get("results", ())]
    return [Target(row["name"], row["file"], row["line"]) for row in rows]


def costs(root: Path, verbs: Sequence[str], targets: Sequence[Target]) -> list[Asked]:
    """Ask every verb about every target."""
    os.chdir(root)
    signal.signal(signal.SIGPROF, _give_up)
    return [_ask(root, verb, target) for verb in verbs for target in _warmed(root, verb, targets)]


def apart(function: Callable[Taken, Given], *taken: Taken.args, **named: Taken.kwargs) -> Given:
    """Run a function in a process of its own, so that this one stays small: the peak of a process counts from its parent's."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(function, *taken, **named).result()


def _warmed(root: Path, verb: str, targets: Sequence[Target]) -> Iterator[Target]:
    """The targets, after one question that nobody counts: it imports what all of them need."""
    for target in targets[:1]:
        _ask(root, verb, target)
    yield from targets


def _ask(root: Path, verb: str, target: Target) -> Asked:
    question = json.dumps({"op": verb, "target": str(target), "deadline": 0}).encode()
    start = time.process_time()
    try:
        signal.setitimer(signal.ITIMER_PROF, GIVEN_UP)
        reply = msgspec.json.decode(msgspec.json.encode(answered(Workspace.open(str(root)), question)))
    except GivenUp:
        reply = {"error": {"code": "given up"}}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    spent = time.process_time() - start
    failed = reply["error"]["code"] if "error" in reply else ""
    return Asked(verb, target, spent, reply.get("total", 0), reply.get("filesTotal", len(reply.get("files", ()))), failed)


def _give_up(_signal: int, _frame: FrameType | None) -> Never:
    raise GivenUp
