"""The tests that reach a definition or a file, and the commands that run them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew._native import is_test
from clew.code.names import path_in
from clew.code.ripple import asked_alike, walk
from clew.code.runners import commands
from clew.requests import Gap, Possible, Result, Row, Target

if TYPE_CHECKING:
    from clew.code.ripple import Reached
    from clew.workspace import Workspace

_DIRECT = ("call", "read", "override", "type", "import")
"""Ways to be reached, the most direct use first."""

_RUN_AT_ONCE = 20
"""Files that the command of an answer runs: those of its first page."""


class Tests(Possible, frozen=True, kw_only=True, tag="tests"):
    """List the test files that reach a definition or a file, the most direct first, with the command that runs them.

    js-scan --tests processData
    """

    targets: tuple[Target, ...] = ()
    """The definitions or files that are tested. Empty means: what the continued step found."""
    depth: int | None = None
    """Number of hops to follow; without it, to the end."""


class TestRow(Row, frozen=True):
    """A test file."""

    file: str
    """Root-relative path."""
    line: int
    """Line of the first use, counted from 1."""
    via: str
    """The most direct use: `call`, `read`, `override`, `type` or `import`."""
    distance: int = 1
    """Number of hops from the target."""
    uses: int = 1
    """Number of its definitions that are reached, the top of the file counted as one."""
    evidence: str | None = None
    """`possible` where the receiver is not known."""


class TestsResult(Result, frozen=True, kw_only=True):
    """The test files, nearest first, of these the most direct."""

    targets: tuple[str, ...]
    """The targets, as full addresses."""
    run: tuple[str, ...] = ()
    """The commands that run the first of the files, by the test runner of their package; none where no runner is known."""
    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete."""
    results: tuple[TestRow, ...]
    """One row a file."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The targets again: the input passes through; rows only when they are picked."""
        if picked is None:
            return tuple(Target(text=target) for target in self.targets)
        return tuple(Target(text=row.file, file=row.file) for row in self.results if row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the targets, and the test files."""
        return tuple(dict.fromkeys([*map(path_in, self.targets), *(row.file for row in self.results)]))


def tests(workspace: Workspace, request: Tests) -> TestsResult:
    """The test files in the ripple of the targets; a file is a test by the names of its folders and its own.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    walked = walk(workspace, asked_alike(request, request.targets, depth=request.depth))
    by_file: dict[str, list[Reached]] = {}
    for row in sorted(walked.rows, key=lambda row: row.evidence is not None):
        if is_test(row.file) and not (row.evidence and row.file in by_file and not by_file[row.file][0].evidence):
            by_file.setdefault(row.file, []).append(row)
    found = sorted(
        map(_summed, by_file.values()), key=lambda row: (row.evidence is not None, row.distance, _DIRECT.index(row.via), -row.uses)
    )
    certain = {row.file for row in found if row.evidence is None}
    possible = {file for file in walked.possible if is_test(file)} - certain
    return TestsResult(
        targets=tuple(changed.target for changed in walked.targets),
        run=commands(workspace.root, [row.file for row in found[:_RUN_AT_ONCE]]),
        why=walked.why(len(possible)),
        results=tuple(msgspec.structs.replace(row, n=n) for n, row in enumerate(found, 1)),
    )


def _summed(rows: list[Reached]) -> TestRow:
    """The row of a file, from what is reached in it: its nearest and most direct use."""
    best = min(rows, key=lambda row: (row.distance, _DIRECT.index(row.via), row.line))
    return TestRow(
        n=0,
        file=best.file,
        line=best.line,
        via=best.via,
        distance=best.distance,
        uses=len(rows),
        evidence=best.evidence,
    )
