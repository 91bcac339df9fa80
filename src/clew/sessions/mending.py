"""Repair of a damaged SQLite store while others use it: files are copied aside, then everything is written through SQLite.

Of each session the longest run of steps that verifies stays. A step whose request or details are damaged stays without them, and
stored bytes that are damaged become redacted ones. The live files are never renamed or deleted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.errors import ClewError
from clew.sessions.bundles import chain_problems
from clew.sessions.steps import Session, Step
from clew.sessions.store import mending as rows
from clew.sessions.store.protocol import Change, SessionStore
from clew.sessions.store.rows import session_of

if TYPE_CHECKING:
    from clew.sessions.store.sqlite import SqliteStore


def copy_aside(path: str) -> str:
    """A new folder beside the database at `path` with copies of it and its log; called behind the gate."""
    number = 1
    while os.path.exists(f"{path}.damaged-{number}"):
        number += 1
    aside = f"{path}.damaged-{number}"
    os.mkdir(aside, 0o700)
    for name in (path, path + "-wal"):
        if os.path.exists(name):
            rows.copy_file(name, os.path.join(aside, os.path.basename(name)))
    return aside


def mend(store: SqliteStore) -> None:
    """Take what does not verify out of the store, in one transaction. Raises StoreCorrupt when its pages cannot be read."""

    def write(connection: rows.Connection) -> None:
        rows.forget_wrong_values(connection)
        for row in list(rows.session_rows(connection)):
            _mend_session(store, connection, row)
        rows.recount(connection)

    store.write(write)


def rebuild(path: str, aside: str, open_store: Callable[[str], SqliteStore]) -> bool:
    """Write what can be read of the copies in `aside` into the database at `path`; called behind its gate.

    False, with nothing written and no copies left, when the file is not ours.
    """
    work, kept = os.path.join(aside, "work.db"), os.path.join(aside, "kept.db")
    try:
        for ending in ("", "-wal"):
            copy = os.path.join(aside, os.path.basename(path)) + ending
            if os.path.exists(copy):
                rows.copy_file(copy, work + ending)
        if not rows.is_ours(work):
            for name in os.listdir(aside):
                os.unlink(os.path.join(aside, name))
            os.rmdir(aside)
            return False
        target = open_store(kept)
        with suppress(ClewError):  # nothing at all can be read
            rows.restore_schema(work)
            source = open_store(work)
            for row in list(rows.session_rows(source.connection)):
                _copy_session(source, row, target)
            source.close()
        target.compact()
        target.close()
        rows.put_in_place(path, kept)
    finally:
        for name in os.listdir(aside) if os.path.isdir(aside) else ():
            if name.startswith(("work.db", "kept.db")):
                os.unlink(os.path.join(aside, name))
    return True


def _mend_session(store: SqliteStore, connection: rows.Connection, row: tuple[Any, ...]) -> None:
    key, session_id = row[:2]
    known = _record(row)
    if known is not None and known.session_id != session_id:
        rows.write_session(connection, key, known)  # the steps are found by the id beside the record
        session_id = known.session_id
    whole, stripped = whole_steps(store, session_id)
    if not whole:
        rows.drop_session(connection, key)
        return
    for seq in stripped:
        rows.strip_step(connection, key, seq)
    rows.drop_steps(connection, key, whole[-1].seq)
    rows.write_session(connection, key, _session(row, known, whole))


def _copy_session(source: SqliteStore, row: tuple[Any, ...], target: SessionStore) -> None:
    whole, _stripped = whole_steps(source, row[1])
    if whole:
        values: list[bytes] = []
        for step in whole:
            for address in step.addresses:
                with suppress(ClewError):
                    data = source.payload(address)
                    values += [] if data is None else [data]
        with suppress(ClewError):  # a second row of the same session
            target.create(Change(session=_session(row, _record(row), whole), steps=tuple(whole), payloads=tuple(values)))


def whole_steps(store: SessionStore, session_id: str) -> tuple[list[Step], list[int]]:
    """The longest run of a session's steps that verifies, and the numbers of those that do so only without request and details."""
    read = _readable_steps(store, session_id)
    stripped: list[int] = []
    good, bad = 0, len(read) + 1
    while good + 1 < bad:
        middle = (good + bad) // 2
        if _verifies(read[:middle]):
            good = middle
        else:
            bad = middle
        if good + 1 == bad <= len(read):
            bare = replace(read[good], request=None, details=None)
            if _verifies([*read[:good], bare]):
                stripped.append(bare.seq)
                read[good] = bare
                bad = len(read) + 1
    return read[:good], stripped


def _readable_steps(store: SessionStore, session_id: str) -> list[Step]:
    with suppress(ClewError):
        return store.steps(session_id, after=-1, check=False)
    steps: list[Step] = []
    seq = 0
    with suppress(ClewError):
        while seq < 2 or (steps and steps[-1].seq == seq - 1):  # noqa: PLR2004 - the first step is 0 or 1
            step = store.step(session_id, seq)
            steps += [] if step is None else [step]
            seq += 1
    return steps


def _verifies(steps: list[Step]) -> bool:
    if not steps:
        return True
    session = Session(session_id=steps[0].session_id, name=None, created_at=0, kept_from=0, last_used_at=0, head=steps[-1].seq)
    return not any(chain_problems(session, tuple(steps)))


def _record(row: tuple[Any, ...]) -> Session | None:
    with suppress(ClewError, msgspec.MsgspecError, TypeError):
        return session_of(*row[6:])
    return None


def _session(row: tuple[Any, ...], known: Session | None, whole: list[Step]) -> Session:
    """The session that these steps are; without a record its goal, metadata and initial context are lost."""
    if known is None:
        _key, session_id, name, address, last_used_at, transient, *_ = row
        known = Session(
            session_id=session_id,
            name=name,
            owns_name=address is not None and address == name,
            created_at=whole[0].created_at,
            kept_from=whole[0].created_at,
            last_used_at=last_used_at,
            transient=bool(transient),
        )
    if whole[-1].seq == known.head:
        return known
    branches, size = max(step.branch for step in whole), sum(step.size for step in whole)
    return replace(known, head=whole[-1].seq, branches=branches, size=size, revision=known.revision + 1)
