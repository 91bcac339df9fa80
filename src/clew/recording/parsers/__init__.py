"""Parsers of what tools print, one module per format, and the choice among them.

Structured output is read whole. Of text every parser takes the lines that it knows, so that one command may run several tools.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from clew.recording.parsers.found import Parsed

if TYPE_CHECKING:
    from collections.abc import Callable

Format = Literal["auto", "json", "sarif", "tap", "junit", "eslint", "tsc", "rg", "pytest", "stacks", "lines"]
STRUCTURED = ("sarif", "json", "junit")
"""Formats that are read from the whole text; each gives None where it is another one."""
BY_LINES = ("tap", "stacks", "pytest", "eslint", "tsc", "lines")
"""Formats whose lines can stand among others, in the order in which they are asked."""
SEARCHES = frozenset({"rg", "grep", "egrep", "ugrep", "ag", "ack"})
LONGEST_WHOLE = 4 << 20
"""Letters of a text that is read line by line; of the middle of a longer one only lines that tell something are."""


def parse(command: tuple[str, ...], text: str, stdout: str, wanted: str = "auto") -> tuple[Parsed, str | None]:
    """The findings of an output, and the format that was wanted where it is not in that one, which is then read as in `auto`."""
    if wanted in STRUCTURED:
        found = _whole(wanted, stdout, command) or _whole(wanted, text, command)
        if found is not None:
            return found, None
        return parse(command, text, stdout)[0], wanted
    lines = _shortened(text)
    if wanted == "rg" or (wanted == "auto" and is_search(command)):
        search = import_module("clew.recording.parsers.rg")
        return search.parse_json(stdout) or search.parse(lines, command), None
    if wanted != "auto":
        return _by_lines(wanted, lines, frozenset(), command), None
    for form in STRUCTURED:
        found = _whole(form, stdout, command) or (_whole(form, text, command) if text != stdout else None)
        if found is not None:
            return found, None
    return _merged(lines, command), None


def is_search(command: tuple[str, ...]) -> bool:
    """True for a command that searches text: what it finds is neither good nor bad."""
    name = os.path.basename(command[0]) if command else ""
    return name in SEARCHES or (name == "git" and "grep" in command[1:3])


def tool_of(command: tuple[str, ...]) -> str:
    """The name of the tool that a command runs, as far as its words say it."""
    words = [os.path.basename(word) for word in command if not word.startswith("-") and "=" not in word]
    runners = {"npx", "npm", "pnpm", "yarn", "bun", "bunx", "exec", "run", "dlx", "env", "python", "python3", "uv", "poetry"}
    return next((word for word in words if word not in runners), words[0] if words else "command")


def _whole(form: str, text: str, command: tuple[str, ...]) -> Parsed | None:
    if not text.strip():
        return None
    read: Callable[[str, tuple[str, ...]], Parsed | None] = import_module(f"clew.recording.parsers.{form}").parse
    return read(text, command)


def _by_lines(form: str, lines: list[str], claimed: frozenset[int], command: tuple[str, ...]) -> Parsed:
    found: Parsed = import_module(f"clew.recording.parsers.{form}").parse(lines, claimed, command)
    return found


def _merged(lines: list[str], command: tuple[str, ...]) -> Parsed:
    merged = Parsed()
    for form in BY_LINES:
        one = _by_lines(form, lines, merged.claimed, command)
        merged = Parsed(
            found=(*merged.found, *one.found),
            tools=(*merged.tools, *(tool for tool in one.tools if tool not in merged.tools)),
            tests={**merged.tests, **{name: merged.tests.get(name, 0) + count for name, count in one.tests.items()}},
            claimed=merged.claimed | one.claimed,
        )
    return merged


def _shortened(text: str) -> list[str]:
    """The lines of a text, of the middle of a very long one those that tell something."""
    if len(text) <= LONGEST_WHOLE:
        return text.split("\n")
    from clew.recording.output import telling  # only a long output pays

    first, last = text.find("\n", LONGEST_WHOLE // 2) + 1 or LONGEST_WHOLE // 2, text.find("\n", len(text) - LONGEST_WHOLE // 2)
    last = max(last, first)
    told = b"".join(telling(text[first:last].encode())).decode()
    return [*text[:first].split("\n"), *told[:LONGEST_WHOLE].split("\n"), *text[last:].split("\n")]
