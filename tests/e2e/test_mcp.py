"""The server as agents meet it: the SDK's client in memory, over standard input and over HTTP, and what is none of its clients."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import uvicorn
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from shell import Shell

from clew.errors import UsageError
from clew.mcp import http as transport
from clew.mcp.config import AGENTS, config_text
from clew.mcp.engine import Engine
from clew.mcp.http import PATH, BearerToken, address_of, app_of, listening
from clew.mcp.server import ToolRegistry, server_of

TOKEN = "a token of the tests"  # noqa: S105 - ours
SERVE = "from clew.cli.clew import main; main()"


@asynccontextmanager
async def in_memory(shell: Shell) -> AsyncIterator[Client]:
    engine = Engine(str(shell.folder), {})
    try:
        async with Client(server_of(ToolRegistry(engine, {}))) as client:
            yield client
    finally:
        engine.close()


@asynccontextmanager
async def over_stdio(shell: Shell) -> AsyncIterator[Client]:
    line = [*shell.line("clew", "mcp")]
    server = StdioServerParameters(command=line[0], args=line[1:], cwd=str(shell.folder), env=shell.environ())
    async with Client(stdio_client(server)) as client:
        yield client


class Http:
    """A server over HTTP in a thread of this process."""

    def __init__(self, shell: Shell) -> None:
        self.engine = Engine(str(shell.folder), {}, prefixes=False)
        self.listener = listening("127.0.0.1", 0)
        self.port: int = self.listener.getsockname()[1]
        app = app_of(server_of(ToolRegistry(self.engine, {})), TOKEN, self.port)
        self.server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on", ws="none"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})
        self.thread.start()

    def close(self) -> None:
        self.server.should_exit = True
        self.thread.join()
        self.listener.close()
        self.engine.close()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        carried = httpx2.AsyncClient(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
        async with carried, Client(streamable_http_client(f"http://127.0.0.1:{self.port}{PATH}", http_client=carried)) as client:
            yield client

    def status(self, headers: dict[str, str], body: bytes = b"{}") -> int:
        """What a request is answered with that a client of ours would not send."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest("POST", PATH, skip_host="Host" in headers)
        default = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
        for name, value in {**default, **headers}.items():
            if value:
                connection.putheader(name, value)
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        connection.send(body)
        status = connection.getresponse().status
        connection.close()
        return status


@asynccontextmanager
async def over_http(shell: Shell) -> AsyncIterator[Client]:
    served = Http(shell)
    try:
        async with served.client() as client:
            yield client
    finally:
        await asyncio.to_thread(served.close)


@pytest.fixture
def served(shell: Shell) -> Iterator[Http]:
    http_server = Http(shell)
    yield http_server
    http_server.close()


