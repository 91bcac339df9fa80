"""Edits over a real server: searched, planned, written, checked, taken back; and commands that others do not wait for."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TextIO

import pytest
from mcp.client import Client
from mcp_ways import ask, over_stdio, refused
from shell import Shell

META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
PASS, FAIL = f"{sys.executable} -c ''", f"{sys.executable} -c 'raise SystemExit(3)'"


def sources(shell: Shell) -> dict[str, str]:
    return {str(path.relative_to(shell.folder)): path.read_text() for path in sorted(shell.folder.rglob("*.*js"))}


def test_from_a_search_to_a_checked_rename_and_back(shell: Shell) -> None:
    before = sources(shell)

    async def edited() -> dict[str, Any]:
        async with over_stdio(shell, "--check", f"test={PASS}", "--check", f"lint={FAIL}") as client:
            found = await ask(client, "search_code", query="heat", session="hdr", kind="function")
            plan = await ask(client, "plan_edit", op="rename", **{"from": found["continuationToken"], "args": {"to": "warm"}})
            assert (plan["edits"], sources(shell)) == (6, before)
            assert plan["next"] == ['apply_plan {"step":"hdr#2"}', 'plan_edit {"op":"diff","from":"hdr#2"}']
            shown = await ask(client, "plan_edit", op="diff", **{"from": plan["step"]})
            assert "+function warm(watts) {" in shown["text"]
            applied = await ask(client, "apply_plan", step=plan["step"])
            assert (applied["applied"], applied["edits"], applied["next"]) == (True, 6, ['apply_plan {"step":"hdr#4","action":"undo"}'])
            assert (await ask(client, "apply_plan", step=plan["continuationToken"]))["alreadyApplied"] is True
            assert (await ask(client, "ask_code", op="callers", targets=["warm"], **{"from": "hdr"}))["total"] == 2
            checked = await ask(client, "run_check", name="test", step=applied["step"])
            assert (checked["status"], checked["verified"]) == (0, True)
            undone = await ask(client, "apply_plan", step="hdr#4", action="undo")
            assert (undone["applied"], sources(shell)) == (True, before)
            await ask(client, "apply_plan", step=undone["step"], action="redo")
            failed = await ask(client, "run_check", name="lint", step=plan["step"])
            assert (failed["status"], failed["failed"], failed["rolledBack"], sources(shell)) == (3, True, True, before)
            assert await refused(client, "run_check", {"name": "rm"}) == "usage"
            return await ask(client, "read_session", action="resume", ref="hdr")

    resumed = asyncio.run(edited())
    assert resumed["operationsCompleted"] == 10
    assert shell.run("clew", "resume", "hdr", "--json").json["steps"][-1]["question"].startswith("verify ")


def test_what_is_only_possible_is_confirmed_in_another_process(shell: Shell) -> None:
    shell.write("lib/cart.js", "class Cart {\n  add() {}\n}\nconst fill = (cart) => cart.add();\nmodule.exports = { Cart, fill };\n")
    before = sources(shell)

    async def confirmed() -> tuple[str, str]:
        async with over_stdio(shell) as client:
            args = {"to": "put", "includePossible": True, "session": "hdr"}
            await ask(client, "plan_edit", op="rename", targets=["Cart#add"], args=args)
            told = (await client.call_tool("apply_plan", {"step": "hdr#1"})).structured_content["error"]
        assert (told["code"], told["places"], sources(shell)) == ("needs_confirmation", ["lib/cart.js:4:29"], before)
        assert told["hint"] == f'apply_plan {{"step":"hdr#1","confirm":"{told["confirm"]}"}}'
        async with over_stdio(shell) as client:
            applied = await ask(client, "apply_plan", step="hdr#1", confirm=told["confirm"])
            await ask(client, "apply_plan", step=applied["step"], action="undo")
            return str(applied["applied"]), await refused(client, "apply_plan", {"step": "hdr#1", "confirm": told["confirm"]})

    assert asyncio.run(confirmed()) == ("True", "needs_confirmation")
    assert sources(shell) == before


def test_on_the_command_line_the_flag_is_the_confirmation(shell: Shell) -> None:
    shell.write("lib/cart.js", "class Cart {\n  add() {}\n}\nconst fill = (cart) => cart.add();\nmodule.exports = { Cart, fill };\n")
    ran = shell.run("js-edit", "--rename", "Cart#add", "--to", "put", "--include-possible", "--fix", "--json")
    assert (ran.status, ran.json["applied"]) == (0, True), ran.out


def test_a_file_outside_of_the_root_is_no_source_of_code(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "code.js"
    outside.write_text("function heat() {}\n")
    (shell.folder / "link.js").symlink_to(outside)

    files = [str(outside), "link.js", os.path.relpath(outside, shell.folder)]

    async def told() -> list[str]:
        async with over_stdio(shell) as client:
            return [
                await refused(client, "plan_edit", {"op": "replace", "targets": ["heat"], "args": {"withFile": file}}) for file in files
            ]

    assert asyncio.run(told()) == ["outside_workspace"] * 3


class Pipe:
    """A command that says when it runs, and stays; so does what it started, in its group or not. Both keep the pipe open."""

    def __init__(self, folder: Path, *, leaves: bool) -> None:
        self.path = folder / "said"
        os.mkfifo(self.path)
        child = f"import os, time; {'os.setsid(); ' * leaves}time.sleep(600)"
        program = folder / "stay.py"
        program.write_text(
            f"import subprocess, sys, time\nsaid = open({str(self.path)!r}, 'w')\n"
            f"subprocess.Popen([sys.executable, '-c', {child!r}], pass_fds=[said.fileno()])\n"
            "print('here', file=said, flush=True)\ntime.sleep(600)\n"
        )
        self.check = f"stay={shlex.join([sys.executable, str(program)])}"

    @asynccontextmanager
    async def running(self, client: Client, **arguments: str) -> AsyncIterator[tuple[asyncio.Future[Any], TextIO]]:
        """The check while it runs, and what it keeps open."""
        asked = asyncio.ensure_future(client.call_tool("run_check", {"name": "stay", **arguments}))
        with await asyncio.to_thread(open, self.path) as said:
            assert await asyncio.to_thread(said.readline) == "here\n"
            yield asked, said
        await asyncio.gather(asked, return_exceptions=True)


@pytest.fixture
def pipe(tmp_path_factory: pytest.TempPathFactory) -> Pipe:
    return Pipe(tmp_path_factory.mktemp("pipe"), leaves=True)


@pytest.mark.skipif(sys.platform != "linux", reason="what left its group is found on Linux")
def test_nobody_waits_for_a_check_and_cancelled_it_leaves_no_process_and_no_step(shell: Shell, pipe: Pipe) -> None:
    async def cancelled() -> tuple[int, str, list[str], str]:
        async with over_stdio(shell, "--check", pipe.check, "--check", f"test={PASS}") as client:
            plan = await ask(client, "plan_edit", op="rename", targets=["lib/kettle.js::heat"], args={"to": "warm", "session": "hdr"})
            await ask(client, "apply_plan", step=plan["step"])
            async with pipe.running(client, step="hdr") as (asked, said):
                found = (await ask(client, "search_code", query="warm"))["total"]
                asked.cancel()
                rest = await asyncio.to_thread(said.read)  # it ends with the last process that could write there
            log = await ask(client, "read_session", action="log", ref="hdr")
            left = sources(shell)["lib/kettle.js"]
            assert (await ask(client, "run_check", name="test", step="hdr"))["verified"] is True
            return found, rest, [row["operation"] for row in log["results"]], left

    found, rest, steps, left = asyncio.run(cancelled())
    assert (found, rest, [step for step in steps if step == "verify"], "warm" in left) == (1, "", [], True)


def test_a_client_that_leaves_takes_its_check_along(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> None:
    pipe = Pipe(tmp_path_factory.mktemp("pipe"), leaves=False)  # its client may kill the server

    async def left() -> str:
        async with contextlib.AsyncExitStack() as stack:
            client = await stack.enter_async_context(over_stdio(shell, "--check", pipe.check))
            async with pipe.running(client) as (_, said):
                await stack.aclose()
                return await asyncio.to_thread(said.read)

    assert asyncio.run(left()) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="what left its group is found on Linux")
def test_a_server_that_is_told_to_end_ends_its_check_first(shell: Shell, pipe: Pipe) -> None:
    call = {"name": "run_check", "arguments": {"name": "stay"}, "_meta": META}
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}) + "\n"
    command = shell.line("clew", "mcp", "--check", pipe.check)
    with subprocess.Popen(command, cwd=shell.folder, env=shell.environ(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:  # noqa: S603 - ours
        assert server.stdin is not None
        server.stdin.write(line.encode())
        server.stdin.flush()
        with open(pipe.path, encoding="utf-8") as said:
            assert said.readline() == "here\n"
            server.terminate()
            assert said.read() == ""
        assert server.wait() == -signal.SIGTERM
