"""The server as agents meet it: the SDK's client in memory, over standard input and over HTTP."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from mcp.client import Client
from mcp.shared.exceptions import MCPError
from mcp_ways import Held, Http, ask, in_memory, over_http, over_stdio, refused
from shell import Shell

from clew.mcp import engine as engines
from clew.mcp.arguments import ReadSession
from clew.mcp.engine import Engine
from clew.mcp.server import ToolRegistry, server_of
from clew.mcp.tools import TOOLS, Tool


@pytest.fixture
def served(shell: Shell) -> Iterator[Http]:
    http_server = Http(shell)
    yield http_server
    http_server.close()


WAYS = [in_memory, over_stdio, over_http]


@pytest.mark.parametrize("connected", WAYS)
def test_one_thread_from_the_command_line_to_tools_and_back(shell: Shell, connected: Callable[[Shell], Any]) -> None:
    shell.ask("--session-start", "tour", "--search", "createKettle")

    async def continued() -> dict[str, Any]:
        async with connected(shell) as client:
            tools = await client.list_tools()
            assert [tool.name for tool in tools.tools] == [tool.name for tool in TOOLS]
            reply = await ask(client, "ask_code", op="callers", **{"from": "tour"})
            again = await ask(client, "ask_code", op="ripple", **{"from": reply["continuationToken"]})
            page = await ask(client, "read_session", action="show", ref=again["step"])
            assert page["results"] == again["results"]
            (resource,) = (await client.list_resources()).resources
            (content,) = (await client.read_resource(resource.uri)).contents
            assert json.loads(getattr(content, "text", ""))["session"] == "tour"
            return reply

    reply = asyncio.run(continued())
    assert (reply["step"], reply["fromPriorContext"], reply["reused"]["step"]) == ("tour#2", True, "tour#1")
    resumed = shell.run("clew", "resume", "--json").json
    assert [step["step"] for step in resumed["steps"]] == ["tour#1", "tour#2", "tour#3"]


def test_one_tool_answers_about_code_and_about_prose(shell: Shell) -> None:
    (shell.folder / "guide.md").write_text("# Guide\n\nCall `createKettle({ watts: 1 })`, see `lib/gone/kettle.js`.\n", encoding="utf-8")

    async def answered() -> list[dict[str, Any]]:
        async with in_memory(shell) as client:
            await ask(client, "search_code", query="createKettle", session="prose")
            spoken = await ask(client, "ask_code", op="mentions", **{"from": "prose"})
            section = await ask(client, "ask_code", op="section", targets=["@1"], **{"from": "prose"})
            callers = await ask(client, "ask_code", op="callers", **{"from": spoken["continuationToken"]})
            return [spoken, section, callers, await ask(client, "ask_code", op="drift"), await ask(client, "ask_code", op="check-links")]

    spoken, section, callers, drift, links = asyncio.run(answered())
    assert [(row["file"], row["line"]) for row in spoken["results"]] == [("guide.md", 3)]
    assert [row["target"] for row in section["results"]] == ["guide.md#guide"]
    assert callers["results"]
    assert (drift["operation"], links["operation"], links["results"]) == ("drift", "check-links", [])


def test_a_client_of_an_earlier_specification_is_answered(shell: Shell) -> None:
    async def answered() -> tuple[str, int]:
        engine = Engine(str(shell.folder), {})
        async with Client(server_of(ToolRegistry(engine, {})), mode="legacy") as client:
            reply = await ask(client, "search_code", query="createKettle", limit=1)
        engine.close()
        return reply["operation"], reply["shown"]

    assert asyncio.run(answered()) == ("search", 1)


BAD: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("search_code", {"query": 3}, "invalid_request"),
    ("search_code", {"query": "heat", "colour": "red"}, "invalid_request"),
    ("search_code", {"query": "x" * 3_000_000}, "invalid_request"),
    ("ask_code", {"op": "callers", "targets": "heat"}, "invalid_request"),
    ("ask_code", {"op": "callers", "targets": ["heat"], "args": {"possible": "yes"}}, "invalid_request"),
    ("ask_code", {"op": "callers", "targets": ["heat"], "args": {"budget": 3}}, "usage"),
    ("ask_code", {"op": "callers", "targets": ["../../etc/passwd:1"]}, "outside_workspace"),
    ("search_code", {"query": "x", "dir": "/etc"}, "outside_workspace"),
    ("read_session", {"action": "show", "ref": "js--00000000000000000000000000-search-001"}, "token_unknown"),
    ("read_session", {"action": "show", "after": "nowhere#1:20:oh"}, "usage"),
    ("read_session", {"action": "drop"}, "invalid_request"),
)


@pytest.mark.parametrize("connected", WAYS)
def test_a_wrong_call_is_told_and_the_server_stays_up(shell: Shell, connected: Callable[[Shell], Any]) -> None:
    async def told() -> list[str]:
        async with connected(shell) as client:
            codes = [await refused(client, tool, arguments) for tool, arguments, _ in BAD]
            for unknown in (client.call_tool("drop_table", {}), client.read_resource("clew://session/nowhere")):
                with pytest.raises(MCPError) as error:
                    await unknown
                assert error.value.code == -32602
            assert (await ask(client, "search_code", query="heat"))["total"] == 2
            return codes

    assert asyncio.run(told()) == [code for _, _, code in BAD]


def test_two_servers_and_the_command_line_share_a_session(shell: Shell) -> None:
    async def shared() -> list[str]:
        async with in_memory(shell) as one, over_stdio(shell) as other:
            steps = [
                (await ask(client, "search_code", query=f"heat{n}", session="shared"))["step"] for n in (1, 2) for client in (one, other)
            ]
            shell.write("late.js", "export function late() {}\n")
            steps.append(shell.ask("--save-session", "shared", "--search", "late")["step"])
            assert (await ask(one, "read_session", action="show", ref="shared#5"))["results"][0]["file"] == "late.js"
            return steps

    assert asyncio.run(shared()) == [f"shared#{seq}" for seq in range(1, 6)]


def test_an_argument_of_a_hundred_megabytes_is_refused_and_the_next_call_is_answered(shell: Shell) -> None:
    async def told() -> list[str]:
        async with over_stdio(shell) as client:
            code = await refused(client, "search_code", {"query": "x" * 100_000_000})
            return [code, str((await ask(client, "search_code", query="heat"))["operation"])]

    assert asyncio.run(told()) == ["invalid_request", "search"]


def test_without_the_sdk_the_command_says_what_to_install(shell: Shell) -> None:
    script = "import sys; sys.modules['mcp'] = None\nfrom clew.cli.clew import answer\nprint(answer(['mcp', '--json'], {})[0].decode())"
    ran = subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", script], cwd=shell.folder, env=shell.environ(), capture_output=True, text=True, check=True
    )
    assert json.loads(ran.stdout)["error"]["hint"] == "pip install 'clew[mcp]'"


def test_a_handle_of_another_workspace_is_unknown(shell: Shell, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = Shell(tmp_path_factory.mktemp("elsewhere"))
    elsewhere.write(".git/HEAD", "")
    elsewhere.write("a.js", "export function heat() {}\n")
    token = elsewhere.ask("--search", "heat")["continuationToken"]

    async def told() -> str:
        async with in_memory(shell) as client:
            return await refused(client, "ask_code", {"op": "callers", "from": token})

    assert asyncio.run(told()) == "token_unknown"


def test_over_http_a_token_has_to_be_whole(shell: Shell) -> None:
    async def told(connected: Callable[[Shell], Any]) -> bool:
        async with connected(shell) as client:
            token = (await ask(client, "search_code", query="heat"))["continuationToken"]
            result = await client.call_tool("ask_code", {"op": "callers", "from": token[:16]})
            return bool(result.is_error)

    assert [asyncio.run(told(way)) for way in (over_http, in_memory)] == [True, False]


def test_two_clients_with_one_handle_both_go_on(shell: Shell, served: Http) -> None:
    async def both() -> list[str]:
        async with served.client() as one, served.client() as other:
            token = (await ask(one, "search_code", query="heat", session="tour"))["continuationToken"]
            replies = await asyncio.gather(*(ask(who, "ask_code", op="callers", **{"from": token}) for who in (one, other)))
            return sorted(reply["continuationToken"] for reply in replies)

    first, second = asyncio.run(both())
    assert first != second
    assert shell.steps("tour").count("callers") == 2


def test_many_clients_on_one_session_lose_and_double_nothing(shell: Shell, served: Http) -> None:
    clients, calls = 10, 10

    async def one(number: int) -> list[str]:
        async with served.client() as client:
            asked = [await ask(client, "search_code", query=f"heat{number}x{call}", session="crowd") for call in range(calls)]
            return [reply["step"] for reply in asked]

    async def all_of_them() -> list[list[str]]:
        return list(await asyncio.gather(*(one(number) for number in range(clients))))

    told = [step for steps in asyncio.run(all_of_them()) for step in steps]
    assert sorted(told, key=lambda step: int(step.rpartition("#")[2])) == [f"crowd#{seq}" for seq in range(1, clients * calls + 1)]


def test_a_repeated_request_with_one_key_is_one_step(shell: Shell) -> None:
    async def repeated() -> list[str]:
        async with in_memory(shell) as client:
            args = {"session": "tour", "idempotencyKey": "once"}
            asked = [await ask(client, "ask_code", op="callers", targets=["heat"], args=args) for _ in range(2)]
            return [reply["continuationToken"] for reply in asked]

    first, second = asyncio.run(repeated())
    assert first == second


@pytest.mark.parametrize("way", ["in memory", "over http"])
def test_a_request_that_is_cancelled_leaves_no_step_and_others_are_answered(shell: Shell, way: str) -> None:
    held = Held()
    tools = (*TOOLS, Tool("hold", ReadSession, held, "Hold"))

    async def cancelled(client: Client, engine: Engine) -> list[str]:
        asked = asyncio.ensure_future(client.call_tool("hold", {}))
        await asyncio.to_thread(held.entered.wait)
        question = engine._current  # noqa: SLF001 - what is looked at
        assert question is not None
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        await asyncio.to_thread(question.cancelled.wait)
        held.left.set()
        await ask(client, "search_code", query="heat", session="other")
        return [row["name"] for row in (await ask(client, "read_session", action="list"))["results"]]

    async def in_this_process() -> list[str]:
        engine = Engine(str(shell.folder), {})
        async with Client(server_of(ToolRegistry(engine, {}, tools))) as client:
            names = await cancelled(client, engine)
        engine.close()
        return names

    async def over_a_socket() -> list[str]:
        served = Http(shell, tools)
        async with served.client() as client:
            names = await cancelled(client, served.engine)
        await asyncio.to_thread(served.close)
        return names

    assert asyncio.run(in_this_process() if way == "in memory" else over_a_socket()) == ["other"]


@pytest.mark.parametrize("way", ["in memory", "over http"])
def test_who_asks_for_progress_is_told(shell: Shell, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    monkeypatch.setattr(engines, "TELLS_EVERY", 0.001)
    held = Held()
    tools = (Tool("hold", ReadSession, held, "Hold"),)
    told: list[str] = []

    async def tell(_: float, __: float | None, words: str | None) -> None:
        told.append(words or "")
        if "holding" in told[-1]:
            held.left.set()

    async def asked() -> None:
        served = Http(shell, tools)
        where = served.client() if way == "over http" else Client(server_of(ToolRegistry(served.engine, {}, tools)))
        async with where as client:
            await client.call_tool("hold", {}, progress_callback=tell)
        await asyncio.to_thread(served.close)

    asyncio.run(asked())
    assert "holding 1 of 2 files" in told
