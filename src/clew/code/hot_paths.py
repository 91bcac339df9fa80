"""Definitions that most of the code goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew._native import is_test
from clew.code import offering
from clew.code.gaps import gaps
from clew.code.rows import Confidence, SourceMap, own_address
from clew.index.scope import path_filter
from clew.requests import Kinds, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class HotPaths(Kinds, frozen=True, kw_only=True, tag="hot-paths"):
    """List the definitions with the most call sites: where a change costs most.

    js-scan --hot-paths --dir src
    """

    takes_input: ClassVar[bool] = False


class HotRow(Row, frozen=True):
    """A definition and how much it is called."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column of the name, counted from 1."""
    calls: int
    """Number of places that call it."""
    files: int
    """From how many files."""
    confidence: Confidence
    """The confidence in the number: `high` without possible calls, `medium` with fewer than certain ones, `low` with as many or more."""
    tests: int = 0
    """Number of uses in tests."""
    possible: int = 0
    """The number of calls of its name on something that could be anything."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""


class HotPathsResult(Result, frozen=True, kw_only=True):
    """The definitions, most called first."""

    results: tuple[HotRow, ...]
    """One row a definition that is called at all."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The definitions of the rows that are picked."""
        return None if picked is None else offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def hot_paths(workspace: Workspace, request: HotPaths) -> HotPathsResult:
    """Definitions by their number of call sites (fan-in, Henry & Kafura, IEEE TSE 1981)."""
    generation = workspace.generation
    paths = generation.paths()
    kept = [*map(path_filter(request), paths)]
    used = generation.linker.usages([*map(is_test, paths)])
    counted = [one for one in used if one[1] and kept[one[0][0]]]
    counted.sort(key=lambda one: (-one[1], one[0]))  # files are numbered in order of path
    sources = SourceMap(generation)
    rows: list[HotRow] = []
    for part in generation.bounds.listed(counted, row_each=not (request.kind or request.exported)):
        for (_, calls, tests, files, possible), of in zip(part, generation.linker.describe([one[0] for one in part]), strict=True):
            if (request.kind and of.kind not in request.kind) or (request.exported and not of.exported):
                continue
            rows.append(
                HotRow(
                    n=len(rows) + 1,
                    name=of.name,
                    kind=of.kind,
                    file=paths[of.file],
                    line=of.line,
                    column=sources.column(of.file, of.line, of.at),
                    calls=calls,
                    files=files,
                    confidence="low" if possible >= calls else "medium" if possible else "high",
                    tests=tests,
                    possible=possible,
                    target=own_address(sources, of),
                )
            )
    return HotPathsResult(why=gaps(generation, {definition[0] for definition, *_ in counted}), results=tuple(rows))
