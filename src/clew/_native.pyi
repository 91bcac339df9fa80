"""The native core: what it gives, in which shape. All offsets are UTF-8 bytes, all numbers little-endian `u32`."""

from typing import Self, TypeAlias, final

VERSION: str
"""Version of the package, baked in at build."""

BUILD: str
"""Version, and a hash of all that an answer is made by: the native sources, their dependencies, and the Python package as it was built."""

# --- facts of a file ---------------------------------------------------------------------------------------------

FACTS_VERSION: int
"""Raised when the meaning of any table changes; facts of another version must be extracted again."""

FACTS_BUILD: str
"""A hash of what makes facts: tables, extraction, and the versions of the parser and the compression."""

TABLES: list[tuple[str, list[str]]]
"""The tables of a blob in order, each with its columns in order; `Blob` counts columns through all of them."""

Extracted: TypeAlias = tuple[bytes, bytes, bytes, list[tuple[str, int, int]], list[tuple[str, int, str]], int]
"""Facts of one file.

0. the bytes of a `Blob`;
1. the sorted distinct hashes (`name_hash`) of every name that occurs in the file;
2. a record for each definition a search by name offers:
   `[u32 row][u8 kind][u16 low flags][u16 length][name][u16 length][container]`;
3. specifier, kind and flags of each import, in the order of the table `imports`;
4. message, offset and code (`syntax`, `encoding`, `tokens`, `internal`) of each problem;
5. the flags of the table `meta`.
"""

def extract(batch: list[tuple[str, bytes]]) -> list[Extracted]:
    """Parse sources and give the facts of each, in order.

    A path only says the language. Never raises for what stands in a file; runs on all cores with the GIL released.
    """

@final
class Blob:
    """A blob of facts, of which a reader decodes what it asks for. Raises ValueError for bytes that are no blob."""

    def __new__(cls, blob: bytes) -> Self: ...
    @property
    def strings(self) -> list[str]:
        """All strings, by their ids; made once, on first use."""

    def string(self, at: int) -> str:
        """Give one string by its id. Raises IndexError."""

    def string_id(self, name: str) -> int | None:
        """Find the id of a string, None where the file has none like it."""

    def column(self, slot: int) -> bytes:
        """Give a column, counted through all `TABLES`, as `u32` of this machine: `memoryview(…).cast("I")`."""

    def where(self, slot: int, value: int) -> list[int]:
        """Find the rows of a column that hold a value, ascending."""

    def where_name(self, slot: int, name: str) -> list[int]:
        """Find the rows of a column that hold the id of a string, ascending."""

def name_hash(name: str) -> int:
    """Give the number a name has in `Extracted`'s names: the low 32 bits of its XXH3."""

INDEX_BUILD: str
"""A hash of the sources of all that an index stores: of facts, of the index and of resolution. An index of others is made anew."""

def tried(path: str, specifier: str) -> list[str]:
    """Where a relative import of the file at `path` was looked for, with alternatives in braces; empty for other imports."""

def digest(source: bytes) -> str:
    """The digest of a file's bytes: xxh3, 128 bits, in hex."""

def unsealed(blob: bytes) -> bytes:
    """The content of a stored blob; raises ValueError when its checksum disagrees, as every reader of stored bytes here does."""

def find_units(buckets: list[bytes], hashed: int) -> list[int]:
    """The units in which a name with this hash occurs, by the buckets it would be in."""

def segment_units(packed: bytes) -> list[int]:
    """The units that a segment was written for."""

