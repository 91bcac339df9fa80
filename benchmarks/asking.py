"""Two ways to have questions answered: by `clew ask` as a process, and by the same door in this one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from clew.running.asking import answered
from clew.workspace import Workspace

Question = dict[str, Any]
Reply = dict[str, Any]
Asker = Callable[[Sequence[Question]], list[Reply]]


def lines(questions: Sequence[Question]) -> list[str]:
    """Each question with its number, as a line of JSON."""
    return [json.dumps({"id": number, **question}) for number, question in enumerate(questions)]


def by_process(root: Path) -> Asker:
    """One `clew ask` for all questions: a line each, replies in the same order."""

    def ask(questions: Sequence[Question]) -> list[Reply]:
        told = "".join(f"{line}\n" for line in lines(questions))
        done = subprocess.run(["clew", "ask", "--root", str(root)], input=told, stdout=subprocess.PIPE, text=True, check=True)
        replies: list[Reply] = [json.loads(line) for line in done.stdout.splitlines()]
        if [reply.get("id") for reply in replies] != list(range(len(questions))):
            raise ValueError(f"{len(questions)} questions, and the replies are not theirs in order: {done.stdout[:500]}")
        return replies

    return ask


def in_process(root: Path) -> Asker:
    """Questions answered here, over one workspace."""
    workspace = Workspace.open(str(root))

    def ask(questions: Sequence[Question]) -> list[Reply]:
        return [json.loads(msgspec.json.encode(answered(workspace, line.encode()))) for line in lines(questions)]

    return ask
