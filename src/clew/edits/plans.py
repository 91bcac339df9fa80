"""A plan as a value: what becomes of the bytes of each file."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew.errors import UnsafeEdit

if TYPE_CHECKING:
    from collections.abc import Iterable


class TextEdit(msgspec.Struct, frozen=True, order=True, array_like=True):
    """Bytes in place of others; offsets are those of the file before."""

    start: int
    end: int
    text: bytes


WHOLE = -1
"""The number of the hunk that is a file itself: that it was made, deleted or moved."""


class Hunk(NamedTuple):
    """One edit of an entry of the journal, by its number in the file."""

    entry: str
    path: str
    number: int


class FileChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The change of one file.

    A file that is made has no `before`, and one edit at 0; one that is deleted has no `after`, and no edits.
    """

    path: str
    """Root-relative path before, or of the file that is made."""
    to: str | None = None
    """Its path after, where it moves."""
    before: str | None = None
    """The digest (`_native.digest`) of its bytes before."""
    after: str | None = None
    """The digest of its bytes after."""
    edits: tuple[TextEdit, ...] = ()
    """Disjoint and sorted."""
    mode: int | None = None
    """The permissions of a file that is made; None keeps those it has, or is that of any new file."""
    switched: tuple[Hunk, ...] = ()
    """The hunks of earlier entries that this takes back, or puts there again; it does nothing else then."""

    @property
    def place(self) -> str | None:
        """The path after; None for a file that is deleted."""
        return None if self.after is None else self.to or self.path


class Unsure(msgspec.Struct, frozen=True, array_like=True):
    """A place that a plan changes although it is only possible that it means the same, or only values that are handed on lead there."""

    path: str
    """Root-relative, before."""
    line: int
    """Line before, counted from 1."""
    column: int
    """UTF-16 column before, counted from 1."""


class Plan(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything that one request changes."""

    request: bytes = b""
    """The request that made it, as JSON: it is asked again where the tree changed. Empty for an inverse."""
    semantic: bool = False
    """True where it rests on what names mean: after a change elsewhere it is made anew, not moved."""
    tree: str = ""
    """The digest of the tree that it was made against."""
    undoes: str | None = None
    """The entry of the journal whose inverse it is."""
    changes: tuple[FileChange, ...] = ()
    """By path, each path once."""
    unsure: tuple[Unsure, ...] = ()
    """Those of the places that nothing proves, by path and place; none but those that the request asked for."""


def applied(source: bytes, edits: Iterable[TextEdit]) -> bytes:
    """The bytes after edits. They are disjoint and sorted; raises ValueError where they are not, or stand outside of the bytes."""
    parts: list[bytes] = []
    at = 0
    for edit in edits:
        if not at <= edit.start <= edit.end <= len(source):
            raise ValueError(f"an edit at {edit.start}:{edit.end} of {len(source)} bytes, after one that ends at {at}")
        parts += (source[at : edit.start], edit.text)
        at = edit.end
    parts.append(source[at:])
    return b"".join(parts)


def ordered(path: str, edits: Iterable[TextEdit]) -> tuple[TextEdit, ...]:
    """Edits of one file by place, the same one once. Raises UnsafeEdit where two overlap; insertions at one place keep their order."""
    kept = sorted(dict.fromkeys(edits), key=lambda edit: (edit.start, edit.end))
    for one, other in pairwise(kept):
        if other.start < one.end:
            raise UnsafeEdit(f"{path}: two edits overlap, at bytes {one.start} to {one.end} and {other.start} to {other.end}", file=path)
    return tuple(kept)
