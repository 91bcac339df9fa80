"""Broken doubles of what the library and the acts promise."""

from __future__ import annotations

import test_acts as acting
import test_library as library
from doubles import (
    Double,
    always,
    anything_held,
    keeping,
    result,
    step,
)
from msgspec.structs import replace

from clew.sessions import acts, appending, listing, locating, manager
from clew.sessions.cache import SessionCache
from clew.sessions.core import Sessions
from clew.sessions.manager import SessionManager
from clew.sessions.store.sqlite import SqliteStore

DOUBLES = [
    Double(
        "a root is a step",
        appending,
        "root_change",
        result(lambda made: (replace(made[0], steps=(replace(made[1], depth=1),)), made[1])),
        library.test_a_session_is_created_with_a_token_that_can_be_continued,
    ),
    Double("the context is not read", Sessions, "context", always({}), library.test_a_session_is_continued_with_what_was_appended),
    Double("expiry is not looked at", locating, "require_live", always(None), library.test_an_expired_session_is_refused_by_the_library),
    Double("continuing is no use", SessionManager, "_touch", always(None), library.test_continuing_is_a_use),
    Double(
        "deletions are not counted",
        SqliteStore,
        "delete",
        result(lambda _: False),
        library.test_one_expired_session_is_cleaned_up_and_counted,
    ),
    Double("a summary of the tip only", SqliteStore, "step", always(None), library.test_a_session_is_continued_with_what_was_appended),
    Double(
        "a token is its session", locating, "find", result(lambda found: (found[0], None, 1)), library.test_a_summary_by_id_name_or_token
    ),
    Double("the head is not asked", SessionCache, "get", anything_held, library.test_the_memory_cache_is_never_stale_across_processes),
    Double(
        "age is always zero",
        SessionCache,
        "get",
        result(lambda held: held and (held[0], 0.0)),
        library.test_the_memory_cache_tells_its_true_age,
    ),
    Double(
        "expiry is not looked at", locating, "require_live", always(None), library.test_the_memory_cache_serves_nothing_expired_or_deleted
    ),
    Double(
        "undo undoes nothing",
        acts,
        "undo",
        lambda _: lambda sessions, ref: acts.note(sessions, ref, "undone"),
        acting.test_undo_is_a_step_that_goes_back_and_loses_nothing,
    ),
    Double("notes are undone", acts, "_silent", lambda _: lambda _session, place: place, acting.test_undo_passes_over_notes_and_pins),
    Double(
        "a fork goes on the tip",
        acts,
        "_aside",
        lambda _: lambda _session, place: place,
        acting.test_a_fork_is_a_branch_at_any_step_and_copies_nothing,
    ),
    Double(
        "a note is an input",
        appending,
        "next_change",
        step(hands_on=lambda new: new.seq),
        acting.test_a_note_is_kept_and_passes_the_input_through,
    ),
    Double("a rename only notes", acts, "rename", lambda _: acts.note, acting.test_renaming_moves_the_name_and_keeps_tokens),
    Double(
        "a pin stays",
        acts,
        "pin",
        lambda original: lambda sessions, ref, **_: original(sessions, ref),
        acting.test_a_pinned_session_outlives_everything_until_it_is_unpinned,
    ),
    Double("a goal is only noted", acts, "set_goal", lambda _: acts.note, acting.test_a_goal_can_be_said_later),
    Double(
        "pinned sessions stay",
        acts,
        "delete",
        lambda original: (
            lambda sessions, ref: sessions.locate(ref).session if sessions.locate(ref).session.pinned else original(sessions, ref)
        ),
        acting.test_deleting_takes_a_session_whatever_its_state,
    ),
    Double("redaction only notes", SqliteStore, "change", keeping, acting.test_redacting_takes_the_bytes_out_and_keeps_the_chain),
    Double("the head is not asked", SessionCache, "get", anything_held, acting.test_the_memory_cache_serves_nothing_redacted),
    Double(
        "filters are not asked",
        SqliteStore,
        "sessions",
        lambda original: lambda self, wanted: original(self, replace(wanted, agent=None)),
        acting.test_sessions_are_listed_newest_use_first_with_filters_and_pages,
    ),
    Double("pages count rows", listing, "_place", always((float("inf"), "")), acting.test_pages_stay_put_while_sessions_are_used),
    Double(
        "what was undone is not marked", listing, "_undone", always(set()), acting.test_the_log_draws_branches_and_marks_what_was_undone
    ),
    Double(
        "everything is new",
        listing,
        "_ancestry",
        lambda original: lambda sessions, held: {held.seq: held},
        acting.test_a_difference_is_what_a_later_step_knows_more,
    ),
    Double(
        "numbers are JavaScript's",
        manager,
        "json_bytes",
        result(lambda data: data.replace(b"9007199254740993", b"9007199254740992")),
        library.test_a_result_reads_back_equal,
    ),
    Double("depth is cut", manager, "json_bytes", always(b'{"nested":null}'), library.test_a_result_nested_100_deep_reads_back_equal),
    Double(
        "NaN becomes null",
        manager,
        "json_bytes",
        always(b"null"),
        library.test_a_result_that_json_cannot_hold_is_refused_and_nothing_is_written,
    ),
    Double(
        "names are bent",
        SessionManager,
        "append_result",
        lambda original: lambda self, key, _operation, held: original(self, key, "bent", held),
        library.test_an_operation_that_cannot_stand_in_a_token_is_refused,
    ),
]
