"""The facts of a document of Markdown, as the native core writes them. All spans are bytes of the file."""

from __future__ import annotations

from typing import Literal

import msgspec

from clew import _native

Span = tuple[int, int]
"""Start and end."""

LinkKind = Literal["inline", "reference", "collapsed", "shortcut", "autolink", "bare", "html", "definition", "undefined"]
"""How a link is written. `bare` has no brackets, `html` is an attribute, `undefined` a reference whose label nothing defines."""


class FrontMatter(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Data between fences at the top of a document."""

    language: Literal["yaml", "toml", "json"]
    start: int
    end: int
    content_start: int
    content_end: int


class Placed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A thing in a document: its place, counted from 1 (columns in UTF-16 units), and its span."""

    line: int
    column: int
    start: int
    end: int


class Heading(Placed, frozen=True, array_like=True, gc=False):
    """A heading; the span is that of its lines without the last line break."""

    level: int
    content_start: int
    """Start of what is written between its marks, an explicit id left out."""
    content_end: int
    text: str
    """The content as it is shown, without pictures."""
    id: str | None
    """Its explicit id: `{#id}`, or the attribute of HTML."""
    form: Literal["atx", "setext", "html"]
    opens_section: bool
    """False in quotes, lists and HTML."""


class Link(Placed, frozen=True, array_like=True, gc=False):
    """A link, a picture, or a link reference definition."""

    kind: LinkKind
    is_image: bool
    destination: str | None
    """Its destination without escapes; None where a definition says it."""
    destination_span: Span | None
    """The destination as written, inside of angle brackets or quotes; None where it is not certain."""
    title_span: Span | None
    """The title, inside of its quotes."""
    content_span: Span | None
    """The text between the first brackets."""
    label: str | None
    """The label of a reference or a definition, as written."""
    label_span: Span | None
    definition: int | None
    """Index of the document's definition that it refers to."""


class Code(Placed, frozen=True, array_like=True, gc=False):
    """A block of code."""

    is_fenced: bool
    info: str
    """The text behind the opening fence."""
    content_start: int
    content_end: int

    @property
    def language(self) -> str:
        """The first word of the info string, without what is attached to it; empty when there is none."""
        word = self.info.split(maxsplit=1)[0] if self.info.strip() else ""
        return word.partition("{")[0].partition(",")[0].lower()


class CodeSpan(Placed, frozen=True, array_like=True, gc=False):
    """Code within a line of text."""

    content_start: int
    """Start of what stands between its marks."""
    content_end: int


class Anchor(Placed, frozen=True, array_like=True, gc=False):
    """A place in HTML that links can lead to."""

    name: str


class Footnote(Placed, frozen=True, array_like=True, gc=False):
    """A footnote, or where it is called."""

    label: str
    is_definition: bool


class Prose(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that is known of a document, each table in order of place."""

    size: int
    """Bytes of the file."""
    front_matter: FrontMatter | None
    headings: tuple[Heading, ...]
    links: tuple[Link, ...]
    """Links and pictures, without definitions."""
    definitions: tuple[Link, ...]
    """Link reference definitions that a link can find: the first of each label."""
    packed_code: msgspec.Raw
    """The table of `code`."""
    packed_spans: msgspec.Raw
    """The table of `spans`."""
    anchors: tuple[Anchor, ...]
    footnotes: tuple[Footnote, ...]

    @property
    def code(self) -> tuple[Code, ...]:
        """The blocks of code; read when they are asked for, as most questions are about headings and links."""
        return _CODE.decode(self.packed_code)

    @property
    def spans(self) -> tuple[CodeSpan, ...]:
        """Code within lines of text; read when it is asked for."""
        return _SPANS.decode(self.packed_spans)

    @property
    def all_links(self) -> tuple[Link, ...]:
        """Links and pictures, then definitions."""
        return (*self.links, *self.definitions)

    def destination_of(self, link: Link) -> str | None:
        """The destination of a link, by its definition if it has one; None for one that nothing defines."""
        return link.destination if link.definition is None else self.definitions[link.definition].destination


_DECODER = msgspec.msgpack.Decoder(Prose)
_CODE = msgspec.msgpack.Decoder(tuple[Code, ...])
_SPANS = msgspec.msgpack.Decoder(tuple[CodeSpan, ...])


def prose_of(facts: bytes) -> Prose:
    """The tables in stored facts; raises ValueError for other bytes."""
    return _DECODER.decode(_native.prose_tables(facts))


def read_prose(path: str, source: bytes) -> Prose:
    """The facts of bytes that are of no tree; the path only says the language."""
    return prose_of(_native.extract_prose(path, source))
