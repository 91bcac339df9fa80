"""From a stored plan to the tree: the plan as it has to be for the tree as it is, and what was written."""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from clew._native import digest
from clew.edits.apply import apply
from clew.edits.journal import KEPT_DAYS, Journal
from clew.edits.offsets import chain
from clew.edits.planning import Draft, PlanResult
from clew.edits.plans import FileChange, Plan, applied
from clew.edits.recovery import recover_locked
from clew.errors import ClewError, NotAPlan, PlanExpired, StalePlan
from clew.requests import FileProblem, Result, Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.edits.journal import Entry
    from clew.workspace import Workspace


class WrittenFile(Row, frozen=True):
    """A file that was written."""

    file: str
    """Root-relative path, before."""
    to: str | None = None
    """Its path after, where it moved."""
    edits: int = 0
    """Number of edits."""
    action: str = "changed"
    """changed, made, moved or deleted."""


class Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """The part of an answer about written files that only the step keeps."""

    plan: str
    """The digest of the plan."""
    entry: str | None = None
    """The entry of the journal of this checkout; none where nothing was to be done."""


class WrittenResult(Result, frozen=True, kw_only=True):
    """The files that were written to the tree."""

    applied: bool = False
    """True where the plan stands in the tree by this call."""
    already_applied: bool = False
    """True where it stood there before, and nothing was written."""
    rebased: bool = False
    """True where files had changed since the plan, and its edits moved with them."""
    edits: int = 0
    """Number of edits that were written."""
    warnings: tuple[FileProblem, ...] = ()
    """Files that somebody else wrote meanwhile."""
    stored: Stored
    """Kept in the step alone: no reply shows it."""
    results: tuple[WrittenFile, ...]
    """The files, as they were read back, by path."""

    def behind(self) -> tuple[str, ...]:
        """The files, where they are now."""
        return tuple(row.to or row.file for row in self.results)


class _Named(msgspec.Struct):
    stored: Stored


def named_by(workspace: Workspace, step: tuple[str, ...], name: str) -> Stored:
    """The plan, and the entry of the journal, that a step is about. Raises NotAPlan for another step."""
    (ref,) = step
    operation, result, _ = workspace.step(ref)
    try:
        return msgspec.json.decode(result, type=_Named).stored
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        session = ref.rpartition("#")[0]
        newest = next((edit.step for edit in workspace.edits() if edit.step.rpartition("#")[0] == session), None)
        hint = None if newest is None else f"js-edit --{name} {newest}"
        raise NotAPlan(f"{ref} is a {operation}, not a planned edit, so there is nothing that --{name} could do", hint=hint) from error


def asked_again(workspace: Workspace, question: bytes) -> PlanResult:
    """A plan's question, as JSON, asked about the tree as it is. Raises what the question raises, NotAPlan for that of an inverse."""
    if not question:
        raise NotAPlan("what an undo writes cannot be planned again")
    tag = str(msgspec.json.decode(question)["op"])
    name = tag.replace("-", "_")
    about_prose = f"clew.edits.prose.{name}"
    module = import_module(about_prose if find_spec(about_prose) else f"clew.edits.{name}")
    request_type = getattr(module, "".join(part.capitalize() for part in tag.split("-")))
    planned: PlanResult = getattr(module, name)(workspace, msgspec.json.decode(question, type=request_type))
    return planned


@contextmanager
def undisturbed(workspace: Workspace, journal: Journal) -> Iterator[None]:
    """Let nobody else apply anything during the block, which begins with the tree as it is: the tree that is proved is the one written.

    Questions of others do not wait for it; they wait for what is pending only.
    """
    with journal.locked():
        ended = recover_locked(workspace.root, journal)
        if ended is not None and ended.foreign:
            workspace.finished.append(ended)
        bounds = workspace.generation.bounds
        workspace.refresh().bound(bounds)
        yield


def for_this_tree(workspace: Workspace, journal: Journal, plan: Plan) -> Plan:
    """The plan as it has to be for the tree as it is; itself where nothing changed.

    Raises StalePlan where that is another plan than the one that was shown.
    """
    now = {change.path: _on_disk(workspace, change.path) for change in plan.changes if change.before is not None}
    if any(change.path in now and now[change.path] == change.after != change.before for change in plan.changes):
        return rest_of(workspace, plan)
    stale = [change.path for change in plan.changes if change.path in now and now[change.path] != change.before]
    is_same_tree = plan.tree == workspace.generation.manifest_digest()
    if not stale and (is_same_tree or not plan.tree):
        return plan
    if not stale and not plan.semantic:
        Draft(workspace).proof(plan.changes).require_links()  # others may have put in names that it leaves dangling
        return plan
    moved = replace(plan, changes=tuple(_carried(workspace, journal, change) for change in plan.changes))
    if plan.semantic and plan.request:
        try:
            again = journal.plan(asked_again(workspace, plan.request).stored.plan)
        except ClewError as error:
            raise StalePlan(f"The tree changed since it was planned, and now: {error.message}", files=stale) from error
        if again.changes != moved.changes:
            raise StalePlan("The tree changed since it was planned, and planned again it differs", files=stale)
        return again
    draft = Draft(workspace)
    draft.proof(moved.changes).require_links()
    return moved


