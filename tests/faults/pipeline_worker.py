"""A `clew run` in a process of its own, which may be killed before or after one of its writes, or be a broken one.

    python pipeline_worker.py PLACE DOUBLE ARGUMENT…

PLACE is the number of the write, or `-`, and then the writes are counted on standard error; DOUBLE the name of what is broken, or `-`.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from clew.cli.clew import answer
from clew.edits.disk import Disk
from clew.pipelines import engine, leases
from clew.sessions.store.sqlite import SqliteStore

WRITES = ((SqliteStore, "change"), (SqliteStore, "create"), (Disk, "rename"), (Disk, "sync_folder"))


class Forgetful(engine.Engine):
    """Broken: which entry an edit makes is not said before it is made."""

    def _entry(self, _: str) -> str:
        return os.urandom(8).hex()

    def _begun(self, step: Any, position: str, *, acts: bool) -> int:
        self.run.began.pop(position, None)
        return super()._begun(step, position, acts=acts)


def forgetful() -> None:
    engine.Engine = Forgetful  # type: ignore[misc]


def impatient() -> None:
    leases.LOOKS = 4


DOUBLES: dict[str, Callable[[], None]] = {"-": lambda: None, "forgetful": forgetful, "impatient": impatient}


def dying_at(place: int | None) -> list[str]:
    """Have this process killed before or after one of its writes; without a place they are counted."""
    writes: list[str] = []

    def moment(what: str) -> None:
        writes.append(what)
        if place is not None and len(writes) > place:
            os.kill(os.getpid(), signal.SIGKILL)

    def watched(kind: type, name: str) -> None:
        whole = getattr(kind, name)

        def write(*args: Any, **more: Any) -> Any:
            moment(f"before {name}")
            result = whole(*args, **more)
            moment(f"after {name}")
            return result

        setattr(kind, name, write)

    for kind, name in WRITES:
        watched(kind, name)
    return writes


if __name__ == "__main__":
    at, double, *arguments = sys.argv[1:]
    DOUBLES[double]()
    counted = dying_at(None if at == "-" else int(at))
    out, _, status = answer([*arguments, "--json"], os.environ)
    sys.stdout.buffer.write(out)
    sys.stderr.write(f"{len(counted)}\n")
    sys.exit(status)
