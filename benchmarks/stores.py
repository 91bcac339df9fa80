"""Places where sessions can be kept, behind one small protocol, so that they can be measured side by side.

Each is used as its documentation shows, with its own defaults for durability. Libraries are imported by the store that needs
them, because ours and theirs live in environments of their own.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any, Protocol


class Store(Protocol):
    """A list of records per session."""

    def append(self, session: str, record: dict[str, Any]) -> None:
        """Add one record; when this returns, the store says that it is kept."""

    def newest(self, session: str, count: int) -> list[Any]:
        """Read the last records."""

    def count(self, session: str) -> int:
        """How many records the session holds."""

    def fill(self, session: str, record: dict[str, Any], count: int) -> None:
        """Bring a new session to so many records, by the fastest way there is; not measured."""


class _ByAppending:
    append: Callable[[str, dict[str, Any]], None]

    def fill(self, session: str, record: dict[str, Any], count: int) -> None:
        for _ in range(count):
            self.append(session, record)


class Clew(_ByAppending):
    """Ours. Every append finds its place by the session's name first, as a command does."""

    def __init__(self, place: str, durability: str = "full") -> None:
        from clew.sessions.manager import SessionManager

        remote = place.startswith("postgresql:")
        self.place, self.durability = place, durability
        self.sessions = SessionManager.open(".", url=place) if remote else SessionManager.open(place, durability=durability)

    def append(self, session: str, record: dict[str, Any]) -> None:
        from clew.sessions.steps import StepDraft

        self.sessions.start(session, exist_ok=True)
        position = self.sessions.locate(session)
        self.sessions.append(position, StepDraft(operation="search", request=b"{}", result=json.dumps(record).encode()))

    def newest(self, session: str, count: int) -> list[Any]:
        steps = self.sessions.store.steps(self.sessions.locate(session).session.session_id, newest=True, limit=count)
        return [json.loads(self.sessions.result_of(step)) for step in steps]

    def count(self, session: str) -> int:
        steps = self.sessions.store.steps(self.sessions.locate(session).session.session_id)
        return sum(step.operation == "search" for step in steps)

    def fill(self, session: str, record: dict[str, Any], count: int) -> None:
        if self.durability == "full" and not self.place.startswith("postgresql:"):
            Clew(self.place, "normal").fill(session, record, count)
        else:
            super().fill(session, record, count)

    def fork(self, session: str) -> None:
        """Grow a branch from the step before the tip, without copying."""
        tip = self.sessions.read_step(session)
        before = self.sessions.locate(f"{session}#{tip.seq - 1}")
        from clew.sessions.steps import StepDraft

        self.sessions.append(before, StepDraft(operation="search", request=b"{}", result=b"{}"))


