"""Sessions in `.clew/sessions.db`: WAL, FULL, one writer at a time behind a gate, no read transaction held across work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from clew.errors import SessionNotFound
from clew.locks import lock
from clew.sessions.steps import Session, Step, digest
from clew.sessions.store import statements as sql
from clew.sessions.store.database import Database, Value
from clew.sessions.store.opening import storage_error
from clew.sessions.store.packing import RAW, REDACTED, missing, packed, unpacked
from clew.sessions.store.protocol import Change, Filter, nothing
from clew.sessions.store.rows import encode, session_of, sessions_of, step_of, with_checksum

SLICE = 64
FOREVER = float("inf")


class SqliteStore(Database):
    """The store of one workspace on one machine; safe to share between threads and processes."""

    def session(self, session_id: str) -> Session | None:
        """The session of that id."""
        return next((session_of(*row) for row in self._rows(sql.SESSION, (session_id,))), None)

    def session_named(self, name: str) -> Session | None:
        """The session that owns the name, live or expired."""
        return next((session_of(*row) for row in self._rows(sql.SESSION_NAMED, (name,))), None)

    def sessions(self, wanted: Filter) -> list[Session]:
        """A page of sessions, newest use first."""
        before = FOREVER if wanted.used_before is None else wanted.used_before
        time, session_id = wanted.after or (FOREVER, "")
        values = {
            "name": wanted.name_contains, "agent": wanted.agent, "transient": wanted.transient,
            "used_since": -FOREVER if wanted.used_since is None else wanted.used_since, "used_before": before,
            "after_time": time, "after_id": session_id, "limit": wanted.limit or -1,
        }  # fmt: skip
        return sessions_of(self._rows(sql.SESSION_LIST, values))

    def whole(self, session_id: str) -> tuple[Session, list[Step]] | None:
        """A session and all its steps, the root included, as they are at one instant."""
        with self._snapshot():
            session = self.session(session_id)
            return None if session is None else (session, self.steps(session_id, after=-1, check=False))

    def step(self, session_id: str, seq: int) -> Step | None:
        """One step by its number."""
        return self._first(sql.STEP, (session_id, seq))

    def steps(
        self, session_id: str, *, after: int = 0, branch: int | None = None, newest: bool = False, limit: int = 0, check: bool = True
    ) -> list[Step]:
        """Steps with seq > `after`, ascending, or the newest first; 0 is no limit."""
        if branch is None:
            rows = self._rows(sql.STEPS_NEWEST if newest else sql.STEPS, (session_id, after, limit or -1))
        else:
            rows = self._rows(sql.BRANCH_STEPS_NEWEST if newest else sql.BRANCH_STEPS, (session_id, branch, after, limit or -1))
        return [step_of(row, check=check) for row in rows]

    def context_chain(self, session_id: str, seq: int) -> list[Step]:
        """The steps that the context at a step is made of, newest first."""
        return [step_of(row) for row in self._rows(sql.CONTEXT_CHAIN, (session_id, seq))]

    def tip(self, session_id: str, branch: int) -> Step | None:
        """The newest step of a branch, the root (0) included."""
        return self._first(sql.BRANCH_STEPS_NEWEST, (session_id, branch, -1, 1))

    def newest_of(self, session_id: str, agent: str) -> Step | None:
        """The agent's newest step on the main branch."""
        return self._first(sql.NEWEST_OF, (session_id, agent))

    def steps_by_token(self, prefix: str, limit: int) -> list[Step]:
        """Steps whose 26 characters start with `prefix`: a range scan, in their order."""
        return [step_of(row) for row in self._rows(sql.STEPS_BY_TOKEN, (prefix, prefix + "{", limit))]

    def steps_by_key(self, key: str) -> list[Step]:
        """Steps recorded under an idempotency key, newest first."""
        return [step_of(row) for row in self._rows(sql.STEPS_BY_KEY, (key,))]

    def steps_by_request(self, operation: str, request_digest: bytes, limit: int) -> list[Step]:
        """Steps that answered this very request, newest first."""
        return [step_of(row) for row in self._rows(sql.STEPS_BY_REQUEST, (request_digest, operation, limit))]

    def payload(self, digest_: bytes) -> bytes | None:
        """Stored bytes, verified; None when they were redacted. Raises StoreCorrupt when they are not what was written."""
        rows = self._rows(sql.BLOB_READ, (digest_,))
        if not rows:
            raise missing(digest_)
        return unpacked(digest_, *rows[0])

    def create(self, change: Change, allow: Callable[[], None] = nothing) -> None:
        """A new session with its first steps. Raises SessionExists when its id, its name or a token is there already."""

        def write() -> None:
            allow()
            session = change.session
            values = (session.session_id, *_columns(session), *with_checksum(session))
            key = self._connection.execute(sql.SESSION_INSERT, values).get
            self._write_steps(key, change)

        self._transaction(write)

    def change(self, session_id: str, decide: Callable[[Session], Change | None]) -> None:
        """Write what `decide` says about the session as it is now. Raises SessionNotFound, and whatever `decide` raises."""

        def write() -> bool:
            row = self._connection.execute(sql.SESSION_KEY, (session_id,)).fetchone()
            if row is None:
                raise SessionNotFound(f"There is no session {session_id}")
            before = session_of(*row[:2])
            change = decide(before)
            if change is None:
                return False
            after = change.session
            if (before.name, before.owns_name) == (after.name, after.owns_name):
                self._connection.execute(sql.SESSION_RECORD, (after.last_used_at, after.transient, *with_checksum(after), row[2]))
            else:
                self._connection.execute(sql.SESSION_UPDATE, (*_columns(after), *with_checksum(after), row[2]))
            self._write_steps(row[2], change)
            return bool(change.forget)

        scrubs = self._transaction(write)
        if scrubs:
            self._scrub()

    @contextmanager
    def lease(self, name: str) -> Iterator[None]:
        """Wait until nobody holds the name, and hold it for the block: a lock of the kernel on a file beside the database."""
        path = f"{self.path}.lease-{digest(name.encode()).hex()[:16]}"
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        except OSError as error:
            raise storage_error(error, path) from error
        try:
            lock(descriptor, wait=True)
            yield
        finally:
            os.close(descriptor)

    def delete(self, session_id: str, when: Callable[[Session], bool]) -> bool:
        """Take a session away if `when` still says so; what it held is freed by `sweep`. False when nothing was taken."""

        def write() -> bool:
            row = self._connection.execute(sql.SESSION_KEY, (session_id,)).fetchone()
            if row is None or not when(session_of(*row[:2])):
                return False
            self._connection.execute(sql.SESSION_DELETE, (row[2],))
            self._connection.execute(sql.ADD_TOMBSTONE, (row[2],))
            return True

        return self._transaction(write)

    def sweep(self, until: Callable[[], bool]) -> int:
        """Free what deleted sessions left, in slices, until nothing is left or `until` says so; returns the steps freed."""
        freed = 0
        while not until() and self._rows(sql.NEXT_TOMBSTONE):
            freed += self._transaction(self._free_slice)
        return freed

    def examine(self) -> Iterator[str]:
        """Problems of the store itself, beside those of sessions, steps and bytes."""
        from clew.sessions.store.examining import examine  # only the doctor pays

        with self.gate.threads:
            yield from examine(self._connection)

    def compact(self) -> None:
        """Give free space back to the system."""
        try:
            with self.gate:
                self._rows("VACUUM")
                self._scrub()
        except OSError as error:
            raise storage_error(error, self.path) from error

    def count(self) -> int:
        """Number of sessions."""
        return int(self._rows(sql.SESSION_COUNT)[0][0])

    def size(self) -> int:
        """Bytes of the database, free pages left out."""
        return int(self._rows(sql.SIZE)[0][0])

    def _first(self, statement: str, values: Sequence[Value]) -> Step | None:
        return next((step_of(row) for row in self._rows(statement, values)), None)

    def _write_steps(self, key: int, change: Change) -> None:
        kept = {digest(data): data for data in change.payloads}
        for step in change.steps:
            details = None if step.details is None else encode(step.details)
            values = (
                key, step.seq, step.branch, step.parent, step.body, step.operation, step.store_as, step.created_at, step.agent,
                step.idempotency_key, step.depth, step.hands_on, step.stands_on, encode(step.keys), step.request,
                step.request_digest, details, step.details_digest, step.size, self._refer(step.result_digest, kept),
                None if step.depends_digest is None else self._refer(step.depends_digest, kept), step.hash, step.format, step.base,
                None if step.subject_digest is None else self._refer(step.subject_digest, kept),
            )  # fmt: skip
            self._connection.execute(sql.STEP_INSERT, values)
        for forgotten in change.forget:
            for (blob,) in self._connection.execute(sql.BLOB_KEY, (forgotten,)).fetchall():
                self._connection.execute(sql.PAYLOAD_DELETE, (blob,))
                self._connection.execute(sql.BLOB_CODEC, (REDACTED, blob))
        if change.strip is not None:
            self._connection.execute(sql.STEP_STRIP, (key, change.strip))

    def _refer(self, address: bytes, kept: dict[bytes, bytes]) -> int:
        """The key of stored bytes, which are stored once, packed when that pays."""
        found = self._connection.execute(sql.BLOB_FIND, (address,)).fetchone()
        data = kept.get(address)
        if found is not None and (found[1] != REDACTED or data is None):
            return int(found[0])
        codec, held = (RAW, None) if data is None else packed(data)
        if found is None:
            size = 0 if data is None else len(data)
            blob = int(self._connection.execute(sql.BLOB_INSERT, (address, size, REDACTED if data is None else codec)).get)
        else:
            blob = int(found[0])
            self._connection.execute(sql.BLOB_CODEC, (codec, blob))
        if data is not None:
            self._connection.execute(sql.PAYLOAD_INSERT, (blob, held))
        return blob

    def _free_slice(self) -> int:
        """Free up to a slice of steps in this transaction, of as many sessions as that takes; returns how many."""
        freed = 0
        while freed < SLICE:
            session = self._connection.execute(sql.NEXT_TOMBSTONE).get
            if session is None:
                break
            rows = self._connection.execute(sql.DOOMED_STEPS, (session, SLICE - freed)).fetchall()
            for _seq, *blobs in rows:
                for blob in blobs:
                    if blob is not None and self._connection.execute(sql.BLOB_RELEASE, (blob,)).get == 0:
                        self._connection.execute(sql.PAYLOAD_DELETE, (blob,))
                        self._connection.execute(sql.BLOB_DELETE, (blob,))
            if rows:
                self._connection.execute(sql.DOOMED_STEP_DELETE, (session, rows[-1][0]))
            if len(rows) < SLICE - freed:
                self._connection.execute(sql.CLEAR_TOMBSTONE, (session,))
            freed += len(rows)
        return freed


def _columns(session: Session) -> tuple[str | None, str | None, float, bool]:
    """address, name, last_used_at, transient."""
    return (session.name if session.owns_name else None, session.name, session.last_used_at, session.transient)
