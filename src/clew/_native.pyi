"""The native core: what it gives, in which shape. All offsets are UTF-8 bytes, all numbers little-endian `u32`."""

from typing import TypeAlias

VERSION: str
"""Version of the package, baked in at build."""

# --- facts of a file ---------------------------------------------------------------------------------------------

FACTS_VERSION: int
"""Raised when the meaning of any table changes; facts of another version must be extracted again."""

TABLES: list[tuple[str, list[str]]]
"""The tables of a blob in order, each with its columns in order; `unpack` gives the columns of all of them in a row."""

Extracted: TypeAlias = tuple[bytes, bytes, bytes, list[tuple[str, int, int]], list[tuple[str, int, str]], int]
"""Facts of one file.

0. the blob, for `unpack`;
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

def unpack(blob: bytes) -> tuple[list[str] | bytes, ...]:
    """Give the strings of a blob, then every column of `TABLES` as bytes (`memoryview(column).cast("I")`).

    Raises ValueError for bytes that are no blob.
    """

def name_hash(name: str) -> int:
    """Give the number a name has in `Extracted`'s names: the low 32 bits of its XXH3."""
