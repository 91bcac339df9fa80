"""`clew ask`: JSON lines in, JSON lines out, in the same order, in one process."""

import json
import subprocess
from typing import Any

from inline_snapshot import snapshot
from shell import Shell


def asked(shell: Shell, *questions: dict[str, Any] | str, flags: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    lines = "".join((question if isinstance(question, str) else json.dumps(question)) + "\n" for question in questions)
    ran = shell.run("clew", "ask", *flags, stdin=lines)
    assert (ran.status, ran.err) == (0, "")
    return [json.loads(line) for line in ran.out.splitlines()]


def test_questions_in_a_session_are_steps_that_go_on_from_each_other(shell: Shell) -> None:
    replies = asked(
        shell,
        {"id": 1, "op": "search", "terms": ["heat"]},
        {"id": 2, "op": "callers"},
        {"id": 3, "op": "nothing"},
        {"id": 4, "op": "references", "match": "1", "storeAs": "who"},
        flags=("--save-session", "tour", "--agent", "a1"),
    )
    assert [reply.get("step") for reply in replies] == ["tour#1", "tour#2", None, "tour#3"]
    assert [reply.get("reused", {}).get("step") for reply in replies] == [None, "tour#1", None, "tour#2"]
    assert replies[3]["session"]["contextKeys"] == ["search", "callers", "who"]
    later = asked(shell, {"op": "callers"}, {"op": "tests"}, flags=("--from", "tour#1"))
    assert [(reply["step"], reply["branch"], reply["reused"]["step"]) for reply in later] == [
        ("tour#4", "tour~2", "tour#1"),
        ("tour#5", "tour~2", "tour#1"),
    ]
    assert shell.ask("--from", "tour", "--callers")["step"] == "tour#6"


def test_questions_without_an_agent_go_on_from_their_own_answers(shell: Shell) -> None:
    line = shell.line("clew", "ask", "--save-session", "tour")
    with subprocess.Popen(  # noqa: S603 - ours
        line, cwd=shell.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=shell.environ()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def reply(question: dict[str, Any]) -> dict[str, Any]:
            process.stdin.write(json.dumps(question).encode() + b"\n")
            process.stdin.flush()
            answer: dict[str, Any] = json.loads(process.stdout.readline())
            return answer

        first = reply({"op": "search", "terms": ["heat"]})
        shell.ask("--from", "tour", "--search", "brew")
        second = reply({"op": "callers"})
        assert (second["subject"], second["branch"]) == (first["subject"], "tour~2")
        assert second["reused"]["filesParsed"] == 0
        assert reply({"op": "callers", "match": 1})["error"]["code"] == "invalid_request"
        assert reply({"op": "callers", "after": "x"})["error"]["code"] == "invalid_request"
        process.stdin.close()


def test_questions_outside_a_session_leave_no_step_and_take_nothing_from_one(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    replies = asked(shell, {"op": "callers", "target": "heat"}, {"op": "callers", "match": "1"})
    assert ("step" in replies[0], replies[1]["error"]["code"]) == (False, "invalid_request")
    assert shell.steps("tour") == ["search"]
    both = shell.run("clew", "ask", "--from", "tour", "--save-session", "tour", "--json")
    assert (both.status, both.error["code"]) == (2, "invalid_request")


def test_questions_are_answered_in_order(shell: Shell) -> None:
    replies = asked(
        shell,
        {"id": 1, "op": "references", "target": "lib/tea.mjs:3:17", "limit": 0},
        {"id": 2, "op": "find", "name": "brew"},
        {"id": "three", "op": "importers", "target": "lib/kettle.js", "transitive": True, "fields": ["file"]},
        {"id": 4, "op": "cycles", "graph": "runtime"},
    )
    assert replies == snapshot(
        [
            {
                "id": 1,
                "operation": "references",
                "complete": True,
                "total": 1,
                "shown": 1,
                "targets": [{"target": "lib/tea.mjs::brew", "total": 1, "files": 1}],
                "results": [
                    {
                        "n": 1,
                        "file": "lib/tea.mjs",
                        "line": 3,
                        "column": 17,
                        "role": "definition",
                        "evidence": "exact",
                        "within": {"name": "brew", "line": 3},
                        "text": "export function brew() {",
                    }
                ],
                "possible": 0,
            },
            {
                "id": 2,
                "operation": "find",
                "complete": True,
                "total": 1,
                "shown": 1,
                "results": [
                    {
                        "n": 1,
                        "name": "brew",
                        "kind": "function",
                        "file": "lib/tea.mjs",
                        "line": 3,
                        "column": 17,
                        "exported": True,
                        "match": "exact",
                    }
                ],
            },
            {
                "id": "three",
                "operation": "importers",
                "complete": True,
                "total": 4,
                "shown": 4,
                "targets": ["lib/kettle.js"],
                "results": [
                    {"n": 1, "file": "index.js"},
                    {"n": 2, "file": "lib/tea.mjs"},
                    {"n": 3, "file": "test/heat.js"},
                    {"n": 4, "file": "test/kettle.js"},
                ],
            },
            {"id": 4, "operation": "cycles", "complete": True, "total": 0, "shown": 0, "results": [], "components": []},
        ]
    )


def test_an_error_is_a_reply_and_the_stream_goes_on(shell: Shell) -> None:
    replies = asked(
        shell,
        "not json",
        {"id": 1, "op": "nothing"},
        {"id": 2, "op": "references", "targett": "brew"},
        {"id": 3, "op": "references", "target": "nothingLikeIt"},
        {"id": 4, "op": "text", "pattern": ["("], "regex": True},
        {"id": 5, "op": "references", "target": "../../etc/passwd"},
        {"id": 6, "op": "find", "name": "brew"},
    )
    assert [reply.get("id") for reply in replies] == [None, 1, 2, 3, 4, 5, 6]
    assert [reply["error"]["code"] for reply in replies[:-1]] == [
        "usage",
        "usage",
        "invalid_request",
        "symbol_not_found",
        "usage",
        "outside_workspace",
    ]
    assert replies[-1]["total"] == 1


def test_each_answer_comes_before_the_next_question_and_sees_the_tree_as_it_is(shell: Shell) -> None:
    with subprocess.Popen(  # noqa: S603 - ours
        shell.line("clew", "ask"), cwd=shell.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=shell.environ()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        question = b'{"op":"find","name":"fresh"}\n'
        totals = []
        for text in ("export function other() {}\n", "export function fresh() {}\n"):
            shell.write("lib/new.mjs", text)
            total = None
            while total != len(totals):
                process.stdin.write(question)
                process.stdin.flush()
                total = json.loads(process.stdout.readline())["total"]
            totals.append(total)
        process.stdin.close()
        assert process.wait() == 0
    assert totals == [0, 1]


def test_nothing_is_recorded(shell: Shell) -> None:
    asked(shell, {"op": "find", "name": "brew"})
    assert shell.run("clew", "sessions", "list", "--calls", "--json").json["results"] == []
