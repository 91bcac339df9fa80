"""Two ways to have questions answered: by `clew ask` as a process, and by the verbs in this one."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from clew.workspace import Workspace

from clew.errors import ClewError
from clew.operations import OPERATIONS, operation, verb

Question = dict[str, Any]
Reply = dict[str, Any]
Asker = Callable[[Sequence[Question]], list[Reply]]


def by_process(root: Path) -> Asker:
    """One `clew ask` for all questions: a JSON line each, replies in the same order."""

    def ask(questions: Sequence[Question]) -> list[Reply]:
        lines = "".join(json.dumps({"id": number, **question}) + "\n" for number, question in enumerate(questions))
        done = subprocess.run(["clew", "ask", "--root", str(root)], input=lines, stdout=subprocess.PIPE, text=True, check=True)
        replies: list[Reply] = [json.loads(line) for line in done.stdout.splitlines()]
        if [reply.get("id") for reply in replies] != list(range(len(questions))):
            raise ValueError(f"{len(questions)} questions, and the replies are not theirs in order: {done.stdout[:500]}")
        return replies

    return ask


def in_process(root: Path) -> Asker:
    """Call the verbs of the registry in this process, over one workspace; an error is a reply, as in `clew ask`."""
    workspace = Workspace.open(str(root))
    known = {row.name for row in OPERATIONS}

    def answer(question: Question) -> Reply:
        if question["op"] == "find":
            found = answer({"op": "search", "terms": [question["name"]]})
            return {**found, "results": [row for row in found.get("results", ()) if row.get("match") == "exact"]}
        if question["op"] not in known:
            return {"error": {"code": "usage", "message": f"no operation {question['op']}"}}
        fields = {name: value for name, value in question.items() if name not in {"op", "target", "limit"}}
        if "target" in question:
            fields["targets"] = [{"text": question["target"]}]
        try:
            asked = verb(operation(question["op"]))
            result = asked.run(workspace, msgspec.convert({"op": question["op"], **fields}, asked.request))
        except ClewError as error:
            return {"error": {"code": error.code, "message": error.message}}
        reply: Reply = msgspec.to_builtins(result)
        return reply

    return lambda questions: [answer(question) for question in questions]
