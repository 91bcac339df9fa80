"""Sessions in PostgreSQL, for many machines: a database may hold many workspaces, and none sees another's.

A change is decided on the session as it was read and written by one statement that does nothing when the session was changed
since (compare and append, READ COMMITTED). Who comes too late once waits in line for the session's row.

A store remembers how it left the sessions that it wrote to, and decides on that without looking first: an append is one round trip
then. What is remembered is never told to a caller: it only stands when the statement that writes finds the version unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from psycopg import errors

from clew.errors import ClewError, SessionNotFound
from clew.sessions.steps import MAIN, Session, Step, digest
from clew.sessions.store import postgres_statements as sql
from clew.sessions.store.checks import wrong_sessions, wrong_values
from clew.sessions.store.packing import REDACTED, missing, packed, unpacked
from clew.sessions.store.postgres_heads import Head, Heads
from clew.sessions.store.postgres_opening import open_workspace
from clew.sessions.store.postgres_server import PATIENCE, Connection, PostgresServer
from clew.sessions.store.protocol import Change, Filter, nothing
from clew.sessions.store.rows import encode, session_of, sessions_of, step_of, with_checksum

SLICE = 64
T = TypeVar("T")


class PostgresStore:
    """The sessions of one workspace in the database at `url`; what the address leaves out comes from libpq's variables.

    Nothing is asked of the server before the first use. `patience` is how many seconds a server that went away is waited for.
    """

    def __init__(self, url: str, workspace: str = "", *, patience: float = PATIENCE) -> None:
        self._workspace = 0
        self._heads = Heads()
        self._server = PostgresServer(url, partial(self._open, workspace), patience=patience)
        self.path = self._server.where

    def _open(self, workspace: str, connection: Connection) -> None:
        self._workspace = open_workspace(connection, workspace, self._server.where)

    def session(self, session_id: str) -> Session | None:
        """The session of that id."""
        return next((session_of(*row) for row in self._rows(sql.SESSION, session_id)), None)

    def session_named(self, name: str) -> Session | None:
        """The session that owns the name, live or expired."""
        return next((session_of(*row) for row in self._rows(sql.SESSION_NAMED, name)), None)

    def sessions(self, wanted: Filter) -> list[Session]:
        """A page of sessions, newest use first."""
        time, session_id = wanted.after or (None, None)
        values = {
            "name": wanted.name_contains, "agent": wanted.agent, "transient": wanted.transient, "used_since": wanted.used_since,
            "used_before": wanted.used_before, "after_time": time, "after_id": session_id, "limit": wanted.limit or None,
        }  # fmt: skip
        rows = self._server.run(lambda connection: _fetch(connection, sql.SESSION_LIST, {"workspace": self._workspace, **values}))
        return sessions_of(rows)

    def whole(self, session_id: str) -> tuple[Session, list[Step]] | None:
        """A session and all its steps, the root included, as they are at one instant."""

        def read(connection: Connection) -> tuple[Session, list[Step]] | None:
            with connection.transaction():
                connection.execute(sql.SNAPSHOT)
                session = self.session(session_id)
                return None if session is None else (session, self.steps(session_id, after=-1, check=False))

        return self._server.run(read)

    def step(self, session_id: str, seq: int) -> Step | None:
        """One step by its number."""
        return self._first(sql.STEP, session_id, seq)

    def steps(
        self, session_id: str, *, after: int = 0, branch: int | None = None, newest: bool = False, limit: int = 0, check: bool = True
    ) -> list[Step]:
        """Steps with seq > `after`, ascending, or the newest first; 0 is no limit."""
        if branch is None:
            rows = self._rows(sql.STEPS_NEWEST if newest else sql.STEPS, session_id, after, limit or None)
        else:
            rows = self._rows(sql.BRANCH_STEPS_NEWEST if newest else sql.BRANCH_STEPS, session_id, branch, after, limit or None)
        return [step_of(row, check=check) for row in rows]

    def context_chain(self, session_id: str, seq: int) -> list[Step]:
        """The steps that the context at a step is made of, newest first."""
        return self._steps(sql.CONTEXT_CHAIN, session_id, seq)

    def tip(self, session_id: str, branch: int) -> Step | None:
        """The newest step of a branch, the root (0) included."""
        head = self._heads.decided_on
        if head is None or head.session.session_id != session_id:
            return self._first(sql.BRANCH_STEPS_NEWEST, session_id, branch, -1, 1)
        if branch not in head.tips:
            head.tips[branch] = self._first(sql.BRANCH_STEPS_NEWEST, session_id, branch, -1, 1)
        return head.tips[branch]

    def newest_of(self, session_id: str, agent: str) -> Step | None:
        """The agent's newest step on the main branch."""
        return self._first(sql.NEWEST_OF, session_id, agent)

    def steps_by_token(self, prefix: str, limit: int) -> list[Step]:
        """Steps whose 26 characters start with `prefix`: a range scan, in their order."""
        return self._steps(sql.STEPS_BY_TOKEN, prefix, prefix + "{", limit)

    def steps_by_key(self, key: str) -> list[Step]:
        """Steps recorded under an idempotency key, newest first."""
        return self._steps(sql.STEPS_BY_KEY, key)

    def steps_by_request(self, operation: str, request_digest: bytes, limit: int) -> list[Step]:
        """Steps that answered this very request, newest first."""
        return self._steps(sql.STEPS_BY_REQUEST, request_digest, operation, limit)

    def payload(self, digest_: bytes) -> bytes | None:
        """Stored bytes, verified; None when they were redacted. Raises StoreCorrupt when they are not what was written."""
        rows = self._rows(sql.PAYLOAD, digest_)
        if not rows:
            raise missing(digest_)
        return unpacked(digest_, *rows[0])

    def create(self, change: Change, allow: Callable[[], None] = nothing) -> None:
        """A new session with its first steps. Raises SessionExists when its id, its name or a token is there already."""
        session_id = change.session.session_id
        tries = 0

        def write(connection: Connection) -> None:
            nonlocal tries
            tries += 1
            try:
                with connection.transaction():
                    connection.execute(sql.WORKSPACE_LOCK, (self._workspace,))
                    allow()
                    connection.execute(sql.CREATE, {"id": session_id, "workspace": self._workspace, **_values(change)})
            except errors.UniqueViolation:
                if tries == 1 or not _fetch(connection, sql.SESSION, (self._workspace, session_id)):
                    raise  # else the answer to the first try was lost, not the try

        self._server.run(write)

    def change(self, session_id: str, decide: Callable[[Session], Change | None]) -> None:
        """Write what `decide` says about the session as it is now; it may be called again when another writer was faster.

        Raises SessionNotFound. Whatever `decide` raises leaves nothing written.
        """
        sent: tuple[int, Change] | None = None  # on which version, while no answer came

        def write(connection: Connection, look: str) -> bool | None:
            nonlocal sent
            is_first = sent is None and look is sql.SESSION_STATE
            known = self._heads.taken(session_id) if is_first else None
            change = None if known is None else self._decided_unseen(known, decide)
            head = known if change is not None else self._looked(connection, look, session_id)
            if sent is not None and (head is None or head.version != sent[0]):
                if self._recorded(connection, sent[1]):
                    return True
                sent = None
            if head is None:
                raise SessionNotFound(f"There is no session {session_id}")
            if sent is None:
                change = change or self._decided(head, decide)
                if change is None:
                    return False
                sent = head.version, change
            values = {"key": head.key, "version": sent[0], **_values(sent[1])}
            written = connection.execute(sql.CHANGE, values, binary=True)
            if look is sql.SESSION_STATE_LOCKED or written.fetchall() == [(1,)]:  # who has the row need not wait to hear it
                self._heads.leave(head, sent[1])
                return True
            sent = None
            self._heads.crowd(session_id, head.version)
            return None

        self._settled(write, session_id)
        if sent is not None and sent[1].forget:
            self.compact()

    @contextmanager
    def lease(self, name: str) -> Iterator[None]:
        """Wait until nobody holds the name, and hold it for the block: an advisory lock of a connection that does nothing else."""
        with self._server.apart() as connection:
            connection.execute(sql.LEASE, (f"{self._workspace}/{name}",))
            yield

    def delete(self, session_id: str, when: Callable[[Session], bool]) -> bool:
        """Take a session away if `when` still says so; what it held is freed by `sweep`. False when nothing was taken."""
        sent = False

        def write(connection: Connection, look: str) -> bool | None:
            nonlocal sent
            found = connection.execute(look, (self._workspace, session_id)).fetchone()
            if found is None:
                return sent
            if not when(session_of(*found[:2])):
                return False
            sent = True
            if connection.execute(sql.DELETE, found[2:4]).fetchone() is not None:
                return True
            sent = False
            return None

        return self._settled(write, session_id)

    def sweep(self, until: Callable[[], bool]) -> int:
        """Free what deleted sessions left, in slices, until nothing is left or `until` says so; returns the steps freed.

        A session that another process is freeing is left to it.
        """
        freed = 0
        while not until() and self._rows(sql.NEXT_TOMBSTONE):
            slice_ = self._server.run(self._free_slice)
            if slice_ is None:
                break
            freed += slice_
        return freed

    def examine(self) -> Iterator[str]:
        """Problems of the store itself beside sessions, steps and bytes."""
        yield from self._server.run(self._problems)

    def compact(self) -> None:
        """Give the space of what was deleted to what comes."""
        self._server.run(lambda connection: connection.execute(sql.VACUUM))

    def count(self) -> int:
        """Number of sessions of the workspace."""
        return int(self._rows(sql.SESSION_COUNT)[0][0])

    def size(self) -> int:
        """Bytes of the database's sessions, those of other workspaces included."""
        if self._heads.decided_on is not None:
            return self._heads.decided_on.size
        return int(self._server.run(lambda connection: _fetch(connection, sql.SIZE, ()))[0][0])

    def close(self) -> None:
        """Let go of the connections."""
        self._server.close()

    def _rows(self, statement: str, *values: object) -> list[Any]:
        return self._server.run(lambda connection: _fetch(connection, statement, (self._workspace, *values)))

    def _steps(self, statement: str, *values: object) -> list[Step]:
        return [step_of(row) for row in self._rows(statement, *values)]

    def _first(self, statement: str, *values: object) -> Step | None:
        return next(iter(self._steps(statement, *values)), None)

    def _settled(self, write: Callable[[Connection, str], T | None], session_id: str) -> T:
        """The result of `write`: at once if nobody was faster (None), else after waiting in line."""
        outcome = None if self._heads.is_crowded(session_id) else self._server.run(lambda connection: write(connection, sql.SESSION_STATE))
        while outcome is None:
            outcome = self._server.run(partial(_in_line, write))
        return outcome

    def _looked(self, connection: Connection, look: str, session_id: str) -> Head | None:
        """The session as it is now, in one round trip with what is read to decide about it."""
        with connection.pipeline():
            state = connection.execute(look, (self._workspace, session_id), binary=True)
            tip = connection.execute(sql.BRANCH_STEPS_NEWEST, (self._workspace, session_id, MAIN, -1, 1), binary=True)
            size = connection.execute(sql.SIZE, (), binary=True)
            found, tips, sizes = state.fetchone(), tip.fetchall(), size.fetchall()
        if found is None:
            return None
        newest = next((step_of(row) for row in tips), None)
        return Head(session=session_of(*found[:2]), key=found[2], version=found[3], tips={MAIN: newest}, size=int(sizes[0][0]))

    def _decided(self, head: Head, decide: Callable[[Session], Change | None]) -> Change | None:
        with self._heads.deciding(head):
            return decide(head.session)

    def _decided_unseen(self, head: Head, decide: Callable[[Session], Change | None]) -> Change | None:
        """The decision on a remembered head; a refusal may be that of a session that is no longer so, and is not decided here."""
        try:
            return self._decided(head, decide)
        except ClewError:
            return None

    def _recorded(self, connection: Connection, change: Change) -> bool:
        """True when a change that was sent and never answered was written; one without steps is simply decided again."""
        return any(_fetch(connection, sql.STEP_RECORDED, (self._workspace, step.body)) for step in change.steps[:1])

    def _free_slice(self, connection: Connection) -> int | None:
        with connection.transaction():
            tombstone = connection.execute(sql.NEXT_TOMBSTONE, (self._workspace,)).fetchone()
            if tombstone is None:
                return None
            rows = _fetch(connection, sql.TOMBSTONE_STEPS_DELETE, {"session": tombstone[0], "limit": SLICE})
            held = sorted({address for row in rows for address in row if address is not None})
            if held:
                held_by = {"workspace": self._workspace, "digests": held}
                connection.execute(sql.BLOBS_HOLD, held_by)
                connection.execute(sql.BLOBS_FREE, held_by)
            if len(rows) < SLICE:
                connection.execute(sql.CLEAR_TOMBSTONE, tombstone)
            return len(rows)

    def _problems(self, connection: Connection) -> list[str]:
        workspace = (self._workspace,)
        cursor = connection.cursor(binary=True)
        problems = [*wrong_sessions(cursor.stream(sql.EVERY_SESSION, workspace)), *wrong_values(cursor.stream(sql.EVERY_BLOB, workspace))]
        for statement, words in ((sql.STRAY_STEPS, "steps belong to no session"), (sql.STRAY_BLOBS, "stored values belong to no step")):
            count = _fetch(connection, statement, workspace)[0][0]
            problems += [f"{count} {words}"] if count else []
        return problems


