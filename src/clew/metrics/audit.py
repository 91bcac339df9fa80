"""The figures of an account worked out a second time, from the steps alone and not from the receipts that they hold.

Nothing is shared with `stats` but the names of what is stored. Each session is read whole, at one instant, and its chain of hashes is
followed; what it holds is read as plain JSON, rows are counted in the results, receipts are worked out from the steps whose verbs were
spared, and times are summed as decimal numbers.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from clew.errors import NotAllowed, StoreCorrupt
from clew.metrics.reading import sessions_in
from clew.requests import Row
from clew.sessions.bundles import chain_problems

if TYPE_CHECKING:
    from clew.metrics.reading import Scope
    from clew.metrics.stats import Account
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step

CUT_BY = frozenset({"deadline", "quota"})
Figures = dict[str, Decimal]


class Difference(Row, frozen=True, kw_only=True):
    """A figure that is not the same in both."""

    figure: str
    """Its name, with the operation where it is of one."""
    stats: str
    audit: str


class Audit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The outcome of an audit."""

    figures: int
    """Number of figures that were compared."""
    steps: int
    """Number of steps that were read for them."""
    receipts: int
    """Number of receipts that were worked out again."""
    unproved: int = 0
    """Receipts that name a step which is no longer there; they were taken as they stand."""
    problems: tuple[str, ...] = ()
    """Steps that are not what was written, and receipts that are not what their steps make them."""
    failed: bool = False
    """True where anything differs."""
    results: tuple[Difference, ...]


def audit(sessions: Sessions, scope: Scope, account: Account) -> Audit:
    """Compare an account with what its steps say."""
    auditor = _Auditor(sessions)
    for session in sessions_in(sessions, scope):
        auditor.read(session.session_id, scope)
    told, found = _told(account), auditor.figures
    differing = sorted(name for name in {*told, *found} if told.get(name, Decimal(0)) != found.get(name, Decimal(0)))
    return Audit(
        figures=len({*told, *found}),
        steps=auditor.steps,
        receipts=auditor.receipts,
        unproved=auditor.unproved,
        problems=tuple(auditor.problems),
        failed=bool(differing or auditor.problems),
        results=tuple(
            Difference(n=n, figure=name, stats=str(told.get(name, 0)), audit=str(found.get(name, 0))) for n, name in enumerate(differing, 1)
        ),
    )


def _told(account: Account) -> Figures:
    """The figures of an account by their names."""
    plain = msgspec.to_builtins(account)
    found = {f"spent.{name}": value for name, value in plain["spent"].items()}
    found |= {f"saved.{name}": value for name, value in plain["saved"].items()}
    found |= {f"staleInputs.{verdict}": count for verdict, count in plain.get("staleInputs", {}).items()}
    found |= {name: plain.get(name, 0) for name in ("redacted", "unmeasured")}
    for row in plain["results"]:
        found |= {f"{row['operation']}.{name}": value for name, value in row.items() if name not in ("n", "operation")}
    return {name: Decimal(str(value)) for name, value in found.items()}


class _Cut(msgspec.Struct):
    code: str = ""


class _Listed(msgspec.Struct):
    """The part of a result that is counted."""

    results: list[msgspec.Raw] | None = None
    why: list[_Cut] = []


