"""Destinations of links: to a document, a section, another file, a folder, out of the tree, or nowhere."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

from clew.markdown.dialects import folders_of
from clew.markdown.percent import unquote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew.index.prose import Link
    from clew.markdown.documents import Document, Library
    from clew.markdown.slugs import Dialect

Problem = Literal["no_such_file", "no_such_anchor", "no_such_line", "undefined_reference"]

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_EXTENSION = re.compile(r"\.[A-Za-z]\w*$")
"""The end of a file's name; a version (`/upgrade-from-0.3`) is none."""
_LINES = re.compile(r"L(\d+)(?:C\d+)?(?:-L?(\d+)(?:C\d+)?)?")
_ROUTES = (".md", ".mdx", ".markdown", "/index.md", "/index.mdx", "/README.md")
"""Endings that site generators leave out of a link to a document."""
_PUBLIC = ("", "static", "public", "docs", "website/static")
"""Folders in which a path with `/` in front may begin where no site is configured: the root, and those that sites serve there."""


ROUTED: tuple[Dialect, ...] = ("docusaurus", "mkdocs", "vitepress", "starlight")
"""Dialects of sites, in which a document has another path than its file."""


class Destination(NamedTuple):
    """The place that a link leads to."""

    external: bool = False
    """True for an address on the net, or of mail."""
    path: str | None = None
    """The file or folder of the tree."""
    document: Document | None = None
    """The document that the file is."""
    anchor: str | None = None
    """The part behind `#`, decoded."""
    problem: Problem | None = None
    """The reason why it leads nowhere."""
    unchecked: bool = False
    """True for a path above the root, and for a route of a site, which only the site's generator knows."""
    named: str | None = None
    """The path that is written there, from the root; `path` has the ending, too, that may be left out."""
    base: str | None = None
    """The folder in which a path with `/` in front begins; None for a relative one."""


class _Existing(NamedTuple):
    """A path of the tree, and how it was named."""

    path: str
    named: str
    base: str | None


def _is_above(document: Document, path: str) -> bool:
    """True for a relative path that leaves the root, as those to pages of the host beside the files do."""
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), path))
    return not path.startswith("/") and joined.startswith("../")


class Resolver:
    """Resolves the links of a generation's documents."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._generation = library.generation
        self._line_counts: dict[str, int] = {}
        self._places: dict[tuple[str, Dialect, str], Destination] = {}
        """The places of destinations with a path, by folder and dialect of the document and the destination as written."""
        self._known: dict[tuple[str, str], _Existing | None] = {}
        """The paths that were looked up, by the folder of the document and the path as written."""

    @cached_property
    def _folders(self) -> frozenset[str]:
        return frozenset(folders_of(self._generation.paths()))

    def resolve(self, document: Document, link: Link) -> Destination:
        """Resolve a link of a document."""
        text = document.prose.destination_of(link)
        if link.kind == "undefined" or text is None:
            return Destination(problem="undefined_reference")
        return self.place_of(document, text)

    def place_of(self, document: Document, text: str) -> Destination:
        """Resolve a destination that is written in a document."""
        if text[:1] in {"#", "?", ""}:
            return self._place_of(document, text)
        asked = document.folder, document.dialect, text
        found = self._places.get(asked)
        if found is None:
            found = self._places[asked] = self._place_of(document, text)
        return found

    def _place_of(self, document: Document, text: str) -> Destination:
        if _SCHEME.match(text) or text.startswith("//"):
            return Destination(external=True)
        path, mark, fragment = text.partition("#")
        path = path.partition("?")[0]
        anchor = unquote(fragment) if mark else None
        if not path:
            return self._at(document, document.path, anchor, fragment)
        asked = document.folder, path
        if asked not in self._known:
            self._known[asked] = self._existing(*asked)
        found = self._known[asked]
        if found is None:
            unchecked = _is_above(document, path) or (document.dialect in ROUTED and _EXTENSION.search(path) is None)
            return Destination(anchor=anchor, unchecked=unchecked, problem=None if unchecked else "no_such_file")
        file = self._library.file(found.path)
        there = None if file is None else self._library.document(file)
        return self._at(there, found.path, anchor, fragment)._replace(named=found.named, base=found.base)

    def _at(self, document: Document | None, path: str, anchor: str | None, fragment: str) -> Destination:
        """A place in a file that is there."""
        found = Destination(path=path, document=document, anchor=anchor or None)
        if not anchor or anchor.startswith(":~:"):
            return found
        lines = _LINES.fullmatch(anchor)
        if lines and (document is None or anchor not in document.anchors):
            last = max(int(number) for number in lines.groups() if number)
            return found if last <= self._lines(path) else found._replace(problem="no_such_line")
        if document is None or anchor == "top":
            return found
        plain = anchor.removeprefix("user-content-")
        footnotes = (f"fn-{note.label}" for note in document.prose.footnotes)
        is_there = plain in document.anchors or fragment in document.anchors or plain in footnotes
        return found if is_there else found._replace(problem="no_such_anchor")

    def _existing(self, folder: str, path: str) -> _Existing | None:
        """The file or folder of the tree that a path in a document of a folder means."""
        for plain in dict.fromkeys((unquote(path), path)):
            bases = self._bases(folder) if plain.startswith("/") else (folder,)
            for base in bases:
                joined = posixpath.normpath(posixpath.join(base, plain.lstrip("/")))
                joined = "" if joined == "." else joined
                found = self._there(joined)
                if found is not None:
                    return _Existing(found, joined, base if plain.startswith("/") else None)
        return None

    def _bases(self, folder: str) -> Iterable[str]:
        """The folders in which a path with `/` in front may begin, in a document of a folder."""
        site = self._library.dialects.site(f"{folder}/" if folder else "")
        return _PUBLIC if site is None else dict.fromkeys((*site.served, *_PUBLIC))

    def _there(self, path: str) -> str | None:
        generation = self._generation
        if path.startswith("../"):
            return None
        if path in self._folders or generation.id_of(path) is not None:
            return path or "."
        stem = path.removesuffix(".html")
        for route in _ROUTES:
            if generation.id_of(f"{stem}{route}") is not None:
                return f"{stem}{route}"
        # The tree leaves out what is ignored; a link may lead there all the same.
        return path if generation.is_on_disk(path) else None

    def _lines(self, path: str) -> int:
        if path not in self._line_counts:
            content = self._generation.content(path) or b""
            self._line_counts[path] = content.count(b"\n") + bool(content and not content.endswith(b"\n"))
        return self._line_counts[path]
