"""Gaps of answers about files that could not be read as they are."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from trees import plant

from clew.running.asking import answer
from clew.workspace import Workspace

HEAT = "export function heat(watts) {\n  return watts;\n}\n"
BREW = "import { heat } from './kettle.mjs';\nexport function brew() {\n  return heat(9);\n}\n"
HALF = "import { heat } from './kettle.mjs';\nexport function brew() {\n  return heat(9;\nfunction {{\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    plant(tmp_path, {".git/": "", "kettle.mjs": HEAT, "tea.mjs": BREW})
    workspace = Workspace.open(str(tmp_path))
    assert workspace.generation.warnings == ()
    return workspace


def asked(workspace: Workspace, op: str, **fields: object) -> dict[str, Any]:
    reply: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(answer(workspace, {"op": op, **fields})))
    return reply


@pytest.mark.parametrize(
    ("op", "fields"),
    [
        ("callers", {"target": "heat"}),
        ("importers", {"target": "kettle.mjs"}),
        ("imports", {"target": "tea.mjs"}),
        ("ripple", {"target": "heat"}),
        ("find", {"name": "brew"}),
        ("outline", {"target": "tea.mjs"}),
        ("dead-code", {}),
        ("export-usage", {}),
    ],
)
def test_an_answer_from_earlier_facts_is_whole_and_says_so(workspace: Workspace, op: str, fields: dict[str, str]) -> None:
    before = asked(workspace, op, **fields)
    plant(Path(workspace.root), {"tea.mjs": HALF})
    workspace.refresh()
    after = asked(workspace, op, **fields)
    assert [(row["n"], row.get("file"), row.get("line")) for row in after["results"]] == [
        (row["n"], row.get("file"), row.get("line")) for row in before["results"]
    ]
    assert {"code": "stale", "total": 1, "files": ["tea.mjs"]} in after["why"]
    assert [(problem["file"], problem["code"]) for problem in after["warnings"]] == [("tea.mjs", "stale")]


def test_a_file_that_may_refer_to_the_target_is_a_gap_without_a_row(workspace: Workspace) -> None:
    plant(Path(workspace.root), {"cup.mjs": "function brew() {\n  return heat(9;\n}\n"})
    workspace.refresh()
    reply = asked(workspace, "references", target="heat")
    assert [row["file"] for row in reply["results"] if row["file"] == "cup.mjs"] == []
    assert reply["why"] == [{"code": "parseErrors", "total": 1, "files": ["cup.mjs"]}]
    assert {problem["file"] for problem in reply["warnings"]} == {"cup.mjs"}


def test_rows_of_lines_that_are_gone_have_no_text(workspace: Workspace) -> None:
    plant(Path(workspace.root), {"tea.mjs": HALF})
    workspace.refresh()
    assert asked(workspace, "callers", target="heat")["results"] == [
        {"n": 1, "file": "tea.mjs", "line": 3, "column": 10, "role": "call", "evidence": "exact", "within": {"name": "brew", "line": 2}}
    ]


def test_a_search_of_the_text_lacks_nothing_where_a_file_does_not_parse(workspace: Workspace) -> None:
    plant(Path(workspace.root), {"tea.mjs": HALF})
    workspace.refresh()
    reply = asked(workspace, "text", pattern=["heat(9"])
    assert (reply["complete"], reply["results"]) == (
        True,
        [{"n": 1, "file": "tea.mjs", "line": 3, "column": 10, "text": "return heat(9;"}],
    )


@pytest.mark.parametrize(("op", "fields"), [("text", {"pattern": ["heat("]}), ("callers", {"target": "heat"})])
def test_a_tree_that_changes_during_the_question_is_said(workspace: Workspace, op: str, fields: dict[str, object]) -> None:
    number = workspace.generation.number
    plant(Path(workspace.root), {"tea.mjs": f"// new\n{BREW}"})
    reply = asked(workspace, op, **fields)
    assert reply["why"] == [{"code": "changed", "total": 1, "files": ["tea.mjs"]}]
    message = f"changed during the question; the answer is about the tree before (generation {number})"
    assert reply["warnings"] == [{"file": "tea.mjs", "message": message, "code": "changed"}]
    workspace.refresh()
    assert asked(workspace, op, **fields)["complete"] is True
