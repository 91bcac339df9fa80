from __future__ import annotations

from operator import attrgetter
from typing import Any

import pytest
from worlds import World, draft, session_with

from clew.errors import InvalidRequest, NotAllowed, SessionExists, SessionExpired, SessionNotFound, TokenUnknown
from clew.sessions import acts
from clew.sessions.listing import difference, listing, log
from clew.sessions.steps import DAY, HOUR


def test_undo_is_a_step_that_goes_back_and_loses_nothing(world: World) -> None:
    manager = world.manager()
    first, second = session_with(manager, "tour", "search", "ripple")
    undone = acts.undo(manager, "tour")
    assert (undone.seq, undone.operation, undone.parent, undone.depth) == (3, "undo", 2, 3)
    assert (manager.context(undone), manager.locate("tour").input) == ({"search": first}, first)
    assert manager.result_of(manager.read_step(second.token)) == b'{"results":[{"n":2}]}'
    again = acts.undo(manager, "tour")
    assert (manager.context(again), manager.locate("tour").input) == ({}, None)
    with pytest.raises(InvalidRequest):
        acts.undo(manager, "tour")
    onwards = manager.append(manager.locate("tour"), draft("callers", 5))
    assert manager.context(onwards) == {"callers": onwards}
    assert (manager.context(acts.undo(manager, "tour")), onwards.seq) == ({}, 5)


def test_undo_passes_over_notes_and_pins(world: World) -> None:
    manager = world.manager()
    first, _ = session_with(manager, "tour", "search", "ripple")
    acts.note(manager, "tour", "look here")
    acts.pin(manager, "tour")
    assert manager.context(acts.undo(manager, "tour")) == {"search": first}


