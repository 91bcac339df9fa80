"""Broken doubles of what is continued and expires."""

from __future__ import annotations

import test_continuing as continuing
import test_steps as steps
import test_time as timing
from doubles import (
    Double,
    always,
    fixed_at_locate,
    refreshing,
    result,
    session,
    step,
    without_check,
)
from msgspec.structs import replace

from clew.sessions import appending, locating, retention
from clew.sessions.core import Sessions
from clew.sessions.manager import SessionManager
from clew.sessions.steps import Session
from clew.sessions.store.sqlite import SqliteStore
from clew.sessions.tokens import TokenCodec

DOUBLES = [
    Double(
        "by name the first step is continued",
        SqliteStore,
        "tip",
        lambda _: lambda self, key, _branch: self.step(key, 1),
        continuing.test_by_name_a_step_goes_on_the_tip_of_the_main_branch,
    ),
    Double(
        "the tip of the look is the parent",
        Sessions,
        "locate",
        fixed_at_locate,
        continuing.test_by_name_the_tip_is_that_of_the_moment_of_the_append,
    ),
    Double(
        "no branch grows",
        appending,
        "next_change",
        step(branch=lambda _: 1),
        continuing.test_by_token_the_tip_is_appended_to_and_an_older_step_grows_a_branch,
    ),
    Double(
        "one of two agents is put behind the other",
        Sessions,
        "_place",
        result(lambda place: replace(place, branch=1)),
        continuing.test_two_agents_with_one_token_both_succeed_on_two_branches,
    ),
    Double(
        "a branch leads to the main one",
        locating,
        "_inside",
        result(lambda found: (found[0], found[1], 1)),
        continuing.test_a_branch_is_continued_by_its_address,
    ),
    Double(
        "prefixes are not looked up",
        SqliteStore,
        "steps_by_token",
        lambda original: lambda self, text, limit: original(self, text, limit) if len(text) == 26 else [],
        continuing.test_every_way_of_naming_a_step_leads_to_it,
    ),
    Double(
        "an address wins over a name",
        SqliteStore,
        "session_named",
        lambda original: lambda self, name: None if "~" in name else original(self, name),
        continuing.test_an_exact_live_name_wins_over_an_address,
    ),
    Double(
        "the last one said wins",
        locating,
        "agreed",
        lambda _: lambda _ref, _first, _also, second: second,
        continuing.test_two_ways_of_naming_have_to_agree,
    ),
    Double(
        "operation and seq are not compared",
        locating,
        "step_of_token",
        lambda _: lambda store, text, **_: store.steps_by_token(text[4:30], 1)[0],
        continuing.test_every_single_character_change_of_a_token_is_unknown,
    ),
    Double(
        "any prefix is enough",
        TokenCodec,
        "body_of",
        lambda _: staticmethod(lambda text: text[4:30]),
        continuing.test_a_prefix_shorter_than_eight_is_unknown,
    ),
    Double(
        "the first of several is taken",
        SqliteStore,
        "steps_by_token",
        lambda original: lambda self, text, _limit: original(self, text, 1),
        continuing.test_a_prefix_that_fits_two_is_ambiguous_and_names_both,
    ),
    Double(
        "a foreign token is told apart",
        TokenCodec,
        "body_of",
        lambda original: staticmethod(lambda text: original(text) if "000000" not in text else 1 / 0),
        continuing.test_a_foreign_token_is_refused_with_the_words_of_an_unknown_one,
    ),
    Double(
        "nothing near is offered", SqliteStore, "sessions", always([]), continuing.test_a_name_that_is_not_there_is_refused_with_near_ones
    ),
    Double(
        "accents make two names",
        locating,
        "session_name",
        lambda _: lambda text: text,
        continuing.test_composed_and_decomposed_accents_are_one_name_and_case_makes_two,
    ),
    Double(
        "calls count as sessions",
        SqliteStore,
        "sessions",
        lambda original: lambda self, wanted: original(self, replace(wanted, transient=None)),
        continuing.test_no_name_means_the_only_live_session,
    ),
    Double(
        "a call stays a call",
        appending,
        "next_change",
        session(lambda before, after: replace(after, transient=before.transient)),
        continuing.test_a_call_without_a_session_is_one_step_that_can_be_continued,
    ),
    Double(
        "beginning writes",
        Sessions,
        "begin",
        lambda _: lambda self, name, **named: self.locate(self.start(name, **named)[0].session_id),
        continuing.test_beginning_writes_nothing_before_the_first_step,
    ),
    Double(
        "a live name is joined",
        Sessions,
        "begin",
        lambda original: lambda self, name, **_: original(self, name, exist_ok=True),
        continuing.test_a_live_name_is_refused_at_the_start_and_at_the_first_step,
    ),
    Double(
        "saving refuses",
        Sessions,
        "begin",
        lambda original: lambda self, name, **_: original(self, name),
        continuing.test_saving_joins_a_session_that_appeared_meanwhile,
    ),
    Double("keys are not looked up", SqliteStore, "steps_by_key", always([]), continuing.test_the_same_key_and_request_give_the_same_token),
    Double(
        "keys are not looked up", SqliteStore, "steps_by_key", always([]), continuing.test_the_same_key_for_another_request_is_a_conflict
    ),
    Double(
        "a key is everybody's",
        Sessions,
        "_recorded_before",
        lambda original: (
            lambda self, draft, _: (
                original(self, draft, self.session_of(found[0]))
                if (found := self.store.steps_by_key(draft.idempotency_key or ""))
                else None
            )
        ),
        continuing.test_a_key_is_a_sessions_own,
    ),
    Double(
        "agents are not told apart",
        SqliteStore,
        "newest_of",
        always(None),
        continuing.test_an_agents_input_is_its_own_newest_step_and_the_others_are_in_since,
    ),
    Double(
        "every step hands on itself",
        appending,
        "next_change",
        step(hands_on=lambda new: new.seq),
        continuing.test_some_steps_pass_their_input_through,
    ),
    Double("nothing expires", Session, "state", always("live"), timing.test_an_idle_session_expires_and_use_refreshes_it),
    Double(
        "use does not refresh",
        appending,
        "next_change",
        session(lambda before, after: replace(after, last_used_at=before.last_used_at)),
        timing.test_an_idle_session_expires_and_use_refreshes_it,
    ),
    Double("reading refreshes", Sessions, "read_step", refreshing, timing.test_reading_and_maintenance_are_no_use),
    Double("locating refreshes", Sessions, "locate", refreshing, timing.test_reading_and_maintenance_are_no_use),
    Double(
        "the time to live is not kept",
        Sessions,
        "_new_session",
        result(lambda made: replace(made, ttl=3600.0)),
        timing.test_a_time_to_live_can_be_given_and_is_capped_at_90_days,
    ),
    Double(
        "no hard cap",
        Session,
        "expires_at",
        lambda _: lambda self: self.last_used_at + self.ttl,
        timing.test_use_does_not_carry_a_session_over_90_days,
    ),
    Double(
        "a pin does not hold",
        Session,
        "expires_at",
        lambda _: lambda self: self.last_used_at + self.ttl,
        timing.test_a_pinned_session_does_not_expire,
    ),
    Double(
        "nothing is revived",
        Sessions,
        "locate",
        lambda original: lambda self, ref, *, revive=False, **named: original(self, ref, **named),
        timing.test_an_expired_session_is_revived_by_continuing_it_so,
    ),
    Double(
        "the 90 days go on",
        appending,
        "next_change",
        session(lambda _, after: replace(after, kept_from=after.created_at)),
        timing.test_reviving_starts_the_90_days_again,
    ),
    Double(
        "expired is gone",
        retention,
        "readable_until",
        lambda _: Session.expires_at,
        timing.test_an_expired_session_stays_readable_for_7_days,
    ),
    Double(
        "expired is gone",
        retention,
        "readable_until",
        lambda _: Session.expires_at,
        timing.test_an_expired_nameless_session_stays_readable_for_an_hour,
    ),
    Double(
        "expired sessions are kept their week",
        SessionManager,
        "cleanup_expired",
        lambda _: lambda self: {"deletedCount": self.tidy(), "timestamp": ""},
        timing.test_cleaning_up_takes_everything_expired_at_once_and_nothing_else,
    ),
    Double("everything goes at once", Sessions, "tidy", lambda _: lambda self, **_: self.cleanup(), timing.test_tidying_goes_in_slices),
    Double(
        "calls are kept",
        Sessions,
        "_make_sessions_room",
        lambda _: lambda _: False,
        steps.test_calls_that_nobody_continued_make_room_for_sessions,
    ),
    Double("nobody looks again", SqliteStore, "delete", without_check, timing.test_a_session_that_is_used_while_it_is_taken_away_stays),
    Double(
        "a name is never given up",
        Sessions,
        "holder",
        lambda _: lambda self, name: self.store.session_named(name) if name else None,
        timing.test_a_new_session_may_take_an_expired_ones_name,
    ),
    Double(
        "clocks order steps",
        SqliteStore,
        "steps",
        result(lambda found: sorted(found, key=lambda held: held.created_at)),
        timing.test_a_clock_that_jumps_changes_only_the_time_to_live,
    ),
    Double("expired ones count", Session, "state", always("live"), timing.test_the_only_live_session_is_not_an_expired_one),
    Double(
        "prefixes are always taken",
        locating,
        "find",
        lambda original: lambda *given, **_: original(*given),
        continuing.test_a_manager_can_insist_on_whole_tokens,
    ),
    Double(
        "a repetition is refused", Sessions, "_began", always(False), continuing.test_beginning_again_under_the_same_key_is_a_repetition
    ),
    Double(
        "nothing is taken",
        SqliteStore,
        "delete",
        always(False),
        timing.test_collecting_takes_what_was_kept_long_enough_and_gives_space_back,
    ),
]