def kept_plan(journal: Journal, plan: str, ref: str) -> Plan:
    """The plan that a step is about, as this checkout keeps it. Raises PlanExpired with the command that plans it here."""
    try:
        return journal.plan(plan)
    except PlanExpired as error:
        raise PlanExpired(
            f"This checkout does not have the plan of {ref}: it was made in another one, or is older than {KEPT_DAYS} days",
            hint=f"js-edit --replan {ref} --json",
        ) from error


def rest_of(workspace: Workspace, plan: Plan) -> Plan:
    """The plan without the files that it was written to by itself before. Raises UnsafeEdit where names would lead nowhere then."""
    left = tuple(change for change in plan.changes if change.to is not None or _on_disk(workspace, change.path) != change.after)
    stale = [change.path for change in left if change.before is not None and _on_disk(workspace, change.path) != change.before]
    if stale:
        raise StalePlan(f"{', '.join(stale)} changed since it was planned, and a part of the plan is written", files=stale)
    rest = replace(plan, semantic=False, changes=left)
    Draft(workspace).proof(rest.changes).require_links()
    return rest


def standing_entry(workspace: Workspace, journal: Journal, plan: str) -> Entry | None:
    """The entry that wrote a plan and stands in this tree; None where it was taken back, by an undo or by other means."""
    active = journal.active(plan)
    if active is None or all(_on_disk(workspace, file.path) == file.before for file in active.files):
        return None
    return active


def _on_disk(workspace: Workspace, path: str) -> str | None:
    try:
        with open(os.path.join(workspace.root, path), "rb") as stream:
            return digest(stream.read())
    except OSError:
        return None


def _carried(workspace: Workspace, journal: Journal, change: FileChange) -> FileChange:
    """A change of a file as it is now, at the same text. Raises StalePlan where that text was changed."""
    if change.before is None:
        return change
    path = os.path.join(workspace.root, change.path)
    try:
        with open(path, "rb") as stream:
            now = stream.read()
    except OSError as error:
        raise StalePlan(f"{change.path} is gone since it was planned", files=(change.path,)) from error
    if digest(now) == change.before:
        return change
    offsets = chain(journal, change.path, change.before, now)
    if offsets is None:
        raise StalePlan(f"{change.path} changed since it was planned", files=(change.path,))
    edits, overlapping = offsets.transport(change.edits)
    if overlapping:
        raise StalePlan(f"{change.path} changed where the plan changes it", files=(change.path,))
    return replace(change, before=digest(now), after=None if change.after is None else digest(applied(now, edits)), edits=tuple(edits))


def written(workspace: Workspace, journal: Journal, plan: Plan, plan_id: str) -> tuple[Entry, bool]:
    """Apply a plan: its entry, and whether it stood in the tree before; what the workspace knows is fresh afterwards."""
    done = apply(workspace.root, journal, plan, plan_id, ident=workspace.entry)
    workspace.refresh()
    return done.entry, done.is_already_applied


def made_before(workspace: Workspace, journal: Journal) -> Entry | None:
    """The entry that this very apply made, where the process was killed behind that and asks again; None otherwise."""
    ident = workspace.entry
    return journal.entry(ident) if ident is not None and journal.has(ident) else None


def rows_of(entry: Entry) -> tuple[WrittenFile, ...]:
    """The files that an entry really changed."""
    return tuple(
        WrittenFile(
            n=n,
            file=file.path,
            to=file.to,
            edits=len(file.edits),
            action="made" if file.before is None else "deleted" if file.after is None else "moved" if file.to else "changed",
        )
        for n, file in enumerate(entry.written(), 1)
    )


def left_alone(entry: Entry) -> tuple[FileProblem, ...]:
    """Warnings about files that somebody else wrote while they were to be written."""
    return tuple(
        FileProblem(file=path, message="somebody else wrote it meanwhile; it is as they left it", code="foreign") for path in entry.foreign
    )


def left_by_finished(workspace: Workspace) -> tuple[FileProblem, ...]:
    """Warnings about files that somebody else wrote while a process wrote them that ended in the middle, and that this one finished."""
    journal = Journal(workspace.state)
    return tuple(
        FileProblem(
            file=path,
            message=(
                f"somebody else wrote it while another process applied entry {entry.id}, which was finished now; it is as they left it"
                f"{_how_to_take_back(workspace, journal, entry)}"
            ),
            code="foreign",
        )
        for entry in workspace.finished
        for path in entry.foreign
    )


def _how_to_take_back(workspace: Workspace, journal: Journal, entry: Entry) -> str:
    """The command for the files of an entry that were written; empty where none was."""
    if not rows_of(entry):
        return ", and nothing was written"
    plans, is_undo = {entry.plan}, False
    while entry.undoes is not None and journal.has(entry.undoes):
        entry, is_undo = journal.entry(entry.undoes), not is_undo
        plans.add(entry.plan)
    step = next((edit.step for edit in workspace.edits() if _plan_of(edit.result) in plans), "STEP")
    return f"; js-edit --{'redo' if is_undo else 'undo'} {step} takes the rest back"


def _plan_of(result: bytes) -> str | None:
    try:
        return msgspec.json.decode(result, type=_Named).stored.plan
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None
