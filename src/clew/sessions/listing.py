"""Looking at sessions without touching them: pages of sessions, the tree of steps, what one step knows more than another."""

from __future__ import annotations

import msgspec

from clew.errors import InvalidRequest
from clew.sessions.context import ancestors, timestamp
from clew.sessions.core import Sessions
from clew.sessions.steps import Session, Step
from clew.sessions.store.protocol import Filter

PAGE = 100


class SessionRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A session in a list."""

    n: int
    session_id: str
    name: str | None = None
    state: str
    idle: int
    """Seconds since it was last used."""
    steps: int
    branches: int = 1
    goal: str = ""
    pinned: bool = False
    agent: str | None = None
    """The agent that started it."""
    bytes: int = 0


class SessionPage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A page of sessions, newest use first."""

    next: str | None = None
    """Give it as `after` for the next page."""
    results: tuple[SessionRow, ...]


class StepRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """A step in a log."""

    n: int
    graph: str = ""
    """Its place in the tree, as `git log --graph` draws it."""
    step: str
    parent: int | None = None
    branch: str | None = None
    operation: str
    question: str = ""
    total: int | None = None
    agent: str | None = None
    at: str
    continuation_token: str
    undone: bool = False
    damaged: bool = False
    """True when it is not what was written."""
    redacted: bool = False
    bytes: int = 0


