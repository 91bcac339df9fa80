"""`kill -9` at any instruction: what was acknowledged is there, once, in order, and the chain is whole."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

from processes import Worker, fork
from worlds import draft

from clew.sessions.bundles import chain_problems
from clew.sessions.manager import SessionManager

WRITERS = 8


def appending(folder: Path, writer: str) -> Callable[[Callable[[str], None]], None]:
    """Append for ever to the session `tour`; say each token when it was given, and what was seen before it."""

    def work(say: Callable[[str], None]) -> None:
        manager = SessionManager.open(folder)
        number = 0
        while True:
            number += 1
            result = b'{"results":["%s %d"]}' % (writer.encode(), number)
            position = manager.begin("tour", exist_ok=True)
            step = manager.append(position, draft("search", number, result=result, agent=writer))
            say(f"{step.token} {number}")

    return work


def history_problems(manager: SessionManager, acknowledged: dict[str, list[str]]) -> list[str]:
    """Elle's list-append checks: each acknowledged step once, each writer's steps in its own order, no gap, the chain whole."""
    session = manager.store.session_named("tour")
    assert session is not None
    steps = manager.store.steps(session.session_id)
    problems = list(chain_problems(session, tuple(steps)))
    if [step.seq for step in steps] != list(range(1, session.head + 1)):
        problems.append("the numbers have gaps")
    tokens = {step.token: step for step in steps}
    for writer, said in acknowledged.items():
        numbers = []
        for line in said:
            token, number = line.split()
            step = tokens.get(token)
            if step is None:
                problems.append(f"{writer} was given {token}, which is lost")
            elif manager.result_of(step) != b'{"results":["%s %s"]}' % (writer.encode(), number.encode()):
                problems.append(f"{token} is not what {writer} wrote")
            else:
                numbers.append(step.seq)
        if numbers != sorted(set(numbers)):
            problems.append(f"{writer} saw its steps out of order")
    return problems


def test_what_was_acknowledged_survives_a_storm_of_kills(tmp_path: Path, soak: int) -> None:
    random = Random(8)
    acknowledged: dict[str, list[str]] = {}
    started = 0

    def start() -> tuple[str, Worker]:
        nonlocal started
        started += 1
        writer = f"w{started}"
        return writer, fork(appending(tmp_path, writer))

    running = [start() for _ in range(WRITERS)]
    for _ in range(24 * soak):
        writer, worker = running.pop(random.randrange(len(running)))
        worker.read(random.randrange(1, 12))
        worker.kill()
        acknowledged[writer] = worker.said
        running.append(start())
    for writer, worker in running:
        worker.kill()
        acknowledged[writer] = worker.said
    assert [line for said in acknowledged.values() for line in said if line.startswith("failed")] == []
    assert history_problems(SessionManager.open(tmp_path), acknowledged) == []
    assert list(SessionManager.open(tmp_path).store.examine()) == []


def test_the_history_checker_sees_what_is_lost_doubled_or_swapped(tmp_path: Path) -> None:
    manager = SessionManager.open(tmp_path)
    said = []
    for number in (1, 2):
        step = manager.append(manager.begin("tour", exist_ok=True), draft(result=b'{"results":["w %d"]}' % number))
        said.append(f"{step.token} {number}")
    assert history_problems(manager, {"w": said}) == []
    lost = "js--" + "0" * 26 + "-search-003 3"
    assert history_problems(manager, {"w": [*said, lost]}) == [f"w was given {lost.split(maxsplit=1)[0]}, which is lost"]
    assert history_problems(manager, {"w": said[::-1]}) == ["w saw its steps out of order"]
    assert history_problems(manager, {"w": [said[0], said[0]]}) == ["w saw its steps out of order"]


def test_a_kill_during_the_first_opening_leaves_a_store_that_opens(tmp_path: Path, soak: int) -> None:
    random = Random(3)
    for number in range(10 * soak):
        folder = tmp_path / str(number)

        def opening(say: Callable[[str], None], folder: Path = folder) -> None:
            say("started")
            SessionManager.open(folder)
            say("opened")

        worker = fork(opening)
        worker.read(1)
        for _ in range(random.randrange(40_000)):
            pass
        worker.kill()
        manager = SessionManager.open(folder)
        assert manager.append(manager.begin("tour"), draft()).seq == 1
        manager.close()


def test_first_openings_at_once_make_one_store(tmp_path: Path) -> None:
    def first(say: Callable[[str], None]) -> None:
        manager = SessionManager.open(tmp_path)
        say(str(manager.append(manager.begin("tour", exist_ok=True), draft()).seq))

    workers = [fork(first) for _ in range(8)]
    assert [worker.join() for worker in workers] == [0] * 8
    assert sorted(int(worker.said[0]) for worker in workers) == list(range(1, 9))


def test_cleaning_up_races_appends_forks_and_reads_without_losing_a_byte(tmp_path: Path, soak: int) -> None:
    def cleaning(say: Callable[[str], None]) -> None:
        manager = SessionManager.open(tmp_path)
        say("ready")
        while True:
            manager.cleanup()

    def using(writer: str) -> Callable[[Callable[[str], None]], None]:
        def work(say: Callable[[str], None]) -> None:
            manager = SessionManager.open(tmp_path)
            for number in range(20 * soak):
                gone = manager.append(manager.begin(None, ttl=0), draft("search", number, result=b'"shared"'))
                kept = manager.append(manager.begin(f"{writer}.{number}"), draft("search", number, result=b'"shared"'))
                side = manager.append(manager.locate(kept.token), draft("ripple", number, result=b'"shared"'))
                say(f"{kept.token} {side.token} {gone.token}")

        return work

    cleaner = fork(cleaning)
    cleaner.read(1)
    workers = [fork(using(f"w{number}")) for number in range(3)]
    assert [worker.join() for worker in workers] == [0, 0, 0]
    cleaner.kill()
    manager = SessionManager.open(tmp_path)
    manager.cleanup()
    for worker in workers:
        for line in worker.said:
            for token in line.split()[:2]:
                assert manager.result_of(manager.read_step(token)) == b'"shared"'
    assert manager.store.count() == 60 * soak
    assert list(manager.store.examine()) == []


def test_a_manager_that_came_through_a_fork_writes_through_files_of_its_own(tmp_path: Path) -> None:
    manager = SessionManager.open(tmp_path)
    manager.append(manager.begin("tour"), draft())

    def appending_too(say: Callable[[str], None]) -> None:
        for number in range(30):
            say(str(manager.append(manager.locate("tour"), draft("ripple", number)).seq))

    workers = [fork(appending_too) for _ in range(3)]
    here = [manager.append(manager.locate("tour"), draft("callers", number)).seq for number in range(30)]
    assert [worker.join() for worker in workers] == [0, 0, 0]
    there = [int(line) for worker in workers for line in worker.said]
    assert sorted([*here, *there]) == list(range(2, 122))
    assert list(manager.store.examine()) == []
