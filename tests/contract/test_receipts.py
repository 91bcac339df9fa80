"""What was spent and saved: an account equals what its steps say, whatever they are, on every store."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from spending import grown
from worlds import World, draft

from clew.metrics.audit import Audit, audit
from clew.metrics.reading import Read, Scope, steps_in
from clew.metrics.stats import Account, account
from clew.sessions import acts
from clew.sessions.bundles import export_bundle, import_bundle
from clew.sessions.manager import SessionManager
from clew.sessions.merging import merge

ALL = Scope()


def told(manager: SessionManager, scope: Scope = ALL) -> Account:
    return account(steps_in(manager, scope, Read()))


def audited(manager: SessionManager, scope: Scope = ALL) -> Audit:
    return audit(manager, scope, told(manager, scope))


def costing(operation: str, number: int, verb: float, *, saved: float, **fields: object) -> object:
    cost = {"ms": verb, "cpuMs": verb, "verbCpuMs": verb, "reuseCpuMs": 1.0, "savedMs": saved, "filesParsed": 0.0, "bytesOut": 9.0}
    return draft(operation, number, cost=cost, total=1, **fields)


@pytest.mark.parametrize("seed", range(3))
def test_an_audit_of_random_sessions_finds_nothing(world: World, seed: int) -> None:
    manager = world.manager()
    grown(manager, Random(seed), 12)
    found = audited(manager)
    assert (found.results, found.problems, found.failed) == ((), (), False)
    assert found.receipts > 12
    assert told(manager).saved.negative > 0


def test_losses_are_kept(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour"), costing("search", 1, 5.0, saved=-1.0))
    manager.append(manager.locate("tour"), costing("callers", 2, 7.0, saved=4.0, reused=b'{"step":"tour#1","sources":["#1"]}'))
    saved = told(manager).saved
    assert (saved.cpu_ms, saved.spared_ms, saved.reuse_cpu_ms, saved.from_context, saved.negative) == (3.0, 5.0, 2.0, 1, 1)


def test_a_receipt_that_its_steps_do_not_bear_out_fails_the_audit(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour"), costing("search", 1, 5.0, saved=-1.0))
    manager.append(manager.locate("tour"), costing("callers", 2, 7.0, saved=486.0, reused=b'{"step":"tour#1","sources":["#1"]}'))
    found = audited(manager)
    assert found.failed
    assert found.problems == ("the receipt of tour#2 says 486.0 ms; its steps make it 4.0",)
    assert [row.figure for row in found.results] == ["callers.savedMs", "saved.cpuMs", "saved.sparedMs"]


def test_receipts_of_steps_that_are_gone_are_counted_and_taken_as_they_stand(world: World) -> None:
    manager = world.manager()
    source = manager.append(manager.begin("source"), costing("search", 1, 5.0, saved=-1.0))
    reused = b'{"sources":["%s#1"]}' % source.session_id.encode()
    manager.append(manager.begin("tour"), costing("callers", 2, 7.0, saved=4.0, reused=reused))
    acts.delete(manager, "source")
    found = audited(manager)
    assert (found.failed, found.unproved, found.receipts) == (False, 1, 1)


def test_a_copied_or_merged_step_is_counted_once(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour"), costing("search", 1, 5.0, saved=-1.0))
    manager.append(manager.begin("other"), costing("callers", 2, 7.0, saved=-1.0))
    before = told(manager)
    merge(manager, "other", "tour")
    assert told(manager) == before
    assert not audited(manager).failed


def test_a_bundle_brings_its_account_along(world: World, tmp_path: Path) -> None:
    here, there = world.manager(), world.foreign_manager()
    grown(here, Random(5), 1)
    export_bundle(here, "s0", str(tmp_path / "s0"))
    import_bundle(there, str(tmp_path / "s0"))
    scope = Scope(session_id=here.find("s0")[0].session_id)
    assert told(there, scope) == told(here, scope)
    assert not audited(there, scope).failed


def test_a_clock_that_was_set_back_hides_no_step(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour"), costing("search", 1, 5.0, saved=-1.0))
    world.clock.advance(-50 * 3600)
    manager.append(manager.locate("tour"), costing("callers", 2, 7.0, saved=-1.0))
    world.clock.advance(2 * 3600)
    scope = Scope(since=world.clock() - 3600)
    assert [row.operation for row in told(manager, scope).results] == ["search"]
    assert not audited(manager, scope).failed


def test_only_steps_since_a_moment_are_in_an_account(world: World) -> None:
    manager = world.manager()
    manager.append(manager.begin("tour"), costing("search", 1, 5.0, saved=-1.0))
    world.clock.advance(1800)
    manager.append(manager.locate("tour"), costing("callers", 2, 7.0, saved=4.0, reused=b'{"step":"tour#1","sources":["#1"]}'))
    scope = Scope(since=world.clock() - 60)
    assert ([row.operation for row in told(manager, scope).results], told(manager, scope).saved.spared_ms) == (["callers"], 5.0)
    assert not audited(manager, scope).failed


def test_figures_that_no_machine_measures_are_taken_for_none(world: World) -> None:
    manager = world.manager()
    cost = {"ms": 1.0, "cpuMs": 1e300, "savedMs": -1e300, "bytesOut": 1e18}
    manager.append(manager.begin("tour"), draft("search", cost=cost, reused=b'{"verdict":["odd"],"sources":[{}],"step":3}'))
    spent = told(manager).spent
    assert (spent.cpu_ms, spent.bytes_out, spent.tokens_estimate) == (0.0, 0, 0)
    assert audited(manager).failed
