"""The main job, in real processes: start, continue, branch, read again."""

import re

import pytest
from inline_snapshot import snapshot
from shell import Shell

TOKEN = re.compile(r"js--[0-9abcdefghjkmnpqrstvwxyz]{26}-[a-z-]+-[0-9]{3,}")


def test_the_second_command_works_on_what_the_first_one_found(shell: Shell) -> None:
    found = shell.ask("--session-start", "--search", "createKettle", "--save-session", "tour")
    assert [found[name] for name in ("operation", "question", "step", "fromPriorContext", "complete", "total", "results")] == snapshot(
        [
            "search",
            "search createKettle",
            "tour#1",
            False,
            True,
            1,
            [
                {
                    "n": 1,
                    "name": "createKettle",
                    "kind": "function",
                    "file": "lib/kettle.js",
                    "line": 3,
                    "column": 10,
                    "exported": True,
                    "match": "exact",
                }
            ],
        ]
    )
    reached = shell.ask("--session-continue", "--from", "tour", "--analyze-ripple")
    assert isinstance(reached["reused"].pop("savedMs"), float)
    assert reached["reused"] == {"step": "tour#1", "used": [1], "of": 1, "filesParsed": 0, "verdict": "fresh"}
    assert (reached["fromPriorContext"], reached["files"]) == (True, ["index.js", "lib/kettle.js", "lib/tea.mjs", "test/kettle.js"])
    assert [TOKEN.fullmatch(reply["continuationToken"]) is not None for reply in (found, reached)] == [True, True]
    assert list(found)[:5] == ["operation", "question", "step", "continuationToken", "session"]
    assert list(found)[-1] == "results"


def test_an_older_token_grows_a_branch_and_nothing_is_lost(shell: Shell) -> None:
    token = shell.ask("--session-start", "tour", "--search", "heat")["continuationToken"]
    shell.ask("--from", "tour", "--references")
    branched = shell.ask("--from", token, "--callers")
    assert (branched["step"], branched["branch"], branched["reused"]["step"]) == ("tour#3", "tour~2", "tour#1")
    assert shell.ask("--from", "tour~2", "--ripple")["reused"]["step"] == "tour#1"
    assert shell.steps("tour") == ["search", "references", "callers", "ripple"]


def test_several_operations_of_one_call_are_one_step_each(shell: Shell) -> None:
    reply = shell.ask("--session-start", "tour", "--search", "brew", "--references", "--ripple", "lib/tea.mjs")
    assert reply["step"] == "tour#3"
    assert reply["fromPriorContext"] is False
    assert reply["earlier"] == snapshot(
        [
            {"step": "tour#1", "question": "search brew", "total": 1, "top": "lib/tea.mjs::brew"},
            {"step": "tour#2", "question": "references of lib/tea.mjs::brew", "total": 1, "top": "lib/tea.mjs::brew"},
        ]
    )


def test_when_one_operation_fails_the_finished_ones_stay(shell: Shell) -> None:
    error = shell.refused("--session-start", "tour", "--search", "heat", "--references", "nothingLikeIt", status=3)
    assert (error["code"], error["completed"]) == ("symbol_not_found", ["tour#1"])
    assert shell.steps("tour") == ["search"]


def test_a_call_without_session_flags_can_be_continued(shell: Shell) -> None:
    token = shell.ask("--search", "brew")["continuationToken"]
    assert shell.ask("--from", token, "--references")["reused"]["used"] == [1]
    assert shell.ask("--from", token[:16], "--callers")["reused"]["used"] == [1]


@pytest.mark.parametrize(("flags", "environ"), [(("--no-record",), {}), ((), {"CLEW_RECORD": "0"})])
def test_nothing_is_recorded_when_that_is_wanted(shell: Shell, flags: tuple[str, ...], environ: dict[str, str]) -> None:
    assert "step" not in shell.ask("--search", "heat", *flags, environ=environ)
    assert shell.run("clew", "sessions", "list", "--calls", "--json").json["results"] == []


def test_save_session_alone_creates_or_joins(shell: Shell) -> None:
    assert shell.ask("--save-session", "tea", "--search", "heat")["step"] == "tea#1"
    assert shell.ask("--save-session", "tea", "--references")["reused"]["step"] == "tea#1"
    assert shell.ask("--search", "brew", environ={"CLEW_SESSION": "tea"})["step"] == "tea#3"


def test_results_can_be_picked_and_addressed(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "kettle heat", "--any")
    picked = shell.ask("--from", "tour#1", "--match", "2", "--references")
    assert picked["reused"]["used"] == [2]
    for target in ("@1", "@1.1", "@search.1"):
        assert shell.ask("--from", "tour#1", "--references", target)["reused"]["used"] == [1]
    error = shell.refused("--from", "tour#1", "--match", "99", "--references", status=2)
    assert error["code"] == "invalid_request"


