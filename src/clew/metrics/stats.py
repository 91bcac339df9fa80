"""The cost and savings of the steps of some sessions, by the receipts that they hold.

Times are summed as whole microseconds, so that the sums do not depend on the order of the steps. `audit` works the same figures out in
another way.
"""

from __future__ import annotations

from heapq import nlargest
from typing import TYPE_CHECKING, Any

import msgspec

from clew.metrics.costs import BYTES_OUT, CPU, INDEX, PARSED, REUSE, SAVED, WALL, tokens_estimate
from clew.metrics.feedback import FEEDBACK, Judgement, judged, newest_judgements
from clew.requests import Row
from clew.sessions.staleness import CHANGED, GONE, MOVED
from clew.sessions.steps import ANSWERED_AT

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew.sessions.steps import Step

SLOWEST = 5
IMPOSSIBLE = 1e15


class Spent(msgspec.Struct, kw_only=True, rename="camel"):
    """Expenses of steps; times in milliseconds."""

    steps: int = 0
    ms: float = 0.0
    """Elapsed."""
    cpu_ms: float = 0.0
    """CPU time of this process and the commands it ran, the index left out."""
    index_cpu_ms: float = 0.0
    """CPU time to bring the index up to date."""
    files_parsed: int = 0
    rows: int = 0
    bytes_out: int = 0
    """Bytes of the replies as they were printed first; pages read later are not in it."""
    tokens_estimate: int = 0


class Saved(msgspec.Struct, kw_only=True, rename="camel"):
    """Savings by earlier answers, in milliseconds of CPU time."""

    cpu_ms: float = 0.0
    """The spared time less the cost of reuse; negative where it cost more."""
    spared_ms: float = 0.0
    """The recorded time of the verbs that were not run again."""
    reuse_cpu_ms: float = 0.0
    """The time to look for earlier answers and to take them over, those in vain included."""
    from_context: int = 0
    """Steps that went on from rows or a subject of an earlier one."""
    cache_hits: int = 0
    """Steps that were answered by an earlier one to the same question about the same tree."""
    negative: int = 0
    """Steps for which looking cost more than it spared."""


class OperationRow(Row, frozen=True, kw_only=True):
    """The steps of one operation."""

    operation: str
    steps: int
    ms: float = 0.0
    cpu_ms: float = 0.0
    files_parsed: int = 0
    rows: int = 0
    bytes_out: int = 0
    tokens_estimate: int = 0
    from_context: int = 0
    cache_hits: int = 0
    saved_ms: float = 0.0
    useful: int = 0
    not_useful: int = 0


class StepRow(Row, frozen=True, kw_only=True):
    """One step with all that is known of its cost."""

    step: str
    question: str = ""
    ms: float
    cpu_ms: float
    index_cpu_ms: float = 0.0
    files_parsed: int = 0
    rows: int = 0
    bytes_out: int = 0
    tokens_estimate: int = 0
    cached: bool = False
    saved_ms: float = 0.0


class Account(msgspec.Struct, kw_only=True, omit_defaults=True, rename="camel"):
    """The account of some steps: cost, savings, feedback."""

    spent: Spent
    saved: Saved
    redacted: int = 0
    """Steps whose cost went with their content."""
    unmeasured: int = 0
    """Steps from before CPU time was measured."""
    stale_inputs: dict[str, int] = {}
    """Verdict -> steps that went on from answers whose files were no longer as they had been."""
    slowest: tuple[StepRow, ...] = ()
    judged_not_useful: tuple[Judgement, ...] = ()
    """The answers that were judged not useful, newest first."""
    results: tuple[OperationRow | StepRow, ...]
    """A row for each operation, the one that took most CPU time first; or for each step, the newest first."""


class _Sums:
    """The sums over some steps, in whole microseconds and whole numbers."""

    def __init__(self) -> None:
        self.steps = self.rows = self.from_context = self.hits = self.negative = 0
        self.costs: dict[str, int] = dict.fromkeys((WALL, CPU, INDEX, REUSE, SAVED, PARSED, BYTES_OUT), 0)

    def add(self, step: Step) -> None:
        cost, reused = _cost_of(step), _reused_of(step)
        self.steps += 1
        self.rows += step.total or 0
        self.from_context += "step" in reused
        self.hits += ANSWERED_AT in cost
        self.negative += cost.get(SAVED, 0.0) < 0
        for name in self.costs:
            self.costs[name] += _thousandths(cost.get(name, 0.0))

    def milliseconds(self, name: str) -> float:
        return self.costs[name] / 1000

    def whole(self, name: str) -> int:
        return self.costs[name] // 1000


