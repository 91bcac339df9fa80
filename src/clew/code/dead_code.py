"""Definitions that nothing uses."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from clew.code import offering
from clew.code.entries import entry_files, offered
from clew.code.gaps import gaps_anywhere
from clew.code.inside import outlined
from clew.code.linking.context import Def, Links, links_of
from clew.code.linking.references import EXACT, Found, references
from clew.code.names import qualified_name
from clew.code.scope import is_test, path_filter
from clew.index.facts import KIND_NAMES, NONE, Flag, Kind, Role
from clew.requests import Gap, Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_JUDGED = frozenset(
    {Kind.VARIABLE, Kind.CONSTANT, Kind.FUNCTION, Kind.CLASS, Kind.METHOD, Kind.GETTER, Kind.INTERFACE, Kind.TYPE, Kind.ENUM}
)


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
    confidence: Literal["high", "medium", "low"] = "high"
    """`high`: not exported and not used; `medium`: exported, and used nowhere in the tree; `low`: there are possible uses."""
    why: str | None = None
    """What speaks against it: `only tests use it`, `possible uses`, …"""


class DeadCodeResult(Result, frozen=True, kw_only=True):
    """The definitions, surest first."""

    why: tuple[Gap, ...] = ()
    """What could not be known. Empty means complete."""
    results: tuple[DeadRow, ...]
    """One row a definition; a definition inside a dead one is left out."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def dead_code(workspace: Workspace, request: DeadCode) -> DeadCodeResult:
    """Definitions without a use from outside themselves; what a package offers to the world counts as used."""
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    public = offered(links, entry_files(workspace, links))
    rows: list[DeadRow] = []
    for entry in sorted(links.generation.files(), key=lambda entry: entry.path):
        if not keeps(entry.path) or (is_test(entry.path) and not request.include_tests):
            continue
        facts, judged_until = links.facts(entry.id), 0
        for row in outlined(links, entry.id):
            definition = (entry.id, row)
            if facts.def_start[row] < judged_until or definition in public or not _is_judged(links, definition, request):
                continue
            verdict = _verdict(links, definition)
            if verdict is not None:
                judged_until = facts.def_end[row]
                rows.append(
                    DeadRow(
                        n=0,
                        name=qualified_name(facts, row),
                        kind=KIND_NAMES[facts.def_kind[row]],
                        file=entry.path,
                        line=facts.line_of(facts.def_start_name[row]),
                        confidence=verdict[0],
                        why=verdict[1],
                    )
                )
    order = ("high", "medium", "low")
    rows.sort(key=lambda row: (order.index(row.confidence), row.file, row.line))
    unsure = sum(row.confidence == "low" for row in rows)
    return DeadCodeResult(
        why=(*((Gap("possible", unsure),) if unsure else ()), *gaps_anywhere(links.generation)),
        results=tuple(msgspec.structs.replace(row, n=n) for n, row in enumerate(rows, 1)),
    )


def _is_judged(links: Links, definition: Def, request: DeadCode) -> bool:
    file, row = definition
    facts = links.facts(file)
    kind, flags = facts.def_kind[row], facts.def_flags[row]
    if kind not in _JUDGED or flags & (Flag.AMBIENT | Flag.OVERLOAD | Flag.COMPUTED):
        return False
    if request.kind and KIND_NAMES[kind] not in request.kind:
        return False
    return not request.exported or bool(flags & Flag.EXPORTED)


def _verdict(links: Links, definition: Def) -> tuple[Literal["high", "medium", "low"], str | None] | None:
    """How sure it is that nothing uses the definition; None when something does."""
    facts = links.facts(definition[0])
    if not is_test(links.generation.path_of(definition[0])) and _is_used_at_home(links, definition):
        return None
    found = references(links, definition)
    uses = [one for one in found.certain if _is_use(links, definition, one)]
    if any(not is_test(links.generation.path_of(one.file)) for one in uses):
        return None
    if found.possible(links):
        return "low", "possible uses"
    if uses:
        return "low", "only tests use it"
    owner = facts.def_owner[definition[1]]
    if owner != NONE:
        return "medium", "a member: dynamic uses are not seen"
    return ("medium", "exported, and used nowhere here") if facts.def_flags[definition[1]] & Flag.EXPORTED else ("high", None)


def _is_used_at_home(links: Links, definition: Def) -> bool:
    """Whether its own file uses a binding: known without looking at any other file."""
    file, row = definition
    facts = links.facts(file)
    return facts.def_owner[row] == NONE and any(
        _is_use(links, definition, Found(file, occurrence, EXACT)) for occurrence in facts.where("occ_target", facts.def_symbol[row])
    )


def _is_use(links: Links, definition: Def, found: Found) -> bool:
    """Whether an occurrence uses the definition from outside: no declaration, no import or export of it, no recursion."""
    facts = links.facts(found.file)
    if facts.occ_role[found.occurrence] & (Role.DECLARES | Role.IMPORT | Role.EXPORT) or found.alias:
        return False
    own = links.facts(definition[0])
    at = facts.occ_start[found.occurrence]
    return found.file != definition[0] or not own.def_start[definition[1]] <= at < own.def_end[definition[1]]
