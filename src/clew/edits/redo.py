"""Write again what was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.edits.journal import Journal, standing_of
from clew.edits.rebasing import Stored, made_before, named_by
from clew.edits.undo import UndoEditResult, taken_back
from clew.errors import NotAPlan
from clew.requests import Request

if TYPE_CHECKING:
    from clew.edits.journal import Entry
    from clew.workspace import Workspace


class RedoEdit(Request, frozen=True, kw_only=True, tag="redo-edit"):
    """Write again what an undo took back.

    js-edit --redo cart#5
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    acts: ClassVar[bool] = True
    takes_step: ClassVar[bool] = True

    step: tuple[str, ...] = ()
    """The step of the undo, of the plan, or that wrote it. Empty means: the answer before it, or the continued step."""
    only: tuple[str, ...] = ()
    """Write again only this file, or this hunk of it, as FILE:2."""
    force: bool = False
    """Write it although names would lead nowhere."""

    def question(self) -> str:
        """Name what is written again."""
        return f"redo-edit {' '.join(self.step)}".rstrip()


class RedoEditResult(UndoEditResult, frozen=True, kw_only=True):
    """The files that were written again."""

    def then(self, step: str) -> tuple[str, ...]:
        """The command that takes it back."""
        return (f"js-edit --undo {step} --json",) if self.applied else ()


def redo_edit(workspace: Workspace, request: RedoEdit) -> RedoEditResult:
    """Take back the newest undo of what a step wrote.

    Raises NotAPlan where nothing of it was taken back.
    """
    journal = Journal(workspace.state)
    named = named_by(workspace, request.step, "redo")
    made = made_before(workspace, journal)
    taken = _taken(journal.entries(), named) if made is None or made.undoes is None else [journal.entry(made.undoes)]
    if not taken:
        raise NotAPlan(f"nothing of {request.step[0]} was taken back in this checkout", hint=f"js-edit --undo {request.step[0]}")
    back = taken_back(workspace, journal, taken[-1], force=request.force, only=request.only)
    return RedoEditResult(**{name: getattr(back, name) for name in back.__struct_fields__})


def _taken(entries: list[Entry], named: Stored) -> list[Entry]:
    """The undos of which something stands: the one that a step made, else all of what it wrote."""
    first: dict[str, tuple[str, bool]] = {}
    """For every entry the one that it takes back or writes again in the end, and whether it takes it back."""
    for entry in entries:
        of, is_undo = first.get(entry.undoes or "", (entry.id, True))
        first[entry.id] = (of, not is_undo)
    standing = standing_of(entries)
    taken = [entry for entry in entries if first[entry.id][1] and entry.id in standing]
    own = [entry for entry in entries if named.plan == entry.plan or named.entry == entry.id]
    return [entry for entry in taken if entry in own] or [
        entry for entry in taken if first[entry.id][0] in {first[each.id][0] for each in own}
    ]