class KeyDiff(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The difference of one context key between two steps."""

    key: str
    before: str | None = None
    after: str | None = None
    added: int = 0
    """Rows that only the later result has."""
    removed: int = 0


class Difference(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Difference between two steps: all that `after` knows and `before` did not."""

    before: str
    after: str
    common: str | None
    """The newest step both come from."""
    keys: tuple[KeyDiff, ...]
    results: tuple[StepRow, ...]
    """Steps behind `after` that are not behind `before`, oldest first."""


def listing(
    sessions: Sessions,
    *,
    name: str | None = None,
    agent: str | None = None,
    state: str | None = None,
    used_within: float | None = None,
    calls: bool = False,
    after: str | None = None,
    limit: int = 20,
) -> SessionPage:
    """Sessions whose name contains `name`, in which `agent` worked, that are `live` or `expired`, used in the last seconds.

    `calls` lists nameless one-step calls too. Raises InvalidRequest for a cursor that is none.
    """
    now = sessions.clock()
    rows: list[SessionRow] = []
    place = None if after is None else _place(after)
    while True:
        wanted = Filter(
            name_contains=name,
            agent=agent,
            transient=None if calls else False,
            used_since=None if used_within is None else now - used_within,
            after=place,
            limit=PAGE,
        )
        page = sessions.store.sessions(wanted)
        for session in page:
            if state in (None, session.state(now)):
                if limit and len(rows) == limit:
                    return SessionPage(next=_cursor(place), results=tuple(rows))
                rows.append(_row(len(rows) + 1, session, now))
            place = (session.last_used_at, session.session_id)
        if not page:
            return SessionPage(results=tuple(rows))


def log(sessions: Sessions, ref: str | None) -> tuple[StepRow, ...]:
    """Every step of a session, newest first, drawn as a tree."""
    session = sessions.locate(None, for_append=False).session if ref is None else sessions.find(ref)[0]
    steps = sessions.store.steps(session.session_id, after=-1, check=False)
    hashes = {step.seq: step.hash for step in steps}
    steps = [step for step in steps if step.seq > 0]
    branch_of = {step.seq: step.branch for step in steps}
    gone = _undone({step.seq: step for step in steps})
    open_branches: list[int] = []
    rows: list[StepRow] = []
    for step in reversed(steps):
        if step.branch not in open_branches:
            open_branches.append(step.branch)
        drawn = " ".join("*" if branch == step.branch else "|" for branch in open_branches)
        if step.parent is not None and branch_of.get(step.parent, step.branch) != step.branch:
            open_branches.remove(step.branch)
        damaged = step.damage(hashes.get(step.parent, b"") if step.parent is not None else b"") is not None
        rows.append(step_row(len(rows) + 1, step, graph=drawn, undone=step.seq in gone, damaged=damaged))
    return tuple(rows)


def difference(sessions: Sessions, before: str, after: str) -> Difference:
    """Compare two steps: all that `after` knows and `before` did not, its steps, its context keys, its rows."""
    early, late = sessions.read_step(before), sessions.read_step(after)
    old, new = _ancestry(sessions, early), _ancestry(sessions, late)
    common = max((seq for seq in new if seq in old), default=None) if early.session_id == late.session_id else None
    fresh = [step for seq, step in sorted(new.items()) if common is None or seq not in old]
    here, there = sessions.context(early), sessions.context(late)
    keys = [
        _key_diff(sessions, key, here.get(key), there.get(key))
        for key in sorted({*here, *there})
        if (here[key].hash if key in here else None) != (there[key].hash if key in there else None)
    ]
    return Difference(
        before=early.address,
        after=late.address,
        common=None if common is None else new[common].address,
        keys=tuple(keys),
        results=tuple(step_row(number, step) for number, step in enumerate(fresh, 1)),
    )


def step_row(n: int, step: Step, *, graph: str = "", undone: bool = False, damaged: bool = False) -> StepRow:
    """A step as a row."""
    return StepRow(
        n=n,
        graph=graph,
        step=step.address,
        parent=step.parent,
        branch=step.branch_address,
        operation=step.operation,
        question=step.question,
        total=step.total,
        agent=step.agent,
        at=timestamp(step.created_at),
        continuation_token=step.token,
        undone=undone,
        damaged=damaged,
        redacted=step.details is None,
        bytes=step.size,
    )


def _row(n: int, session: Session, now: float) -> SessionRow:
    return SessionRow(
        n=n,
        session_id=session.session_id,
        name=session.name,
        state=session.state(now),
        idle=max(0, int(now - session.last_used_at)),
        steps=session.head,
        branches=session.branches,
        goal=session.goal,
        pinned=session.pinned,
        agent=session.metadata.get("agentId"),
        bytes=session.size,
    )


def _cursor(place: tuple[float, str] | None) -> str | None:
    return None if place is None else f"{place[0]!r}:{place[1]}"


def _place(cursor: str) -> tuple[float, str]:
    moment, _, session_id = cursor.partition(":")
    try:
        return float(moment), session_id
    except ValueError:
        raise InvalidRequest(f"{cursor} is no cursor of this list", hint="clew sessions list") from None


def _undone(steps: dict[int, Step]) -> set[int]:
    """The steps that an undo went back behind and that nothing stands on."""
    gone: set[int] = set()
    for step in steps.values():
        if step.operation == "undo" and step.parent is not None:
            left = steps[step.parent].stands_on
            while left > step.stands_on:
                gone.add(left)
                parent = steps[left].parent
                left = 0 if not parent else steps[parent].stands_on
    return gone


def _ancestry(sessions: Sessions, step: Step) -> dict[int, Step]:
    return {held.seq: held for held in ancestors(sessions.store, step) if held.seq > 0}


def _key_diff(sessions: Sessions, key: str, before: Step | None, after: Step | None) -> KeyDiff:
    old, new = _lines(sessions, before), _lines(sessions, after)
    return KeyDiff(
        key=key,
        before=before.address if before else None,
        after=after.address if after else None,
        added=len(new - old),
        removed=len(old - new),
    )


def _lines(sessions: Sessions, step: Step | None) -> set[bytes]:
    """The rows of a result, without their numbers, so that equal rows compare equal."""
    if step is None or step.details is None:
        return set()
    result = msgspec.json.decode(sessions.result_of(step))
    rows = result.get("results", []) if isinstance(result, dict) else []
    bare = [{name: value for name, value in row.items() if name != "n"} if isinstance(row, dict) else row for row in rows]
    return {msgspec.json.encode(row, order="sorted") for row in bare}
