"""Rows that several answers share, and how they are made from facts."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING

import msgspec

from clew._native import digest
from clew.code.names import qualified_name
from clew.index.facts import KIND_NAMES, NONE, FileFlag, Flag, Role
from clew.index.generation import SourceChanged

if TYPE_CHECKING:
    from clew.code.linking.context import Def, Links
    from clew.code.linking.references import Found

_LONGEST_TEXT = 160
_HASH_DIGITS = 12


class Within(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """The definition around a place."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    line: int
    """Line, counted from 1."""


class DefinitionRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A definition."""

    n: int
    """Number of the row, counted from 1."""
    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, variable, …"""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    exported: bool = False
    """Whether other files can import it."""
    match: str | None = None
    """How it fits what was searched."""
    hash: str | None = None
    """The hash of its code, blanks aside."""


class ReferenceRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One occurrence of a definition; `evidence` is left out when it is exact."""

    n: int
    """Number of the row, counted from 1."""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    role: str
    """definition, import, export, call, type, write or read."""
    evidence: str = "exact"
    """exact, inferred (the receiver is known) or possible (it is not)."""
    within: Within | None = None
    """The definition around it; None at the top of a module."""
    text: str | None = None
    """The line, without its indentation."""


class Places:
    """Turns byte offsets of files into lines, UTF-16 columns and lines of text; reads each file at most once."""

    def __init__(self, links: Links) -> None:
        self.links = links
        self._sources: dict[int, bytes | None] = {}

    def source(self, file: int) -> bytes | None:
        """The bytes that the facts were read from; None when the file changed since."""
        if file not in self._sources:
            try:
                self._sources[file] = self.links.generation.source(file)
            except SourceChanged:
                self._sources[file] = None
        return self._sources[file]

    def position(self, file: int, offset: int) -> tuple[int, int]:
        """Line and column, counted from 1, the column in UTF-16 units; in bytes where the line is no longer there to be read."""
        facts = self.links.facts(file)
        line = facts.line_of(offset)
        start = facts.lines_start[line - 1]
        if facts.flags & FileFlag.ASCII:
            return line, offset - start + 1
        source = self.source(file)
        if source is None:
            return line, offset - start + 1
        before = source[start:offset].removeprefix(codecs.BOM_UTF8) if line == 1 else source[start:offset]
        return line, len(before.decode("utf-8", "replace").encode("utf-16-le")) // 2 + 1

    def text(self, file: int, line: int) -> str | None:
        """A line without its indentation, cut where it is very long."""
        source = self.source(file)
        if source is None:
            return None
        starts = self.links.facts(file).lines_start
        end = starts[line] if line < len(starts) else len(source)
        text = source[starts[line - 1] : end].decode("utf-8", "replace").strip()
        return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"


def definition_row(places: Places, definition: Def, n: int, *, match: str | None = None) -> DefinitionRow:
    """The row of a definition."""
    file, row = definition
    facts = places.links.facts(file)
    line, column = places.position(file, facts.def_start_name[row])
    return DefinitionRow(
        n=n,
        name=qualified_name(facts, row),
        kind=KIND_NAMES[facts.def_kind[row]],
        file=places.links.generation.path_of(file),
        line=line,
        column=column,
        exported=bool(facts.def_flags[row] & Flag.EXPORTED),
        match=match,
    )


def file_row(places: Places, file: int, n: int) -> DefinitionRow:
    """The row of a whole file, found by its path."""
    path = places.links.generation.path_of(file)
    return DefinitionRow(n=n, name=path, kind="file", file=path, line=1, column=1, match="path")


def code_hash(places: Places, definition: Def) -> str | None:
    """The hash of a definition's code with every run of blanks as one; None when its file changed since."""
    source = places.source(definition[0])
    if source is None:
        return None
    facts = places.links.facts(definition[0])
    code = source[facts.def_start[definition[1]] : facts.def_end[definition[1]]]
    return digest(b" ".join(code.split()))[:_HASH_DIGITS]


def within(places: Places, file: int, occurrence: int) -> Within | None:
    """The named definition around an occurrence; None at the top of a module."""
    facts = places.links.facts(file)
    row = facts.occ_within[occurrence]
    if row == NONE:
        return None
    return Within(qualified_name(facts, row), facts.line_of(facts.def_start_name[row]))


def role_name(role: int, *, alias: bool = False) -> str:
    """The role of an occurrence in one word: definition, import, export, call, type, write or read."""
    if alias or role & Role.IMPORT:
        return "import"
    if role & Role.DECLARES:
        return "definition"
    if role & Role.INVOKES:
        return "call"
    if role & Role.EXPORT:
        return "export"
    if role & Role.JSDOC or (role & (Role.TYPE | Role.HERITAGE) and not role & (Role.READ | Role.WRITE)):
        return "type"
    return "write" if role & Role.WRITE else "read"


def reference_row(places: Places, found: Found, n: int) -> ReferenceRow:
    """The row of an occurrence."""
    facts = places.links.facts(found.file)
    line, column = places.position(found.file, facts.occ_start[found.occurrence])
    return ReferenceRow(
        n=n,
        file=places.links.generation.path_of(found.file),
        line=line,
        column=column,
        role=role_name(facts.occ_role[found.occurrence], alias=found.alias),
        evidence=found.evidence,
        within=within(places, found.file, found.occurrence),
        text=places.text(found.file, line),
    )
