"""Renames as processes: planned, written, taken back, over everything that CommonJS and ES modules have."""

import shutil
import subprocess
from pathlib import Path

import nine_files
import pytest
from shell import Shell


@pytest.fixture
def nine(bare: Shell) -> Shell:
    for path, text in nine_files.before().items():
        bare.write(path, text)
    return bare


def texts(shell: Shell) -> dict[str, str]:
    return {path: (shell.folder / path).read_text() for path in nine_files.FILES}


def printed(folder: Path) -> str:
    node = shutil.which("node") or "node"
    return subprocess.run([node, "main.js"], cwd=folder, capture_output=True, text=True, check=True).stdout  # noqa: S603 - a program of ours


def test_every_place_is_renamed_and_nothing_else(nine: Shell) -> None:
    plan = nine.run("js-edit", "--session-start", "r", "--rename", "area.js::measure", "--to", "areaOf", "--json").json
    assert texts(nine) == nine_files.before()
    done = nine.run("js-edit", "--fix", plan["step"], "--json").json
    assert done["applied"] is True
    assert texts(nine) == nine_files.after("areaOf")
    assert done["edits"] == plan["edits"] == sum(text.count("«") for text in nine_files.FILES.values())


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_program_prints_the_same_before_and_after(nine: Shell) -> None:
    assert printed(nine.folder) == nine_files.PRINTS
    nine.run("js-edit", "--rename", "area.js::measure", "--to", "areaOf", "--fix", "--json")
    assert printed(nine.folder) == nine_files.PRINTS


def test_an_undo_restores_every_byte_and_a_redo_writes_again(nine: Shell) -> None:
    nine.run("js-edit", "--session-start", "r", "--rename", "area.js::measure", "--to", "areaOf", "--fix", "--json")
    undone = nine.run("js-edit", "--from", "r", "--undo", "--json").json
    assert undone["applied"] is True
    assert texts(nine) == nine_files.before()
    nine.run("js-edit", "--from", "r", "--redo", "--json")
    assert texts(nine) == nine_files.after("areaOf")


def test_a_plan_that_stands_is_not_written_twice(nine: Shell) -> None:
    nine.run("js-edit", "--session-start", "r", "--rename", "area.js::measure", "--to", "areaOf", "--fix", "--json")
    again = nine.run("js-edit", "--fix", "r#1", "--json").json
    assert again["alreadyApplied"] is True
    assert "applied" not in again


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("function measure() {}\nfunction taken() {}\nmeasure();\n", "taken is taken"),
        ("function measure() {}\nfunction f(taken) { return measure(taken); }\n", "taken is taken"),
        ("function measure() {}\nconsole.log(taken, measure);\n", "taken is taken"),
    ],
    ids=["clash", "captured by a parameter", "captures a global"],
)
def test_a_name_that_is_taken_is_refused(bare: Shell, source: str, says: str) -> None:
    bare.write("a.js", source)
    refused = bare.run("js-edit", "--rename", "a.js::measure", "--to", "taken", "--json")
    assert refused.status == 7
    assert refused.error["code"] == "unsafe_edit"
    assert says in refused.error["message"]
    assert "a.js:" in refused.error["message"]


def test_search_rename_and_fix_go_on_from_each_other(nine: Shell) -> None:
    nine.run("js-scan", "--session-start", "s", "--callers", "area.js::measure", "--json")
    plan = nine.run("js-edit", "--from", "s", "--rename", "--to", "areaOf", "--json").json
    assert plan["next"][0] == f"js-edit --fix {plan['step']} --json"
    assert nine.run("js-edit", "--from", "s", "--fix", "--json").json["subject"] == ["area.js::areaOf:4:10~145621"]
    after = nine.run("js-scan", "--from", "s", "--callers", "@1.2", "--json").json
    assert after["subject"] == ["area.js::areaOf:4:10~145621"]
