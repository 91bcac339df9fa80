"""Recorded sessions run again without reuse: what their receipts claim, beside what the spared verbs really take.

Each verb is run in a process of its own, as it was when its answer was first worked out; nothing is recorded. A verb that does more
than read is never run again.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from typing import TYPE_CHECKING

import msgspec

from clew._native import BUILD
from clew.errors import ClewError, StoreCorrupt
from clew.metrics.costs import REUSE, SOURCES, Meter
from clew.metrics.reading import sessions_in
from clew.operations import OPERATIONS, operation, verb
from clew.requests import Row
from clew.running.answering import rows_of_use, worked_out
from clew.running.calls import Page
from clew.running.verdicts import verdict_on
from clew.sessions.appending import Quotas
from clew.sessions.staleness import FRESH
from clew.sessions.steps import VERB, digest
from clew.workspace import Workspace

if TYPE_CHECKING:
    from clew.metrics.reading import Scope
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Session, Step


class Ran(msgspec.Struct, frozen=True):
    """A verb that was run again."""

    cpu_ms: float
    digest: str
    """Of its answer."""


class ReplayRow(Row, frozen=True, kw_only=True):
    """A session that was run again; times are milliseconds of CPU time."""

    session: str
    verbs: int
    """Number of verbs that its receipts say were spared."""
    receipts_ms: float
    """Savings by its receipts."""
    truth_ms: float
    """Savings by the time that the verbs took now."""
    other_answers: int = 0
    """Verbs whose answer is another one now."""


class Replay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The claims of receipts beside the truth."""

    replayed: int
    """Number of sessions that were run again."""
    receipts_ms: float
    truth_ms: float
    difference_ms: float
    """The excess of the receipts over the truth."""
    difference: float
    """That as a part of the time that was really spared."""
    left_out: dict[str, int] = {}
    """Sessions that could not be run again, by reason: `changed`, `acts`, `otherBuild`, `gone`, `redacted`, `damaged`."""
    results: tuple[ReplayRow, ...]


class _NotReplayedError(Exception):
    """The reason why a session is left out."""


def replay(workspace: Workspace, sessions: Sessions, scope: Scope, count: int) -> Replay:
    """Run the newest sessions with receipts for spared verbs again, as many as that."""
    rows: list[ReplayRow] = []
    left_out: dict[str, int] = {}
    spared = 0.0
    for session in sessions_in(sessions, scope):
        if len(rows) == count:
            break
        try:
            found = _replayed(workspace, sessions, session, len(rows) + 1)
        except _NotReplayedError as reason:
            left_out[str(reason)] = left_out.get(str(reason), 0) + 1
            continue
        if found is not None:
            rows.append(found[0])
            spared += found[1]
            workspace.progress.report("replaying", len(rows), count, "sessions")
    claimed, truth = sum(row.receipts_ms for row in rows), sum(row.truth_ms for row in rows)
    return Replay(
        replayed=len(rows),
        receipts_ms=round(claimed, 3),
        truth_ms=round(truth, 3),
        difference_ms=round(claimed - truth, 3),
        difference=round((claimed - truth) / spared, 3) if spared else 0.0,
        left_out=left_out,
        results=tuple(rows),
    )


def _replayed(workspace: Workspace, sessions: Sessions, session: Session, n: int) -> tuple[ReplayRow, float] | None:
    """The row of a session, and the time its spared verbs took now; None where no receipt is for a spared verb."""
    try:
        steps = sessions.store.steps(session.session_id)
    except StoreCorrupt:
        raise _NotReplayedError("damaged") from None
    spared = [(step, source) for step in steps for source in _sources(sessions, step)]
    if not spared:
        return None
    runs = {(source.session_id, source.seq): _run_again(workspace, sessions, source) for _, source in spared}
    receipts = sum(_cost(source, VERB) for _, source in spared)
    truth = sum(runs[source.session_id, source.seq].cpu_ms for _, source in spared)
    reuse = sum(_cost(step, REUSE) for step in {step.seq: step for step, _ in spared}.values())
    others = sum(runs[source.session_id, source.seq].digest != source.result_digest.hex() for _, source in spared)
    row = ReplayRow(
        n=n,
        session=session.address,
        verbs=len(spared),
        receipts_ms=round(receipts - reuse, 3),
        truth_ms=round(truth - reuse, 3),
        other_answers=others,
    )
    return row, truth


def _sources(sessions: Sessions, step: Step) -> list[Step]:
    """The steps whose verbs a step spared. Raises _NotReplayedError when one is gone."""
    reused = (step.details.reused or {}) if step.details is not None else {}
    found: list[Step] = []
    for address in reused.get(SOURCES, ()):
        where, _, seq = str(address).partition("#")
        source = sessions.store.step(where or step.session_id, int(seq)) if seq.isdecimal() else None
        if source is None:
            raise _NotReplayedError("gone")
        found.append(source)
    return found


def _cost(step: Step, name: str) -> float:
    return step.details.cost.get(name, 0.0) if step.details is not None else 0.0


def _run_again(workspace: Workspace, sessions: Sessions, step: Step) -> Ran:
    """The verb of a step, run about the same files by the same build. Raises _NotReplayedError."""
    if step.details is None or step.request is None or step.details.redacted:
        raise _NotReplayedError("redacted")
    if all(row.name != step.operation for row in OPERATIONS) or verb(operation(step.operation)).request.acts:
        raise _NotReplayedError("acts")
    if step.details.tool != BUILD:
        raise _NotReplayedError("otherBuild")
    if verdict_on(sessions.depends_of(step), workspace.generation).verdict != FRESH:
        raise _NotReplayedError("changed")
    line = [sys.executable, "-m", "clew.running.replaying", workspace.root]
    done = subprocess.run(line, input=step.request, capture_output=True, check=False)  # noqa: S603 - this very program
    if done.returncode:
        raise _NotReplayedError("changed")
    return msgspec.json.decode(done.stdout, type=Ran)


def main() -> None:
    """Run the verb of the request on standard input below the root of the line, and print its CPU time and the digest of its answer."""
    import clew.running.execution  # noqa: F401 - loaded before a verb is run, and not counted, there too

    gc.disable()
    data = sys.stdin.buffer.read()
    row = operation(msgspec.json.decode(data)["op"])
    asked = verb(row)
    request = msgspec.json.decode(data, type=asked.request)
    workspace = Workspace.open(sys.argv[1])
    _ = workspace.generation
    workspace.begin(None, rows=rows_of_use(Page(), records=True))
    meter = Meter()
    try:
        answer = worked_out(workspace, asked, request, room=Quotas().step - len(data))
    except ClewError as error:
        sys.exit(error.exit_status)
    meter.lap("verb")
    spent = meter.costs(parsed=0, sources=(), answer=None)[VERB]
    sys.stdout.buffer.write(msgspec.json.encode(Ran(spent, digest(answer.stored).hex())))


if __name__ == "__main__":
    main()
