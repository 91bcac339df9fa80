"""One consistent state of the tree, safe to read while others refresh."""

from __future__ import annotations

import os
from _weakref import proxy  # `weakref` brings 2 ms of what nobody needs here
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

import apsw
import msgspec

from clew import _native
from clew.bounds import Bounds
from clew.errors import StoreUnavailable
from clew.index import rows, schema
from clew.index.database import DAMAGED
from clew.index.rows import Edge, FileEntry, NameHit, TextHit
from clew.requests import FileProblem

if TYPE_CHECKING:
    from clew.index.prose import Prose

Answer = TypeVar("Answer")

MESSAGES = {
    "symlink_loop": "a symbolic link that leads back to where it lies; not followed",
    "unreadable": "cannot be read",
    "name_not_utf8": "its name is not UTF-8; left out",
    "too_large": "larger than 20 MB; its content is left out",
    "binary": "holds NUL bytes; its content is not parsed",
}
LAST_GOOD = "what is known of it is from when it last parsed"
PROBLEM_FLAGS = {rows.TOO_LARGE: "too_large", rows.UNREADABLE: "unreadable", rows.BINARY: "binary"}
TROUBLED = rows.TOO_LARGE | rows.UNREADABLE | rows.BINARY | rows.STALE


class Stored(msgspec.Struct, frozen=True):
    """The database of one generation, and the connection that keeps seeing it."""

    connection: apsw.Connection
    number: int
    manifest: bytes
    graph: bytes


def _is_named(flags: int) -> bool:
    """False for assets, and for other files whose only problem is that they are binary."""
    other = flags & TROUBLED & ~rows.BINARY or flags >> rows.FACTS_SHIFT or flags & rows.CODE
    return not flags & rows.ASSET and bool(other)


class SourceChanged(Exception):
    """The file is no longer what the generation was made from."""


