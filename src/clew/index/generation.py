"""One consistent state of the tree, safe to read while others refresh."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import apsw
import msgspec

from clew import _native
from clew.index import rows, schema
from clew.index.rows import Edge, FileEntry, NameHit, TextHit
from clew.requests import FileProblem

if TYPE_CHECKING:
    from clew.index.facts import Facts

MESSAGES = {
    "symlink_loop": "a symbolic link that leads back to where it lies; not followed",
    "unreadable": "cannot be read",
    "name_not_utf8": "its name is not UTF-8; left out",
    "too_large": "larger than 20 MB; its content is left out",
    "binary": "holds NUL bytes; its content is not parsed",
}
PROBLEM_FLAGS = {rows.TOO_LARGE: "too_large", rows.UNREADABLE: "unreadable", rows.BINARY: "binary"}


class SourceChanged(Exception):
    """The file is no longer what the generation was made from."""


class Generation:
    """What the index knew at one moment. Files are numbered in order of path; the numbers are its own."""

    def __init__(
        self, database: apsw.Connection, root: str, row: tuple[int, bytes, bytes], *, parsed: int, notes: tuple[FileProblem, ...] = ()
    ) -> None:
        self.number, packed, self._packed_graph = row
        self.parsed = parsed
        self.root = root
        self._database = database
        self._manifest = _native.Manifest(packed)
        self._notes = notes
        self._facts: dict[int, Facts] = {}
        self._warnings: tuple[FileProblem, ...] | None = None

    def __len__(self) -> int:
        return len(self._manifest)

    def is_stale(self) -> bool:
        """Whether anything on disk may differ: one sweep over the stats of all files and folders."""
        return self._manifest.is_stale(self.root)

    def files(self, kinds: int = rows.CODE) -> Iterator[FileEntry]:
        """The files of these kinds (flags CODE, TEXT, ASSET), in order of path."""
        return (FileEntry(*entry) for entry in self._manifest.entries(kinds))

    def id_of(self, path: str) -> int | None:
        """The number of a file by its root-relative path."""
        return self._manifest.id_of(path)

    def path_of(self, file: int) -> str:
        """The root-relative path of a file."""
        return self._manifest.entry(file)[0]

    def digest_of(self, file: int) -> str:
        """The digest of the bytes that were read."""
        return self._manifest.entry(file)[1]

    def flags_of(self, file: int) -> int:
        """The flags of a file, as in FileEntry."""
        return self._manifest.entry(file)[2]

    def manifest_digest(self) -> str:
        """One digest over all paths and contents."""
        return self._manifest.digest()

    def facts(self, file: int) -> Facts:
        """The facts of a source file; files with the same content share them."""
        from clew.index.facts import Facts

        unit = self._manifest.entry(file)[3]
        known = self._facts.get(unit)
        if known is None:
            row = self._database.execute(schema.FACTS, (unit,)).fetchone()
            if row is None:
                raise KeyError(f"{self.path_of(file)} has no facts")
            known = self._facts[unit] = Facts(row[0])
        return known

    def source(self, file: int) -> bytes:
        """The bytes the facts were taken from; raises SourceChanged when the disk holds others."""
        path, digest, _, _ = self._manifest.entry(file)
        try:
            with open(os.path.join(self.root, path), "rb") as stream:
                content = stream.read()
        except OSError as error:
            raise SourceChanged(path) from error
        if _native.digest(content) != digest:
            raise SourceChanged(path)
        return content

    def with_name(self, name: str) -> list[int]:
        """The files in which an identifier may occur: all that have it, and rarely one that has not."""
        hashed = _native.name_hash(name)
        buckets = [names for (names,) in self._database.execute(schema.POSTINGS_WITH, (hashed,))]
        return self._manifest.files_with(set(_native.find_units(buckets, hashed)))

    def search(self, terms: Sequence[str], *, any_term: bool = False) -> list[NameHit]:
        """Definitions whose names fit all terms (or any), best first: exact, then word, prefix, camel case, substring, and files by path.

        A term may be qualified: `res.send`, `View#lookup`, `View.prototype.lookup`.
        Among equals exported ones come before internal ones, sources before tests and examples, short names before long ones.
        """
        pieces = [records for (records,) in self._database.execute(schema.DEFINITIONS)]
        return [NameHit(*hit) for hit in self._manifest.search(pieces, list(terms), any_term)]

    def near_names(self, name: str) -> list[str]:
        """Names of definitions that share their first letters with it, anywhere: few enough to be compared with it closely."""
        return [hit.name for hit in self.search((name[:2],))]

    def text(
        self,
        pattern: str,
        *,
        regex: bool = False,
        ignore_case: bool = False,
        word: bool = False,
        files: Iterable[int] | None = None,
        limit: int = 0,
    ) -> list[TextHit]:
        """Every match of a literal or a regular expression in the files given (default: all text), in order of path and place.

        Raises ValueError for a pattern that cannot be read. `limit` 0 finds all.
        """
        chosen = range(len(self._manifest)) if files is None else files
        found = self._manifest.text(self.root, list(chosen), pattern, regex=regex, ignore_case=ignore_case, word=word, limit=limit)
        return [TextHit(*hit) for hit in found]

    @cached_property
    def _graph(self) -> _native.Graph:
        return _native.Graph(self._packed_graph)

    def imports(self, file: int) -> list[Edge]:
        """What a file imports, in the order of its text."""
        return [Edge(*edge) for edge in self._graph.edges_of(file)]

    def importers(self, file: int) -> list[Edge]:
        """The imports that lead to a file, by importer in order of path."""
        return [Edge(*edge) for edge in self._graph.edges_to(file)]

    def edges(self) -> list[Edge]:
        """Every import of every file."""
        return [Edge(*edge) for edge in self._graph.edges()]

    @property
    def warnings(self) -> tuple[FileProblem, ...]:
        """Every file that could not be read as it should, by path."""
        if self._warnings is None:
            self._warnings = (*self._notes, *sorted(self._problems(), key=lambda problem: problem.file))
        return self._warnings

    def _problems(self) -> Iterator[FileProblem]:
        for path, code in self._manifest.notes():
            yield FileProblem(file=path, message=MESSAGES[code], code=code)
        blamed = {unit: msgspec.json.decode(problems) for unit, problems in self._database.execute(schema.PROBLEMS)}
        for file, path, _, flags in self._manifest.entries(rows.CODE | rows.TEXT):
            for flag, code in PROBLEM_FLAGS.items():
                if flags & flag and (code != "binary" or flags & rows.CODE):
                    yield FileProblem(file=path, message=MESSAGES[code], code=code)
            if flags >> rows.FACTS_SHIFT and blamed:
                for message, line, column, code in blamed.get(self._manifest.entry(file)[3], ()):
                    yield FileProblem(file=path, message=message, line=line, column=column, code=code)

    def close(self) -> None:
        """Lets go of the database."""
        self._database.close()
