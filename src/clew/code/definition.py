"""Where something is defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from clew.code import offering
from clew.code.addresses import find, find_occurrence
from clew.code.linking.context import Def, Links, links_of
from clew.code.linking.definitions import definitions_at, handed_on, imported_here, merged
from clew.code.rows import DefinitionRow, Places, code_hash, definition_row
from clew.errors import InvalidRequest
from clew.index.facts import NONE, Flag, Role
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Definition(Scope, frozen=True, kw_only=True, tag="definition"):
    """Go to the definition of a name, a position or an address."""

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
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    found: dict[Def, None] = {}
    for target in request.targets:
        occurrence = find_occurrence(workspace, links, target)
        definitions = _meant(links, *occurrence) if occurrence is not None else ()
        if not definitions:
            place = find(workspace, links, target)
            definitions = merged(links, place.definition) if place.row is not None else ()
        found.update(dict.fromkeys(definitions))
    places = Places(links)
    shown = [one for one in found if not links.facts(one[0]).def_flags[one[1]] & Flag.FUNCTION_NAME] or list(found)
    return DefinitionResult(
        results=tuple(replace(definition_row(places, one, n), hash=code_hash(places, one)) for n, one in enumerate(shown, 1))
    )


def _meant(links: Links, file: int, occurrence: int) -> tuple[Def, ...]:
    """What an occurrence means; of a member that only hands a binding on, what it hands on, unless it is asked for itself."""
    found = definitions_at(links, file, occurrence) or imported_here(links, file, occurrence)
    if links.facts(file).occ_role[occurrence] & Role.DECLARES and links.facts(file).occ_target[occurrence] == NONE:
        return found
    return tuple(dict.fromkeys(part for one in found for part in handed_on(links, one)))
