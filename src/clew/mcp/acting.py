"""The tools that do more than answer: apply_plan writes to the source and takes back, run_check runs a command that was named before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clew.errors import InvalidRequest, NotAllowed, UsageError
from clew.mcp.arguments import ACTIONS, RECORD, VERIFY, ApplyPlan, RunCheck, converted
from clew.mcp.replies import size
from clew.operations import operation, verb
from clew.running.calls import Asked, Call, Page
from clew.running.execution import run
from clew.running.fitting import RECORDED_BYTES
from clew.running.replies import with_output
from clew.sessions.cursor import Thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.requests import Request
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace

JsonObject = dict[str, Any]

NAMES_ONE = "clew mcp --check test='npm test'"


def apply_plan(workspace: Workspace, sessions: Sessions, environ: Mapping[str, str], arguments: JsonObject) -> Reply:
    """Write a plan, or take back what it wrote, as a step behind the newest one of its session, which may have expired.

    Raises NeedsConfirmation for a plan with places that nothing proves, and what the operations raise.
    """
    asked = converted(arguments, ApplyPlan)
    applies = asked.action == "apply"
    if not applies and (asked.only or asked.confirm is not None):
        raise InvalidRequest(f"only and confirm are about apply; {asked.action} takes neither")
    step, session = named(sessions, asked.step)
    request = _request(ACTIONS[asked.action], step=(step,), **({"only": tuple(asked.only)} if asked.only else {}))
    if applies:
        from clew.edits.confirming import require_confirmed  # only who writes pays

        require_confirmed(workspace, request, asked.confirm)
    return run(workspace, sessions, Call(operations=(Asked(request=request),), thread=_behind(session, environ)), size)


def run_check(
    checks: Mapping[str, tuple[str, ...]], workspace: Workspace, sessions: Sessions, environ: Mapping[str, str], arguments: JsonObject
) -> Reply:
    """Run one of the commands that the server was started with: as a recording, or to verify a plan that was applied.

    Raises NotAllowed where there are none, UsageError for another name, and what the operations raise.
    """
    asked = converted(arguments, RunCheck)
    if not checks:
        raise NotAllowed("This server was started without checks; who starts it names them", hint=NAMES_ONE)
    if asked.name not in checks:
        from clew.near import near  # only who errs pays

        close = near(asked.name, checks)
        raise UsageError(f"There is no check {asked.name!r}", given=asked.name, candidates=close or tuple(checks))
    command = checks[asked.name]
    if asked.step is None:
        if asked.keep:
            raise InvalidRequest("keep is about a plan: give its step, too")
        request, thread = _request(RECORD, command=command), Thread(records=environ.get("CLEW_RECORD") != "0", agent=_agent(environ))
    else:
        step, session = named(sessions, asked.step)
        request, thread = _request(VERIFY, command=command, step=(step,), keep=asked.keep), _behind(session, environ)
    call = Call(operations=(Asked(request=request, page=Page(budget=RECORDED_BYTES)),), thread=thread)
    return with_output(run(workspace, sessions, call, lambda reply: size(with_output(reply))))


def named(sessions: Sessions, ref: str) -> tuple[str, str]:
    """The step that is named, or of a session the newest one with results, and the session, or branch of one, that it stands in.

    Raises SessionNotFound, TokenUnknown and AmbiguousSession; UsageError for a session without results.
    """
    session, step, _ = sessions.find(ref)
    if step is None:
        step = sessions.locate(ref, for_append=False).input
    if step is None:
        raise UsageError(f"Nothing in {ref} could be meant: it has no results yet")
    return step.address, step.branch_address or session.address


def _request(name: str, **fields: Any) -> Any:  # noqa: ANN401 - a request of the registry, by its name
    request: Request = verb(operation(name)).request(**fields)
    return request


def _behind(session: str, environ: Mapping[str, str]) -> Thread:
    """Behind the newest step of a session: what stands in the tree is no matter of its branches or of its age."""
    return Thread(continues=True, refs=(session,), revive=True, agent=_agent(environ))


def _agent(environ: Mapping[str, str]) -> str | None:
    return environ.get("CLEW_AGENT") or environ.get("AGENT_ID") or None
