"""Power fails at any moment: with FULL every acknowledged step is there afterwards, whole, and the store goes on."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from disks import Disk, Event, Said, after_power_loss
from worlds import draft

from clew.sessions.bundles import chain_problems
from clew.sessions.manager import SessionManager
from clew.sessions.store import opening
from clew.sessions.store.sqlite import SqliteStore


def recorded(folder: Path, steps: int, durability: str = "full") -> list[Event]:
    """Everything the disk saw while a session of so many steps was made, and when each step was acknowledged."""
    disk = Disk()
    vfs = disk.mount()
    manager = SessionManager(SqliteStore(str(folder / "sessions.db"), vfs=vfs, durability=durability))
    for number in range(1, steps + 1):
        step = manager.append(manager.begin("tour", exist_ok=True), draft("search", number))
        disk.events.append(Said(step.token))
    manager.close()
    disk.unmount()
    return disk.events


def lost(events: list[Event], folder: Path, random: Random | None) -> list[str]:
    """Acknowledged steps that are not there, or not whole."""
    after_power_loss(events, folder, random=random)
    manager = SessionManager.open(folder)
    session = manager.store.session_named("tour")
    steps = manager.store.steps(session.session_id) if session else []
    problems = list(chain_problems(session, tuple(steps))) if session else []
    there = {step.token for step in steps}
    problems += [event.text for event in events if isinstance(event, Said) and event.text not in there]
    for number, step in enumerate(steps, 1):
        if manager.result_of(step) != b'{"results":[{"n":%d}]}' % number:
            problems.append(f"{step.address} reads otherwise")
    problems += manager.store.examine()
    if manager.append(manager.begin("tour", exist_ok=True), draft("search", len(steps) + 1)).seq != len(steps) + 1:
        problems.append("the store does not go on")
    manager.close()
    return problems


@pytest.mark.parametrize("checkpoint", [400, 12], ids=["log", "checkpoints"])
def test_every_acknowledged_step_survives_a_power_cut(tmp_path: Path, soak: int, monkeypatch: pytest.MonkeyPatch, checkpoint: int) -> None:
    monkeypatch.setattr(opening, "CHECKPOINT_PAGES", checkpoint)
    events = recorded(tmp_path / "whole", 6)
    random = Random(checkpoint)
    moments = range(len(events)) if soak > 1 else sorted(random.sample(range(len(events)), 40))
    for moment in moments:
        for way, chance in (("torn", None), ("some", Random(moment))):
            assert lost(events[:moment], tmp_path / f"{moment}-{way}", chance) == []


def test_the_model_sees_what_normal_durability_may_lose(tmp_path: Path) -> None:
    """The same check, on a store that does not wait for the disk: if nothing were ever lost, it would prove nothing."""
    events = recorded(tmp_path / "whole", 6, durability="normal")
    assert lost(events, tmp_path / "cut", Random(1)) != []
