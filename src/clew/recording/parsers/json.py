"""JSON of linters and test runners: eslint's and its like, jest's and vitest's, mocha's, and any list of objects with places."""

from __future__ import annotations

from typing import Any

from clew.recording.parsers.found import ERROR, NOTE, WARNING, Found, Parsed, Spot, frames, headline
from clew.recording.parsers.values import document, inside, number, objects, text

PATHS = ("file", "filePath", "filename", "fileName", "path", "uri")
LINES = ("line", "startLine", "lineNumber", "line_number", "row")
COLUMNS = ("column", "col", "startColumn", "character", "columnNumber")
MESSAGES = ("message", "msg", "text", "description", "title", "reason")
RULES = ("ruleId", "rule", "code", "rule_id", "type")
SEVERITIES = {2: ERROR, 1: WARNING, 0: NOTE}
WORDS = {"error": ERROR, "fatal": ERROR, "critical": ERROR, "high": ERROR, "warning": WARNING, "warn": WARNING, "medium": WARNING}
DEEPEST = 6


def parse(output: str, command: tuple[str, ...]) -> Parsed | None:
    """The findings of a document; None for what is no JSON, or says nothing of files."""
    value = document(output)
    if value is None:
        return None
    if isinstance(value, dict) and isinstance(value.get("testResults"), list):
        return _jest(value, command)
    if isinstance(value, dict) and isinstance(value.get("failures"), list) and isinstance(value.get("stats"), dict):
        return _mocha(value)
    files = objects(value)
    if files and all("messages" in one and ("filePath" in one or "source" in one) for one in files):
        return _eslint(files)
    found = _any(value, command)
    return Parsed(found=found, tools=(found[0].tool,)) if found else None


def _eslint(files: list[dict[str, Any]]) -> Parsed:
    found = [
        Found(
            tool="eslint",
            message=" ".join((text(one.get("message")) or "").split()),
            severity=SEVERITIES.get(one.get("severity", 2), ERROR),
            rule=text(one.get("ruleId")),
            spots=(Spot(str(file.get("filePath") or file.get("source")), number(one.get("line")), number(one.get("column"))),),
        )
        for file in files
        for one in objects(file["messages"])
    ]
    return Parsed(found=tuple(found), tools=("eslint",))


def _jest(value: dict[str, Any], command: tuple[str, ...]) -> Parsed:
    tool = next((name for name in ("vitest", "jest") if any(name in word for word in command)), "jest")
    found: list[Found] = []
    for file in objects(value["testResults"]):
        path = text(file.get("name")) or ""
        tests = objects(file.get("assertionResults"))
        for test in tests:
            said = [one for one in test.get("failureMessages") or () if isinstance(one, str)]
            if test.get("status") != "failed":
                continue
            name = " > ".join([*(test.get("ancestorTitles") or ()), text(test.get("title")) or text(test.get("fullName")) or ""])
            stack = said[0] if said else ""
            at = inside(test, "location")
            own = Spot(path, number(inside(at, "line")), number(inside(at, "column")))
            found.append(Found(tool=tool, message=headline(stack) or "failed", rule=name, spots=(*frames(stack), own)))
        if not tests and (message := text(file.get("message"))):
            found.append(Found(tool=tool, message=headline(message), spots=(*frames(message), Spot(path))))
    counts = {"passed": "numPassedTests", "failed": "numFailedTests", "skipped": "numPendingTests"}
    return Parsed(found=tuple(found), tools=(tool,), tests={name: one for name, key in counts.items() if (one := number(value.get(key)))})


def _mocha(value: dict[str, Any]) -> Parsed:
    found = []
    for test in objects(value["failures"]):
        stack = text(inside(test, "err", "stack")) or text(inside(test, "err", "message")) or ""
        own = text(test.get("file"))
        spots = (*frames(stack), *((Spot(own),) if own else ()))
        found.append(Found(tool="mocha", message=headline(stack) or "failed", rule=text(test.get("fullTitle")), spots=spots))
    counts = {"passed": "passes", "failed": "failures", "skipped": "pending"}
    return Parsed(
        found=tuple(found), tools=("mocha",), tests={name: one for name, key in counts.items() if (one := number(value["stats"].get(key)))}
    )


def _any(value: Any, command: tuple[str, ...], depth: int = 0) -> tuple[Found, ...]:  # noqa: ANN401 - any JSON value
    """Objects anywhere inside that have a path, and a line or a message."""
    from clew.recording.parsers import tool_of  # a circle otherwise

    if depth > DEEPEST:
        return ()
    if isinstance(value, list):
        return tuple(one for part in value if isinstance(part, (dict, list)) for one in _any(part, command, depth + 1))
    if not isinstance(value, dict):
        return ()
    place = next((inner for key in ("location", "loc", "range", "start") if isinstance(inner := value.get(key), dict)), {})
    start = place.get("start") if isinstance(place.get("start"), dict) else place
    path = _first(value, PATHS, text) or _first(place, PATHS, text)
    line, message = _first(value, LINES, number) or _first(start, LINES, number), _first(value, MESSAGES, text)
    if path and (line or message):
        severity = value.get("severity") or value.get("level")
        return (
            Found(
                tool=tool_of(command),
                message=" ".join((message or "").split()),
                severity=SEVERITIES.get(severity, ERROR)
                if isinstance(severity, int)
                else WORDS.get(str(severity).lower(), NOTE if severity else ERROR),
                rule=_first(value, RULES, text),
                spots=(Spot(path, line, _first(value, COLUMNS, number) or _first(start, COLUMNS, number)),),
            ),
        )
    return tuple(one for part in value.values() if isinstance(part, (dict, list)) for one in _any(part, command, depth + 1))


def _first(value: Any, keys: tuple[str, ...], kind: Any) -> Any:  # noqa: ANN401 - any JSON value
    return next((one for key in keys if (one := kind(inside(value, key))) is not None), None)
