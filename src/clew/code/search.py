"""Find definitions by name, then code by its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.code import offering
from clew.code.addresses import written_out
from clew.code.linking.context import Def, Links, links_of
from clew.code.rows import DefinitionRow, Places, definition_row, file_row
from clew.code.scope import path_filter
from clew.code.text import innermost
from clew.errors import AmbiguousSymbol, UsageError
from clew.index.facts import KIND_NAMES, NONE, Flag
from clew.index.rows import CODE
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_MOST_CANDIDATES = 5
_MOST_BODIES = 200


class Search(Scope, frozen=True, kw_only=True, tag="search"):
    """Find definitions by name (exact, word, prefix, camel-case, path), then code that contains the terms."""

    takes_input: ClassVar[bool] = False

    terms: tuple[str, ...] = ()
    """What to look for; every argument is split on blanks, quotes inside make a phrase."""
    any: bool = False
    """One of the terms is enough."""

    def question(self) -> str:
        """The terms, as they were typed."""
        return f"search {' '.join(self.terms)}"


class SearchResult(Result, frozen=True, kw_only=True):
    """Definitions, best match first; then places whose code contains the terms."""

    results: tuple[DefinitionRow, ...]
    """`match` says how a row fits: exact, case, word, prefix, camel, substring, path (a file) or text."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions of exactly that name; if there are none, the only definition.

        Raises AmbiguousSymbol when there are several, none of them exact.
        """
        if picked is not None:
            return offering.definitions(self.results, picked)
        exact = tuple(row for row in self.results if row.match == "exact")
        if exact:
            return offering.definitions(exact, None)
        definitions = tuple(row for row in self.results if row.match != "text")
        if len(definitions) > 1:
            raise AmbiguousSymbol(
                f"the search found {len(definitions)} definitions, none of exactly that name",
                hint="--match 1",
                candidates=tuple(target.text for target in offering.definitions(definitions[:_MOST_CANDIDATES], None)),
            )
        return offering.definitions(definitions or self.results[:1], None)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def search(workspace: Workspace, request: Search) -> SearchResult:
    """Definitions that fit all terms (any of them with `any`), ranked; code that contains them where no definition is named so."""
    terms = [exported_name(term) for argument in request.terms for term in split_terms(argument)]
    if not terms:
        raise UsageError("--search needs something to look for", hint="js-scan --search NAME")
    links = links_of(workspace.generation)
    places = Places(links)
    keeps = path_filter(request)
    found: dict[Def, str] = {}
    for hit in links.generation.search(terms, any_term=request.any):
        if keeps(links.generation.path_of(hit.file)) and (
            _is_file_wanted(request) if hit.row is None else _is_kind(request, hit.kind, hit.flags)
        ):
            found[hit.file, NONE if hit.row is None else hit.row] = hit.match
    found = {one: match for one, match in found.items() if one[1] == NONE or written_out(links, one) not in found.keys() - {one}}
    if not any(match == "exact" for match in found.values()):
        for definition in _bodies(links, terms, any_term=request.any):
            facts = links.facts(definition[0])
            if keeps(links.generation.path_of(definition[0])) and _is_kind(
                request, facts.def_kind[definition[1]], facts.def_flags[definition[1]]
            ):
                found.setdefault(definition, "text")
    return SearchResult(
        results=tuple(
            file_row(places, file, n) if row == NONE else definition_row(places, (file, row), n, match=match)
            for n, ((file, row), match) in enumerate(found.items(), 1)
        )
    )


def _is_file_wanted(request: Search) -> bool:
    return "file" in request.kind if request.kind else not request.exported


def _is_kind(request: Search, kind: int, flags: int) -> bool:
    if request.exported and not flags & Flag.EXPORTED:
        return False
    return not request.kind or KIND_NAMES[kind] in request.kind


def _bodies(links: Links, terms: list[str], *, any_term: bool) -> list[Def]:
    """Definitions whose code contains the terms: all of them in one body, unless any is enough."""
    generation = links.generation
    files = [entry.id for entry in generation.files(CODE)]
    by_term: list[dict[Def, None]] = []
    for term in terms:
        bodies: dict[Def, None] = {}
        for hit in generation.text(term, ignore_case=term.islower(), files=files):
            row = innermost(links, hit.file, hit.start)
            if row is not None:
                bodies[hit.file, row] = None
            if len(bodies) >= _MOST_BODIES:
                break
        by_term.append(bodies)
    if any_term:
        return list(dict.fromkeys(definition for bodies in by_term for definition in bodies))
    first, *others = by_term
    return [definition for definition in first if all(definition in bodies for bodies in others)]


def exported_name(term: str) -> str:
    """The name that `exports.name` and `module.exports.name` give; anything else as it is."""
    name = term.removeprefix("module.").removeprefix("exports.")
    return name if name and name != term.removeprefix("module.") else term


def split_terms(argument: str) -> list[str]:
    """Split on blanks; quotes inside make a phrase; an unclosed quote is a letter like any other."""
    terms: list[str] = []
    current = ""
    quote = ""
    for at, letter in enumerate(argument):
        if quote:
            if letter == quote:
                quote = ""
            else:
                current += letter
        elif letter in "\"'" and not current and letter in argument[at + 1 :]:
            quote = letter
        elif letter.isspace():
            if current:
                terms.append(current)
            current = ""
        else:
            current += letter
    return [*terms, current] if current else terms
