"""Sessions of one workspace: start, continue, append, read. Everything is durable before it is returned."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Self, Unpack

import msgspec
from msgspec.structs import replace

from clew.errors import (
    IdempotencyConflict,
    NotAllowed,
    QuotaExceeded,
    SessionExists,
    SessionNotFound,
    StoreCorrupt,
)
from clew.sessions import appending, context, locating, validating
from clew.sessions.appending import ITSELF, RECORD, Act, Quotas, StepPlacement
from clew.sessions.backends import open_store
from clew.sessions.beginning import new_session
from clew.sessions.redaction import Counts, redacted, text_without_secrets, united
from clew.sessions.retention import make_room, tidy
from clew.sessions.steps import MAIN, AppendPoint, Session, SessionSummary, Step, StepDraft, Subject, digest
from clew.sessions.store.protocol import Change, SessionStore
from clew.sessions.tokens import TokenCodec

if TYPE_CHECKING:
    from clew.sessions.options import Options, Starting

_depends = msgspec.json.Decoder(dict[str, str])
_subject = msgspec.json.Decoder(Subject)


class Sessions:
    """The sessions of a store. `clock` gives seconds since the epoch; nothing but times to live depends on it.

    Without `redact` secrets stay in results; without `prefixes` a token has to be whole, as it must over HTTP.
    """

    def __init__(
        self,
        store: SessionStore,
        *,
        clock: Callable[[], float] = time.time,
        codec: TokenCodec | None = None,
        quotas: Quotas | None = None,
        redact: bool = True,
        prefixes: bool = True,
        tool: str = "clew",
    ) -> None:
        self.store = store
        self.clock = clock
        self.codec = codec or TokenCodec()
        self.quotas = quotas or Quotas()
        self._redact = redact
        self._prefixes = prefixes
        self.tool = tool
        self._contexts = context.Contexts(store)

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        url: str | None = None,
        workspace: str = "",
        durability: str = "full",
        **options: Unpack[Options],
    ) -> Self:
        """The sessions kept in `folder`, or those of `workspace` in the PostgreSQL database at `url`; `options` go to the constructor."""
        return cls(open_store(os.fspath(folder), url, workspace=workspace, durability=durability), **options)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def start(
        self, name: str | None = None, *, exist_ok: bool = False, initial: dict[str, Any] | None = None, **options: Unpack[Starting]
    ) -> tuple[Session, Step]:
        """A new session with its root (step 0, which only carries a token and the initial context), or with `exist_ok` the live one.

        `initial` is the initial context; `options`: agent, ttl (seconds), pinned, goal, metadata.
        Raises SessionExists, InvalidRequest, QuotaExceeded.
        """
        values = b"{}" if initial is None else validating.context_value(initial, "The initial context")
        session, said = self._new_session(name, **options)
        session = replace(session, initial_keys=tuple(initial or ()))
        draft = self.redacted(appending.root_draft(values))
        taken = united(draft.taken or {}, said)
        appending.require_room(self.quotas, session, draft)
        while True:
            holder = self.holder(session.name)
            if holder is not None and exist_ok:
                tip = self.store.tip(holder.session_id, MAIN)
                if tip is not None:
                    return holder, tip
            change, root = appending.root_change(session, draft, body=self.codec.body(), now=self.clock(), redacted=taken)
            if self.create(change, exist_ok=exist_ok):
                return change.session, root

    def begin(
        self, name: str | None = None, *, exist_ok: bool = False, idempotency_key: str | None = None, **options: Unpack[Starting]
    ) -> AppendPoint:
        """Plan a session; the first append creates session and step in one transaction.

        With `exist_ok` a live session of that name is continued instead; so is one that this `idempotency_key` began, for then the
        call is a repetition. Options as for `start`. Raises SessionExists.
        """
        session, taken = self._new_session(name, **options)
        holder = self.holder(session.name)
        if holder is None:
            self._make_sessions_room()
            self._require_sessions_room()
            return AppendPoint(session=session, created=True, exist_ok=exist_ok, taken=taken)
        if not exist_ok and not self._began(holder, idempotency_key):
            raise _exists(session.name)
        found = locating.position(self.store, holder, None, MAIN, agent=options.get("agent"))
        return locating.repetition(self.store, found, idempotency_key)

    def locate(
        self,
        ref: str | None,
        *,
        also: str | None = None,
        agent: str | None = None,
        revive: bool = False,
        for_append: bool = True,
        idempotency_key: str | None = None,
    ) -> AppendPoint:
        """The append point of a call on `ref`: a name, id, token, prefix, `name#seq` or `name~branch`; None: the only live session.

        `also` is a second way of saying it, which must agree. A call that is repeated under its `idempotency_key` stands where it first
        stood. Raises SessionNotFound, TokenUnknown, AmbiguousSession, SessionExpired
        (not with `revive`, nor when `for_append` is False), InvalidRequest.
        """
        now = self.clock()
        if ref is None:
            session, step, branch = locating.only_session(self.store, now), None, MAIN
        else:
            session, step, branch = self.find(ref)
        if also is not None:
            session, step, branch = locating.agreed(ref, (session, step, branch), also, self.find(also))
        if for_append and not revive:
            locating.require_live(session, now)
        found = locating.repetition(self.store, locating.position(self.store, session, step, branch, agent=agent), idempotency_key)
        return replace(found, revive=True) if revive else found

    def find(self, ref: str) -> tuple[Session, Step | None, int]:
        """The session, the step when one was named, and the branch. Raises SessionNotFound, TokenUnknown, AmbiguousSession."""
        return locating.find(self.store, ref, self.clock(), prefixes=self._prefixes)

    def append(self, position: AppendPoint, draft: StepDraft, act: Act = RECORD) -> Step:
        """Record a step where `position` stands; it is on disk when this returns.

        `act` says what else the step does: where it goes, what it changes about the session, which bytes it takes out.
        The same idempotency key and request give the step recorded first. Raises IdempotencyConflict, SessionExpired, QuotaExceeded,
        SessionExists (a begun session whose name was taken meanwhile), and the storage errors.
        """
        validating.within_bounds(draft)
        draft = self.redacted(draft)
        taken = united(draft.taken or {}, position.taken)
        if not act.always:
            appending.require_room(self.quotas, position.session, draft)
        if position.created:
            return self._append_first(position, draft, taken)
        appended: list[Step] = []

        def decide(session: Session) -> Change | None:
            now = self.clock()
            again = self._recorded_before(draft, session)
            if again is not None:
                appended[:] = [again]
                return None
            if not position.revive:
                locating.require_live(session, now)
            if not act.always:
                appending.require_room(self.quotas, session, draft)
                self.require_room(len(draft.result))
            session = self._unloaded(session)
            place = appending.whole_is_due(session, act.place(session, self._place(session, position, draft)), self._contexts.at)
            if session.state(now) != "live":
                session = replace(session, kept_from=now)
            change, step = appending.next_change(session, place, draft, body=self.codec.body(), now=now, redacted=taken)
            appended[:] = [step]
            return replace(change, session=act.session(change.session), forget=act.forget, strip=act.strip)

        self.store.change(position.session.session_id, decide)
        return appended[0]

    def redacted(self, draft: StepDraft) -> StepDraft:
        """The draft as it will be stored: without its secrets."""
        return redacted(draft) if self._redact else replace(draft, taken={})

    def without_secrets(self, text: str) -> str:
        """A text as it will be stored."""
        return text_without_secrets(text)[0] if self._redact else text

    def require_room(self, size: int) -> None:
        """Raises QuotaExceeded when the store would grow over what is allowed."""
        if self.store.size() + size > self.quotas.store:
            raise QuotaExceeded(f"The store would have more than {self.quotas.store} bytes", hint="clew sessions gc")

    def initial_of(self, session: Session) -> dict[str, Any]:
        """The initial context of a session; empty when it was redacted."""
        if session.initial or not session.initial_keys:
            return session.initial
        root = self.store.step(session.session_id, 0)
        values = {} if root is None or root.details is None else msgspec.json.decode(self.result_of(root), type=dict[str, Any])
        return {key: values[key] for key in session.initial_keys if key in values}

    def _unloaded(self, session: Session) -> Session:
        """A session of schema 1 without the copy of the initial context in its record; step 0 holds it too."""
        root = self.store.step(session.session_id, 0) if session.initial else None
        return session if root is None else replace(session, initial={}, initial_keys=tuple(session.initial))

    def record_once(self, draft: StepDraft) -> Step:
        """A call without session flags: a nameless session of one step, which lives its hour and can be continued."""
        return self.append(self.once(draft.agent), draft)

    def once(self, agent: str | None = None) -> AppendPoint:
        """Plan the nameless session of a call without session flags."""
        return AppendPoint(session=replace(self._new_session(None, agent=agent)[0], transient=True), created=True)

    def read_step(self, ref: str) -> Step:
        """The step of a token or address, or the tip of a session; expired or not.

        Raises SessionNotFound, TokenUnknown, AmbiguousSession.
        """
        session, step, branch = self.find(ref)
        found = step or self.store.tip(session.session_id, branch)
        if found is None:
            raise SessionNotFound(f"Session {session.address} has no step yet")
        return found

    def result_of(self, step: Step) -> bytes:
        """The step's whole result, exactly as it was recorded. Raises NotAllowed when it was redacted, StoreCorrupt."""
        data = None if step.details is None else self.store.payload(step.result_digest)
        if data is None:
            raise NotAllowed(f"The result of {step.address} was redacted")
        return data

    def depends_of(self, step: Step) -> dict[str, str]:
        """Root-relative file → digest of the bytes the step's results were read from."""
        data = None if step.depends_digest is None else self.store.payload(step.depends_digest)
        return {} if data is None else _depends.decode(data)

    def subject_of(self, step: Step) -> Subject | None:
        """The targets that the step is about; empty when it is about nothing, None when nobody said or it was redacted."""
        data = None if step.subject_digest is None else self.store.payload(step.subject_digest)
        return None if data is None else _subject.decode(data)

    def context(self, step: Step) -> dict[str, Step]:
        """Context key → the newest step among `step` and its ancestors that was stored under it; undone ones left out."""
        keys = self.context_keys(step)
        found = {key: step if seq == step.seq else self.store.step(step.session_id, seq) for key, seq in keys.items()}
        return {key: held for key, held in found.items() if held is not None}

    def context_keys(self, step: Step) -> dict[str, int]:
        """Context key → the newest step among `step` and its ancestors that was stored under it, oldest first."""
        return dict(self._contexts.at(step))

    def summary(self, session: Session | str, step: Step | None = None) -> SessionSummary:
        """The summary of a session for a reply, as seen from `step`, or from the tip."""
        held = self.store.session(session) if isinstance(session, str) else session
        if held is None:
            raise SessionNotFound(f"There is no session {session}")
        at = step or self.store.tip(held.session_id, MAIN)
        return context.summary(held, at, self._contexts.at(at) if at else {}, self.clock())

    def session_of(self, step: Step) -> Session:
        """The session of a step, as it is now."""
        session = self.store.session(step.session_id)
        if session is None:
            raise SessionNotFound(f"There is no session {step.session_id}")
        return session

    def find_cached(
        self, operation: str, request: bytes, current: Callable[[Step, dict[str, str]], bool], *, limit: int = 8
    ) -> Step | None:
        """The newest step that answered this very request and still holds by `current(step, depends)`; its age is in `created_at`."""
        for step in self.store.steps_by_request(operation, digest(request), limit):
            with suppress(StoreCorrupt, NotAllowed):  # what cannot be read is no answer
                if step.details is not None and current(step, self.depends_of(step)) and self.result_of(step):
                    return step
        return None

    def tidy(self, budget_ms: float = 20.0) -> int:
        """Take away what is expired and kept long enough, for at most `budget_ms`; returns how many sessions."""
        return tidy(self.store, self.clock(), budget_ms=budget_ms)

    def cleanup(self) -> int:
        """Take away everything expired at once; returns how many sessions."""
        return tidy(self.store, self.clock(), budget_ms=None)

    def _new_session(self, name: str | None, **options: Unpack[Starting]) -> tuple[Session, Counts]:
        body = self.codec.body()[:8]
        return new_session(name, body=body, now=self.clock(), tool=self.tool, redact=self._redact, **options)

    def holder(self, name: str | None) -> Session | None:
        """The live session that has the name; an expired one gives it up."""
        holder = None if name is None else self.store.session_named(name)
        if holder is None or holder.state(self.clock()) == "live":
            return holder

        def give_up(session: Session) -> Change | None:
            if session.state(self.clock()) == "live":
                return None
            return Change(session=replace(session, owns_name=False, revision=session.revision + 1))

        self.store.change(holder.session_id, give_up)
        return None

    def _began(self, session: Session, idempotency_key: str | None) -> bool:
        """True when the first step of the session was recorded under this key."""
        first = None if idempotency_key is None else self.store.step(session.session_id, 1)
        return first is not None and first.idempotency_key == idempotency_key

    def _require_store_room(self, change: Change) -> None:
        self._require_sessions_room()
        self.require_room(sum(map(len, change.payloads)))

    def _make_sessions_room(self) -> bool:
        """Let the oldest calls go that nobody continued, if there are as many sessions as are allowed; True when some went."""
        return self.store.count() >= self.quotas.sessions and make_room(self.store) > 0

    def _require_sessions_room(self) -> None:
        if self.store.count() >= self.quotas.sessions:
            raise QuotaExceeded(f"There are {self.quotas.sessions} sessions, as many as are allowed", hint="clew sessions gc")

    def create(self, change: Change, *, exist_ok: bool = False) -> bool:
        """Write a new session within the quotas; False when its name was taken meanwhile and that is welcome."""
        try:
            try:
                self.store.create(change, partial(self._require_store_room, change))
            except QuotaExceeded:
                if not self._make_sessions_room():
                    raise
                self.store.create(change, partial(self._require_store_room, change))
        except SessionExists as error:
            if not exist_ok:
                raise _exists(change.session.name) from error
            return False
        return True

    def _append_first(self, position: AppendPoint, draft: StepDraft, taken: dict[str, int]) -> Step:
        session = position.session
        again = self._recorded_before(draft, session)
        if again is not None:
            return again
        holder = self.holder(session.name)
        if holder is None:
            place = StepPlacement(parent=None, branch=MAIN, hands_on=None if draft.passes_input else ITSELF)
            change, step = appending.next_change(session, place, draft, body=self.codec.body(), now=self.clock(), redacted=taken)
            if self.create(change, exist_ok=position.exist_ok):
                return step
        if not position.exist_ok:
            raise _exists(session.name)
        return self.append(self.locate(session.name, agent=draft.agent), draft)

    def _place(self, session: Session, position: AppendPoint, draft: StepDraft) -> StepPlacement:
        tip = self.store.tip(session.session_id, position.parent.branch if position.fixed and position.parent else position.on)
        parent, branch = tip, position.on
        if position.fixed and position.parent is not None and tip is not None:
            parent = position.parent
            branch = parent.branch if tip.seq == parent.seq else session.branches + 1
        read = position.input
        passed = read.seq if read is not None and read.session_id == session.session_id else None
        return StepPlacement(
            parent=parent,
            branch=branch,
            hands_on=passed if draft.passes_input else ITSELF,
            about=position.read or parent,
        )

    def _recorded_before(self, draft: StepDraft, session: Session) -> Step | None:
        """The step recorded under the draft's key: in this session, in the live one of its name, or among nameless ones.

        Raises IdempotencyConflict when the key was used for another request.
        """
        if draft.idempotency_key is None:
            return None
        for step in self.store.steps_by_key(draft.idempotency_key):
            same_place = step.session_id == session.session_id or step.session_name == session.name
            if not same_place or self.session_of(step).state(self.clock()) != "live":
                continue
            if (step.operation, step.request_digest) != (draft.operation, digest(draft.request)):
                raise IdempotencyConflict(f"The key {draft.idempotency_key} was used for another request, answered by {step.address}")
            return step
        return None


def _exists(name: str | None) -> SessionExists:
    return SessionExists(f"A live session is called {name}", hint=f"clew resume {name}")
