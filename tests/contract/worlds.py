"""A world for the contract: one workspace's data on some store, a clock that the test moves, and managers opened on both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from clew.sessions.manager import SessionManager
from clew.sessions.steps import Step, StepDraft
from clew.sessions.store.protocol import SessionStore
from clew.sessions.store.sqlite import SqliteStore


@dataclass
class Clock:
    """Seconds since the epoch; moves only when told."""

    now: float = 1_000_000_000.0

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class World:
    """`open_store` opens the same data again; every manager made here shares the clock."""

    open_store: Callable[[], SessionStore]
    other_workspace: Callable[[], SessionStore]
    clock: Clock = field(default_factory=Clock)
    opened: list[SessionManager] = field(default_factory=list)

    def manager(self, **options: Any) -> SessionManager:
        return self._on(self.open_store(), **options)

    def foreign_manager(self) -> SessionManager:
        return self._on(self.other_workspace())

    def _on(self, store: SessionStore, **options: Any) -> SessionManager:
        manager = SessionManager(store, clock=self.clock, **options)
        self.opened.append(manager)
        return manager

    def close(self) -> None:
        for manager in self.opened:
            manager.close()
        self.opened.clear()


def sqlite_world(folder: Path) -> World:
    return World(
        open_store=partial(SqliteStore, str(folder / "here" / "sessions.db")),
        other_workspace=partial(SqliteStore, str(folder / "elsewhere" / "sessions.db")),
    )


def postgres_world(url: str, name: str) -> World:
    """Two workspaces of one database."""
    from clew.sessions.store.postgres import PostgresStore

    return World(open_store=partial(PostgresStore, url, name), other_workspace=partial(PostgresStore, url, name + " elsewhere"))


def draft(operation: str = "search", number: int = 1, **fields: Any) -> StepDraft:
    """A step whose request and result differ by `number`."""
    fields.setdefault("request", b'{"op":"%s","number":%d}' % (operation.encode(), number))
    fields.setdefault("result", b'{"results":[{"n":%d}]}' % number)
    return StepDraft(operation=operation, **fields)


def session_with(manager: SessionManager, name: str | None, *operations: str, agent: str | None = None) -> list[Step]:
    """A session of these operations, appended by name one after the other."""
    steps = [manager.append(manager.begin(name, agent=agent), draft(operations[0], agent=agent))]
    for number, operation in enumerate(operations[1:], 2):
        steps.append(manager.append(manager.locate(steps[-1].token), draft(operation, number, agent=agent)))
    return steps
