"""Runs of pipelines that are killed at every write: the same command goes on, and what is left is as if nothing had happened."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from clew.edits.journal import Journal
from clew.errors import LeaseLost
from clew.pipelines.runs import Began, resumed
from clew.sessions.core import Sessions
from pipelines import plant, states

PIPELINE = """\
[[steps]]
id = "find"
op = "search"
terms = ["heat"]

[[steps]]
id = "plan"
op = "rename"
targets = ["${find.results[0].file}::heat"]
to = "warm"

[[steps]]
id = "write"
op = "fix"
step = "${plan.step}"

[[steps]]
id = "count"
op = "record"
command = ["/bin/sh", "-c", "echo ran >> ../commands"]
effects = "none"

[[steps]]
id = "back"
op = "undo-edit"
step = "${write.step}"

[[steps]]
id = "again"
op = "redo-edit"
step = "${back.step}"

[[steps]]
id = "outlines"
op = "outline"
for_each = ["lib/tea.js", "lib/apart.js"]
targets = ["${item}"]
"""
EVERY = 11
"""Writes between two moments that are tried."""
NEAR_THE_END = 10

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it kills")


def started(*argv: str, place: str = "-", double: str = "-") -> subprocess.Popen[bytes]:
    """A `clew` in a process of its own."""
    line = [sys.executable, str(Path(__file__).with_name("pipeline_worker.py")), place, double, *argv]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603 - ours


def said(*argv: str, double: str = "-") -> tuple[dict[str, Any], int]:
    """What `clew … --json` says, and its status."""
    process = started(*argv, double=double)
    out, err = process.communicate(timeout=60)
    assert out, err.decode()
    return msgspec.json.decode(out), process.returncode


def done(*argv: str) -> dict[str, Any]:
    reply, status = said("run", *argv)
    assert status == 0, reply
    return reply


def refused(*argv: str, code: str, double: str = "-") -> dict[str, Any]:
    reply, _ = said("run", *argv, double=double)
    assert reply["error"]["code"] == code, reply
    error: dict[str, Any] = reply["error"]
    return error


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return planted(tmp_path / "whole", monkeypatch)


def planted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plant(folder / "root")
    (folder / "root/p.toml").write_text(PIPELINE)
    monkeypatch.chdir(folder / "root")
    return folder / "root"


def left(root: Path) -> dict[str, Any]:
    """What a run left: the tree, every step once with the digest of its result, the entries of the journal."""
    sessions = Sessions.open(root / ".clew")
    session = sessions.find("p/1")[0]
    steps = sessions.store.steps(session.session_id)
    sessions.close()
    return {
        "tree": {path.name: path.read_text() for path in sorted(root.rglob("*.js"))},
        "steps": [
            (step.operation, (step.idempotency_key or "").partition("~")[0], None if step.operation == "record" else step.result_digest)
            for step in steps
        ],
        "entries": [[file.path for file in entry.files] for entry in Journal(str(root / ".clew")).entries()],
    }


def killed_at(place: int, double: str) -> None:
    started("run", "p.toml", place=str(place), double=double).communicate(timeout=60)


def moments() -> int:
    """The number of writes of an undisturbed run, which is carried out."""
    return int(started("run", "p.toml").communicate(timeout=60)[1].split()[-1])


def differing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, double: str = "-") -> Iterator[int]:
    """The moments of a kill after which the same command leaves something else than an undisturbed run."""
    total = moments()
    expected = left(tmp_path / "whole/root")
    assert len(expected["entries"]) == 3
    for place in range(0, total, EVERY):
        root = planted(tmp_path / str(place), monkeypatch)
        killed_at(place, double)
        if place < total - NEAR_THE_END:
            killed_at(place % 4, double)  # the second try is killed as well
        _, status = said("run", "p.toml", double=double)
        ran = (root.parent / "commands").read_text().count("ran")
        if status or left(root) != expected or not 1 <= ran <= 3:
            yield place
        shutil.rmtree(root.parent)


def test_a_run_that_is_killed_at_any_write_ends_as_if_it_had_not_been(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(differing(tmp_path, monkeypatch)) == []


def test_a_run_that_does_not_say_what_it_begins_would_be_found(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert next(differing(tmp_path, monkeypatch, "forgetful"), None) is not None


def waiting_for(path: Path, least: int = 0) -> None:
    """Wait until a file is there, with so many bytes."""
    for _ in range(1000):
        if path.exists() and path.stat().st_size >= least:
            return
        time.sleep(0.01)
    raise AssertionError(f"{path} was never there")


def running(root: Path, command: str, *, effects: str = "", least: int = 1) -> subprocess.Popen[bytes]:
    """A run whose command is under way."""
    text = f"[[steps]]\nid = 'say'\nop = 'record'\ncommand = ['/bin/sh', '-c', '''{command}''']\n{effects}\n"
    (root / "c.toml").write_text(text)
    process = started("run", "c.toml")
    waiting_for(root.parent / "began", least=least)
    return process


def killed(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def released(root: Path) -> Iterator[Path]:
    """A file that ends what waits for it."""
    yield root.parent / "go"
    (root.parent / "go").touch()


WAIT = "echo x >> ../began; while [ ! -e ../go ]; do sleep 0.05; done"


def test_an_interrupted_command_is_not_run_again_unless_that_is_said(root: Path, released: Path) -> None:
    killed(running(root, WAIT))
    error = refused("c.toml", code="step_unknown")
    assert error["message"] == "c.toml:1:1: step say was running a command when the run was killed; how that ended is not known"
    assert (error["hint"], error["attempts"]) == ("git status --short", 1)
    assert error["then"] == ["clew run c.toml --json --again say", "clew run c.toml --json --done say"]
    released.touch()
    assert (root.parent / "began").read_text() == "x\n"
    row = done("c.toml", "--again", "say")["results"][0]
    assert (row["state"], row["attempts"], (root.parent / "began").read_text()) == ("ran", 2, "x\nx\n")


def test_an_interrupted_command_can_be_counted_as_done(root: Path, released: Path) -> None:
    killed(running(root, WAIT))
    assert states(done("c.toml", "--done", "say")) == {"say": "kept"}
    assert (root.parent / "began").read_text() == "x\n"


def test_a_command_that_was_ended_by_a_signal_is_not_run_again_unless_that_is_said(root: Path, released: Path) -> None:
    process = running(root, WAIT)
    process.terminate()
    process.communicate(timeout=60)
    refused("c.toml", code="step_unknown")
    released.touch()
    assert (root.parent / "began").read_text() == "x\n"
    assert states(done("c.toml", "--again", "say")) == {"say": "ran"}


def test_a_step_that_was_counted_as_done_does_not_stand_once_its_command_is_another(root: Path, released: Path) -> None:
    fails = "[[steps]]\nid = 'no'\nop = 'record'\ncommand = ['false']\n"
    killed(running(root, WAIT, effects=fails))
    said("run", "c.toml", "--done", "say")
    text = (root / "c.toml").read_text()
    (root / "c.toml").write_text(text.replace(WAIT, "echo y >> ../began"))
    refused("c.toml", "--go-on", code="step_unknown")
    said("run", "c.toml", "--again", "say")
    assert (root.parent / "began").read_text() == "x\ny\n"


def test_a_command_without_effects_is_run_again_and_counted(root: Path, released: Path) -> None:
    killed(running(root, WAIT, effects="effects = 'none'"))
    released.touch()
    assert done("c.toml")["results"][0]["attempts"] == 2


def test_commands_side_by_side_have_their_last_words_too(root: Path) -> None:
    script = "trap 'echo bye >> ../bye; exit 9' TERM; echo x >> ../began; while :; do sleep 0.05; done"
    items = "for_each = [1, 2]\nparallel = 2"
    process = running(root, script, effects=items, least=4)
    process.terminate()
    out, _ = process.communicate(timeout=60)
    assert (root.parent / "bye").read_text() == "bye\nbye\n"
    assert states(msgspec.json.decode(out)) == {"say[0]": "failed", "say[1]": "failed"}


def test_a_live_run_is_waited_for_and_never_adopted(root: Path, released: Path) -> None:
    first = running(root, WAIT)
    second = started("run", "c.toml", "--progress", "always")
    assert second.stderr is not None
    assert any(b"waiting for another run" in line for line in iter(second.stderr.readline, b""))
    assert (root.parent / "began").read_text() == "x\n"
    released.touch()
    assert [process.communicate(timeout=60) and process.returncode for process in (first, second)] == [0, 0]
    assert (root.parent / "began").read_text() == "x\nx\n"


def test_what_a_killed_run_left_behind_blocks_the_next_one(root: Path, released: Path) -> None:
    if not Path("/proc").is_dir() or shutil.which("setsid") is None:
        pytest.skip("nothing leaves its group here")
    killed(running(root, "setsid /bin/sh -c 'echo x >> ../began; while [ ! -e ../go ]; do sleep 0.05; done; : > ../gone' & wait"))
    error = refused("c.toml", code="run_blocked", double="impatient")
    assert error["hint"].startswith("kill ")
    assert error["processes"]
    assert (root.parent / "began").read_text() == "x\n"
    released.touch()
    waiting_for(root.parent / "gone")
    assert refused("c.toml", code="step_unknown")


SPAWN = """\
import signal, subprocess
subprocess.Popen(["/bin/sh", "-c", "echo x >> ../began; while [ ! -e ../go ]; do sleep 0.05; done"], start_new_session=True)
signal.pause()
"""
"""What Python starts inherits no descriptor, and so no lock."""


def test_what_inherited_no_lock_of_a_killed_run_blocks_the_next_one_as_well(root: Path, released: Path) -> None:
    if not Path("/proc").is_dir():
        pytest.skip("nothing tells what a process has in its environment here")
    (root.parent / "spawn.py").write_text(SPAWN)
    killed(running(root, f"exec {sys.executable} ../spawn.py", effects="effects = 'none'"))
    error = refused("c.toml", code="run_blocked", double="impatient")
    assert error["hint"].startswith("kill ")
    assert error["processes"]


def test_who_was_taken_over_writes_nothing_any_more(root: Path) -> None:
    done("p.toml")
    sessions = Sessions.open(root / ".clew")
    session = sessions.find("p/1")[0]
    first, second = resumed(sessions, session), resumed(sessions, session)
    with pytest.raises(LeaseLost, match="Another process goes on with p/1"):
        first.begin("find", Began())
    second.begin("find", Began())
    sessions.close()
