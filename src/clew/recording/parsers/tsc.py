"""Errors of TypeScript, plain and pretty."""

from __future__ import annotations

import re

from clew.recording.parsers.found import ERROR, NOTE, WARNING, Found, Parsed, Spot

_SAID = r"(?P<level>error|warning|message) (?P<code>TS\d+): (?P<said>.*)$"
_ROW = re.compile(r"^(?P<path>\S.*?)\((\d+),(\d+)\): " + _SAID)
_PRETTY = re.compile(r"^(?P<path>\S.*?):(\d+):(\d+) - " + _SAID)
_GLOBAL = re.compile("^" + _SAID)
_SUMMARY = re.compile(r"^Found \d+ errors?\b")
_LEVELS = {"error": ERROR, "warning": WARNING, "message": NOTE}


def parse(lines: list[str], claimed: frozenset[int], _command: tuple[str, ...]) -> Parsed:
    """One finding per error; the indented lines behind it explain it, and are no findings."""
    found: list[Found] = []
    taken = {at for at, line in enumerate(lines) if _SUMMARY.match(line)}
    explains = False
    for at, line in enumerate(lines):
        if at in claimed:
            continue
        row = _ROW.match(line) or _PRETTY.match(line) or _GLOBAL.match(line)
        if row is None:
            explains = explains and (line.startswith(" ") or re.match(r"^\d+ ", line) is not None or not line.strip())
            taken.update((at,) if explains else ())
            continue
        numbers = [int(part) for part in row.groups() if part is not None and part.isdigit()]
        spots = (Spot(row["path"], numbers[0], numbers[1]),) if "path" in row.groupdict() else ()
        found.append(Found(tool="tsc", message=row["said"], severity=_LEVELS[row["level"]], rule=row["code"], spots=spots))
        taken.add(at)
        explains = True
    return Parsed(found=tuple(found), tools=("tsc",) if found else (), claimed=frozenset(taken))
