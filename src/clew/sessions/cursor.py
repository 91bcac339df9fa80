"""The session cursor of a call: what it reads, where it appends. Everything that can be refused is refused before any work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.errors import SessionNotFound, TokenUnknown
from clew.sessions.appending import RECORD, Act
from clew.sessions.fences import fenced
from clew.sessions.foreseeing import foreseen
from clew.sessions.locating import handed_on
from clew.sessions.steps import AppendPoint

if TYPE_CHECKING:
    from clew.sessions.core import Sessions
    from clew.sessions.steps import SessionSummary, Step, StepDraft


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    """The tie of a call to a session."""

    starts: bool = False
    """Start a session, under `name` if there is one."""
    name: str | None = None
    """The name to start with, or to record under."""
    continues: bool = False
    """Continue a session; which one, `refs` say."""
    refs: tuple[str, ...] = ()
    """Names, ids, tokens or steps to continue; several must mean the same session."""
    records: bool = True
    """False records nothing."""
    revive: bool = False
    """Continue an expired session."""
    agent: str | None = None
    ttl: float | None = None
    """Seconds the session may be idle."""
    pin: bool = False
    goal: str | None = None
    note: str | None = None
    idempotency_key: str | None = None
    reads: str | None = None
    """The step that the first operation continues, where that is not the tip that its own step is put on."""
    fence: int | None = None
    """The number under which the run of a pipeline holds its session: without it any longer, nothing is appended."""


class Cursor:
    """A call's place in its session: found once, moved along by every step that is recorded."""

    def __init__(self, sessions: Sessions, thread: Thread) -> None:
        self.sessions = sessions
        self._thread = thread
        self._position = self._found()
        self._input = self._position.input if self._position else None
        self.since = self._position.since if self._position else ()
        self._recorded = 0
        self._once: AppendPoint | None = None

    @property
    def input(self) -> Step | None:
        """The newest step with rows, before this call."""
        return self._input

    @property
    def read(self) -> Step | None:
        """The step that the next operation continues."""
        return self._position.read if self._position else None

    def step_at(self, where: str | None, text: str) -> Step:
        """The step that the result address `text` means: the continued one, a number in its session, a context key, or any step."""
        if where is not None and "#" in where:
            return self.sessions.read_step(where)
        if self._position is None or self._input is None:
            raise SessionNotFound(f"{text} is a result of a session: name it with --from NAME")
        if where is None:
            return self._input
        if where.isdigit():
            return self.sessions.read_step(f"{self._position.session.session_id}#{where}")
        parent = self._position.parent or self._input
        left = self.sessions.context(parent)
        if where not in left:
            raise TokenUnknown(f"No step has left what {text} means", given=text, candidates=tuple(f"@{key}.1" for key in left))
        return left[where]

    def key(self) -> str | None:
        """The idempotency key of the next step; the steps of one call are told apart by their number."""
        key = self._thread.idempotency_key
        return f"{key}/{self._recorded + 1}" if key is not None and self._recorded else key

    @property
    def session_id(self) -> str | None:
        """The session that the next step is appended to; None where it begins one."""
        return None if self._position is None or self._position.created else self._position.session.session_id

    def foreseen(self, draft: StepDraft) -> tuple[Step, dict[str, Any]]:
        """The step that `record` is going to append and the session with it, as far as nobody else appends one before.

        Its token, its time and its hash are stand-ins of the same length.
        """
        step, summary = foreseen(self.sessions, self._point(draft.agent), draft)
        return step, _plain(summary)

    def record(self, draft: StepDraft) -> Step:
        """Append the step, durably. The next one goes behind it."""
        act = RECORD if self._thread.fence is None else Act(session=partial(fenced, self._thread.fence))
        position, step = self._position, self.sessions.append(self._point(draft.agent), draft, act)
        self._recorded += 1
        self._position = AppendPoint(
            session=self.sessions.session_of(step),
            input=step if step.hands_on == step.seq else self._input,
            read=step,
            parent=step,
            fixed=position is None or position.fixed,
            on=step.branch,
        )
        return step

    def summary(self, step: Step) -> dict[str, Any]:
        """The session as seen from a step; what is not known is left out."""
        return _plain(self.sessions.summary(step.session_id, step))

    def _point(self, agent: str | None) -> AppendPoint:
        """The append point of the next step; a call without session flags begins a nameless session."""
        if self._position is not None:
            return self._position
        self._once = self._once or self.sessions.once(agent)
        return self._once

    def _found(self) -> AppendPoint | None:
        thread = self._thread
        if thread.continues:
            first, second, *more = (*thread.refs, None, None)
            found = self.sessions.locate(
                first,
                also=second,
                agent=thread.agent,
                revive=thread.revive,
                for_append=thread.records,
                idempotency_key=thread.idempotency_key,
            )
            if thread.reads is not None:
                read = self.sessions.read_step(thread.reads)
                found = replace(found, read=read, input=handed_on(self.sessions.store, read), since=())
            for ref in more:
                if ref is not None:
                    self.sessions.locate(first, also=ref, agent=thread.agent, revive=thread.revive, for_append=thread.records)
            return found
        if not (thread.starts or thread.name is not None) or not thread.records:
            return None
        options: dict[str, Any] = {"ttl": thread.ttl, "pinned": thread.pin, "goal": thread.goal or ""}
        key = thread.idempotency_key
        return self.sessions.begin(thread.name, exist_ok=not thread.starts, idempotency_key=key, agent=thread.agent, **options)


def _plain(summary: SessionSummary) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(summary)
    return {name: value for name, value in fields.items() if value is not None}
