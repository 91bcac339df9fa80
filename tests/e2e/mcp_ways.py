"""Ways to reach a server: in memory, over standard input, over HTTP; and a tool that can be held."""

from __future__ import annotations

import asyncio
import http.client
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import uvicorn
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from shell import Shell

from clew.mcp.engine import Engine
from clew.mcp.http import PATH, app_of, listening
from clew.mcp.server import ToolRegistry, server_of
from clew.mcp.tools import TOOLS, Tool, search_code
from clew.running.replies import Reply
from clew.sessions.core import Sessions
from clew.workspace import Workspace

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
async def over_stdio(shell: Shell, *flags: str) -> AsyncIterator[Client]:
    line = [*shell.line("clew", "mcp", *flags)]
    server = StdioServerParameters(command=line[0], args=line[1:], cwd=str(shell.folder), env=shell.environ())
    async with Client(stdio_client(server)) as client:
        yield client


class Http:
    """A server over HTTP in a thread of this process."""

    def __init__(self, shell: Shell, tools: tuple[Tool, ...] = TOOLS, names: tuple[str, ...] = ()) -> None:
        self.engine = Engine(str(shell.folder), {}, prefixes=False)
        self.listener = listening("127.0.0.1", 0)
        self.port: int = self.listener.getsockname()[1]
        app = app_of(server_of(ToolRegistry(self.engine, {}, tools)), TOKEN, self.port, names)
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


class Held:
    """A tool that is being answered until it is let go, and then records a step."""

    def __init__(self) -> None:
        self.entered, self.left = threading.Event(), threading.Event()

    def __call__(self, workspace: Workspace, sessions: Sessions, environ: Mapping[str, str], _: dict[str, Any]) -> Reply:
        workspace.progress.report("holding", 1, 2, "files")
        self.entered.set()
        self.left.wait()
        return search_code(workspace, sessions, environ, {"query": "heat", "session": "held"})
