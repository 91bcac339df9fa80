"""The output of eslint and its like for people (`stylish`): a path, then a line for each finding."""

from __future__ import annotations

import re

from clew.recording.parsers.found import ERROR, WARNING, Found, Parsed, Spot

_ROW = re.compile(r"^\s+(\d+):(\d+)\s+(error|warning|[✖⚠×])\s+(.*?)(?:\s{2,}(\S+))?\s*$")
_PATH = re.compile(r"^(?!\s)(?:file://)?\S.*\.\w+$")


def parse(lines: list[str], claimed: frozenset[int], _command: tuple[str, ...]) -> Parsed:
    """The findings below each path."""
    path: tuple[int, str] | None = None
    found: list[Found] = []
    taken: set[int] = set()
    for at, line in enumerate(lines):
        if at in claimed:
            continue
        row = _ROW.match(line)
        if row is None or path is None:
            path = (at, line.strip()) if _PATH.match(line) else path if row is None and line.strip() else None
            continue
        taken.update((path[0], at))
        severity = WARNING if row[3] in {"warning", "⚠"} else ERROR
        spot = Spot(path[1], int(row[1]), int(row[2]))
        found.append(Found(tool="eslint", message=row[4].strip(), severity=severity, rule=row[5], spots=(spot,)))
    return Parsed(found=tuple(found), tools=("eslint",) if found else (), claimed=frozenset(taken))
