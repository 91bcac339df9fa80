"""The tools, each a question that is handed on: arguments become a `Call`, its reply becomes the result."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clew.errors import InvalidRequest, UsageError
from clew.mcp.acting import apply_plan, named, run_check
from clew.mcp.arguments import (
    ABOUT_THE_CALL,
    HELP,
    OPS,
    ApplyPlan,
    AskCode,
    CallArgs,
    PlanEdit,
    ReadSession,
    RunCheck,
    SearchCode,
    converted,
    help_of,
)
from clew.mcp.replies import size
from clew.mcp.spelling import as_call
from clew.operations import verb
from clew.running.acts.base import Acting
from clew.running.asking import followed
from clew.running.calls import Call, Page, cursor
from clew.running.execution import run
from clew.running.fitting import DEFAULT_BYTES, shortened
from clew.running.housekeeping import shown
from clew.running.outputs import output_page
from clew.running.replies import paged
from clew.running.resuming import Resume, resume
from clew.sessions import listing
from clew.sessions.cursor import Thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clew.operations import Operation
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace

JsonObject = dict[str, Any]

SHOWN_SESSIONS = 20


class Tool(NamedTuple):
    """A tool: what it takes, and what it does with that."""

    name: str
    takes: type[msgspec.Struct]
    run: Callable[[Workspace, Sessions, Mapping[str, str], JsonObject], Reply]
    title: str
    writes: bool = False
    """True where it changes source files."""
    idempotent: bool = False
    """True where the same call again changes nothing more."""
    takes_minutes: bool = False
    """True where other questions are answered meanwhile."""


def search_code(workspace: Workspace, sessions: Sessions, environ: Mapping[str, str], arguments: JsonObject) -> Reply:
    """The operation `search`, recorded in a session of that name, or behind that step."""
    asked = converted(arguments, SearchCode)
    question: JsonObject = {"op": "search", "terms": [asked.query]}
    question.update({name: [value] for name, value in (("kind", asked.kind), ("dir", asked.dir)) if value is not None})
    if asked.limit is not None:
        question["limit"] = asked.limit
    is_step = asked.session is not None and (asked.session.startswith(("js--", "sess-")) or not {"#", "~"}.isdisjoint(asked.session))
    about = CallArgs(session=None if is_step else asked.session)
    return _run(workspace, sessions, question, thread_of(about, asked.session if is_step else None, environ), about, among=OPS["ask_code"])


def ask_code(workspace: Workspace, sessions: Sessions, environ: Mapping[str, str], arguments: JsonObject) -> Reply:
    """Any operation that only reads, with the fields of its request, or help on them."""
    return _operation("ask_code", workspace, sessions, environ, converted(arguments, AskCode))


def plan_edit(workspace: Workspace, sessions: Sessions, environ: Mapping[str, str], arguments: JsonObject) -> Reply:
    """Any operation that plans an edit, or shows one, with the fields of its request, or help on them."""
    return _operation("plan_edit", workspace, sessions, environ, converted(arguments, PlanEdit))


def _operation(tool: str, workspace: Workspace, sessions: Sessions, environ: Mapping[str, str], asked: AskCode | PlanEdit) -> Reply:
    """An operation of one tool; that of another one is refused with the call that works."""
    if asked.op == HELP:
        return help_of(tool, asked.targets[0] if asked.targets else None)
    args = asked.args or {}
    if taken := {"op", "id", "target", "targets"}.intersection(args):
        raise InvalidRequest(f"{', '.join(sorted(taken))} stands beside args, not in it")
    if (right := as_call(asked.op, asked.targets, asked.from_, args)) is not None and not right.startswith(f"{tool} "):
        raise UsageError(f"{tool} does not take {asked.op}", hint=right)
    about = converted({name: value for name, value in args.items() if name in ABOUT_THE_CALL}, CallArgs)
    question = {"op": asked.op, **{name: value for name, value in args.items() if name not in ABOUT_THE_CALL}}
    if asked.targets is not None:
        question["targets"] = asked.targets
    continued = asked.from_
    if tool == "plan_edit" and continued is not None and "step" not in args and _takes_step(asked.op):
        step, continued = named(sessions, continued)
        question["step"] = [step]
    return _run(workspace, sessions, question, thread_of(about, continued, environ), about, among=OPS[tool])


def _takes_step(op: str) -> bool:
    return any(row.name == op and verb(row).request.takes_step for row in OPS["plan_edit"])


def read_session(workspace: Workspace, sessions: Sessions, _: Mapping[str, str], arguments: JsonObject) -> Reply:
    """Read the sessions."""
    asked = converted(arguments, ReadSession)
    if asked.action == "list":
        page = listing.listing(sessions, after=asked.after, limit=SHOWN_SESSIONS)
        return _bounded({"operation": "sessions list", **msgspec.to_builtins(page)})
    if asked.action == "resume":
        return _bounded(resume(Acting(workspace, sessions, None, size), Resume(session=asked.ref)))
    step, offsets = cursor(asked.after) if asked.after else (None, ())
    if asked.action == "log":
        rows = msgspec.json.encode({"results": listing.log(sessions, asked.ref)})
        return paged({"operation": "sessions log"}, rows, Page(offsets=offsets), None, measure=size)
    if asked.ref is None and (step is None or asked.action == "output"):
        raise InvalidRequest(f"{asked.action} needs a step as ref, or `next` of an earlier reply of show as after")
    if asked.action == "output":
        return output_page(sessions, sessions.read_step(asked.ref or ""), Page(offsets=offsets), size)
    return shown(workspace, sessions, sessions.read_step(step or asked.ref or ""), Page(offsets=offsets), size)


def thread_of(about: CallArgs, continued: str | None, environ: Mapping[str, str]) -> Thread:
    """The tie of a call to a session: it continues one, records in a named one, or makes a step that can be continued.

    Raises InvalidRequest for what cannot be meant together.
    """
    if continued is not None and about.session is not None:
        raise InvalidRequest("from continues a session, and session names one to record in; give one of them")
    if about.no_record and about.session is not None:
        raise InvalidRequest("noRecord records nothing, so it cannot record in a session")
    return Thread(
        name=about.session,
        continues=continued is not None,
        refs=() if continued is None else (continued,),
        records=not about.no_record and (about.session is not None or continued is not None or environ.get("CLEW_RECORD") != "0"),
        revive=about.revive,
        agent=about.agent or environ.get("CLEW_AGENT") or environ.get("AGENT_ID") or None,
        goal=about.goal,
        note=about.note,
        idempotency_key=about.idempotency_key,
    )


def _run(
    workspace: Workspace, sessions: Sessions, question: JsonObject, thread: Thread, about: CallArgs, *, among: tuple[Operation, ...]
) -> Reply:
    asked, deadline = followed(question, among)
    call = Call(operations=(asked,), thread=thread, refresh=about.refresh, strict=about.strict, no_cache=about.no_cache, deadline=deadline)
    return run(workspace, sessions, call, size)


def _bounded(reply: Reply) -> Reply:
    """A reply about sessions with its longest parts shortened; names and goals are as long as people make them."""
    return shortened(msgspec.json.decode(msgspec.json.encode(reply)), DEFAULT_BYTES, size)


def tools_of(checks: Mapping[str, tuple[str, ...]]) -> tuple[Tool, ...]:
    """The tools of a server that was started with these commands by name, in the order in which clients see them."""
    return (
        Tool("search_code", SearchCode, search_code, "Search code"),
        Tool("ask_code", AskCode, ask_code, "Ask about code"),
        Tool("read_session", ReadSession, read_session, "Read a session"),
        Tool("plan_edit", PlanEdit, plan_edit, "Plan an edit"),
        Tool("apply_plan", ApplyPlan, apply_plan, "Apply a plan", writes=True, idempotent=True),
        Tool("run_check", RunCheck, partial(run_check, checks), "Run a check", writes=True, takes_minutes=True),
    )


TOOLS = tools_of({})
"""Those of a server that was started without commands."""
