"""The links that lead to a document, a section, or another file."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.errors import InvalidRequest
from clew.index.rows import PROSE
from clew.index.scope import path_filter
from clew.markdown.addresses import Place, find
from clew.markdown.documents import Library
from clew.markdown.links import LinkRow, link_row
from clew.markdown.resolving import Resolver
from clew.markdown.rows import files_of, sections_offered
from clew.requests import Paths, Result, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Backlinks(Paths, frozen=True, kw_only=True, tag="backlinks"):
    """List the links that lead to a document, a section, or any other file.

    md-scan --backlinks README.md
    """

    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents, sections, or other files. Empty means: what the continued step found."""


class BacklinksResult(Result, frozen=True, kw_only=True):
    """The links, by file and place."""

    targets: tuple[str, ...]
    """Their destination."""
    results: tuple[LinkRow, ...]
    """One row a link."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The targets again: the input passes through; the sections around links only when they are picked."""
        return tuple(Target(text=text) for text in self.targets) if picked is None else sections_offered(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The documents with the links."""
        return files_of(self.results)


def backlinks(workspace: Workspace, request: Backlinks) -> BacklinksResult:
    """Every link of the scope to one of the targets; those to a document include those to its sections.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    if not request.targets:
        raise InvalidRequest("no target given, and nothing to continue")
    library = Library(workspace.generation)
    resolver, keeps = Resolver(library), path_filter(request)
    wanted: set[tuple[str, str | None]] = set()
    named: list[str] = []
    for target in request.targets:
        path = target.text.partition("::")[0]
        if not path.endswith(PROSE) and workspace.generation.id_of(path) is not None:
            wanted.add((path, None))
            named.append(path)
            continue
        place = find(workspace, library, target)
        wanted.add((place.document.path, place.section.anchor if place.section else None))
        named.append(place.address)
    rows: list[LinkRow] = []
    documents = [document for document in library.all() if keeps(document.path)]
    for document in workspace.generation.bounds.each(documents, "files"):
        for link in document.prose.links:
            found = resolver.resolve(document, link)
            if found.path is not None and not wanted.isdisjoint({(found.path, None), (found.path, found.anchor)}):
                rows.append(link_row(Place(document), link, found, len(rows) + 1))
    return BacklinksResult(targets=tuple(dict.fromkeys(named)), results=tuple(rows))
