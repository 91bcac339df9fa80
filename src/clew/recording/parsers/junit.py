"""JUnit's XML, as all test runners write it."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, ParseError, fromstring

from clew.recording.parsers.found import Found, Parsed, Spot, frames, headline
from clew.recording.parsers.pytest import error_of, places

_BEGINS = re.compile(r"<\?xml|<testsuite")
_DOCTYPE = "<!DOCTYPE"


def parse(output: str, command: tuple[str, ...]) -> Parsed | None:
    """Failures and errors of test cases; None for what is no such document."""
    begins = _BEGINS.search(output)
    end = output.rfind(">")
    if begins is None or output.find("<testsuite") == -1 or _DOCTYPE in output:
        return None
    try:
        root = fromstring(output[begins.start() : end + 1])  # noqa: S314 - a document with a DOCTYPE was refused
    except ParseError:
        return None
    tool = next((name for name in ("vitest", "jest", "mocha", "pytest", "node") if any(name in word for word in command)), "junit")
    found: list[Found] = []
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for case in root.iter("testcase"):
        failed = [one for one in case if one.tag in {"failure", "error"}]
        skipped = any(one.tag == "skipped" for one in case)
        counts["failed" if failed else "skipped" if skipped else "passed"] += 1
        found += [_finding(tool, case, one) for one in failed]
    return Parsed(found=tuple(found), tools=(tool,), tests={name: count for name, count in counts.items() if count})


def _finding(tool: str, case: Element, failure: Element) -> Found:
    said = failure.text or ""
    stack = frames(said) or tuple(reversed(places(said.split("\n"))))
    line = case.get("line", "")
    own = case.get("file") or (case.get("classname", "") if "/" in case.get("classname", "") else "")
    spots = (*stack, *((Spot(own, int(line) if line.isdigit() else None),) if own else ()))
    return Found(
        tool=tool, message=failure.get("message") or error_of(said.split("\n")) or headline(said), rule=case.get("name"), spots=spots
    )
