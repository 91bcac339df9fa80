"""A session that is not written yet, from what is said about it."""

from __future__ import annotations

from typing import Any

from clew import __version__
from clew.sessions import validating
from clew.sessions.names import new_name, slug
from clew.sessions.redaction import Counts, text_without_secrets, united, value_without_secrets
from clew.sessions.steps import HARD_CAP, TIME_TO_LIVE, Session


def new_session(
    name: str | None,
    *,
    body: str,
    now: float,
    tool: str,
    redact: bool,
    agent: str | None = None,
    ttl: float | None = None,
    pinned: bool = False,
    goal: str = "",
    metadata: dict[str, Any] | None = None,
) -> tuple[Session, Counts]:
    """The session, and the secrets that were taken out of its goal and metadata; `body` are random characters of its id.

    Raises InvalidRequest, HoldsSecret, QuotaExceeded.
    """
    validating.beginnings(agent=agent, ttl=ttl, pinned=pinned, goal=goal, metadata=metadata)
    name = None if name is None else new_name(name)
    taken: Counts = {}
    if redact:
        goal, aimed = text_without_secrets(goal)
        metadata, described = value_without_secrets(metadata or {}, dict[str, Any])
        taken = united(aimed, described)
    session = Session(
        session_id=f"sess-{slug(name)}-{body}",
        name=name,
        created_at=now,
        kept_from=now,
        last_used_at=now,
        ttl=min(TIME_TO_LIVE if ttl is None else ttl, HARD_CAP),
        pinned=pinned,
        goal=goal,
        metadata={**({"agentId": agent} if agent else {}), "tool": tool, "version": __version__, **(metadata or {})},
    )
    return session, taken
