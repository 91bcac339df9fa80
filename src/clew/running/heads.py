"""The head of a reply: the step, its session, and what goes on from it; the one line of an answer that a later operation went on from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clew.operations import operation
from clew.sessions.redaction import said as said_redacted

if TYPE_CHECKING:
    from clew.requests import Request, Result, Target
    from clew.running.inputs import EarlierAnswer
    from clew.running.replies import Reply
    from clew.sessions.cursor import Cursor
    from clew.sessions.steps import Step, StepDraft

LISTED_TARGETS = 3


def listing_of(request: Request) -> str | None:
    """The command that lists the rows that are only possible; None where it was given, or makes no sense."""
    targets: tuple[Target, ...] = getattr(request, "targets", ())
    if getattr(request, "possible", True) or not 0 < len(targets) <= LISTED_TARGETS:
        return None
    from shlex import join  # only a few answers need it

    row = operation(str(request.__struct_config__.tag))
    return join([row.commands[0], row.flag, *(target.text for target in targets), "--possible", "--json"])


def head_of(cursor: Cursor, draft: StepDraft, step: Step, summary: Reply, result: Result) -> Reply:
    """The fields that every reply about a step begins with, and the commands that go on from some."""
    head: dict[str, Any] = {"operation": draft.operation, "question": draft.question}
    head["step"] = step.address
    head["continuationToken"] = step.token
    head["session"] = summary
    if step.branch_address:
        head["branch"] = step.branch_address
    head.update(said_redacted(draft.taken or {}))
    if then := result.then(step.address):
        head["next"] = then
    if cursor.since:
        head["since"] = [{"step": other.address, "agent": other.agent, "question": other.question} for other in cursor.since]
    return head


def short_of(head: Reply, answer: EarlierAnswer) -> Reply:
    """An answer that a later operation of the same call went on from."""
    short: Reply = {name: head[name] for name in ("step", "question", "changed") if name in head}
    if answer.whole is not None:
        short["total"] = answer.whole
    top = next(iter(answer.result.offers(frozenset((1,))) or ()), None) if answer.total else None
    if top is not None:
        short["top"] = top.text
    return short
