"""The questions of a truth directory, and replies written as its scorer reads them.

A truth directory holds, per code base, `refs.jsonl`, `imports.jsonl`, `names.jsonl`, `goto.jsonl` and `impact.jsonl`, and one
`score.py` for all, which documents the format of the answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from asking import Asker, Question, Reply

Row = dict[str, Any]

SHEETS = ("refs", "imports", "names", "goto", "impact")


class Kind(NamedTuple):
    """How one kind of row of the truth is asked, and how the replies become the row that is scored."""

    asked: Callable[[Row], list[Question]]
    answered: Callable[[Row, Sequence[Reply]], Row]


def rows_of(truth: Path, corpus: str, sheet: str) -> list[Row]:
    """The rows of one sheet, in the order of the file."""
    text = (truth / corpus / f"{sheet}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def address(place: Row) -> str:
    """A place of the truth as a target."""
    return f"{place['file']}:{place['line']}:{place['col']}"


def certain(reply: Reply) -> list[Row]:
    """The rows that the tool vouches for."""
    return [row for row in reply.get("results", ()) if row.get("evidence") != "possible"]


def place(row: Row) -> Row:
    """A row of a reply as the scorer's location."""
    return {"file": row["file"], "line": row["line"], "col": row.get("column")}


def call(row: Row) -> Row:
    """A call site with the definition that it stands in."""
    within = row.get("within")
    caller = {"caller": {"name": within["name"], "file": row["file"], "line": within.get("line")}} if within else {}
    return {**place(row), **caller}


def _symbol_asked(row: Row) -> list[Question]:
    return [{"op": "references", "target": address(row["def"]), "limit": 0}]


def _symbol_answered(row: Row, replies: Sequence[Reply]) -> Row:
    rows = certain(replies[0])
    named = {key: row[key] for key in ("type", "corpus", "name", "def")}
    return {**named, "refs": [place(found) for found in rows], "calls": [call(found) for found in rows if found.get("role") == "call"]}


def _file_asked(row: Row) -> list[Question]:
    target = {"target": row["file"], "limit": 0}
    return [
        {"op": "imports", **target},
        {"op": "importers", **target},
        *([{"op": "importers", **target, "transitive": True}] if row.get("sampled") else []),
    ]


def _file_answered(row: Row, replies: Sequence[Reply]) -> Row:
    imports, importers, *transitive = (reply.get("results", []) for reply in replies)
    return {
        **{key: row[key] for key in ("type", "corpus", "file")},
        "imports": [found["file"] for found in imports if found.get("file")],
        "external": [found["package"] for found in imports if found.get("package")],
        "importers": [found["file"] for found in importers],
        **({"transitive_importers": [found["file"] for found in transitive[0]]} if transitive else {}),
    }


def _cycles_asked(row: Row) -> list[Question]:
    return [{"op": "cycles", "graph": row["graph"], "limit": 0}] if row["graph"] in {"all", "runtime"} else []


def _cycles_answered(row: Row, replies: Sequence[Reply]) -> Row:
    return {**{key: row[key] for key in ("type", "corpus", "graph")}, "sccs": _components(replies[0])}


def _components(reply: Reply) -> list[list[str]]:
    given: list[list[str]] = reply.get("components") or [found["files"] for found in reply.get("results", ())]
    return given


def _name_asked(row: Row) -> list[Question]:
    return [{"op": "find", "name": row["name"], "limit": 0}]


def _name_answered(row: Row, replies: Sequence[Reply]) -> Row:
    return {**{key: row[key] for key in ("type", "corpus", "name")}, "defs": [place(found) for found in certain(replies[0])]}


def _goto_asked(row: Row) -> list[Question]:
    return [{"op": "definition", "target": address(row["at"]), "limit": 0}]


def _goto_answered(row: Row, replies: Sequence[Reply]) -> Row:
    return {**{key: row[key] for key in ("type", "corpus", "at")}, "defs": [place(found) for found in certain(replies[0])]}


def _impact_asked(row: Row) -> list[Question]:
    return [{"op": "ripple", "target": address(row["def"]), "via": ["call"], "limit": 0}]


def _impact_answered(row: Row, replies: Sequence[Reply]) -> Row:
    named = {key: row[key] for key in ("type", "corpus", "name", "def")}
    reached = [
        {"name": found["name"].rpartition("#")[2], "file": found["file"], "line": found["line"]}
        for found in certain(replies[0])
        if found.get("name")
    ]
    return {**named, "symbols": reached, "files": replies[0].get("files", [])}


KINDS = {
    "symbol": Kind(_symbol_asked, _symbol_answered),
    "file": Kind(_file_asked, _file_answered),
    "cycles": Kind(_cycles_asked, _cycles_answered),
    "name": Kind(_name_asked, _name_answered),
    "goto": Kind(_goto_asked, _goto_answered),
    "impact": Kind(_impact_asked, _impact_answered),
}


class Answer(NamedTuple):
    """One row of the truth beside what was answered."""

    truth: Row
    given: Row
    errors: tuple[str, ...]
    """The error, for questions that were refused; an empty answer is no error."""


def answers(ask: Asker, rows: Sequence[Row]) -> Iterator[Answer]:
    """Ask everything in one go, and give the answers row by row; rows that have no question are left out."""
    questions = [(row, KINDS[row["type"]].asked(row)) for row in rows]
    asked = [(row, wanted) for row, wanted in questions if wanted]
    replies = iter(ask([question for _, wanted in asked for question in wanted]))
    for row, wanted in asked:
        mine = [next(replies) for _ in wanted]
        errors = tuple(f"{reply['error'].get('code')}: {reply['error'].get('message')}" for reply in mine if "error" in reply)
        yield Answer(row, KINDS[row["type"]].answered(row, mine), errors)
