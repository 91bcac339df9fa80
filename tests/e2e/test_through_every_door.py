"""One session through every door, each a process of its own: a search, tools over MCP, a recorded test run, and its resumption."""

from __future__ import annotations

import asyncio
import re
import sys
from typing import Any

from inline_snapshot import snapshot
from mcp_ways import ask, over_stdio
from shell import Shell

TESTS = """\
print('''TAP version 13
# Subtest: heat doubles
not ok 1 - heat doubles
  ---
  location: 'test/heat.js:3:1'
  failureType: 'testCodeFailure'
  error: 'Expected 9, got 6'
  code: 'ERR_ASSERTION'
  stack: |-
    heat (lib/kettle.js:8:10)
    Object.<anonymous> (test/heat.js:3:1)
  ...
# Subtest: it boils
ok 2 - it boils
1..2
# tests 2
# pass 1
# fail 1''')
open('runs', 'a').write('x')
raise SystemExit(1)
"""
"""What `node --test` would print, for machines that have no node."""


def told(reply: dict[str, Any]) -> tuple[object, ...]:
    """A step's place in the thread: its address, its subject, and which rows of which step it went on from."""
    reused = reply.get("reused", {})
    subject = [re.sub(r":\d.*", "", name) for name in reply["subject"]]
    return reply["step"], subject, reply["fromPriorContext"], reused.get("step"), reused.get("used"), reused.get("verdict")


def test_a_search_tools_a_recorded_run_and_its_resumption_are_one_thread(shell: Shell) -> None:
    shell.write("run_tests.py", TESTS)
    replies = [shell.ask("--session-start", "tour", "--goal", "why heat fails", "--search", "createKettle")]

    async def continued() -> dict[str, Any]:
        async with over_stdio(shell) as client:
            replies.append(await ask(client, "ask_code", op="callers", **{"from": "tour"}))
            recorded = await asyncio.to_thread(
                shell.run, "clew", "record", "--session", "tour", "--as", "run", "--json", "--", sys.executable, "run_tests.py"
            )
            assert (recorded.status, recorded.err) == (1, "")
            replies.append(recorded.json)
            shell.write("lib/new.mjs", "import { heat } from './kettle.js';\n\nexport const twice = () => heat(heat(1));\n")
            replies.append(await ask(client, "ask_code", op="callers", targets=["@1"], **{"from": recorded.json["continuationToken"]}))
            replies.append(await ask(client, "ask_code", op="ripple", **{"from": "tour"}))
            shown = await ask(client, "read_session", action="show", ref="tour#3")
            assert shown["output"] == 'read_session {"action":"output","ref":"tour#3"}'
            output = await ask(client, "read_session", action="output", ref="tour#3", after="1")
            assert (output["total"], output["text"][:23]) == (18, "# Subtest: heat doubles")
            return await ask(client, "read_session", action="resume", ref="tour")

    seen = asyncio.run(continued())
    replies.append(shell.ask("--from", "tour", "--tests"))
    resumed = shell.run("clew", "resume", "--json").json
    assert [told(reply) for reply in replies] == snapshot(
        [
            ("tour#1", ["lib/kettle.js::createKettle"], False, None, None, None),
            ("tour#2", ["lib/kettle.js::createKettle"], True, "tour#1", [1], "fresh"),
            ("tour#3", ["lib/kettle.js::heat"], False, None, None, None),
            ("tour#4", ["lib/kettle.js::heat"], True, "tour#3", [1], "fresh"),
            ("tour#5", ["lib/kettle.js::heat"], True, "tour#4", [], "fresh"),
            ("tour#6", ["lib/kettle.js::heat"], True, "tour#4", [], "fresh"),
        ]
    )
    ran, called = replies[2:4]
    assert (ran["tests"], ran["first"]) == ({"passed": 1, "failed": 1}, {"n": 1, "message": "Expected 9, got 6"})
    assert {row["file"] for row in called["results"]} == {"lib/kettle.js", "lib/new.mjs", "test/heat.js"}
    assert shell.steps("tour") == ["search", "callers", "record", "callers", "ripple", "tests"]
    assert [step["step"] for step in resumed["steps"]] == ["tour#3", "tour#4", "tour#5", "tour#6"]
    assert (resumed["goal"], resumed["operationsCompleted"], resumed["subject"]) == ("why heat fails", 6, called["subject"])
    assert (seen["goal"], seen["operationsCompleted"], seen["subject"]) == ("why heat fails", 5, called["subject"])
    assert (shell.folder / "runs").read_text(encoding="ascii") == "x"