class Manifest:
    """The files of one generation, in order of path; the place of a file is its id. A unit is a content in a language."""

    def __init__(self, packed: bytes | None = None) -> None: ...
    def __len__(self) -> int: ...
    def dump(self) -> bytes:
        """What the constructor takes."""

    def is_stale(self, root: str) -> bool:
        """Whether anything below the root may differ: one sweep over stats, without reading a file."""

    def renew(self, root: str) -> tuple[list[int], bool] | None:
        """Brings the list up to date: the files to be read, and whether files came or went. None: nothing changed."""

    def read(self, root: str, pending: list[int], budget: int) -> Batch:
        """Reads the first of the pending files, up to `budget` bytes."""

    def forget(self, vanished: set[int]) -> None:
        """Drops files that were gone when they were read; later ids move up."""

    def entries(self, kinds: int) -> list[tuple[int, str, str, int]]:
        """Id, path, digest and flags of the files of these kinds."""

    def entry(self, file: int) -> tuple[str, str, int, int]:
        """Path, digest, flags and unit of a file; raises IndexError."""

    def id_of(self, path: str) -> int | None: ...
    def digest(self) -> str:
        """Over all paths and contents, and over which of them have earlier facts."""

    def config_digest(self) -> str:
        """Over the files that decide where imports lead."""

    def notes(self) -> list[tuple[str, str]]:
        """What the walk could not read or follow: path and code."""

    def files_with(self, units: set[int]) -> list[int]:
        """The files that have one of these units."""

    def units(self) -> set[int]:
        """All units that a file has."""

    def search(self, pieces: list[bytes], terms: list[str], loose: bool) -> list[tuple[int, int | None, str, str, int, int, str]]:
        """File, definition, name, container, kind, flags and match of what fits all terms (loose: any), best first."""

    def text(
        self, root: str, files: list[int], pattern: str, *, regex: bool, ignore_case: bool, word: bool, limit: int
    ) -> tuple[list[tuple[int, int, int, int, int, str]], list[int]]:
        """File, line, column, start, end and text of the line of each match; and the files whose bytes are no longer those of the manifest.

        Raises ValueError for a pattern that cannot be read.
        """

class Batch:
    """Files that were read together."""

    @property
    def taken(self) -> int:
        """How many of the pending files it took."""

    @property
    def vanished(self) -> list[int]:
        """The files that were gone."""

    def keys(self) -> list[bytes]:
        """Digest and language of each source that was read."""

    def extract(
        self, manifest: Manifest, known: dict[bytes, tuple[int, int]], first_unit: int, builder: Builder
    ) -> list[tuple[int, bytes, bytes, bytes, list[tuple[str, int, int, str]], int]]:
        """Parses the sources whose key is not among the known units, which are given with their flags.

        Fills the files' entries, numbers new units from `first_unit`, and puts them into the segment. Returns unit, key, facts, imports,
        problems (message, line, column, code) and flags of each.
        """

class Builder:
    """A segment being made."""

    def __init__(self) -> None: ...
    def absorb(self, units: bytes, buckets: list[bytes], pieces: list[bytes], dead: set[int]) -> None:
        """Takes over a stored segment, without the dead units."""

    def finish(self) -> tuple[int, bytes, list[bytes], list[bytes]] | None:
        """How many units, the units, the buckets of postings, the pieces of definition records; None when empty."""

class Graph:
    """The imports of every file of a manifest."""

    def __init__(self, packed: bytes | None = None) -> None: ...
    def dump(self) -> bytes:
        """What the constructor takes."""

    def settle(self, root: str, manifest: Manifest, fresh: dict[int, bytes], everything: bool) -> None:
        """Resolves the imports of files whose unit changed, or of all. `fresh` holds the packed imports of units not seen before."""

    def edges(self) -> list[tuple[int, int, str, int, int, int | None, str | None, str | None]]:
        """Importer, import, specifier, kind, flags, target file, package, path outside the manifest."""

    def edges_of(self, importer: int) -> list[tuple[int, int, str, int, int, int | None, str | None, str | None]]:
        """The edges of one importer."""

    def edges_to(self, target: int) -> list[tuple[int, int, str, int, int, int | None, str | None, str | None]]:
        """The edges that lead to a file."""

# --- code by its shape -------------------------------------------------------------------------------------------

AstHit: TypeAlias = tuple[int, int, int, int, int, int, list[tuple[str, str]]]
"""File, start, end, line, UTF-16 column and last line of a place that fits; name and text of its metavariables, as they appear."""

def ast_pattern(root: str, files: list[tuple[int, str]], pattern: str) -> tuple[list[AstHit], list[int]]:
    """Find code of the shape of a pattern (`$A.send($$$)`, as ast-grep writes them) in files given as numbers and root-relative paths.

    Gives the places, by file in the order given, then by start, outer ones first; and the files of which a part could not be parsed.
    Files that cannot hold what the pattern spells out are not parsed; files that cannot be read are passed over. Quotes of strings and a
    last semicolon do not matter. Raises ValueError, with line and column, for a pattern that is no single statement or expression.
    Runs on all cores with the GIL released.
    """
