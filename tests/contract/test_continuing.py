from __future__ import annotations

import pytest
from worlds import World, draft, session_with

from clew.errors import AmbiguousSession, IdempotencyConflict, InvalidRequest, SessionExists, SessionNotFound, TokenUnknown
from clew.sessions.tokens import ALPHABET, TokenCodec


def test_by_name_a_step_goes_on_the_tip_of_the_main_branch(world: World) -> None:
    manager = world.manager()
    first, second = session_with(manager, "tour", "search", "ripple")
    manager.append(manager.locate(first.token), draft("callers", 3))
    step = manager.append(manager.locate("tour"), draft("imports", 4))
    assert (step.parent, step.branch, step.branch_address) == (second.seq, 1, None)


def test_by_name_the_tip_is_that_of_the_moment_of_the_append(world: World) -> None:
    ann, ben = world.manager(), world.manager()
    session_with(ann, "tour", "search")
    early = ann.locate("tour")
    between = ben.append(ben.locate("tour"), draft("ripple", 2))
    assert ann.append(early, draft("callers", 3)).parent == between.seq


def test_by_token_the_tip_is_appended_to_and_an_older_step_grows_a_branch(world: World) -> None:
    manager = world.manager()
    first, second = session_with(manager, "tour", "search", "ripple")
    position = manager.locate(first.token)
    side = manager.append(position, draft("callers", 3))
    assert (position.branch, side.branch_address, side.parent) == ("tour~2", "tour~2", first.seq)
    onwards = manager.append(manager.locate(side.token), draft("imports", 4))
    main = manager.append(manager.locate(second.token), draft("imports", 5))
    assert [(step.branch, step.parent) for step in (onwards, main)] == [(2, side.seq), (1, second.seq)]


def test_two_agents_with_one_token_both_succeed_on_two_branches(world: World) -> None:
    ann, ben = world.manager(), world.manager()
    first = session_with(ann, "tour", "search")[0]
    here, there = ann.locate(first.token), ben.locate(first.token)
    one, two = ann.append(here, draft("ripple", 2)), ben.append(there, draft("callers", 3))
    assert [(step.seq, step.parent, step.branch) for step in (one, two)] == [(2, 1, 1), (3, 1, 2)]
    assert ann.context(two) == {"search": first, "callers": two}


def test_a_branch_is_continued_by_its_address(world: World) -> None:
    manager = world.manager()
    first, _ = session_with(manager, "tour", "search", "ripple")
    side = manager.append(manager.locate("tour#1"), draft("callers", 3))
    assert side.parent == first.seq
    step = manager.append(manager.locate("tour~2"), draft("imports", 4))
    assert (step.parent, step.branch) == (side.seq, 2)


def test_every_way_of_naming_a_step_leads_to_it(world: World) -> None:
    manager = world.manager()
    steps = session_with(manager, "tour", "search", "ripple")
    first, last = steps
    named = [first.token, first.token[: len("js--") + 8], first.token[:-1], "tour#1", f"{first.session_id}#1"]
    assert [manager.read_step(ref) for ref in named] == [first] * len(named)
    assert [manager.read_step(ref) for ref in ("tour", first.session_id, "tour~1")] == [last] * 3


def test_an_exact_live_name_wins_over_an_address(world: World) -> None:
    manager = world.manager()
    session_with(manager, "tour", "search", "ripple")
    named = session_with(manager, "tour~1", "callers")[0]
    assert manager.read_step("tour~1") == named


def test_two_ways_of_naming_have_to_agree(world: World) -> None:
    manager = world.manager()
    first, second = session_with(manager, "tour", "search", "ripple")
    other = session_with(manager, "other", "search")[0]
    assert manager.locate("tour", also=first.token).parent == first
    assert manager.locate(first.token, also="tour").parent == first
    for ref, also in (("tour", other.token), (first.token, second.token), ("tour", "other")):
        with pytest.raises(InvalidRequest):
            manager.locate(ref, also=also)


def test_every_single_character_change_of_a_token_is_unknown(world: World) -> None:
    manager = world.manager()
    token = session_with(manager, "tour", "search")[0].token
    changed = {
        token[:place] + letter + token[place + 1 :]
        for place in range(4, len(token))
        for letter in ALPHABET + "ilouA-_é"
        if letter != token[place]
    } | {token[:4] + token[4:].upper(), token + "0", token + " ", token[:4] + token[5:]}
    for text in changed:
        with pytest.raises(TokenUnknown):
            manager.locate(text)


