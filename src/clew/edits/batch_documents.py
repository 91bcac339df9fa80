"""A batch as a WorkspaceEdit: an edit is one change, and so is a file that is made, moved or deleted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from clew.edits.batch_draft import Asked
from clew.edits.planning import Place
from clew.edits.workspace_edits import Places, WorkspaceEdit, path_of
from clew.errors import InvalidRequest, OutsideWorkspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.edits.batch_draft import BatchDraft
    from clew.edits.workspace_edits import DocumentChange, RangeEdit


def whole_of(text: bytes) -> WorkspaceEdit | None:
    """A WorkspaceEdit, where the whole of a text is one. Raises InvalidRequest where it is one with a mistake."""
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if "op" in said or not {"changes", "documentChanges"} & said.keys():
        return None
    try:
        return msgspec.convert(said, type=WorkspaceEdit)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"that is no WorkspaceEdit: {error}") from error


def of_documents(whole: WorkspaceEdit) -> Iterator[Asked]:
    """The changes of a WorkspaceEdit."""
    number = 0
    documents = _Documents(whole)
    for change in whole.listed():
        if change.kind is not None:
            number += 1
            yield Asked(number, partial(documents.add_file, change=change))
            continue
        for edit in change.edits:
            number += 1
            yield Asked(number, partial(documents.add_edit, change=change, edit=edit))


class _Documents:
    """The documents of a WorkspaceEdit, which is done from its first change to its last one."""

    def __init__(self, whole: WorkspaceEdit) -> None:
        self._whole = whole
        self._moved: dict[str, str] = {}
        """Paths after a move, as they are before it."""
        self._edited: dict[str, DocumentChange] = {}

    def _path(self, draft: BatchDraft, uri: str | None) -> str:
        path = None if uri is None else path_of(uri)
        if path is None:
            raise InvalidRequest(f"{uri} is no file: URI")
        relative = draft.workspace.relative(path)
        if relative is None or relative == ".":
            raise OutsideWorkspace(f"{path} is outside of {draft.workspace.root}")
        return relative

    def add_file(self, draft: BatchDraft, change: DocumentChange) -> None:
        """A file that is made, moved or deleted."""
        if self._is_left(draft, change.annotation_id):
            return
        options = change.options
        if change.kind == "create":
            path = self._path(draft, change.uri)
            if options.ignore_if_exists and draft.generation.id_of(path) is not None:
                return
            draft.make(path, b"")
        elif change.kind == "rename":
            path, to = self._path(draft, change.old_uri), self._path(draft, change.new_uri)
            file = draft.known(self._moved.get(path, path))
            draft.move(file, to)
            self._moved[to] = self._moved.pop(path, path)
            draft.places.append(Place(file=file, start=0, line=1, action="moved"))
        elif change.kind == "delete":
            path = self._path(draft, change.uri)
            if options.ignore_if_not_exists and draft.generation.id_of(path) is None:
                return
            file = draft.known(path)
            draft.delete(file)
            draft.places.append(Place(file=file, start=0, line=1, action="deleted"))
        else:
            raise InvalidRequest(f"{change.kind!r} is no kind of change; there are create, rename and delete")

    def add_edit(self, draft: BatchDraft, change: DocumentChange, edit: RangeEdit) -> None:
        """A text in the place of a range."""
        path = self._path(draft, None if change.text_document is None else change.text_document.uri)
        path = self._moved.get(path, path)
        if self._edited.setdefault(path, change) is not change:
            raise InvalidRequest(
                f"{path} is edited in two parts, the second of which would be about the text after the first; give them as one"
            )
        if draft.is_made(path):
            found = Places(b"").edit(edit)
            if found is None:
                raise InvalidRequest(f"{path} is made, and has no text yet at {_range(edit)}")
            draft.add_to_made(path, found.text)
            return
        file = draft.known(path)
        found = draft.places_of(file).edit(edit)
        if found is None:
            raise InvalidRequest(f"{path} has no range {_range(edit)}, counted from 0")
        if self._is_left(draft, edit.annotation_id):
            line = draft.line_of(file, found.start)
            draft.places.append(
                Place(file=file, start=found.start, line=line, action="kept", evidence="possible", why="it needs a confirmation")
            )
            return
        draft.put_at(file, found, "inserted" if found.start == found.end else "replaced" if found.text else "deleted")

    def _is_left(self, draft: BatchDraft, annotation: str | None) -> bool:
        if draft.confirms or not self._whole.is_unsure(annotation):
            return False
        draft.unsure += 1
        return True


def _range(edit: RangeEdit) -> str:
    start, end = edit.range.start, edit.range.end
    return f"{start.line}:{start.character} to {end.line}:{end.character}"
