"""Contexts that are worked out from the keys of the ancestors, and the subjects of steps."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from worlds import World, draft, session_with

from clew.errors import NotAllowed, StoreCorrupt
from clew.sessions import acts, appending
from clew.sessions.appending import LONGEST_WALK
from clew.sessions.context import Contexts
from clew.sessions.manager import SessionManager
from clew.sessions.steps import Step, SubjectTarget

SEND = SubjectTarget(text="lib/response.js::res.send", file="lib/response.js", name="res.send", line=126, column=1, digest="d", code="c")
JSON = SubjectTarget(text="lib/response.js::res.json")


def long_session(manager: SessionManager, steps: int) -> list[tuple[Step, dict[str, int]]]:
    """Steps with what their contexts are, of a session with undos, branches and notes here and there."""
    random = Random(7)
    made = [(manager.append(manager.begin("tour"), draft()), {"search": 1})]
    for number in range(2, steps + 1):
        what = random.randrange(20)
        if what == 0:
            parent, keys = made[random.randrange(len(made))]
            made.append((acts.note(manager, parent.token, "hm"), keys))
            continue
        parent, keys = made[-1] if what > 1 else made[random.randrange(len(made))]
        key = f"k{random.randrange(60)}"
        step = manager.append(manager.locate(parent.token), draft("search", number, store_as=key))
        made.append((step, {**keys, key: step.seq}))
    return made


def test_a_context_is_that_of_the_ancestors_however_it_is_read(world: World) -> None:
    manager = world.manager()
    made = long_session(manager, 300)
    assert [manager.context_keys(step) for step, _ in made] == [keys for _, keys in made]
    cold = [Contexts(manager.store).at(step) for step, _ in made]
    assert cold == [keys for _, keys in made]
    assert all(list(keys.values()) == sorted(keys.values()) for keys in cold)


def test_a_step_holds_its_own_keys_and_few_are_whole(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", *(f"o{number}" for number in range(100)))
    whole = [step.seq for step in steps if step.is_whole]
    assert whole == [1, 1 + LONGEST_WALK, 1 + 2 * LONGEST_WALK, 1 + 3 * LONGEST_WALK]
    assert all(len(step.keys) == 1 for step in steps if not step.is_whole)


def test_a_context_is_read_from_a_bounded_number_of_steps(world: World) -> None:
    manager = world.manager()
    made = long_session(manager, 300)
    walks = [len(manager.store.context_chain(step.session_id, step.seq)) for step, _ in made]
    assert max(walks) <= LONGEST_WALK + 1


def test_a_context_with_a_step_missing_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "callers", "ripple")
    chain = manager.store.context_chain
    monkeypatch.setattr(manager.store, "context_chain", lambda session, seq: chain(session, seq)[:-1])
    with pytest.raises(StoreCorrupt, match="tour#3"):
        Contexts(manager.store).at(steps[2])


def test_a_subject_is_given_back_and_in_the_hash(world: World) -> None:
    manager = world.manager()
    step = manager.append(manager.begin("tour"), draft(subject=(SEND, JSON)))
    again = world.manager().read_step("tour")
    assert (again, world.manager().subject_of(again)) == (step, (SEND, JSON))
    assert manager.append(manager.begin("other"), draft(subject=(JSON,))).hash != step.hash


def test_a_step_without_a_subject_takes_over_that_of_the_step_it_read(world: World) -> None:
    manager = world.manager()
    first = manager.append(manager.begin("tour"), draft(subject=(SEND,)))
    noted = acts.note(manager, "tour", "hm")
    manager.append_result("tour", "risk", {"risk": "low"})
    empty = manager.append(manager.locate("tour"), draft("search", 3, subject=()))
    assert [manager.subject_of(step) for step in (noted, manager.read_step("tour#3"), empty)] == [(SEND,), (SEND,), ()]
    undone = acts.undo(manager, "tour")
    assert manager.subject_of(undone) == (SEND,)
    assert manager.subject_of(manager.append(manager.locate(first.token), draft("callers", 4))) == (SEND,)
    assert manager.subject_of(session_with(manager, "other", "search")[0]) is None


def test_secrets_are_taken_out_of_a_subject_and_redaction_takes_it_whole(world: World) -> None:
    manager = world.manager()
    secret = "AKIA" + "ABCDEFGH" * 2
    step = manager.append(manager.begin("tour"), draft(subject=(SubjectTarget(text=secret),)))
    assert manager.subject_of(step) == (SubjectTarget(text="[redacted aws-access-token]"),)
    acts.redact(manager, step.token)
    assert manager.subject_of(manager.read_step(step.token)) is None
    with pytest.raises(NotAllowed):
        manager.result_of(manager.read_step(step.token))


def test_a_subject_is_freed_with_its_last_step(world: World) -> None:
    manager = world.manager()
    step = manager.append(manager.begin("tour"), draft(subject=(SEND,)))
    manager.append(manager.begin("other"), draft(subject=(SEND,)))
    acts.delete(manager, "tour")
    assert manager.subject_of(manager.read_step("other")) == (SEND,)
    acts.delete(manager, "other")
    with pytest.raises(StoreCorrupt):
        manager.subject_of(step)
    assert list(manager.store.examine()) == []


def test_whole_steps_grow_rarer_with_many_keys(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appending, "LONGEST_WALK", 2)
    monkeypatch.setattr(appending, "KEYS_PER_STEP", 2)
    steps = session_with(world.manager(), "tour", *(f"o{number}" for number in range(60)))
    apart = [step.seq for step in steps if step.is_whole]
    assert [later - earlier for earlier, later in pairwise(apart)] == [2, 2, 4, 8, 16]
