"""How often the PostgreSQL store asks its server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from clew.errors import SessionExpired
from clew.sessions import acts
from clew.sessions.manager import SessionManager
from clew.sessions.steps import StepDraft

DRAFT = StepDraft(operation="search", request=b"{}", result=b'{"results":[]}')


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that is sent from now on."""
    sent: list[str] = []
    execute = psycopg.Connection.execute

    def noted(self: psycopg.Connection, query: str, *values: object, **options: object) -> object:
        sent.append(query)
        return execute(self, query, *values, **options)

    monkeypatch.setattr(psycopg.Connection, "execute", noted)
    return sent


@pytest.fixture
def opened(postgres_url: str) -> Iterator[Callable[..., SessionManager]]:
    """Handles of one workspace, closed in the end."""
    handles: list[SessionManager] = []

    def handle(**options: Any) -> SessionManager:
        handles.append(SessionManager.open(".", url=postgres_url, workspace="trips", **options))
        return handles[-1]

    yield handle
    for manager in handles:
        manager.close()


def test_an_append_behind_an_own_one_is_one_statement(opened: Callable[..., SessionManager], statements: list[str]) -> None:
    manager = opened()
    manager.start("once", exist_ok=True)
    position = manager.locate("once")
    manager.append(position, DRAFT)
    statements.clear()
    steps = [manager.append(position, DRAFT).seq for _ in range(5)]
    assert len(statements) == 5
    assert steps == list(range(2, 7))


def test_what_another_handle_wrote_is_never_written_over(opened: Callable[..., SessionManager]) -> None:
    one, other = (opened() for _ in range(2))
    one.start("turns")
    position = one.locate("turns")
    for number in range(6):
        step = (one, other)[number % 2].append(position, DRAFT)
        assert (step.seq, step.parent) == (number + 1, number)


def test_a_refusal_is_that_of_the_session_as_it_is_now(opened: Callable[..., SessionManager]) -> None:
    now = [1000.0]
    one, other = (opened(clock=lambda: now[0]) for _ in range(2))
    one.start("late", ttl=60)
    position = one.locate("late")
    one.append(position, DRAFT)
    now[0] += 40
    other.append(other.locate("late"), DRAFT)
    now[0] += 40  # expired as `one` left it, live as `other` did
    assert one.append(position, DRAFT).seq == 3
    now[0] += 100
    with pytest.raises(SessionExpired):
        one.append(position, DRAFT)


def test_a_rename_and_a_redaction_by_another_handle_are_seen(opened: Callable[..., SessionManager]) -> None:
    one, other = (opened() for _ in range(2))
    one.start("before")
    position = one.locate("before")
    first = one.append(position, DRAFT)
    acts.rename(other, "before", "after")
    acts.redact(other, f"after#{first.seq}")
    step = one.append(position, DRAFT)
    assert (step.session_name, step.seq) == ("after", 4)
