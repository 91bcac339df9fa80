"""What the conformance suite asks servers for, served by the code that serves our tools: only the registry is another one."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import mcp_types as types
from mcp.server.caching import CacheHint
from mcp.server.context import ServerMiddleware, ServerRequestContext
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, PromptsListChanged, ToolsListChanged
from mcp.shared.exceptions import MCPDeprecationWarning, MCPError
from mcp_types.methods import CacheableMethod

from clew.mcp.server import NAME, Method

Context = ServerRequestContext[Any, Any]
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
WAV = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA="
ANYTHING: dict[str, Any] = {"type": "object", "properties": {}}
SCHEMA_2020_12: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {
            "$anchor": "addressDef",
            "type": "object",
            "properties": {"street": {"type": "string"}, "city": {"type": "string"}},
        }
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}
SCHEMAS = {
    "json_schema_2020_12_tool": SCHEMA_2020_12,
    "test_x_mcp_header": {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}},
}


def text(words: str) -> types.TextContent:
    return types.TextContent(text=words)


def resource(uri: str, words: str, kind: str = "text/plain") -> types.EmbeddedResource:
    return types.EmbeddedResource(resource=types.TextResourceContents(uri=uri, mime_type=kind, text=words))


CONTENT: dict[str, list[types.ContentBlock]] = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [types.ImageContent(data=PNG, mime_type="image/png")],
    "test_audio_content": [types.AudioContent(data=WAV, mime_type="audio/wav")],
    "test_embedded_resource": [resource("test://embedded-resource", "This is an embedded resource content.")],
    "test_multiple_content_types": [
        text("Multiple content types test:"),
        types.ImageContent(data=PNG, mime_type="image/png"),
        resource("test://mixed-content-resource", '{"test": "data", "value": 123}', "application/json"),
    ],
    "json_schema_2020_12_tool": [text("json_schema_2020_12_tool")],
    "test_x_mcp_header": [text("region")],
}


def form(message: str, field: str, kind: str = "string") -> types.ElicitRequest:
    schema = {"type": "object", "properties": {field: {"type": kind}}, "required": [field]}
    return types.ElicitRequest(params=types.ElicitRequestFormParams(message=message, requested_schema=schema))


def sampling(words: str) -> types.CreateMessageRequest:
    message = types.SamplingMessage(role="user", content=text(words))
    return types.CreateMessageRequest(params=types.CreateMessageRequestParams(messages=[message], max_tokens=100))


ASKS_NAME = form("What is your name?", "name")
WANTED: dict[str, tuple[dict[str, Any], str | None]] = {
    "test_streaming_elicitation": ({"user_name": ASKS_NAME}, None),
    "test_input_required_result_elicitation": ({"user_name": ASKS_NAME}, None),
    "test_input_required_result_sampling": ({"capital_question": sampling("What is the capital of France?")}, None),
    "test_input_required_result_list_roots": ({"client_roots": types.ListRootsRequest()}, None),
    "test_input_required_result_request_state": ({"confirm": form("Please confirm", "ok", "boolean")}, "nonce"),
    "test_input_required_result_tampered_state": ({"confirm": form("Please confirm", "ok", "boolean")}, "round-1"),
    "test_input_required_result_multiple_inputs": (
        {"user_name": ASKS_NAME, "greeting": sampling("Generate a greeting"), "client_roots": types.ListRootsRequest()},
        "several",
    ),
}
"""What a tool wants of its client before it answers, and the state that must come back with it."""

OTHERS = (
    "test_error_handling",
    "test_tool_with_progress",
    "test_missing_capability",
    "test_logging_tool",
    "test_input_required_result_multi_round",
    "test_input_required_result_capabilities",
    "test_trigger_tool_change",
    "test_trigger_prompt_change",
)
PROMPTS = {
    "test_simple_prompt": (),
    "test_prompt_with_arguments": ("arg1", "arg2"),
    "test_prompt_with_embedded_resource": ("resourceUri",),
    "test_prompt_with_image": (),
    "test_input_required_result_prompt": (),
}
RESOURCES = ("test://static-text", "test://static-binary", "test://watched-resource")


class Fixtures:
    """The registry that the suite expects."""

    def __init__(self) -> None:
        self.bus = InMemorySubscriptionBus()
        security = RequestStateSecurity(keys=[b"the fixtures' own key, of some length"])
        self.middleware: Sequence[ServerMiddleware[Any]] = [RequestStateBoundary(security, default_audience=NAME)]
        self.cache_hints: Mapping[CacheableMethod, CacheHint] = {
            "tools/list": CacheHint(ttl_ms=1000),
            "prompts/list": CacheHint(ttl_ms=1000),
            "resources/list": CacheHint(ttl_ms=1000),
            "resources/templates/list": CacheHint(ttl_ms=1000),
            "resources/read": CacheHint(ttl_ms=1000),
        }

    def methods(self) -> Mapping[str, Method]:
        page = types.PaginatedRequestParams
        return {
            "tools/list": Method(page, list_tools),
            "tools/call": Method(types.CallToolRequestParams, self.call_tool),
            "prompts/list": Method(page, list_prompts),
            "prompts/get": Method(types.GetPromptRequestParams, get_prompt),
            "resources/list": Method(page, list_resources),
            "resources/templates/list": Method(page, list_templates),
            "resources/read": Method(types.ReadResourceRequestParams, read_resource),
            "completion/complete": Method(types.CompleteRequestParams, complete),
            "subscriptions/listen": Method(types.SubscriptionsListenRequestParams, ListenHandler(self.bus)),
        }

    async def call_tool(self, ctx: Context, params: types.CallToolRequestParams) -> types.CallToolResult | types.InputRequiredResult:
        name = params.name
        if name in WANTED:
            return awaited(params, *WANTED[name])
        if name == "test_input_required_result_multi_round":
            return next_round(params)
        if name == "test_input_required_result_capabilities":
            return within_capabilities(ctx)
        if name == "test_error_handling":
            return types.CallToolResult(content=[text("This tool intentionally returns an error for testing")], is_error=True)
        await self.act(ctx, name)
        return types.CallToolResult(content=CONTENT.get(name, [text("done")]))

    async def act(self, ctx: Context, name: str) -> None:
        """What a tool does beside its answer."""
        if name == "test_tool_with_progress":
            for done in (0, 50, 100):
                await ctx.session.report_progress(done, 100, f"Completed step {done} of 100")
        elif name == "test_logging_tool":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", MCPDeprecationWarning)
                await ctx.session.send_log_message("info", "logged")
        elif name == "test_missing_capability":
            require_sampling(ctx)
        elif name in {"test_trigger_tool_change", "test_trigger_prompt_change"}:
            await self.bus.publish(ToolsListChanged() if "tool_change" in name else PromptsListChanged())
        elif name not in CONTENT:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {name}")


async def list_tools(_: Context, __: types.PaginatedRequestParams) -> types.ListToolsResult:
    names = [*CONTENT, *WANTED, *OTHERS]
    tools = [types.Tool(name=name, description=f"Fixture {name}", input_schema=SCHEMAS.get(name, ANYTHING)) for name in names]
    return types.ListToolsResult(tools=tools)


def awaited(
    params: types.CallToolRequestParams, wanted: dict[str, Any], state: str | None
) -> types.CallToolResult | types.InputRequiredResult:
    """The answer once all that is wanted came, with its state; what is wanted before."""
    came = params.input_responses or {}
    if state in (None, params.request_state) and wanted.keys() <= came.keys():
        return types.CallToolResult(content=[text(f"state-ok: {answered(came)}")])
    return types.InputRequiredResult(input_requests=wanted, request_state=state)


def answered(came: Mapping[str, Any]) -> str:
    """What the client said, in words."""
    words = []
    for answer in came.values():
        if isinstance(answer, types.ElicitResult):
            words.append(f"Hello, {', '.join(map(str, (answer.content or {}).values()))}!")
        elif isinstance(answer, types.CreateMessageResult):
            words.append(getattr(answer.content, "text", ""))
        elif isinstance(answer, types.ListRootsResult):
            words.append(f"{len(answer.roots)} roots")
    return " ".join(words)


def next_round(params: types.CallToolRequestParams) -> types.CallToolResult | types.InputRequiredResult:
    state = json.loads(params.request_state) if params.request_state else {"round": 0}
    came = params.input_responses or {}
    if state["round"] == 1 and "step1" in came:
        asks = {"step2": form("Step 2: What is your favorite color?", "color")}
        return types.InputRequiredResult(input_requests=asks, request_state=json.dumps({"round": 2}))
    if state["round"] == 2 and "step2" in came:
        return types.CallToolResult(content=[text(answered(came))])
    asks = {"step1": form("Step 1: What is your name?", "name")}
    return types.InputRequiredResult(input_requests=asks, request_state=json.dumps({"round": 1}))


def within_capabilities(ctx: Context) -> types.InputRequiredResult:
    can = ctx.session.client_capabilities
    asks: dict[str, Any] = {}
    if can is None or can.sampling is not None:
        asks["sample"] = sampling("Say hello")
    if can is None or can.elicitation is not None:
        asks["ask"] = ASKS_NAME
    return types.InputRequiredResult(input_requests=asks, request_state="capability-gated")


def require_sampling(ctx: Context) -> None:
    can = ctx.session.client_capabilities
    if can is None or can.sampling is None:
        raise MCPError(
            types.MISSING_REQUIRED_CLIENT_CAPABILITY,
            "This tool requires the client 'sampling' capability",
            {"requiredCapabilities": {"sampling": {}}},
        )


async def list_prompts(_: Context, __: types.PaginatedRequestParams) -> types.ListPromptsResult:
    prompts = [
        types.Prompt(name=name, description=name, arguments=[types.PromptArgument(name=one, required=True) for one in arguments])
        for name, arguments in PROMPTS.items()
    ]
    return types.ListPromptsResult(prompts=prompts)


async def get_prompt(_: Context, params: types.GetPromptRequestParams) -> types.GetPromptResult | types.InputRequiredResult:
    given = params.arguments or {}
    if params.name not in PROMPTS:
        raise MCPError(types.INVALID_PARAMS, f"Unknown prompt: {params.name}")
    if params.name == "test_input_required_result_prompt":
        came = params.input_responses or {}
        if "user_context" not in came:
            return types.InputRequiredResult(input_requests={"user_context": form("What context should the prompt use?", "context")})
        return said(text(f"Use the following context: {answered(came)}"))
    if params.name == "test_prompt_with_arguments":
        return said(text(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'"))
    if params.name == "test_prompt_with_embedded_resource":
        return said(
            resource(given["resourceUri"], "Embedded resource content for testing."), text("Please process the embedded resource above.")
        )
    if params.name == "test_prompt_with_image":
        return said(types.ImageContent(data=PNG, mime_type="image/png"), text("Please analyze the image above."))
    return said(text("This is a simple prompt for testing."))


def said(*blocks: types.ContentBlock) -> types.GetPromptResult:
    return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=block) for block in blocks])


async def list_resources(_: Context, __: types.PaginatedRequestParams) -> types.ListResourcesResult:
    return types.ListResourcesResult(resources=[types.Resource(uri=uri, name=uri.rpartition("/")[2]) for uri in RESOURCES])


async def list_templates(_: Context, __: types.PaginatedRequestParams) -> types.ListResourceTemplatesResult:
    template = types.ResourceTemplate(uri_template="test://template/{id}/data", name="template", mime_type="application/json")
    return types.ListResourceTemplatesResult(resource_templates=[template])


async def read_resource(_: Context, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
    uri = str(params.uri)
    if uri == "test://static-binary":
        return types.ReadResourceResult(contents=[types.BlobResourceContents(uri=uri, mime_type="image/png", blob=PNG)])
    if uri.startswith("test://template/") and uri.endswith("/data"):
        given = uri.removeprefix("test://template/").removesuffix("/data")
        words = json.dumps({"id": given, "templateTest": True, "data": f"Data for ID: {given}"})
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type="application/json", text=words)])
    if uri not in RESOURCES:
        raise MCPError(types.INVALID_PARAMS, f"Resource not found: {uri}", {"uri": uri})
    words = "This is the content of the static text resource."
    return types.ReadResourceResult(contents=[types.TextResourceContents(uri=uri, mime_type="text/plain", text=words)])


async def complete(_: Context, __: types.CompleteRequestParams) -> types.CompleteResult:
    return types.CompleteResult(completion=types.Completion(values=[], total=0, has_more=False))
