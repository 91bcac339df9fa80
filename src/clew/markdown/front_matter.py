"""The front matter of documents."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from clew.markdown.documents import Library
from clew.markdown.rows import files_of, places_asked
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_KEYS = {
    "yaml": re.compile(r"^([\w.-]+|\"[^\"]+\"|'[^']+')\s*:(?=\s|$)", re.MULTILINE),
    "toml": re.compile(r"^\[*\s*([\w.-]+)\s*(?:\]|=)", re.MULTILINE),
    "json": re.compile(r"^\s{0,4}\"([^\"]+)\"\s*:", re.MULTILINE),
}


class FrontMatter(Paths, frozen=True, kw_only=True, tag="front-matter"):
    """List the front matter of documents: the data between fences at their top.

    md-scan --front-matter --dir docs --key title
    """

    stands_alone: ClassVar[bool] = True
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents. Empty means: what the continued step found, else all documents."""
    key: tuple[str, ...] = ()
    """Only documents that have this key."""


class FrontMatterRow(Row, frozen=True):
    """The front matter of a document."""

    file: str
    """Root-relative path."""
    language: str
    """yaml, toml or json."""
    keys: tuple[str, ...]
    """The keys that begin a line at its top level."""
    source: str
    """All of it, without the fences."""


class FrontMatterResult(Result, frozen=True, kw_only=True):
    """The front matter, by file."""

    documents: int
    """Number of documents that were looked at."""
    results: tuple[FrontMatterRow, ...]
    """One row a document that has some."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The documents that are picked."""
        return None if picked is None else tuple(Target(text=row.file, file=row.file) for row in self.results if row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def front_matter(workspace: Workspace, request: FrontMatter) -> FrontMatterResult:
    """The front matter of the target documents, or of all documents in the scope; keys are told by their lines, whatever the rest is.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    library = Library(workspace.generation)
    rows: list[FrontMatterRow] = []
    documents = dict.fromkeys(place.document for place in places_asked(workspace, library, request, request.targets))
    for document in documents:
        front = document.prose.front_matter
        if front is None or document.source is None:
            continue
        text = document.source[front.content_start : front.content_end].decode("utf-8", "replace")
        keys = tuple(dict.fromkeys(key.strip("\"'") for key in _KEYS[front.language].findall(text)))
        if all(key in keys for key in request.key):
            rows.append(FrontMatterRow(n=len(rows) + 1, file=document.path, language=front.language, keys=keys, source=text))
    return FrontMatterResult(documents=len(documents), results=tuple(rows))
