"""Places in any text: `path:line`, `path:line:column`, `path(line,column)`, `File "path", line N`."""

from __future__ import annotations

import re

from clew.recording.parsers.found import ERROR, NOTE, WARNING, Found, Parsed, Spot

_PLACE = re.compile(
    r"(?P<path>(?:file://|[A-Za-z]:[\\/])?[\w@~+./\\#$-][\w@~+./\\#$ -]*?\.[A-Za-z]\w{0,9})"
    r"(?:(?::(?P<line>\d+)(?::(?P<column>\d+))?)|\((?P<inner>\d+)(?:,\s?(?P<at>\d+))?\))(?!\w)"
)
_PYTHON = re.compile(r"File \"(?P<path>[^\"]+)\", line (?P<line>\d+)")
_LEVEL = re.compile(r"\b(?i:(fatal|error|failed|failure)|(warning|warn)|(note|info|hint))\b")
_LONGEST = 2000


def parse(lines: list[str], claimed: frozenset[int], command: tuple[str, ...]) -> Parsed:
    """A finding for each line with a place, where there is such a file; it is as bad as its words say."""
    from clew.recording.parsers import tool_of  # a circle otherwise

    tool = tool_of(command)
    found: list[Found] = []
    for at, whole in enumerate(lines):
        line = whole[:_LONGEST]
        if at in claimed or not (":" in line or "(" in line or '"' in line):
            continue
        place = _PYTHON.search(line) or _PLACE.search(line)
        if place is None:
            continue
        groups = place.groupdict()
        number, column = groups.get("line") or groups.get("inner"), groups.get("column") or groups.get("at")
        rest = line[place.end() :].strip(" \t:-–—") if place.start() == len(line) - len(line.lstrip()) else line.strip()
        spot = Spot(place["path"].strip(), int(number or 0) or None, int(column) if column and int(column) else None)
        found.append(Found(tool=tool, message=rest or line.strip(), severity=_severity(rest), spots=(spot,), only_in_tree=True))
    return Parsed(found=tuple(found), tools=(tool,) if found else ())


def _severity(text: str) -> str | None:
    level = _LEVEL.search(text[:200])
    return None if level is None else ERROR if level[1] else WARNING if level[2] else NOTE
