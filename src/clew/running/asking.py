"""Questions as JSON, one after the other in one process: what `clew ask` answers, recorded nowhere or in one session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec.structs import replace

from clew.bounds import SECONDS
from clew.code.gaps import DOUBTFUL
from clew.errors import ClewError, InvalidRequest, UsageError
from clew.operations import OPERATIONS, Operation, operation, verb
from clew.running.answering import rows_of_use, worked_out
from clew.running.calls import HEAD, Asked, Call, Page
from clew.running.execution import run
from clew.running.fitting import checked_budget
from clew.running.narrowing import check_fields, narrowed, sized
from clew.running.replies import Reply, paged, warned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew.requests import Result
    from clew.sessions.core import Sessions
    from clew.sessions.cursor import Thread
    from clew.workspace import Workspace

ABOUT_THE_REPLY = {"limit", "budget", "after", "fields", "deadline"}
QUESTIONS = tuple(row for row in OPERATIONS if not row.edits and row.commands != ("clew",))
"""The operations that can be asked: they only read."""
MARKED = {"references", "callers"}
"""Operations whose rows always say their evidence here."""
ABOUT_THE_INPUT = {"match": "match", "inputFrom": "input_from", "storeAs": "store_as"}
"""Fields about the input of a question that is recorded in a session, beside its own."""
Seconds = Annotated[float, msgspec.Meta(ge=0)]


class Recorded:
    """A session that questions are recorded in, each going on from the one before.

    An agent goes on from its own newest step, without a name from the step of the last answer, whatever others record meanwhile.
    """

    def __init__(self, sessions: Sessions, thread: Thread) -> None:
        self._sessions = sessions
        self._thread = thread
        self._follows = thread.agent is None or any(sessions.find(ref)[1] is not None for ref in thread.refs)

    def answer(self, workspace: Workspace, question: dict[str, Any]) -> Reply:
        """Answer one question as a step. Raises what `js-scan` says as an error."""
        asked, deadline = followed(question)
        reply = run(workspace, self._sessions, Call(operations=(asked,), thread=self._thread, deadline=deadline))
        if self._follows:
            self._thread = replace(self._thread, continues=True, name=None, refs=(reply["continuationToken"],))
        workspace.generation.parsed = 0  # said once
        return reply


def answered(workspace: Workspace, line: bytes, deadline: float = SECONDS, session: Recorded | None = None) -> Reply:
    """The reply to one line: an answer, or an error; it never raises for what stands on the line.

    `deadline` are the seconds of a question that does not say its own; 0 is no bound. Without a session nothing is recorded.
    """
    question: Any = None
    try:
        question = msgspec.json.decode(line, type=dict[str, Any])
        question = {"deadline": deadline, **question}
        reply = answer(workspace, question) if session is None else session.answer(workspace, question)
    except msgspec.DecodeError as error:  # of the line; fields of the wrong type are an InvalidRequest
        reply = {"error": {"code": "usage", "message": f"not an object of JSON: {error}"}}
    except ClewError as error:
        said = {"code": error.code, "message": error.message, "hint": error.hint, "candidates": error.candidates}
        reply = {"error": {name: value for name, value in said.items() if value}}
    except Exception as error:  # noqa: BLE001 - a bug in one answer must not end the stream
        reply = {"error": {"code": "internal", "message": f"A bug in clew: {type(error).__name__}: {error}"}}
    return {"id": question["id"], **reply} if isinstance(question, dict) and "id" in question else reply


def answer(workspace: Workspace, question: dict[str, Any]) -> Reply:
    """Answer one question. Raises UsageError for an unknown operation, InvalidRequest for fields that it does not take."""
    name = str(question.get("op", ""))
    call, deadline = _asked(question, QUESTIONS)
    request, page = call.request, call.page
    row = operation(str(request.__struct_config__.tag))
    whole = name == "find"  # only some of its rows are shown
    workspace.begin(deadline, rows=None if whole else rows_of_use(page, records=False))
    changed = None
    if call.changed is not None:
        from clew.running.changing import changed_since  # only who asks for changes pays

        targets, changed = changed_since(workspace, call)
        request = replace(request, targets=targets)
    found = worked_out(workspace, verb(row), narrowed(workspace, request), room=None)
    generation, result = workspace.generation, found.result
    raw = _exact(result) if whole else found.raw
    check_fields(verb(row).result, page.fields)
    head: Reply = {"operation": name, **({"changed": changed} if changed else {})}
    if workspace.moved:
        head.update(verdict="moved", warnings=list(workspace.moved))
    if any(gap.code in DOUBTFUL for gap in result.why):
        head.update(warned(generation, generation.changes, result, result.behind()))
    mark = _marked if row.name in MARKED else None
    reply = paged(head, raw, page, None, total=None if whole else found.whole, row=mark)
    if row.name == "cycles" and not page.budget:
        reply["components"] = [msgspec.json.decode(cycle)["files"] for cycle in reply["results"]]
    if mark is not None and "possible" not in reply:
        reply = {**reply, "possible": 0, "results": reply.pop("results")}
    return reply


def followed(question: dict[str, Any], among: Sequence[Operation] = QUESTIONS) -> tuple[Asked, float]:
    """The operation that a question means which is recorded in a session, with what it says about its input, and its seconds.

    Raises UsageError for an operation that is not among these, and InvalidRequest.
    """
    about = {field: question[name] for name, field in ABOUT_THE_INPUT.items() if name in question}
    for field, value in about.items():
        if not isinstance(value, str):
            raise InvalidRequest(f"{field} is text, not {value!r}")
    asked, deadline = _asked({name: value for name, value in question.items() if name not in ABOUT_THE_INPUT}, among)
    return replace(asked, **about), deadline


def _asked(question: dict[str, Any], among: Sequence[Operation]) -> tuple[Asked, float]:
    """The operation that a question means, with its page, and its seconds."""
    apart = ABOUT_THE_REPLY | {"id", "op", "target", "changed"}
    fields = {name: value for name, value in question.items() if name not in apart}
    name = str(question.get("op", ""))
    row = _row("search" if name == "find" else name, among)
    if name == "find":
        fields["terms"] = [fields.pop("name", "")]
    if "target" in question:
        fields["targets"] = [question["target"]]
    if "targets" in fields and verb(row).request.takes_step:
        fields["step"] = fields.pop("targets")
    if isinstance(fields.get("targets"), list):
        fields["targets"] = [{"text": target} if isinstance(target, str) else target for target in fields["targets"]]
    try:
        request = msgspec.convert({"op": row.name, **fields}, verb(row).request)
        asked = sized(Asked(request=request, page=_page(question), changed=_revision(question.get("changed"))))
        return asked, msgspec.convert(question.get("deadline", SECONDS), Seconds)
    except msgspec.ValidationError as error:
        raise InvalidRequest(f"{name}: {error}") from error


def _revision(changed: object) -> str | None:
    """The revision that `changed` means: HEAD for true, none for false."""
    given = msgspec.convert(changed, str | bool | None)
    return given if isinstance(given, str) else HEAD if given else None


def _row(name: str, among: Sequence[Operation]) -> Operation:
    flag = f"--{name}"
    for row in among:
        if row.name == name or flag in row.aliases:
            return row
    from clew.near import near  # only who errs pays

    names = tuple(row.name for row in among)
    close = near(name, names)
    raise UsageError(f"There is no operation {name!r}", given=name if close else None, candidates=close or names)


def _page(question: dict[str, Any]) -> Page:
    """`after` is a number of rows here, or the `next` of the same question, for there is no step to page through."""
    given: dict[str, Any] = {field: question[field] for field in ("limit", "budget", "fields") if field in question}
    offsets = str(question.get("after", 0)).split(":")
    if not all(number.isascii() and number.isdigit() for number in offsets):
        raise InvalidRequest(f"after takes a number of rows, or the `next` of the same question, not {question.get('after')!r}")
    page = msgspec.convert({**given, "offsets": offsets}, Page, strict=False)
    for name in ("limit", "budget"):
        if (getattr(page, name) or 0) < 0:
            raise InvalidRequest(f"{name} takes a whole number of 0 or more, not {getattr(page, name)}")
    checked_budget(page.budget)
    return page


def _exact(result: Result) -> bytes:
    """Only the definitions of exactly the name."""
    fields = msgspec.to_builtins(result)
    rows = [row for row in fields["results"] if row.get("match") == "exact"]
    return msgspec.json.encode({**fields, "results": [{**row, "n": number} for number, row in enumerate(rows, start=1)]})


def _marked(row: msgspec.Raw) -> dict[str, Any]:
    """A reference with its evidence, which is otherwise left out when it is exact."""
    fields: dict[str, Any] = msgspec.json.decode(row)
    first: dict[str, Any] = {name: fields.pop(name) for name in ("n", "file", "line", "column", "role") if name in fields}
    return first | {"evidence": "exact"} | fields
