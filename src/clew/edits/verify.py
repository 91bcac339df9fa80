"""Run a command on what was written, and say of which tree it is true."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.bounds import SECONDS
from clew.edits.journal import Journal
from clew.edits.rebasing import named_by, standing_entry
from clew.edits.trees import digest_of_tree, files_of_tree, stats_of_tree
from clew.edits.undo import taken_back
from clew.errors import ClewError, InvalidRequest, ProgramNotFound, UsageError
from clew.recording.record import Record, RecordResult, Stored, record
from clew.requests import Request

if TYPE_CHECKING:
    from clew.workspace import Workspace

_SHOWN = 20


class Verify(Request, frozen=True, kw_only=True, tag="verify"):
    """Run a command on a plan that was written; what fails is taken back. It stands last.

    js-edit --fix cart#3 --verify -- npm test
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    acts: ClassVar[bool] = True
    takes_step: ClassVar[bool] = True

    command: tuple[str, ...] = ()
    """The program and its arguments; no shell reads them."""
    step: tuple[str, ...] = ()
    """The step that wrote the plan. Empty means: the answer before it, or the continued step."""
    keep: bool = False
    """Leave the plan in the tree although the command fails."""
    timeout: float | None = None
    """Seconds after which the command is ended, and has failed."""
    output: tuple[str, ...] = ()
    """A file that the command may write, such as a report."""

    def question(self) -> str:
        """The command, as it was typed."""
        from shlex import join  # only who verifies pays

        return f"verify {join(self.command)}".rstrip()


class VerifiedStored(Stored, frozen=True, omit_defaults=True, kw_only=True):
    """The part of a verification that only the step keeps."""

    plan: str
    """The digest of the plan that was verified."""
    entry: str
    """The entry of the journal that wrote it."""
    tree: str = ""
    """The digest of the tree that it is true of: path, mode and bytes of every file that git does not ignore."""
    stats: str = ""
    """The digest of what the file system said of these files."""


class VerifyResult(RecordResult, frozen=True, kw_only=True):
    """The run of the command, and the tree that it is true of."""

    verified: bool
    """True where the command passed, on one tree from its begin to its end."""
    unverified: bool = False
    """True where it passed, and the tree changed meanwhile."""
    failed: bool = False
    """True where nothing is verified: exit status 1."""
    touched: tuple[str, ...] = ()
    """Files that changed while it ran, outputs that were declared aside."""
    rolled_back: bool | None = None
    """True where the plan was taken back, false where that could not be done; none where it passed or was to be kept."""
    stored: VerifiedStored
    """Kept in the step alone: no reply shows it."""


def verify(workspace: Workspace, request: Verify) -> VerifyResult:
    """Run the command, and bind it to the digest of the tree. No lock is held meanwhile.

    Raises NotAPlan for a step that wrote nothing, UsageError without a command, ProgramNotFound for one that cannot be run.
    """
    if not request.command:
        raise UsageError("--verify needs a command", hint="js-edit --fix STEP --verify -- npm test")
    journal = Journal(workspace.state)
    named = named_by(workspace, request.step, "verify")
    active = standing_entry(workspace, journal, named.plan)
    if active is None:
        raise InvalidRequest(f"{request.step[0]} stands in no tree here; write it first", hint=f"js-edit --fix {request.step[0]}")
    before = files_of_tree(workspace.refresh())
    try:
        ran = record(workspace, Record(command=request.command, timeout=request.timeout))
    except ProgramNotFound as error:
        if not request.keep:
            taken_back(workspace, journal, active, force=True)
            error.details["rolledBack"] = True
        raise
    generation = workspace.refresh()
    after = files_of_tree(generation)
    outputs = {workspace.relative(os.path.join(os.getcwd(), path)) for path in request.output}
    differs = [path for path in sorted({*before, *after}) if before.get(path) != after.get(path) and path not in outputs]
    passed = ran.status == 0
    own = {name: getattr(ran, name) for name in RecordResult.__struct_fields__}
    stored = VerifiedStored(
        **msgspec.structs.asdict(own.pop("stored")),
        plan=named.plan,
        entry=active.id,
        tree=digest_of_tree(generation),
        stats=stats_of_tree(generation),
    )
    result = VerifyResult(
        **own,
        verified=passed and not differs,
        unverified=passed and bool(differs),
        failed=not passed or bool(differs),
        touched=tuple(differs[:_SHOWN]),
        stored=stored,
    )
    if passed or request.keep:
        return result
    try:
        back = taken_back(workspace, journal, active, force=True)
    except ClewError:
        return msgspec.structs.replace(result, rolled_back=False)
    workspace.begin(SECONDS)
    return msgspec.structs.replace(result, rolled_back=not back.partial)