def test_another_step_can_be_read_without_branching(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    shell.ask("--from", "tour", "--search", "brew")
    reply = shell.ask("--from", "tour", "--input-from", "tour#1", "--references", "--store-as", "heat-uses")
    assert (reply["step"], reply["reused"]["step"], "branch" in reply) == ("tour#3", "tour#1", False)
    assert reply["session"]["contextKeys"] == ["search", "heat-uses"]


def test_pages_are_read_again_and_make_no_step(shell: Shell) -> None:
    first = shell.ask("--session-start", "tour", "--text", "kettle", "--limit", "2")
    assert (first["shown"], first["complete"]) == (2, True)
    second = shell.ask("--after", first["next"], "--limit", "2")
    assert [row["n"] for row in second["results"]] == [3, 4]
    again = shell.ask("--from", "tour", "--text", "kettle", "--after", first["next"], "--limit", "2")
    shown = shell.run("clew", "show", "tour#1", "--after", "2", "--limit", "2", "--json").json
    assert second == again == shown
    assert shell.steps("tour") == ["text"]


def test_chosen_fields_and_a_budget_make_a_reply_small(shell: Shell) -> None:
    assert shell.ask("--search", "brew", "--fields", "name,line")["results"] == [{"n": 1, "name": "brew", "line": 3}]
    ran = shell.run("js-scan", "--text", "e", "--limit", "0", "--budget", "2000", "--json")
    assert len(ran.out) <= 2000
    assert ran.json["shown"] < ran.json["total"]


def test_the_same_key_and_request_give_the_same_token(shell: Shell) -> None:
    flags = ("--save-session", "tour", "--search", "heat", "--idempotency-key", "k1")
    assert shell.ask(*flags)["continuationToken"] == shell.ask(*flags)["continuationToken"]
    error = shell.refused("--save-session", "tour", "--search", "brew", "--idempotency-key", "k1", status=6)
    assert error["code"] == "idempotency_conflict"


def test_a_repeated_start_with_its_key_is_the_same_start(shell: Shell) -> None:
    flags = ("--session-start", "tour", "--search", "heat", "--idempotency-key", "k1")
    assert shell.ask(*flags)["continuationToken"] == shell.ask(*flags)["continuationToken"]
    assert shell.steps("tour") == ["search"]


def test_a_stored_answer_is_used_while_it_holds(shell: Shell) -> None:
    assert shell.ask("--search", "heat", "--check-cache")["cached"] is False
    shell.ask("--session-start", "tour", "--search", "heat")
    assert shell.ask("--search", "heat")["cached"]["step"] == "tour#1"
    assert shell.ask("--search", "heat", "--check-cache")["cached"]["age"] >= 0
    assert "cached" not in shell.ask("--search", "heat", "--no-cache")
    shell.ask("--clear-cache")
    before = shell.ask("--search", "heat")
    assert "cached" not in before
    shell.write("lib/new.js", "exports.heat = 1;\n")
    assert shell.ask("--search", "heat")["total"] == before["total"] + 1


def test_steps_of_other_agents_are_told(shell: Shell) -> None:
    shell.ask("--session-start", "team", "--search", "heat", "--agent", "ada")
    shell.ask("--from", "team", "--search", "brew", environ={"AGENT_ID": "ben"})
    reply = shell.ask("--from", "team", "--references", environ={"CLEW_AGENT": "ada"})
    assert reply["reused"]["step"] == "team#1"
    assert reply["since"] == [{"step": "team#2", "agent": "ben", "question": "search brew"}]


def test_a_new_process_can_resume_knowing_nothing(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--goal", "why it heats twice", "--search", "createKettle", "--note", "twice?")
    shell.write("lib/kettle.js", "exports.heat = () => 3;\n")
    ran = shell.run("clew", "resume", "--json")
    assert len(ran.out) < 900
    reply = ran.json
    assert {name: reply[name] for name in ("session", "state", "goal", "operationsCompleted", "steps", "tree")} == snapshot(
        {
            "session": "tour",
            "state": "live",
            "goal": "why it heats twice",
            "operationsCompleted": 2,
            "steps": [
                {"step": "tour#1", "question": "search createKettle", "total": 1, "verdict": "changed"},
                {"step": "tour#2", "question": "twice?"},
            ],
            "tree": {"changed": 1, "files": ["lib/kettle.js"]},
        }
    )


def test_text_for_people_says_the_same(shell: Shell) -> None:
    ran = shell.run("js-scan", "--session-start", "tour", "--search", "brew", "--references")
    assert ran.out == snapshot("""\
tour#1 search brew: 1, lib/tea.mjs::brew first
tour#2 references of lib/tea.mjs::brew: 1 of 1; from tour#1
@1 lib/tea.mjs:3:17 brew: export function brew() {
""")


def test_the_tour_runs_on_its_sample_and_on_a_folder(shell: Shell) -> None:
    start, end = ["js-scan"] * 3 + ["md-scan"], ["clew"] * 2 + ["js-scan"]
    for argv, edits in (((), ["js-edit"] * 3), ((str(shell.folder),), [])):  # it renames code and prose in its own sample only
        ran = shell.run("clew", "tour", *argv)
        assert (ran.status, ran.err) == (0, "")
        assert [line.split()[1] for line in ran.out.splitlines() if line.startswith("$ ")] == [*start, *edits, *end]


def test_a_doctor_finds_nothing_after_all_that(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "brew", "--references", "--note", "done", "--goal", "tea")
    shell.ask("--from", "tour#1", "--ripple", "--pin")
    ran = shell.run("clew", "doctor", "--json")
    assert (ran.status, ran.json["sessions"]["steps"], "problems" in ran.json["sessions"]) == (0, 5, False)


def test_a_doctor_names_a_broken_store_and_fails(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "brew")
    shell.write(".clew/sessions.db", "no database")
    ran = shell.run("clew", "doctor", "--json")
    assert (ran.status, ran.json["failed"], len(ran.json["sessions"]["problems"])) == (1, True, 1)
    assert shell.refused("--from", "tour", "--references", status=8)["code"] == "store_corrupt"
