"""The library door: `SessionManager`, with the names of the guide, over the sessions of a workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict, Unpack

import msgspec
from msgspec.structs import replace

from clew.sessions import context, locating, validating
from clew.sessions.cache import SessionCache
from clew.sessions.core import Sessions
from clew.sessions.retention import tidy
from clew.sessions.steps import Session, Step, StepDraft
from clew.sessions.store.protocol import Change, SessionStore
from clew.sessions.values import json_bytes

if TYPE_CHECKING:
    from clew.sessions.options import Options, Starting


class Created(TypedDict):
    """Result of `create_session`."""

    sessionId: str
    sessionName: str | None
    continuationToken: str
    expiresIn: int | None
    cachePath: str


# `from` is a keyword of Python, hence the call.
Continued = TypedDict("Continued", {"from": str, "session": dict[str, Any], "cacheAge": float})


class Appended(TypedDict):
    """The answer of `append_result`; `contextSize` is the number of context keys."""

    sessionId: str
    continuationToken: str
    operationsCompleted: int
    contextSize: int
    redacted: NotRequired[dict[str, int]]
    """Kind of secret → how many were taken out before it was stored."""


class CleanedUp(TypedDict):
    """Result of `cleanup_expired`."""

    deletedCount: int
    timestamp: str


class SessionManager(Sessions):
    """Create, continue, append, summarise, clean up. `cache` keeps what was continued in memory, checked against the store."""

    def __init__(self, store: SessionStore, *, cache: SessionCache | None = None, **options: Unpack[Options]) -> None:
        super().__init__(store, **options)
        self.cache = cache or SessionCache()

    def create_session(
        self, name: str | None = None, initial_context: dict[str, Any] | None = None, **options: Unpack[Starting]
    ) -> Created:
        """A new session. Raises SessionExists, InvalidRequest, QuotaExceeded."""
        session, root = self.start(name, initial=initial_context, **options)
        return Created(
            sessionId=session.session_id,
            sessionName=session.name,
            continuationToken=root.token,
            expiresIn=session.expires_in(self.clock()),
            cachePath=getattr(self.store, "path", ""),
        )

    def continue_session(self, ref: str) -> Continued:
        """`{from, session, cacheAge}` for a name, id, token or address; counts as a use.

        Raises SessionExpired, SessionNotFound, TokenUnknown.
        """
        now = self.clock()
        session, step, branch = self.find(ref)
        locating.require_live(session, now)
        at = step or self.store.tip(session.session_id, branch)
        key = f"{session.session_id}#{at.seq if at else 0}"
        held = self.cache.get(key, session.revision)
        if held is None:
            view = self._view(session, at)
            self.cache.put(key, session.revision, msgspec.json.encode(view))
            source, age = "store", 0.0
        else:
            source, (data, age) = "memory-cache", held
            view = msgspec.json.decode(data)
        self._touch(session.session_id)
        used = replace(session, last_used_at=now)
        view["continuationToken"] = at.token if at else None
        view["expiresIn"] = used.expires_in(now)
        view["expiresAt"] = None if used.pinned else context.timestamp(used.expires_at())
        return {"from": source, "session": view, "cacheAge": age}

    def append_result(
        self,
        session_id: str,
        operation: str,
        result: object,
        *,
        agent: str | None = None,
        request: object = None,
        idempotency_key: str | None = None,
    ) -> Appended:
        """Record one operation at the tip (or after the step `session_id` names). Raises SessionExpired, QuotaExceeded, InvalidRequest."""
        validating.operation_name(operation)
        data = json_bytes(result, "The result")
        keys = tuple(result) if isinstance(result, dict) else ("results",)
        made = StepDraft(
            operation=operation,
            request=json_bytes(request or {}, "The request"),
            result=data,
            result_keys=keys,
            agent=agent,
            idempotency_key=idempotency_key,
            passes_input=True,  # its rows are nothing that a verb knows
        )
        position = self.locate(session_id, agent=agent)
        step = self.append(position, made)
        size = context.context_size(position.session, self._contexts.at(step))
        appended = Appended(sessionId=step.session_id, continuationToken=step.token, operationsCompleted=step.depth, contextSize=size)
        if step.details is not None and step.details.redacted:
            appended["redacted"] = step.details.redacted
        return appended

    def get_summary(self, session_id: str) -> dict[str, Any]:
        """sessionId, sessionName, age, expiresIn, operationsCompleted, contextKeys, lastOperation. Raises SessionNotFound, TokenUnknown."""
        session, step, branch = self.find(session_id)
        summed = msgspec.to_builtins(self.summary(session, step or self.store.tip(session.session_id, branch)))
        return {"sessionName": None, "expiresIn": None, "lastOperation": None, **summed}

    def cleanup_expired(self) -> CleanedUp:
        """Take everything expired away at once."""
        now = self.clock()
        return CleanedUp(deletedCount=tidy(self.store, now, budget_ms=None), timestamp=context.timestamp(now))

    def _touch(self, session_id: str) -> None:
        """A use: the time to live starts again. The revision stays, for nothing that is read has changed."""
        self.store.change(session_id, lambda session: Change(session=replace(session, last_used_at=self.clock())))

    def _view(self, session: Session, step: Step | None) -> dict[str, Any]:
        left = self.context(step) if step else {}
        results = {key: msgspec.json.decode(self.result_of(held)) for key, held in left.items() if held.details is not None}
        return {
            "sessionId": session.session_id,
            "sessionName": session.name,
            "createdAt": context.timestamp(session.created_at),
            "operationsCompleted": step.depth if step else 0,
            "metadata": session.metadata,
            "operations": [
                {"name": done.operation, "completedAt": context.timestamp(done.created_at), "resultKeys": list(done.result_keys)}
                for done in context.ancestors(self.store, step)
                if done.seq > 0
            ],
            "context": context.united(self.initial_of(session), results),
            "contextSize": context.context_size(session, self._contexts.at(step) if step else {}),
        }
