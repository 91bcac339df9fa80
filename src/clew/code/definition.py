"""The definitions that an address means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code import offering
from clew.code.addresses import find_all, find_occurrence, or_exports, refuse_nothing, require_targets
from clew.code.rows import DefinitionRow, SourceMap, definition_row
from clew.requests import Request, Result, Target

if TYPE_CHECKING:
    from clew._native import Def
    from clew.workspace import Workspace


class Definition(Request, frozen=True, kw_only=True, tag="definition"):
    """Go to the definition of a name, a position or an address.

    js-scan --definition lib/app.js:12:7
    """

    targets: tuple[Target, ...] = ()
    """Names or positions (`path/file.js:12:7`). Empty means: what the continued step found."""


class DefinitionResult(Result, frozen=True, kw_only=True):
    """The definitions; several rows for a name with several declarations."""

    results: tuple[DefinitionRow, ...]
    """One row a declaration."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions themselves."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the definitions."""
        return offering.files(self.results)


def definition(workspace: Workspace, request: Definition) -> DefinitionResult:
    """The declarations that the targets mean.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    require_targets(request.targets)
    linker = workspace.generation.linker
    found: dict[Def, None] = {}
    files_left_out = 0
    for target in workspace.generation.bounds.each(request.targets, "targets"):
        occurrence = find_occurrence(workspace, target)
        definitions = linker.meant_at(*occurrence) if occurrence is not None else []
        if not definitions:
            refuse_nothing(workspace, target)
            places = find_all(workspace, (target,))
            places = or_exports(workspace, places) if len(request.targets) == 1 else places
            files_left_out += sum(place.row is None for place in places)
            definitions = [one for place in places if place.row is not None for one in linker.merged(place.definition)]
        found.update(dict.fromkeys(definitions))
    described = linker.describe(list(found))
    shown = [of for of in described if not of.is_function_name] or described
    sources = SourceMap(workspace.generation)
    return DefinitionResult(
        files_left_out=files_left_out, results=tuple(definition_row(sources, of, n, with_hash=True) for n, of in enumerate(shown, 1))
    )
