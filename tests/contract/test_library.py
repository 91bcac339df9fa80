from __future__ import annotations

from typing import Any

import pytest
from worlds import World

from clew.errors import InvalidRequest, SessionExpired
from clew.sessions.cache import SessionCache
from clew.sessions.steps import HOUR


def test_a_session_is_created_with_a_token_that_can_be_continued(world: World) -> None:
    manager = world.manager()
    created = manager.create_session("guide", {"brief": "find it"})
    token = created["continuationToken"]
    assert {**created, "cachePath": ""} == {
        "sessionId": created["sessionId"],
        "sessionName": "guide",
        "continuationToken": token,
        "expiresIn": 3600,
        "cachePath": "",
    }
    assert token.startswith("js--")
    assert token.endswith("-start-000")
    assert manager.append_result(token, "search", {"results": [1]})["operationsCompleted"] == 1


def test_a_session_is_continued_with_what_was_appended(world: World) -> None:
    manager = world.manager()
    created = manager.create_session("guide", {"brief": "find it"}, metadata={"agentId": "a1", "tool": "js-scan", "version": "1"})
    appended = manager.append_result(created["sessionId"], "search", {"results": [1, 2]})
    last = manager.append_result(created["sessionId"], "ripple", {"results": [3], "risk": "low"})
    continued = world.manager().continue_session("guide")
    assert continued == {
        "from": "store",
        "session": {
            "sessionId": created["sessionId"],
            "sessionName": "guide",
            "createdAt": "2001-09-09T01:46:40Z",
            "operationsCompleted": 2,
            "metadata": {"agentId": "a1", "tool": "js-scan", "version": "1"},
            "operations": [
                {"name": "search", "completedAt": "2001-09-09T01:46:40Z", "resultKeys": ["results"]},
                {"name": "ripple", "completedAt": "2001-09-09T01:46:40Z", "resultKeys": ["results", "risk"]},
            ],
            "context": {
                "brief": "find it",
                "results": [3],
                "search": {"results": [1, 2]},
                "ripple": {"results": [3], "risk": "low"},
                "risk": "low",
            },
            "contextSize": 3,
            "continuationToken": last["continuationToken"],
            "expiresIn": 3600,
            "expiresAt": "2001-09-09T02:46:40Z",
        },
        "cacheAge": 0.0,
    }
    assert appended == {
        "sessionId": created["sessionId"],
        "continuationToken": appended["continuationToken"],
        "operationsCompleted": 1,
        "contextSize": 2,
    }


def test_an_expired_session_is_refused_by_the_library(world: World) -> None:
    manager = world.manager()
    created = manager.create_session("guide")
    world.clock.advance(HOUR)
    for attempt in (
        lambda: manager.continue_session("guide"),
        lambda: manager.append_result(created["sessionId"], "search", {}),
        lambda: manager.continue_session(created["continuationToken"]),
    ):
        with pytest.raises(SessionExpired):
            attempt()


def test_continuing_is_a_use(world: World) -> None:
    manager = world.manager()
    manager.create_session("guide")
    for _ in range(3):
        world.clock.advance(HOUR - 1)
        manager.continue_session("guide")
    assert manager.get_summary("guide")["expiresIn"] == HOUR


def test_one_expired_session_is_cleaned_up_and_counted(world: World) -> None:
    manager = world.manager()
    manager.create_session("guide")
    world.clock.advance(HOUR + 1)
    assert manager.cleanup_expired() == {"deletedCount": 1, "timestamp": "2001-09-09T02:46:41Z"}


def test_a_summary_by_id_name_or_token(world: World) -> None:
    manager = world.manager()
    created = manager.create_session("guide", {"brief": "x"})
    manager.append_result(created["sessionId"], "search", {"results": []})
    expected = {
        "sessionId": created["sessionId"],
        "sessionName": "guide",
        "expiresIn": 3600,
        "age": 0,
        "operationsCompleted": 1,
        "contextKeys": ("brief", "search"),
        "lastOperation": {"name": "search", "completedAt": "2001-09-09T01:46:40Z", "resultKeys": ("results",)},
    }
    assert manager.get_summary("guide") == manager.get_summary(created["sessionId"]) == expected
    assert manager.get_summary(created["continuationToken"])["operationsCompleted"] == 0


def test_the_memory_cache_is_never_stale_across_processes(world: World) -> None:
    here, there = world.manager(), world.manager()
    created = here.create_session("guide")
    assert [here.continue_session("guide")["from"] for _ in range(2)] == ["store", "memory-cache"]
    there.append_result(created["sessionId"], "search", {"results": [1]})
    seen = here.continue_session("guide")
    assert (seen["from"], seen["session"]["operationsCompleted"]) == ("store", 1)


def test_the_memory_cache_tells_its_true_age(world: World) -> None:
    moments = iter([10.0, 14.5])
    manager = world.manager(cache=SessionCache(clock=lambda: next(moments)))
    manager.create_session("guide")
    manager.continue_session("guide")
    assert manager.continue_session("guide")["cacheAge"] == 4.5


def test_the_memory_cache_serves_nothing_expired_or_deleted(world: World) -> None:
    manager = world.manager()
    manager.create_session("guide")
    manager.continue_session("guide")
    world.clock.advance(HOUR)
    with pytest.raises(SessionExpired):
        manager.continue_session("guide")


@pytest.mark.parametrize(
    "result",
    [
        {"a": [1, {"b": None}], "__proto__": {"x": 1}, "constructor": "c"},
        {"big": 2**53 + 1, "negative": -(2**63), "float": 1e-300, "large": 2**80},
        {"text": "a\x00b\u2028\u202e\U0001f9f6"},
        [[]],
    ],
    ids=["proto", "numbers", "text", "lists"],
)
def test_a_result_reads_back_equal(world: World, result: Any) -> None:
    manager = world.manager()
    manager.create_session("guide")
    manager.append_result("guide", "search", result)
    assert world.manager().continue_session("guide")["session"]["context"]["search"] == result


def test_a_result_nested_100_deep_reads_back_equal(world: World) -> None:
    manager = world.manager()
    manager.create_session("guide")
    nested: Any = 1
    for _ in range(100):
        nested = [nested]
    manager.append_result("guide", "search", {"nested": nested})
    assert world.manager().continue_session("guide")["session"]["context"]["search"] == {"nested": nested}


@pytest.mark.parametrize(
    "result",
    [{"x": float("nan")}, {"x": [float("inf")]}, {"x": "\ud800"}, {"\udfff": 1}, {1: 2}, {"x": object()}],
    ids=["nan", "infinity", "surrogate", "surrogate-key", "number-key", "object"],
)
def test_a_result_that_json_cannot_hold_is_refused_and_nothing_is_written(world: World, result: Any) -> None:
    manager = world.manager()
    manager.create_session("guide")
    with pytest.raises(InvalidRequest):
        manager.append_result("guide", "search", result)
    assert manager.get_summary("guide")["operationsCompleted"] == 0


@pytest.mark.parametrize("operation", ["", "a b", "a/b", "\u00e9", "-"])
def test_an_operation_that_cannot_stand_in_a_token_is_refused(world: World, operation: str) -> None:
    manager = world.manager()
    manager.create_session("guide")
    with pytest.raises(InvalidRequest):
        manager.append_result("guide", operation, {})
