"""Hints work: each is pasted as it is printed, and does what the wrong line was meant to do."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

import clew
from clew.cli.clew import answer as clew_answer
from clew.cli.main import Answer, verb_command

KNOWN = {"a", "b", "c", "old"}
OTHER_PROGRAMS = {"git"}

VERBS = (
    *("definition", "references", "callers", "callees", "call-graph", "overrides"),
    *("ripple", "impacts", "impact-preview", "tests", "depends-on", "context-slice"),
)
FILE_VERBS = ["importers", "imports", "export-usage", "outline", "list-types"]
FLAGS = (
    "--limt 3", "--budgt 2000", "--deadlin 3", "--jsn", "--dirr lib", "--includ lib", "--exclud lib", "--frm a", "--no-recrd", "--goall x",
)  # fmt: skip

LINES = [
    *(f"js-scan --{verb[:-1]}x processData" for verb in VERBS),
    *(f"js-scan --{verb} procesData" for verb in VERBS),
    *(f"js-scan --{verb} lib/proces-data.js" for verb in FILE_VERBS),
    *(f"js-scan --{verb} lib/process-data.js::procesData" for verb in VERBS),
    *(f"js-scan --{verb} lib/process-dta.js:20" for verb in VERBS[:6]),
    *(f"js-scan --callers processData {flag}" for flag in FLAGS),
    "js-scan --references lib/process-data.js:9999",
    "js-scan --references lib/process-data.js:1:1",
    "js-scan --dead-code --kind functoin",
    "js-scan --dead-code --dir lbi",
    "js-scan --outline --dir tests",
    "js-scan --search order --fields nme,line",
    "js-scan --search order --fields=nme",
    "js-scan --search order --limit -3",
    "js-scan --search order --limit=-3",
    "js-scan --search order --budget 10",
    "js-scan --search order --progress nevr",
    "js-scan --ripple processData --if signture",
    "js-scan --ripple processData --via cal",
    "js-scan --cycles --graph runtme",
    "js-scan --call-graph processData --direction inn",
    "js-scan --text order --type typescript",
    "js-scan processData",
    "js-scan --search order extra words --callers a b --exported",
    "js-scan",
    "js-scan --callers",
    "js-scan --from a --callers --match 99",
    "js-scan --from a --callers --match nothing",
    "js-scan --from a --callers @99",
    "js-scan --from a --callers @serch.1",
    "js-scan --from aa --callers",
    "js-scan --from a#99 --callers",
    "js-scan --from a~9 --callers",
    "js-scan --from b --callers",
    "js-scan --from old --ripple",
    "js-scan --session-start a --search order",
    "js-scan --save-session a --session-start b --search order",
    "js-scan --session-continue --callers",
    "js-scan --from js--00000000000000000000000000-search-001 --callers",
    "js-scan --search=order --json=yes",
    "js-scan --callers constructor",
    "js-scan --changed HED --callers",
    "js-scan --changed HEAD --callers",
    "js-scan --outline ../elsewhere.js",
    "js-scan --find-hash xyz",
    "js-scan --text ( --regex",
    "js-scan --find-pattern /(/",
    "js-scan --ast-pattern (((",
    "js-scan --after nowhere",
    "js-scan --definition @1",
    "js-edit --rename x",
    "md-scan --outline README.md",
    "md-scan",
    "clew sesions list",
    "clew sessions lst",
    "clew sessions shw a",
    "clew sessions log aa",
    "clew sessions rename c",
    "clew sessions rename c b",
    "clew sessions copy a b",
    "clew show a#99",
    "clew show",
    "clew resum",
    "clew resume aa",
    "clew shwo a#1",
    "clew sessions list --stat live",
    "clew sessions list --state alive",
    "clew sessions undo b",
    "clew nonsense",
]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample project in git, with a session about processData, one about nothing, and one that expired."""
    folder = tmp_path_factory.mktemp("hints") / "project"
    shutil.copytree(f"{clew.__path__[0]}/sample", folder)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for line in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "one"], ["commit", "-qm", "two", "--allow-empty"]):
        subprocess.run([*git, *line], cwd=folder, check=True)  # noqa: S603 - git alone
    (folder / "lib/report.js").write_text((folder / "lib/report.js").read_text() + "\nfunction later() {}\n")
    before = Path.cwd()
    os.chdir(folder)
    try:
        typed("js-scan --session-start a --search processData")
        typed("js-scan --session-start b --cycles")
        typed("js-scan --session-start c --cycles")
        typed("js-scan --session-start old --search order --ttl 1")
    finally:
        os.chdir(before)
    return folder


def typed(line: str) -> Answer:
    """The answer to a line, in the folder of the process."""
    command, *argv = shlex.split(line)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CLEW_")}
    return clew_answer(argv, environ) if command == "clew" else verb_command(command, argv, environ)


def error_of(line: str) -> tuple[dict[str, Any], int]:
    """The error that a line ends with, and its exit status; no error where it succeeds."""
    out, _, status = typed(f"{line} --json")
    reply = msgspec.json.decode(out) if out.startswith(b"{") else {}
    return reply.get("error", {}), status


def sessions_in(line: str) -> set[str]:
    """The sessions of the sample that a line names."""
    words = {word for part in shlex.split(line) for word in (part, part.partition("=")[2])}
    return KNOWN & {word.partition("#")[0].partition("~")[0] for word in words}


@pytest.mark.parametrize("line", LINES)
def test_a_hint_can_be_pasted(sample: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.chdir(sample)
    error, status = error_of(line)
    if not error:
        assert status in {0, 2}, line  # a text of help answers a line that asks nothing
        return
    assert error["message"]
    hint = error.get("hint")
    if hint is None:
        return
    program = shlex.split(hint)[0]
    assert program in {"js-scan", "js-edit", "md-scan", "md-edit", "clew", *OTHER_PROGRAMS}, f"{hint!r} is no command"
    led = sessions_in(hint) - sessions_in(line)
    assert not led or "--from" not in line, f"{line} is led into {led}: {hint}"
    if program in OTHER_PROGRAMS:
        return
    again, after = error_of(hint)
    assert (after, again.get("message")) == (0, None), f"{line}\n  {error['message']}\n  {hint}"
