"""Broken doubles of what is stored and carried."""

from __future__ import annotations

from time import time_ns

import test_bundles as bundling
import test_steps as stepping
from doubles import (
    Double,
    always,
    copying,
    half_written,
    result,
    step,
    uncommitted,
)
from msgspec.structs import replace

from clew.sessions import acts, appending, bundles, merging
from clew.sessions.core import Sessions
from clew.sessions.steps import Session, Step, StepDraft
from clew.sessions.store import sqlite
from clew.sessions.store.sqlite import SqliteStore

DOUBLES = [
    Double(
        "a field is lost",
        sqlite,
        "step_of",
        result(lambda held: replace(held, agent=None)),
        stepping.test_a_step_reads_back_exactly_as_it_was_recorded,
    ),
    Double(
        "nothing is committed",
        SqliteStore,
        "_transaction",
        uncommitted,
        stepping.test_what_was_appended_is_there_for_a_process_that_opens_later,
    ),
    Double(
        "the newest result is read for every step",
        Sessions,
        "result_of",
        lambda _: lambda self, held: self.store.payload(self.store.tip(held.session_id, 1).result_digest),
        stepping.test_a_step_stays_as_it_was_whatever_is_appended_later,
    ),
    Double(
        "one key for all",
        appending,
        "next_change",
        step(keys=lambda new: {"results": new.seq}),
        stepping.test_two_operations_that_return_results_live_under_their_own_keys,
    ),
    Double(
        "the oldest wins",
        appending,
        "next_change",
        step(keys=lambda new: {**new.keys, "search": 1}),
        stepping.test_a_key_reads_the_newest_step_under_it,
    ),
    Double("no chain", Step, "expected_hash", always(b"hash"), stepping.test_the_chain_of_hashes_covers_every_step_and_its_parent),
    Double("a hash of nothing", Step, "expected_hash", always(b"hash"), stepping.test_the_hash_of_a_step_depends_on),
    Double(
        "depth is seq",
        appending,
        "next_change",
        step(depth=lambda new: new.seq),
        stepping.test_numbers_are_session_wide_and_gapless_and_depth_counts_ancestors,
    ),
    Double(
        "the first instead of the last",
        SqliteStore,
        "steps",
        lambda original: lambda self, key, *, newest=False, **named: original(self, key, **named),
        stepping.test_the_last_steps_are_read_without_the_others,
    ),
    Double("age is not counted", Session, "expires_in", always(3600), stepping.test_a_summary_says_what_every_reply_says),
    Double("every copy is kept", SqliteStore, "_refer", copying, stepping.test_equal_bytes_are_kept_once),
    Double("half is written", SqliteStore, "_transaction", half_written, stepping.test_whatever_stops_a_change_leaves_nothing_written),
    Double(
        "a missing session is passed over",
        SqliteStore,
        "change",
        always(None),
        stepping.test_a_change_of_a_session_that_is_not_there_is_refused,
    ),
    Double("nothing is deleted", SqliteStore, "delete", always(True), stepping.test_a_deleted_session_is_gone_and_its_tokens_are_unknown),
    Double("nothing is freed", SqliteStore, "sweep", always(0), stepping.test_deleting_frees_what_only_the_deleted_session_held),
    Double(
        "the step quota is not asked", appending, "require_room", always(None), stepping.test_a_quota_refuses_before_anything_is_written
    ),
    Double(
        "an old answer is good enough",
        Sessions,
        "depends_of",
        always({"a.js": "1"}),
        stepping.test_the_result_cache_finds_the_newest_answer_that_still_holds,
    ),
    Double(
        "branches are not carried",
        bundles,
        "replace",
        lambda original: (
            lambda held, **named: original(held, **{**named, "branches": 1}) if isinstance(held, Session) else original(held, **named)
        ),
        bundling.test_a_session_read_back_from_a_bundle_is_the_same_session,
    ),
    Double(
        "every bundle is its own",
        bundles,
        "Manifest",
        lambda original: lambda **named: original(**{**named, "session": replace(named["session"], goal=str(time_ns()))}),
        bundling.test_equal_sessions_give_equal_bundles,
    ),
    Double(
        "redacted bytes are carried",
        acts,
        "redact",
        lambda _: lambda sessions, ref: acts.note(sessions, ref, "redacted"),
        bundling.test_a_redacted_step_is_carried_without_its_bytes,
    ),
    Double(
        "what is there is replaced",
        bundles.os,
        "link",
        lambda _: bundles.os.replace,
        bundling.test_a_bundle_does_not_overwrite_a_file_or_a_session,
    ),
    Double(
        "the chain is not followed",
        bundles,
        "chain_problems",
        always(()),
        bundling.test_an_altered_bundle_is_refused_and_nothing_is_written,
    ),
    Double(
        "a path beside a digest is a secret",
        bundles,
        "_paths_of",
        lambda _: lambda depends: depends,
        bundling.test_a_file_that_is_named_like_a_password_costs_no_step_its_content,
    ),
    Double(
        "a redaction leaves the step as it was, and takes its bytes",
        acts,
        "Act",
        lambda original: lambda **named: original(**{**named, "strip": None}),
        bundling.test_a_step_that_shares_its_subject_with_a_redacted_one_is_carried,
    ),
    Double(
        "sizes are believed",
        bundles,
        "_bounded",
        lambda _: lambda bundle, name, _left: bundle.read(name),
        bundling.test_a_bundle_that_swells_is_refused,
    ),
    Double(
        "contexts replace each other",
        merging,
        "replace",
        lambda original: lambda held, **named: original(held, **named) if "keys" not in named else original(held, keys={}),
        bundling.test_merging_branches_unites_their_contexts,
    ),
    Double(
        "ours wins silently",
        bundling,
        "merge",
        lambda original: lambda *given, prefer="ours", **named: original(*given, prefer=prefer, **named),
        bundling.test_merging_names_the_keys_that_conflict,
    ),
    Double(
        "steps of another session are pointed at",
        merging,
        "_copy",
        lambda _: lambda _sessions, _key, held, _agent: StepDraft(operation=held.operation, request=b"{}", result=b"[]"),
        bundling.test_merging_another_session_copies_what_it_knows,
    ),
    Double(
        "what is cut off is passed over",
        bundling,
        "import_bundle",
        always(None),
        bundling.test_a_truncated_bundle_is_refused_wherever_it_ends,
    ),
    Double("any file is a bundle", bundling, "import_bundle", always(None), bundling.test_a_file_that_is_no_bundle_is_refused),
    Double(
        "redacted answers are found", Sessions, "result_of", always(b"[]"), stepping.test_the_result_cache_gives_nothing_that_was_redacted
    ),
]
