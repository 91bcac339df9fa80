"""Blocks of code in documents as files of the tree, so that the linker says what they mean."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from clew.index.overlay import overlaid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew._native import Def
    from clew.index.generation import Generation
    from clew.index.overlay import Overlay
    from clew.index.prose import Code
    from clew.markdown.documents import Document
    from clew.markdown.paths import PathBook

_EXTENSIONS = {
    **dict.fromkeys(("js", "javascript", "node", "es6", "mjs"), ".js"),
    **dict.fromkeys(("jsx", "react"), ".jsx"),
    **dict.fromkeys(("ts", "typescript", "mts", "cts"), ".ts"),
    "tsx": ".tsx",
    "cjs": ".cjs",
    "vue": ".vue",
    "svelte": ".svelte",
    "astro": ".astro",
    "html": ".html",
}
_SPECIFIER = re.compile(rb"(?:\bfrom|\bimport|\brequire\(|\bimport\()\s*['\"](@?[\w.-]+(?:/[\w.-]+)*)['\"]")
_IMPORTS = re.compile(rb"\brequire\(|^\s*(?:import|export)\b.*['\"]", re.MULTILINE)
_QUOTED = re.compile(rb"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
_LEFT_OUT = re.compile(rb"^[ \t]*(?:\.\.\.|\xe2\x80\xa6)[ \t]*;?$", re.MULTILINE)


_TAKEN_AWAY = re.compile(rb"^.*\[!code --(?:\]|:).*$", re.MULTILINE)


class Snippet(NamedTuple):
    """A block of code as a file."""

    document: Document
    block: Code
    path: str

    @property
    def offset(self) -> int:
        """The place in the document at which the file begins."""
        return self.block.content_start


class Use(NamedTuple):
    """An occurrence of a name in a snippet."""

    start: int
    """Offset in the document."""
    end: int
    meant: frozenset[Def]
    """The definitions that it leads to, in the tree with the snippets; empty where nothing is known."""


def extension(document: Document, block: Code) -> str | None:
    """The extension that a block would have as a file; None for one that is no source."""
    if block.language or block.info.strip():
        return _EXTENSIONS.get(block.language)
    source = document.source or b""
    return ".js" if _IMPORTS.search(source, block.content_start, block.content_end) else None


def code_of(document: Document, block: Code) -> bytes:
    """The bytes of a block, with blanks for what is left out (`...`) and for the marks of quotes: as long as in the document."""
    source = document.source or b""
    code = source[block.content_start : block.content_end]
    line = source[source.rfind(b"\n", 0, block.start) + 1 : block.start]
    if b">" in line:
        code = _QUOTED.sub(lambda found: b" " * len(found.group()), code)
    return _LEFT_OUT.sub(lambda found: b" " * len(found.group()), code)


def without_taken_away(code: bytes) -> bytes:
    """Code with blanks for the lines that it marks as taken away (`[!code --]`): as long as before."""
    return _TAKEN_AWAY.sub(lambda found: b" " * len(found.group()), code)


class Snippets:
    """Blocks of code laid over a tree."""

    def __init__(self, generation: Generation, book: PathBook, blocks: Iterable[tuple[Document, Code]]) -> None:
        self._generation = generation
        self._book = book
        self._folders = {str(manifest.get("name")): folder for folder, manifest in reversed(list(book.packages.items()))}
        self.all: list[Snippet] = []
        contents: dict[str, bytes | None] = {}
        for document, block in blocks:
            ending = extension(document, block)
            if ending is None:
                continue
            code = code_of(document, block)
            path = self._place(document, code, f"~{block.line}{ending}")
            contents[path] = code
            self.all.append(Snippet(document, block, path))
        self._paths = contents.keys()
        self.tree: Overlay | Generation = overlaid(generation, contents) if contents else generation

    def _place(self, document: Document, code: bytes, ending: str) -> str:
        """A path for a block: beside its document, or in the package of the tree that it imports and its folder would not find."""
        around = self._book.packages.get(self._book.package_around(document.path)) or {}
        for found in _SPECIFIER.finditer(code):
            package = package_of(found[1].decode())
            folder = self._folders.get(package)
            if folder is not None and around.get("name") != package:
                return posixpath.join(folder, document.path.replace("/", "~") + ending)
        return document.path + ending

    def file(self, snippet: Snippet) -> int:
        """The number of a snippet in the tree with all of them."""
        found = self.tree.id_of(snippet.path)
        if found is None:
            raise ValueError(snippet.path)
        return found

    def here(self, definitions: Iterable[Def]) -> frozenset[Def]:
        """Definitions of the tree below, in the tree with the snippets."""
        path_of = self._generation.path_of
        placed = ((self.tree.id_of(path_of(file)), row) for file, row in definitions)
        return frozenset((file, row) for file, row in placed if file is not None)

    def is_own(self, definition: Def) -> bool:
        """True for what a snippet defines itself."""
        return self.tree.path_of(definition[0]) in self._paths

    def uses(self, snippet: Snippet) -> dict[int, Use]:
        """The occurrences of names by where they start; `{ a }` is one that means what its property and its binding mean."""
        occurrences, sets = self.tree.linker.meanings(self.file(snippet))
        found: dict[int, Use] = {}
        for start, end, _, number in occurrences:
            meant = frozenset((file, row) for file, row, _, _ in sets[number])
            known = found.get(snippet.offset + start)
            found[snippet.offset + start] = Use(snippet.offset + start, snippet.offset + end, meant | known.meant if known else meant)
        return found


def package_of(specifier: str) -> str:
    """The package that a specifier names: `@scope/name` of `@scope/name/part`."""
    parts = specifier.split("/")
    return "/".join(parts[:2] if specifier.startswith("@") else parts[:1])