def test_a_prefix_shorter_than_eight_is_unknown(world: World) -> None:
    manager = world.manager()
    token = session_with(manager, "tour", "search")[0].token
    for text in ("js--", token[:11]):
        with pytest.raises(TokenUnknown):
            manager.locate(text)


def test_a_manager_can_insist_on_whole_tokens(world: World) -> None:
    token = session_with(world.manager(), "tour", "search")[0].token
    manager = world.manager(prefixes=False)
    assert manager.read_step(token).token == token
    with pytest.raises(TokenUnknown):
        manager.read_step(token[:-1])


def test_a_prefix_that_fits_two_is_ambiguous_and_names_both(world: World) -> None:
    numbers = iter([b"\x00" * 8 + bytes([i]) + b"\xff" * 8 for i in range(99)])
    manager = world.manager(codec=TokenCodec(lambda _: next(numbers)))
    steps = session_with(manager, "tour", "search", "ripple")
    shared = len([1 for a, b in zip(steps[0].token, steps[1].token, strict=True) if a == b])
    assert shared > len("js--") + 8
    with pytest.raises(AmbiguousSession) as caught:
        manager.locate(steps[0].token[:12])
    assert sorted(caught.value.candidates) == sorted(step.token for step in steps)


def test_a_foreign_token_is_refused_with_the_words_of_an_unknown_one(world: World) -> None:
    foreign = session_with(world.foreign_manager(), "tour", "search")[0].token
    manager = world.manager()
    session_with(manager, "tour", "search")
    said = []
    for text in (foreign, "js--" + "0" * 26 + "-search-001"):
        with pytest.raises(TokenUnknown) as caught:
            manager.locate(text)
        said.append((caught.value.code, caught.value.message, caught.value.hint))
    assert said[0] == said[1]


def test_a_name_that_is_not_there_is_refused_with_near_ones(world: World) -> None:
    manager = world.manager()
    session_with(manager, "feature/login", "search")
    with pytest.raises(SessionNotFound) as caught:
        manager.locate("feature/logn")
    assert caught.value.candidates == ("feature/login",)
    for ref in ("feature/login#2", "feature/login~2", "feature/login#99999999999999999999", "sess-tour-00000000"):
        with pytest.raises(SessionNotFound):
            manager.locate(ref)


def test_composed_and_decomposed_accents_are_one_name_and_case_makes_two(world: World) -> None:
    manager = world.manager()
    step = session_with(manager, "caf\u00e9", "search")[0]
    upper = session_with(manager, "Caf\u00e9", "search")[0]
    assert manager.locate("cafe\u0301").parent == step
    assert manager.locate("Caf\u00e9").parent == upper
    with pytest.raises(SessionExists):
        manager.begin("cafe\u0301")


def test_no_name_means_the_only_live_session(world: World) -> None:
    manager = world.manager()
    with pytest.raises(SessionNotFound):
        manager.locate(None)
    call = manager.record_once(draft())
    assert manager.locate(None).parent == call
    named = session_with(manager, "tour", "search")[0]
    assert manager.locate(None).parent == named
    session_with(manager, "other", "search")
    with pytest.raises(AmbiguousSession) as caught:
        manager.locate(None)
    assert sorted(caught.value.candidates) == ["other", "tour"]


def test_a_call_without_a_session_is_one_step_that_can_be_continued(world: World) -> None:
    manager = world.manager()
    call = manager.record_once(draft())
    onwards = manager.append(manager.locate(call.token), draft("ripple", 2))
    assert (call.seq, call.session_name, onwards.parent, onwards.session_id) == (1, None, 1, call.session_id)
    assert (manager.session_of(call).transient, manager.session_of(call).name) == (False, None)


def test_beginning_writes_nothing_before_the_first_step(world: World) -> None:
    manager = world.manager()
    position = manager.begin("tour", goal="why")
    assert manager.store.count() == 0
    step = manager.append(position, draft())
    assert (step.seq, manager.session_of(step).goal) == (1, "why")


