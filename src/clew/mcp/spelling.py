"""Commands in replies and errors, spelt as calls of tools: `js-scan --callers send --possible` is `ask_code {"op": "callers", …}`."""

from __future__ import annotations

import shlex
from typing import Any

import msgspec

from clew.mcp.arguments import ACTIONS, OPS
from clew.operations import EDITS, OPERATIONS, Operation, verb

JsonObject = dict[str, Any]

_QUIET = frozenset({"--json", "--pretty"})
_FIELDS = {"--from": "from", "--session-continue": "from", "--session-start": "session", "--save-session": "session"}
_WHY = "why"
_SWITCHES = frozenset({"revive", "refresh", "strict", "noCache"})
_READS = {"resume": "resume", "show": "show", "sessions list": "list", "sessions log": "log"}
_ACTS = {name: action for action, name in ACTIONS.items()}
_FLAGS = {(command, flag): row for row in OPERATIONS for command in row.commands for flag in (row.flag, *row.aliases)}
_COMMANDS = frozenset(command for command, _ in _FLAGS) - {"clew"}
_NAMED = {name: row for row in OPERATIONS for name in (row.name, *(alias.lstrip("-") for alias in row.aliases))}


def call(tool: str, arguments: JsonObject) -> str:
    """A call as an agent can repeat it: the tool and its arguments."""
    return f"{tool} {msgspec.json.encode(arguments).decode()}"


def spelt(line: str) -> str:
    """The call of a tool that does what a command line does; the line itself where no tool does it."""
    try:
        command, *argv = shlex.split(line)
    except ValueError:
        return line
    if command in _COMMANDS:
        return _of_operation(command, argv) or line
    if command == "clew":
        return _of_clew(argv) or line
    return line


def _of_clew(argv: list[str]) -> str | None:
    words = [word for word in argv if word not in _QUIET]
    if words[:1] == [_WHY]:
        return _of_operation("js-scan", [f"--{_WHY}", *words[1:]])
    for count in (2, 1):
        action = _READS.get(" ".join(words[:count]))
        if action is not None:
            rest = words[count:]
            if "--output" in rest:
                action, rest = "output", [word for word in rest if word != "--output"]
            return call("read_session", {"action": action, **({"ref": rest[0]} if rest else {})})
    return None


def as_call(op: str, targets: list[str] | None, continued: str | None, args: JsonObject) -> str | None:
    """The call of the tool that does an operation, by any name of it; None for one that no tool does."""
    row = _NAMED.get(op)
    if row is None:
        return None
    about = {name: value for name, value in (("targets", targets), ("from", continued)) if value is not None}
    return _call_of(row, {**about, **({"args": args} if args else {})})


def _call_of(row: Operation, asked: JsonObject) -> str | None:
    """The call for an operation with the other arguments of ask_code."""
    tool = next((tool for tool, rows in OPS.items() if row in rows), None)
    if tool is not None:
        return call(tool, {"op": row.name, **asked})
    if row.name not in _ACTS:
        return None
    args = asked.get("args") or {}
    step = next(iter(args.get("step") or asked.get("targets") or ()), None) or asked.get("from") or "STEP"
    action = {} if row.name == ACTIONS["apply"] else {"action": _ACTS[row.name]}
    only = {"only": [args["only"]] if isinstance(args["only"], str) else args["only"]} if args.get("only") else {}
    return call("apply_plan", {"step": step, **action, **only})


def _of_operation(command: str, argv: list[str]) -> str | None:
    row: Operation | None = None
    words: list[str] = []
    given: JsonObject = {}
    rest = [word for word in argv if word not in _QUIET]
    while rest:
        flag, equals, value = rest.pop(0).partition("=")
        if not flag.startswith("-"):
            words.append(flag + equals + value)
        elif (command, flag) in _FLAGS:
            if row is not None:
                break  # one call does one thing; what it gives leads to the next
            row = _FLAGS[command, flag]
            words += [value] if equals else []
        else:
            name = _FIELDS.get(flag) or camel_of(flag)
            takes_word = not equals and rest and not rest[0].startswith("-") and not _is_switch(row, name)
            given[name] = rest.pop(0) if takes_word else value or True
    if "help" in given:
        tool = next((tool for tool, rows in OPS.items() if row in rows), "plan_edit" if command in EDITS else "ask_code")
        return call(tool, {"op": "help", **({"targets": [row.name]} if row in OPS[tool] else {})})
    if row is None and "after" in given:
        return call("read_session", {"action": "show", "after": given["after"]})
    if row is None:
        return call("search_code", {"query": "TERM", "session": "NAME"}) if "session" in given else None
    return _call_of(row, _asked(row, words, given))


def _asked(row: Operation, words: list[str], given: JsonObject) -> JsonObject:
    """The arguments of ask_code beside the operation: the words behind its flag, and the other flags by their fields."""
    about: JsonObject = {"from": given.pop("from")} if "from" in given else {}
    if words and (row.values == "targets" or (row.values == "step" and row in OPS["ask_code"])):
        about = {"targets": words, **about}
    elif row.values == "step" and words and "from" not in about:
        about = {"from": words[0]}
    elif row.values and words:
        given[row.values] = words
    args = {name: int(value) if isinstance(value, str) and value.isdigit() else value for name, value in given.items()}
    return {**about, **({"args": args} if args else {})}


def camel_of(flag: str) -> str:
    """`--idempotency-key` as a field."""
    first, *rest = flag.lstrip("-").split("-")
    return first + "".join(part.title() for part in rest)


def _is_switch(row: Operation | None, name: str) -> bool:
    if name in _SWITCHES or row is None:
        return name in _SWITCHES
    return any(field.encode_name == name and field.type is bool for field in msgspec.structs.fields(verb(row).request))
