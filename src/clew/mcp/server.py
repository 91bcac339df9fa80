"""The server, whatever it serves: a registry names the methods, the SDK speaks the protocol, and every transport takes the same server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar
from urllib.parse import quote, unquote

import mcp_types as types
import msgspec
from mcp.server.caching import CacheHint
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError

from clew._native import VERSION
from clew.errors import ClewError
from clew.mcp.arguments import OPS, input_schema, require_readable
from clew.mcp.replies import answer, failure, in_words_of_tools
from clew.mcp.tools import TOOLS, Tool, read_session
from clew.sessions import listing

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from mcp.server.context import ServerMiddleware, ServerRequestContext
    from mcp_types.methods import CacheableMethod

    from clew.mcp.engine import Engine
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace

T = TypeVar("T")

NAME = "clew"
SESSION = "clew://session/"
LISTED = 100
INSTRUCTIONS = (
    "Answers about JavaScript, TypeScript and Markdown from an index. Every answer is a step: give its continuationToken as `from` to "
    "ask on about what it found (search_code, then ask_code callers, ripple, tests…). read_session resume says where work stands. "
    "An edit is planned (plan_edit, nothing is written), written (apply_plan), checked (run_check), and can be taken back."
)
FOR_LONG = CacheHint(ttl_ms=3_600_000, scope="public")
AT_ONCE = CacheHint()
"""Sessions change with every call."""


class Method(NamedTuple):
    """A method of the protocol: what its parameters are, and what answers it."""

    takes: type[Any]
    handler: Callable[[ServerRequestContext[Any, Any], Any], Awaitable[Any]]


class Registry(Protocol):
    """The tools, resources and prompts of a server."""

    @property
    def middleware(self) -> Sequence[ServerMiddleware[Any]]:
        """Steps that every request goes through first."""

    @property
    def cache_hints(self) -> Mapping[CacheableMethod, CacheHint]:
        """Times for which clients may keep the results of a method."""

    def methods(self) -> Mapping[str, Method]:
        """The methods by their names in the protocol."""


def server_of(registry: Registry) -> Server[Any]:
    """A server for any transport; it keeps nothing about its clients."""
    server: Server[Any] = Server(NAME, version=VERSION, instructions=INSTRUCTIONS, cache_hints=registry.cache_hints)
    server.middleware.extend(registry.middleware)
    for name, method in registry.methods().items():
        server.add_request_handler(name, method.takes, method.handler)
    return server


class ToolRegistry:
    """Our tools, and sessions as resources."""

    def __init__(self, engine: Engine, environ: Mapping[str, str], tools: Sequence[Tool] = TOOLS) -> None:
        self._engine = engine
        self._environ = environ
        self._tools = {tool.name: tool for tool in tools}
        self._described = [described(tool) for tool in tools]
        self.middleware: Sequence[ServerMiddleware[Any]] = ()
        self.cache_hints: Mapping[CacheableMethod, CacheHint] = {
            "tools/list": FOR_LONG,
            "resources/templates/list": FOR_LONG,
            "resources/list": AT_ONCE,
            "resources/read": AT_ONCE,
        }

    def methods(self) -> Mapping[str, Method]:
        """The methods by their names in the protocol."""
        return {
            "tools/list": Method(types.PaginatedRequestParams, self.list_tools),
            "tools/call": Method(types.CallToolRequestParams, self.call_tool),
            "resources/list": Method(types.PaginatedRequestParams, self.list_sessions),
            "resources/templates/list": Method(types.PaginatedRequestParams, self.list_templates),
            "resources/read": Method(types.ReadResourceRequestParams, self.read_resource),
        }

    async def list_tools(self, _: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams) -> types.ListToolsResult:
        """All tools, always in the same order."""
        _require_first_page(params)
        return types.ListToolsResult(tools=list(self._described))

    async def call_tool(self, ctx: ServerRequestContext[Any, Any], params: types.CallToolRequestParams) -> types.CallToolResult:
        """The reply of a tool, or its error, in both halves; an unknown tool is an error of the protocol."""
        tool = self._tools.get(params.name)
        if tool is None:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:100]}", {"tools": list(self._tools)})
        arguments = params.arguments or {}
        try:
            require_readable(arguments)
        except ClewError as error:
            return failure(error, tool.name, {})

        def work(workspace: Workspace, sessions: Sessions) -> types.CallToolResult:
            return answer(tool.run(workspace, sessions, self._environ, arguments))

        async def told(seconds: float, words: str) -> None:  # nothing is sent to a client that did not ask for it
            await ctx.session.report_progress(seconds, None, words)

        try:
            engine = self._engine.beside if tool.takes_minutes else self._engine
            return await engine.answer(work, told)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong in one call, the server stays up
            return failure(error, tool.name, arguments)

    async def list_sessions(self, _: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams) -> types.ListResourcesResult:
        """The sessions that have a name or several steps, newest use first."""
        page = await self._asked(lambda _, sessions: listing.listing(sessions, after=params.cursor, limit=LISTED))
        resources = [
            types.Resource(
                uri=f"{SESSION}{quote(row.name or row.session_id, safe='')}",
                name=row.name or row.session_id,
                description=f"{row.goal or 'A session'} ({row.state}, {row.steps} steps)",
                mime_type="application/json",
            )
            for row in page.results
        ]
        return types.ListResourcesResult(resources=resources, next_cursor=page.next)

    async def list_templates(
        self, _: ServerRequestContext[Any, Any], params: types.PaginatedRequestParams
    ) -> types.ListResourceTemplatesResult:
        """The one form that the addresses of sessions have."""
        _require_first_page(params)
        template = types.ResourceTemplate(
            uri_template=f"{SESSION}{{name}}", name="session", description="Where a session stands", mime_type="application/json"
        )
        return types.ListResourceTemplatesResult(resource_templates=[template])

    async def read_resource(self, _: ServerRequestContext[Any, Any], params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        """The state of a session, as read_session resume says it."""
        uri = str(params.uri)
        name = unquote(uri.removeprefix(SESSION))
        if not uri.startswith(SESSION) or not name:
            raise MCPError(types.INVALID_PARAMS, f"Resource not found: {uri[:200]}", {"uri": uri[:200]})

        def work(workspace: Workspace, sessions: Sessions) -> Reply:
            return read_session(workspace, sessions, self._environ, {"action": "resume", "ref": name})

        reply = await self._asked(work, uri=uri[:200])
        text = msgspec.json.encode(in_words_of_tools(reply)).decode()
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type="application/json", text=text)])

    async def _asked(self, work: Callable[[Workspace, Sessions], T], **data: str) -> T:
        """Run `work`; its error becomes one of the protocol, for resources have no other, with code and hint in the data."""
        try:
            return await self._engine.answer(work)
        except ClewError as error:
            said = failure(error, "read_session", {}).structured_content or {}
            raise MCPError(types.INVALID_PARAMS, error.message, {**data, **said["error"]}) from error


def described(tool: Tool) -> types.Tool:
    """A tool as clients see it."""
    return types.Tool(
        name=tool.name,
        description=" ".join((tool.takes.__doc__ or "").split()),
        input_schema=input_schema(tool.takes, OPS.get(tool.name, ())),
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=not tool.writes,
            destructive_hint=tool.writes,
            idempotent_hint=True if tool.idempotent else None,
            open_world_hint=False,
        ),
    )


def _require_first_page(params: types.PaginatedRequestParams) -> None:
    if params.cursor is not None:
        raise MCPError(types.INVALID_PARAMS, "There is one page only", {"cursor": params.cursor[:100]})
