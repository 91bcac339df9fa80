"""A recorded run as failures: of each the test, where it is written, its stack and what it says; and the tests that passed beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew._native import is_test
from clew.causes.cases import SEPARATOR, Case, case_around, case_named, cases_of, squeezed
from clew.code.rows import SourceMap
from clew.index.rows import CODE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew.workspace import Workspace

MOST_LOOKED_UP = 40
"""Failures of one run whose tests are looked up; of more the first count."""
_PASSED = (
    re.compile(r"^\s*[✔✓√] (?:\|[^|]*\| )?(.+?)(?: \(?[\d.]+ ?m?s\)?)?$"),
    re.compile(r"^\s*ok \d+(?: -)? (.+?)(?: #.*)?$"),
)


class RecordedRow(msgspec.Struct, frozen=True):
    """The part of a row of a recording that failures are read from (`clew.recording.record.RecordRow`)."""

    n: int
    file: str = ""
    line: int | None = None
    column: int | None = None
    severity: str | None = None
    rule: str | None = None
    message: str | None = None
    of: int | None = None


class Output(msgspec.Struct, frozen=True):
    """The part of a recording that only its step keeps."""

    text: str


class Recording(msgspec.Struct, frozen=True):
    """The part of a recording that failures are read from: reading it loads nothing that runs commands."""

    status: int
    stored: Output
    results: tuple[RecordedRow, ...]


class Place(NamedTuple):
    """A place in the tree."""

    file: str
    line: int
    column: int | None


class Failure(NamedTuple):
    """A finding of a run that is bad."""

    n: int
    """Its row in the recording."""
    test: str | None
    """The name of the test, as its runner says it."""
    message: str
    stack: tuple[Place, ...]
    """The places of the tree on the way to it, innermost first."""
    file: str | None = None
    """The file of the test, or of the place where the way begins."""
    case: Case | None = None
    """The test in it."""

    @property
    def place(self) -> Place | None:
        """The outermost place, where the way to it begins."""
        return self.stack[-1] if self.stack else None


class CaseFiles:
    """The sources of tests, each read once; `changed` are files that are no longer what the recorded command saw."""

    def __init__(self, workspace: Workspace, changed: frozenset[str] = frozenset()) -> None:
        self._generation = workspace.generation
        self._changed = changed
        self.sources = SourceMap(self._generation)
        self._cases: dict[str, list[Case]] = {}
        self._texts: dict[str, str] = {}
        self._files_with: dict[str, list[str]] = {}

    def text(self, file: str) -> str:
        """The source of a file of code, one letter for a byte; nothing for another file, and for one that changed meanwhile."""
        if file not in self._texts:
            number = self._generation.id_of(file)
            source = None if number is None or not self._generation.flags_of(number) & CODE else self.sources.source(number)
            self._texts[file] = "" if source is None else source.decode("latin-1")
        return self._texts[file]

    def cases(self, file: str) -> list[Case]:
        """Its test cases; offsets are bytes, titles text."""
        if file not in self._cases:
            self._cases[file] = cases_of(self.text(file))
        return self._cases[file]

    def offset(self, place: Place) -> int | None:
        """The byte offset of a place; None in a file that changed since, in which its line may be another one."""
        number = self._generation.id_of(place.file)
        return None if number is None or place.file in self._changed else self.sources.offset(number, place.line, place.column or 1)

    def line(self, file: str, offset: int) -> int:
        """The line of a byte offset, counted from 1."""
        return self.text(file).count("\n", 0, offset) + 1

    def look_for(self, names: Iterable[str]) -> None:
        """Find the tests that have the words of these names, in one search: `written` has no need of another one then."""
        wanted = {words for name in names if len(words := _words_of(name)) >= _LEAST_TITLE} - self._files_with.keys()
        if not wanted:
            return
        generation = self._generation
        tests = [entry.id for entry in generation.files(CODE) if is_test(entry.path)]
        either = "|".join(re.escape(words) for words in sorted(wanted))
        files = dict.fromkeys(generation.path_of(hit.file) for hit in generation.text(either, regex=True, files=tests))
        self._files_with.update({words: [file for file in files if _as_bytes(words) in self.text(file)] for words in wanted})

    def written(self, name: str) -> tuple[str, Case] | None:
        """The only test of the tree that a runner calls so, looked for by its title."""
        self.look_for([name])
        files = self._files_with.get(_words_of(name), ())
        found = [(file, case) for file in files if (case := case_named(self.cases(file), _as_bytes(name))) is not None]
        if len(found) > 1:  # the one with the groups that the name tells
            told = [(file, case) for file, case in found if all(self.cases(file)[group].title in _as_bytes(name) for group in case.groups)]
            found = told or found
        return found[0] if len(found) == 1 else None


_LEAST_TITLE = 4


def _words_of(name: str) -> str:
    """The longest run of words in the title of a test."""
    return max(re.split(r"[^\w -]+", name.rsplit(SEPARATOR, maxsplit=1)[-1]), key=len, default="").strip()


def _as_bytes(text: str) -> str:
    """A text as the sources are read: one letter for a byte."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def findings(result: Recording) -> list[RecordedRow]:
    """The rows of a recording that are bad, without the places on the way to them."""
    return [row for row in result.results if row.of is None and row.severity == "error"]


