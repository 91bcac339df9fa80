"""Which tests reach a definition or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew.code.names import path_in
from clew.code.ripple import Ripple, ripple
from clew.code.scope import is_test
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Tests(Scope, frozen=True, kw_only=True, tag="tests"):
    """List the test files that reach a definition or a file, nearest first."""

    targets: tuple[Target, ...] = ()
    """What is tested. Empty means: what the continued step found."""
    depth: int | None = None
    """How many hops to follow; without it, to the end."""


class TestRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A test file."""

    n: int
    """Number of the row, counted from 1."""
    file: str
    """Root-relative path."""
    line: int
    """Line of the first use, counted from 1."""
    distance: int = 1
    """How many hops from the target."""


class TestsResult(Result, frozen=True, kw_only=True):
    """The test files, nearest first."""

    targets: tuple[str, ...]
    """What was asked about, as full addresses."""
    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete."""
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
    reached = ripple(
        workspace,
        Ripple(targets=request.targets, depth=request.depth, dir=request.dir, include=request.include, exclude=request.exclude),
    )
    first: dict[str, TestRow] = {}
    for row in reached.results:
        if is_test(row.file) and row.file not in first:
            first[row.file] = TestRow(n=len(first) + 1, file=row.file, line=row.line, distance=row.distance)
    return TestsResult(targets=tuple(changed.target for changed in reached.targets), why=reached.why, results=tuple(first.values()))
