"""Arguments of the tools: structs that arguments are converted to, and the schemas that clients see, both from one place."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta
from msgspec._json_schema import schema as json_schema  # not in `msgspec.json`: see `clew.cli`

from clew.errors import InvalidRequest, UsageError
from clew.operations import OPERATIONS, Operation, schema
from clew.running.asking import QUESTIONS
from clew.running.describing import docs_of

JsonObject = dict[str, Any]
T = TypeVar("T", bound=msgspec.Struct)

HELP = "help"
ACTIONS = {"apply": "fix", "undo": "undo-edit", "redo": "redo-edit"}
"""The operations of apply_plan, by its actions."""
VERIFY, RECORD = "verify", "record"
"""The operations of run_check: with a plan, and without one."""
ASKED = QUESTIONS
"""The operations that ask_code answers."""
PLANNED = tuple(row for row in OPERATIONS if row.edits and row.name not in {*ACTIONS.values(), VERIFY})
"""The operations that plan_edit answers: none of them writes to the tree."""
OPS = {"ask_code": ASKED, "plan_edit": PLANNED}
"""The tools that answer any of several operations, with these."""
MOST_BYTES = 1_000_000
"""The largest arguments that are looked at."""


class SearchCode(msgspec.Struct, forbid_unknown_fields=True):
    """Find definitions by name, then code that contains the words. The answer is a step that other tools continue."""

    query: Annotated[str, Meta(min_length=1, description="Names or words; res.send and View#lookup work")]
    kind: Annotated[str | None, Meta(description="function, class, method, variable, interface, type…")] = None
    dir: Annotated[str | None, Meta(description="Only below this folder")] = None
    session: Annotated[str | None, Meta(description="Record in this session: a new or known name, or a continuationToken")] = None
    limit: Annotated[int, Meta(ge=0, description="Rows at most; 0: all")] | None = None


class AskCode(msgspec.Struct, forbid_unknown_fields=True):
    """Ask about code: callers, references, ripple, tests, imports… op help lists the ops; with targets [OP], what its args are."""

    op: Annotated[str, Meta(description="What is asked")]
    targets: Annotated[
        list[str] | None, Meta(description="name, Class#method, file::name, file:line or @3; left out: what `from` is about")
    ] = None
    from_: Annotated[str | None, Meta(description="Continue this: continuationToken, step or session")] = msgspec.field(
        name="from", default=None
    )
    args: Annotated[JsonObject | None, Meta(description="More fields of the op, and limit, match, session, note…")] = None


class PlanEdit(msgspec.Struct, forbid_unknown_fields=True):
    """Plan an edit as a step, with every place it changes. Never touches source: apply_plan writes it. op help as in ask_code."""

    op: Annotated[str, Meta(description="What is planned")]
    targets: Annotated[list[str] | None, Meta(description="As in ask_code; no old text is needed")] = None
    from_: Annotated[str | None, Meta(description="Continue this; of diff and replan the plan")] = msgspec.field(name="from", default=None)
    args: Annotated[JsonObject | None, Meta(description="More fields of the op: to, with, expectCount…")] = None


class ApplyPlan(msgspec.Struct, forbid_unknown_fields=True):
    """Write a plan to the source, all of it or nothing; or take back what it wrote, and nothing else; or write that again."""

    step: Annotated[str, Meta(min_length=1, description="The plan's step, or the one that wrote it")]
    action: Annotated[Literal["apply", "undo", "redo"], Meta(description="apply otherwise")] = "apply"
    only: Annotated[list[str] | None, Meta(description="Only these files of the plan")] = None
    confirm: Annotated[str | None, Meta(description="`confirm` of the error needs_confirmation")] = None


class RunCheck(msgspec.Struct, forbid_unknown_fields=True):
    """Run a command that the server was started with, such as its tests. A check of a plan that fails takes the plan back."""

    name: Annotated[str, Meta(min_length=1, description="The name of the command")]
    step: Annotated[str | None, Meta(description="The applied plan that is checked")] = None
    keep: Annotated[bool, Meta(description="Leave the plan although the check fails")] = False


class ReadSession(msgspec.Struct, forbid_unknown_fields=True):
    """Look at sessions without making a step: list them, resume one (where it stands, what to do next), its log, the answer of a step."""

    action: Annotated[
        Literal["list", "resume", "log", "show", "output"],
        Meta(description="show: a step's rows again, or its next page; output: what a recorded command printed"),
    ]
    ref: Annotated[str | None, Meta(description="Session, step or continuationToken")] = None
    after: Annotated[str | None, Meta(description="`next` of an earlier reply")] = None


class CallArgs(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, rename="camel"):
    """The part of the `args` of ask_code and plan_edit that is about the call, whatever the op."""

    session: Annotated[str | None, Meta(description="Record in this session, which is made when there is none")] = None
    agent: Annotated[str | None, Meta(description="Who asks, where several share a session")] = None
    goal: Annotated[str | None, Meta(description="What the session is for")] = None
    note: Annotated[str | None, Meta(description="A note to leave behind the step")] = None
    idempotency_key: Annotated[str | None, Meta(description="The same key and question give the same step again")] = None
    revive: Annotated[bool, Meta(description="Continue a session although it expired")] = False
    refresh: Annotated[bool, Meta(description="Ask the continued step's question again first")] = False
    strict: Annotated[bool, Meta(description="Refuse when a file behind the input changed")] = False
    no_cache: Annotated[bool, Meta(description="Take nothing from stored answers")] = False
    no_record: Annotated[bool, Meta(description="Record nothing")] = False


ABOUT_THE_CALL = frozenset(field.encode_name for field in msgspec.structs.fields(CallArgs))
ABOUT_THE_ANSWER: JsonObject = {
    "limit": {"type": "integer", "description": "Rows at most; 0: all"},
    "after": {"type": "string", "description": "Skip so many rows"},
    "budget": {"type": "integer", "description": "Bytes of the reply at most; 8000 otherwise, 0: no bound"},
    "fields": {"type": "array", "items": {"type": "string"}, "description": "Only these fields of each row"},
    "deadline": {"type": "number", "description": "Seconds; 10 otherwise, 0: no bound"},
    "match": {"type": "string", "description": "Which results of `from`: 1,4-9, all, a path or a name"},
    "inputFrom": {"type": "string", "description": "Work on the results of this step"},
    "storeAs": {"type": "string", "description": "The context key to store under"},
    "changed": {"type": ["boolean", "string"], "description": "Instead of targets: what changed since HEAD, or since this commit"},
}
"""Fields of `args` about the answer and its input, whatever the op."""


def converted(arguments: object, to: type[T]) -> T:
    """The arguments of a call as a struct. Raises InvalidRequest for what the tool does not take."""
    try:
        return msgspec.convert(arguments, to)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error)) from error


def require_readable(arguments: JsonObject) -> None:
    """Raise InvalidRequest for arguments that are too large, or that hold what no text can."""
    try:
        length = len(msgspec.json.encode(arguments))
    except (ValueError, OverflowError, RecursionError) as error:
        raise InvalidRequest(f"The arguments cannot be read: {error}") from error
    if length > MOST_BYTES:
        raise InvalidRequest(f"The arguments have {length} bytes; {MOST_BYTES} are taken at most")


def input_schema(arguments: type[msgspec.Struct], ops: tuple[Operation, ...] = ()) -> JsonObject:
    """The JSON schema of a tool's arguments, without what says nothing; `ops` are the operations that it takes."""
    described = json_schema(arguments)
    found: JsonObject = described["$defs"][arguments.__name__]
    properties = {name: _plain(field) for name, field in found["properties"].items()}
    if ops:
        properties["op"]["enum"] = [HELP, *(row.name for row in ops)]
    return {"type": "object", "properties": properties, "required": found.get("required", []), "additionalProperties": False}


