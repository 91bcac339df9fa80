"""Test runners that print stacks of JavaScript (vitest, jest, mocha, `node --test`), and every other stack."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from clew.recording.parsers.found import Found, Parsed, Spot, frame, frames, headline, is_frame, way

if TYPE_CHECKING:
    from collections.abc import Callable

_VITEST = re.compile(r"^ ?(?:❯ )? ?FAIL +(?:\|[^|]*\| )?(\S.*?\.\w+)(?: \[ .* \])?(?: > (.+))?$")
_JEST = re.compile(r"^  ● (.+)$")
_JEST_FILE = re.compile(r"^(?:FAIL|PASS) (?:\S+ )?(\S+\.\w+)(?: \(.*\))?$")
_MOCHA = re.compile(r"^  (\d+)\) (.+)$")
_NODE = re.compile(r"^test at (.+):(\d+):(\d+)$")
_NODE_NAME = re.compile(r"^✖ (.+?)(?: \([\d.]+ms\))?$")
_RULER = re.compile(r"^⎯{3,}")
_ERROR = re.compile(r"^\s*(?:Uncaught )?(?:[\w.]*(?:Error|Exception)\b|AssertionError)")
_HEAD = re.compile(r"^(?:file://)?\S+:\d+$")
_EXCERPT = re.compile(r"^\s*(?:>?\s*\d+ ?\||\|?\s*\^+\s*$|\|\s*$)")
_COUNTS = re.compile(r"(\d+) (passed|failed|skipped|pending|todo)")
_LINES_ABOVE = 30
_KINDS = {"pending": "skipped", "todo": "skipped", "pass": "passed", "fail": "failed", "passing": "passed", "failing": "failed"}


class _Block:
    """A failed test and the lines below its name."""

    def __init__(self, tool: str, name: str | None, own: Spot | None) -> None:
        self.tool, self.name, self.own = tool, name, own
        self.body: list[str] = []

    def finding(self) -> Found:
        said = [line for line in self.body if not _EXCERPT.match(line)]
        spots = way(frames("\n".join(self.body)), self.own)
        return Found(tool=self.tool, message=headline("\n".join(said)) or "failed", rule=self.name, spots=spots)


def parse(lines: list[str], claimed: frozenset[int], command: tuple[str, ...]) -> Parsed:
    """Failed tests first; of what is left, every stack is a finding."""
    found: list[Found] = []
    taken: set[int] = set(claimed)
    tests: dict[str, int] = {}
    tools: list[str] = []
    for read in (_vitest, _jest, _mocha, _node):
        blocks = read(lines, taken)
        failed = [block.finding() for block in blocks]
        found += _once(failed) if read in _REPEATING else failed
        tools += [blocks[0].tool] if blocks else []
    for at, line in enumerate(lines):
        for name, count in _counted(line) if at not in claimed else ():
            tests[name] = tests.get(name, 0) + count
            taken.add(at)
    if not any("ERR!" in line for line in lines[:1]):
        rest = _stacks(lines, taken, command)
        found += [one for one in rest if all(one.spots[:1] != other.spots[:1] for other in found)]
        tools += [one.tool for one in rest if not tools][:1]
    return Parsed(found=tuple(found), tools=tuple(tools), tests=tests, claimed=frozenset(taken - claimed))


def _once(found: list[Found]) -> list[Found]:
    """Failures without those that a runner prints again below."""
    once: dict[tuple[object, ...], Found] = {}
    for one in found:
        once.setdefault((one.tool, one.rule, one.spots[:1]), one)
    return list(once.values())


def _counted(line: str) -> list[tuple[str, int]]:
    """The counts of a summary."""
    if re.match(r"^\s*Tests:? ", line):
        return [(_KINDS.get(kind, kind), int(count)) for count, kind in _COUNTS.findall(line)]
    node = re.match(r"^(?:ℹ|#) (pass|fail|skipped) (\d+)$", line) or re.match(
        r"^  (?P<count>\d+) (?P<kind>passing|failing|pending)\b", line
    )
    if node is None:
        return []
    kind, count = (node["kind"], node["count"]) if "kind" in node.groupdict() else (node[1], node[2])
    return [(_KINDS.get(kind, kind), int(count))] if int(count) else []


def _blocks(lines: list[str], taken: set[int], begins: Callable[[int, str], _Block | None], ends: Callable[[str], bool]) -> list[_Block]:
    """Blocks from a line that begins one to the next that does, or to one that ends it."""
    blocks: list[_Block] = []
    current: _Block | None = None
    for at, line in enumerate(lines):
        if at in taken:
            current = None
            continue
        begun = begins(at, line)
        if begun is not None:
            current = begun
            blocks.append(begun)
        elif current is not None and ends(line):
            current = None
        elif current is not None:
            current.body.append(line)
        if current is not None:
            taken.add(at)
    return blocks


def _vitest(lines: list[str], taken: set[int]) -> list[_Block]:
    def begins(_: int, line: str) -> _Block | None:
        head = _VITEST.match(line)
        return None if head is None or not line.startswith((" FAIL", "FAIL  ", " ❯ FAIL")) else _Block("vitest", head[2], Spot(head[1]))

    blocks = _blocks(lines, taken, begins, lambda line: _RULER.match(line) is not None)
    for block, behind in reversed(list(pairwise(blocks))):
        if not any(line.strip() for line in block.body):
            block.body = behind.body  # several tests that failed alike are named above one error
    return blocks


def _jest(lines: list[str], taken: set[int]) -> list[_Block]:
    file: Spot | None = None

    def begins(_: int, line: str) -> _Block | None:
        nonlocal file
        head = _JEST_FILE.match(line)
        if head is not None:
            file = Spot(head[1])
        name = _JEST.match(line)
        if name is None or "Console" in name[1].split(" ")[:1]:
            return None
        return _Block("jest", name[1].replace(" › ", " > "), file)

    return _blocks(lines, taken, begins, lambda line: line.startswith(("Test Suites:", "FAIL ", "PASS ", "Summary of all")))


def _mocha(lines: list[str], taken: set[int]) -> list[_Block]:
    summary = next((at for at, line in enumerate(lines) if re.match(r"^  \d+ failing", line)), None)
    if summary is None:
        return []

    def begins(at: int, line: str) -> _Block | None:
        head = _MOCHA.match(line) if at > summary else None
        return None if head is None else _Block("mocha", head[2].strip(), None)

    blocks = _blocks(lines, taken, begins, lambda _: False)
    for block in blocks:
        name = block.name or ""
        while not name.endswith(":") and block.body and block.body[0].strip():
            name = f"{name} > {block.body.pop(0).strip()}"
        block.name = name.removesuffix(":")
    return blocks


def _node(lines: list[str], taken: set[int]) -> list[_Block]:
    summary = next((at for at, line in enumerate(lines) if line.strip() == "✖ failing tests:"), None)
    if summary is None:
        return []
    taken.update(at for at in range(summary) if at not in taken and _is_of_node(lines[at]))

    def begins(at: int, line: str) -> _Block | None:
        head = _NODE.match(line) if at > summary else None
        return None if head is None else _Block("node", None, Spot(head[1], int(head[2]), int(head[3])))

    blocks = _blocks(lines, taken, begins, lambda _: False)
    for block in blocks:
        name = _NODE_NAME.match(block.body[0]) if block.body else None
        if name is not None:
            block.name = name[1]
            block.body = block.body[1:]
        block.body = _before_fields(block.body)
        spots = [spot for line in block.body if (spot := frame(line)) is not None and is_frame(line)]
        if block.own is not None and block.own not in spots:
            block.body.append(f"    at {block.own.path}:{block.own.line}:{block.own.column}")
    return blocks


def _is_of_node(line: str) -> bool:
    """A line of the part above the summary, which says it all again."""
    return line.startswith((" ", "▶", "✖", "✔", "﹣", "ℹ"))


def _before_fields(body: list[str]) -> list[str]:
    """A printed error without the fields behind its stack."""
    end = next((at for at, line in enumerate(body) if is_frame(line) and line.rstrip().endswith("{")), len(body) - 1)
    return body[: end + 1]


_REPEATING = (_vitest, _jest)
"""Runners that print a failure a second time, below a heading or in a summary; others number them."""


def _stacks(lines: list[str], taken: set[int], command: tuple[str, ...]) -> list[Found]:
    """Every stack that no test was blamed for, below the error that stands above it."""
    from clew.recording.parsers import tool_of  # a circle otherwise

    found: list[Found] = []
    at = 0
    while at < len(lines):
        if at in taken or not lines[at].lstrip().startswith("at ") or not is_frame(lines[at]):
            at += 1
            continue
        first = at
        while at < len(lines) and at not in taken and is_frame(lines[at]):
            at += 1
        spots = tuple(spot for line in lines[first:at] if (spot := frame(line)) is not None)
        above = next(
            (up for up in range(first - 1, max(first - _LINES_ABOVE, -1), -1) if up not in taken and _ERROR.match(lines[up])), None
        )
        begins = first - 1 if above is None else above
        head = next((up for up in range(begins, max(begins - 8, -1), -1) if _HEAD.match(lines[up])), begins)
        taken.update(range(max(head, 0), at))
        if spots:
            message = headline("\n".join(lines[max(begins, 0) : first]))
            found.append(Found(tool=tool_of(command), message=message or "stack", spots=spots, only_in_tree=True))
    return found
