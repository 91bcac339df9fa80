"""The places of an output in the tree: paths of any form, columns of any unit, the definition around."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from clew._native import digest
from clew.code.rows import SourceMap, Within, withins
from clew.code.text import around
from clew.index.rows import CODE

if TYPE_CHECKING:
    from clew._native import Def
    from clew.recording.parsers.found import Spot
    from clew.workspace import Workspace

LEFT_OUT = ("node_modules", ".clew")
HASH_DIGITS = 12
LARGEST = 20 << 20


class Place:
    """A place in the tree."""

    __slots__ = ("column", "file", "line")

    def __init__(self, file: str, line: int | None, column: int | None) -> None:
        self.file, self.line, self.column = file, line, column


class Tree:
    """The tree as it is after a command, as far as its output names it."""

    def __init__(self, workspace: Workspace, folder: str) -> None:
        self._workspace = workspace
        self._generation = workspace.generation
        self._bases = (folder, workspace.root)
        self._paths: dict[str, str | None] = {}
        self._lines: dict[str, list[bytes]] = {}
        self._by_name: dict[str, list[str]] | None = None
        self._sources = SourceMap(self._generation)

    def place(self, spot: Spot) -> Place | None:
        """The location of a spot in the tree; None where there is no such file, or in one that is not ours."""
        file = self.path(spot.path)
        if file is None and " " in spot.path:
            file = self.path(spot.path.rpartition(" ")[2])  # `fn path:1:2`
        if file is None:
            return None
        column = spot.column if spot.line is not None else None
        if column is not None and spot.line is not None and spot.unit != "utf16":
            column = self._column(file, spot.line, column, spot.unit)
        return Place(file, spot.line, column)

    def path(self, text: str) -> str | None:
        """The root-relative path of a file as a tool wrote it."""
        if text not in self._paths:
            self._paths[text] = self._found(text)
        return self._paths[text]

    def _found(self, text: str) -> str | None:
        path = unquote(urlsplit(text).path) if text.startswith("file:") else text
        path = path.replace("\\", "/") if "\\" in path else path
        if not path or "\0" in path:
            return None
        for base in self._bases:
            whole = os.path.join(base, path)
            if os.path.isfile(whole) and (inside := self._workspace.relative(whole)) is not None:
                return None if set(inside.split("/")) & set(LEFT_OUT) else inside
        return None if os.path.isabs(path) else self._ending(os.path.normpath(path).replace(os.sep, "/"))

    def _ending(self, path: str) -> str | None:
        """The only file whose path ends so: tools that run in a package of the tree write paths from there."""
        if self._by_name is None:
            self._by_name = {}
            for known in self._generation.paths():
                self._by_name.setdefault(known.rpartition("/")[2], []).append(known)
        fitting = [known for known in self._by_name.get(path.rpartition("/")[2], ()) if known.endswith(f"/{path}")]
        return fitting[0] if len(fitting) == 1 and "/" in path else None

    def line(self, file: str, number: int | None) -> bytes:
        """A line of a file, without its end; nothing where there is none."""
        if number is None:
            return b""
        if file not in self._lines:
            try:
                with open(os.path.join(self._workspace.root, file), "rb") as stream:
                    self._lines[file] = stream.read(LARGEST).split(b"\n")
            except OSError:
                self._lines[file] = []
        lines = self._lines[file]
        return lines[number - 1] if number <= len(lines) else b""

    def line_hash(self, place: Place) -> str:
        """The hash of the trimmed line; empty where there is none."""
        line = self.line(place.file, place.line).strip()
        return digest(line)[:HASH_DIGITS] if line else ""

    def _column(self, file: str, line: int, column: int, unit: str) -> int:
        text = self.line(file, line)
        before = text[: column - 1].decode("utf-8", "replace") if unit == "bytes" else text.decode("utf-8", "replace")[: column - 1]
        return len(before.encode("utf-16-le", "surrogatepass")) // 2 + 1

    def is_indexed(self, file: str) -> bool:
        """True if questions can be asked about a file."""
        return self._generation.id_of(file) is not None

    def around(self, places: list[Place]) -> dict[int, Within]:
        """The definition around each place that stands in one, by its number; of a line alone, what begins there, else what is around."""
        offsets: dict[int, tuple[int, int]] = {}
        found: dict[int, Def] = {}
        for at, place in enumerate(places):
            file = self._generation.id_of(place.file)
            if file is None or place.line is None or not self._generation.flags_of(file) & CODE:
                continue
            span = self._sources.span(file, place.line)
            if span is None or not self._generation.has_facts_of_disk(file):
                continue
            begun = self._generation.linker.around_line(file, *span) if place.column is None else []
            if len(begun) == 1:
                found[at] = (file, begun[0])
                continue
            offset = self._sources.offset(file, place.line, place.column or 1)
            if offset is not None:
                line = self.line(place.file, place.line)
                offsets[at] = (file, offset if place.column else span[0] + len(line) - len(line.lstrip()))
        within = around(self._generation, sorted(set(offsets.values())))
        named = withins(self._generation, found.values())
        return {
            **{at: within[offset] for at, offset in offsets.items() if offset in within},
            **{at: named[definition] for at, definition in found.items()},
        }

    def code_hash(self, file: str, within: Within) -> str:
        """The hash of a definition's code without its name and its blanks, by which it is known again under another one."""
        number = self._generation.id_of(file)
        source = None if number is None else self._sources.source(number)
        if number is None or source is None:
            return ""
        linker = self._generation.linker
        for of in linker.describe(linker.called(within.name, number)):
            if of.line == within.line:
                code = b" ".join(source[of.start : of.end].split())
                name = rb"(?<![\w$])" + re.escape(of.bare_name.encode()) + rb"(?![\w$])"
                return digest(re.sub(name, b"_", code))[:HASH_DIGITS] if of.bare_name else ""
        return ""
