"""The context that the ancestors of a step left, and the summary of a session in every reply."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from clew.errors import StoreCorrupt
from clew.sessions.steps import LAST_MOMENT, LastOperation, Session, SessionSummary, Step
from clew.sessions.store.protocol import SessionStore

REMEMBERED = 16
Keys = dict[str, int]


class Contexts:
    """Contexts worked out from the steps of a store: key → the newest step under it, oldest first.

    What was read last is remembered with the step's hash, so that appending step after step reads nothing twice.
    """

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._read: dict[tuple[str, int], tuple[bytes, Keys]] = {}

    def at(self, step: Step) -> Keys:
        """The context at a step, not to be changed. Raises StoreCorrupt."""
        known, read = self._read.get((step.session_id, step.seq), (b"", {}))
        if known == step.hash:
            return read
        above = self._from_parent(step)
        keys = merged(step.keys if step.is_whole else self._walked(step)) if above is None else above
        if above is not None:
            self._read.pop((step.session_id, step.parent or 0), None)  # who goes on goes on from the newest
        if len(self._read) >= REMEMBERED:
            self._read.pop(next(iter(self._read)), None)
        self._read[step.session_id, step.seq] = step.hash, keys
        return keys

    def _from_parent(self, step: Step) -> Keys | None:
        """The context by way of a parent that was read before; its hash, which is in that of the step, shows that it still is."""
        if step.is_whole or step.stands_on != step.seq or step.parent is None:
            return None
        known, keys = self._read.get((step.session_id, step.parent), (b"", {}))
        if not known or step.hash != step.expected_hash(known):
            return None
        keys = {**keys}
        for key in step.keys:
            keys.pop(key, None)  # a key that is set again is the newest
        keys.update(step.keys)
        return keys if len(step.keys) <= 1 else merged(keys)

    def _walked(self, step: Step) -> Keys:
        chain: list[Step] = []
        for held in self._store.context_chain(step.session_id, step.seq):
            chain.append(held)
            if held.is_whole:
                break
        if not chain or chain[-1].context_source:
            raise StoreCorrupt(f"The context of {step.address} cannot be read: a step before it is missing", hint="clew doctor")
        keys: Keys = {}
        for held in reversed(chain):
            keys.update(held.keys)
        return keys


def merged(keys: Keys) -> Keys:
    """The keys in the order of their steps."""
    return dict(sorted(keys.items(), key=lambda item: item[1]))


def ancestors(store: SessionStore, step: Step | None) -> list[Step]:
    """The steps behind a step and itself, oldest first, whichever branches they are on. Raises StoreCorrupt."""
    if step is None:
        return []
    steps = {ancestor.seq: ancestor for ancestor in store.steps(step.session_id, after=-1)}
    chain = [step]
    while (parent := chain[-1].parent) is not None and parent in steps:
        chain.append(steps[parent])
    return chain[::-1]


def standing(steps: Iterable[Step], step: Step) -> list[Step]:
    """Those of the steps that led to what stands at a step, oldest first: without what was undone, and without other branches."""
    by_number = {held.seq: held for held in steps}
    line: list[Step] = []
    at = by_number.get(step.stands_on)
    while at is not None and at.seq > 0:
        before = at.parent or 0
        if at.stands_on == at.seq:
            line.append(at)
        else:
            before = at.stands_on
        at = by_number.get(before) if before < at.seq else None
    return line[::-1]


def united(initial: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
    """The values of a context by name: results of operations, then the initial context, then the newest of every key of a result.

    So `callers` in the result of `ripple-analysis` is read as `callers` too, unless an operation or the initial context has that name.
    """
    parts: dict[str, Any] = {}
    for result in results.values():
        if isinstance(result, dict):
            parts.update(result)
    first = {key: results.get(key, value) for key, value in initial.items()}
    return {**first, **results, **{key: value for key, value in parts.items() if key not in results and key not in initial}}


def context_keys(session: Session, keys: Keys) -> tuple[str, ...]:
    """The keys a continued step can read: the initial ones first, then those of the ancestors, oldest first."""
    first = session.first_keys
    known = frozenset(first)
    return (*first, *(key for key in keys if key not in known))


def context_size(session: Session, keys: Keys) -> int:
    """The number of keys that a continued step can read."""
    return len(keys) + sum(key not in keys for key in session.first_keys)


def summary(session: Session, step: Step | None, keys: Keys, now: float) -> SessionSummary:
    """The session as seen from `step` (its tip, or the step just appended), which has left `keys`."""
    last = None
    if step is not None and step.seq > 0:
        last = LastOperation(name=step.operation, completed_at=timestamp(step.created_at), result_keys=step.result_keys)
    return SessionSummary(
        session_id=session.session_id,
        session_name=session.name,
        expires_in=session.expires_in(now),
        age=max(0, int(now - session.created_at)),
        operations_completed=step.depth if step else 0,
        context_keys=context_keys(session, keys),
        last_operation=last,
    )


def timestamp(moment: float) -> str:
    """RFC 3339 in UTC, to the second; a moment that no calendar has is the nearest that one has."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(min(max(moment, 0.0), LAST_MOMENT - 1)))
