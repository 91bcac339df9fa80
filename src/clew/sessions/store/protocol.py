"""The protocol of a session store. Everything a store promises is stated here and tested in `tests/contract`.

A store knows sessions, steps and bytes by digest; names, tokens, time and meaning belong to the manager. There is one way to
write to a session, `change`: the store hands the session as it is in the transaction that will write, the caller says what
follows, and the store writes all of it or nothing, durably, before it returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from clew.sessions.steps import Session, Step


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The writes of one transaction: the session as it is afterwards, new steps, and the bytes they refer to."""

    session: Session
    steps: tuple[Step, ...] = ()
    payloads: tuple[bytes, ...] = ()
    """Bytes that a new step refers to and that are not here are kept as redacted."""
    forget: tuple[bytes, ...] = ()
    """Digests whose bytes are taken out for good (redaction)."""
    strip: int | None = None
    """The step whose request and details are taken out with them."""


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """The sessions to list; newest use first."""

    name_contains: str | None = None
    agent: str | None = None
    """Sessions in which this agent has a step."""
    transient: bool | None = None
    used_since: float | None = None
    used_before: float | None = None
    after: tuple[float, str] | None = None
    """Keyset: `last_used_at` and `session_id` of the last row of the page before."""
    limit: int = 50


def nothing() -> None:
    """Allow."""


class SessionStore(Protocol):
    """Sessions, steps and bytes. Reads see committed state only; inside `change` they see the transaction's."""

    def session(self, session_id: str) -> Session | None:
        """The session of that id."""

    def session_named(self, name: str) -> Session | None:
        """The session that owns the name, live or expired."""

    def sessions(self, wanted: Filter) -> list[Session]:
        """A page of sessions, newest use first."""

    def whole(self, session_id: str) -> tuple[Session, list[Step]] | None:
        """A session and all its steps, the root included, as they are at one instant."""

    def step(self, session_id: str, seq: int) -> Step | None:
        """One step by its number. Every step is checked by its hash as it is read: StoreCorrupt names one that does not verify."""

    def steps(
        self, session_id: str, *, after: int = 0, branch: int | None = None, newest: bool = False, limit: int = 0, check: bool = True
    ) -> list[Step]:
        """Steps with seq > `after`, ascending, or the newest first; 0 is no limit. Without `check` damaged ones too."""

    def context_chain(self, session_id: str, seq: int) -> list[Step]:
        """The steps that the context at a step is made of, newest first: by `context_source`, down to one that has none."""

    def tip(self, session_id: str, branch: int) -> Step | None:
        """The newest step of a branch, the root (0) included."""

    def newest_of(self, session_id: str, agent: str) -> Step | None:
        """The agent's newest step on the main branch."""

    def steps_by_token(self, prefix: str, limit: int) -> list[Step]:
        """Steps whose 26 characters start with `prefix`: a range scan, in their order."""

    def steps_by_key(self, key: str) -> list[Step]:
        """Steps recorded under an idempotency key, newest first."""

    def steps_by_request(self, operation: str, request_digest: bytes, limit: int) -> list[Step]:
        """Steps that answered this very request, newest first."""

    def payload(self, digest: bytes) -> bytes | None:
        """Stored bytes, verified; None when they were redacted. Raises StoreCorrupt when they are not what was written."""

    def create(self, change: Change, allow: Callable[[], None] = nothing) -> None:
        """A new session with its first steps, if `allow`, called while nobody else makes one, raises nothing.

        Raises SessionExists when its id, its name or a token is there already.
        """

    def change(self, session_id: str, decide: Callable[[Session], Change | None]) -> None:
        """Write what `decide` says about the session as it is now; it may be called again when another writer was faster.

        Raises SessionNotFound. Whatever `decide` raises leaves nothing written.
        """

    def lease(self, name: str) -> AbstractContextManager[None]:
        """Wait until nobody holds the name, and hold it for the block.

        It is given back when the process ends, whatever ends it, or with the connection to a server; no clock counts.
        """

    def delete(self, session_id: str, when: Callable[[Session], bool]) -> bool:
        """Take a session away if `when` still says so; what it held is freed by `sweep`. False when nothing was taken."""

    def sweep(self, until: Callable[[], bool]) -> int:
        """Free what deleted sessions left, in slices, until nothing is left or `until` says so; returns the steps freed."""

    def examine(self) -> Iterator[str]:
        """Problems of the store itself, a sentence each; sessions, steps and bytes are checked by their readers."""

    def compact(self) -> None:
        """Give free space back to the system."""

    def count(self) -> int:
        """Number of sessions."""

    def size(self) -> int:
        """Bytes the store takes."""

    def close(self) -> None:
        """Let go of files and connections."""
