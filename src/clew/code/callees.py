"""The definitions that a definition calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code import offering
from clew.code.addresses import addresses, find_definitions
from clew.code.names import path_in
from clew.code.rows import SourceMap, definition_row
from clew.index.scope import path_filter
from clew.requests import Gap, Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew._native import Def
    from clew.workspace import Workspace


class Callees(Paths, frozen=True, kw_only=True, tag="callees"):
    """List what a definition calls, in the order of its code.

    js-scan --callees Cart#add
    """

    targets: tuple[Target, ...] = ()
    """Whose calls. Empty means: what the continued step found."""


class CalleeRow(Row, frozen=True):
    """A definition that is called, and where it first is."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path of the definition."""
    line: int
    """Line of the definition, counted from 1."""
    column: int
    """UTF-16 column of the definition, counted from 1."""
    at: int
    """Line of the first call."""
    calls: int = 1
    """Number of calls."""
    by: str | None = None
    """flow, where only the values that calls hand on lead to it."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""


class CalleesResult(Result, frozen=True, kw_only=True):
    """The definitions called, by their first call."""

    targets: tuple[str, ...]
    """Whose calls they are, as full addresses."""
    outside: tuple[str, ...] = ()
    """Names that are called and come from packages, the platform, or receivers that are not known."""
    why: tuple[Gap, ...] = ()
    """`unknown`: calls whose receiver is not known."""
    results: tuple[CalleeRow, ...]
    """One row a definition."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions that are called."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the caller and of what it calls."""
        own = (path_in(target) for target in self.targets)
        return tuple(dict.fromkeys([*own, *(row.file for row in self.results)]))


def callees(workspace: Workspace, request: Callees) -> CalleesResult:
    """Every definition that the targets invoke.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    keeps = path_filter(request)
    targets, files_left_out = find_definitions(workspace, request.targets)
    first: dict[Def, int] = {}
    count: dict[Def, int] = {}
    declared: set[Def] = set()
    outside: dict[str, None] = {}
    unknown = 0
    for target in generation.bounds.each(targets, "targets"):
        for line, name, _, is_member, definitions, by_flow in generation.linker.uses_in(target, invoked=True):
            if not (definitions or by_flow):
                outside[name] = None
                unknown += is_member
            declared.update(definitions[:1])
            for called in definitions[:1] + by_flow:
                first.setdefault(called, line)
                count[called] = count.get(called, 0) + 1
    sources = SourceMap(generation)
    rows: list[CalleeRow] = []
    for part in generation.bounds.listed(list(first)):
        for called, of in zip(part, generation.linker.describe(list(part)), strict=True):
            row = definition_row(sources, of, len(rows) + 1)
            if not keeps(row.file):
                continue
            rows.append(
                CalleeRow(
                    n=row.n,
                    name=row.name,
                    kind=row.kind,
                    file=row.file,
                    line=row.line,
                    column=row.column,
                    at=first[called],
                    calls=count[called],
                    by=None if called in declared else "flow",
                    target=row.target,
                )
            )
    return CalleesResult(
        files_left_out=files_left_out,
        targets=tuple(addresses(generation, targets)),
        outside=tuple(outside),
        why=(Gap("unknown", unknown),) if unknown else (),
        results=tuple(rows),
    )
