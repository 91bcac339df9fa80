"""Members that override, implement or are overridden by a member."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code import offering
from clew.code.addresses import find_definitions
from clew.code.linking import members
from clew.code.linking.context import Def, links_of
from clew.code.rows import DefinitionRow, Places, definition_row
from clew.code.scope import path_filter
from clew.code.spread import overriding
from clew.errors import InvalidRequest
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Overrides(Scope, frozen=True, kw_only=True, tag="overrides"):
    """List the members that a method overrides or implements, and those that override it."""

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
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    found: dict[Def, str] = {}
    for definition in find_definitions(workspace, links, request.targets):
        for base in sorted(members.kin(links, definition) - {definition}):
            found[base] = "base"
        for other in overriding(links, definition):
            found[other] = "override"
    places = Places(links)
    rows = [definition_row(places, one, 0, match=how) for one, how in found.items() if keeps(links.generation.path_of(one[0]))]
    return OverridesResult(results=tuple(numbered(rows)))


def numbered(rows: list[DefinitionRow]) -> list[DefinitionRow]:
    """The same rows with their numbers, counted from 1."""
    from msgspec.structs import replace

    return [replace(row, n=n) for n, row in enumerate(rows, 1)]