async def ask(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """The reply of a tool that must succeed."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    return dict(result.structured_content or {})


async def refused(client: Client, tool: str, arguments: dict[str, Any]) -> str:
    """The code of the error that a call gets."""
    result = await client.call_tool(tool, arguments)
    assert result.is_error, result
    return str((result.structured_content or {})["error"]["code"])


WAYS = [in_memory, over_stdio, over_http]


@pytest.mark.parametrize("connected", WAYS)
def test_one_thread_from_the_command_line_to_tools_and_back(shell: Shell, connected: Callable[[Shell], Any]) -> None:
    shell.ask("--session-start", "tour", "--search", "createKettle")

    async def continued() -> dict[str, Any]:
        async with connected(shell) as client:
            tools = await client.list_tools()
            assert [tool.name for tool in tools.tools] == ["search_code", "ask_code", "read_session"]
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


REFUSED = {
    "no token": ({"Authorization": ""}, 401),
    "another token": ({"Authorization": "Bearer other"}, 401),
    "the token without its scheme": ({"Authorization": TOKEN}, 401),
    "a name that was bound anew": ({"Host": "evil.example.com"}, 421),
    "our name and another port": ({"Host": "127.0.0.1:1"}, 421),
    "a page of elsewhere": ({"Origin": "https://evil.example.com"}, 403),
    "a page of another port": ({"Origin": "http://localhost:1"}, 403),
}


@pytest.mark.parametrize(("headers", "status"), REFUSED.values(), ids=list(REFUSED))
def test_over_http_a_stranger_is_turned_away(served: Http, headers: dict[str, str], status: int) -> None:
    assert served.status(headers) == status


def test_over_http_a_body_that_is_too_large_is_turned_away(served: Http) -> None:
    assert served.status({}, b"[" * (transport.MOST_BYTES + 1)) == 413
    assert served.status({}, b"[" * 1000) == 400


def test_a_server_that_lets_everybody_in_would_be_found(served: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double of the token check."""
    monkeypatch.setattr(BearerToken, "_is_carried", lambda *_: True)
    assert [served.status(headers) for headers, status in REFUSED.values() if status == 401] == [400] * 3


def test_a_client_that_leaves_in_the_middle_takes_nobody_with_it(shell: Shell, served: Http) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "ask_code", "arguments": {"op": "hot-paths"}}})

    async def after() -> int:
        for _ in range(5):
            connection = http.client.HTTPConnection("127.0.0.1", served.port)
            connection.request("POST", PATH, body, {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"})
            connection.close()
        async with served.client() as client:
            return int((await ask(client, "search_code", query="heat"))["total"])

    assert asyncio.run(after()) == 2


def raw(shell: Shell, *lines: str) -> tuple[list[dict[str, Any]], int]:
    """What a server says to lines of standard input until they end, and its status."""
    ran = shell.run("clew", "mcp", stdin="\n".join(lines) + "\n")
    return [json.loads(line) for line in ran.out.splitlines()], ran.status


def test_over_stdio_lines_that_are_no_messages_do_not_end_the_server(shell: Shell) -> None:
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
    listing = {"jsonrpc": "2.0", "id": 7, "method": "tools/list", "params": {"_meta": meta}}
    unasked = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 99}}
    said, status = raw(shell, "no json", "{}", json.dumps(unasked), json.dumps(listing))
    assert status == 0
    assert [message["id"] for message in said if message.get("id") == 7] == [7]


def test_the_server_ends_with_its_client(shell: Shell) -> None:
    assert raw(shell, "")[1] == 0


def test_a_server_over_http_says_where_it_is_and_with_which_token(shell: Shell) -> None:
    def begun(environ: dict[str, str]) -> list[str]:
        process = subprocess.Popen(  # noqa: S603 - ours
            shell.line("clew", "mcp", "--http", ":0"), cwd=shell.folder, env=shell.environ(environ), stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        first = process.stderr.readline()
        second = "" if environ else process.stderr.readline()
        process.terminate()
        process.wait()
        process.stderr.close()
        return [first, second]

    url, token = begun({})
    assert url.startswith("http://127.0.0.1:")
    assert url.endswith("/mcp\n")
    assert len(token.removeprefix("token: ").strip()) >= 43
    assert begun({"CLEW_MCP_TOKEN": "a secret of the shell"})[1] == ""


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (None, ("127.0.0.1", 7433)),
        (":0", ("127.0.0.1", 0)),
        ("0.0.0.0", ("0.0.0.0", 7433)),  # noqa: S104 - as typed
        ("[::1]:80", ("::1", 80)),
        ("box:1", ("box", 1)),
    ],
)
def test_an_address_is_read(text: str | None, address: tuple[str, int]) -> None:
    assert address_of(text) == address


@pytest.mark.parametrize("text", ["box:port", "box:99999", ":-1"])
def test_an_address_that_is_none_is_usage(text: str) -> None:
    with pytest.raises(UsageError):
        address_of(text)


def test_each_agent_is_told_the_line_that_starts_the_server(shell: Shell) -> None:
    for name in AGENTS:
        printed = shell.run("clew", "mcp", "--print-config", name).out
        assert printed == config_text(name)
        assert '"clew"' in printed
        assert '"mcp"' in printed
    assert all(agent.file in shell.run("clew", "mcp", "--print-config").out for agent in AGENTS.values())
    wrong = shell.run("clew", "mcp", "--print-config", "emacs", "--json")
    assert (wrong.status, wrong.error["code"]) == (2, "usage")


def test_the_log_of_a_server_is_bounded(capsys: pytest.CaptureFixture[str]) -> None:
    script = "import logging\nfrom clew.mcp.http import bound_log\nbound_log()\nfor n in range(1000): logging.warning('refused %d', n)\n"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert ran.stderr.count("\n") == transport.MOST_LINES
