"""WorkspaceEdit, as language servers and editors speak it (LSP 3.17): positions count UTF-16 units from 0."""

from __future__ import annotations

import codecs
import os
import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote, urlsplit

import msgspec

from clew.edits.plans import TextEdit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clew.edits.plans import FileChange

_LINE_END = re.compile(rb"\r\n|\n|\r")
_UNSURE = "possible"


class Position(msgspec.Struct, frozen=True):
    """A place, counted from 0."""

    line: int
    character: int


class Range(msgspec.Struct, frozen=True):
    """From a place to another one."""

    start: Position
    end: Position


class RangeEdit(msgspec.Struct, frozen=True, rename="camel"):
    """A text in the place of a range."""

    range: Range
    new_text: str
    annotation_id: str | None = None


class Identifier(msgspec.Struct, frozen=True):
    """A document."""

    uri: str


class FileOptions(msgspec.Struct, frozen=True, rename="camel"):
    """The conduct where a file is there already, or is not."""

    overwrite: bool = False
    ignore_if_exists: bool = False
    ignore_if_not_exists: bool = False
    recursive: bool = False


class DocumentChange(msgspec.Struct, frozen=True, rename="camel"):
    """Edits of a document, or a file that is made (`create`), moved (`rename`) or deleted (`delete`)."""

    kind: str | None = None
    text_document: Identifier | None = None
    edits: tuple[RangeEdit, ...] = ()
    uri: str | None = None
    old_uri: str | None = None
    new_uri: str | None = None
    options: FileOptions = FileOptions()
    annotation_id: str | None = None


class Annotation(msgspec.Struct, frozen=True, rename="camel"):
    """A remark about edits."""

    label: str = ""
    needs_confirmation: bool = False


class WorkspaceEdit(msgspec.Struct, frozen=True, rename="camel"):
    """Edits of many documents."""

    changes: dict[str, tuple[RangeEdit, ...]] | None = None
    document_changes: tuple[DocumentChange, ...] | None = None
    change_annotations: dict[str, Annotation] = msgspec.field(default_factory=dict)

    def listed(self) -> tuple[DocumentChange, ...]:
        """Its changes, in the one form or the other."""
        if self.document_changes is not None:
            return self.document_changes
        changes = self.changes or {}
        return tuple(DocumentChange(text_document=Identifier(uri), edits=edits) for uri, edits in changes.items())

    def is_unsure(self, annotation: str | None) -> bool:
        """True for what somebody has to confirm."""
        known = None if annotation is None else self.change_annotations.get(annotation)
        return known is not None and known.needs_confirmation


class Places:
    """Positions and offsets of one source."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        ends = list(_LINE_END.finditer(source))
        first = len(codecs.BOM_UTF8) if source.startswith(codecs.BOM_UTF8) else 0
        self._starts = [first, *(found.end() for found in ends)]
        self._stops = [*(found.start() for found in ends), len(source)]

    def __len__(self) -> int:
        """The number of lines."""
        return len(self._starts)

    def width(self, line: int) -> int:
        """The UTF-16 units of a line, its line end aside."""
        return len(self._units(line)) // 2

    def _units(self, line: int) -> bytes:
        return self.source[self._starts[line] : self._stops[line]].decode("utf-8", "replace").encode("utf-16-le")

    def position(self, offset: int) -> dict[str, int]:
        """The position of a byte."""
        line = max(bisect_right(self._starts, offset) - 1, 0)
        before = self.source[self._starts[line] : offset].decode("utf-8", "replace")
        return {"line": line, "character": len(before.encode("utf-16-le")) // 2}

    def offset(self, position: Position) -> int | None:
        """The byte at a position; one behind the end of its line is the end. None where there is no such line."""
        if not 0 <= position.line < len(self._starts) or position.character < 0:
            return len(self.source) if position.line == len(self._starts) and not position.character else None
        line = self._units(position.line)
        return self._starts[position.line] + len(line[: 2 * position.character].decode("utf-16-le", "replace").encode())

    def edit(self, of: RangeEdit) -> TextEdit | None:
        """The edit in bytes; None where its range is not there."""
        start, end = self.offset(of.range.start), self.offset(of.range.end)
        if start is None or end is None or end < start:
            return None
        return TextEdit(start, end, of.new_text.encode("utf-8", "surrogatepass"))


def path_of(uri: str) -> str | None:
    """The path that a `file:` URI means; None for another one."""
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in {"", "localhost"}:
        return None
    path = unquote(parts.path)
    return path[1:] if os.name == "nt" and re.match(r"/[A-Za-z]:", path) else path


def uri_of(root: str, path: str) -> str:
    """The `file:` URI of a path below a root."""
    plain = os.path.join(root, path).replace(os.sep, "/")
    return f"file://{'' if plain.startswith('/') else '/'}{quote(plain, safe='/:@')}"


def as_workspace_edit(
    root: str, changes: Iterable[FileChange], source: Callable[[FileChange], bytes], unsure: Sequence[FileChange] = ()
) -> dict[str, Any]:
    """The changes as a WorkspaceEdit; `source` gives the bytes of a file before.

    `unsure` has the edits of the bytes before that somebody has to confirm; the changes may have some of them, too.
    """
    documents: list[dict[str, Any]] = []
    left = {change.path: change for change in unsure}
    for change in changes:
        before = source(change)
        uri = uri_of(root, change.path)
        if change.before is None:
            documents.append({"kind": "create", "uri": uri, "options": {"overwrite": False}})
        possible = left.pop(change.path).edits if change.path in left else ()
        if change.place is not None:
            edits = _edits(before, change.edits, possible)
            documents += [_document(uri, edits)] if edits else []
            if change.place != change.path:
                documents.append({"kind": "rename", "oldUri": uri, "newUri": uri_of(root, change.place)})
        else:
            documents.append({"kind": "delete", "uri": uri})
    documents += [_document(uri_of(root, change.path), _edits(source(change), (), change.edits)) for change in left.values()]
    said: dict[str, Any] = {"documentChanges": documents}
    if any("annotationId" in edit for document in documents for edit in document.get("edits", ())):
        said["changeAnnotations"] = {_UNSURE: {"label": "The receiver is not known", "needsConfirmation": True}}
    return said


def _document(uri: str, edits: list[dict[str, Any]]) -> dict[str, Any]:
    return {"textDocument": {"uri": uri, "version": None}, "edits": edits}


def _edits(source: bytes, edits: Iterable[TextEdit], unsure: Sequence[TextEdit]) -> list[dict[str, Any]]:
    places = Places(source)
    doubtful = set(unsure)
    said = []
    for edit in sorted(dict.fromkeys([*edits, *unsure]), key=lambda edit: (edit.start, edit.end)):
        span = {"start": places.position(edit.start), "end": places.position(edit.end)}
        one = {"range": span, "newText": edit.text.decode("utf-8", "replace")}
        said.append({**one, "annotationId": _UNSURE} if edit in doubtful else one)
    return said
