"""The base of every act on sessions, and the reply that acts share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import msgspec

from clew.errors import ClewError
from clew.requests import Request
from clew.sessions.redaction import said_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clew.bounds import Progress
    from clew.operations import ActVerb
    from clew.running.fitting import Measure
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step
    from clew.workspace import Workspace


class Act(Request, frozen=True, kw_only=True):
    """A request about sessions. Fields without a default are needed; times are seconds."""

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False


class Door(NamedTuple):
    """The caller of an act that opens what it needs by itself, or nothing."""

    root: str | None
    environ: Mapping[str, str]
    progress: Progress
    agent: str | None
    """The agent that steps are recorded for."""
    measure: Measure
    """Counts the bytes of a reply as its face prints it."""
    tell: Callable[[Reply], None]
    """Gives the reply to the caller at once, where the face can; what the act writes behind that is not needed by who has it."""


class Acting(NamedTuple):
    """The agent that acts, and the workspace and sessions it acts on."""

    workspace: Workspace
    sessions: Sessions
    agent: str | None
    """The agent that steps are recorded for."""
    measure: Measure
    """Counts the bytes of a reply as its face prints it."""


def run_act(acting: Acting, act: ActVerb, request: Request) -> Reply:
    """Answer an act; an error is counted for `clew stats` and raised."""
    try:
        return act.run(acting, request)
    except ClewError as error:
        from clew.running.error_log import log_error  # only on failure

        log_error(acting.workspace, error, acting.sessions.clock(), None)
        raise


def step_reply(sessions: Sessions, step: Step) -> Reply:
    """The reply of an act that is a step: its address, its token and the session after it."""
    reply: Reply = {"operation": step.operation, "step": step.address, "continuationToken": step.token}
    if step.branch_address:
        reply["branch"] = step.branch_address
    reply["session"] = sessions.summary(step.session_id, step)
    return {**reply, **said_of(step)}


def plain_fields(value: msgspec.Struct) -> dict[str, Any]:
    """The fields of a struct as plain values, by their names on the wire."""
    fields: dict[str, Any] = msgspec.to_builtins(value)
    return fields
