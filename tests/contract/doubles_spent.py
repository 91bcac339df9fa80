"""Broken doubles of what an account of steps promises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import test_receipts as receipts
from doubles import Double, always

from clew.metrics import audit, reading, stats
from clew.metrics.audit import _Auditor
from clew.metrics.costs import REUSE, SAVED
from clew.metrics.reading import Scope
from clew.sessions import merging

Anything = Any


def without_losses(original: Anything) -> Anything:
    """Costs are read without their losses."""

    def cost_of(step: Anything) -> dict[str, float]:
        cost = original(step)
        return {**cost, SAVED: max(0.0, cost.get(SAVED, 0.0))}

    return cost_of


def believed(_original: Anything) -> Anything:
    """Receipts are taken as they stand."""

    def receipt(_: Anything, __: Anything, cost: Anything, *___: Anything) -> tuple[Decimal, Decimal]:
        held = cost.get(SAVED, Decimal(0))
        return held, held + cost.get(REUSE, Decimal(0))

    return receipt


def used_since(original: Anything) -> Anything:
    """Only sessions that were used since the moment are read."""

    def sessions_in(sessions: Anything, scope: Scope) -> Anything:
        return (session for session in original(sessions, scope) if scope.holds(session.last_used_at))

    return sessions_in


DOUBLES = [
    Double("losses are dropped", stats, "_cost_of", without_losses, receipts.test_an_audit_of_random_sessions_finds_nothing),
    Double("losses are dropped", stats, "_cost_of", without_losses, receipts.test_losses_are_kept),
    Double("copies are counted", stats, "once_each", lambda _: iter, receipts.test_an_audit_of_random_sessions_finds_nothing),
    Double("believed", _Auditor, "receipt", believed, receipts.test_a_receipt_that_its_steps_do_not_bear_out_fails_the_audit),
    Double(
        "what is gone cost nothing",
        _Auditor,
        "source",
        always({"cost": {}}),
        receipts.test_receipts_of_steps_that_are_gone_are_counted_and_taken_as_they_stand,
    ),
    Double(
        "a merged step is an answer",
        merging,
        "OF_THE_ANSWER",
        lambda _: ("ms", "cpuMs"),
        receipts.test_a_copied_or_merged_step_is_counted_once,
    ),
    Double("nothing is an answer", stats, "is_answer", always(False), receipts.test_a_bundle_brings_its_account_along),
    Double("sessions are chosen by use", reading, "sessions_in", used_since, receipts.test_a_clock_that_was_set_back_hides_no_step),
    Double("all steps are in it", Scope, "holds", always(True), receipts.test_only_steps_since_a_moment_are_in_an_account),
    Double(
        "any figure is counted",
        stats,
        "_thousandths",
        lambda _: lambda value: round(value * 1000),
        receipts.test_figures_that_no_machine_measures_are_taken_for_none,
    ),
    Double("nothing is compared", audit, "_told", always({}), receipts.test_an_audit_of_random_sessions_finds_nothing),
]
