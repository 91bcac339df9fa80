"""Definitions that nothing uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from clew.code import offering
from clew.code.entries import entry_files
from clew.code.gaps import gaps_anywhere
from clew.code.rows import SourceMap, own_address
from clew.code.scope import is_test, path_filter
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew._native import Def
    from clew.workspace import Workspace

Confidence = Literal["high", "medium", "low"]

_VERDICTS: dict[str, tuple[Confidence, str | None]] = {
    "certain": ("high", None),
    "exported": ("medium", "exported, and used nowhere here"),
    "member": ("medium", "a member: dynamic uses are not seen"),
    "possible": ("low", "possible uses"),
    "tests": ("low", "only tests use it"),
}


class DeadCode(Scope, frozen=True, kw_only=True, tag="dead-code"):
    """List definitions that nothing uses, with how sure that is."""

    takes_input: ClassVar[bool] = False

    include_tests: bool = False
    """Judge definitions in test files too."""


class DeadRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A definition without uses."""

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
    column: int
    """UTF-16 column of the name, counted from 1."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""
    confidence: Confidence = "high"
    """`high`: not exported and not used; `medium`: exported, and used nowhere in the tree; `low`: there are possible uses."""
    why: str | None = None
    """What speaks against it: `only tests use it`, `possible uses`, …"""


class DeadCodeResult(Result, frozen=True, kw_only=True):
    """The definitions, surest first."""

    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete."""
    results: tuple[DeadRow, ...]
    """One row a definition; a definition inside a dead one is left out."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The definitions of the rows that are picked."""
        return None if picked is None else offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def dead_code(workspace: Workspace, request: DeadCode) -> DeadCodeResult:
    """Definitions without a use from outside themselves; what a package offers to the world counts as used."""
    generation = workspace.generation
    keeps = path_filter(request)
    entries = sorted(generation.files(), key=lambda entry: entry.path)
    files = [entry.id for entry in entries if keeps(entry.path) and (request.include_tests or not is_test(entry.path))]
    offered, tests = sorted(entry_files(workspace)), [is_test(path) for path in generation.paths()]

    def unused(part: Sequence[int]) -> list[tuple[Def, str]]:
        return generation.linker.unused(list(part), offered, list(request.kind), request.exported, tests)

    sources = SourceMap(generation)
    rows: list[DeadRow] = []
    for part in generation.bounds.listed(generation.bounds.gathered(files, unused, "files", first=64)):
        for (_, verdict), of in zip(part, generation.linker.describe([definition for definition, _ in part]), strict=True):
            confidence, why = _VERDICTS[verdict]
            rows.append(
                DeadRow(
                    n=0,
                    name=of.name,
                    kind=of.kind,
                    file=generation.path_of(of.file),
                    line=of.line,
                    column=sources.column(of.file, of.line, of.at),
                    target=own_address(sources, of),
                    confidence=confidence,
                    why=why,
                )
            )
    order = ("high", "medium", "low")
    rows.sort(key=lambda row: (order.index(row.confidence), row.file, row.line))
    unsure = sum(row.confidence == "low" for row in rows)
    return DeadCodeResult(
        why=(*((Gap("possible", unsure),) if unsure else ()), *gaps_anywhere(generation)),
        results=tuple(msgspec.structs.replace(row, n=n) for n, row in enumerate(rows, 1)),
    )
