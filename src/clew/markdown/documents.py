"""Documents with their sections: what stands between one heading and the next."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from clew._native import links_to
from clew.index.generation import SourceChanged
from clew.markdown.dialects import Dialects
from clew.markdown.slugs import anchors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from clew.index.generation import Generation
    from clew.index.prose import Heading, Prose
    from clew.markdown.slugs import Dialect


class Section(NamedTuple):
    """A heading and what stands below it. A heading in a quote, a list or HTML has what reaches to the next heading."""

    heading: Heading
    anchor: str
    trail: tuple[str, ...]
    """The texts of the headings above it and its own."""
    end: int
    """Its end, the sections inside of it included."""
    own_end: int
    """The beginning of the next heading, or its end."""

    @property
    def start(self) -> int:
        """The first byte of its heading."""
        return self.heading.start


class Document:
    """A file of Markdown."""

    def __init__(self, generation: Generation, file: int, dialect: Dialect, facts: bytes | None = None) -> None:
        self.generation = generation
        self.file = file
        self.path = generation.path_of(file)
        self.folder = self.path.rpartition("/")[0]
        self.dialect = dialect
        self._facts = facts

    @cached_property
    def prose(self) -> Prose:
        """Its facts."""
        if self._facts is None:
            return self.generation.markdown(self.file)
        from clew.index.prose import prose_of  # as in `Generation.markdown`

        return prose_of(self._facts)

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """A section for each heading, in order of place."""
        return sections_of(self.prose, self.dialect)

    @cached_property
    def anchors(self) -> frozenset[str]:
        """All that a link behind `#` can mean in it."""
        return frozenset([*(section.anchor for section in self.sections), *(anchor.name for anchor in self.prose.anchors)])

    @cached_property
    def source(self) -> bytes | None:
        """The bytes that the facts were taken from; None when the file changed since."""
        try:
            return self.generation.source(self.file)
        except SourceChanged:
            return None

    @cached_property
    def _starts(self) -> list[int]:
        source = self.source or b""
        return [0, *(found.end() for found in re.finditer(rb"\r\n|\n|\r", source))]

    def lines_of(self, offsets: Iterable[int]) -> list[int]:
        """The line of each offset, counted from 1."""
        return [bisect_right(self._starts, offset) for offset in offsets]

    def section_around(self, offset: int) -> Section | None:
        """The innermost section around a place."""
        return next((section for section in reversed(self.sections) if section.start <= offset < section.end), None)

    def address(self, section: Section) -> str:
        """An address of a section that can be pasted: by its anchor, or by its line where several or none have that."""
        same = sum(other.anchor == section.anchor for other in self.sections)
        return f"{self.path}#{section.anchor}" if section.anchor and same == 1 else f"{self.path}:{section.heading.line}"


def sections_of(prose: Prose, dialect: Dialect) -> tuple[Section, ...]:
    """The sections of a document. Those that open one tile it, behind what stands in front of the first."""
    headings = prose.headings
    named = anchors(((heading.text.strip(), heading.id) for heading in headings), dialect)
    ends = [prose.size] * len(headings)
    own_ends = [prose.size] * len(headings)
    later: list[int] = []  # opening headings behind the one at hand, nearest last, levels falling
    for at in reversed(range(len(headings))):
        heading = headings[at]
        following = headings[at + 1].start if at + 1 < len(headings) else prose.size
        if not heading.opens_section:
            ends[at] = own_ends[at] = following
            continue
        own_ends[at] = headings[later[-1]].start if later else prose.size
        while later and headings[later[-1]].level > heading.level:
            later.pop()
        ends[at] = headings[later[-1]].start if later else prose.size
        later.append(at)
    levels: list[int] = []
    titles: tuple[str, ...] = ()
    sections: list[Section] = []
    for at, heading in enumerate(headings):
        while heading.opens_section and levels and levels[-1] >= heading.level:
            levels.pop()
            titles = titles[:-1]
        trail = (*titles, heading.text.strip())
        sections.append(Section(heading, named[at], trail, ends[at], own_ends[at]))
        if heading.opens_section:
            levels.append(heading.level)
            titles = trail
    return tuple(sections)


class Library:
    """The documents of a generation, each read at most once."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self._documents: dict[int, Document] = {}
        self._facts: dict[int, bytes] = {}

    @cached_property
    def dialects(self) -> Dialects:
        """The renderer of each."""
        return Dialects(self.generation)

    @cached_property
    def files(self) -> frozenset[int]:
        """The files that are documents."""
        return frozenset(self.generation.prose_files())

    def file(self, path: str) -> int | None:
        """The number of a document by its path; None for what is none."""
        file = self.generation.id_of(path)
        return file if file in self.files else None

    def document(self, file: int) -> Document:
        """The document that a file is."""
        document = self._documents.get(file)
        if document is None:
            dialect = self.dialects.of(self.generation.path_of(file))
            document = self._documents[file] = Document(self.generation, file, dialect, self._facts.get(file))
        return document

    def facts(self, files: Sequence[int]) -> list[bytes]:
        """The stored facts of documents, in their order."""
        missing = [file for file in files if file not in self._facts]
        self._facts.update(zip(missing, self.generation.prose_facts(missing), strict=True))
        return [self._facts[file] for file in files]

    def links_to(self, anchors: set[str] | frozenset[str], files: Iterable[int] | None = None) -> dict[int, list[int]]:
        """The links and definitions, by index, of all or some documents whose fragment may be one of these anchors, or a line.

        The documents are in order of path.
        """
        chosen = sorted(self.files if files is None else files)
        found = links_to(self.facts(chosen), anchors)
        return {file: links for file, links in zip(chosen, found, strict=True) if links}

    def all(self) -> Iterator[Document]:
        """All documents, in order of path."""
        return (self.document(file) for file in sorted(self.files))