def account(steps: Iterable[Step], *, by_step: bool = False) -> Account:
    """The account of some steps, with a row for each operation or each step; one that was copied with its session is counted once."""
    total, by_operation = _Sums(), dict[str, _Sums]()
    stale: dict[str, int] = {}
    redacted = unmeasured = 0
    answered: list[Step] = []
    judgements: list[Step] = []
    tokens: dict[str, int] = {}
    for step in once_each(steps):
        if step.details is None:
            redacted += 1
        elif step.operation == FEEDBACK:
            judgements.append(step)
        elif is_answer(step):
            answered.append(step)
            total.add(step)
            by_operation.setdefault(step.operation, _Sums()).add(step)
            tokens[step.operation] = tokens.get(step.operation, 0) + tokens_estimate(_bytes_of(step))
            unmeasured += CPU not in _cost_of(step)
            verdict = _reused_of(step).get("verdict")
            if verdict in (MOVED, CHANGED, GONE):
                stale[verdict] = stale.get(verdict, 0) + 1
    about = judged(newest_judgements(judgements), answered)
    return Account(
        spent=Spent(
            steps=total.steps, ms=total.milliseconds(WALL), cpu_ms=total.milliseconds(CPU), index_cpu_ms=total.milliseconds(INDEX),
            files_parsed=total.whole(PARSED), rows=total.rows, bytes_out=total.whole(BYTES_OUT), tokens_estimate=sum(tokens.values()),
        ),
        saved=Saved(
            cpu_ms=total.milliseconds(SAVED), spared_ms=(total.costs[SAVED] + total.costs[REUSE]) / 1000,
            reuse_cpu_ms=total.milliseconds(REUSE), from_context=total.from_context, cache_hits=total.hits, negative=total.negative,
        ),
        redacted=redacted,
        unmeasured=unmeasured,
        stale_inputs=dict(sorted(stale.items())),
        slowest=_numbered(nlargest(SLOWEST, answered, key=lambda step: _cost_of(step).get(CPU, 0.0))),
        judged_not_useful=tuple(judgement for judgement in about if not judgement.useful),
        results=_numbered(sorted(answered, key=_newest_first)) if by_step else _rows(by_operation, tokens, about),
    )  # fmt: skip


def once_each(steps: Iterable[Step]) -> Iterable[Step]:
    """The steps without their copies: a copy was made at the same time, with the same digests."""
    seen: set[tuple[object, ...]] = set()
    for step in steps:
        made = (step.created_at, step.seq, step.request_digest, step.details_digest, step.result_digest)
        if made not in seen:
            seen.add(made)
            yield step


def is_answer(step: Step) -> bool:
    """True for a step that answered a call; not for a note, an undo, or what a merge brought along."""
    return step.details is not None and WALL in step.details.cost


def _rows(sums: dict[str, _Sums], tokens: dict[str, int], about: Sequence[Judgement]) -> tuple[OperationRow, ...]:
    order = sorted(sums, key=lambda name: (-sums[name].costs[CPU], name))
    return tuple(
        OperationRow(
            n=n, operation=name, steps=one.steps, ms=one.milliseconds(WALL), cpu_ms=one.milliseconds(CPU), files_parsed=one.whole(PARSED),
            rows=one.rows, bytes_out=one.whole(BYTES_OUT), tokens_estimate=tokens[name], from_context=one.from_context,
            cache_hits=one.hits, saved_ms=one.milliseconds(SAVED),
            useful=sum(judgement.operation == name and judgement.useful for judgement in about),
            not_useful=sum(judgement.operation == name and not judgement.useful for judgement in about),
        )
        for n, name in enumerate(order, 1)
        for one in (sums[name],)
    )  # fmt: skip


def _newest_first(step: Step) -> tuple[float, str, int]:
    return -step.created_at, step.session_id, -step.seq


def _numbered(steps: Sequence[Step]) -> tuple[StepRow, ...]:
    return tuple(_row_of(step, n) for n, step in enumerate(steps, 1))


def _row_of(step: Step, n: int) -> StepRow:
    cost = _cost_of(step)
    return StepRow(
        n=n,
        step=step.address, question=step.question, ms=cost.get(WALL, 0.0), cpu_ms=cost.get(CPU, 0.0), index_cpu_ms=cost.get(INDEX, 0.0),
        files_parsed=_thousandths(cost.get(PARSED, 0.0)) // 1000, rows=step.total or 0, bytes_out=_bytes_of(step),
        tokens_estimate=tokens_estimate(_bytes_of(step)), cached=ANSWERED_AT in cost, saved_ms=cost.get(SAVED, 0.0),
    )  # fmt: skip


def _cost_of(step: Step) -> dict[str, float]:
    return step.details.cost if step.details is not None else {}


def _reused_of(step: Step) -> dict[str, Any]:
    return (step.details.reused or {}) if step.details is not None else {}


def _bytes_of(step: Step) -> int:
    return _thousandths(_cost_of(step).get(BYTES_OUT, 0.0)) // 1000


def _thousandths(value: float) -> int:
    """A figure as a whole number of its thousandths; one that no machine measures, as a step from elsewhere may hold, counts nothing."""
    return round(value * 1000) if abs(value) < IMPOSSIBLE else 0