class Generation:
    """The state of the index at one moment. Files are numbered in order of path; the numbers are its own."""

    def __init__(
        self,
        root: str,
        stored: Stored,
        rebuild: Callable[[Exception], tuple[Stored, tuple[FileProblem, ...]]],
        *,
        parsed: int,
        notes: tuple[FileProblem, ...] = (),
        manifest: _native.Manifest | None = None,
    ) -> None:
        self.root = root
        self.number = stored.number
        self.parsed = parsed
        self._stored = stored
        self._rebuild = rebuild
        self._manifest = manifest or _native.Manifest(stored.manifest)
        self._notes = notes
        self._changed: set[int] = set()
        self._linker: _native.Linker | None = None
        self.bounds = Bounds()
        """The bounds of the question that is being answered."""

    def bound(self, bounds: Bounds) -> None:
        """Begin a question that goes so far."""
        self.bounds = bounds
        if self._linker is not None:
            self._bound(self._linker)

    def _bound(self, linker: _native.Linker) -> _native.Linker:
        linker.set_deadline(self.bounds.left())
        self.bounds.watch(linker)
        return linker

    def _read(self, question: Callable[[], Answer]) -> Answer:
        """Asks the database; one that turns out to be damaged is built anew, and asked again."""
        try:
            return question()
        except DAMAGED as error:
            before = self.manifest_digest()
            self._stored, self._notes = self._rebuild(error)
        self._manifest = _native.Manifest(self._stored.manifest)
        self._linker = None
        for cached in ("_graph", "warnings"):
            self.__dict__.pop(cached, None)
        if self.manifest_digest() != before:
            raise StoreUnavailable("the index was damaged, and files changed while it was built anew; ask again")
        return question()

    def _column(self, statement: str, *values: int) -> list[bytes]:
        return [blob for (blob,) in self._stored.connection.execute(statement, values)]

    def __len__(self) -> int:
        return len(self._manifest)

    def is_stale(self) -> bool:
        """True when anything on disk may differ: one sweep over the stats of all files and folders."""
        return self._manifest.is_stale(self.root)

    def files(self, kinds: int = rows.CODE) -> Iterator[FileEntry]:
        """The files of these kinds (flags CODE, TEXT, ASSET), in order of path."""
        return (FileEntry(*entry) for entry in self._manifest.entries(kinds))

    def id_of(self, path: str) -> int | None:
        """The number of a file by its root-relative path."""
        return self._manifest.id_of(path)

    def paths(self) -> list[str]:
        """The root-relative paths of all files, by number."""
        return self._manifest.paths()

    def path_of(self, file: int) -> str:
        """The root-relative path of a file."""
        return self._manifest.path(file)

    def digest_of(self, file: int) -> str:
        """The digest of the bytes that were read."""
        return self._manifest.entry(file)[1]

    def flags_of(self, file: int) -> int:
        """The flags of a file, as in FileEntry."""
        return self._manifest.entry(file)[2]

    def manifest_digest(self) -> str:
        """One digest over all paths and contents, and over which contents are known by earlier facts."""
        return self._manifest.digest()

    @property
    def linker(self) -> _native.Linker:
        """The meaning of this generation's names; one for all questions of a process, and of use as long as the generation is there.

        One that failed is not asked again: what it remembers may be half of something.
        """
        if self._linker is None or self._linker.has_failed:
            here = proxy(self)  # a circle would keep generations, and their connections, that nobody asks any more
            self._linker = self._bound(_native.Linker(self._manifest, self._graph, here))
        return self._linker

    def let_go(self, most: int) -> bool:
        """Forget what the linker remembers once it keeps more answers than so many; True when it did."""
        if self._linker is None or sum(self._linker.counters()[2:4]) <= most:
            return False
        self._linker = None
        return True

    def blobs(self, files: list[int]) -> list[bytes]:
        """The stored facts of source files, in their order."""
        return self._read(lambda: [self._blob_of(file) for file in files])

    def _blob_of(self, file: int) -> bytes:
        path, _, flags, unit = self._manifest.entry(file)
        if not (unit and flags & rows.CODE):
            return _native.extract([(path, b"")])[0][0]  # its bytes could not be read, or are no code
        return self._only_facts(path, unit)

    def _only_facts(self, path: str, unit: int) -> bytes:
        for blob in self._facts_of(unit):
            return blob
        raise ValueError(f"no facts of {path}")

    def prose_files(self) -> list[int]:
        """The files of Markdown, in order of path."""
        return self._manifest.prose()

    def markdown(self, file: int) -> Prose:
        """The facts of a file of Markdown; those of an empty one where its bytes could not be read."""
        from clew.index.prose import prose_of  # 2 ms: only who asks about Markdown pays

        return self._read(lambda: prose_of(*self.prose_facts([file])))

    def prose_facts(self, files: Sequence[int]) -> list[bytes]:
        """The facts of files of Markdown as they are stored, in their order."""

        def facts() -> list[bytes]:
            entries = [self._manifest.entry(file) for file in files]
            stored = self._facts_of_units({unit for _, _, _, unit in entries if unit})
            return [stored[unit] if unit else _native.extract_prose(path, b"") for path, _, _, unit in entries]

        return self._read(facts)

    def _facts_of_units(self, units: set[int]) -> dict[int, bytes]:
        rows = dict(self._stored.connection.execute(schema.FACTS_OF_UNITS, (msgspec.json.encode(list(units)).decode(),)))
        if units - rows.keys():
            raise ValueError("facts are missing")
        return {unit: _native.unsealed(blob) for unit, blob in rows.items()}

    def _facts_of(self, unit: int) -> list[bytes]:
        return [_native.unsealed(blob) for blob in self._column(schema.FACTS, unit)]

    def source(self, file: int) -> bytes:
        """The bytes the facts were taken from; raises SourceChanged when the disk holds others, as it does for every stale file."""
        path, digest, flags, _ = self._manifest.entry(file)
        if flags & rows.STALE:
            raise SourceChanged(path)
        content = self.bytes_on_disk(file)
        if _native.digest(content) != digest:
            self._changed.add(file)
            raise SourceChanged(path)
        return content

    def sources(self, files: Sequence[int]) -> list[bytes | None]:
        """The bytes that the facts of files were taken from, None where the disk holds others; `source` of many at once."""
        found, changed = self._manifest.sources(self.root, list(files))
        self._changed.update(changed)
        return found

    def is_on_disk(self, path: str) -> bool:
        """True where a file or a folder stands at a path, whether it is indexed or not."""
        return os.path.exists(os.path.join(self.root, path))

    def content(self, path: str) -> bytes | None:
        """The bytes that stand at a path, whether it is indexed or not; None where no file can be read."""
        try:
            with open(os.path.join(self.root, path), "rb") as stream:
                return stream.read()
        except OSError:
            return None

    def bytes_on_disk(self, file: int) -> bytes:
        """The bytes that the disk holds now, whatever the facts were taken from; raises SourceChanged for a file that is gone."""
        path = self.path_of(file)
        try:
            with open(os.path.join(self.root, path), "rb") as stream:
                return stream.read()
        except OSError as error:
            self._changed.add(file)
            raise SourceChanged(path) from error

    def shown_lines(self, places: list[tuple[int, int, int]]) -> list[tuple[int, str | None]]:
        """UTF-16 column and text of each place (file, line, byte offset); no text where the disk holds other bytes."""
        shown, changed = self.linker.shown_lines(self._manifest, self.root, places)
        self._changed.update(changed)
        return shown

    def has_facts_of_disk(self, file: int) -> bool:
        """True when offsets in the bytes on disk are offsets in the facts, as far as this generation has seen."""
        return file not in self._changed and not self.flags_of(file) & rows.STALE

    @property
    def changes(self) -> tuple[FileProblem, ...]:
        """Files that were found to have changed while this generation was read, by path; what it says of them is as it was before."""
        message = f"changed during the question; the answer is about the tree before (generation {self.number})"
        return tuple(FileProblem(file=self.path_of(file), message=message, code="changed") for file in sorted(self._changed))

    def with_name(self, name: str) -> list[int]:
        """The files in which an identifier may occur: all that have it, and rarely one that has not."""
        hashed = _native.name_hash(name)

        def files() -> list[int]:
            buckets = self._column(schema.POSTINGS_WITH, hashed)
            return self._manifest.files_with(set(_native.find_units(buckets, hashed)))

        return self._read(files)

    def postings(self) -> bytes:
        """A hash (`name_hash`) and a file, four bytes each, for every name of every file."""
        return self._read(lambda: self._manifest.postings(self._column(schema.POSTINGS)))

    def search(self, terms: Sequence[str], *, any_term: bool = False) -> list[NameHit]:
        """Definitions whose names fit all terms (or any), best first: exact, then word, prefix, camel case, substring, and files by path.

        A term may be qualified: `res.send`, `View#lookup`, `View.prototype.lookup`.
        Among equals exported ones come before internal ones, sources before tests and examples, short names before long ones.
        """
        found = self._read(lambda: self._manifest.search(self._column(schema.DEFINITIONS), list(terms), any_term))
        return [NameHit(*hit) for hit in found]

    def text(
        self,
        pattern: str,
        *,
        regex: bool = False,
        ignore_case: bool = False,
        word: bool = False,
        files: Iterable[int] | None = None,
        limit: int = 0,
        known: dict[int, bytes] | None = None,
    ) -> list[TextHit]:
        """Every match of a literal or a regular expression in the files given (default: all text), in order of path and place.

        Raises ValueError for a pattern that cannot be read. `limit` 0 finds all. `known` are sources that need not be read again.
        """
        chosen = range(len(self._manifest)) if files is None else files
        found, changed = self._manifest.text(
            self.root, list(chosen), pattern, regex=regex, ignore_case=ignore_case, word=word, limit=limit, known=known or {}
        )
        self._changed.update(changed)
        return [TextHit(*hit) for hit in found]

    def mentions(self, names: Sequence[_native.Wanted], files: list[int]) -> list[tuple[int, int] | None]:
        """File and line of the first place in these files where each name stands as a word."""
        found, changed = self._manifest.mentions(self.root, files, list(names))
        self._changed.update(changed)
        return found

    @cached_property
    def _graph(self) -> _native.Graph:
        return self._read(lambda: _native.Graph(self._stored.graph))

    def imports(self, file: int) -> list[Edge]:
        """The imports of a file, in the order of its text."""
        return [Edge(*edge) for edge in self._graph.edges_of(file)]

    def importers(self, file: int) -> list[Edge]:
        """The imports that lead to a file, by importer in order of path."""
        return [Edge(*edge) for edge in self._graph.edges_to(file)]

    def edges(self) -> list[Edge]:
        """Every import of every file."""
        return [Edge(*edge) for edge in self._graph.edges()]

    @cached_property
    def warnings(self) -> tuple[FileProblem, ...]:
        """Every file that could not be read as it should, by path; before them, what befell the index itself."""
        problems = self._read(lambda: list(self._problems()))
        return (*self._notes, *sorted(problems, key=lambda problem: problem.file))

    @property
    def notes(self) -> tuple[FileProblem, ...]:
        """Warnings about the index itself."""
        return self._notes

    def files_with_problems(self) -> int:
        """Number of files that could not be read as they should; cheap, for the problems themselves are not read."""
        marked = self._manifest.marked(TROUBLED, [*self._units_with_problems()])
        return len({path for path, _ in self._manifest.notes()} | {entry[1] for entry in marked if _is_named(entry[3])})

    def problems_of(self, paths: Iterable[str]) -> list[FileProblem]:
        """The problems of some files, by path."""
        numbers = (number for path in sorted(paths) if (number := self._manifest.id_of(path)) is not None)
        units = self._units_with_problems()
        entries = [self._manifest.entry(number) for number in numbers]
        troubled = [entry for entry in entries if entry[2] & TROUBLED or entry[3] in units]
        return self._read(lambda: [problem for entry in troubled for problem in self._problems_in(*entry)])

    def _units_with_problems(self) -> set[int]:
        return self._read(lambda: {int(unit) for (unit,) in self._stored.connection.execute(schema.UNITS_WITH_PROBLEMS)})

    def _blamed(self) -> dict[int, bytes]:
        """The problems of units, as JSON."""
        return dict(self._stored.connection.execute(schema.PROBLEMS))

    def _problems_of_unit(self, unit: int) -> list[bytes]:
        return self._column(schema.PROBLEMS_OF, unit)

    def parts(self) -> tuple[str, _native.Manifest, _native.Graph, Stored]:
        """The parts that another generation can be laid over: root, files, imports, database."""
        graph = self._graph  # first, as a damaged one has everything built anew
        return self.root, self._manifest, graph, self._stored

    def _problems(self) -> Iterator[FileProblem]:
        for path, code in self._manifest.notes():
            yield FileProblem(file=path, message=MESSAGES[code], code=code)
        blamed = self._blamed()
        for _, path, digest, flags, unit in self._manifest.marked(TROUBLED, [*blamed]):
            yield from self._problems_in(path, digest, flags, unit, stored=[blamed[unit]] if unit in blamed else [])

    def _problems_in(self, path: str, digest: str, flags: int, unit: int, *, stored: list[bytes] | None = None) -> Iterator[FileProblem]:
        if flags & rows.ASSET:
            return
        for flag, code in PROBLEM_FLAGS.items():
            if flags & flag and (code != "binary" or flags & rows.CODE):
                yield FileProblem(file=path, message=MESSAGES[code], code=code)
        if flags & rows.STALE:
            yield self._outdated(path, bytes.fromhex(digest))
        elif flags >> rows.FACTS_SHIFT:
            for problems in self._problems_of_unit(unit) if stored is None else stored:
                for message, line, column, code in msgspec.json.decode(problems):
                    yield FileProblem(file=path, message=message, line=line, column=column, code=code)

    def _outdated(self, path: str, digest: bytes) -> FileProblem:
        """The problem of a file whose facts are older than its bytes, and where the parser gave up on these."""
        for (problems,) in self._stored.connection.execute(schema.PROBLEMS_OF_UNPARSED, (digest, digest + b"\xff")):
            message, line, column, _ = msgspec.json.decode(problems)[0]
            return FileProblem(file=path, message=f"{message}; {LAST_GOOD}", line=line, column=column, code="stale")
        return FileProblem(file=path, message=f"does not parse; {LAST_GOOD}", code="stale")

    def close(self) -> None:
        """Lets go of the database."""
        self._stored.connection.close()