def help_of(tool: str, name: str | None) -> JsonObject:
    """The ops of a tool in a line each, or all that one takes. Raises UsageError for one that is not there."""
    if name is None:
        ops = [{"op": row.name, "about": _first_line(row)} for row in OPS[tool]]
        example = {"op": HELP, "targets": ["callers" if tool == "ask_code" else "rename"]}
        return {"operation": HELP, "more": f"{tool} {msgspec.json.encode(example).decode()}", "results": ops}
    for row in OPS[tool]:
        if name == row.name or f"--{name}" in row.aliases:
            return _help_of(row)
    from clew.near import near  # only who errs pays

    names = tuple(row.name for row in OPS[tool])
    close = near(name, names)
    raise UsageError(f"There is no operation {name!r}", given=name if close else None, candidates=close or names)


def _help_of(row: Operation) -> JsonObject:
    about, docs = docs_of(row)
    described = schema(row)
    found = next(one for one in described["$defs"].values() if "op" in one.get("properties", {}))
    own: JsonObject = {}
    for wire, field in found["properties"].items():
        if wire not in {"op", "targets"}:
            own[wire] = {**_plain(field), "description": docs.get(_snake(wire), "")}
    said: JsonObject = {"operation": HELP, "op": row.name, "about": about.partition("\n\n")[0]}
    if "targets" in found["properties"]:
        said["targets"] = docs.get("targets", "")
    if row.values and row.values != "targets":
        said["required"] = [row.values]
    call = {name: _plain(field) for name, field in json_schema(CallArgs)["$defs"]["CallArgs"]["properties"].items()}
    return {**said, "args": own, "argsOfEveryOp": {**ABOUT_THE_ANSWER, **call}}


def _first_line(row: Operation) -> str:
    return docs_of(row)[0].partition("\n")[0]


def _plain(field: JsonObject) -> JsonObject:
    """A field of a schema without null, which stands for leaving it out, and without its default."""
    kept = {name: value for name, value in field.items() if name not in {"default", "title"}}
    choices = [one for one in kept.pop("anyOf", ()) if one != {"type": "null"}]
    if len(choices) == 1:
        kept = {**choices[0], **kept}
    elif choices:
        kept["anyOf"] = choices
    return kept


def _snake(wire: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in wire)
