"""Differences of answers from the truth, by kind: a page to read, most frequent cause first.

The scorer counts; this page names. It follows the scorer's rule of three values (certain, don't-care, wrong) by line.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from truth import Answer, Row

SHOWN = 40
"""Failures listed under one cause; the count says how many there are."""


class Failure(NamedTuple):
    """One location or file that is missing from an answer, or that should not be in it."""

    cause: str
    question: str
    where: str


def _line(found: Row) -> tuple[str, int]:
    return found["file"], found["line"]


def _spot(found: Row) -> str:
    return f"{found['file']}:{found['line']}" + (f":{found['col']}" if found.get("col") else "")


def _symbol(answer: Answer) -> Iterator[Failure]:
    row, given = answer.truth, answer.given
    question = f"{row['name']} ({row['stratum']}, {row['reliability']}) {_spot(row['def'])}"
    core = [found for found in row["refs"] if not found.get("def") and not found.get("needs_deps")]
    soft = {_line(found) for found in [row["def"], *row["refs"], *row["optional"], *row["uncertain"]]}
    lines = {_line(found) for found in given["refs"]}
    for found in core:
        if _line(found) not in lines:
            reach = "same file" if found["file"] == row["def"]["file"] else "other file"
            yield Failure(
                f"reference missed: {row['stratum']}, {found['k']}, {reach}, found by {found.get('via', 'ts')}", question, _spot(found)
            )
    for found in given["refs"]:
        if _line(found) not in soft:
            yield Failure(f"reference wrong: {row['stratum']}", question, _spot(found))
    calls = {_line(found) for found in given["calls"]}
    known = {_line(found) for found in [*row["calls"], *row["calls_optional"], *row["uncertain"]]}
    known |= {_line(found) for found in row["refs"] if found.get("arg")}
    for found in row["calls"]:
        if _line(found) not in calls and _line(found) in lines and not found.get("needs_deps"):
            yield Failure(f"call not told from a reference: {row['stratum']}, {found.get('role')}", question, _spot(found))
    for found in given["calls"]:
        if _line(found) not in known and _line(found) in soft:
            yield Failure(f"reference taken for a call: {row['stratum']}", question, _spot(found))


_SOFT_IMPORTS = {"jsdoc", "require-resolve", "mock"}


def _file(answer: Answer) -> Iterator[Failure]:
    row, given = answer.truth, answer.given
    hard = [found for found in row["imports"] if found["kind"] not in _SOFT_IMPORTS and not found.get("ambiguous")]
    either = {found["target"] for found in [*row["imports"], *row["outside"], *row["assets"]]}
    either |= {other for found in row["imports"] for other in found.get("alts", [])}
    either |= {found["maybe"] for found in row["unresolved"] if found.get("maybe")}
    for found in hard:
        if not {found["target"], *found.get("alts", [])}.intersection(given["imports"]):
            yield Failure(f"import missed: {found['kind']}", row["file"], f"{found['line']}: {found['spec']} -> {found['target']}")
    for target in given["imports"]:
        if target not in either:
            yield Failure("import wrong", row["file"], target)
    for importer in sorted(set(row["importers"]["all"]).difference(given["importers"])):
        yield Failure("importer missed", row["file"], importer)
    packages = {found["package"] for found in row["external"] if not found.get("builtin")}
    for package in sorted(packages.difference(given["external"])):
        yield Failure("package missed", row["file"], package)


def _cycles(answer: Answer) -> Iterator[Failure]:
    graph = answer.truth["graph"]
    expected, given = ({frozenset(files) for files in row["sccs"]} for row in (answer.truth, answer.given))
    for cause, sets in (("cycle missed", expected - given), ("cycle wrong", given - expected)):
        for files in sets:
            yield Failure(cause, graph, f"{len(files)} files: {' '.join(sorted(files)[:6])}")


def _places(answer: Answer, question: str, kind: str) -> Iterator[Failure]:
    row = answer.truth
    given = {_line(found) for found in answer.given["defs"]}
    expected = {_line(found): found for found in row["defs"]}
    either = set(expected) | {_line(found) for found in row.get("optional", [])}
    for spot, found in expected.items():
        if spot not in given:
            yield Failure(f"{kind} missed: {found.get('kind') or row.get('stratum')}", question, _spot(found))
    for file, line in sorted(given - either):
        yield Failure(f"{kind} wrong", question, f"{file}:{line}")


def _goto(answer: Answer) -> Iterator[Failure]:
    row = answer.truth
    found = list(_places(answer, f"{row.get('name', '')} at {_spot(row['at'])}", "definition"))
    reached = {_line(spot) for spot in row["defs"]}.intersection(_line(spot) for spot in answer.given["defs"])
    yield from (failure for failure in found if not reached or not failure.cause.startswith("definition missed"))


def _impact(answer: Answer) -> Iterator[Failure]:
    row = answer.truth
    question = f"{row['name']} ({row['stratum']}) {_spot(row['def'])}"
    own = {row["def"]["file"]}
    for file in sorted(set(row["files"]) - own - set(answer.given["files"])):
        yield Failure(f"impact missed: {row['stratum']}", question, file)
    for file in sorted(set(answer.given["files"]) - own - set(row["files"])):
        yield Failure(f"impact wrong: {row['stratum']}", question, file)


def failures(answer: Answer) -> Iterator[Failure]:
    """Every way in which one answer differs from the truth; files that the truth does not know are not looked at."""
    row = answer.truth
    if answer.errors:
        subject = row.get("name") or row.get("file") or row.get("graph")
        yield from (Failure(f"refused: {row['type']}, {error.partition(':')[0]}", str(subject), error) for error in answer.errors)
    elif row["type"] == "name":
        yield from _places(answer, row["name"], "name")
    else:
        yield from {"symbol": _symbol, "file": _file, "cycles": _cycles, "goto": _goto, "impact": _impact}[row["type"]](answer)


def page(corpus: str, root: Path, answers: Iterable[Answer]) -> str:
    """Return the page of one code base in Markdown: causes with counts, then each failure with its line of source."""
    by_cause: dict[str, list[Failure]] = defaultdict(list)
    for answer in answers:
        for failure in failures(answer):
            by_cause[failure.cause].append(failure)
    counts = Counter({cause: len(found) for cause, found in by_cause.items()})
    lines = [f"# Failures on {corpus}", "", "| count | questions | cause |", "| ---: | ---: | --- |"]
    for cause, count in counts.most_common():
        lines.append(f"| {count} | {len({failure.question for failure in by_cause[cause]})} | {cause} |")
    for cause, count in counts.most_common():
        lines += ["", f"## {cause} ({count})", ""]
        lines += [f"- {failure.question}\n  {failure.where}{_source(root, failure.where)}" for failure in by_cause[cause][:SHOWN]]
        if count > SHOWN:
            lines.append(f"- … {count - SHOWN} more")
    return "\n".join(lines) + "\n"


def _source(root: Path, where: str) -> str:
    file, _, rest = where.partition(":")
    number = rest.partition(":")[0]
    path = root / file
    if not number.isdigit() or not path.is_file():
        return ""
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    return f"  `{lines[int(number) - 1].strip()[:120]}`" if int(number) <= len(lines) else ""