def test_a_fork_is_a_branch_at_any_step_and_copies_nothing(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple")
    forked = acts.fork(manager, "tour")
    assert (forked.branch_address, forked.parent, manager.context(forked)) == ("tour~2", 2, {"search": steps[0], "ripple": steps[1]})
    assert manager.append(manager.locate("tour"), draft("callers", 4)).branch == 1
    assert manager.append(manager.locate("tour~2"), draft("imports", 5)).parent == forked.seq
    assert acts.fork(manager, "tour#1").parent == 1


def test_a_note_is_kept_and_passes_the_input_through(world: World) -> None:
    manager = world.manager()
    found = session_with(manager, "tour", "search")[0]
    note = acts.note(manager, "tour", "charset is set twice", agent="ann")
    assert (note.question, note.agent, manager.result_of(note)) == ("charset is set twice", "ann", b'{"note":"charset is set twice"}')
    assert manager.locate("tour").input == found


def test_renaming_moves_the_name_and_keeps_tokens(world: World) -> None:
    manager = world.manager()
    first = session_with(manager, "tour", "search")[0]
    session_with(manager, "other", "search")
    with pytest.raises(SessionExists):
        acts.rename(manager, "tour", "other")
    assert acts.rename(manager, "tour", "trip").address == "trip#2"
    assert (manager.read_step("trip#1").token, manager.read_step(first.token).address) == (first.token, "trip#1")
    with pytest.raises(SessionNotFound):
        manager.read_step("tour")
    assert session_with(manager, "tour", "ripple")[0].session_id != first.session_id


def test_a_pinned_session_outlives_everything_until_it_is_unpinned(world: World) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search")
    acts.pin(manager, "tour")
    world.clock.advance(100 * DAY)
    acts.pin(manager, "tour", pinned=False)
    with pytest.raises(SessionExpired):
        manager.locate("tour")
    acts.revive(manager, "tour")
    world.clock.advance(HOUR - 1)
    manager.locate("tour")


def test_a_goal_can_be_said_later(world: World) -> None:
    manager = world.manager()
    step = session_with(manager, "tour", "search")[0]
    acts.set_goal(manager, "tour", "why")
    assert manager.session_of(step).goal == "why"


def test_deleting_takes_a_session_whatever_its_state(world: World) -> None:
    manager = world.manager()
    for name in ("live", "pinned"):
        session_with(manager, name, "search")
    acts.pin(manager, "pinned")
    token = manager.read_step("live").token
    assert [acts.delete(manager, ref).name for ref in (token, "pinned")] == ["live", "pinned"]
    assert manager.store.count() == 0
    with pytest.raises(TokenUnknown):
        acts.delete(manager, token)


def test_redacting_takes_the_bytes_out_and_keeps_the_chain(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple", "callers")
    acts.redact(manager, "tour#2")
    held = manager.store.steps(steps[0].session_id)
    assert [step.hash for step in held[:3]] == [step.hash for step in steps]
    assert (held[1].request, held[1].details, held[1].question) == (None, None, "")
    with pytest.raises(NotAllowed):
        manager.result_of(held[1])
    assert manager.result_of(held[2]) == b'{"results":[{"n":3}]}'
    later = manager.append(manager.locate("tour"), draft("ripple", 2))
    assert manager.result_of(later) == b'{"results":[{"n":2}]}'
    with pytest.raises(NotAllowed):
        manager.result_of(manager.read_step("tour#2"))


def test_the_memory_cache_serves_nothing_redacted(world: World) -> None:
    manager, other = world.manager(), world.manager()
    manager.create_session("guide")
    manager.append_result("guide", "search", {"results": ["secret"]})
    manager.continue_session("guide")
    acts.redact(other, "guide#1")
    assert "search" not in manager.continue_session("guide")["session"]["context"]


def test_sessions_are_listed_newest_use_first_with_filters_and_pages(world: World) -> None:
    manager = world.manager()
    for name in ("a", "ab", "abc", "b"):
        session_with(manager, name, "search", agent="ann" if name == "ab" else None)
        world.clock.advance(600)
    manager.record_once(draft())
    world.clock.advance(1300)
    shown = listing(manager)
    assert [(row.n, row.name, row.state, row.idle) for row in shown.results] == [
        (1, "b", "live", 1900),
        (2, "abc", "live", 2500),
        (3, "ab", "live", 3100),
        (4, "a", "expired", 3700),
    ]
    names = attrgetter("name")
    pages = [listing(manager, limit=3)]
    pages.append(listing(manager, limit=3, after=pages[0].next))
    assert [list(map(names, page.results)) for page in pages] == [["b", "abc", "ab"], ["a"]]
    assert pages[1].next is None
    filters: list[dict[str, Any]] = [{"name": "ab"}, {"agent": "ann"}, {"state": "expired"}, {"used_within": 2600}, {"calls": True}]
    assert [list(map(names, listing(manager, **wanted).results)) for wanted in filters] == [
        ["abc", "ab"],
        ["ab"],
        ["a"],
        ["b", "abc"],
        [None, "b", "abc", "ab", "a"],
    ]
    with pytest.raises(InvalidRequest):
        listing(manager, after="x")


def test_pages_stay_put_while_sessions_are_used(world: World) -> None:
    manager = world.manager()
    for number in range(6):
        session_with(manager, f"s{number}", "search")
        world.clock.advance(1)
    page = listing(manager, limit=3)
    manager.append(manager.locate("s0"), draft("ripple", 2))
    assert [row.name for row in listing(manager, limit=3, after=page.next).results] == ["s2", "s1"]


def test_the_log_draws_branches_and_marks_what_was_undone(world: World) -> None:
    manager = world.manager()
    first = session_with(manager, "tour", "search", "ripple")[0]
    side = manager.append(manager.locate(first.token), draft("callers", 3))
    manager.append(manager.locate("tour"), draft("imports", 4))
    acts.undo(manager, "tour")
    manager.append(manager.locate(side.token), draft("tests", 6))
    assert [(row.graph, row.step, row.parent, row.operation, row.undone) for row in log(manager, "tour")] == [
        ("*", "tour#6", 3, "tests", False),
        ("| *", "tour#5", 4, "undo", False),
        ("| *", "tour#4", 2, "imports", True),
        ("* |", "tour#3", 1, "callers", False),
        ("*", "tour#2", 1, "ripple", False),
        ("*", "tour#1", None, "search", False),
    ]


def test_a_difference_is_what_a_later_step_knows_more(world: World) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search", "ripple", "search")
    found = difference(manager, "tour#1", "tour#3")
    assert (found.common, [row.step for row in found.results]) == ("tour#1", ["tour#2", "tour#3"])
    assert [(known.key, known.before, known.after) for known in found.keys] == [
        ("ripple", None, "tour#2"),
        ("search", "tour#1", "tour#3"),
    ]
    assert difference(manager, "tour#2", "tour#2").keys == ()
