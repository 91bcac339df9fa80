"""Find definitions by name, then code by its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew._native import is_test
from clew.code import offering
from clew.code.gaps import gaps
from clew.code.rows import DefinitionRow, SourceMap, definition_row, file_row
from clew.code.text import hits_in, innermost
from clew.errors import UsageError
from clew.index.rows import CODE
from clew.index.scope import path_filter
from clew.index.terms import split_terms
from clew.requests import Kinds, Result, Target

if TYPE_CHECKING:
    from clew._native import Def
    from clew.index.generation import Generation
    from clew.workspace import Workspace

_DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
_PAGES = (".html", ".htm")
_FIELDS = frozenset({"property"})
_MOST_BODIES = 200


class Search(Kinds, frozen=True, kw_only=True, tag="search"):
    """Find definitions by name (exact, word, prefix, camel-case, path), then code that contains the terms.

    js-scan --search processData --kind function
    """

    takes_input: ClassVar[bool] = False

    terms: tuple[str, ...] = ()
    """The words to look for; every argument is split on blanks, quotes inside make a phrase."""
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
        """The definitions of exactly that name that stand out; if there is none, the only definition.

        Source stands out before tests and declarations, bindings of modules and members before locals and fields of literals.
        """
        if picked is not None:
            return offering.definitions(self.results, picked)
        exact = tuple(row for row in self.results if row.match == "exact")
        if exact:
            return offering.definitions(_standing_out(exact), None)
        definitions = tuple(row for row in self.results if row.match != "text") or self.results
        return offering.definitions(definitions, None) if len(definitions) == 1 else ()

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def _standing_out(rows: tuple[DefinitionRow, ...]) -> tuple[DefinitionRow, ...]:
    source = tuple(row for row in rows if not is_test(row.file) and not row.file.endswith((*_DECLARATIONS, *_PAGES))) or rows
    return tuple(row for row in source if not row.local and row.kind not in _FIELDS) or source


def search(workspace: Workspace, request: Search) -> SearchResult:
    """Definitions that fit all terms (any of them with `any`), ranked; code that contains them where no definition is named so."""
    terms = [exported_name(term) for argument in request.terms for term in split_terms(argument)]
    if not terms:
        raise UsageError("--search needs something to look for", hint="js-scan --search --help")
    generation = workspace.generation
    linker = generation.linker
    keeps = path_filter(request)
    found: dict[tuple[int, int | None], str] = {}
    for hit in generation.search(terms, any_term=request.any):
        if keeps(generation.path_of(hit.file)) and (
            _is_file_wanted(request) if hit.row is None else _is_kind(request, hit.kind, exported=hit.exported)
        ):
            found[hit.file, hit.row] = hit.match
    definitions = [(file, row) for file, row in found if row is not None]
    for one, repeated in zip(definitions, linker.follow_shorthand(definitions), strict=True):
        if repeated != one and repeated in found:
            del found[one]
    if not any(match == "exact" for match in found.values()):
        bodies = [one for one in _bodies(generation, terms, any_term=request.any) if keeps(generation.path_of(one[0]))]
        for one, of in zip(bodies, linker.describe(bodies), strict=True):
            if _is_kind(request, of.kind, exported=of.exported):
                found.setdefault(one, "text")
    sources = SourceMap(generation)
    rows: list[DefinitionRow] = []
    for part in generation.bounds.listed(list(found.items()), row_each=True):
        described = iter(linker.describe([(file, row) for (file, row), _ in part if row is not None]))
        rows += [
            file_row(generation, file, n) if row is None else definition_row(sources, next(described), n, match=match)
            for n, ((file, row), match) in enumerate(part, len(rows) + 1)
        ]
    return SearchResult(why=gaps(generation, (file for file, _ in found)), results=tuple(rows))


def _is_file_wanted(request: Search) -> bool:
    return "file" in request.kind if request.kind else not request.exported


def _is_kind(request: Search, kind: str, *, exported: bool) -> bool:
    return (exported or not request.exported) and (not request.kind or kind in request.kind)


def _bodies(generation: Generation, terms: list[str], *, any_term: bool) -> list[Def]:
    """Definitions whose code contains the terms: all of them in one body, unless any is enough."""
    files = [entry.id for entry in generation.files(CODE)]
    by_term: list[dict[Def, None]] = []
    for term in terms:
        hits = [(hit.file, hit.start) for hit in hits_in(generation, files, term, ignore_case=term.islower())]
        around = innermost(generation, hits)
        bodies = dict.fromkeys(around[hit] for hit in hits if hit in around)
        by_term.append(dict.fromkeys(list(bodies)[:_MOST_BODIES]))
    if any_term:
        return list(dict.fromkeys(definition for bodies in by_term for definition in bodies))
    first, *others = by_term
    return [definition for definition in first if all(definition in bodies for bodies in others)]


def exported_name(term: str) -> str:
    """The name that `exports.name` and `module.exports.name` give; anything else as it is."""
    name = term.removeprefix("module.").removeprefix("exports.")
    return name if name and name != term.removeprefix("module.") else term
