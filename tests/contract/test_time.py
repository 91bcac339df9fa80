from __future__ import annotations

import pytest
from worlds import World, draft, session_with

from clew.errors import SessionExpired, SessionNotFound, TokenUnknown
from clew.sessions.retention import collect
from clew.sessions.steps import DAY, HOUR


def test_an_idle_session_expires_and_use_refreshes_it(world: World) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search")
    world.clock.advance(HOUR - 1)
    manager.append(manager.locate("tour"), draft("ripple", 2))
    world.clock.advance(HOUR - 1)
    early = manager.locate("tour")
    world.clock.advance(1)
    for attempt in (lambda: manager.locate("tour"), lambda: manager.append(early, draft("callers", 3))):
        with pytest.raises(SessionExpired):
            attempt()


def test_reading_and_maintenance_are_no_use(world: World) -> None:
    manager = world.manager()
    step = session_with(manager, "tour", "search")[0]
    world.clock.advance(HOUR - 1)
    manager.read_step("tour")
    manager.result_of(step)
    manager.locate("tour")
    manager.tidy()
    manager.cleanup()
    world.clock.advance(1)
    with pytest.raises(SessionExpired):
        manager.locate("tour")


def test_a_time_to_live_can_be_given_and_is_capped_at_90_days(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("short", ttl=60), draft())
    manager.append(manager.begin("long", ttl=400 * DAY), draft())
    world.clock.advance(61)
    with pytest.raises(SessionExpired):
        manager.locate("short")
    world.clock.advance(90 * DAY - 62)
    manager.locate("long")
    world.clock.advance(1)
    with pytest.raises(SessionExpired):
        manager.locate("long")


def test_use_does_not_carry_a_session_over_90_days(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour", ttl=30 * DAY), draft())
    for number in range(2, 6):
        world.clock.advance(20 * DAY)
        manager.append(manager.locate("tour"), draft("ripple", number))
    world.clock.advance(10 * DAY)
    with pytest.raises(SessionExpired):
        manager.locate("tour")


def test_a_pinned_session_does_not_expire(world: World) -> None:
    manager = world.manager()
    step = manager.append(manager.begin("tour", pinned=True), draft())
    world.clock.advance(400 * DAY)
    assert manager.cleanup() == 0
    assert manager.locate("tour").parent == step
    assert manager.summary(manager.session_of(step)).expires_in is None


def test_an_expired_session_is_revived_by_continuing_it_so(world: World) -> None:
    manager = world.manager()
    step = session_with(manager, "tour", "search")[0]
    world.clock.advance(2 * HOUR)
    revived = manager.append(manager.locate("tour", revive=True), draft("ripple", 2))
    assert (revived.session_id, revived.seq) == (step.session_id, 2)
    assert manager.locate("tour").parent == revived


def test_reviving_starts_the_90_days_again(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour", ttl=85 * DAY), draft())
    world.clock.advance(89 * DAY)
    manager.append(manager.locate("tour", revive=True), draft("ripple", 2))
    world.clock.advance(80 * DAY)
    assert manager.locate("tour").parent is not None


def test_an_expired_session_stays_readable_for_7_days(world: World) -> None:
    manager = world.manager()
    step = session_with(manager, "tour", "search")[0]
    world.clock.advance(HOUR + 7 * DAY - 1)
    manager.tidy(budget_ms=60_000)
    assert (manager.read_step(step.token), manager.locate("tour", for_append=False).parent) == (step, step)
    world.clock.advance(1)
    manager.tidy(budget_ms=60_000)
    with pytest.raises(TokenUnknown):
        manager.read_step(step.token)


def test_an_expired_nameless_session_stays_readable_for_an_hour(world: World) -> None:
    manager = world.manager()
    step = manager.record_once(draft())
    world.clock.advance(2 * HOUR - 1)
    manager.tidy(budget_ms=60_000)
    assert manager.result_of(manager.read_step(step.token)) == b'{"results":[{"n":1}]}'
    world.clock.advance(1)
    manager.tidy(budget_ms=60_000)
    with pytest.raises(TokenUnknown):
        manager.read_step(step.token)


def test_cleaning_up_takes_everything_expired_at_once_and_nothing_else(world: World) -> None:
    manager = world.manager()
    gone = [session_with(manager, f"old{number}", "search")[0] for number in range(3)]
    manager.record_once(draft())
    world.clock.advance(HOUR - 10)
    kept = session_with(manager, "tour", "search")[0]
    world.clock.advance(10)
    assert manager.cleanup_expired() == {"deletedCount": 4, "timestamp": "2001-09-09T02:46:40Z"}
    assert manager.read_step("tour") == kept
    for step in gone:
        with pytest.raises(TokenUnknown):
            manager.read_step(step.token)
    assert manager.cleanup_expired()["deletedCount"] == 0


def test_tidying_goes_in_slices(world: World) -> None:
    manager = world.manager()
    for number in range(5):
        session_with(manager, f"old{number}", "search")
    world.clock.advance(HOUR + 7 * DAY)
    assert manager.tidy(budget_ms=0) == 0
    assert manager.tidy(budget_ms=60_000) == 5


def test_a_session_that_is_used_while_it_is_taken_away_stays(world: World) -> None:
    manager, other = world.manager(), world.manager()
    step = session_with(manager, "tour", "search")[0]
    world.clock.advance(HOUR)
    page = manager.store.sessions

    def revived_after_listing(*arguments: object, **named: object) -> object:
        found = page(*arguments, **named)  # type: ignore[arg-type]
        other.append(other.locate("tour", revive=True), draft("ripple", 2))
        return found

    manager.store.sessions = revived_after_listing  # type: ignore[method-assign,assignment]
    assert manager.cleanup() == 0
    assert other.read_step(step.token) == step


def test_a_new_session_may_take_an_expired_ones_name(world: World) -> None:
    manager = world.manager()
    old = session_with(manager, "tour", "search")[0]
    world.clock.advance(HOUR)
    new = session_with(manager, "tour", "ripple")[0]
    assert new.session_id != old.session_id
    assert manager.read_step("tour") == new
    assert manager.read_step(old.session_id) == old
    assert manager.append(manager.locate(old.token, revive=True), draft("callers", 2)).session_id == old.session_id
    assert manager.read_step("tour") == new


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_a_clock_that_jumps_changes_only_the_time_to_live(world: World, jump: float) -> None:
    manager = world.manager()
    before = session_with(manager, "tour", "search", "ripple")
    world.clock.advance(jump)
    after = manager.append(manager.locate("tour", revive=True), draft("callers", 3))
    world.clock.advance(-jump)
    last = manager.append(manager.locate("tour", revive=True), draft("imports", 4))
    assert manager.store.steps(after.session_id) == [*before, after, last]
    assert manager.locate("tour").parent == last


def test_the_only_live_session_is_not_an_expired_one(world: World) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search")
    world.clock.advance(HOUR)
    with pytest.raises(SessionNotFound):
        manager.locate(None)


def test_collecting_takes_what_was_kept_long_enough_and_gives_space_back(world: World) -> None:
    manager = world.manager()
    for number in range(20):
        manager.append(manager.begin(f"old{number}"), draft("search", number, result=b'"%d%s"' % (number, b"x" * 9000)))
    world.clock.advance(HOUR)
    recent = session_with(manager, "recent", "search")[0]
    world.clock.advance(7 * DAY)
    collected = collect(manager.store, world.clock())
    assert (collected.sessions, collected.bytes_after <= collected.bytes_before) == (20, True)
    assert manager.read_step("recent") == recent
