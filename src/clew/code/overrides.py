"""Members that override, implement or are overridden by a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code import offering
from clew.code.addresses import find_definitions
from clew.code.rows import DefinitionRow, SourceMap, definition_rows
from clew.index.scope import path_filter
from clew.requests import Paths, Result, Target

if TYPE_CHECKING:
    from clew._native import Def
    from clew.workspace import Workspace


class Overrides(Paths, frozen=True, kw_only=True, tag="overrides"):
    """List the members that a method overrides or implements, and those that override it.

    js-scan --overrides Cart#add
    """

    targets: tuple[Target, ...] = ()
    """Methods or other members. Empty means: what the continued step found."""


class OverridesResult(Result, frozen=True, kw_only=True):
    """The related members."""

    results: tuple[DefinitionRow, ...]
    """`match` is `base` for what the target overrides, `override` for what overrides it."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The related members."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def overrides(workspace: Workspace, request: Overrides) -> OverridesResult:
    """Members of the same name up and down the classes and interfaces of the targets.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    generation = workspace.generation
    keeps = path_filter(request)
    found: dict[Def, str] = {}
    definitions, files_left_out = find_definitions(workspace, request.targets)
    for definition in generation.bounds.each(definitions, "targets"):
        for base in generation.linker.base_members(definition):
            if base != definition:
                found[base] = "base"
        for other in generation.linker.overriding_members(definition):
            found[other] = "override"
    sources = SourceMap(generation)
    kept = [one for one in found if keeps(generation.path_of(one[0]))]
    return OverridesResult(files_left_out=files_left_out, results=definition_rows(sources, [(one, found[one]) for one in kept]))
