from __future__ import annotations

import msgspec
import pytest
from worlds import World, draft, session_with

from clew.errors import ClewError, QuotaExceeded, SessionNotFound, TokenUnknown
from clew.sessions import acts
from clew.sessions.appending import Quotas
from clew.sessions.steps import Session, Step
from clew.sessions.store.protocol import Change


def test_a_step_reads_back_exactly_as_it_was_recorded(world: World) -> None:
    manager = world.manager()
    first = session_with(manager, "tour", "search")[0]
    recorded = manager.append(
        manager.locate("tour"),
        draft(
            "ripple",
            2,
            question="ripple of 1",
            depends={"lib/a.js": "aa", "lib/b.js": "bb"},
            manifest="mm",
            head="0123",
            tool="1.0",
            reused=b'{"step":"tour#1"}',
            cost={"ms": 4.5},
            agent="ann",
            idempotency_key="k1",
            total=7,
            result_keys=("results", "files"),
        ),
    )
    read = world.manager().read_step(recorded.token)
    assert (read, manager.result_of(read), manager.depends_of(read)) == (
        recorded,
        b'{"results":[{"n":2}]}',
        {"lib/a.js": "aa", "lib/b.js": "bb"},
    )
    assert (read.seq, read.parent, read.depth, read.address, read.agent, read.total) == (2, first.seq, 2, "tour#2", "ann", 7)


def test_what_was_appended_is_there_for_a_process_that_opens_later(world: World) -> None:
    steps = session_with(world.manager(), "tour", "search", "ripple", "callers")
    assert [world.manager().read_step(step.token) for step in steps] == steps


def test_a_step_stays_as_it_was_whatever_is_appended_later(world: World) -> None:
    manager = world.manager()
    first = session_with(manager, "tour", "search")[0]
    before = manager.result_of(first)
    for number in range(2, 6):
        manager.append(manager.locate("tour"), draft("search", number))
        manager.append(manager.locate(first.token), draft("search", 10 + number))
    assert (manager.read_step(first.token), manager.result_of(first)) == (first, before)


