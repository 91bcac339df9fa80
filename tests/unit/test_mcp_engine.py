"""The engine behind the server: questions wait in line, a cancelled one leaves no step, what grew is let go, edits are seen."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from clew.bounds import Cancelled
from clew.errors import StoreUnavailable
from clew.index.generation import Generation
from clew.mcp import engine as engines
from clew.mcp.engine import Engine
from clew.mcp.tools import ask_code, search_code
from clew.running.replies import Reply
from clew.sessions.core import Sessions
from clew.workspace import Workspace


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.js").write_text("export function greet() {}\ngreet();\n", encoding="utf-8")
    return tmp_path


@pytest.fixture
def engine(folder: Path) -> Iterator[Engine]:
    made = Engine(str(folder), {})
    yield made
    made.close()


def search(workspace: Workspace, sessions: Sessions) -> Reply:
    return search_code(workspace, sessions, {}, {"query": "greet", "session": "tour"})


def callers(workspace: Workspace, sessions: Sessions) -> Reply:
    return ask_code(workspace, sessions, {}, {"op": "callers", "targets": ["greet"], "args": {"session": "tour", "noCache": True}})


def steps(_: Workspace, sessions: Sessions) -> int:
    return sessions.read_step("tour").seq


def seen_edits(folder: Path, engine: Engine) -> list[int]:
    """How many definitions each question finds, of which one more was written right before it."""

    async def asked() -> list[int]:
        totals = [(await engine.answer(search))["total"]]
        for number in range(5):
            (folder / f"b{number}.js").write_text("export function greet() {}\n", encoding="utf-8")
            totals.append((await engine.answer(search))["total"])
        return totals

    return asyncio.run(asked())


def test_an_edit_is_seen_by_the_next_question(folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = itertools.count()
    monkeypatch.setattr(engines.time, "monotonic", lambda: next(ticks) / 1000)  # looking takes long, and little time is between two
    assert seen_edits(folder, engine) == [1, 2, 3, 4, 5, 6]


def test_a_server_that_does_not_look_again_would_be_found(folder: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The double of the one above."""
    list(asyncio.run(engine.answer(lambda workspace, _: workspace.refresh().paths())))  # the folder changed when `.clew` was made
    monkeypatch.setattr(Workspace, "look_again", lambda *_: None)
    assert seen_edits(folder, engine) == [1] * 6


def test_questions_that_waited_in_line_share_one_look(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Generation] = []
    monkeypatch.setattr(Generation, "is_stale", lambda generation: bool(looks.append(generation)))
    entered, left = threading.Event(), threading.Event()

    def slow(workspace: Workspace, sessions: Sessions) -> int:
        looks.clear()
        entered.set()
        left.wait()
        return steps(workspace, sessions)

    async def asked() -> None:
        await engine.answer(search)
        first = asyncio.ensure_future(engine.answer(slow))
        await asyncio.to_thread(entered.wait)
        waiting = [asyncio.ensure_future(engine.answer(steps)) for _ in range(10)]
        await asyncio.sleep(0)
        left.set()
        await asyncio.gather(first, *waiting)

    asyncio.run(asked())
    assert len(looks) == 1


@pytest.mark.parametrize("is_running", [True, False], ids=["while it runs", "while it waits in line"])
def test_a_cancelled_question_leaves_no_step_and_the_next_one_is_answered(engine: Engine, *, is_running: bool) -> None:
    entered, left = threading.Event(), threading.Event()

    def slow(workspace: Workspace, sessions: Sessions) -> Reply:
        entered.set()
        left.wait()
        return callers(workspace, sessions)

    async def cancelled() -> int:
        await engine.answer(search)
        first = asyncio.ensure_future(engine.answer(slow))
        await asyncio.to_thread(entered.wait)
        other = first if is_running else asyncio.ensure_future(engine.answer(callers))
        await asyncio.sleep(0)
        other.cancel()
        await asyncio.gather(other, return_exceptions=True)
        left.set()
        await asyncio.gather(first, return_exceptions=True)
        return await engine.answer(steps)

    assert asyncio.run(cancelled()) == (1 if is_running else 2)


