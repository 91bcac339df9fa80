"""`clew record` as it is typed: what it prints, what the step keeps, and what can be asked of it later without running it again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from shell import Shell

LINT = """\
import json, os, sys
open("ran", "a").write("x")
rows = [("lib/kettle.js", 4, 26, "boil"), ("lib/kettle.js", 8, 10, "heat"), ("lib/tea.mjs", 1, 8, "unused")]
for path, line, column, rule in rows * int(sys.argv[1] if len(sys.argv) > 1 else 1):
    print(f"{os.path.abspath(path)}:{line}:{column}: error: bad {rule}")
print("token ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"[:36], file=sys.stderr)
sys.exit(3)
"""


@pytest.fixture
def lint(shell: Shell) -> tuple[str, ...]:
    """A linter of ours that says three things and counts how often it ran."""
    shell.write("lint.py", LINT)
    return (sys.executable, "lint.py")


def times_run(shell: Shell) -> int:
    return len((shell.folder / "ran").read_text(encoding="ascii"))


def test_a_recorded_command_is_a_step_that_is_followed_without_running_again(shell: Shell, lint: tuple[str, ...]) -> None:
    ran = shell.run("clew", "record", "--session", "fix", "--as", "lint", "--json", "--", *lint)
    reply = ran.json
    assert (ran.status, reply["status"], reply["step"], ran.err) == (3, 3, "fix#1", "")
    assert [(row["file"], row["line"], row["column"], row.get("within", {}).get("name")) for row in reply["results"]] == [
        ("lib/kettle.js", 4, 26, "boil"),
        ("lib/kettle.js", 8, 10, "heat"),
        ("lib/tea.mjs", 1, 8, None),
    ]
    assert reply["counts"] == {"error": 3}
    assert reply["first"] == {"n": 1, "message": "error: bad boil"}
    assert reply["output"] == "clew show fix#1 --output"
    callers = shell.ask("--from", "fix", "--callers", "@lint.2")
    assert callers["reused"]["used"] == [2]
    assert {row["file"] for row in callers["results"]} == {"lib/kettle.js", "test/heat.js"}
    assert shell.run("clew", "show", "fix#1", "--limit", "1", "--json").json["total"] == 3
    assert "bad heat" in shell.run("clew", "show", "fix#1", "--output").out
    assert times_run(shell) == 1


def test_nothing_that_reads_runs_a_recorded_command_again(shell: Shell, lint: tuple[str, ...]) -> None:
    shell.run("clew", "record", "--session", "fix", "--json", "--", *lint)
    error = shell.refused("--from", "fix", "--refresh", "--callers", status=7)
    assert error["code"] == "not_allowed"
    asked = shell.run("clew", "ask", stdin=json.dumps({"op": "record", "command": list(lint)}))
    assert asked.json["error"]["code"] == "usage"
    assert times_run(shell) == 1


def test_a_program_that_is_not_there_leads_to_the_line_that_was_meant(shell: Shell) -> None:
    shell.write("node_modules/.bin/lint", "")
    told = [shell.run("clew", "record", "--json", "--", *line).error for line in (("npm test",), ("lint", "a b"), ("gone",))]
    assert [error["code"] for error in told] == ["program_not_found"] * 3
    assert [error.get("hint") for error in told] == ["clew record -- npm test", "clew record -- npx lint 'a b'", None]


def test_the_output_passes_through_and_the_reply_stands_aside(shell: Shell) -> None:
    ran = shell.run("clew", "record", "--", "sh", "-c", "echo out; cat; echo err >&2; exit 5", stdin="heard\n")
    assert (ran.out, ran.status) == ("out\nheard\n", 5)
    assert ran.err.startswith("err\n")
    assert "status: 5" in ran.err


def test_the_reply_fits_two_kilobytes_and_says_how_to_read_the_rest(shell: Shell, lint: tuple[str, ...]) -> None:
    ran = shell.run("clew", "record", "--session", "fix", "--json", "--", *lint, "100")
    reply = ran.json
    assert len(ran.out.encode()) <= 2000
    assert (reply["total"], reply["next"]) == (300, f"fix#1:{reply['shown']}")
    seen = reply["shown"]
    cursor = reply["next"]
    while cursor:
        page = shell.run("clew", "show", "fix#1", "--after", cursor.partition(":")[2], "--json").json
        seen, cursor = seen + page["shown"], page.get("next")
    assert seen == 300


def test_pages_of_the_output_join_to_the_whole(shell: Shell) -> None:
    text = "".join(f"line {number} {'x' * (number % 50) * 400}\n" for number in range(100)) + "no end"
    shell.write("text.txt", text)
    shell.run("clew", "record", "--session", "o", "--json", "--", "cat", "text.txt")
    pages, after = [], "0"
    while after:
        ran = shell.run("clew", "show", "o#1", "--output", "--after", after, "--json")
        assert len(ran.out.encode()) <= 8000
        pages.append(ran.json["text"])
        after = ran.json.get("next", "")
    assert "".join(pages) == text
    assert shell.run("clew", "show", "o#1", "--output", "--limit", "0", "--json").json["text"] == text
    refused = shell.run("clew", "show", shell.ask("--search", "heat")["step"], "--output", "--json")
    assert refused.error["code"] == "invalid_request"


def test_secrets_are_in_no_part_of_what_is_stored(shell: Shell, lint: tuple[str, ...]) -> None:
    secret = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
    reply = shell.run("clew", "record", "--session", "fix", "--json", "--", *lint, "1", secret).json
    assert sum(reply["redacted"].values()) >= 2
    assert "[redacted " in shell.run("clew", "show", "fix#1", "--output").out
    for file in (shell.folder / ".clew").glob("sessions.db*"):
        assert secret.encode() not in file.read_bytes()
    shell.run("clew", "sessions", "export", "fix", "bundle.zip")
    shown = shell.run("clew", "show", "fix#1", "--output").out + shell.run("clew", "show", "fix#1", "--json").out
    assert secret not in shown


def test_a_later_run_says_what_is_new_and_fixed(shell: Shell, lint: tuple[str, ...]) -> None:
    shell.run("clew", "record", "--session", "fix", "--json", "--", *lint)
    text = (shell.folder / "lib/kettle.js").read_text(encoding="utf-8")
    shell.write("lib/kettle.js", "// one\n// two\n" + text)
    shell.write("lint.py", LINT.replace("4, 26", "6, 26").replace("8, 10", "10, 10").replace('"unused"', '"other"'))
    reply = shell.run("clew", "record", "--session", "fix", "--diff-from", "fix#1", "--json", "--", *lint).json
    assert reply["diff"] == {"against": "fix#1", "new": 1, "fixed": 1, "moved": 2}
    assert [(row["line"], row["diff"]) for row in reply["results"]] == [(1, "new"), (6, "moved"), (10, "moved")]
    assert [gone["message"] for gone in reply["fixed"]] == ["error: bad unused"]


@pytest.mark.parametrize(
    ("argv", "status", "code"),
    [
        (("record", "--json"), 2, "usage"),
        (("record", "--json", "--"), 2, "usage"),
        (("record", "--json", "--bogus", "--", "sh", "-c", "touch ran"), 2, "usage"),
        (("record", "--json", "--parse", "xml", "--", "sh", "-c", "touch ran"), 2, "usage"),
        (("record", "--json", "--timeout", "soon", "--", "sh", "-c", "touch ran"), 2, "usage"),
        (("record", "--json", "--diff-from", "none#1", "--", "sh", "-c", "touch ran"), 3, "session_not_found"),
        (("record", "--json", "--diff-from", "names#1", "--", "sh", "-c", "touch ran"), 2, "invalid_request"),
        (("record", "--json", "--session", "no#7", "--", "sh", "-c", "touch ran"), 3, "session_not_found"),
        (("record", "--json", "--budget", "9", "--", "sh", "-c", "touch ran"), 2, "usage"),
    ],
)
def test_what_is_wrong_is_said_before_anything_runs(shell: Shell, argv: tuple[str, ...], status: int, code: str) -> None:
    shell.ask("--session-start", "names", "--search", "heat")
    ran = shell.run("clew", *argv)
    assert (ran.status, ran.error["code"]) == (status, code)
    assert not (shell.folder / "ran").exists()


def test_a_run_without_findings_leaves_the_subject_and_a_search_without_hits_does_not(shell: Shell) -> None:
    subject = shell.ask("--session-start", "s", "--search", "heat")["subject"]
    assert shell.run("clew", "record", "--session", "s", "--json", "--", "true").json["subject"] == subject
    assert "subject" not in shell.run("clew", "record", "--session", "s", "--json", "--", "grep", "-rn", "nowhere-at-all", "lib").json


def test_a_command_in_a_folder_names_places_from_there(shell: Shell) -> None:
    folder: Path = shell.folder / "lib"
    reply = shell.run("clew", "record", "--json", "--", "grep", "-n", "watts", "kettle.js", "/dev/null", cwd=folder).json
    assert {row["file"] for row in reply["results"]} == {"lib/kettle.js"}