def test_two_operations_that_return_results_live_under_their_own_keys(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple")
    again = manager.append(manager.locate("tour"), draft("search", 3, store_as="second-look"))
    assert manager.context(again) == {"search": steps[0], "ripple": steps[1], "second-look": again}


def test_a_key_reads_the_newest_step_under_it(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple", "search")
    assert manager.context(steps[-1]) == {"ripple": steps[1], "search": steps[2]}
    assert manager.context(steps[1]) == {"search": steps[0], "ripple": steps[1]}


def test_the_chain_of_hashes_covers_every_step_and_its_parent(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple", "callers")
    manager.append(manager.locate(steps[0].token), draft("importers", 9))
    held = {step.seq: step for step in manager.store.steps(steps[0].session_id)}
    for step in held.values():
        assert step.hash == step.expected_hash(held[step.parent].hash if step.parent else b"")
        assert step.hash != step.expected_hash(b"another parent")


@pytest.mark.parametrize("name", [name for name in Step.__struct_fields__ if name not in ("hash", "request", "details", "session_name")])
def test_the_hash_of_a_step_depends_on(world: World, name: str) -> None:
    manager = world.manager()
    step = session_with(manager, "tour", "search")[0]
    value = getattr(step, name)
    other = {"keys": {"x": 1}}.get(name, b"other" if isinstance(value, bytes) else "other" if isinstance(value, str) else 99)
    assert msgspec.structs.replace(step, **{name: other}).expected_hash(b"") != step.hash


def test_numbers_are_session_wide_and_gapless_and_depth_counts_ancestors(world: World) -> None:
    manager = world.manager()
    first, second = session_with(manager, "tour", "search", "ripple")
    side = manager.append(manager.locate(first.token), draft("callers", 3))
    third = manager.append(manager.locate(second.token), draft("callers", 4))
    beside = manager.append(manager.locate(side.token), draft("imports", 5))
    assert [(step.seq, step.depth) for step in (first, second, side, third, beside)] == [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3)]
    assert [step.seq for step in manager.store.steps(first.session_id)] == [1, 2, 3, 4, 5]


def test_the_last_steps_are_read_without_the_others(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", *["search"] * 12)
    session_id = steps[0].session_id
    assert manager.store.steps(session_id, newest=True, limit=3) == steps[:-4:-1]
    assert manager.store.steps(session_id, after=10) == steps[10:]
    assert manager.store.steps(session_id, branch=1, limit=2) == steps[:2]


def test_a_summary_says_what_every_reply_says(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple")
    world.clock.advance(60)
    assert msgspec.to_builtins(manager.summary(manager.session_of(steps[1]), steps[1])) == {
        "sessionId": steps[0].session_id,
        "sessionName": "tour",
        "expiresIn": 3540,
        "age": 60,
        "operationsCompleted": 2,
        "contextKeys": ("search", "ripple"),
        "lastOperation": {"name": "ripple", "completedAt": "2001-09-09T01:46:40Z", "resultKeys": ("results",)},
    }


def test_equal_bytes_are_kept_once(world: World) -> None:
    manager = world.manager()
    big = b'{"results":"' + bytes(range(48, 91)) * 20_000 + b'"}'
    manager.append(manager.begin("tour"), draft(result=big))
    before = manager.store.size()
    for number in range(20):
        manager.append(manager.locate("tour"), draft("search", number, result=big))
    assert manager.store.size() - before < len(big)


def test_whatever_stops_a_change_leaves_nothing_written(world: World) -> None:
    manager = world.manager()
    step = session_with(manager, "tour", "search")[0]

    def stop(_session: Session) -> Change | None:
        raise KeyError("stop")

    def collide(session: Session) -> Change | None:
        return Change(session=msgspec.structs.replace(session, goal="half"), steps=(step,))

    with pytest.raises(KeyError):
        manager.store.change(step.session_id, stop)
    with pytest.raises(ClewError):
        manager.store.change(step.session_id, collide)
    assert manager.session_of(step).goal == ""
    assert manager.append(manager.locate("tour"), draft("ripple", 2)).seq == 2


def test_a_change_of_a_session_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(SessionNotFound):
        world.manager().store.change("sess-none-00000000", lambda session: Change(session=session))


def test_a_deleted_session_is_gone_and_its_tokens_are_unknown(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple")
    kept = session_with(manager, "other", "search")[0]
    assert manager.store.delete(steps[0].session_id, lambda _: True)
    manager.store.sweep(lambda: False)
    assert manager.store.session(steps[0].session_id) is None
    with pytest.raises(TokenUnknown):
        manager.read_step(steps[0].token)
    assert manager.result_of(manager.read_step(kept.token)) == b'{"results":[{"n":1}]}'


def test_deleting_frees_what_only_the_deleted_session_held(world: World) -> None:
    manager = world.manager()
    step = manager.append(manager.begin("tour"), draft(result=b'{"results":"only here"}'))
    manager.store.delete(step.session_id, lambda _: True)
    assert manager.store.sweep(lambda: False) == 1
    assert manager.store.sweep(lambda: False) == 0


@pytest.mark.parametrize(
    "quotas",
    [Quotas(step=40), Quotas(session=60), Quotas(store=1), Quotas(sessions=1)],
    ids=["step", "session", "store", "sessions"],
)
def test_a_quota_refuses_before_anything_is_written(world: World, quotas: Quotas) -> None:
    roomy = world.manager()
    step = session_with(roomy, "tour", "search")[0]
    manager = world.manager(quotas=quotas)
    with pytest.raises(QuotaExceeded):
        manager.append(manager.begin("more") if quotas.sessions == 1 else manager.locate("tour"), draft("ripple", 2))
    assert roomy.store.steps(step.session_id) == [step]
    assert roomy.store.session_named("more") is None


def test_calls_that_nobody_continued_make_room_for_sessions(world: World) -> None:
    manager = world.manager(quotas=Quotas(sessions=4))
    session_with(manager, "tour", "search")
    continued = manager.record_once(draft())
    manager.append(manager.locate(continued.token), draft("ripple", 2))
    calls = []
    for _ in range(6):
        world.clock.advance(1)
        calls.append(manager.record_once(draft()))
    manager.append(manager.begin("more"), draft())
    assert manager.store.count() == 4
    assert [manager.store.session(call.session_id) is not None for call in calls] == [False] * 5 + [True]
    assert [manager.read_step(ref).seq for ref in ("tour", continued.token, "more")] == [1, 1, 1]
    manager.append(manager.begin("most"), draft())
    with pytest.raises(QuotaExceeded):
        manager.record_once(draft())


def test_the_result_cache_finds_the_newest_answer_that_still_holds(world: World) -> None:
    manager = world.manager()
    old = manager.append(manager.begin("tour"), draft(depends={"a.js": "1"}))
    new = manager.append(manager.locate("tour"), draft(depends={"a.js": "2"}))
    request = draft().request
    assert manager.find_cached("search", request, lambda _, depends: depends == {"a.js": "2"}) == new
    assert manager.find_cached("search", request, lambda _, depends: depends == {"a.js": "1"}) == old
    assert manager.find_cached("search", request, lambda _, depends: depends == {"a.js": "3"}) is None
    assert manager.find_cached("ripple", request, lambda *_: True) is None
    assert manager.find_cached("search", b"{}", lambda *_: True) is None


def test_the_result_cache_gives_nothing_that_was_redacted(world: World) -> None:
    manager = world.manager()
    for name in ("one", "two"):
        manager.append(manager.begin(name), draft())
    acts.redact(manager, "one#1")
    assert manager.find_cached("search", draft().request, lambda *_: True) is None
