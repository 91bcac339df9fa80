"""Write a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from clew._native import digest
from clew.edits.journal import Journal
from clew.edits.parts import parts_of
from clew.edits.planning import Draft
from clew.edits.plans import applied
from clew.edits.rebasing import (
    Stored,
    WrittenResult,
    for_this_tree,
    kept_plan,
    left_alone,
    made_before,
    named_by,
    rows_of,
    standing_entry,
    undisturbed,
    written,
)
from clew.errors import StalePlan
from clew.requests import Request

if TYPE_CHECKING:
    from clew.edits.journal import Entry
    from clew.edits.plans import FileChange, Plan
    from clew.workspace import Workspace


class Fix(Request, frozen=True, kw_only=True, tag="fix"):
    """Write a plan to the tree, all of it or nothing.

    js-edit --fix cart#3
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    acts: ClassVar[bool] = True
    takes_step: ClassVar[bool] = True

    step: tuple[str, ...] = ()
    """The step of the plan. Empty means: the answer before it, or the continued step."""
    only: tuple[str, ...] = ()
    """Write only this file of the plan, or this hunk of it, as FILE:2; refused where that would leave names that lead nowhere."""
    force: bool = False
    """Write a part although names would lead nowhere."""

    def question(self) -> str:
        """Name the plan."""
        return f"fix {' '.join(self.step)}".rstrip()


class FixResult(WrittenResult, frozen=True, kw_only=True):
    """The files that were written."""

    def then(self, step: str) -> tuple[str, ...]:
        """The command that takes it back."""
        return (f"js-edit --undo {step} --json",) if self.applied else ()


def fix(workspace: Workspace, request: Fix) -> FixResult:
    """Apply a plan to the tree as it is.

    Raises NotAPlan, StalePlan where the tree changed so that the plan would be another one, UnsafeEdit for what must not be written,
    DiskFull and StoreUnavailable; the tree is then as it was.
    """
    journal = Journal(workspace.state)
    plan_id, plan = to_write(workspace, journal, request)
    made = made_before(workspace, journal)
    if made is not None:
        return _written(made, plan_id, is_rebased=made.wrote is not None)
    active = standing_entry(workspace, journal, plan_id)
    if active is not None:
        return FixResult(already_applied=True, stored=Stored(plan_id, active.id), results=())
    with undisturbed(workspace, journal):
        try:
            ready = for_this_tree(workspace, journal, plan)
            if request.only and not request.force:
                Draft(workspace).proof(ready.changes).require_links()
        except StalePlan as error:
            error.hint = error.hint or f"js-edit --replan {request.step[0]} --json"
            raise
        entry, stood = written(workspace, journal, ready, plan_id)
    if stood:
        stored = Stored(plan_id, entry.id)
        return FixResult(already_applied=True, rebased=ready is not plan, warnings=left_alone(entry), stored=stored, results=())
    return _written(entry, plan_id, is_rebased=ready is not plan)


def _written(entry: Entry, plan_id: str, *, is_rebased: bool) -> FixResult:
    rows = rows_of(entry)
    return FixResult(
        applied=bool(rows),
        rebased=is_rebased,
        edits=sum(row.edits for row in rows),
        warnings=left_alone(entry),
        stored=Stored(plan_id, entry.id),
        results=rows,
    )


def to_write(workspace: Workspace, journal: Journal, request: Fix) -> tuple[str, Plan]:
    """The plan that a request means to write, with its id: a part of the one that its step keeps where it names files.

    Raises NotAPlan, NoSuchFile for a file that is none of the plan, and PlanExpired.
    """
    plan_id = named_by(workspace, request.step, "fix").plan
    plan = kept_plan(journal, plan_id, request.step[0])
    if not request.only:
        return plan_id, plan
    part = _part(workspace, journal, plan, request.only)
    return journal.keep_plan(part), part


def _part(workspace: Workspace, journal: Journal, plan: Plan, only: tuple[str, ...]) -> Plan:
    """The plan of some of its files and hunks; it is no longer what its question means as a whole."""
    parts = parts_of(workspace, only, {change.path: len(change.edits) for change in plan.changes})
    changes: list[FileChange] = []
    for change in plan.changes:
        hunks = {part.hunk for part in parts if part.path == change.path}
        if None in hunks:
            changes.append(change)
        elif hunks and change.before is not None and change.after is not None:
            edits = tuple(edit for number, edit in enumerate(change.edits) if number in hunks)
            after = digest(applied(journal.object(change.before), edits))
            changes.append(replace(change, edits=edits, after=after))
    files = {change.path for change in changes}
    return replace(plan, semantic=False, changes=tuple(changes), unsure=tuple(place for place in plan.unsure if place.path in files))
