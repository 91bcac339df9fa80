"""The reply of a tool, twice: as structured content and as text, for clients drop one or the other.

Either half alone is enough to go on: it has the step, the token, totals, rows and the cursor, or code, message and hint.
"""

from __future__ import annotations

import re
from traceback import format_exception
from typing import TYPE_CHECKING, Any

import msgspec
from mcp_types import CallToolResult, TextContent

from clew.errors import (
    Ambiguous,
    ClewError,
    Internal,
    InvalidRequest,
    NeedsConfirmation,
    NoSubject,
    NotFound,
    StaleInput,
    StalePlan,
    SymbolNotFound,
)
from clew.mcp.arguments import ABOUT_THE_ANSWER, ABOUT_THE_CALL, OPS
from clew.mcp.spelling import call, camel_of, spelt
from clew.operations import verb
from clew.running.fitting import DEFAULT_BYTES, json_size, shortened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.running.replies import Reply

JsonObject = dict[str, Any]
LONGEST_QUERY = 200
"""Letters of a query that a hint repeats."""


def in_words_of_tools(reply: Mapping[str, Any]) -> Reply:
    """A reply whose advice can be followed by calling tools."""
    said = dict(reply)
    if "why" in said:
        said["why"] = [_listed(gap) for gap in said["why"]]
    if "otherProblems" in said:
        said["otherProblems"] = _listed(said["otherProblems"])
    if isinstance(said.get("next"), (list, tuple)):
        said["next"] = [spelt(line) for line in said["next"]]
    if "output" in said:
        said["output"] = spelt(said["output"])
    if "pick" in said:
        said["pick"] = said["pick"].removeprefix("--match ")
    return said


def size(reply: Mapping[str, Any]) -> int:
    """The bytes of a reply as a tool gives it, once."""
    return json_size(in_words_of_tools(reply))


def both_halves(reply: Mapping[str, Any], *, is_error: bool = False) -> CallToolResult:
    """A reply as structured content and as text, each with all of it."""
    text = msgspec.json.encode(reply)
    return CallToolResult(content=[TextContent(text=text.decode())], structured_content=msgspec.json.decode(text), is_error=is_error)


def answer(reply: Reply) -> CallToolResult:
    """An answer of a tool."""
    return both_halves(in_words_of_tools(reply))


def failure(error: Exception, tool: str, arguments: JsonObject) -> CallToolResult:
    """An error of a tool: code, message, hint, candidates, and what was done before."""
    if not isinstance(error, ClewError):
        report = "".join(format_exception(error, limit=-8))
        error = Internal(f"A bug in clew: {type(error).__name__}: {error}", hint="clew doctor", report=report)
    body = {
        "code": error.code,
        "message": error.message,
        "hint": _corrected(error, tool, arguments) or (spelt(error.hint) if error.hint else None) or _help(tool, arguments),
        "candidates": list(error.candidates),
        **error.details,
    }
    said = {"error": {name: value for name, value in body.items() if value not in (None, [], (), {}, "")}}
    return both_halves(shortened(msgspec.json.decode(msgspec.json.encode(said)), DEFAULT_BYTES, json_size), is_error=True)


def _help(tool: str, arguments: JsonObject) -> str:
    """The call that says what the operation takes, or which there are; of the other tools the plainest call."""
    if tool == "search_code":
        query = arguments.get("query")
        return call(tool, {"query": query if isinstance(query, str) and 0 < len(query) <= LONGEST_QUERY else "NAME"})
    if tool in OPS:
        known = [row.name for row in OPS[tool] if row.name == arguments.get("op")]
        return call(tool, {"op": "help", **({"targets": known} if known else {})})
    step = arguments.get("step")
    if isinstance(step, str) and 0 < len(step) <= LONGEST_QUERY:
        return call("read_session", {"action": "log", "ref": step})
    return call("read_session", {"action": "list"})


def _listed(told: Any) -> Any:  # noqa: ANN401 - a gap, or an object that names a list
    fields: JsonObject = msgspec.to_builtins(told)
    return {**fields, "list": spelt(fields["list"])} if fields.get("list") else fields


