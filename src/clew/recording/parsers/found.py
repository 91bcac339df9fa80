"""The result of a parser: findings with their places as the tool wrote them."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

ERROR, WARNING, NOTE = "error", "warning", "note"
Unit = Literal["utf16", "bytes", "points"]
"""What the columns of a tool count."""


class Spot(msgspec.Struct, frozen=True):
    """A place as a tool wrote it: a path of any form, a line and a column from 1 where it says them."""

    path: str
    line: int | None = None
    column: int | None = None
    unit: Unit = "utf16"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One finding; the first of its spots that lies in the tree is its place, the others are on the way to it."""

    tool: str
    message: str
    severity: str | None = ERROR
    """None for a place that is neither good nor bad, as those of a search."""
    rule: str | None = None
    """The rule that was broken, or the test that failed."""
    spots: tuple[Spot, ...] = ()
    only_in_tree: bool = False
    """True for what may be no place at all: it counts only where there is such a file."""


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """The result of reading an output."""

    found: tuple[Found, ...] = ()
    tools: tuple[str, ...] = ()
    tests: dict[str, int] = {}
    """passed, failed and skipped, where tests were run."""
    claimed: frozenset[int] = frozenset()
    """The lines, from 0, that no other parser need look at."""


_IN_BRACKETS = re.compile(r"\((.+):(\d+):(\d+)\)(?:,? \{)?$")
_BARE = re.compile(r"^\s*(?:at |❯ )?\s*(?:async )?(\S.*):(\d+):(\d+)\)?(?:,? \{)?$")
_INSIDE = re.compile(r"^(?:node:|<anonymous>|native|internal/)")


def frame(line: str) -> Spot | None:
    """The place in a line of a JavaScript stack; None for another line, and for a place inside of the runtime."""
    found = _IN_BRACKETS.search(line) or _BARE.match(line)
    if found is None or _INSIDE.match(found[1]):
        return None
    return Spot(found[1], int(found[2]), int(found[3]))


def is_frame(line: str) -> bool:
    """True for a line of a stack, inside of the runtime too."""
    text = line.lstrip()
    return text.startswith(("at ", "❯ ")) and (":" in text or text.endswith(")"))


def frames(text: str) -> tuple[Spot, ...]:
    """The places of a stack, innermost first."""
    return tuple(spot for line in text.split("\n") if is_frame(line) and (spot := frame(line)) is not None)


def way(spots: tuple[Spot, ...], own: Spot | None) -> tuple[Spot, ...]:
    """The places of a failure, innermost first, and behind them that of the test itself where they do not lead through its file."""
    return spots if own is None or any(spot.path == own.path for spot in spots) else (*spots, own)


def headline(text: str) -> str:
    """The first sentence of a message: what stands before its stack and its difference, on one line."""
    lines: list[str] = []
    for line in text.split("\n"):
        if lines and (is_frame(line) or line.strip() == DIFFERENCE):
            break
        if line.strip():
            lines.append(line.strip())
    return " ".join(lines)[:LONGEST]


DIFFERENCE = "+ expected - actual"
"""What mocha puts above the lines that differ."""
LONGEST = 600
"""Letters of a message."""
