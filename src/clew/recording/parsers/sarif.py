"""SARIF 2.1.0 (OASIS): the results of static analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from clew.recording.parsers.found import ERROR, NOTE, WARNING, Found, Parsed, Spot
from clew.recording.parsers.values import document, inside, number, objects, text

if TYPE_CHECKING:
    from clew.recording.parsers.found import Unit

LEVELS = {"error": ERROR, "warning": WARNING, "note": NOTE, "none": NOTE}


def parse(output: str, _command: tuple[str, ...]) -> Parsed | None:
    """The results of all runs; None for what is no SARIF."""
    log = document(output)
    if not isinstance(log, dict) or not isinstance(log.get("runs"), list) or "version" not in log:
        return None
    found: list[Found] = []
    tools: list[str] = []
    for run in objects(log["runs"]):
        tool = (text(inside(run, "tool", "driver", "name")) or "sarif").lower()
        tools.append(tool)
        rules = objects(inside(run, "tool", "driver", "rules"))
        unit: Unit = "points" if run.get("columnKind") == "unicodeCodePoints" else "utf16"
        found += [_finding(run, tool, rules, unit, result) for result in objects(run.get("results")) if not result.get("suppressions")]
    return Parsed(found=tuple(found), tools=tuple(dict.fromkeys(tools)))


def _finding(run: dict[str, Any], tool: str, rules: list[dict[str, Any]], unit: Unit, result: dict[str, Any]) -> Found:
    at = result.get("ruleIndex", inside(result, "rule", "index"))
    rule = rules[at] if isinstance(at, int) and 0 <= at < len(rules) else {}
    level = result.get("level") or inside(rule, "defaultConfiguration", "level") or "warning"
    kind = result.get("kind", "fail")
    places = [inside(one, "physicalLocation") for one in objects(result.get("locations"))]
    return Found(
        tool=tool,
        message=_message(result, rule),
        severity=LEVELS.get(level, WARNING) if kind == "fail" else NOTE,
        rule=text(result.get("ruleId")) or text(inside(result, "rule", "id")) or text(rule.get("id")),
        spots=tuple(spot for place in places[:1] if (spot := _spot(run, place, unit)) is not None),
    )


def _message(result: dict[str, Any], rule: dict[str, Any]) -> str:
    said = inside(result, "message", "text")
    if said is None:
        said = inside(rule, "messageStrings", inside(result, "message", "id") or "", "text") or ""
    for at, value in enumerate(inside(result, "message", "arguments") or ()):
        said = said.replace(f"{{{at}}}", str(value))
    return " ".join(str(said).split())


def _spot(run: dict[str, Any], place: Any, unit: Unit) -> Spot | None:  # noqa: ANN401 - any JSON value
    artifact = inside(place, "artifactLocation") or {}
    uri = text(artifact.get("uri"))
    if uri is None and isinstance(at := artifact.get("index"), int):
        artifacts = objects(run.get("artifacts"))
        artifact = inside(artifacts[at], "location") or {} if 0 <= at < len(artifacts) else {}
        uri = text(artifact.get("uri"))
    if uri is None:
        return None
    base = inside(run, "originalUriBaseIds", artifact.get("uriBaseId") or "", "uri")
    region = inside(place, "region") or {}
    path = urljoin(base, uri) if isinstance(base, str) else uri
    if not path.startswith("file:"):
        from urllib.parse import unquote  # only relative addresses

        path = unquote(path)
    line = number(region.get("startLine"))
    return Spot(path, line, (number(region.get("startColumn")) or 1) if line else None, unit)
