"""Is everything that was promised still there? Names what is not, and with repair keeps what can be read."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from clew.errors import ClewError, StoreNewer
from clew.sessions.backends import DATABASE
from clew.sessions.bundles import chain_problems
from clew.sessions.steps import Session, Step
from clew.sessions.store.protocol import Change, Filter, SessionStore
from clew.sessions.store.wal import read_wal

PAGE = 200


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """What was looked at and what was found."""

    store: str
    durability: str
    """`full`: a printed step survives a power cut; `normal`: it survives a crash of the process."""
    sessions: int = 0
    steps: int = 0
    bytes: int = 0
    repaired: str | None = None
    """Where the damaged files are now."""
    kept: int = 0
    """Steps that the repair kept."""
    problems: tuple[str, ...] = ()


class _Found(NamedTuple):
    sessions: int
    steps: int
    problems: list[str]


def examine(path: str, open_store: Callable[[str], SessionStore], *, durability: str = "full", repair: bool = False) -> Report:
    """Look at the database at `path`: its log before SQLite does, its pages, every session, step and stored value.

    With `repair`, and only when something is wrong, the files are copied aside and the store is written anew from what can be
    read. Raises StoreNewer.
    """
    problems: list[str] = []
    log = read_wal(path + "-wal")
    if log.lost_commits or log.header_damaged:
        problems.append(f"{path}-wal: {log.problem}")
    found = _Found(0, 0, [])
    size = 0
    try:
        store = open_store(path)
    except StoreNewer:
        raise
    except ClewError as error:
        problems.append(error.message)
        store = None
    if store is not None:
        found = examine_store(store)
        size = store.size()
        problems += found.problems
    repaired, kept = _repair(path, store, open_store) if repair and problems else (None, 0)
    if store is not None:
        store.close()
    return Report(
        store=path,
        durability=durability,
        sessions=found.sessions,
        steps=found.steps,
        bytes=size,
        repaired=repaired,
        kept=kept,
        problems=tuple(problems),
    )


def examine_folder(folder: str, *, durability: str = "full", repair: bool = False) -> Report:
    """`examine` for the SQLite store of a folder."""
    from clew.sessions.store.sqlite import SqliteStore  # apsw: only on SQLite

    return examine(os.path.join(folder, DATABASE), SqliteStore, durability=durability, repair=repair)


def examine_store(store: SessionStore) -> _Found:
    """Everything wrong with the store, its sessions, their chains and bytes."""
    problems = list(store.examine())
    sessions = steps = 0
    for session in _every_session(store, problems):
        sessions += 1
        try:
            held = store.steps(session.session_id, after=-1, check=False)
        except ClewError as error:
            problems.append(error.message)
            continue
        steps += len(held)
        problems += chain_problems(session, tuple(held))
        problems += _unreadable(store, held)
    return _Found(sessions, steps, problems)


def _every_session(store: SessionStore, problems: list[str]) -> list[Session]:
    every: list[Session] = []
    after: tuple[float, str] | None = None
    while True:
        try:
            page = store.sessions(Filter(after=after, limit=PAGE))
        except ClewError as error:
            problems.append(error.message)
            return every
        every += page
        if not page:
            return every
        after = (page[-1].last_used_at, page[-1].session_id)


def _unreadable(store: SessionStore, steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        for held in step.addresses:
            try:
                store.payload(held)
            except (ClewError, TypeError) as error:
                said.append(f"{step.address}: {error}")
    return said


def _repair(path: str, store: SessionStore | None, open_store: Callable[[str], SessionStore]) -> tuple[str, int]:
    """Copy the files aside, write what can be read into a new database, and put that in their place."""
    aside = _free_name(path + ".damaged")
    os.mkdir(aside, 0o700)
    fresh = os.path.join(aside, "kept.db")
    kept = 0
    if store is not None:
        target = open_store(fresh)
        for session in _every_session(store, []):
            kept += _copy(store, session, target)
        target.compact()
        target.close()
        store.close()
    for name in (path, path + "-wal", path + "-shm"):
        if os.path.exists(name):
            os.replace(name, os.path.join(aside, os.path.basename(name)))
    if os.path.exists(fresh):
        os.replace(fresh, path)
    return aside, kept


def _copy(store: SessionStore, session: Session, target: SessionStore) -> int:
    """The longest run of steps that verifies, with the bytes that do."""
    whole: list[Step] = []
    values: list[bytes] = []
    try:
        for step in store.steps(session.session_id, after=-1, check=False):
            head = msgspec.structs.replace(session, head=step.seq)
            if any(chain_problems(head, (*whole, step))):
                break
            whole.append(step)
            values += _readable(store, step)
    except ClewError:
        pass  # what was read so far is kept; the report names the rest
    if whole:
        last = whole[-1].seq
        branches = max(step.branch for step in whole)
        target.create(
            Change(session=msgspec.structs.replace(session, head=last, branches=branches), steps=tuple(whole), payloads=tuple(values))
        )
    return len(whole)


def _readable(store: SessionStore, step: Step) -> list[bytes]:
    values = []
    for held in step.addresses:
        try:
            data = store.payload(held)
        except ClewError:
            data = None
        if data is not None:
            values.append(data)
    return values


def _free_name(stem: str) -> str:
    number = 1
    while os.path.exists(f"{stem}-{number}"):
        number += 1
    return f"{stem}-{number}"
