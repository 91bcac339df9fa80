"""The parts of a session: the values that are stored and handed around.

A step is never changed after it was appended. Its `hash` covers everything it holds and its parent's hash, so that a chain
of steps verifies from the first to the last; large values are in it by digest, so that it still verifies after a redaction.
"""

from _blake2 import blake2b  # hashlib's own, without the 1 ms of loading OpenSSL
from math import ceil
from typing import Any

import msgspec

from clew.sessions.tokens import TokenCodec

FORMAT = 2
"""The format of new steps. In format 1 every step holds the whole context of its ancestors."""
HOUR = 3600.0
DAY = 86400.0
TIME_TO_LIVE = HOUR
HARD_CAP = 90 * DAY
MAIN = 1
VERB, ANSWERED_AT = "verbCpuMs", "answeredAt"
OF_THE_ANSWER = (VERB, ANSWERED_AT)
"""Keys of a cost that speak of the answer, whoever holds it; the others say what the step itself took."""
LAST_MOMENT = 253_402_300_800.0
"""The end of the year 9999, in seconds since the epoch."""


def digest(data: bytes) -> bytes:
    """The address of stored bytes: BLAKE2b, 32 bytes."""
    return blake2b(data, digest_size=32).digest()


class SubjectTarget(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One thing that a step is about, with what is needed to find it again in a tree that changed."""

    text: str
    """Its address, which alone suffices while nothing changed."""
    file: str | None = None
    name: str | None = None
    line: int | None = None
    column: int | None = None
    digest: str | None = None
    """Of the bytes of its file."""
    code: str | None = None
    """Digest of its own code."""


Subject = tuple[SubjectTarget, ...]


class StepDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A step that a face wants recorded."""

    operation: str
    request: bytes
    """The normalised request, canonical JSON."""
    result: bytes
    """The whole result, JSON."""
    store_as: str | None = None
    """The context key; the operation when None."""
    question: str = ""
    depends: dict[str, str] = {}
    """Root-relative file → digest of the bytes that were parsed."""
    manifest: str = ""
    head: str | None = None
    tool: str = ""
    reused: bytes | None = None
    """The input taken from earlier steps, JSON."""
    cost: dict[str, float] = {}
    agent: str | None = None
    idempotency_key: str | None = None
    total: int | None = None
    apart: int = 0
    """The bytes of the result that are output of a command, for which there is room of its own."""
    result_keys: tuple[str, ...] = ("results",)
    subject: Subject | None = None
    """The targets that the step is about; empty is nothing, None takes over the subject of the step it read."""
    subject_rows: tuple[int, ...] = ()
    """The numbers of its rows that are the subject."""
    subject_step: int = 0
    """The step that set the subject; 0 is this one."""
    taken: dict[str, int] | None = None
    """Numbers of secrets of each kind that were taken out; None before anybody looked."""
    passes_input: bool = False
    """True for slices, tests, plans, notes, pins: a following operation works on what this one worked on."""


class Details(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Details of a step beside its result."""

    question: str = ""
    manifest: str = ""
    head: str | None = None
    tool: str = ""
    reused: dict[str, Any] | None = None
    cost: dict[str, float] = {}
    total: int | None = None
    result_keys: tuple[str, ...] = ("results",)
    subject_rows: tuple[int, ...] = ()
    """The numbers of the rows that the session is about from here on; empty for a subject that was named."""
    subject_step: int = 0
    """The step that set the subject; 0 is this one."""
    redacted: dict[str, int] = {}
    """Numbers of secrets of each kind that were taken out before it was stored."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One answered call, as stored."""

    session_id: str
    session_name: str | None
    seq: int
    """Session-wide and gapless, from 1."""
    branch: int
    """1 is the main branch."""
    parent: int | None
    body: str
    """The 26 random characters of the token; the store refuses a second step with the same ones."""
    operation: str
    store_as: str | None
    """The context key it is stored under; None for steps that leave nothing (undo, note, pin)."""
    created_at: float
    agent: str | None
    idempotency_key: str | None
    depth: int
    """Number of its ancestors and itself: `operationsCompleted`."""
    hands_on: int | None
    """The step whose results a following operation works on; usually itself."""
    stands_on: int
    """The step whose state this one equals: itself, or after an undo the one that was gone back to; 0 is the beginning."""
    keys: dict[str, int] = msgspec.field(name="context")
    """Context key → the newest step under it: every key where the step is whole, else only those that this step set."""
    request: bytes | None
    """None when redacted."""
    request_digest: bytes
    details: Details | None
    """None when redacted."""
    details_digest: bytes
    result_digest: bytes
    size: int
    """Bytes of the result."""
    depends_digest: bytes | None
    hash: bytes
    format: int = 1
    base: int | None = None
    """The newest whole step on the way to the beginning, as seen when this one was appended; itself when it is whole."""
    subject_digest: bytes | None = None
    """Address of the targets that it is about; None when nobody said."""

    @property
    def token(self) -> str:
        """The continuation token."""
        return TokenCodec.token(self.body, self.operation, self.seq)

    @property
    def address(self) -> str:
        """`name#seq`, or `id#seq` in a nameless session."""
        return f"{self.session_name or self.session_id}#{self.seq}"

    @property
    def branch_address(self) -> str | None:
        """`name~2` off the main branch, None on it."""
        return None if self.branch == MAIN else f"{self.session_name or self.session_id}~{self.branch}"

    @property
    def question(self) -> str:
        """The question in a few words; empty when redacted."""
        return self.details.question if self.details else ""

    @property
    def total(self) -> int | None:
        """Number of results."""
        return self.details.total if self.details else None

    @property
    def result_keys(self) -> tuple[str, ...]:
        """The top-level lists of the result."""
        return self.details.result_keys if self.details else ()

    @property
    def subject_setter(self) -> int:
        """The number of the step that set the subject."""
        return (self.details.subject_step if self.details else 0) or self.seq

    @property
    def is_whole(self) -> bool:
        """True when `keys` are the whole context, and nothing before this step needs to be read for it."""
        return self.base is None or self.base == self.seq

    @property
    def context_source(self) -> int | None:
        """The step whose context this one continues; None or 0 when it is whole or begins with nothing."""
        return None if self.is_whole else self.parent if self.stands_on == self.seq else self.stands_on

    @property
    def addresses(self) -> tuple[bytes, ...]:
        """The digests of all stored values that it refers to."""
        return tuple(
            digest_of_part
            for digest_of_part in (self.result_digest, self.depends_digest, self.subject_digest)
            if digest_of_part is not None
        )

    def damage(self, parent_hash: bytes) -> str | None:
        """A sentence about what is not as it was written, None when the step is whole; `parent_hash` is that of the step before it."""
        if self.hash != self.expected_hash(parent_hash):
            return f"step {self.seq} of {self.session_name or self.session_id} is not what was written"
        if self.request is not None and digest(self.request) != self.request_digest:
            return f"the request of step {self.seq} of {self.session_name or self.session_id} is not what was written"
        return None

    def expected_hash(self, parent_hash: bytes) -> bytes:
        """The hash this step has when nothing in it was altered; each format keeps its own formula for ever."""
        held: tuple[object, ...] = (
            self.session_id, self.seq, self.branch, self.parent, self.body, self.operation, self.store_as, self.created_at, self.agent,
            self.idempotency_key, self.depth, self.hands_on, self.stands_on, sorted(self.keys.items()), self.size,
            self.request_digest, self.details_digest, self.result_digest, self.depends_digest,
        )  # fmt: skip
        if self.format > 1:
            held = (self.format, *held, self.base, self.subject_digest)
        return digest(parent_hash + msgspec.json.encode(held))


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A chain of steps with a name and a time to live."""

    session_id: str
    name: str | None
    owns_name: bool = True
    """False after a newer session took the name over; then only the id leads here."""
    created_at: float
    kept_from: float
    """The time at which it was created or last revived: the hard cap counts from here."""
    last_used_at: float
    ttl: float = TIME_TO_LIVE
    pinned: bool = False
    transient: bool = False
    """A call without session flags, which nobody continued yet."""
    goal: str = ""
    metadata: dict[str, Any] = {}
    initial: dict[str, Any] = {}
    """The initial context where it lies in the record: in a session that was not written since schema 1."""
    initial_keys: tuple[str, ...] = ()
    """The keys of the initial context, which stay top-level; its values are the result of step 0."""
    head: int = 0
    """The highest seq."""
    branches: int = 1
    size: int = 0
    """Bytes of the steps' results, for the quota."""
    revision: int = 0

    def expires_at(self) -> float:
        """The time at which continuing ends unless it is used before; infinite when pinned."""
        if self.pinned:
            return float("inf")
        return min(self.last_used_at + self.ttl, self.kept_from + HARD_CAP)

    def expires_in(self, now: float) -> int | None:
        """Whole seconds left, rounded up; None when pinned."""
        return None if self.pinned else max(0, ceil(self.expires_at() - now))

    def state(self, now: float) -> str:
        """`live` or `expired`."""
        return "live" if now < self.expires_at() else "expired"

    @property
    def first_keys(self) -> tuple[str, ...]:
        """The keys of the initial context, in their order."""
        return tuple(self.initial) or self.initial_keys

    @property
    def address(self) -> str:
        """Its name while that leads here, else its id."""
        return self.name if self.name is not None and self.owns_name else self.session_id


def has_sound_times(session: Session) -> bool:
    """False for a session with a time that cannot be shown or reckoned with."""
    times = (session.created_at, session.kept_from, session.last_used_at)
    return all(0 <= moment < LAST_MOMENT for moment in times) and 0 <= session.ttl <= HARD_CAP


class AppendPoint(msgspec.Struct, frozen=True, kw_only=True):
    """The append point of a continued call."""

    session: Session
    input: Step | None = None
    """The newest step with rows: what `@3` and `--match` pick from."""
    read: Step | None = None
    """The step that is continued: its subject is what a question without a target is about."""
    parent: Step | None = None
    """The step the new one is put on, as seen now; by name it is the tip at the time of the append."""
    fixed: bool = False
    """True when the call named a step: the new one is put on exactly that step."""
    on: int = MAIN
    """The branch whose tip the new step is put on, when it is not fixed."""
    revive: bool = False
    """True when an expired session is brought back by the append."""
    branch: str | None = None
    """Set when a branch will grow, as seen now: `hdr~2`."""
    since: tuple[Step, ...] = ()
    """Steps of other agents since this agent's own newest one."""
    created: bool = False
    """True when the session is written together with its first step."""
    exist_ok: bool = False
    """True when a session of that name that appeared meanwhile is joined."""
    taken: dict[str, int] = {}
    """Numbers of secrets of each kind that were taken out of what is said about a new session."""


class LastOperation(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The newest step of a summary."""

    name: str
    completed_at: str
    result_keys: tuple[str, ...]


class SessionSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The summary of a session in every reply; a name, a time to live and a last operation only where there is one."""

    session_id: str
    session_name: str | None = None
    expires_in: int | None = None
    age: int
    operations_completed: int
    context_keys: tuple[str, ...]
    last_operation: LastOperation | None = None