def failures(result: Recording, rows: Iterable[RecordedRow], files: CaseFiles) -> list[Failure]:
    """Findings with the tests that they are of, as far as these are found in the tree."""
    places: dict[int, list[Place]] = {}
    for row in result.results:
        if row.file and row.line is not None:
            places.setdefault(row.of or row.n, []).append(Place(row.file, row.line, row.column))
    files_of = {row.n: row.file for row in result.results if row.of is None}
    found = [Failure(row.n, row.rule, row.message or "", tuple(places.get(row.n, ())), files_of.get(row.n) or None) for row in rows]
    found = [_in_its_files(failure, files) for failure in found]
    files.look_for(failure.test for failure in found if failure.case is None and failure.test is not None)
    return [_by_its_title(failure, files) for failure in found]


def _in_its_files(failure: Failure, files: CaseFiles) -> Failure:
    """A failure with the test that it is of, where that stands in the file of the finding or on the way to it."""
    stack = failure.stack
    named = dict.fromkeys([*(place.file for place in reversed(stack)), *([failure.file] if failure.file else [])])
    for file in sorted(named, key=lambda file: not is_test(file)):
        around = [place for place in stack if place.file == file]
        held = (case_around(files.cases(file), at) for place in reversed(around) if (at := files.offset(place)) is not None)
        case = next((case for case in held if case is not None), None)
        if case is None and failure.test is not None:
            case = case_named(files.cases(file), _as_bytes(failure.test))
        if case is not None:
            return failure._replace(file=file, case=case)
    return failure._replace(file=next(iter(named), None))


def _by_its_title(failure: Failure, files: CaseFiles) -> Failure:
    """A failure with the only test of the tree that has its title, where it is not known yet."""
    if failure.case is not None or failure.test is None or (written := files.written(failure.test)) is None:
        return failure
    return failure._replace(file=written[0], case=written[1])


def passed_names(output: str) -> frozenset[str]:
    """The names of the tests that an output says have passed, one letter for a byte."""
    found = (pattern.match(line) for line in output.split("\n") for pattern in _PASSED)
    return frozenset(_as_bytes(match[1].split(SEPARATOR)[-1].strip()) for match in found if match is not None)


def passed_cases(cases: list[Case], failed: Iterable[Case], names: frozenset[str]) -> list[Case]:
    """The cases of a file that passed, as far as the output names them."""
    bad = {case.start for case in failed}
    return [case for case in cases if not case.is_group and case.start not in bad and _is_named(case, names)]


def _is_named(case: Case, names: frozenset[str]) -> bool:
    return case.title in names or (case.varies and any(case.can_be(squeezed(name)) for name in names))
