"""Definitions that most of the code goes through."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.code import offering
from clew.code.linking.context import links_of
from clew.code.names import qualified_name
from clew.code.scope import path_filter
from clew.code.usage import usages
from clew.index.facts import KIND_NAMES
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class HotPaths(Scope, frozen=True, kw_only=True, tag="hot-paths"):
    """List the definitions with the most call sites: where a change costs most."""

    takes_input: ClassVar[bool] = False


class HotRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A definition and how much it is called."""

    n: int
    """Number of the row, counted from 1."""
    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    calls: int
    """How many places call it."""
    files: int
    """From how many files."""
    tests: int = 0
    """How many uses are in tests."""


class HotPathsResult(Result, frozen=True, kw_only=True):
    """The definitions, most called first."""

    results: tuple[HotRow, ...]
    """One row a definition that is called at all."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def hot_paths(workspace: Workspace, request: HotPaths) -> HotPathsResult:
    """Definitions by their number of call sites (fan-in, Henry & Kafura, IEEE TSE 1981)."""
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    path_of = links.generation.path_of
    counted = [(used, definition) for definition, used in usages(links).items() if used.calls and keeps(path_of(definition[0]))]
    counted.sort(key=lambda pair: (-pair[0].calls, path_of(pair[1][0]), pair[1][1]))
    rows: list[HotRow] = []
    for used, (file, row) in counted:
        facts = links.facts(file)
        kind = KIND_NAMES[facts.def_kind[row]]
        if request.kind and kind not in request.kind:
            continue
        rows.append(
            HotRow(
                n=len(rows) + 1,
                name=qualified_name(facts, row),
                kind=kind,
                file=path_of(file),
                line=facts.line_of(facts.def_start_name[row]),
                calls=used.calls,
                files=len(used.files),
                tests=used.tests,
            )
        )
    return HotPathsResult(results=tuple(rows))
