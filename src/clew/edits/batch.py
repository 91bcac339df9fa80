"""One plan from many changes in many files: JSON lines, a unified diff, or a WorkspaceEdit."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any, ClassVar

from msgspec.structs import replace

from clew.edits.batch_draft import BatchDraft
from clew.edits.batch_inputs import Form, read_batch
from clew.edits.delete import still_used
from clew.edits.patches import PatchError
from clew.edits.planning import PlanResult
from clew.edits.writing import content_of
from clew.errors import ClewError, InvalidRequest, UnsafeEdit, UsageError
from clew.requests import Gap, Request

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew.edits.batch_draft import Asked
    from clew.edits.plans import FileChange
    from clew.edits.proof import Proof
    from clew.workspace import Workspace

STANDARD_INPUT = "-"
_MOST = 64 << 20
_LISTED = 100
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+):\d+(?:: .*| (?P<name>.*): \w+)", re.DOTALL)
"""A place as a proof tells it: of a syntax error with its message, of a name with what became of it."""


class Batch(Request, frozen=True, kw_only=True, tag="batch"):
    r"""Plan many changes at once, all of them or none: JSON lines, a unified diff, or a WorkspaceEdit of a language server.

    A line is an object: `{"op": "replace", "target": "Cart#add", "with": "…"}`; the operations are replace, insert-before, insert-after,
    delete, replace-text and edit; of Markdown replace-section, insert-section, remove-section and rename-heading, whose links follow. All
    addresses are those of the tree before the batch.

    js-edit --batch changes.jsonl
    """

    cacheable: ClassVar[bool] = False

    file: tuple[str, ...] = ()
    """The file that holds the changes; `-` is the standard input."""
    edits: str | None = None
    """The changes themselves, in place of a file."""
    check: bool = False
    """Exit with 1 where the plan changes something."""
    include_possible: bool = False
    """Make the changes of a WorkspaceEdit that need a confirmation, too."""
    force: bool = False
    """Plan it although names would lead elsewhere or nowhere."""

    def question(self) -> str:
        """The file, or how much is given."""
        return f"batch {' '.join(self.file) or f'of {len((self.edits or str()).splitlines())} lines'}"


class BatchResult(PlanResult, frozen=True, kw_only=True):
    """The plan of a batch."""

    form: Form
    """lines, diff or workspaceEdit."""
    asked: int
    """Number of changes asked for; all of them are in the plan, but for those of `confirm`."""
    unchanged: tuple[int, ...] = ()
    """The lines of changes that leave everything as it is; of a WorkspaceEdit the numbers of its edits."""
    confirm: int = 0
    """Number of changes that need a confirmation; they are listed, and kept."""
    failed: bool = False
    """True where `--check` found that the plan changes something: exit status 1."""


def batch(workspace: Workspace, request: Batch) -> BatchResult:
    """Plan a batch.

    Raises the error of the first change that cannot be made; its `statuses` say for every change whether it can.
    """
    name, text = _given(workspace, request)
    try:
        form, asked = read_batch(text)
    except PatchError as error:
        raise InvalidRequest(f"line {error.line} of {name}: {error.message}", hint=f"put line {error.line} of {name} right") from error
    if not asked:
        raise InvalidRequest(f"{name} holds no changes", hint="""js-edit --batch - <<< '{"op": "delete", "target": "NAME"}'""")
    draft = BatchDraft(workspace, confirms=request.include_possible)
    statuses = _Statuses(name, form, asked)
    for one in asked:
        draft.number = one.number
        try:
            one.add(draft)
        except ClewError as error:
            statuses.fail(one.number, error)
    for of, left in draft.taken.left().items() if not request.force else ():
        statuses.fail(draft.taken_by[of], still_used(draft, of, left))
    for number, overlap in draft.overlapping():
        statuses.fail(number, overlap)
    statuses.require_good()
    _follow_sections(draft, statuses, force=request.force)
    changes = draft.changes()
    try:
        proof = draft.proof(changes)
        _refuse_swallowed(draft, proof, statuses)
        if not request.force:
            proof.require_links()
    except UnsafeEdit as error:
        for number in _blamed(draft, changes, error):
            statuses.fail(number, error)
        statuses.require_good()
        raise
    statuses.require_good()
    kept_as = replace(request, file=(), edits=draft.asked_again(text))
    kept = draft.keep(kept_as, changes, semantic=draft.is_semantic)
    possible = len(draft.taken.possible) + draft.unsure
    return BatchResult(
        **kept._asdict(),
        form=form,
        asked=len(asked),
        unchanged=tuple(draft.unchanged(one.number for one in asked)),
        confirm=draft.unsure,
        failed=request.check and bool(changes),
        why=(Gap("possible", possible),) if possible else (),
    )


def _follow_sections(draft: BatchDraft, statuses: _Statuses, *, force: bool) -> None:
    """Add the edits of links to the sections that a batch changes; they count to the first of these changes."""
    if not draft.of_sections:
        return
    from clew.edits.prose.batches import follow_sections  # only batches about documents pay

    draft.number = draft.of_sections
    try:
        follow_sections(draft, force=force)
    except UnsafeEdit as error:
        statuses.fail(draft.number, error)
    statuses.require_good()


def _refuse_swallowed(draft: BatchDraft, proof: Proof, statuses: _Statuses) -> None:
    """Say which changes cannot be made because the text of their section would be none where it comes."""
    if draft.texts:
        from clew.edits.prose.batches import swallowed_texts  # only batches about documents pay

        for number, error in swallowed_texts(draft, proof):
            statuses.fail(number, error)


def _given(workspace: Workspace, request: Batch) -> tuple[str, bytes]:
    """The name of the changes, and their bytes. Raises UsageError, and InvalidRequest for what is no text."""
    if (request.edits is None) == (not request.file):
        raise UsageError("--batch needs its changes: a file, or - for the standard input", hint="js-edit --batch changes.jsonl")
    if request.edits is not None:
        name, content = "the batch", request.edits.encode("utf-8", "surrogatepass")
    elif request.file == (STANDARD_INPUT,):
        if workspace.is_bound:
            raise UsageError("there is no standard input here; give the changes as edits")
        name, content = "the standard input", sys.stdin.buffer.read(_MOST + 1)
    else:
        (name,) = request.file
        content = content_of(workspace, name, "--batch", most=_MOST)
    at = content.find(b"\0")
    if at >= 0:
        raise InvalidRequest(f"line {content.count(10, 0, at) + 1} of {name} holds a NUL: these are no changes of code")
    return name, content


class _Statuses:
    """The fate of each change of a batch."""

    def __init__(self, name: str, form: Form, asked: Sequence[Asked]) -> None:
        self._name, self._form, self._asked = name, form, asked
        self._errors: dict[int, ClewError] = {}

    def fail(self, number: int, error: ClewError) -> None:
        """Say that a change cannot be made."""
        self._errors.setdefault(number, error)

    def require_good(self) -> None:
        """Raise the error of the first change that cannot be made, with the statuses of all."""
        if not self._errors:
            return
        first = min(self._errors)
        error = self._errors[first]
        total, bad = len(self._asked), len(self._errors)
        many = f"{bad} of {total} changes" if bad > 1 else f"1 of {total} changes" if total > 1 else "The change"
        word = "edit" if self._form == "workspaceEdit" else "line"
        place = f"{word} {first} of {self._name}"
        listed = self._asked if total <= _LISTED else [one for one in self._asked if one.number in self._errors][:_LISTED]
        right = f"; nearest: {' or '.join(error.candidates)}" if error.candidates else ""
        listing = [self._status(one.number) for one in listed]
        error.message = f"{many} cannot be made, so nothing is planned; {place}: {error.message}"
        error.args = (error.message,)
        error.hint, error.given, error.again = f"put {place} right{right}", None, None
        error.details = {**error.details, "statuses": listing, "good": total - bad, "bad": bad}
        raise error

    def _status(self, number: int) -> dict[str, Any]:
        error = self._errors.get(number)
        if error is None:
            return {"n": number, "status": "ok"}
        said: dict[str, Any] = {"n": number, "status": "failed", "code": error.code, "message": error.message}
        return {**said, "candidates": list(error.candidates)} if error.candidates else said


def _blamed(draft: BatchDraft, changes: Iterable[FileChange], error: UnsafeEdit) -> set[int]:
    """The changes that break what a plan was found to break: a syntax error at a place, or a name that leads elsewhere."""
    found: set[int] = set()
    for said in error.details.get("places", ()):  # type: ignore[attr-defined]
        place = _PLACE.fullmatch(str(said))
        if place is None:
            continue
        name = place["name"]
        about = draft.numbers_about(name) if name else set()
        found |= about or draft.numbers_at(changes, place["file"], int(place["line"]))
    return found
