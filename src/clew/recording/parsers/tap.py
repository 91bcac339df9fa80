"""The Test Anything Protocol, versions 12 to 14, with subtests as node, tap, mocha and vitest write them."""

from __future__ import annotations

import re

from clew.recording.parsers.found import Found, Parsed, Spot, frame, headline

_POINT = re.compile(r"^( *)(not )?ok\b(?: +(\d+))?(?: +- +| +)?(.*?)(?: # (?i:(skip|todo))\b.*)?(?: # time=[\d.]+m?s)?( \{)?$")
_PLAN = re.compile(r"^ *1\.\.\d+")
_SUMMARY = re.compile(r"^# (?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms)\b")
_KEY = re.compile(r"^\s*(\w+):(?: (.*))?$")
_OF_PARENTS = "subtestsFailed"
_BLOCK = {"|", "|-", ">", ">-", "|+", ">+"}
_TOOL = "tap"


def parse(lines: list[str], claimed: frozenset[int], command: tuple[str, ...]) -> Parsed:
    """The points that failed, their parents left out; nothing of an output without a plan."""
    points = [(at, point) for at, line in enumerate(lines) if at not in claimed and (point := _POINT.match(line)) is not None]
    if not points or not any(line.startswith("TAP version") or _PLAN.match(line) for line in lines):
        return Parsed()
    tool = next((name for name in ("vitest", "mocha", "node") if any(name in word for word in command)), _TOOL)
    found: list[Found] = []
    taken = {at for at, line in enumerate(lines) if _PLAN.match(line) or _SUMMARY.match(line)}
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for at, point in points:
        body = _body(lines, at, len(point[1]))
        taken.update(range(at, at + len(body) + 1))
        keys = _keys(body)
        is_parent = (
            bool(point[6]) or keys.get("failureType", "").strip("'\"") == _OF_PARENTS or keys.get("type", "").strip("'\"") == "suite"
        )
        if is_parent:
            continue
        failed = point[2] is not None and not point[5]
        counts["failed" if failed else "skipped" if point[5] else "passed"] += 1
        if failed:
            found.append(_finding(tool, point[4], body, keys))
    return Parsed(
        found=tuple(found), tools=(tool,), tests={name: count for name, count in counts.items() if count}, claimed=frozenset(taken)
    )


def _body(lines: list[str], at: int, indent: int) -> list[str]:
    """The lines that belong to a point: those behind it that are indented further, up to the next point or plan."""
    body: list[str] = []
    for line in lines[at + 1 :]:
        is_own = not line.strip() or len(line) - len(line.lstrip()) > indent
        if not is_own or _POINT.match(line) or _PLAN.match(line) or line.lstrip().startswith("# Subtest"):
            break
        body.append(line)
    return body


def _keys(body: list[str]) -> dict[str, str]:
    """The scalars of a diagnostic block of YAML, as far as this format uses it."""
    keys: dict[str, str] = {}
    at = 0
    while at < len(body):
        key = _KEY.match(body[at])
        at += 1
        if key is None:
            continue
        value = (key[2] or "").strip()
        if value in _BLOCK:
            indent = len(body[at - 1]) - len(body[at - 1].lstrip())
            inner: list[str] = []
            while at < len(body) and (not body[at].strip() or len(body[at]) - len(body[at].lstrip()) > indent):
                inner.append(body[at].strip())
                at += 1
            value = "\n".join(inner)
        keys.setdefault(key[1], value)
    return keys


def _finding(tool: str, name: str, body: list[str], keys: dict[str, str]) -> Found:
    said = keys.get("message") or keys.get("error") or ""
    stack = keys.get("stack")
    spots = [spot for line in (stack.split("\n") if stack is not None else body) if (spot := frame(_unquoted(line))) is not None]
    for key in ("at", "location"):
        own = frame(_unquoted(keys.get(key, "")))
        spots += [own] if own is not None and own not in spots else []
    message = headline(_unquoted(said)) or headline("\n".join(body)) or "failed"
    return Found(tool=tool, message=message, rule=name.strip() or None, spots=tuple(_distinct(spots)))


def _distinct(spots: list[Spot]) -> list[Spot]:
    return list(dict.fromkeys(spots))


def _unquoted(text: str) -> str:
    """A scalar of YAML without its quotes; `at: "path:1:2"` of a whole line is its value."""
    text = text.strip()
    key = re.match(r"^(?:at|location): (.*)$", text)
    text = key[1] if key is not None else text
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
