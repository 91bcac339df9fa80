"""The files that a change reaches, and how much of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew._native import is_test
from clew.code.ripple import asked_alike, walk
from clew.requests import Gap, Possible, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Impacts(Possible, frozen=True, kw_only=True, tag="impacts"):
    """List the files that a change to a definition or a file reaches, nearest first.

    js-scan --impacts lib/app.js --exclude 'test/**'
    """

    targets: tuple[Target, ...] = ()
    """The definitions or files that would change. Empty means: what the continued step found."""
    depth: int | None = None
    """Number of hops to follow; without it, to the end."""


class ImpactRow(Row, frozen=True):
    """A file that is reached."""

    file: str
    """Root-relative path."""
    line: int
    """First line that is reached, counted from 1."""
    reached: int = 1
    """Number of its definitions that are reached, the top of the file counted as one."""
    distance: int = 1
    """Number of hops to where it begins."""
    test: bool = False
    """True for a test."""
    evidence: str | None = None
    """`possible` where everything that is reached in it is only possible."""


class ImpactsResult(Result, frozen=True, kw_only=True):
    """The files, nearest first."""

    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete; never read an incomplete answer as safe."""
    results: tuple[ImpactRow, ...]
    """One row a file."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The files."""
        return tuple(Target(text=row.file, file=row.file) for row in self.results if picked is None or row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The files."""
        return tuple(row.file for row in self.results)


def impacts(workspace: Workspace, request: Impacts) -> ImpactsResult:
    """The ripple of the targets, summed up by file.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    walked = walk(workspace, asked_alike(request, request.targets, depth=request.depth))
    rows: dict[str, ImpactRow] = {}
    for row in walked.rows:
        known = rows.get(row.file)
        rows[row.file] = (
            ImpactRow(n=len(rows) + 1, file=row.file, line=row.line, distance=row.distance, test=is_test(row.file), evidence=row.evidence)
            if known is None
            else msgspec.structs.replace(known, reached=known.reached + 1)
        )
    certain = {row.file for row in rows.values() if row.evidence is None}
    return ImpactsResult(why=walked.why(len(set(walked.possible) - certain)), results=tuple(rows.values()))