def _corrected(error: ClewError, tool: str, arguments: JsonObject) -> str | None:
    """The caller's own call as it would work; None when that cannot be known."""
    if error.again is not None:
        return call(*_asked_with(tool, arguments, _fields_of(error.again)))
    if isinstance(error, NeedsConfirmation):
        return call(tool, {**arguments, "confirm": error.details["confirm"]})
    if isinstance(error, StalePlan) and tool == "apply_plan" and not error.hint:
        return call("plan_edit", {"op": "replan", "from": arguments["step"]})
    if isinstance(error, StaleInput):
        args = arguments.get("args") or {}
        return call(*_asked_with(tool, arguments, {"strict": False} if args.get("strict") else {"refresh": True}))
    if isinstance(error, NoSubject) and error.candidates and error.hint:
        return call(*_asked_with(tool, {**arguments, "targets": [error.hint.rpartition(" ")[2]]}, {}))
    if error.given is None and isinstance(error, Ambiguous) and error.candidates and tool in OPS:
        return call(tool, {**arguments, "targets": [error.candidates[0]]})
    if error.given is None:
        return _regrouped(tool, arguments) if tool in OPS and isinstance(error, InvalidRequest) else None
    if not error.candidates:
        return call("search_code", {"query": _name_in(error.given)}) if isinstance(error, SymbolNotFound) else None
    right = _replaced(arguments, error.given, error.candidates[0])
    if right == arguments and isinstance(error, (NotFound, Ambiguous)) and tool in OPS:
        right = {**arguments, "targets": [error.candidates[0]]}
    return None if right == arguments else call(tool, right)


def _regrouped(tool: str, arguments: JsonObject) -> str | None:
    """The call with one target in a list, and fields of the operation in `args`; None where that changes nothing."""
    row = next((row for row in OPS[tool] if row.name == arguments.get("op")), None)
    if row is None or not isinstance(arguments.get("args") or {}, dict):
        return None
    own = {field.encode_name for field in msgspec.structs.fields(verb(row).request)}
    moved = {name: value for name, value in arguments.items() if name in (own | ABOUT_THE_CALL | set(ABOUT_THE_ANSWER)) - {"targets"}}
    right = {name: value for name, value in arguments.items() if name not in moved}
    if isinstance(right.get("targets"), str):
        right["targets"] = [right["targets"]]
    if moved:
        right["args"] = {**(right.get("args") or {}), **moved}
    return None if right == arguments else call(tool, right)


def _asked_with(tool: str, arguments: JsonObject, more: JsonObject) -> tuple[str, JsonObject]:
    """The call with more `args`; a search is asked as the operation that it is, for it takes none."""
    if tool == "search_code":
        narrowed = {name: arguments[name] for name in ("kind", "dir", "limit", "session") if arguments.get(name)}
        arguments = {"op": "search", "args": {"terms": [arguments.get("query", "")], **narrowed}}
        tool = "ask_code"
    elif tool not in OPS:
        return tool, arguments
    args = {name: value for name, value in {**(arguments.get("args") or {}), **more}.items() if value is not False}
    return tool, {**arguments, **({"args": args} if args else {})}


def _fields_of(flags: tuple[str, ...]) -> JsonObject:
    """Flags of a line, each with the value that follows it, as fields: a number is one."""
    fields: JsonObject = {}
    for at, flag in enumerate(flags):
        if flag.startswith("-"):
            value = flags[at + 1] if at + 1 < len(flags) and not flags[at + 1].startswith("-") else None
            fields[camel_of(flag)] = True if value is None else int(value) if value.isdigit() else value
    return fields


def _name_in(address: str) -> str:
    """The last name of an address: `sned` of `lib/response.js::res.sned`."""
    return re.split("[./#:]", address.rstrip("./#:"))[-1] or address


def _replaced(value: Any, given: str, right: str) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return {name: _replaced(inner, given, right) for name, inner in value.items()}
    if isinstance(value, list):
        return [_replaced(inner, given, right) for inner in value]
    return right if value == given else value
