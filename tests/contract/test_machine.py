"""Any order of operations, on any store, equals the dictionary model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from model import DAY, HOUR, ModelSession, ModelStep
from worlds import World, draft

from clew.errors import InvalidRequest, SessionExists, SessionExpired, SessionNotFound, TokenUnknown
from clew.sessions import acts
from clew.sessions.bundles import chain_problems, export_bundle, import_bundle
from clew.sessions.manager import SessionManager
from clew.sessions.steps import Step
from clew.sessions.tokens import TokenCodec

NAMES = st.sampled_from(["a", "b", "feature/x"])
OPERATIONS = st.sampled_from(["search", "ripple", "callers"])
WAYS = st.sampled_from(["name", "id", "token", "prefix", "step", "branch"])


class Sessions(RuleBasedStateMachine):
    """`sessions` holds everything the store should hold, by id."""

    def __init__(self, new_world: Callable[[], World]) -> None:
        super().__init__()
        self.world = new_world()
        self.codec = TokenCodec(Random(4).randbytes)
        self.manager: SessionManager = self.world.manager(codec=self.codec)
        self.sessions: dict[str, ModelSession] = {}
        self.number = 0

    @property
    def now(self) -> float:
        return self.world.clock.now

    def owner(self, name: str) -> ModelSession | None:
        return next((session for session in self.sessions.values() if session.name == name and session.owns_name), None)

    def next_draft(self, operation: str) -> tuple[str, int, bytes]:
        self.number += 1
        return operation, self.number, b'{"results":[%d]}' % self.number

    def recorded(self, session: ModelSession, expected: ModelStep, step: Step) -> None:
        expected.token = step.token
        self.check_step(session, expected)

    @rule(name=NAMES, operation=OPERATIONS, save=st.booleans())
    def begin(self, name: str, operation: str, save: bool) -> None:
        holder = self.owner(name)
        operation, number, result = self.next_draft(operation)
        made = draft(operation, number, result=result)
        if holder is not None and holder.live(self.now):
            if not save:
                with pytest.raises(SessionExists):
                    self.manager.begin(name)
                return
            step = self.manager.append(self.manager.begin(name, exist_ok=True), made)
            self.recorded(holder, holder.append(holder.tip(), operation, result, self.now), step)
            return
        step = self.manager.append(self.manager.begin(name, exist_ok=save), made)
        if holder is not None:
            holder.owns_name = False
        self.add(name, operation, result, step)

    @rule(operation=OPERATIONS)
    def call(self, operation: str) -> None:
        operation, number, result = self.next_draft(operation)
        self.add(None, operation, result, self.manager.record_once(draft(operation, number, result=result)))

    def add(self, name: str | None, operation: str, result: bytes, step: Step) -> None:
        session = self.sessions[step.session_id] = ModelSession(step.session_id, name, kept_from=self.now, last_used=self.now)
        self.recorded(session, session.append(None, operation, result, self.now), step)

    def pick(self, data: st.DataObject) -> ModelSession:
        return self.sessions[data.draw(st.sampled_from(list(self.sessions)))]

    def reference(self, data: st.DataObject, session: ModelSession) -> tuple[str, ModelStep | None]:
        """A way of naming the session or one of its steps, and the step that is the parent then."""
        way = data.draw(WAYS)
        step = data.draw(st.sampled_from(session.steps))
        address = session.name if session.name and session.owns_name else session.session_id
        branch = data.draw(st.sampled_from(sorted({step.branch for step in session.steps})))
        return {
            "name": (address, session.tip()),
            "id": (session.session_id, session.tip()),
            "token": (step.token, step),
            "prefix": (step.token[:16], step),
            "step": (f"{address}#{step.seq}", step),
            "branch": (f"{address}~{branch}", session.tip(branch)),
        }[way]

    @precondition(lambda self: self.sessions)
    @rule(data=st.data(), operation=OPERATIONS, revive=st.booleans())
    def append(self, data: st.DataObject, operation: str, revive: bool) -> None:
        session = self.pick(data)
        ref, parent = self.reference(data, session)
        operation, number, result = self.next_draft(operation)
        if not session.live(self.now) and not revive:
            with pytest.raises(SessionExpired):
                self.manager.locate(ref)
            return
        made = draft(operation, number, result=result, idempotency_key=f"k{number}")
        step = self.manager.append(self.manager.locate(ref, revive=revive), made)
        self.recorded(session, session.append(parent, operation, result, self.now), step)
        assert self.manager.append(self.manager.locate(ref), made) == step

    @precondition(lambda self: any(session.live(self.now) for session in self.sessions.values()))
    @rule(data=st.data(), act=st.sampled_from(["undo", "fork", "note", "pin", "unpin"]))
    def act(self, data: st.DataObject, act: str) -> None:
        live = [key for key, session in self.sessions.items() if session.live(self.now)]
        session = self.sessions[data.draw(st.sampled_from(live))]
        ref, parent = self.reference(data, session)
        if act == "undo":
            left = session.behind(parent) if parent else None
            if left is None:
                with pytest.raises(InvalidRequest):
                    acts.undo(self.manager, ref)
                return
            step = acts.undo(self.manager, ref)
            self.recorded(session, session.append(parent, "undo", b"{}", self.now, **left), step)
            return
        left = session.silent(parent)
        if act == "fork":
            step = acts.fork(self.manager, ref)
        elif act == "note":
            step = acts.note(self.manager, ref, "hm")
        else:
            step = acts.pin(self.manager, ref, pinned=act == "pin")
        result = b'{"note":"hm"}' if act == "note" else b"{}"
        self.recorded(session, session.append(parent, act, result, self.now, aside=act == "fork", **left), step)
        session.pinned = {"pin": True, "unpin": False}.get(act, session.pinned)

    @precondition(lambda self: any(session.live(self.now) for session in self.sessions.values()))
    @rule(data=st.data(), name=NAMES)
    def rename(self, data: st.DataObject, name: str) -> None:
        live = [key for key, session in self.sessions.items() if session.live(self.now)]
        session = self.sessions[data.draw(st.sampled_from(live))]
        holder = self.owner(name)
        if holder is not None and holder is not session and holder.live(self.now):
            with pytest.raises(SessionExists):
                acts.rename(self.manager, session.session_id, name)
            return
        step = acts.rename(self.manager, session.session_id, name)
        if holder is not None and holder is not session:
            holder.owns_name = False
        tip = session.tip()
        result = b'{"name":"%s"}' % name.encode()
        session.name, session.owns_name = name, True
        self.recorded(session, session.append(tip, "rename", result, self.now, **session.silent(tip)), step)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        session = self.pick(data)
        acts.delete(self.manager, session.session_id)
        del self.sessions[session.session_id]
        self.check_gone(session)

    @precondition(lambda self: self.sessions)
    @rule(data=st.data())
    def carry(self, data: st.DataObject) -> None:
        """Export, delete, import: the same session, with a fresh time to live."""
        session = self.pick(data)
        path = str(Path(mkdtemp()) / "bundle")
        export_bundle(self.manager, session.session_id, path)
        acts.delete(self.manager, session.session_id)
        holder = None if session.name is None else self.owner(session.name)
        taken = holder is not None and holder is not session and holder.live(self.now)
        if taken:
            with pytest.raises(SessionExists):
                import_bundle(self.manager, path)
            del self.sessions[session.session_id]
            return
        import_bundle(self.manager, path)
        if holder is not None and holder is not session:
            holder.owns_name = False
        session.owns_name, session.kept_from, session.last_used = True, self.now, self.now
        self.sessions[session.session_id] = session
        for step in session.steps:
            self.check_step(session, step)

    @precondition(lambda self: self.sessions)
    @rule(seconds=st.sampled_from([1.0, 60.0, 600.0, 600.0, HOUR, DAY, 8 * DAY, 100 * DAY, -DAY]))
    def wait(self, seconds: float) -> None:
        self.world.clock.advance(seconds)

    @precondition(lambda self: len(self.sessions) > 3)
    @rule()
    def clean_up(self) -> None:
        dead = [session for session in self.sessions.values() if not session.live(self.now)]
        assert self.manager.cleanup() == len(dead)
        for session in dead:
            del self.sessions[session.session_id]
            self.check_gone(session)

    @precondition(lambda self: len(self.sessions) > 3)
    @rule()
    def tidy(self) -> None:
        self.manager.tidy(budget_ms=60_000)
        self.sessions = {key: session for key, session in self.sessions.items() if not session.gone(self.now)}

    @precondition(lambda self: self.sessions)
    @rule()
    def crash_and_reopen(self) -> None:
        """The old process is not asked to close anything."""
        self.manager = self.world.manager(codec=self.codec)

    def check_step(self, session: ModelSession, expected: ModelStep) -> None:
        step = self.manager.read_step(expected.token)
        held = (step.session_id, step.session_name, step.seq, step.parent, step.branch, step.operation, step.depth)
        assert held == (
            session.session_id,
            session.name,
            expected.seq,
            expected.parent,
            expected.branch,
            expected.operation,
            expected.depth,
        )
        assert (self.manager.context_keys(step), step.hands_on, step.stands_on) == (expected.context, expected.hands_on, expected.stands_on)
        assert self.manager.result_of(step) == expected.result

    def check_gone(self, session: ModelSession) -> None:
        with pytest.raises(SessionNotFound):
            self.manager.read_step(session.session_id)
        for step in session.steps:
            with pytest.raises(TokenUnknown):
                self.manager.read_step(step.token)

    def teardown(self) -> None:
        """Everything at once, read by a process that knows nothing."""
        self.manager = self.world.manager()
        assert self.manager.store.count() == len(self.sessions)
        for session in self.sessions.values():
            stored = self.manager.store.session(session.session_id)
            assert stored is not None
            assert (stored.state(self.now) == "live", stored.pinned, stored.owns_name) == (
                session.live(self.now),
                session.pinned,
                session.owns_name,
            )
            steps = self.manager.store.steps(session.session_id)
            assert list(chain_problems(stored, tuple(steps))) == []
            assert [step.seq for step in steps] == [step.seq for step in session.steps]
            for step in session.steps:
                self.check_step(session, step)
        assert list(self.manager.store.examine()) == []
        self.world.close()


def test_sessions_equal_a_dictionary_model(new_world: Callable[[], World]) -> None:
    run_state_machine_as_test(
        lambda: Sessions(new_world),
        settings=settings(
            max_examples=25, stateful_step_count=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
        ),
    )
