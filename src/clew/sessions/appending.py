"""The next step of a session, as a value: what it holds, where it hangs, whether it fits."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from clew.errors import QuotaExceeded
from clew.sessions.steps import FORMAT, MAIN, Details, Session, Step, StepDraft, digest
from clew.sessions.store.protocol import Change
from clew.sessions.store.rows import encode

MEGABYTE = 1 << 20
ITSELF = -1
LONGEST_WALK = 32
"""A step that is at least so many after the newest whole one may be whole itself."""
KEYS_PER_STEP = 32
"""With many keys whole steps are rarer, so that what an append writes on average does not grow with the keys."""


class Quotas(msgspec.Struct, frozen=True, kw_only=True):
    """Limits on what is kept. A refusal comes before anything is written."""

    step: int = 16 * MEGABYTE
    output: int = 192 * MEGABYTE
    """Of a recorded command, beside that: 64 MB in the form in which JSON keeps them, at three bytes for each at most."""
    session: int = 256 * MEGABYTE
    store: int = 2048 * MEGABYTE
    sessions: int = 10_000


class StepPlacement(msgspec.Struct, frozen=True, kw_only=True):
    """Placement of a step: its parent, its branch, and what it takes over."""

    parent: Step | None
    branch: int
    hands_on: int | None = ITSELF
    """A seq, or None for nothing."""
    stands_on: int = ITSELF
    """A seq; 0 is the beginning."""
    keys: dict[str, int] | None = None
    """The context keys that it sets; None stores the step under its own."""
    inherited: dict[str, int] | None = None
    """The whole context of its parent, for a step that is to be whole; None makes it hold its own keys only."""
    about: Step | None = None
    """The step whose subject it takes over when it brings none."""


def _same_place(_session: Session, place: StepPlacement) -> StepPlacement:
    return place


def _same_session(session: Session) -> Session:
    return session


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """Side effects of appending a step, beside recording a result."""

    place: Callable[[Session, StepPlacement], StepPlacement] = _same_place
    session: Callable[[Session], Session] = _same_session
    forget: tuple[bytes, ...] = ()
    strip: int | None = None
    always: bool = False
    """True for steps that no quota refuses: those that give room back."""


RECORD = Act()


def next_change(
    session: Session, place: StepPlacement, draft: StepDraft, *, body: str, now: float, redacted: dict[str, int]
) -> tuple[Change, Step]:
    """The step of `draft` at `place`, and the session as it is with it."""
    seq = session.head + 1
    parent = place.parent
    key = draft.store_as or draft.operation
    keys = {key: seq} if place.keys is None else place.keys
    base = parent.seq if parent and parent.base is None else parent.base if parent else seq
    about = place.about if draft.subject is None else None
    setter = about.subject_setter if about else draft.subject_step
    details = Details(
        question=draft.question, manifest=draft.manifest, head=draft.head, tool=draft.tool,
        reused=None if draft.reused is None else msgspec.json.decode(draft.reused), cost=draft.cost, total=draft.total,
        result_keys=draft.result_keys, subject_rows=draft.subject_rows, subject_step=setter, redacted=redacted,
    )  # fmt: skip
    depends = encode(draft.depends) if draft.depends else None
    subject = None if draft.subject is None else encode(draft.subject)
    step = Step(
        session_id=session.session_id, session_name=session.name, seq=seq, branch=place.branch, parent=parent.seq if parent else None,
        body=body, operation=draft.operation, store_as=key if place.keys is None else None, created_at=now, agent=draft.agent,
        idempotency_key=draft.idempotency_key, depth=parent.depth + 1 if parent else 1,
        hands_on=seq if place.hands_on == ITSELF else place.hands_on,
        stands_on=seq if place.stands_on == ITSELF else place.stands_on,
        keys=keys if place.inherited is None else {**place.inherited, **keys},
        request=draft.request, request_digest=digest(draft.request), details=details, details_digest=digest(encode(details)),
        result_digest=digest(draft.result), size=len(draft.result), depends_digest=None if depends is None else digest(depends), hash=b"",
        format=FORMAT, base=base if place.inherited is None else seq,
        subject_digest=digest(subject) if subject is not None else about.subject_digest if about else None,
    )  # fmt: skip
    step = replace(step, hash=step.expected_hash(parent.hash if parent else b""))
    after = replace(
        session,
        head=seq,
        branches=max(session.branches, place.branch),
        size=session.size + len(draft.result) + len(draft.request),
        last_used_at=now,
        transient=session.transient and seq == 1,
        revision=session.revision + 1,
    )
    payloads = tuple(held for held in (draft.result, depends, subject) if held is not None)
    return Change(session=after, steps=(step,), payloads=payloads), step


def whole_is_due(session: Session, place: StepPlacement, context: Callable[[Step], dict[str, int]]) -> StepPlacement:
    """`place`, with the context of its parent where the next step is to hold all of it.

    Reading a context goes back to the newest whole step, so these must not be too far apart.
    """
    parent = place.parent
    if parent is None or parent.is_whole or parent.base is None or place.stands_on != ITSELF:
        return place
    walk = session.head + 1 - parent.base
    if walk < LONGEST_WALK or walk * KEYS_PER_STEP < len(inherited := context(parent)):
        return place
    return replace(place, inherited=inherited)


def root_draft(initial: bytes) -> StepDraft:
    """Step 0 of a session that was started without an operation: it only carries a token and the initial context, JSON."""
    return StepDraft(operation="start", request=b"{}", result=initial, result_keys=())


def root_change(session: Session, draft: StepDraft, *, body: str, now: float, redacted: dict[str, int]) -> tuple[Change, Step]:
    """The session with its step 0."""
    place = StepPlacement(parent=None, branch=MAIN, hands_on=None, keys={})
    change, first = next_change(replace(session, head=-1), place, draft, body=body, now=now, redacted=redacted)
    step = replace(first, depth=0, stands_on=0)
    step = replace(step, hash=step.expected_hash(b""))
    return replace(change, session=replace(session, size=step.size), steps=(step,)), step


def require_room(quotas: Quotas, session: Session, draft: StepDraft) -> None:
    """Raises QuotaExceeded when the step or its session would grow over what is allowed."""
    size = len(draft.result) + len(draft.request)
    if size - min(draft.apart, quotas.output) > quotas.step:
        raise QuotaExceeded(f"The step has {size} bytes; {quotas.step} are allowed", again=("--no-record",))
    if session.size + size > quotas.session:
        raise QuotaExceeded(
            f"Session {session.address} would have {session.size + size} bytes; {quotas.session} are allowed",
            again=("--no-record",),
        )