class _Auditor:
    """Reads sessions and adds up what their steps say."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        self.figures: Figures = {}
        self.problems: list[str] = []
        self.steps = self.receipts = self.unproved = 0
        self._counted: set[bytes] = set()
        self._whole: dict[str, dict[int, dict[str, Any]]] = {}

    def read(self, session_id: str, scope: Scope) -> None:
        """Add a session."""
        found = self.sessions.store.whole(session_id)
        if found is None:
            return  # deleted meanwhile
        session, steps = found
        problems = list(chain_problems(session, tuple(steps)))
        if problems:
            self.problems += problems
            return
        self._whole[session_id] = {step.seq: _plain(step) for step in steps}
        answered: dict[int, str] = {}
        opinions: dict[tuple[int, str | None], bool] = {}
        for step in steps:
            if step.seq == 0 or not scope.holds(step.created_at) or not self.is_new(step):
                continue
            self.steps += 1
            details = self._whole[session_id][step.seq]
            if not details:
                self.add("redacted", 1)
            elif step.operation == "feedback":
                opinions |= _opinion(step)
            elif "ms" in details.get("cost", {}):
                answered[step.seq] = step.operation
                self.count(step, details, session_id)
        for (seq, _), useful in opinions.items():
            if seq in answered:
                self.add(f"{answered[seq]}.{'useful' if useful else 'notUseful'}", 1)

    def is_new(self, step: Step) -> bool:
        """False for a copy of a step that was counted."""
        made = msgspec.json.encode((step.created_at, step.seq, step.request_digest, step.details_digest, step.result_digest))
        if made in self._counted:
            return False
        self._counted.add(made)
        return True

    def count(self, step: Step, details: dict[str, Any], session_id: str) -> None:
        """Add an answer."""
        cost = {name: Decimal(repr(value)) for name, value in details["cost"].items()}
        reused = details.get("reused") or {}
        saved, spared = self.receipt(step, cost, reused, session_id)
        bytes_out = int(cost.get("bytesOut", 0))
        common: dict[str, float | Decimal] = {
            "steps": 1, "ms": cost["ms"], "cpuMs": cost.get("cpuMs", 0), "filesParsed": cost.get("filesParsed", 0),
            "rows": self.rows(step), "bytesOut": bytes_out, "tokensEstimate": bytes_out // 4 + bool(bytes_out % 4),
        }  # fmt: skip
        for name, value in common.items():
            self.add(f"spent.{name}", value)
            self.add(f"{step.operation}.{name}", value)
        self.add("spent.indexCpuMs", cost.get("indexCpuMs", 0))
        goes_on, hit = "step" in reused, "answeredAt" in cost
        for name, value in (("fromContext", goes_on), ("cacheHits", hit)):
            self.add(f"saved.{name}", value)
            self.add(f"{step.operation}.{name}", value)
        self.add(f"{step.operation}.savedMs", saved)
        self.add("saved.cpuMs", saved)
        self.add("saved.sparedMs", spared)
        self.add("saved.reuseCpuMs", spared - saved)
        self.add("saved.negative", saved < 0)
        self.add("unmeasured", "cpuMs" not in cost)
        if reused.get("verdict") in ("moved", "changed", "gone"):
            self.add(f"staleInputs.{reused['verdict']}", 1)

    def receipt(self, step: Step, cost: Figures, reused: dict[str, Any], session_id: str) -> tuple[Decimal, Decimal]:
        """The savings of a step, and what it spared, from the steps that it names; as it says itself where one of them is gone."""
        held, spent = cost.get("savedMs", Decimal(0)), cost.get("reuseCpuMs", Decimal(0))
        if "savedMs" not in cost:
            return held, held + spent
        self.receipts += 1
        spared = Decimal(0)
        for address in _sources(reused):
            source = self.source(address, session_id)
            if not source:
                self.unproved += 1
                return held, held + spent
            spared += Decimal(repr(source.get("cost", {}).get("verbCpuMs", 0)))
        if spared - spent != held:
            self.problems.append(f"the receipt of {step.address} says {held} ms; its steps make it {spared - spent}")
        return spared - spent, spared

    def source(self, address: str, session_id: str) -> dict[str, Any]:
        """The details of the step at `#3` of a session, or `sess-…#3`; empty where it is gone."""
        where, _, seq = address.partition("#")
        return self.details_of(where or session_id).get(int(seq) if seq.isdecimal() else 0, {})

    def details_of(self, session_id: str) -> dict[int, dict[str, Any]]:
        """The details of the steps of a session by number; none where it is gone."""
        if session_id not in self._whole:
            found = self.sessions.store.whole(session_id)
            self._whole[session_id] = {} if found is None else {step.seq: _plain(step) for step in found[1]}
        return self._whole[session_id]

    def rows(self, step: Step) -> int:
        """The rows of a result, counted; as many as the step says where it does not hold all, or where another redaction took them."""
        said = step.total or 0
        try:
            result = msgspec.json.decode(self.sessions.result_of(step), type=_Listed)
        except (NotAllowed, msgspec.MsgspecError, RecursionError):
            return said
        except StoreCorrupt as error:
            self.problems.append(f"{step.address}: {error.message}")
            return said
        return said if result.results is None or any(gap.code in CUT_BY for gap in result.why) else len(result.results)

    def add(self, name: str, value: float | Decimal) -> None:
        """Add to a figure."""
        self.figures[name] = self.figures.get(name, Decimal(0)) + Decimal(value)


def _plain(step: Step) -> dict[str, Any]:
    """The parts of a step beside its result, as plain JSON; nothing where it was redacted."""
    return {} if step.details is None else msgspec.to_builtins(step.details)


def _opinion(step: Step) -> dict[tuple[int, str | None], bool]:
    """The judged step and the judging agent -> useful or not."""
    said = msgspec.json.decode(step.request or b"null")
    if not isinstance(said, dict) or type(said.get("step")) is not int or type(said.get("useful")) is not bool:
        return {}
    return {(said["step"], step.agent): said["useful"]}


def _sources(reused: dict[str, Any]) -> list[str]:
    """The steps whose verbs were spared, as a receipt names them."""
    named = reused.get("sources", [])
    return [address for address in named if isinstance(address, str)] if isinstance(named, list) else []
