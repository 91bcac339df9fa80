"""The output of text searches: `path:line:text`, with a column where they were asked for it, or rg's JSON."""

from __future__ import annotations

import os
import re

from clew.recording.parsers.found import Found, Parsed, Spot
from clew.recording.parsers.values import inside, number, text

_ROW = re.compile(r"^(?P<path>[^\s:][^:\0]*?):(?P<line>\d+):(?:(?P<column>\d+):)?(?P<text>.*)$")
_COLUMNS = frozenset({"--column", "--vimgrep"})


def parse(lines: list[str], command: tuple[str, ...]) -> Parsed:
    """The lines found; those around them are none."""
    rows = [row for line in lines if (row := _ROW.match(line)) is not None]
    tool = os.path.basename(command[0]) if command else "rg"
    has_columns = bool(_COLUMNS.intersection(command))
    found = [
        Found(
            tool=tool,
            message=(row["text"] if has_columns or row["column"] is None else f"{row['column']}:{row['text']}").strip(),
            severity=None,
            spots=(Spot(row["path"], int(row["line"]), int(row["column"]) if has_columns and row["column"] else None, "bytes"),),
            only_in_tree=True,
        )
        for row in rows
    ]
    return Parsed(found=tuple(found), tools=(tool,))


def parse_json(output: str) -> Parsed | None:
    """The matches of `rg --json`; None for another output."""
    import msgspec  # loaded already

    found: list[Found] = []
    begun = False
    for line in output.split("\n"):
        if not line.startswith('{"') or '"type":"' not in line:
            continue
        try:
            event = msgspec.json.decode(line)
        except msgspec.DecodeError:
            continue
        begun = begun or event.get("type") in {"begin", "summary"}
        path = text(inside(event, "data", "path", "text"))
        if event.get("type") != "match" or path is None:
            continue
        matches = inside(event, "data", "submatches") or [{}]
        column = inside(matches[0], "start")
        said = text(inside(event, "data", "lines", "text")) or ""
        spot = Spot(path, number(inside(event, "data", "line_number")), column + 1 if isinstance(column, int) else None, "bytes")
        found.append(Found(tool="rg", message=said.strip(), severity=None, spots=(spot,)))
    return Parsed(found=tuple(found), tools=("rg",)) if begun else None