def test_a_question_without_that_would_be_recorded(engine: Engine) -> None:
    """The double of the two above: the same work, not cancelled."""

    async def recorded() -> int:
        await engine.answer(search)
        await engine.answer(callers)
        return await engine.answer(steps)

    assert asyncio.run(recorded()) == 2


class Linker:
    """What a question waits for: it ends with its deadline."""

    is_late = False

    def __init__(self) -> None:
        self.deadlines: list[float | None] = []

    def set_deadline(self, seconds: float | None) -> None:
        self.deadlines.append(seconds)


def test_native_work_ends_when_it_is_cancelled(folder: Path) -> None:
    workspace = Workspace.open(str(folder))
    workspace.wanted()
    bounds = workspace.begin(None)
    linker = Linker()
    bounds.watch(linker)
    workspace.cancel()
    assert linker.deadlines == [0.0]
    bounds.watch(linker)
    assert linker.deadlines == [0.0, 0.0]
    with pytest.raises(Cancelled):
        bounds.require_wanted()
    with pytest.raises(Cancelled):
        workspace.begin(None)
    workspace.wanted()
    workspace.begin(None).require_wanted()


def test_what_takes_minutes_keeps_nobody_waiting_and_nothing_open(engine: Engine) -> None:
    entered, left = threading.Event(), threading.Event()

    def slow(workspace: Workspace, sessions: Sessions) -> Reply:
        entered.set()
        left.wait()
        return callers(workspace, sessions)

    async def asked() -> int:
        long = asyncio.ensure_future(engine.beside.answer(slow))
        await asyncio.to_thread(entered.wait)
        await engine.answer(search)
        left.set()
        assert (await long)["total"] == 1
        return await engine.answer(steps)

    assert asyncio.run(asked()) == 2
    assert (engine.beside._workspace, engine.beside._sessions) == (None, None)  # noqa: SLF001 - what is looked at


def test_a_linker_that_grew_is_let_go_between_questions(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Workspace, "look_again", lambda *_: None)  # the folder changes with the first question: `.clew` is made

    async def held(most: int) -> bool:
        engine = Engine(str(folder), {}, most_answers=most)
        await engine.answer(callers)
        kept = await engine.answer(lambda workspace, _: workspace.generation._linker is not None)  # noqa: SLF001 - what is looked at
        again = await engine.answer(callers)
        engine.close()
        assert again["total"] == 1
        return kept

    assert [asyncio.run(held(most)) for most in (0, engines.MOST_ANSWERS)] == [False, True]


def test_progress_is_told_while_a_question_runs(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "TELLS_EVERY", 0.001)
    done = threading.Event()
    told: list[tuple[float, str]] = []

    def slow(workspace: Workspace, _: Sessions) -> str:
        workspace.progress.report("answering", 3, 7, "files")
        done.wait()
        return "answer"

    async def tell(seconds: float, words: str) -> None:
        told.append((seconds, words))
        if words.startswith("answering"):
            done.set()

    assert asyncio.run(engine.answer(slow, tell)) == "answer"
    assert "answering 3 of 7 files" in [words for _, words in told]


def test_a_client_that_cannot_be_told_ends_its_question(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "TELLS_EVERY", 0.001)
    left = threading.Event()

    async def gone(_: float, __: str) -> None:
        left.set()
        raise ConnectionError

    def slow(workspace: Workspace, sessions: Sessions) -> Reply:
        left.wait()
        return callers(workspace, sessions)

    async def asked() -> int:
        await engine.answer(search)
        with pytest.raises(ConnectionError):
            await engine.answer(slow, gone)
        return await engine.answer(steps)

    assert asyncio.run(asked()) == 1


def test_what_cannot_be_opened_is_said_by_each_question_until_it_can(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def opened() -> int:
        engine = Engine(str(folder), {})
        with monkeypatch.context() as patched:
            patched.setattr(engines, "open_sessions", _unavailable)
            with pytest.raises(StoreUnavailable):
                await engine.answer(search)
        await engine.answer(search)
        count = await engine.answer(steps)
        engine.close()
        return count

    assert asyncio.run(opened()) == 1


def _unavailable(*_: object, **__: object) -> Sessions:
    raise StoreUnavailable("not now")
