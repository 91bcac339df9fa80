"""A batch as a unified diff: a hunk is one change, and so is a file that is made, moved or deleted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from clew.edits.batch_draft import Asked
from clew.edits.patches import Locator, read_patches
from clew.edits.planning import Place
from clew.edits.plans import applied
from clew.errors import InvalidRequest, UnsafeEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.edits.batch_draft import BatchDraft
    from clew.edits.patches import FilePatch, Hunk


def of_diff(text: bytes) -> Iterator[Asked]:
    """The changes of a diff. Raises PatchError."""
    for patch in read_patches(text):
        if patch.old is None or patch.new is None:
            yield Asked(patch.line, partial(_add_whole, patch=patch))
            continue
        if patch.old != patch.new:
            yield Asked(patch.line, partial(_add_move, patch=patch))
        known: dict[str, Locator] = {}
        for hunk in patch.hunks:
            yield Asked(hunk.line, partial(_add_hunk, patch=patch, hunk=hunk, known=known))


def _add_whole(draft: BatchDraft, patch: FilePatch) -> None:
    """A file that is made or deleted."""
    if patch.old is None:
        lines = [text for hunk in patch.hunks for sign, text in hunk.body if sign == b"+"]
        if any(sign != b"+" for hunk in patch.hunks for sign, _ in hunk.body):
            raise InvalidRequest(f"{patch.new} is made, and its hunk has lines of before")
        draft.make(draft.inside(str(patch.new)), b"".join(lines), patch.mode)
        return
    file = draft.known(patch.old)
    locator = Locator(patch.old, draft.source(file))
    edits = [edit for hunk in patch.hunks for edit in locator.locate(hunk).edits]
    if applied(draft.source(file), edits):
        raise UnsafeEdit(f"{patch.old} has more in it than the diff deletes", file=patch.old)
    draft.delete(file)
    draft.places.append(Place(file=file, start=0, line=1, action="deleted"))


def _add_move(draft: BatchDraft, patch: FilePatch) -> None:
    file = draft.known(str(patch.old))
    draft.move(file, draft.inside(str(patch.new)))
    draft.places.append(Place(file=file, start=0, line=1, action="moved"))


def _add_hunk(draft: BatchDraft, patch: FilePatch, hunk: Hunk, known: dict[str, Locator]) -> None:
    path = str(patch.old)
    file = draft.known(path)
    locator = known.get(path)
    if locator is None:
        locator = known[path] = Locator(path, draft.source(file))
    for edit in locator.locate(hunk).edits:
        draft.put_at(file, edit, "inserted" if edit.start == edit.end else "replaced" if edit.text else "deleted")