def test_a_live_name_is_refused_at_the_start_and_at_the_first_step(world: World) -> None:
    ann, ben = world.manager(), world.manager()
    late = ann.begin("tour")
    first = session_with(ben, "tour", "search")[0]
    with pytest.raises(SessionExists):
        ann.append(late, draft())
    with pytest.raises(SessionExists):
        ann.begin("tour")
    with pytest.raises(SessionExists):
        ann.create_session("tour")
    assert ann.store.steps(first.session_id) == [first]


def test_saving_joins_a_session_that_appeared_meanwhile(world: World) -> None:
    ann, ben = world.manager(), world.manager()
    late = ann.begin("tour", exist_ok=True)
    first = ben.append(ben.begin("tour", exist_ok=True), draft())
    joined = ann.append(late, draft("ripple", 2))
    again = ann.append(ann.begin("tour", exist_ok=True), draft("callers", 3))
    assert [(step.session_id, step.seq) for step in (first, joined, again)] == [(first.session_id, seq) for seq in (1, 2, 3)]


def test_the_same_key_and_request_give_the_same_token(world: World) -> None:
    manager = world.manager()
    begun = manager.append(manager.begin("tour"), draft(idempotency_key="start"))
    step = manager.append(manager.locate("tour"), draft("ripple", 2, idempotency_key="a"))
    call = manager.record_once(draft("text", 3, idempotency_key="b"))
    later = world.manager()
    assert later.append(later.locate("tour"), draft("ripple", 2, idempotency_key="a", result=b"[]")) == step
    assert later.append(later.locate(begun.token), draft("ripple", 2, idempotency_key="a")) == step
    assert later.record_once(draft("text", 3, idempotency_key="b")) == call
    assert [held.seq for held in manager.store.steps(step.session_id)] == [1, 2]


def test_beginning_again_under_the_same_key_is_a_repetition(world: World) -> None:
    manager = world.manager()
    first = manager.append(manager.begin("tour", idempotency_key="k"), draft(idempotency_key="k"))
    assert manager.append(manager.begin("tour", idempotency_key="k"), draft(idempotency_key="k")) == first
    with pytest.raises(IdempotencyConflict):
        manager.append(manager.begin("tour", idempotency_key="k"), draft("ripple", 2, idempotency_key="k"))
    with pytest.raises(SessionExists):
        manager.begin("tour", idempotency_key="other")


def test_the_same_key_for_another_request_is_a_conflict(world: World) -> None:
    manager = world.manager()
    step = manager.append(manager.begin("tour"), draft(idempotency_key="a"))
    for other in (draft("search", 2, idempotency_key="a"), draft("ripple", 1, idempotency_key="a", request=draft().request)):
        with pytest.raises(IdempotencyConflict):
            manager.append(manager.locate("tour"), other)
    assert manager.store.steps(step.session_id) == [step]


def test_a_key_is_a_sessions_own(world: World) -> None:
    manager = world.manager()
    here = manager.append(manager.begin("tour"), draft(idempotency_key="a"))
    there = manager.append(manager.begin("other"), draft("ripple", 2, idempotency_key="a"))
    assert here.session_id != there.session_id


def test_an_agents_input_is_its_own_newest_step_and_the_others_are_in_since(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour", agent="ann"), draft("search", 1, agent="ann"))
    own = manager.append(manager.locate("tour", agent="ann"), draft("callers", 2, agent="ann"))
    theirs = [manager.append(manager.locate("tour", agent="ben"), draft("imports", n, agent="ben")) for n in (3, 4)]
    position = manager.locate("tour", agent="ann")
    assert (position.input, position.parent, position.since) == (own, theirs[-1], tuple(theirs))
    step = manager.append(position, draft("ripple", 5, agent="ann"))
    assert step.parent == theirs[-1].seq
    newcomer = manager.locate("tour", agent="eve")
    assert (newcomer.input, newcomer.since) == (step, ())


def test_some_steps_pass_their_input_through(world: World) -> None:
    manager = world.manager()
    found = session_with(manager, "tour", "search")[0]
    manager.append(manager.locate("tour"), draft("context-slice", 2, passes_input=True))
    plan = manager.append(manager.locate("tour"), draft("rename", 3, passes_input=True))
    assert (manager.locate("tour").input, manager.locate(plan.token).input) == (found, found)
