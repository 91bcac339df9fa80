"""Acts that read sessions and change nothing: show, sessions list, show, log, diff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clew.requests import Seconds
from clew.running.acts.base import Act, Acting, plain_fields
from clew.running.fitting import DEFAULT_BYTES, checked_budget
from clew.running.housekeeping import shown
from clew.running.log_rows import LogRows
from clew.running.narrowing import page_of
from clew.running.replies import paged
from clew.sessions import listing

if TYPE_CHECKING:
    from clew.running.replies import Reply


class Show(Act, frozen=True, kw_only=True, tag="show"):
    """Print the answer of a step, as it was given."""

    step: str
    """The step: `NAME#3`, or its token."""
    limit: int | None = None
    """At most so many rows; 0 is all."""
    after: str | None = None
    """The page behind the one whose `next` this is; or skip so many rows."""
    budget: int | None = None
    """At most so many bytes; 0 is no bound, 8000 otherwise."""
    fields: str | None = None
    """Only these fields of each row: `file,line`."""
    output: bool = False
    """The output of a recorded command, by lines, in place of its findings."""


class SessionsList(Act, frozen=True, kw_only=True, tag="sessions list"):
    """List the sessions, newest use first."""

    name: str | None = None
    """Only sessions with this text in their name."""
    by: str | None = None
    """Only sessions in which this agent worked."""
    state: Literal["live", "expired"] | None = None
    """Only live sessions, or only expired ones."""
    used_within: Seconds | None = None
    """Only sessions used in the last so many seconds: 8h."""
    calls: bool = False
    """List nameless calls of one step too."""
    limit: int = 20
    """At most so many rows; 0 is all."""
    after: str | None = None
    """The page behind the one whose `next` this is."""
    budget: int | None = None
    """At most so many bytes; 0 is no bound, 8000 otherwise."""


class SessionsShow(Act, frozen=True, kw_only=True, tag="sessions show"):
    """Describe a session, as its replies do."""

    session: str | None = None
    """A name, id, token or step; otherwise the only live session."""


class SessionsLog(Act, frozen=True, kw_only=True, tag="sessions log"):
    """List the steps and branches of a session, newest first."""

    session: str | None = None
    """A name, id, token or step; otherwise the only live session."""
    limit: int | None = None
    """At most so many rows; 0 is all, 20 otherwise."""
    after: str | None = None
    """The page behind the one whose `next` this is; or skip so many rows."""
    budget: int | None = None
    """At most so many bytes; 0 is no bound, 8000 otherwise."""


class SessionsDiff(Act, frozen=True, kw_only=True, tag="sessions diff"):
    """Compare two steps: what LATER knows that STEP did not."""

    step: str
    """The earlier step."""
    later: str
    """The later step."""


def show(acting: Acting, request: Show) -> Reply:
    """A page of a stored answer, or of the output of a recorded command. Raises UsageError for a cursor or fields that are none."""
    page = page_of({"limit": request.limit, "after": request.after, "budget": request.budget, "fields": request.fields})
    if request.output:
        from clew.running.outputs import output_page  # only who asks pays

        return output_page(acting.sessions, acting.sessions.read_step(request.step), page, acting.measure)
    return shown(acting.workspace, acting.sessions, acting.sessions.read_step(request.step), page, acting.measure)


def sessions_list(acting: Acting, request: SessionsList) -> Reply:
    """A page of sessions, with as many as fit. Raises UsageError for a budget that no reply fits into."""
    budget = checked_budget(request.budget)
    most = DEFAULT_BYTES if budget is None and request.limit else budget or 0
    limit = request.limit
    while True:
        page = listing.listing(
            acting.sessions,
            name=request.name,
            agent=request.by,
            state=request.state,
            used_within=request.used_within,
            calls=request.calls,
            after=request.after,
            limit=limit,
        )
        reply: Reply = {"operation": "sessions list", **plain_fields(page)}
        size = acting.measure(reply) if most else 0
        if size <= most or len(page.results) <= 1:
            return reply
        limit = max(1, min(len(page.results) - 1, len(page.results) * most // size))


def sessions_show(acting: Acting, request: SessionsShow) -> Reply:
    """The summary of a session, with its state, goal, metadata and size."""
    sessions = acting.sessions
    position = sessions.locate(request.session, for_append=False)
    session = position.session
    return {
        "operation": "sessions show",
        "session": sessions.summary(session, position.parent),
        "state": session.state(sessions.clock()),
        **({"goal": session.goal} if session.goal else {}),
        **({"pinned": True} if session.pinned else {}),
        **({"metadata": session.metadata} if session.metadata else {}),
        "branches": session.branches,
        "bytes": session.size,
    }


def sessions_log(acting: Acting, request: SessionsLog) -> Reply:
    """A page of the steps and branches of a session. Raises UsageError for a cursor that is none."""
    rows = msgspec.json.encode({"results": listing.log(acting.sessions, request.session)})
    page = page_of({"limit": request.limit, "after": request.after, "budget": request.budget})
    shown_rows = LogRows(acting.workspace, acting.sessions)
    reply = paged({"operation": "sessions log"}, rows, page, None, measure=acting.measure, row=shown_rows.shown)
    del reply["complete"]  # it speaks of code
    return reply


def sessions_diff(acting: Acting, request: SessionsDiff) -> Reply:
    """Steps and context keys of the later step that the earlier one lacks."""
    return {"operation": "sessions diff", **plain_fields(listing.difference(acting.sessions, request.step, request.later))}