def _in_line(write: Callable[[Connection, str], T | None], connection: Connection) -> T | None:
    """`write` with the row of the session locked. The lock is let go before the log is on disk, and the answer waits for that.

    Whoever builds on what is not on disk yet stands behind it in the log, so that no acknowledged step can lack the one before.
    """
    with connection.pipeline():
        with connection.transaction():
            connection.execute(sql.COMMIT_UNFLUSHED)
            outcome = write(connection, sql.SESSION_STATE_LOCKED)
        connection.execute(sql.FLUSH)
    return outcome


def _fetch(connection: Connection, statement: str, values: Sequence[object] | dict[str, object]) -> list[tuple[Any, ...]]:
    return connection.execute(statement, values, binary=True).fetchall()


def _values(change: Change) -> dict[str, object]:
    """The parameters that `CREATE` and `CHANGE` share; steps and stored values are lists, column by column."""
    session, steps = change.session, change.steps
    record, seal = with_checksum(session)
    given = {digest(data): data for data in change.payloads}
    wanted = [address for step in steps for address in step.addresses]
    values = [(address, given.get(address)) for address in dict.fromkeys(wanted)]
    stored = [(REDACTED, b"") if data is None else packed(data) for _, data in values]
    columns = {name: [getattr(step, name) for step in steps] for name in _PLAIN}
    return {
        "address": session.name if session.owns_name else None, "name": session.name, "last_used_at": session.last_used_at,
        "transient": session.transient, "record": record, "seal": seal,
        "digests": [address for address, _ in values], "sizes": [len(data or b"") for _, data in values],
        "codecs": [codec for codec, _ in stored], "values": [data for _, data in stored],
        **columns, "context": [encode(step.keys) for step in steps],
        "details": [None if step.details is None else encode(step.details) for step in steps],
        "result": [step.result_digest for step in steps], "depends": [step.depends_digest for step in steps],
        "subject": [step.subject_digest for step in steps],
        "forget": list(change.forget), "strip": change.strip,
    }  # fmt: skip


_PLAIN = (
    "seq", "branch", "parent", "body", "operation", "store_as", "created_at", "agent", "idempotency_key", "depth", "hands_on",
    "stands_on", "request", "request_digest", "details_digest", "size", "hash", "format", "base",
)  # fmt: skip
"""The columns that a step has under the same name."""
