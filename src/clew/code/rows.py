"""Rows that several answers share, and how they are made from facts."""

from __future__ import annotations

import codecs
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

import msgspec

from clew._native import digest
from clew.bounds import LISTED_AT_ONCE
from clew.code.names import MARK_DIGITS
from clew.index.generation import SourceChanged
from clew.index.rows import CODE
from clew.requests import Row

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from clew._native import Def, Description, Reached
    from clew._native import ReferenceRow as Occurrence
    from clew.index.generation import Generation

Confidence = Literal["high", "medium", "low"]
"""How sure a row is; what it rests on is said beside it."""

_LONGEST_TEXT = 160
_HASH_DIGITS = 12


class Within(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The definition around a place."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    line: int
    """Line, counted from 1."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""


class DefinitionRow(Row, frozen=True):
    """A definition."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, variable, …"""
    file: str
    """Root-relative path."""
    line: int = 0
    """Line of the name, counted from 1; none for a file."""
    column: int = 0
    """UTF-16 column of the name, counted from 1; none for a file."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""
    exported: bool = False
    """True where other files can import it."""
    local: bool = False
    """True when only a function around it can see it."""
    match: str | None = None
    """The kind of match."""
    hash: str | None = None
    """The hash of its code, blanks aside."""


class ReferenceRow(Row, frozen=True):
    """One occurrence of a definition; `evidence` is left out when it is exact."""

    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    role: str
    """definition, import, export, call, type, comment, write, read, computed (`x[key]`) or escape (handed to code that nobody reads)."""
    evidence: str = "exact"
    """exact, inferred (the receiver is known) or possible (it is not)."""
    by: str | None = None
    """flow, where only the values that calls hand on lead here."""
    within: Within | None = None
    """The definition around it, or that it declares; None at the top of a module."""
    text: str | None = None
    """The line, without its indentation."""


class SourceMap:
    """Turns byte offsets of files into lines, UTF-16 columns and lines of text; reads each file at most once."""

    def __init__(self, generation: Generation) -> None:
        self.generation = generation
        self._sources: dict[int, bytes | None] = {}
        self._lines: dict[int, tuple[list[int], int, bool]] = {}

    @property
    def known(self) -> dict[int, bytes]:
        """The sources that were read, by file."""
        return {file: source for file, source in self._sources.items() if source is not None}

    def load(self, files: Iterable[int]) -> None:
        """Read files at once that are going to be asked for."""
        missing = [file for file in files if file not in self._sources]
        self._sources.update(zip(missing, self.generation.sources(missing), strict=True))

    def source(self, file: int) -> bytes | None:
        """The bytes that the facts were read from; None when the file changed since."""
        if file not in self._sources:
            try:
                self._sources[file] = self.generation.source(file)
            except SourceChanged:
                self._sources[file] = None
        return self._sources[file]

    def lines(self, file: int) -> tuple[list[int], int, bool]:
        """The starts of a file's lines, its length, and whether it is all ASCII."""
        lines_of_file = self._lines.get(file)
        if lines_of_file is None:
            lines_of_file = self._lines[file] = self._lines_of(file)
        return lines_of_file

    def _lines_of(self, file: int) -> tuple[list[int], int, bool]:
        source = None if self.generation.flags_of(file) & CODE else self.source(file)
        if source is None:
            return self.generation.linker.lines(file)
        # of prose and configuration there are no facts
        return [0, *accumulate(len(line) + 1 for line in source.split(b"\n")[:-1])], len(source), source.isascii()

    def span(self, file: int, line: int) -> tuple[int, int] | None:
        """Start and end of a line, its line break included; None when the file has no such line."""
        starts, length, _ = self.lines(file)
        if not 1 <= line <= len(starts):
            return None
        return starts[line - 1], starts[line] if line < len(starts) else length + 1

    def column(self, file: int, line: int, offset: int) -> int:
        """UTF-16 column of a byte offset in a line, counted from 1; in bytes where the line is no longer there to be read."""
        starts, _, ascii_only = self.lines(file)
        start = starts[line - 1]
        source = None if ascii_only else self.source(file)
        if source is None:
            return offset - start + 1
        before = source[start:offset].removeprefix(codecs.BOM_UTF8) if line == 1 else source[start:offset]
        return len(before.decode("utf-8", "replace").encode("utf-16-le")) // 2 + 1

    def offset(self, file: int, line: int, column: int) -> int | None:
        """The byte offset of a UTF-16 column; None when the file has no such line."""
        span = self.span(file, line)
        if span is None:
            return None
        start, end = span
        source = None if self.lines(file)[2] else self.source(file)
        if source is None:
            return start + column - 1
        start += len(codecs.BOM_UTF8) if start == 0 and source.startswith(codecs.BOM_UTF8) else 0
        text = source[start:end].decode("utf-8", "replace")
        return start + len(text.encode("utf-16-le")[: 2 * (column - 1)].decode("utf-16-le", "replace").encode())

    def text(self, file: int, line: int) -> str | None:
        """A line without its indentation, cut where it is very long."""
        source = self.source(file)
        span = self.span(file, line)
        if source is None or span is None:
            return None
        text = source[span[0] : span[1]].decode("utf-8", "replace").strip()
        return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def address(sources: SourceMap, of: Description) -> str:
    """An address of a definition that can be pasted: `path::name`, with its place and mark where others of the file answer to the name."""
    return own_address(sources, of) or f"{sources.generation.path_of(of.file)}::{of.name}"


def own_address(sources: SourceMap, of: Description | Reached) -> str | None:
    """The address of a definition where `path::name` is not enough."""
    if of.mark is None:
        return None
    path, column = sources.generation.path_of(of.file), sources.column(of.file, of.line, of.at)
    return f"{path}::{of.name}:{of.line}:{column}~{of.mark:0{MARK_DIGITS}x}"


def definition_row(sources: SourceMap, of: Description, n: int, *, match: str | None = None, with_hash: bool = False) -> DefinitionRow:
    """The row of a definition."""
    return DefinitionRow(
        n=n,
        name=of.name,
        kind=of.kind,
        file=sources.generation.path_of(of.file),
        line=of.line,
        column=sources.column(of.file, of.line, of.at),
        target=own_address(sources, of),
        exported=of.exported,
        local=of.local,
        match=match,
        hash=code_hash(sources, of) if with_hash else None,
    )


def outlined(generation: Generation, file: int, kinds: Sequence[str] = (), *, lists: bool = False) -> Iterator[Description]:
    """The definitions of a file's outline, of these kinds (none: all), by place, as far as there was time to look at or to list them.

    With `lists` it is the time that is kept for listing.
    """
    bounds, outline = generation.bounds, generation.linker.outlined(file, list(kinds))
    for part in bounds.listed(outline) if lists else bounds.parts(outline, "definitions", first=LISTED_AT_ONCE):
        yield from generation.linker.describe(list(part))


def definition_rows(sources: SourceMap, definitions: Sequence[tuple[Def, str]]) -> tuple[DefinitionRow, ...]:
    """The rows of definitions with how they fit, as far as there was time."""
    rows: list[DefinitionRow] = []
    for part in sources.generation.bounds.listed(definitions):
        described = sources.generation.linker.describe([definition for definition, _ in part])
        rows += [
            definition_row(sources, of, n, match=match)
            for n, (of, (_, match)) in enumerate(zip(described, part, strict=True), len(rows) + 1)
        ]
    return tuple(rows)


def file_row(generation: Generation, file: int, n: int) -> DefinitionRow:
    """The row of a whole file, found by its path."""
    path = generation.path_of(file)
    return DefinitionRow(n=n, name=path, kind="file", file=path, match="path")


def code_hash(sources: SourceMap, of: Description) -> str | None:
    """The hash of a definition's code with every run of blanks as one; None when its file changed since."""
    source = sources.source(of.file)
    return None if source is None else digest(b" ".join(source[of.start : of.end].split()))[:_HASH_DIGITS]


def withins(generation: Generation, definitions: Iterable[Def]) -> dict[Def, Within]:
    """Definitions as what stands around a place."""
    once = list(dict.fromkeys(definitions))
    described, sources = generation.linker.describe(once), SourceMap(generation)
    return {definition: Within(of.name, of.line, own_address(sources, of)) for definition, of in zip(once, described, strict=True)}


def reference_rows(generation: Generation, occurrences: list[Occurrence], by_flow: Container[Occurrence] = ()) -> tuple[ReferenceRow, ...]:
    """Rows of occurrences, in their order, as far as there was time."""
    rows: list[ReferenceRow] = []
    for part in generation.bounds.listed(occurrences, row_each=True):
        holders = [_held(generation, occurrence) for occurrence in part]
        around = withins(generation, (holder for holder in holders if holder is not None))
        shown = generation.shown_lines([(file, line, at) for file, _, line, at, *_ in part])
        for occurrence, (column, text), within in zip(part, shown, holders, strict=True):
            file, _, line, _, role, _, evidence, _ = occurrence
            rows.append(
                ReferenceRow(
                    n=len(rows) + 1,
                    file=generation.path_of(file),
                    line=line,
                    column=column,
                    role=role,
                    evidence=evidence,
                    by="flow" if occurrence in by_flow else None,
                    within=None if within is None else around[within],
                    text=text,
                )
            )
    return tuple(rows)


def _held(generation: Generation, occurrence: Occurrence) -> Def | None:
    """The definition that an occurrence stands in; the definition itself for the name in its declaration."""
    file, number, _, _, role, within, _, _ = occurrence
    declared = generation.linker.declaring(file, number) if role == "definition" else None
    return declared or (None if within is None else (file, within))
