"""Show a plan as a diff, or as what other tools take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec

from clew.edits.journal import Journal
from clew.edits.planning import EXACT, SiteRow
from clew.edits.rebasing import asked_again, named_by
from clew.edits.unified import unified
from clew.errors import ClewError
from clew.requests import Request, Result

if TYPE_CHECKING:
    from clew.edits.plans import FileChange, Plan
    from clew.workspace import Workspace

Form = Literal["diff", "workspace-edit", "jsonl", "csv"]

_COLUMNS = ("file", "line", "kind", "evidence", "before", "after")


class Diff(Request, frozen=True, kw_only=True, tag="diff"):
    """Show a plan as a unified diff, which `git apply` takes, as a WorkspaceEdit, or as a table of its places.

    js-edit --diff cart#3
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    takes_step: ClassVar[bool] = True

    step: tuple[str, ...] = ()
    """The step of the plan. Empty means: the answer before it, or the continued step."""
    as_: Form = msgspec.field(default="diff", name="as")
    """diff; workspace-edit, as editors take it; or the places as jsonl or csv."""

    def question(self) -> str:
        """Name the plan."""
        return f"diff {' '.join(self.step)}".rstrip()


class DiffResult(Result, frozen=True, kw_only=True):
    """A plan as a text."""

    text: str
    """The diff, or what was asked for instead."""


class _Rows(msgspec.Struct):
    """The places of a plan, as its step keeps them."""

    results: tuple[SiteRow, ...] = ()
    """Those that it changes, then those that it keeps."""


def diff(workspace: Workspace, request: Diff) -> DiffResult:
    """A plan as a text, against the bytes that it was made against.

    Raises NotAPlan, and PlanExpired where the journal of this checkout does not have the plan.
    """
    journal = Journal(workspace.state)
    plan = journal.plan(named_by(workspace, request.step, "diff").plan)
    if request.as_ in {"jsonl", "csv"}:
        return DiffResult(text=_table(workspace, request))

    def source(change: FileChange) -> bytes:
        return b"" if change.before is None else journal.object(change.before)

    if request.as_ == "diff":
        return DiffResult(text=unified(plan.changes, source))
    from clew.edits.workspace_edits import as_workspace_edit  # only who asks for one pays

    said = as_workspace_edit(workspace.root, plan.changes, source, _unsure(workspace, journal, plan))
    return DiffResult(text=msgspec.json.encode(said).decode() + "\n")


def _unsure(workspace: Workspace, journal: Journal, plan: Plan) -> list[FileChange]:
    """The edits of places whose receiver is not known: those that the same question makes with them, and not without them.

    None where the question knows no such places, or can no longer be asked.
    """
    said: dict[str, Any] = msgspec.json.decode(plan.request) if plan.request else {}
    if said.get("op") != "rename":
        return []
    wholes: dict[bool, Plan] = {}
    for possible in (True, False):
        if bool(said.get("includePossible")) is possible:
            wholes[possible] = plan
            continue
        asked = msgspec.json.encode({**said, "includePossible": possible})
        try:
            wholes[possible] = journal.plan(asked_again(workspace, asked).stored.plan)
        except ClewError:
            return []
    sure = {change.path: change for change in wholes[False].changes}
    found: list[FileChange] = []
    for change in wholes[True].changes:
        same = sure.get(change.path)
        if same is not None and same.before != change.before:
            continue
        known = set() if same is None else set(same.edits)
        more = tuple(edit for edit in change.edits if edit not in known)
        if more:
            found.append(msgspec.structs.replace(change, edits=more))
    return found


def _table(workspace: Workspace, request: Diff) -> str:
    """The places of a plan, one a line."""
    (ref,) = request.step
    rows = msgspec.json.decode(workspace.step(ref)[1], type=_Rows).results
    listed = [(row.file, row.line, row.action, row.evidence or EXACT, row.before, row.after) for row in rows]
    if request.as_ == "jsonl":
        lines = ({name: value for name, value in zip(_COLUMNS, values, strict=True) if value is not None} for values in listed)
        return "".join(msgspec.json.encode(line).decode() + "\n" for line in lines)
    import csv  # only who asks for a table pays
    import io

    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(["" if value is None else value for value in values] for values in listed)
    return table.getvalue()
