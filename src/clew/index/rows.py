"""The rows that a generation hands out: files, problems, edges, hits."""

from __future__ import annotations

import msgspec

CODE = 1
"""Flag of a file that is parsed."""
TEXT = 2
"""Flag of any other text: prose, data, styles. Searched, never parsed."""
ASSET = 4
"""Flag of a file known by name only: pictures, fonts, archives."""
TOO_LARGE = 8
UNREADABLE = 16
BINARY = 32
STALE = 64
"""Flag of a file whose bytes do not parse; its facts are those of the last bytes that did."""
FACTS_SHIFT = 8
"""The flags of the facts (errors, minified, token scan, …) stand above this bit."""


PROSE = (".md", ".markdown", ".mdx")
"""The endings of documents of Markdown, which have facts of their own."""


class FileEntry(msgspec.Struct, frozen=True):
    """A file of one generation; `id` counts files in order of path and means nothing in another generation."""

    id: int
    path: str
    digest: str
    flags: int


class Edge(msgspec.Struct, frozen=True):
    """One import: what it says, and where it leads.

    `target` is a file of the generation, `path` a file of the root that the generation leaves out (ignored, hidden), `package`
    something installed or built in; all None: it leads nowhere. `row` counts the imports of the file.
    """

    importer: int
    row: int
    specifier: str
    kind: str
    """import, export-from, require, dynamic, import-type, import-equals, side-effect, require-resolve, mock, jsdoc, glob, path, script,
    augment, url, or worker.
    """
    type_only: bool
    """True where it vanishes at run time."""
    lazy: bool
    """True where it runs later than loading."""
    target: int | None
    package: str | None
    path: str | None


class NameHit(msgspec.Struct, frozen=True):
    """A definition whose name fits, or a file whose path does (`row` None)."""

    file: int
    row: int | None
    name: str
    container: str
    kind: str
    exported: bool
    match: str
    """`exact`, `case`, `word`, `prefix`, `camel`, `substring` or `path`."""


class TextHit(msgspec.Struct, frozen=True):
    """A match in a line; `start` and `end` are byte offsets in the file, `text` is the line, cut around the match when it is long."""

    file: int
    line: int
    column: int
    start: int
    end: int
    text: str
