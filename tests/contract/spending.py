"""Sessions of random steps whose receipts are true: what they cost, what they went on from, what was said of them."""

from __future__ import annotations

from random import Random

import msgspec
from worlds import draft

from clew.metrics.costs import Worked, worked_by
from clew.sessions import acts
from clew.sessions.copying import copy_session
from clew.sessions.manager import SessionManager
from clew.sessions.steps import Step

OPERATIONS = ("search", "callers", "ripple", "md-stats")
VERDICTS = ("fresh", "fresh", "moved", "changed", "gone")


def thousandths(random: Random, most: int) -> float:
    """Milliseconds as a watch gives them, to the microsecond."""
    return random.randrange(most * 1000) / 1000


def grow(manager: SessionManager, random: Random, name: str, others: list[Step], most: int = 6) -> list[Step]:
    """A session of some random steps, each going on from earlier ones, or not; `others` are steps of other sessions."""
    steps: list[Step] = []
    for number in range(1, random.randrange(1, most) + 1):
        position = manager.locate(random.choice(steps).token) if steps and random.random() < 0.3 else None
        position = position or (manager.locate(name) if steps else manager.begin(name, agent=random.choice(("ann", "bob", None))))
        steps.append(manager.append(position, answer(random, number, steps, others)))
    for step in steps:
        if random.random() < 0.3:
            acts.feedback(manager, step, useful=random.random() < 0.5, note="so", agent=random.choice(("ann", None)))
    if random.random() < 0.2:
        acts.note(manager, name, "a note")
    if random.random() < 0.2:
        acts.redact(manager, random.choice(steps).token)
    if random.random() < 0.2:
        copy_session(manager, name, f"{name} again")
    return steps


def answer(random: Random, number: int, steps: list[Step], others: list[Step]) -> msgspec.Struct:
    """A step as the machinery of calls makes it."""
    sources: list[tuple[str, Worked]] = []
    reused: dict[str, object] = {}
    spent, reuse = thousandths(random, 40), thousandths(random, 9)
    cost = {"ms": round(spent, 1), "indexCpuMs": thousandths(random, 5), "bytesOut": float(random.randrange(9000)), "reuseCpuMs": reuse}
    cost["filesParsed"] = float(random.randrange(3))
    if steps and random.random() < 0.6:
        source = random.choice(steps)
        reused = {"step": source.address, "used": [1], "verdict": random.choice(VERDICTS)}
        sources.append((f"#{source.seq}", worked_by(source)))
    if others and random.random() < 0.3:
        source = random.choice(others)
        sources.append((f"{source.session_id}#{source.seq}", worked_by(source)))
        cost["answeredAt"] = source.created_at
    cost["verbCpuMs"] = sources[-1][1].cpu_ms if "answeredAt" in cost else spent
    cost["cpuMs"] = round(reuse + spent, 3)
    cost["savedMs"] = round(sum(worked.cpu_ms for _, worked in sources) - reuse, 3)
    if random.random() < 0.1:
        cost = {"ms": cost["ms"], "filesParsed": 0.0}  # as before CPU time was measured
    elif sources:
        reused["sources"] = [address for address, _ in sources]
    rows = random.randrange(4)
    result = msgspec.json.encode({"results": [{"n": n, "of": number} for n in range(1, rows + 1)]})
    kept = msgspec.json.encode(reused) if reused else None
    return draft(random.choice(OPERATIONS), number, result=result, total=rows, cost=cost, reused=kept, agent=random.choice(("ann", None)))


def grown(manager: SessionManager, random: Random, count: int) -> None:
    """So many sessions."""
    others: list[Step] = []
    for number in range(count):
        others += grow(manager, random, f"s{number}", others)
        others = others[-12:]
