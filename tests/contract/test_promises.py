"""The library's other promises: contexts read under every name, copies, times to live, metadata."""

from __future__ import annotations

import pytest
from worlds import World, draft, session_with

from clew.errors import SessionExists, SessionExpired
from clew.sessions import acts
from clew.sessions.bundles import chain_problems
from clew.sessions.copying import copy_session


def test_a_name_means_the_operation_then_the_initial_context_then_the_key_of_a_result(world: World) -> None:
    manager = world.manager()
    manager.create_session("tour", {"risk": "asked", "brief": "b", "search": "initial"})
    manager.append_result("tour", "search", {"results": [1]})
    manager.append_result("tour", "ripple-analysis", {"callers": ["a"], "risk": "low", "brief": "other", "search": 5})
    seen = manager.continue_session("tour")["session"]["context"]
    ripple = {"callers": ["a"], "risk": "low", "brief": "other", "search": 5}
    assert seen == {
        "risk": "asked", "brief": "b", "search": {"results": [1]}, "ripple-analysis": ripple, "results": [1], "callers": ["a"],
    }  # fmt: skip
    manager.append_result("tour", "search", {"callers": ["b"]})
    assert manager.continue_session("tour")["session"]["context"]["callers"] == ["b"]


def test_a_branch_shows_the_operations_and_the_context_of_its_ancestors(world: World) -> None:
    manager = world.manager()
    manager.create_session("tour")
    first = manager.append_result("tour", "search", {"results": [1]})
    manager.append_result("tour", "ripple", {"results": [2]})
    manager.append_result(first["continuationToken"], "callers", {"results": [3]})
    seen = manager.continue_session("tour~2")["session"]
    assert [done["name"] for done in seen["operations"]] == ["search", "callers"]
    assert seen["context"] == {"results": [3], "search": {"results": [1]}, "callers": {"results": [3]}}
    assert seen["continuationToken"] == manager.read_step("tour~2").token


def test_the_order_of_keys_is_kept(world: World) -> None:
    manager = world.manager()
    manager.create_session("tour", {"z": {"b": 1, "a": 2}, "y": 1})
    for operation in ("zeta", "alpha"):
        manager.append_result("tour", operation, {"y2": 1, "b2": 2})
    seen = world.manager().continue_session("tour")["session"]["context"]
    assert (list(seen)[:4], list(seen["z"]), list(seen["zeta"])) == (["z", "y", "zeta", "alpha"], ["b", "a"], ["y2", "b2"])
    assert manager.get_summary("tour")["contextKeys"] == ("z", "y", "zeta", "alpha")


def test_metadata_says_which_tool_made_a_session(world: World) -> None:
    manager = world.manager(tool="js-scan")
    step = session_with(manager, None, "search", agent="ann")[0]
    assert manager.session_of(step).metadata == {"agentId": "ann", "tool": "js-scan", "version": "0.1.0"}


def test_a_redacted_initial_context_is_gone(world: World) -> None:
    manager = world.manager()
    created = manager.create_session("tour", {"brief": "b", "key": "AKIA" + "ABCDEFGH" * 2})
    assert manager.continue_session("tour")["session"]["context"] == {"brief": "b", "key": "[redacted aws-access-token]"}
    acts.redact(manager, created["continuationToken"])
    assert manager.continue_session("tour")["session"]["context"] == {}
    assert manager.find("tour")[0].first_keys == ()


def test_what_a_program_appends_hands_on_what_it_read(world: World) -> None:
    manager = world.manager()
    first = session_with(manager, "tour", "search")[0]
    appended = manager.append_result("tour", "ripple-analysis", {"callers": ["a"]})
    assert manager.locate("tour").input == manager.locate(appended["continuationToken"]).input == first


def test_a_copy_goes_its_own_way(world: World) -> None:
    manager = world.manager()
    manager.create_session("tour", {"brief": "b"})
    first = manager.append_result("tour", "search", {"results": [1]})
    manager.append_result(first["continuationToken"], "callers", {"results": [2]})
    manager.append_result(first["continuationToken"], "ripple", {"results": [3]})
    acts.redact(manager, "tour#2")
    copy, tip = copy_session(manager, "tour", "trip")
    steps = tuple(manager.store.steps(copy.session_id, after=-1))
    assert list(chain_problems(copy, steps)) == []
    assert tip is not None
    assert manager.read_step(tip.token) == tip
    acts.delete(manager, "tour")
    seen = manager.continue_session("trip~2")["session"]
    assert seen["context"] == {"brief": "b", "results": [3], "search": {"results": [1]}, "ripple": {"results": [3]}}
    assert manager.append(manager.locate("trip"), draft()).depth == 4
    with pytest.raises(SessionExists):
        copy_session(manager, "trip", "trip")


def test_a_time_to_live_is_changed_by_a_step(world: World) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search")
    assert acts.set_ttl(manager, "tour", 8 * 3600).operation == "ttl"
    world.clock.advance(7 * 3600)
    assert manager.get_summary("tour")["expiresIn"] == 3600
    acts.set_ttl(manager, "tour", 60)
    world.clock.advance(60)
    with pytest.raises(SessionExpired):
        manager.locate("tour")
