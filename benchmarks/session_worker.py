"""One process of the session benchmark: opens a store, says `ready`, waits for a line, works, tells what it measured.

One append to a session of its own comes first, so that nothing is imported or created while the clock runs.

python session_worker.py STORE PLACE '{"task": "append", "session": "s", "times": 100, "bytes": 2000}'
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from stores import STORES, Clew, Store

RECORD_ROWS = 20


def record(size: int) -> dict[str, Any]:
    """Return something like an answer of so many bytes: rows with a place and a line of text."""
    text = "const receipt = await shop.order(customer, rows); " * (1 + size // (RECORD_ROWS * 50))
    width = max(1, size // RECORD_ROWS - 60)
    rows = [{"n": n, "file": f"lib/part{n}.js", "line": 7 * n, "column": 3, "text": text[:width]} for n in range(1, RECORD_ROWS + 1)]
    return {"role": "user", "content": json.dumps(rows)}


def timed(action: Callable[[], object], times: int) -> Iterator[float | None]:
    """Seconds of each run; None where the store refused."""
    for _ in range(times):
        start = time.perf_counter()
        try:
            action()
        except Exception as error:  # noqa: BLE001 - what a store refuses with is its own affair; it is counted
            print(repr(error), file=sys.stderr)
            yield None
        else:
            yield time.perf_counter() - start


def perform(store: Store, task: dict[str, Any]) -> object:
    """Do the task; the answer is JSON."""
    session, times = task["session"], task.get("times", 1)
    value = record(task.get("bytes", 2000))
    actions: dict[str, Callable[[], object]] = {
        "append": lambda: list(timed(lambda: store.append(session, value), times)),
        "load": lambda: list(timed(lambda: store.newest(session, 20), times)),
        "fill": lambda: store.fill(session, value, times),
        "count": lambda: store.count(session),
        "fork": lambda: list(timed(lambda: store.fork(session), times)) if isinstance(store, Clew) else [],
    }
    return actions[task["task"]]()


def main() -> None:
    """Open, wait, work, tell."""
    name, place, task = sys.argv[1:4]
    store = STORES[name](place)
    list(timed(lambda: store.append("warming-up", record(100)), 1))
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(perform(store, json.loads(task))), flush=True)


if __name__ == "__main__":
    main()
