"""Many processes and threads on one session: nothing lost, nothing refused, no gap."""

from __future__ import annotations

from collections.abc import Callable
from multiprocessing import Process, Queue
from threading import Thread

from worlds import World, draft

from clew.sessions.bundles import chain_problems
from clew.sessions.doctor import examine_store
from clew.sessions.manager import SessionManager
from clew.sessions.store.protocol import SessionStore

WRITERS, APPENDS = 16, 25


def append_to_one_session(open_store: Callable[[], SessionStore], writer: int, said: Queue[list[str]]) -> None:
    manager = SessionManager(open_store())
    tokens = []
    for number in range(APPENDS):
        position = manager.begin("tour", exist_ok=True)
        tokens.append(manager.append(position, draft("search", writer * APPENDS + number)).token)
    said.put(tokens)
    manager.close()


def test_a_session_is_read_with_its_steps_as_of_one_instant(world: World) -> None:
    """A doctor that looks while others append finds nothing wrong; reading the two apart shows a head without its steps."""
    said: Queue[list[str]] = Queue()
    workers = [Process(target=append_to_one_session, args=(world.open_store, writer, said)) for writer in range(3)]
    for worker in workers:
        worker.start()
    store = world.manager().store
    problems, looks = [], 0
    while said.qsize() < len(workers) or not looks:
        looks += 1
        problems += examine_store(store).problems
    for worker in workers:
        said.get(timeout=30)
        worker.join()
    session = store.session_named("tour")
    assert session is not None
    assert store.whole(session.session_id) == (session, store.steps(session.session_id, after=-1))
    assert store.whole("sess-none") is None
    assert problems == []


def test_16_processes_append_to_one_session_without_loss_refusal_or_gap(world: World) -> None:
    said: Queue[list[str]] = Queue()
    workers = [Process(target=append_to_one_session, args=(world.open_store, writer, said)) for writer in range(WRITERS)]
    for worker in workers:
        worker.start()
    tokens = [token for _ in workers for token in said.get(timeout=30)]
    for worker in workers:
        worker.join()
    manager = world.manager()
    session = manager.locate("tour", for_append=False).session
    steps = manager.store.steps(session.session_id)
    assert [worker.exitcode for worker in workers] == [0] * WRITERS
    assert sorted(step.token for step in steps) == sorted(tokens)
    assert [step.seq for step in steps] == list(range(1, WRITERS * APPENDS + 1))
    assert list(chain_problems(session, tuple(steps))) == []


def test_threads_share_one_manager(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour"), draft())
    refused: list[Exception] = []

    def append() -> None:
        try:
            for number in range(20):
                manager.append(manager.locate("tour"), draft("search", number))
                manager.continue_session("tour")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test says it
            refused.append(error)

    threads = [Thread(target=append) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == []
    assert [step.seq for step in manager.store.steps(manager.read_step("tour").session_id)] == list(range(1, 82))
