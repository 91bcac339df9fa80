"""Edits of Markdown, from the line to the reply: plans that commands about prose and code continue."""

from __future__ import annotations

import shlex
import shutil
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from clew.cli import js_edit, js_scan, md_edit, md_scan

if TYPE_CHECKING:
    from pathlib import Path

TREE = {
    "README.md": "# Project\n\n[set up](manual/guide.md#set-up)\n",
    "manual/guide.md": "# Guide\n\n## Set up\n\nRun it.\n\n## Use\n\nUse it.\n",
    "lib/a.js": "// see manual/guide.md#set-up\nexport const a = 1;\n",
}
COMMANDS = {"js-edit": js_edit, "js-scan": js_scan, "md-edit": md_edit, "md-scan": md_scan}


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("pages")
    (root / ".git").mkdir()
    for path, text in TREE.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(text)
    md_scan.answer(["--stats", "--no-record", "--root", str(root)], {})
    return root


@pytest.fixture
def folder(indexed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(indexed, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(command: str, *argv: str) -> dict[str, Any]:
    out, err, _ = COMMANDS[command].answer([*argv, "--json"], {})
    assert err == b""
    reply: dict[str, Any] = msgspec.json.decode(out)
    return reply.get("error", reply)


def test_a_search_leads_to_a_plan_whose_section_other_commands_go_on_with(folder: Path) -> None:
    said("md-scan", "--session-start", "docs", "--search", "set up")
    plan = said("md-edit", "--from", "docs", "--rename-heading", "--to", "Install")
    assert (plan["fromPriorContext"], plan["edits"], plan["next"][0]) == (True, 2, "md-edit --fix docs#2 --json")
    assert "Set up" in (folder / "manual/guide.md").read_text()
    said("md-edit", "--from", "docs", "--fix")
    assert said("md-scan", "--from", "docs", "--backlinks")["targets"] == ["manual/guide.md#install"]
    assert said("md-scan", "--from", "docs", "--section", "@2.1")["results"][0]["name"] == "Project"
    assert said("js-scan", "--from", "docs", "--callers", "@2.1")["code"] == "invalid_request"


def test_either_command_takes_back_what_the_other_wrote(folder: Path) -> None:
    before = (folder / "README.md").read_text()
    said("md-edit", "--session-start", "s", "--rename-heading", "manual/guide.md#set-up", "--to", "Install", "--fix")
    written = said("js-edit", "--from", "s", "--undo")
    assert (written["applied"], written["next"]) == (True, ["js-edit --redo s#3 --json"])
    assert (folder / "README.md").read_text() == before
    again = said("md-edit", "--from", "s", "--redo", "s#3")
    assert (again["applied"], again["next"]) == (True, ["md-edit --undo s#4 --json"])


def test_one_move_of_code_and_prose_is_one_plan_and_one_undo(folder: Path) -> None:
    before = {path: (folder / path).read_text() for path in TREE}
    said("md-edit", "--session-start", "s", "--rename-file", "manual", "lib/manual", "--fix")
    assert (folder / "README.md").read_text() == "# Project\n\n[set up](lib/manual/guide.md#set-up)\n"
    assert said("js-edit", "--who", "README.md")["results"][0]["state"] == "applied"
    said("md-edit", "--from", "s", "--undo")
    assert {path: (folder / path).read_text() for path in TREE} == before


def test_a_section_that_moved_to_another_document_stays_what_the_session_is_about(folder: Path) -> None:
    said("md-scan", "--session-start", "s", "--section", "manual/guide.md#use")
    said("md-edit", "--from", "s", "--move-section", "--to", "README.md#project", "--at", "child", "--fix")
    assert said("md-scan", "--from", "s", "--section")["results"][0]["target"] == "README.md#use"


def test_what_is_ambiguous_or_missing_is_refused_with_a_line_that_works(folder: Path) -> None:
    guide = folder / "manual/guide.md"
    guide.write_text(guide.read_text() + "\n## Set up\n\nAgain.\n")
    twice = said("md-edit", "--remove-section", "Set up")
    assert (twice["code"], twice["candidates"]) == ("ambiguous_section", ["manual/guide.md#set-up", "manual/guide.md#set-up-1"])
    assert twice["hint"] == "md-edit --remove-section 'manual/guide.md#set-up' --json"
    linked = said("md-edit", "--remove-section", "manual/guide.md#set-up")
    assert linked["code"] == "unsafe_edit"
    assert said("md-edit", *shlex.split(linked["hint"])[1:])["edits"] == 1
    new = said("md-edit", "--insert-section", "manual/new.md", "--with", "# New")
    assert (new["code"], new["hint"]) == (
        "file_not_found",
        "md-edit --insert-section manual/new.md --with '# New' --json --create",
    )


def test_a_plan_is_planned_again_where_the_tree_changed(folder: Path) -> None:
    said("md-edit", "--session-start", "s", "--rename-heading", "manual/guide.md#set-up", "--to", "Install")
    (folder / "more.md").write_text("[set up](manual/guide.md#set-up)\n")
    stale = said("md-edit", "--from", "s", "--fix")
    assert (stale["code"], stale["hint"]) == ("stale_plan", "md-edit --replan s#1 --json")
    assert said("md-edit", "--replan", "s#1")["edits"] == 3
