"""Take back what a plan wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from clew.edits.journal import Journal, standing_of
from clew.edits.parts import parts_of
from clew.edits.planning import Draft
from clew.edits.plans import Plan
from clew.edits.rebasing import Stored, WrittenResult, left_alone, made_before, named_by, rows_of, undisturbed, written
from clew.edits.undoing import Skipped, inverse
from clew.errors import NotAPlan, UnsafeEdit
from clew.requests import Request

if TYPE_CHECKING:
    from clew.edits.journal import Entry
    from clew.workspace import Workspace


class UndoEdit(Request, frozen=True, kw_only=True, tag="undo-edit"):
    """Take back what a plan wrote to the tree, and nothing else; what others changed since stays.

    js-edit --undo cart#4
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    acts: ClassVar[bool] = True
    takes_step: ClassVar[bool] = True

    step: tuple[str, ...] = ()
    """The step that planned it, or that wrote it. Empty means: the answer before it, or the continued step."""
    only: tuple[str, ...] = ()
    """Take back only this file, or this hunk of it, as FILE:2."""
    force: bool = False
    """Take it back although names would lead nowhere."""

    def question(self) -> str:
        """Name what is taken back."""
        return f"undo-edit {' '.join(self.step)}".rstrip()


class UndoEditResult(WrittenResult, frozen=True, kw_only=True):
    """The files that were taken back."""

    partial: bool = False
    """True where something was changed again since, and stays."""
    kept: tuple[str, ...] = ()
    """The places that stay: path and lines."""

    def then(self, step: str) -> tuple[str, ...]:
        """The command that takes this back."""
        return (f"js-edit --redo {step} --json",) if self.applied else ()


def undo_edit(workspace: Workspace, request: UndoEdit) -> UndoEditResult:
    """Apply the inverse of what was written, moved along with later changes.

    Raises NotAPlan for a step that wrote nothing here, UnsafeEdit where names would lead nowhere.
    """
    journal = Journal(workspace.state)
    named = named_by(workspace, request.step, "undo")
    entry = _entry(journal, named.plan, named.entry, request.step[0])
    return taken_back(workspace, journal, entry, force=request.force, only=request.only)


def _entry(journal: Journal, plan: str, entry: str | None, ref: str) -> Entry:
    if entry is not None and journal.has(entry):
        return journal.entry(entry)
    active = journal.active(plan)
    if active is None:
        raise NotAPlan(f"{ref} wrote nothing to this checkout that still stands", hint=f"js-edit --fix {ref}")
    return active


def taken_back(workspace: Workspace, journal: Journal, entry: Entry, *, force: bool, only: tuple[str, ...] = ()) -> UndoEditResult:
    """Apply the inverse of an entry, or of some of its files and hunks, as a plan that can itself be taken back."""
    with undisturbed(workspace, journal):
        return _taken_back(workspace, journal, entry, force=force, only=only)


def _taken_back(workspace: Workspace, journal: Journal, entry: Entry, *, force: bool, only: tuple[str, ...]) -> UndoEditResult:
    parts = parts_of(workspace, only, {file.place or file.path: len(file.edits) for file in entry.files})
    wanted = [part.path if part.hunk is None else (part.path, part.hunk) for part in parts] if parts else None
    plan, skipped = inverse(workspace.root, journal, entry, only=wanted) if entry.id in standing_of(journal.entries()) else (Plan(), [])
    kept = tuple(_said(one) for one in skipped)
    made = made_before(workspace, journal)
    if made is not None:
        return _result(made, kept, made.plan)
    if not plan.changes and not kept:
        return UndoEditResult(already_applied=True, stored=Stored(entry.plan, entry.id), results=())
    if not plan.changes:
        raise UnsafeEdit(f"All of it that still stands has been changed again since: {', '.join(kept)}", places=list(kept))
    proof = Draft(workspace).proof(plan.changes)
    if not force and proof.after.manifest_digest() != journal.plan(entry.plan).tree:
        proof.require_links()  # the very tree that the plan was made against needs no proof
    plan_id = journal.keep_plan(replace(plan, tree=workspace.generation.manifest_digest()))
    done, stood = written(workspace, journal, plan, plan_id)
    return _result(done, kept, plan_id, stood=stood)


def _result(done: Entry, kept: tuple[str, ...], plan_id: str, *, stood: bool = False) -> UndoEditResult:
    rows = rows_of(done)
    return UndoEditResult(
        applied=bool(rows) and not stood,
        edits=sum(row.edits for row in rows),
        partial=bool(kept or done.foreign),
        kept=kept,
        warnings=left_alone(done),
        stored=Stored(plan_id, done.id),
        results=rows,
    )


def _said(one: Skipped) -> str:
    lines = "" if one.lines is None else f":{one.lines[0]}" if one.lines[0] == one.lines[1] else f":{one.lines[0]}-{one.lines[1]}"
    return f"{one.path}{lines}: {one.reason}"
