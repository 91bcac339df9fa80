"""Where a definition is used."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew.code import offering
from clew.code.addresses import address, find_definitions
from clew.code.gaps import gaps
from clew.code.linking.context import Links, links_of
from clew.code.linking.references import Found
from clew.code.linking.references import References as Leading
from clew.code.linking.references import references as find_references
from clew.code.names import path_in
from clew.code.rows import Places, ReferenceRow, reference_row
from clew.code.scope import path_filter
from clew.errors import InvalidRequest
from clew.index.facts import KIND_NAMES, NONE, Flag, Node, Role
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew.workspace import Workspace


class References(Scope, frozen=True, kw_only=True, tag="references"):
    """List every occurrence of a definition: calls, reads, writes, types, imports, exports."""

    targets: tuple[Target, ...] = ()
    """What is looked for. Empty means: what the continued step found."""


class Used(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """How often one target is used."""

    target: str
    """The target as a full address."""
    total: int
    """How many certain occurrences."""
    possible: int = 0
    """How many occurrences whose receiver is not known."""
    files: int = 0
    """In how many files."""


class ReferencesResult(Result, frozen=True, kw_only=True):
    """The occurrences, by file and place."""

    targets: tuple[Used, ...] = ()
    """Each target as a full address, with its totals."""
    possible: int = 0
    """How many occurrences have the right name and a receiver that is not known."""
    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete."""
    results: tuple[ReferenceRow, ...]
    """Certain rows; the possible ones too when asked for, or when there are no others."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions around the occurrences."""
        return offering.enclosing(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the occurrences and of the targets."""
        return files_behind(self)


def references(workspace: Workspace, request: References) -> ReferencesResult:
    """Every occurrence of the targets, with the evidence for each.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    return used(workspace, request, request.targets, roles=-1)


def used(workspace: Workspace, scope: Scope, targets: tuple[Target, ...], *, roles: int) -> ReferencesResult:
    """The occurrences of the targets that have one of `roles` (bits of `Role`, -1 for all)."""
    if not targets:
        raise InvalidRequest("no target given, and nothing to continue")
    links = links_of(workspace.generation)
    places = Places(links)
    keeps = path_filter(scope)
    summaries: list[Used] = []
    certain: dict[Found, None] = {}
    possible: dict[Found, None] = {}
    passed = 0
    able: set[int] = set()  # the files that can refer to a target: what of them is not known, the answer may lack

    def chosen(found: tuple[Found, ...]) -> list[Found]:
        return [
            one
            for one in found
            if links.facts(one.file).occ_role[one.occurrence] & roles
            and not (roles != -1 and links.facts(one.file).occ_role[one.occurrence] & Role.DECLARES)
            and keeps(links.generation.path_of(one.file))
            and _stands_in(links, scope, one)
        ]

    for definition in find_definitions(workspace, links, targets):
        found = find_references(links, definition)
        sure, unsure = chosen(found.certain), chosen(found.possible(links))
        passed += passed_on(links, found) if roles == Role.INVOKES else 0
        certain.update(dict.fromkeys(sure))
        possible.update(dict.fromkeys(unsure))
        able.add(definition[0])
        for name in {links.facts(definition[0]).name(definition[1]), *found.names}:
            able.update(file for file in links.generation.with_name(name) if keeps(links.generation.path_of(file)))
        summaries.append(
            Used(target=address(links, definition), total=len(sure), possible=len(unsure), files=len({one.file for one in sure}))
        )
    listed = _by_place(links, certain)
    if scope.possible or not listed:
        listed += _by_place(links, possible)
    why = [Gap(code, total) for code, total in (("possible", len(possible)), ("passedOn", passed)) if total]
    return ReferencesResult(
        targets=tuple(summaries),
        possible=len(possible),
        why=(*why, *gaps(links.generation, able)),
        results=tuple(reference_row(places, one, n) for n, one in enumerate(listed, 1)),
    )


def _stands_in(links: Links, scope: Scope, found: Found) -> bool:
    """Whether an occurrence stands in a definition of the kind asked for."""
    if not (scope.kind or scope.exported):
        return True
    facts = links.facts(found.file)
    row = facts.occ_within[found.occurrence]
    if row == NONE:
        return False
    kept = not scope.kind or KIND_NAMES[facts.def_kind[row]] in scope.kind
    return kept and (not scope.exported or bool(facts.def_flags[row] & Flag.EXPORTED))


def _by_place(links: Links, found: Iterable[Found]) -> list[Found]:
    """Occurrences by path and place; a name that is key and binding at once (`const { a } = …`) stands there once."""
    once: dict[tuple[int, int], Found] = {}
    for one in found:
        once.setdefault((one.file, links.facts(one.file).occ_start[one.occurrence]), one)
    return sorted(once.values(), key=lambda one: (links.generation.path_of(one.file), one.occurrence))


_NO_VALUE = Role.INVOKES | Role.IMPORT | Role.EXPORT | Role.DECLARES | Role.HERITAGE | Role.TYPEOF | Role.DESTRUCTURE_KEY


def passed_on(links: Links, found: Leading) -> int:
    """How often a definition is handed to other code as a value: who calls it there is not known."""
    total = 0
    for one in found.certain:
        facts = links.facts(one.file)
        role, node = facts.occ_role[one.occurrence], facts.occ_node[one.occurrence]
        if role & Role.READ and not role & _NO_VALUE and node != NONE:
            names = {(one.file, row) for row in facts.where("def_value", node)}
            goes_on = any(facts.node_kind[base] in {Node.MEMBER, Node.PROTOTYPE} for base in facts.where("node_a", node))
            total += not goes_on and not facts.where("exp_value", node) and found.aliases.isdisjoint(names)
    return total


def files_behind(result: ReferencesResult) -> tuple[str, ...]:
    """The files of the rows and of the targets."""
    return tuple(dict.fromkeys([*(path_in(used.target) for used in result.targets), *(row.file for row in result.results)]))
