"""Stores and managers that break one promise each; `test_doubles` shows that the suite notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from clew.sessions.core import Sessions
from clew.sessions.steps import Session, Step
from clew.sessions.store.protocol import Change
from clew.sessions.store.sqlite import SqliteStore

Anything = Any


class Double(NamedTuple):
    """A deliberate fault: its place, its replacement, and the test that has to fail."""

    breaks: str
    owner: object
    name: str
    wrap: Callable[[Anything], Anything]
    test: Callable[..., None]


def always(value: object) -> Callable[[Anything], Anything]:
    return lambda _original: lambda *_, **__: value


def result(change: Callable[[Anything], Anything]) -> Callable[[Anything], Anything]:
    return lambda original: lambda *given, **named: change(original(*given, **named))


def step(**fields: Callable[[Step], object]) -> Callable[[Anything], Anything]:
    """Steps are made with these fields otherwise."""

    def wrap(original: Anything) -> Anything:
        def made(*given: Anything, **named: Anything) -> tuple[Change, Step]:
            change, new = original(*given, **named)
            new = replace(new, **{name: value(new) for name, value in fields.items()})
            return replace(change, steps=(new,)), new

        return made

    return wrap


def session(change: Callable[[Session, Session], Session]) -> Callable[[Anything], Anything]:
    """Sessions are stored otherwise: `change(before, after)`."""

    def wrap(original: Anything) -> Anything:
        def made(before: Session, *given: Anything, **named: Anything) -> tuple[Change, Step]:
            written, new = original(before, *given, **named)
            return replace(written, session=change(before, written.session)), new

        return made

    return wrap


def uncommitted(_original: Anything) -> Anything:
    def transaction(store: SqliteStore, write: Callable[[], object]) -> object:
        if not store._connection.in_transaction:  # noqa: SLF001
            store._connection.execute("BEGIN")  # noqa: SLF001
        return write()

    return transaction


def half_written(_original: Anything) -> Anything:
    def transaction(store: SqliteStore, write: Callable[[], object]) -> object:
        return write()

    return transaction


def without_check(original: Anything) -> Anything:
    """`delete` does not look again whether it still should."""
    return lambda store, session_id, _when: original(store, session_id, lambda _: True)


def refreshing(original: Anything) -> Anything:
    def read(sessions: Sessions, *given: Anything, **named: Anything) -> object:
        found = original(sessions, *given, **named)
        held = found if isinstance(found, Step) else found.session
        sessions.store.change(held.session_id, lambda before: Change(session=replace(before, last_used_at=sessions.clock())))
        return found

    return read


def keeping(original: Anything) -> Anything:
    def change(store: SqliteStore, key: str, decide: Callable[[Session], Change | None]) -> None:
        def kept(before: Session) -> Change | None:
            made = decide(before)
            return made and replace(made, forget=(), strip=None)

        original(store, key, kept)

    return change


def fixed_at_locate(original: Anything) -> Anything:
    return lambda *given, **named: replace(original(*given, **named), fixed=True)


def copying(original: Anything) -> Anything:
    """Bytes are stored again for every step."""

    def refer(store: SqliteStore, address: bytes, kept: dict[bytes, bytes]) -> int:
        if address in kept:
            store._connection.execute("INSERT INTO payloads VALUES (NULL, ?)", (kept[address],))  # noqa: SLF001
        return int(original(store, address, kept))

    return refer


def anything_held(_original: Anything) -> Anything:
    """The cache gives what it has, whatever the revision."""
    return lambda cache, _key, _revision: next(((held.value, 0.0) for held in cache._held.values()), None)  # noqa: SLF001
