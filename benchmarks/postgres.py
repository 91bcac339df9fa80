"""The cost of an append in PostgreSQL, beside one trivial INSERT, and one UPDATE of a row that writers share, on the same server.

    python benchmarks/postgres.py [--writers N …] [--seconds S] [--turns N]

Writers are processes, each with a handle of its own; they append to one session, or each to its own. Turns of inserts and appends
alternate, and what counts is the ratio of their rates. Afterwards every session is read back: its steps have to be gapless.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from itertools import count
from multiprocessing.synchronize import Barrier
from statistics import median

import psycopg

from clew.sessions.manager import SessionManager
from clew.sessions.steps import StepDraft
from measuring import print_table
from sessions import postgres

RESULT = b'{"results":[' + b",".join(b'{"n":%d,"file":"src/a.js","line":%d}' % (n, n) for n in range(10)) + b"]}"
Writer = Callable[[str, str, Barrier, float], int]


def inserts(url: str, _: str, barrier: Barrier, seconds: float) -> int:
    """Insert rows, each a statement and a commit; how many."""
    with psycopg.connect(url, autocommit=True) as connection:
        return _counted(lambda: connection.execute("INSERT INTO plain (data) VALUES (%s)", (RESULT,), prepare=True), barrier, seconds)


def updates(url: str, name: str, barrier: Barrier, seconds: float) -> int:
    """Put the same bytes into the row of that name, each a statement and a commit: what writers of one session contend for; how many."""
    statement = "UPDATE contended SET n = n + 1, data = %s WHERE name = %s"
    with psycopg.connect(url, autocommit=True) as connection:
        return _counted(lambda: connection.execute(statement, (RESULT, name), prepare=True), barrier, seconds)


def appends(url: str, name: str, barrier: Barrier, seconds: float) -> int:
    """Append steps to a session from where the handle knows it; how many."""
    manager = SessionManager.open(".", url=url)
    position = manager.locate(name)
    number = count(os.getpid() << 32)

    def append() -> None:
        result = RESULT[:-1] + b',"of":%d}' % next(number)
        manager.append(position, StepDraft(operation="search", request=b"{}", result=result))

    return _counted(append, barrier, seconds)


def _counted(act: Callable[[], object], barrier: Barrier, seconds: float) -> int:
    act()
    barrier.wait()
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        act()
        done += 1
    return done


def rate(url: str, writer: Writer, names: list[str], seconds: float) -> float:
    """How many a second all writers together get done, one process for each name."""
    context = multiprocessing.get_context("fork")
    barrier, counts = context.Barrier(len(names)), context.SimpleQueue()
    processes = [context.Process(target=lambda name=name: counts.put(writer(url, name, barrier, seconds))) for name in names]
    for process in processes:
        process.start()
    done: int = sum(counts.get() for _ in processes)
    for process in processes:
        process.join()
    return done / seconds


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--no-fsync", action="store_true", help="leave out the waiting for the disk, which most of one statement is")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as room, postgres(room) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            if arguments.no_fsync:
                connection.execute("ALTER SYSTEM SET fsync = off")
                connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE TABLE plain (id bigserial PRIMARY KEY, data bytea)")
            connection.execute("CREATE TABLE contended (name text PRIMARY KEY, n bigint NOT NULL, data bytea)")
        manager = SessionManager.open(".", url=url)
        for writers in arguments.writers:
            for shared in (True, False) if writers > 1 else (False,):
                names = [f"{writers}-{'all' if shared else number}" for number in range(writers)]
                for name in dict.fromkeys(names):
                    manager.start(name)
                    with psycopg.connect(url, autocommit=True) as connection:
                        connection.execute("INSERT INTO contended VALUES (%s, 0, '')", (name,))
                turns = [
                    tuple(rate(url, writer, names, arguments.seconds) for writer in (inserts, updates, appends))
                    for _ in range(arguments.turns)
                ]
                gapless = all(_is_gapless(manager, name) for name in dict.fromkeys(names))
                plain, contended, ours = (median(turn[side] for turn in turns) for side in (0, 1, 2))
                ratios = [median(turn[2] / turn[side] for turn in turns) for side in (0, 1)]
                where = "one session" if shared else "own sessions"
                rates = (f"{plain:.0f}", f"{contended:.0f}", f"{ours:.0f}", *(f"{ratio:.0%}" for ratio in ratios))
                rows.append((f"{writers}, {where}", *rates, "gapless" if gapless else "GAPS"))
    print_table([("writers", "inserts a second", "updates of a row", "appends", "of inserts", "of updates", "steps"), *rows])


def _is_gapless(manager: SessionManager, name: str) -> bool:
    session = manager.find(name)[0]
    steps = manager.store.steps(session.session_id, after=-1)
    return [step.seq for step in steps] == list(range(session.head + 1))


if __name__ == "__main__":
    main()