class JsonFile:
    """One JSON file per session: read, append, write."""

    def __init__(self, place: str) -> None:
        self.folder = Path(place)

    def _path(self, session: str) -> Path:
        return self.folder / f"{session}.json"

    def _records(self, session: str) -> list[Any]:
        path = self._path(session)
        records: list[Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
        return records

    def append(self, session: str, record: dict[str, Any]) -> None:
        self._path(session).write_text(json.dumps([*self._records(session), record]), encoding="utf-8")

    def newest(self, session: str, count: int) -> list[Any]:
        return self._records(session)[-count:]

    def count(self, session: str) -> int:
        return len(self._records(session))

    def fill(self, session: str, record: dict[str, Any], count: int) -> None:
        self._path(session).write_text(json.dumps([record] * count), encoding="utf-8")


class PlainSqlite(_ByAppending):
    """The SQLite of the standard library: one table, one INSERT, write-ahead log, full synchronisation, no gate."""

    def __init__(self, place: str) -> None:
        self.connection = sqlite3.connect(Path(place) / "plain.db", timeout=5, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode=WAL")
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("CREATE TABLE IF NOT EXISTS record (session TEXT, seq INTEGER, data TEXT, PRIMARY KEY (session, seq))")

    def append(self, session: str, record: dict[str, Any]) -> None:
        self.connection.execute(
            "INSERT INTO record SELECT ?1, COALESCE(MAX(seq), 0) + 1, ?2 FROM record WHERE session = ?1", (session, json.dumps(record))
        )

    def newest(self, session: str, count: int) -> list[Any]:
        rows = self.connection.execute("SELECT data FROM record WHERE session = ? ORDER BY seq DESC LIMIT ?", (session, count))
        return [json.loads(data) for (data,) in rows]

    def count(self, session: str) -> int:
        (found,) = self.connection.execute("SELECT COUNT(*) FROM record WHERE session = ?", (session,)).fetchone()
        return int(found)


class DiskCache(_ByAppending):
    """`diskcache`, with a queue per session."""

    def __init__(self, place: str) -> None:
        import diskcache

        self.cache = diskcache.Cache(place)

    def append(self, session: str, record: dict[str, Any]) -> None:
        self.cache.push(record, prefix=session)

    def newest(self, session: str, count: int) -> list[Any]:
        keys = (key for key in self.cache.iterkeys(reverse=True) if str(key).startswith(f"{session}-"))
        return [self.cache[key] for key in islice(keys, count)]

    def count(self, session: str) -> int:
        return sum(str(key).startswith(f"{session}-") for key in self.cache.iterkeys())


class LangGraph:
    """LangGraph's `SqliteSaver`: the newest checkpoint is read, its messages grow by one, a checkpoint is put."""

    def __init__(self, place: str) -> None:
        from langgraph.checkpoint.sqlite import SqliteSaver

        self.saver = SqliteSaver(sqlite3.connect(Path(place) / "langgraph.db", check_same_thread=False))
        self.saver.setup()

    def _records(self, session: str) -> list[Any]:
        held = self.saver.get_tuple({"configurable": {"thread_id": session, "checkpoint_ns": ""}})
        records: list[Any] = held.checkpoint["channel_values"]["messages"] if held else []
        return records

    def _put(self, session: str, records: list[Any]) -> None:
        from langgraph.checkpoint.base import empty_checkpoint

        checkpoint = {**empty_checkpoint(), "channel_values": {"messages": records}}
        self.saver.put({"configurable": {"thread_id": session, "checkpoint_ns": ""}}, checkpoint, {}, {})

    def append(self, session: str, record: dict[str, Any]) -> None:
        self._put(session, [*self._records(session), record])

    def newest(self, session: str, count: int) -> list[Any]:
        return self._records(session)[-count:]

    def count(self, session: str) -> int:
        return len(self._records(session))

    def fill(self, session: str, record: dict[str, Any], count: int) -> None:
        self._put(session, [record] * count)


class OpenAiAgents(_ByAppending):
    """The `SQLiteSession` of openai-agents, driven from one event loop."""

    def __init__(self, place: str) -> None:
        self.file = Path(place) / "agents.db"
        self.loop = asyncio.new_event_loop()
        self.held: dict[str, Any] = {}

    def _session(self, session: str) -> Any:  # noqa: ANN401 - the library is not there where types are checked
        from agents import SQLiteSession

        return self.held.setdefault(session, SQLiteSession(session, self.file))

    def append(self, session: str, record: dict[str, Any]) -> None:
        self.loop.run_until_complete(self._session(session).add_items([record]))

    def newest(self, session: str, count: int) -> list[Any]:
        records: list[Any] = self.loop.run_until_complete(self._session(session).get_items(limit=count))
        return records

    def count(self, session: str) -> int:
        return len(self.loop.run_until_complete(self._session(session).get_items()))


STORES: dict[str, Callable[[str], Store]] = {
    "clew": Clew,
    "clew, normal": lambda place: Clew(place, "normal"),
    "clew, PostgreSQL": Clew,
    "JSON file": JsonFile,
    "plain SQLite": PlainSqlite,
    "diskcache": DiskCache,
    "LangGraph SqliteSaver": LangGraph,
    "openai-agents SQLiteSession": OpenAiAgents,
}
"""How each store is opened, by the name it has in the tables."""
