"""Both halves of every reply and error, and advice that an agent can follow by calling tools."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from mcp_types import CallToolResult, TextContent

import clew
from clew.errors import ClewError, UnsafeEdit
from clew.mcp import replies
from clew.mcp.arguments import ACTIONS, OPS, RECORD, VERIFY, require_readable
from clew.mcp.server import described
from clew.mcp.spelling import spelt
from clew.mcp.tools import TOOLS, tools_of
from clew.operations import OPERATIONS, verb
from clew.running.opening import let_read_steps, open_sessions
from clew.workspace import Workspace

SAMPLE = Path(clew.__path__[0]) / "sample"
Half = Callable[[CallToolResult], Any]

CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("search_code", {"query": "processData", "session": "tour"}),
    ("search_code", {"query": "e", "limit": 1}),
    ("search_code", {"query": "nothing-of-that-name"}),
    ("ask_code", {"op": "hot-paths"}),
    ("ask_code", {"op": "references", "from": "tour#1"}),
    ("ask_code", {"op": "help"}),
    ("ask_code", {"op": "help", "targets": ["callers"]}),
    ("read_session", {"action": "list"}),
    ("read_session", {"action": "resume", "ref": "tour"}),
    ("read_session", {"action": "log", "ref": "tour"}),
    ("read_session", {"action": "show", "ref": "tour#1"}),
    ("plan_edit", {"op": "help"}),
    ("plan_edit", {"op": "help", "targets": ["rename"]}),
    ("plan_edit", {"op": "rename", "targets": ["toLine"], "from": "tour", "args": {"to": "toRow"}}),
    ("apply_plan", {"step": "tour#3"}),
    ("run_check", {"name": "pass", "step": "tour"}),
    ("run_check", {"name": "fail"}),
    ("apply_plan", {"step": "tour#3", "action": "undo"}),
    ("search_code", {}),
    ("search_code", {"query": "x", "kind": "functoin"}),
    ("search_code", {"query": "x", "dir": "../.."}),
    ("search_code", {"query": "x", "limit": "many"}),
    ("ask_code", {"op": "callrs"}),
    ("ask_code", {"op": "callers", "targets": ["no.such"]}),
    ("ask_code", {"op": "callers", "from": "js--00000000000000000000000000-search-001"}),
    ("ask_code", {"op": "callers", "from": "tour", "args": {"session": "other"}}),
    ("ask_code", {"op": "callers", "args": {"op": "search"}}),
    ("ask_code", {"op": "callers", "args": {"match": "1"}}),
    ("read_session", {"action": "show"}),
    ("read_session", {"action": "show", "ref": "nowhere#4"}),
    ("plan_edit", {"op": "rename", "targets": ["toLine"]}),
    ("plan_edit", {"op": "callers", "targets": ["toLine"]}),
    ("plan_edit", {"op": "replace", "targets": ["toLine"], "args": {"withFile": "/etc/hosts"}}),
    ("apply_plan", {}),
    ("apply_plan", {"step": "tour#1"}),
    ("apply_plan", {"step": "nowhere#4"}),
    ("apply_plan", {"step": "tour#3", "only": ["no.js"]}),
    ("apply_plan", {"step": "tour#3", "action": "undo", "confirm": "x"}),
    ("run_check", {"name": "pas"}),
    ("run_check", {"name": "pass", "step": "tour#1"}),
    ("run_check", {"name": "pass", "keep": True}),
)
SAYS_ALL = {"help", "list", "resume", "log", "show"}
CHECKS = {"pass": ("true",), "fail": ("false",)}


def called(folder: Path, calls: tuple[tuple[str, dict[str, Any]], ...] = CALLS) -> list[CallToolResult]:
    """What the tools give, one after the other, in one workspace."""
    tools = {tool.name: tool for tool in tools_of(CHECKS)}
    workspace = Workspace.open(str(folder))
    workspace.is_bound = True
    sessions = open_sessions(workspace, {})
    let_read_steps(workspace, sessions)
    results = []
    for name, arguments in calls:
        try:
            results.append(replies.answer(tools[name].run(workspace, sessions, {}, arguments)))
        except ClewError as error:
            results.append(replies.failure(error, name, arguments))
    sessions.close()
    return results


def structured(result: CallToolResult) -> Any:
    return result.structured_content


def as_text(result: CallToolResult) -> Any:
    (block,) = result.content
    return json.loads(block.text) if isinstance(block, TextContent) else None


def lacks(result: CallToolResult, half: Half, other: Half) -> list[str]:
    """What of one half is not in the other, when that is all that a client keeps."""
    kept, whole = half(result) or {}, other(result) or {}
    wanted = ["step", "continuationToken", "total", "shown", "results", "next", "complete", "why", "error"]
    return [name for name in wanted if name in whole and kept.get(name) != whole[name]]


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[CallToolResult]:
    folder = tmp_path_factory.mktemp("sample")
    for path in SAMPLE.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            (folder / path.relative_to(SAMPLE)).parent.mkdir(parents=True, exist_ok=True)
            (folder / path.relative_to(SAMPLE)).write_bytes(path.read_bytes())
    return called(folder)


@pytest.mark.parametrize("half", [structured, as_text])
def test_either_half_of_a_reply_is_enough_to_go_on(results: list[CallToolResult], half: Half) -> None:
    for result, (name, arguments) in zip(results, CALLS, strict=True):
        said = half(result)
        if result.is_error:
            assert said["error"].keys() >= {"code", "message", "hint"}, (name, arguments)
        elif SAYS_ALL.intersection(map(str, arguments.values())):
            assert "operation" in said
        else:
            assert said.keys() >= {"step", "continuationToken", "total", "shown", "complete", "results"}, (name, arguments)
            assert "next" in said or said["shown"] == said["total"]
        assert lacks(result, half, structured) == lacks(result, half, as_text) == []


def test_calls_that_should_fail_do(results: list[CallToolResult]) -> None:
    assert [result.is_error for result in results] == [False] * 18 + [True] * 23


@pytest.mark.parametrize("broken", ["text says less", "structure says less", "no structure"])
def test_a_reply_whose_halves_differ_would_be_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: str) -> None:
    """The doubles: servers whose text is a summary, or whose structure has only the rows."""
    whole = replies.both_halves

    def halves(reply: Any, *, is_error: bool = False) -> CallToolResult:
        result = whole(reply, is_error=is_error)
        if broken == "text says less":
            return result.model_copy(update={"content": [TextContent(text=json.dumps({"total": 1}))]})
        left = {"results": []} if broken == "structure says less" else None
        return result.model_copy(update={"structured_content": left})

    monkeypatch.setattr(replies, "both_halves", halves)
    (tmp_path / "a.js").write_text("export function greet() {}\n", encoding="utf-8")
    (result,) = called(tmp_path, CALLS[:1])
    assert lacks(result, structured, as_text) or lacks(result, as_text, structured)


def test_six_tools_take_five_kilobytes_and_say_what_they_destroy() -> None:
    listed = [described(tool).model_dump(by_alias=True, exclude_none=True) for tool in TOOLS]
    assert len(json.dumps(listed, separators=(",", ":"))) < 5000
    hints = ("readOnlyHint", "destructiveHint", "idempotentHint")
    said = {tool["name"]: tuple(tool["annotations"].get(hint) for hint in hints) for tool in listed}
    assert list(said.items()) == [
        ("search_code", (True, False, None)),
        ("ask_code", (True, False, None)),
        ("read_session", (True, False, None)),
        ("plan_edit", (True, False, None)),
        ("apply_plan", (False, True, True)),
        ("run_check", (False, True, None)),
    ]


def test_what_writes_is_no_operation_of_the_tools_that_read() -> None:
    acting = {row.name for row in OPERATIONS if verb(row).request.acts}
    assert {row.name for rows in OPS.values() for row in rows} == {row.name for row in OPERATIONS} - acting
    assert acting == {*ACTIONS.values(), VERIFY, RECORD}


def test_a_reply_keeps_the_budget_that_the_command_line_has(tmp_path: Path) -> None:
    many = "".join(f"export function greet{number}() {{ return '{'x' * 90}'; }}\n" for number in range(500))
    (tmp_path / "a.js").write_text(many, encoding="utf-8")
    (result,) = called(tmp_path, (("search_code", {"query": "greet"}),))
    assert len(msgspec.json.encode(result.structured_content)) <= 8000
    assert result.structured_content is not None
    assert result.structured_content["next"].endswith(":20")


def test_a_field_that_is_none_leads_to_those_that_are(tmp_path: Path) -> None:
    wrong = {"op": "callers", "targets": ["greet"], "args": {"possibel": True}}
    (result,) = called(tmp_path, (("ask_code", wrong),))
    assert as_text(result)["error"]["hint"] == 'ask_code {"op":"help","targets":["callers"]}'


def test_a_hint_is_the_callers_own_call_put_right(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("export function greet() {}\n", encoding="utf-8")
    right = {
        'search_code {"query":"greet","kind":"function"}': {"query": "greet", "kind": "functoin"},
        'ask_code {"op":"callers","targets":["greet"]}': {"op": "callrs", "targets": ["greet"]},
        'ask_code {"op":"callers","targets":["a.js::greet"]}': {"op": "callers", "targets": ["a.js::gret"]},
        'search_code {"query":"leave"}': {"op": "callers", "targets": ["a.js::leave"]},
        'ask_code {"op":"callers","targets":["greet"],"args":{"limit":3,"possible":true}}': {
            "op": "callers",
            "targets": "greet",
            "limit": 3,
            "possible": True,
        },
        'ask_code {"op":"help"}': {"op": "record", "args": {"command": ["true"]}},
        'search_code {"query":"greet"}': {"query": "greet", "limit": "3"},
        'read_session {"action":"list"}': {"action": "lst"},
        'plan_edit {"op":"rename","targets":["greet"],"args":{"to":"hi"}}': {"op": "rename", "targets": ["greet"], "args": {"to": "hi"}},
    }
    tools = {"query": "search_code", "op": "ask_code", "action": "read_session"}
    results = called(tmp_path, tuple((tools[next(iter(one))], one) for one in right.values()))
    assert [as_text(result)["error"]["hint"] for result in results] == list(right)
    follows = [(hint.partition(" ")[0], json.loads(hint.partition(" ")[2])) for hint in right]
    assert [result.is_error for result in called(tmp_path, tuple(follows))] == [False] * len(follows)


def test_an_edit_of_one_of_several_is_the_same_edit_of_the_first(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.js").write_text("export function greet() {}\n", encoding="utf-8")
    edit = {"op": "rename", "from": "tour", "args": {"to": "hi"}}
    _, result = called(tmp_path, (("search_code", {"query": "greet", "session": "tour"}), ("plan_edit", edit)))
    hint = {"op": "rename", "from": "tour", "args": {"to": "hi"}, "targets": ["a.js::greet"]}
    assert as_text(result)["error"]["hint"].partition(" ")[0] == "plan_edit"
    assert json.loads(as_text(result)["error"]["hint"].partition(" ")[2]) == hint


def test_a_section_is_found_planned_written_and_taken_back(tmp_path: Path) -> None:
    (tmp_path / "guide.md").write_text("# Guide\n\n[in](#set-up)\n\n## Set up\n", encoding="utf-8")
    found, plan, wrote, undone = called(
        tmp_path,
        (
            ("ask_code", {"op": "md-search", "args": {"terms": ["set", "up"], "session": "s"}}),
            ("plan_edit", {"op": "rename-heading", "from": "s", "args": {"to": "Install"}}),
            ("apply_plan", {"step": "s#2"}),
            ("apply_plan", {"step": "s#3", "action": "undo"}),
        ),
    )
    assert as_text(found)["results"][0]["target"] == "guide.md#set-up"
    assert (as_text(plan)["edits"], as_text(plan)["next"][0]) == (2, 'apply_plan {"step":"s#2"}')
    assert [as_text(one)["applied"] for one in (wrote, undone)] == [True, True]


def test_only_what_can_be_asked_is_offered(tmp_path: Path) -> None:
    (listed,) = called(tmp_path, (("ask_code", {"op": "help"}),))
    (tool,) = (tool for tool in TOOLS if tool.name == "ask_code")
    offered = described(tool).input_schema["properties"]["op"]["enum"]
    assert offered == ["help", *(row["op"] for row in as_text(listed)["results"])]
    asked = called(tmp_path, tuple(("ask_code", {"op": op}) for op in offered))
    assert [op for op, result in zip(offered, asked, strict=True) if "no operation" in str(as_text(result))] == []


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("js-scan --callers res.send --possible --json", 'ask_code {"op":"callers","targets":["res.send"],"args":{"possible":true}}'),
        ("js-scan --from tour --who-calls @2.1", 'ask_code {"op":"callers","targets":["@2.1"],"from":"tour"}'),
        ("js-scan --text 'two words' --limit 5", 'ask_code {"op":"text","args":{"limit":5,"pattern":["two words"]}}'),
        ("js-scan --from tour --revive --search TERM", 'ask_code {"op":"search","from":"tour","args":{"revive":true,"terms":["TERM"]}}'),
        ("js-scan --ripple --help", 'ask_code {"op":"help","targets":["ripple"]}'),
        ("js-scan --session-start", 'search_code {"query":"TERM","session":"NAME"}'),
        ("js-edit --fix hdr#3 --json", 'apply_plan {"step":"hdr#3"}'),
        ("js-edit --from hdr --fix --verify -- npm test", 'apply_plan {"step":"hdr"}'),
        ("js-edit --fix hdr#3 --only lib/a.js", 'apply_plan {"step":"hdr#3","only":["lib/a.js"]}'),
        ("js-edit --undo hdr#4 --json", 'apply_plan {"step":"hdr#4","action":"undo"}'),
        ("js-edit --redo hdr#5 --json", 'apply_plan {"step":"hdr#5","action":"redo"}'),
        ("js-edit --diff hdr#3", 'plan_edit {"op":"diff","from":"hdr#3"}'),
        ("js-edit --replan hdr#3", 'plan_edit {"op":"replan","from":"hdr#3"}'),
        ("js-edit --rename TARGET --to NAME", 'plan_edit {"op":"rename","targets":["TARGET"],"args":{"to":"NAME"}}'),
        ("js-edit --delete a.js::f --force", 'plan_edit {"op":"delete","targets":["a.js::f"],"args":{"force":true}}'),
        ("js-edit --after hdr#3:20 --json", 'read_session {"action":"show","after":"hdr#3:20"}'),
        ("md-edit --fix hdr#3 --json", 'apply_plan {"step":"hdr#3"}'),
        ("md-edit --rename-heading a.md#b --to C", 'plan_edit {"op":"rename-heading","targets":["a.md#b"],"args":{"to":"C"}}'),
        ("md-edit --toc --help", 'plan_edit {"op":"help","targets":["toc"]}'),
        ("js-edit --rename --help", 'plan_edit {"op":"help","targets":["rename"]}'),
        ("js-edit --verify -- npm test", "js-edit --verify -- npm test"),
        ("clew mcp --check test='npm test'", "clew mcp --check test='npm test'"),
        ("clew show tour#2 --json", 'read_session {"action":"show","ref":"tour#2"}'),
        ("clew show tour#2 --output", 'read_session {"action":"output","ref":"tour#2"}'),
        ("clew sessions list", 'read_session {"action":"list"}'),
        ("clew doctor --repair", "clew doctor --repair"),
        ("git log --oneline", "git log --oneline"),
        ("Choose another one", "Choose another one"),
        ("it's", "it's"),
    ],
)
def test_advice_is_spelt_as_a_call(line: str, call: str) -> None:
    assert spelt(line) == call


@pytest.mark.parametrize("arguments", [{"query": "x" * 2_000_000}, {"query": "\ud800"}])
def test_arguments_that_cannot_be_read_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(ClewError) as refused:
        require_readable(arguments)
    assert refused.value.code == "invalid_request"


def test_a_bug_in_a_tool_is_told_with_a_report() -> None:
    error = as_text(replies.failure(ZeroDivisionError("no"), "ask_code", {"op": "callers"}))["error"]
    assert (error["code"], error["hint"]) == ("internal", "clew doctor")
    assert "ZeroDivisionError" in error["report"]


def test_a_flag_with_a_value_is_a_field_with_it() -> None:
    asked = {"op": "replace-text", "args": {"old": ["a"], "with": "b"}}
    told = as_text(replies.failure(UnsafeEdit("The text stands 2 times, not 1", again=("--expect-count", "2")), "plan_edit", asked))
    assert told["error"]["hint"] == 'plan_edit {"op":"replace-text","args":{"old":["a"],"with":"b","expectCount":2}}'
