"""Which tests reach a definition or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

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

    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete."""
    results: tuple[TestRow, ...]
    """One row a file."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:  # noqa: ARG002 - the input passes through
        """Nothing of its own: the input passes through."""
        return ()

    def behind(self) -> tuple[str, ...]:
        """The test files."""
        return tuple(row.file for row in self.results)


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
    return TestsResult(why=reached.why, results=tuple(first.values()))
