"""The output of pytest, with tracebacks of any style."""

from __future__ import annotations

import re

from clew.recording.parsers.found import Found, Parsed, Spot, way

_HEADER = re.compile(r"^_{3,} (.+?) _{3,}$")
_RULER = re.compile(r"^=+ (.+?) =+$")
_SHORT = re.compile(r"^(?:FAILED|ERROR) (\S+?)(?:::(\S+))?(?: - (.*))?$")
_PLACE = re.compile(r"^(?:E\s+)?(?:  File \")?((?:[A-Za-z]:)?[^\s:\"]+\.pyi?)(?:\", line |:)(\d+)(?:, |: ?|:? in |$)(.*)$")
_COUNTS = re.compile(r"(\d+) (passed|failed|skipped|error)")
_ENDED = re.compile(r" in \d+\.\d+s")
_TOOL = "pytest"


class _Report:
    """The parts of what pytest printed."""

    def __init__(self) -> None:
        self.sections: dict[str, list[str]] = {}
        self.short: list[tuple[str, str, str]] = []
        self.loose: list[str] = []
        """Places that stand below no test: those of `--tb=line`."""
        self.counts: dict[str, int] = {}
        self._part = self._name = ""

    def takes(self, line: str) -> bool:
        """Read a line; true for one that belongs to the report."""
        ruler = _RULER.match(line)
        if ruler is not None:
            self._part, self._name = ruler[1], ""
        ended = ruler[1] if ruler is not None else line
        if _ENDED.search(ended) and (counts := _COUNTS.findall(ended)):
            self.counts = {("failed" if kind == "error" else kind): int(count) for count, kind in counts}
            return True
        if self._part in {"FAILURES", "ERRORS"}:
            self._in_section(line)
            return True
        said = _SHORT.match(line) if self._part == "short test summary info" else None
        if said is not None:
            self.short.append((said[1], said[2] or "", said[3] or ""))
        return said is not None

    def _in_section(self, line: str) -> None:
        header = _HEADER.match(line)
        if header is not None:
            self._name = header[1]
            self.sections[self._name] = []
        elif self._name:
            self.sections[self._name].append(line)
        elif places([line]):
            self.loose.append(line)


def parse(lines: list[str], claimed: frozenset[int], _command: tuple[str, ...]) -> Parsed:
    """Failures and errors, each with the way to it; the innermost place first."""
    report = _Report()
    taken = frozenset(at for at, line in enumerate(lines) if at not in claimed and report.takes(line))
    if not (report.sections or report.short or report.counts):
        return Parsed()
    found = tuple(_findings(report.sections, report.short, report.loose))
    return Parsed(found=found, tools=(_TOOL,), tests=report.counts, claimed=taken)


def _findings(sections: dict[str, list[str]], short: list[tuple[str, str, str]], loose: list[str]) -> list[Found]:
    found: list[Found] = []
    left = dict(sections)
    for number, (path, name, said) in enumerate(short):
        body = left.pop(name.replace("::", "."), None) if name else left.pop(f"ERROR collecting {path}", None)
        if body is None and number < len(loose):
            body = [loose[number]]
        found.append(_finding(name or path, body or [], said, Spot(path)))
    return [*found, *(_finding(name, body, "", None) for name, body in left.items())]


def _finding(name: str, body: list[str], said: str, own: Spot | None) -> Found:
    spots = way(tuple(reversed(places(body))), own)
    return Found(tool=_TOOL, message=said or error_of(body) or "failed", rule=name, spots=spots)


def places(lines: list[str]) -> list[Spot]:
    """The places of a traceback, outermost first."""
    return [Spot(found[1], int(found[2])) for line in lines if (found := _PLACE.match(line)) is not None]


def error_of(lines: list[str]) -> str | None:
    """The sentence of the error; None where none is marked."""
    return next((line[1:].strip() for line in lines if line.startswith("E   ")), None)
