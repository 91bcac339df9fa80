"""Who may talk to a server over HTTP, how its process begins and ends, and what it writes."""

from __future__ import annotations

import asyncio
import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from mcp_ways import TOKEN, Http, ask
from shell import Shell

from clew.errors import UsageError
from clew.mcp import http as transport
from clew.mcp.config import AGENTS, config_text
from clew.mcp.http import PATH, BearerToken, address_of
from clew.mcp.serving import MOST_LINES


@pytest.fixture
def served(shell: Shell) -> Iterator[Http]:
    http_server = Http(shell)
    yield http_server
    http_server.close()


REFUSED = {
    "no token": ({"Authorization": ""}, 401),
    "another token": ({"Authorization": "Bearer other"}, 401),
    "the token without its scheme": ({"Authorization": TOKEN}, 401),
    "the beginning of the token": ({"Authorization": f"Bearer {TOKEN[:-1]}"}, 401),
    "a name that was bound anew": ({"Host": "evil.example.com"}, 421),
    "our name and another port": ({"Host": "127.0.0.1:1"}, 421),
    "a page of elsewhere": ({"Origin": "https://evil.example.com"}, 403),
    "a page of another port": ({"Origin": "http://localhost:1"}, 403),
}


@pytest.mark.parametrize(("headers", "status"), REFUSED.values(), ids=list(REFUSED))
def test_over_http_a_stranger_is_turned_away(served: Http, headers: dict[str, str], status: int) -> None:
    assert served.status(headers) == status


def test_over_http_a_server_answers_to_the_names_that_it_was_given(shell: Shell) -> None:
    served = Http(shell, names=("clew.example.com",))
    told = [served.status({"Host": name}) for name in ("clew.example.com", f"clew.example.com:{served.port}", "clew.example.com.evil.net")]
    told += [served.status({"Origin": "https://clew.example.com"}), served.status({"Authorization": f"bearer {TOKEN}"})]
    served.close()
    assert told == [400, 400, 421, 400, 400]


def test_over_http_a_body_that_is_too_large_is_turned_away(served: Http) -> None:
    assert served.status({}, b"[" * (transport.MOST_BYTES + 1)) == 413
    assert served.status({}, b"[" * 1000) == 400


def test_a_server_that_lets_everybody_in_would_be_found(served: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double of the token check."""
    monkeypatch.setattr(BearerToken, "_is_carried", lambda *_: True)
    assert [served.status(headers) for headers, status in REFUSED.values() if status == 401] == [400] * 4


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


def test_the_log_of_a_server_is_bounded() -> None:
    script = "import logging\nfrom clew.mcp.serving import bound_log\nbound_log()\nfor n in range(1000): logging.warning('refused %d', n)\n"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert ran.stderr.count("\n") == MOST_LINES
