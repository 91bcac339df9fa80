"""Find sections by their headings, then by their text."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.errors import UsageError
from clew.index.scope import path_filter
from clew.index.terms import split_terms
from clew.markdown.addresses import Place
from clew.markdown.documents import Library
from clew.markdown.rows import files_of
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_Found = dict[tuple[int, int | None], tuple[int, int, str]]
"""File and place of a section (None: above the first heading) -> line, column and text of the first hit in it."""


class Search(Paths, frozen=True, kw_only=True, tag="md-search"):
    """Find sections that have all the terms: in the heading first, then in the text.

    md-scan --search 'release "change log"' --dir docs
    """

    takes_input: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True

    terms: tuple[str, ...] = ()
    """The words to look for; every argument is split on blanks, quotes inside make a phrase. Small letters find capitals too."""

    def question(self) -> str:
        """The terms, as they were typed."""
        return f"md-search {' '.join(self.terms)}"


class SearchRow(Row, frozen=True):
    """A section that has all the terms."""

    name: str
    """The texts of the headings above it and its own; of what stands above the first heading the path."""
    file: str
    """Root-relative path."""
    line: int
    """Line of the heading, or of the first hit."""
    target: str
    """Its address."""
    match: str
    """exact (the heading is just these terms), heading or text: where they stand."""
    text: str
    """The line."""


class SearchResult(Result, frozen=True, kw_only=True):
    """Sections, those with the terms in their heading first."""

    reads_facts: ClassVar[bool] = False

    results: tuple[SearchRow, ...]
    """One row a section."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The sections whose heading is just these terms; if there is none, the only section."""
        if picked is None:
            rows = tuple(row for row in self.results if row.match == "exact") or (self.results if len(self.results) == 1 else ())
        else:
            rows = tuple(row for row in self.results if row.n in picked)
        return tuple(Target(text=row.target, file=row.file) for row in rows)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def md_search(workspace: Workspace, request: Search) -> SearchResult:
    """Sections of the scope that have all terms between their heading and the next; `exact` where the heading is just these."""
    terms = [term for argument in request.terms for term in split_terms(argument)]
    if not terms:
        raise UsageError("--search needs something to look for", hint="md-scan --search --help")
    library = Library(workspace.generation)
    keeps = path_filter(request)
    files = [file for file in sorted(library.files) if keeps(workspace.generation.path_of(file))]
    found: _Found | None = None
    for term in terms:
        hits = _hits(library, workspace, files, term)
        found = hits if found is None else {place: found[place] for place in found if place in hits}
    whole = " ".join(terms).casefold()
    ranked: list[tuple[int, str, Place, tuple[int, int, str]]] = []
    for (file, at), first in (found or {}).items():
        document = library.document(file)
        section = None if at is None else document.sections[at]
        title = section.trail[-1] if section else ""
        folded = title.casefold()
        in_heading = section is not None and all(term.casefold() in folded for term in terms)
        rank = (0 if folded == whole else 1) if in_heading else 2
        ranked.append((rank, ("exact", "heading", "text")[rank], Place(document, section), first))
    ranked.sort(key=lambda row: row[0])  # stable: by file and place otherwise
    rows = [
        SearchRow(
            n=n,
            name=" > ".join(place.section.trail) if place.section else place.document.path,
            file=place.document.path,
            line=place.section.heading.line if place.section and rank < 2 else first[0],  # noqa: PLR2004 - in the heading
            target=place.address,
            match=match,
            text=place.section.trail[-1] if place.section and rank < 2 else first[2],  # noqa: PLR2004
        )
        for n, (rank, match, place, first) in enumerate(ranked, 1)
    ]
    return SearchResult(results=tuple(rows))


def _hits(library: Library, workspace: Workspace, files: list[int], term: str) -> _Found:
    """The sections with a term, with its first place in each, by file and place."""
    hits: _Found = {}
    for part in workspace.generation.bounds.parts(files, "files", first=1024):
        for hit in workspace.generation.text(term, ignore_case=term.islower(), files=part):
            sections = library.document(hit.file).sections
            at = next((at for at in reversed(range(len(sections))) if sections[at].start <= hit.start < sections[at].own_end), None)
            hits.setdefault((hit.file, at), (hit.line, hit.column, hit.text.strip()))
    return hits
