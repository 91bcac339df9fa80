"""What replies and errors advise, spelt as calls of tools: `js-scan --callers send --possible` is `ask_code {"op": "callers", …}`."""

from __future__ import annotations

import shlex
from typing import Any

import msgspec

from clew.operations import OPERATIONS, Operation, verb

JsonObject = dict[str, Any]

_QUIET = frozenset({"--json", "--pretty"})
_FIELDS = {"--from": "from", "--session-continue": "from", "--session-start": "session", "--save-session": "session"}
_SWITCHES = frozenset({"revive", "refresh", "strict", "noCache"})
_READS = {"resume": "resume", "show": "show", "sessions list": "list", "sessions log": "log"}
_FLAGS = {flag: row for row in OPERATIONS for flag in (f"--{row.name}", *row.aliases)}


def call(tool: str, arguments: JsonObject) -> str:
    """A call as an agent can repeat it: the tool and its arguments."""
    return f"{tool} {msgspec.json.encode(arguments).decode()}"


def spelt(line: str) -> str:
    """The call of a tool that does what a command line does; the line itself where no tool does it."""
    try:
        command, *argv = shlex.split(line)
    except ValueError:
        return line
    if command == "js-scan":
        return _of_scan(argv) or line
    if command == "clew":
        return _of_clew(argv) or line
    return line


def _of_clew(argv: list[str]) -> str | None:
    words = [word for word in argv if word not in _QUIET]
    for count in (2, 1):
        action = _READS.get(" ".join(words[:count]))
        if action is not None:
            rest = words[count:]
            if "--output" in rest:
                action, rest = "output", [word for word in rest if word != "--output"]
            return call("read_session", {"action": action, **({"ref": rest[0]} if rest else {})})
    return None


def _of_scan(argv: list[str]) -> str | None:
    row: Operation | None = None
    words: list[str] = []
    given: JsonObject = {}
    rest = [word for word in argv if word not in _QUIET]
    while rest:
        flag, equals, value = rest.pop(0).partition("=")
        if not flag.startswith("-"):
            words.append(flag + equals + value)
        elif flag in _FLAGS:
            row = _FLAGS[flag]
            words += [value] if equals else []
        else:
            name = _FIELDS.get(flag) or camel_of(flag)
            takes_word = not equals and rest and not rest[0].startswith("-") and not _is_switch(row, name)
            given[name] = rest.pop(0) if takes_word else value or True
    if "help" in given:
        return call("ask_code", {"op": "help", **({"targets": [row.name]} if row else {})})
    if row is None:
        return call("search_code", {"query": "TERM", "session": "NAME"}) if "session" in given else None
    return call("ask_code", _asked(row, words, given))


def _asked(row: Operation, words: list[str], given: JsonObject) -> JsonObject:
    """The arguments of ask_code for an operation, the words behind its flag, and the other flags by their fields."""
    about: JsonObject = {"from": given.pop("from")} if "from" in given else {}
    if row.values == "targets" and words:
        about = {"targets": words, **about}
    elif row.values and words:
        given[row.values] = words
    args = {name: int(value) if isinstance(value, str) and value.isdigit() else value for name, value in given.items()}
    return {"op": row.name, **about, **({"args": args} if args else {})}


def camel_of(flag: str) -> str:
    """`--idempotency-key` as a field."""
    first, *rest = flag.lstrip("-").split("-")
    return first + "".join(part.title() for part in rest)


def _is_switch(row: Operation | None, name: str) -> bool:
    if name in _SWITCHES or row is None:
        return name in _SWITCHES
    return any(field.encode_name == name and field.type is bool for field in msgspec.structs.fields(verb(row).request))
