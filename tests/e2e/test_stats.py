"""What `clew stats` says of real calls."""

import json
from typing import Any

import apsw
import pytest
from shell import Shell


def stats(shell: Shell, *argv: str) -> dict[str, Any]:
    ran = shell.run("clew", "stats", *argv, "--json")
    assert (ran.status, ran.err) == (0, ""), ran.out
    return ran.json


@pytest.mark.parametrize(
    "argv",
    [
        ("--search", "heat"),
        ("--session-start", "tour", "--search", "heat", "--json"),
        ("--save-session", "tour", "--search", "heat", "--callers", "--budget", "1000", "--pretty"),
        ("--text", "watts", "--limit", "1", "--json"),
    ],
)
def test_the_bytes_of_a_step_are_those_that_were_printed(shell: Shell, argv: tuple[str, ...]) -> None:
    ran = shell.run("js-scan", *argv)
    assert ran.status == 0, ran.err
    newest = max(stats(shell)["slowest"], key=lambda row: int(row["step"].rpartition("#")[2]))
    assert newest["bytesOut"] == len(ran.out.encode())
    assert newest["tokensEstimate"] == -(-newest["bytesOut"] // 4)


@pytest.mark.parametrize(
    ("command", "argv", "parsed"),
    [
        ("js-scan", ("--search", "heat", "--callers", "--tests"), {"search": 5, "callers": 0, "tests": 0}),
        ("md-scan", ("--outline", "tea.md", "--links", "tea.md", "--md-stats"), {"md-outline": 6, "links": 0, "md-stats": 0}),
        ("js-edit", ("--rename", "brew", "--to", "steep", "--diff"), {"rename": 5, "diff": 0}),
    ],
)
def test_several_operations_of_a_call_share_one_index_and_have_a_step_each(
    shell: Shell, command: str, argv: tuple[str, ...], parsed: dict[str, int]
) -> None:
    if command == "md-scan":
        shell.write("tea.md", "# Tea\n\n[kettle](lib/kettle.js)\n")
        argv = tuple("--stats" if word == "--md-stats" else word for word in argv)
    ran = shell.run(command, "--save-session", "tour", *argv, "--json")
    assert ran.status == 0, ran.out
    tokens = [row["continuationToken"] for row in shell.run("clew", "sessions", "log", "tour", "--json").json["results"]]
    assert len(set(tokens)) == len(parsed)
    assert {row["operation"]: row.get("filesParsed", 0) for row in stats(shell)["results"]} == parsed


def test_reuse_is_counted_with_what_it_was_taken_from(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.ask("--from", "tour", "--callers")
    shell.ask("--from", "tour", "--callers")
    told = stats(shell, "--session", "tour")
    assert (told["spent"]["steps"], told["saved"]["fromContext"], told["saved"]["cacheHits"]) == (3, 2, 1)
    assert told["saved"]["cpuMs"] == pytest.approx(told["saved"]["sparedMs"] - told["saved"]["reuseCpuMs"], abs=0.0015)
    assert told["saved"]["sparedMs"] > 0


def test_what_one_call_hands_on_saves_nothing(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat", "--callers")
    assert stats(shell)["saved"]["sparedMs"] == 0
    assert stats(shell)["saved"]["cpuMs"] < 0


def test_a_subject_that_was_named_spares_no_verb(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--callers", "heat")
    shell.ask("--from", "tour", "--tests")
    told = stats(shell)
    assert (told["saved"]["fromContext"], told["saved"]["sparedMs"]) == (1, 0)


def test_inputs_that_changed_are_counted_by_verdict(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "brew")
    shell.write("lib/tea.mjs", "// tea\nexport function brew() {}\n")
    shell.ask("--from", "tour", "--callers")
    assert stats(shell)["staleInputs"] == {"changed": 1}


def test_errors_of_recorded_calls_are_counted_by_code(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    for _ in range(2):
        shell.refused("--from", "tour", "--callers", "nothing", status=3)
    shell.refused("--callers", "nothing", "--no-record", status=3)
    shell.refused("--callers", "nothing", status=3, environ={"CLEW_RECORD": "0"})
    shell.refused("--from", "nowhere", "--callers", status=3)
    shell.refused("--nothing", status=2)
    assert shell.run("clew", "show", "nowhere#1", "--json").status == 3
    assert stats(shell)["errors"] == {"session_not_found": 2, "symbol_not_found": 2}
    assert stats(shell, "--session", "tour")["errors"] == {"symbol_not_found": 2}


def test_a_line_of_the_log_that_a_full_disk_cut_off_is_left_out(shell: Shell) -> None:
    shell.refused("--callers", "nothing", status=3)
    log = shell.folder / ".clew" / "errors.jsonl"
    log.write_bytes(log.read_bytes() + b'{"at":1,"co')
    assert stats(shell)["errors"] == {"symbol_not_found": 1}


def test_the_log_of_errors_does_not_grow_without_end(shell: Shell) -> None:
    shell.refused("--callers", "nothing", status=3)
    folder = shell.folder / ".clew"
    line = (folder / "errors.jsonl").read_bytes()
    (folder / "errors.jsonl").write_bytes(line * ((1 << 20) // len(line)))
    for _ in range(3):
        shell.refused("--callers", "nothing", status=3)
    assert (folder / "errors.jsonl").stat().st_size < 1 << 20
    assert stats(shell)["errors"]["symbol_not_found"] >= (1 << 20) // len(line) + 2


def test_only_recent_steps_are_counted_when_asked(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    assert stats(shell, "--since", "7d")["spent"]["steps"] == 1
    ran = shell.run("clew", "stats", "--since", "soon", "--json")
    assert (ran.status, json.loads(ran.out)["error"]["code"]) == (2, "usage")


def test_nothing_recorded_is_an_answer(shell: Shell) -> None:
    told = stats(shell)
    assert (told["sessions"], told["spent"]["steps"], told["total"]) == (0, 0, 0)


def test_a_copy_of_a_session_is_counted_once(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    before = stats(shell)["spent"]
    assert shell.run("clew", "sessions", "copy", "tour", "tour-2").status == 0
    assert stats(shell)["spent"] == before
    assert stats(shell, "--session", "tour-2")["spent"] == before


def test_feedback_is_a_step_that_leaves_the_subject_and_is_counted_by_operation(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    about = shell.ask("--from", "tour", "--callers")["subject"]
    said = shell.run(
        "clew", "feedback", "tour#2", "--not-useful", "--note", "callers of tests are missing", "--agent", "ann", "--json"
    ).json
    assert (said["operation"], said["step"]) == ("feedback", "tour#3")
    assert shell.run("clew", "feedback", "tour#1", "--useful").status == 0
    assert shell.ask("--from", "tour", "--tests")["subject"] == about
    told = stats(shell)
    assert {row["operation"]: (row.get("useful", 0), row.get("notUseful", 0)) for row in told["results"]} == {
        "search": (1, 0),
        "callers": (0, 1),
        "tests": (0, 0),
    }
    assert told["judgedNotUseful"] == [
        {
            "operation": "callers",
            "step": "tour#2",
            "question": f"callers of {about[0]}",
            "note": "callers of tests are missing",
            "agent": "ann",
        }
    ]


def test_the_newest_feedback_of_an_agent_holds(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    for agent, said in (("ann", "--not-useful"), ("bob", "--not-useful"), ("ann", "--useful")):
        assert shell.run("clew", "feedback", "tour#1", said, "--agent", agent).status == 0
    (row,) = stats(shell)["results"]
    assert (row["useful"], row["notUseful"]) == (1, 1)


@pytest.mark.parametrize(
    ("argv", "status", "code"),
    [
        (("tour#1",), 2, "usage"),
        (("tour#1", "--useful", "--not-useful"), 2, "usage"),
        (("tour#2", "--useful"), 2, "invalid_request"),
        (("tour#9", "--useful"), 3, "session_not_found"),
        (("tour#1", "--useful", "--note", "x" * 10_001), 2, "invalid_request"),
    ],
)
def test_feedback_that_says_nothing_is_refused_and_leaves_no_step(shell: Shell, argv: tuple[str, ...], status: int, code: str) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    assert shell.run("clew", "note", "a note").status == 0
    ran = shell.run("clew", "feedback", *argv, "--json")
    assert (ran.status, ran.error["code"]) == (status, code)
    assert shell.steps("tour") == ["search", "note"]


def test_an_audit_of_real_sessions_finds_nothing(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat", "--callers")
    shell.ask("--from", "tour", "--callers")
    shell.ask("--from", "tour#1", "--match", "1", "--ripple")
    shell.ask("--search", "heat")
    assert shell.run("clew", "record", "--session", "tour", "--", "git", "--version").status == 0
    assert shell.run("clew", "feedback", "tour#2", "--useful").status == 0
    told = stats(shell, "--audit")
    assert (told["receipts"], told["total"]) == (6, 0)


def test_an_audit_that_finds_something_has_status_1(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    database = apsw.Connection(str(shell.folder / ".clew" / "sessions.db"))
    database.execute("UPDATE steps SET details = CAST(replace(CAST(details AS TEXT), '\"filesParsed\":5', '\"filesParsed\":6') AS BLOB)")
    database.close()
    ran = shell.run("clew", "stats", "--audit", "--json")
    assert (ran.status, ran.json["failed"], ran.json["damaged"]) == (1, True, ["tour"])


def test_sessions_are_run_again_without_reuse(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.ask("--from", "tour", "--callers")
    shell.ask("--from", "tour", "--callers")
    shell.ask("--session-start", "alone", "--tests", "heat")
    before = (shell.folder / ".clew" / "sessions.db").read_bytes()
    told = stats(shell, "--replay", "5")
    (row,) = told["results"]
    assert (row["session"], row["verbs"], row.get("otherAnswers", 0), told["replayed"]) == ("tour", 3, 0, 1)
    assert told["truthMs"] - told["receiptsMs"] == pytest.approx(-told["differenceMs"], abs=0.002)
    assert (shell.folder / ".clew" / "sessions.db").read_bytes() == before


def test_sessions_about_files_that_changed_and_commands_are_not_run_again(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "brew")
    shell.ask("--from", "tour", "--callers")
    shell.write("lib/tea.mjs", "export function brew() {}\n")
    shell.write("fail.sh", "echo lib/kettle.js:3:10: error: cold >&2; touch ran\n")
    assert shell.run("clew", "record", "--session", "check", "--", "sh", "fail.sh").status == 0
    (shell.folder / "ran").unlink()
    shell.ask("--from", "check", "--callers")
    told = stats(shell, "--replay", "5")
    assert (told["replayed"], told["leftOut"]) == (0, {"acts": 1, "changed": 1})
    assert not (shell.folder / "ran").exists()


@pytest.mark.parametrize("argv", [("--replay", "0"), ("--replay", "3", "--audit")])
def test_a_replay_of_nothing_or_with_an_audit_is_usage(shell: Shell, argv: tuple[str, ...]) -> None:
    ran = shell.run("clew", "stats", *argv, "--json")
    assert (ran.status, ran.error["code"]) == (2, "usage")


def test_every_step_can_be_listed_with_its_cost(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat", "--callers")
    shell.ask("--from", "tour", "--callers")
    rows = stats(shell, "--steps")["results"]
    assert [(row["n"], row["step"], row.get("cached", False)) for row in rows] == [
        (1, "tour#3", True),
        (2, "tour#2", False),
        (3, "tour#1", False),
    ]
    assert all(row["cpuMs"] > 0 and row["bytesOut"] > 0 and row["tokensEstimate"] > 0 and row["rows"] > 0 for row in rows)
