"""Is everything that was promised still there? Names what is not, and with repair keeps what can be read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew.errors import ClewError, StoreCorrupt, StoreUnavailable
from clew.sessions.backends import DATABASE
from clew.sessions.bundles import chain_problems
from clew.sessions.mending import copy_aside, mend, rebuild
from clew.sessions.steps import Step
from clew.sessions.store.gate import Gate, require_files
from clew.sessions.store.protocol import Filter, SessionStore
from clew.sessions.store.wal import read_wal

if TYPE_CHECKING:
    from clew.sessions.store.sqlite import SqliteStore


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The report on a store."""

    store: str
    durability: str
    """`full`: a printed step survives a power cut; `normal`: it survives a crash of the process."""
    sessions: int = 0
    steps: int = 0
    bytes: int = 0
    repaired: str | None = None
    """The folder with copies of the damaged files."""
    kept: int = 0
    """Steps that the repair kept."""
    problems: tuple[str, ...] = ()


class _Found(NamedTuple):
    sessions: int
    steps: int
    problems: list[str]


def examine(path: str, open_store: Callable[[str], SqliteStore], *, durability: str = "full", repair: bool = False) -> Report:
    """Look at the database at `path`: its log before SQLite does, its pages, every session, step and stored value.

    With `repair`, and only when something is wrong behind the gate too, the files are copied aside and what is damaged is taken out.
    Raises StoreNewer, and StoreUnavailable for a file that is none or another program's.
    """
    require_files(path, path + "-wal", path + ".gate")
    log, aside = _look_at_log(path, repair=repair)
    store: SqliteStore | None = None
    size = 0
    try:
        try:
            store = open_store(path)
            report = examine_store(store)
            size = store.size()
        except StoreCorrupt as error:
            report = _Found(0, 0, [error.message])
        problems, kept = [*log, *report.problems], 0
        if repair and problems:
            with store.gate if store else Gate(path + ".gate"):
                aside, report, left = _repair(path, aside, store, open_store)
            problems, kept = [*(log if store else problems), *left], report.steps
    finally:
        if store is not None:
            store.close()
    return Report(
        store=path,
        durability=durability,
        sessions=report.sessions,
        steps=report.steps,
        bytes=size,
        repaired=aside,
        kept=kept if aside else 0,
        problems=tuple(problems),
    )


def examine_folder(folder: str, *, durability: str = "full", repair: bool = False) -> Report:
    """`examine` for the SQLite store of a folder."""
    from clew.sessions.store.sqlite import SqliteStore  # apsw: only on SQLite

    return examine(os.path.join(folder, DATABASE), SqliteStore, durability=durability, repair=repair)


def examine_store(store: SessionStore) -> _Found:
    """Everything wrong with the store, its sessions, their chains and bytes; each session is read as it is at one instant."""
    problems = list(store.examine())
    sessions = steps = 0
    for session_id in _every_id(store, problems):
        try:
            whole = store.whole(session_id)
        except ClewError as error:
            problems.append(error.message)
            continue
        if whole is not None:
            sessions += 1
            steps += len(whole[1])
            problems += chain_problems(whole[0], tuple(whole[1]))
            problems += _unreadable(store, whole[1])
    return _Found(sessions, steps, problems)


def _every_id(store: SessionStore, problems: list[str]) -> list[str]:
    """One list, not pages: a session that is used meanwhile would change its page."""
    try:
        return [session.session_id for session in store.sessions(Filter(limit=0))]
    except ClewError as error:
        problems.append(error.message)
        return []


def _unreadable(store: SessionStore, steps: list[Step]) -> list[str]:
    said = []
    for step in steps:
        for held in step.addresses:
            try:
                store.payload(held)
            except (ClewError, TypeError) as error:
                if store.steps(step.session_id, after=step.seq - 1, limit=1, check=False):  # else it was deleted meanwhile
                    said.append(f"{step.address}: {error}")
    return said


def _look_at_log(path: str, *, repair: bool) -> tuple[list[str], str | None]:
    """The damage in the log, and where it was copied for the repair: opening the store ends the log behind what is whole."""
    if not os.path.exists(path + "-wal"):
        return [], None
    with _held(path):
        log = read_wal(path + "-wal")
        if not (log.lost_commits or log.header_damaged):
            return [], None
        return [f"{path}-wal: {log.problem}"], copy_aside(path) if repair else None


@contextmanager
def _held(path: str) -> Iterator[None]:
    """The gate, so that nobody writes the log that is read; where it cannot be made, nobody writes."""
    gate = Gate(path + ".gate")
    try:
        with ExitStack() as stack:
            with suppress(OSError):
                stack.enter_context(gate)
            yield
    finally:
        gate.close()


def _repair(
    path: str, aside: str | None, store: SqliteStore | None, open_store: Callable[[str], SqliteStore]
) -> tuple[str | None, _Found, list[str]]:
    """Look again behind the gate, where nothing moves, and mend what is wrong then.

    Gives where the copies are (None when nothing was wrong or the file is not ours), what is there now, and what was wrong.
    """
    before = examine_store(store) if store else None
    if before is not None and not before.problems:
        return aside, before, []
    aside = aside or copy_aside(path)
    after = before
    if store is not None:
        with suppress(StoreCorrupt, StoreUnavailable):  # pages or the schema cannot be read: it is written anew
            mend(store)
            after = examine_store(store)
    wrong = before.problems if before else []
    if after is not None and not after.problems:
        return aside, after, wrong
    if not rebuild(path, aside, open_store):
        return None, _Found(0, 0, []), [*wrong, f"{path} is no database of clew; it was left as it is"]
    again = open_store(path) if store is None else store
    try:
        return aside, examine_store(again), wrong
    finally:
        if store is None:
            again.close()
