"""Documents that no other document links to."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, ClassVar

from clew.index.scope import path_filter
from clew.markdown.documents import Library
from clew.markdown.resolving import Resolver
from clew.markdown.rows import files_of
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_ENTRIES = frozenset({"readme", "index", "changelog", "contributing", "license", "code_of_conduct", "security", "_sidebar", "summary"})
"""Names of documents that people open without a link."""


class Orphans(Paths, frozen=True, kw_only=True, tag="orphans"):
    """List the documents that no other document links to; those that are opened by their name (README, index, …) are left out.

    md-scan --orphans --dir docs
    """

    takes_input: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True


class OrphanRow(Row, frozen=True):
    """A document."""

    file: str
    """Root-relative path."""
    bytes: int
    """Its size."""
    links: int
    """Number of its links to other files."""


class OrphansResult(Result, frozen=True, kw_only=True):
    """The documents, by path."""

    documents: int
    """Number of documents that were looked at."""
    results: tuple[OrphanRow, ...]
    """One row a document."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The documents that are picked."""
        return None if picked is None else tuple(Target(text=row.file, file=row.file) for row in self.results if row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def orphans(workspace: Workspace, request: Orphans) -> OrphansResult:
    """The documents of the scope that no other document of the tree links to; a link to a folder leads to its README and index."""
    library = Library(workspace.generation)
    resolver, keeps = Resolver(library), path_filter(request)
    linked: set[str] = set()
    leads: dict[str, int] = {}
    for document in workspace.generation.bounds.each(list(library.all()), "files"):
        found = {resolver.resolve(document, link).path for link in document.prose.links} - {None, document.path}
        linked.update(path for path in found if path is not None)
        leads[document.path] = len(found)
    rows: list[OrphanRow] = []
    kept = [document for document in library.all() if keeps(document.path)]
    for document in kept:
        name = posixpath.basename(document.path).partition(".")[0].lower()
        if document.path not in linked and name not in _ENTRIES:
            size = document.prose.size
            rows.append(OrphanRow(n=len(rows) + 1, file=document.path, bytes=size, links=leads.get(document.path, 0)))
    return OrphansResult(documents=len(kept), results=tuple(rows))
