"""The steps that changed a file, or plan to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec

from clew.edits.journal import Journal
from clew.edits.rebasing import standing_entry
from clew.errors import UsageError
from clew.requests import Request, Result, Row

if TYPE_CHECKING:
    from clew.workspace import Workspace


class Who(Request, frozen=True, kw_only=True, tag="who"):
    """List the steps of all sessions that changed a file, or plan to change it, newest first.

    js-edit --who lib/cart.js
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False

    file: tuple[str, ...] = ()
    """The file."""

    def question(self) -> str:
        """Name the file."""
        return f"who {' '.join(self.file)}".rstrip()


class WhoRow(Row, frozen=True):
    """A step."""

    step: str
    """The step: of the plan, or of what wrote it."""
    question: str
    """The question of the step."""
    at: str
    """The time of the step."""
    state: Literal["planned", "applied", "undone"]
    """planned: nothing is written; applied: it stands in this checkout; undone: it stood there, and was taken back."""
    agent: str | None = None
    """The agent that asked, where that is known."""


class WhoResult(Result, frozen=True, kw_only=True):
    """The steps, newest first."""

    file: str
    """Root-relative path."""
    results: tuple[WhoRow, ...]
    """One row a step."""


class RecordedEdit(msgspec.Struct, frozen=True):
    """A step of an edit, as the sessions tell it."""

    step: str
    """Its address."""
    question: str
    """Its question."""
    at: str
    """The time of it."""
    agent: str | None
    """The agent that asked."""
    result: bytes
    """Its result, as JSON."""


class _Changed(msgspec.Struct):
    """A file of a result."""

    file: str
    """Its path before."""
    to: str | None = None
    """Its path after, where it moved."""


class _Stored(msgspec.Struct):
    """The part of a result that only the step keeps."""

    plan: str | None = None
    """The digest of the plan."""


class _Said(msgspec.Struct):
    """The part of a result that names files: a plan does in `changes`, what was written in its rows."""

    stored: _Stored = msgspec.field(default_factory=_Stored)
    """The plan that it is about."""
    changes: tuple[_Changed, ...] = ()
    """The files of a plan."""
    results: tuple[msgspec.Raw, ...] = ()
    """Rows."""


def who(workspace: Workspace, request: Who) -> WhoResult:
    """The steps that are about a file.

    Raises UsageError without a file, NoSuchFile and OutsideWorkspace for one that is none of the tree.
    """
    if len(request.file) != 1:
        raise UsageError("--who takes one file", hint="js-edit --who lib/cart.js")
    path = workspace.resolve_path(request.file[0])
    journal = Journal(workspace.state)
    written = {entry.plan for entry in journal.entries()}
    rows: list[WhoRow] = []
    for edit in workspace.edits():
        said = msgspec.json.decode(edit.result, type=_Said)
        plan = said.stored.plan
        if plan is None:
            continue  # it showed something, and is about no plan
        files = said.changes or tuple(msgspec.json.decode(row, type=_Changed) for row in said.results)
        if any(path in (file.file, file.to) for file in files):
            state: Literal["planned", "applied", "undone"] = "planned"
            if plan in written:
                state = "applied" if standing_entry(workspace, journal, plan) is not None else "undone"
            rows.append(WhoRow(n=len(rows) + 1, step=edit.step, question=edit.question, at=edit.at, state=state, agent=edit.agent))
    return WhoResult(file=path, results=tuple(rows))
