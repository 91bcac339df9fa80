"""Sessions, said with plain dictionaries: the reference that every store is compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HOUR, DAY = 3600.0, 86400.0


@dataclass
class ModelStep:
    seq: int
    parent: int | None
    branch: int
    operation: str
    result: bytes
    depth: int
    context: dict[str, int]
    hands_on: int | None
    stands_on: int
    token: str = ""


@dataclass
class ModelSession:
    session_id: str
    name: str | None
    kept_from: float
    last_used: float
    pinned: bool = False
    owns_name: bool = True
    steps: list[ModelStep] = field(default_factory=list)

    def expires(self) -> float:
        return float("inf") if self.pinned else min(self.last_used + HOUR, self.kept_from + 90 * DAY)

    def live(self, now: float) -> bool:
        return now < self.expires()

    def gone(self, now: float) -> bool:
        return self.expires() + (HOUR if self.name is None else 7 * DAY) <= now

    def tip(self, branch: int = 1) -> ModelStep | None:
        return next((step for step in reversed(self.steps) if step.branch == branch), None)

    def step(self, seq: int | None) -> ModelStep | None:
        return self.steps[seq - 1] if seq else None

    def append(self, parent: ModelStep | None, operation: str, result: bytes, now: float, *, aside: bool = False, **kept: Any) -> ModelStep:
        """`kept` overrides what the step leaves: context, hands_on, stands_on."""
        seq = len(self.steps) + 1
        branch = parent.branch if parent else 1
        tip = self.tip(branch)
        if aside or (parent and tip and tip.seq != parent.seq):
            branch = max(step.branch for step in self.steps) + 1
        left: dict[str, Any] = {"context": {**(parent.context if parent else {}), operation: seq}, "hands_on": seq, "stands_on": seq}
        step = ModelStep(
            seq=seq,
            parent=parent.seq if parent else None,
            branch=branch,
            operation=operation,
            result=result,
            depth=parent.depth + 1 if parent else 1,
            **(left | kept),
        )
        if not self.live(now):
            self.kept_from = now
        self.last_used = now
        self.steps.append(step)
        return step

    def silent(self, parent: ModelStep | None) -> dict[str, Any]:
        """The state that a step leaves that changes nothing: all of its parent's."""
        return {
            "context": parent.context if parent else {},
            "hands_on": parent.hands_on if parent else None,
            "stands_on": parent.stands_on if parent else 0,
        }

    def behind(self, parent: ModelStep) -> dict[str, Any] | None:
        """The state that an undo at `parent` leaves; None when there is nothing to undo."""
        undone = self.step(parent.stands_on)
        if undone is None:
            return None
        before = self.step(undone.parent)
        return self.silent(self.step(before.stands_on) if before else None)
