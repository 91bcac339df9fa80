"""Commands that hang, flood, are killed or leave children: they end, nothing is left behind, and no step is half of one."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import clew
from clew.errors import ProgramNotFound
from clew.recording import process
from clew.recording.output import Transcript
from clew.recording.process import run
from clew.sessions.manager import SessionManager

PACKAGE = str(Path(clew.__file__).parents[1])
LINE = [sys.executable, "-c", "from clew.cli.clew import main; main()", "record"]
PATIENCE = 30.0


@contextmanager
def recording(folder: Path, *argv: str, line: list[str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """`clew record` as a process in a root of its own."""
    (folder / ".git").mkdir(exist_ok=True)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CLEW_")}
    started = subprocess.Popen(  # noqa: S603 - our own command
        line or [*LINE, *argv], cwd=folder, env={**environ, "PYTHONPATH": PACKAGE}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with started:
        try:
            yield started
        finally:
            started.kill()


def until(holds: Callable[[], Any]) -> Any:
    """Wait for something that must come; what it gives."""
    ends = time.monotonic() + PATIENCE
    while not (found := holds()):
        assert time.monotonic() < ends, "it never came"
        os.sched_yield()
    return found


def numbers(path: Path) -> list[int]:
    """The process numbers that a command wrote to a file, once all are there."""
    return [int(word) for word in path.read_text(encoding="ascii").split()] if path.exists() and path.read_text().endswith("\n") else []


def is_gone(number: int) -> bool:
    """True for a process that ended, reaped or not."""
    try:
        with open(f"/proc/{number}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] in {"Z", "X"}
    except OSError:
        pass
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return True
    return False


def steps(folder: Path) -> list[str]:
    """The operations of the session `s`, oldest first; none where there is no session."""
    manager = SessionManager.open(folder / ".clew")
    session = manager.store.session_named("s")
    assert list(manager.store.examine()) == []
    return [] if session is None else [step.operation for step in manager.store.steps(session.session_id)]


TREE_OF_CHILDREN = "sleep 600 & sleep 600 & echo $$ $! > pids.part; mv pids.part pids; wait"


def test_a_killed_recording_ends_its_command_and_leaves_no_step(tmp_path: Path) -> None:
    with recording(tmp_path, "--session", "s", "--json", "--", "sh", "-c", TREE_OF_CHILDREN) as started:
        children = until(lambda: numbers(tmp_path / "pids"))
        started.kill()
        started.wait(PATIENCE)
        until(lambda: all(is_gone(number) for number in children))
    assert steps(tmp_path) == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
@pytest.mark.parametrize("script", [TREE_OF_CHILDREN, f"trap '' INT TERM HUP; {TREE_OF_CHILDREN}"], ids=["ends", "refuses to end"])
def test_an_interrupted_recording_ends_its_command_and_keeps_its_output(tmp_path: Path, sign: signal.Signals, script: str) -> None:
    with recording(tmp_path, "--session", "s", "--json", "--", "sh", "-c", f"echo lib/a.js:1:1: error: early; {script}") as started:
        children = until(lambda: numbers(tmp_path / "pids"))
        started.send_signal(sign)
        out, _ = started.communicate(timeout=PATIENCE)
        until(lambda: all(is_gone(number) for number in children))
    reply = json.loads(out)
    assert [reply[name] for name in ("status", "signal", "interrupted")] == [128 + sign, sign.name, True]
    assert started.returncode == 128 + sign
    assert reply["outputLines"] == 1
    assert steps(tmp_path) == ["record"]


def test_a_second_interrupt_ends_it_at_once_and_leaves_no_step(tmp_path: Path) -> None:
    script = "trap 'echo > heard' INT; trap '' TERM; echo $$ > pids; while :; do sleep 1; done"
    with recording(tmp_path, "--session", "s", "--json", "--", "sh", "-c", script) as started:
        children = until(lambda: numbers(tmp_path / "pids"))
        started.send_signal(signal.SIGINT)
        until((tmp_path / "heard").exists)
        started.send_signal(signal.SIGINT)
        assert started.wait(PATIENCE) == 130
        until(lambda: all(is_gone(number) for number in children))
    assert steps(tmp_path) == []


def test_what_ignores_interrupts_goes_on_ignoring_them(tmp_path: Path) -> None:
    """As under `nohup`."""
    ignoring = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    script = "echo $$ > pids; read go < go; echo done"
    os.mkfifo(tmp_path / "go")
    line = [sys.executable, "-c", ignoring, *LINE[1:], "--session", "s", "--json", "--", "sh", "-c", script]
    with recording(tmp_path, line=line) as started:
        until(lambda: numbers(tmp_path / "pids"))
        started.send_signal(signal.SIGHUP)
        (tmp_path / "go").write_text("go\n", encoding="ascii")
        out, _ = started.communicate(timeout=PATIENCE)
    assert (json.loads(out)["status"], started.returncode) == (0, 0)


def test_a_command_has_its_status_where_children_are_not_waited_for(tmp_path: Path) -> None:
    ignoring = "import signal; signal.signal(signal.SIGCHLD, signal.SIG_IGN); from clew.cli.clew import main; main()"
    line = [sys.executable, "-c", ignoring, "record", "--json", "--", "/bin/sh", "-c", "exit 3"]
    with recording(tmp_path, line=line) as process:
        out, _ = process.communicate(timeout=PATIENCE)
    assert json.loads(out)["status"] == 3


def test_without_its_watcher_a_killed_recording_would_leave_its_command(tmp_path: Path) -> None:
    alone = "import sys, clew.recording.process as p; p.WATCHER = 'exec sleep 600'; from clew.cli.clew import main; main()"
    LINE[2], kept = alone, LINE[2]
    try:
        with recording(tmp_path, "--json", "--", "sh", "-c", TREE_OF_CHILDREN) as started:
            children = until(lambda: numbers(tmp_path / "pids"))
            started.kill()
            started.wait(PATIENCE)
            assert not any(is_gone(number) for number in children)
            os.killpg(os.getpgid(children[0]), signal.SIGKILL)
    finally:
        LINE[2] = kept


def test_children_that_a_command_leaves_end_with_it_and_hold_nothing_up(tmp_path: Path) -> None:
    with recording(tmp_path, "--session", "s", "--json", "--", "sh", "-c", "sleep 600 & echo $! > pids; echo done") as started:
        out, _ = started.communicate(timeout=PATIENCE)
    assert (json.loads(out)["status"], started.returncode) == (0, 0)
    until(lambda: all(is_gone(number) for number in numbers(tmp_path / "pids")))
    assert steps(tmp_path) == ["record"]


ESCAPE = """\
import os, time
def leave(then):
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        os.read(reader, 1)
    else:
        os.setsid()
        then()
        os.write(writer, b'1')
        time.sleep(600)
def told():
    print(os.getpid(), file=open(f'pids.{os.getpid()}', 'w'), flush=True)
def twice():
    told()
    leave(told)
leave(twice)
"""
"""It leaves two behind in sessions of their own, the second one an orphan at once."""


def escaped(folder: Path) -> list[int]:
    return [number for file in sorted(folder.glob("pids.*")) for number in numbers(file)]


@pytest.mark.skipif(sys.platform != "linux", reason="what left the group is found on Linux")
@pytest.mark.parametrize("then", ["", "time.sleep(600)"], ids=["that ended", "whose time is over"])
def test_what_left_the_group_ends_with_the_command(tmp_path: Path, then: str) -> None:
    with recording(
        tmp_path, "--session", "s", "--timeout", "60" if not then else "1", "--json", "--", sys.executable, "-c", ESCAPE + then
    ) as started:
        out, _ = started.communicate(timeout=PATIENCE)
    assert json.loads(out)["status"] == (124 if then else 0)
    assert [is_gone(number) for number in escaped(tmp_path)] == [True, True]


def test_what_left_the_group_and_is_not_adopted_holds_nothing_up(tmp_path: Path) -> None:
    """The double of the one above, as on other systems: it goes on, with the pipes."""
    alone = "import contextlib, clew.recording.process as p; p.adopting = lambda: contextlib.nullcontext(lambda _: None); "
    line = [sys.executable, "-c", alone + LINE[2], "record", "--json", "--", sys.executable, "-c", ESCAPE]
    with recording(tmp_path, line=line) as started:
        out, _ = started.communicate(timeout=PATIENCE)
    assert json.loads(out)["status"] == 0
    left = escaped(tmp_path)
    assert [is_gone(number) for number in left] == [False, False]
    for number in left:
        os.kill(number, signal.SIGKILL)


def test_children_of_others_are_left_alone(tmp_path: Path) -> None:
    """Those that this process had before, in whatever group, and those that it starts meanwhile."""
    with subprocess.Popen(["/bin/sleep", "600"], start_new_session=True) as before:
        meanwhile: list[subprocess.Popen[bytes]] = []
        ended = run(("echo", "one"), lambda *_: meanwhile.append(subprocess.Popen(["/bin/sleep", "600"])))
        with meanwhile[0]:
            assert (ended.status, before.poll(), meanwhile[0].poll()) == (0, None, None)
            meanwhile[0].kill()
        before.kill()


@pytest.mark.parametrize("script", ["sleep 600", "trap '' TERM; while :; do sleep 1; done", "while :; do echo flood; done"])
def test_a_command_that_does_not_end_is_ended_for_its_time_and_said(tmp_path: Path, script: str) -> None:
    with recording(tmp_path, "--session", "s", "--timeout", "0.2", "--json", "--", "sh", "-c", f"echo begun; {script}") as started:
        out, _ = started.communicate(timeout=PATIENCE)
    reply = json.loads(out)
    assert (reply["status"], reply["timedOut"], started.returncode) == (124, True, 124)
    assert steps(tmp_path) == ["record"]


@pytest.mark.parametrize(("script", "status"), [("exit 7", 7), ("kill -TERM $$", 143), ("kill -KILL $$", 137), ("kill 0", 143)])
def test_the_status_is_handed_on(tmp_path: Path, script: str, status: int) -> None:
    with recording(tmp_path, "--session", "s", "--json", "--", "sh", "-c", script) as started:
        out, _ = started.communicate(timeout=PATIENCE)
    assert (json.loads(out)["status"], started.returncode) == (status, status)
    assert steps(tmp_path) == ["record"]


def test_a_flood_is_kept_in_bounded_memory(tmp_path: Path, soak: int) -> None:
    megabytes, before = 1000 if soak > 1 else 150, peak_of_children()
    script = f"import os\nfor _ in range({megabytes}): os.write(1, b'working, please wait\\n' * 50000)"
    with recording(tmp_path, "--session", "s", "--json", "--", sys.executable, "-c", script) as started:
        out, _ = started.communicate(timeout=PATIENCE * 10)
    reply = json.loads(out)
    assert reply["status"] == 0
    assert len(out) <= 2000
    assert reply["cutBytes"] > (megabytes - 70) * 1_000_000
    assert peak_of_children() <= max(before, 700_000)  # another test may have had a larger child


def peak_of_children() -> int:
    """Kilobytes of the largest process that was waited for."""
    import resource  # not on every system

    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss


def test_a_program_that_is_not_there_is_said_before_anything_is_recorded(tmp_path: Path) -> None:
    with recording(tmp_path, "--session", "s", "--json", "--", "no-such-program", "--x") as started:
        out, _ = started.communicate(timeout=PATIENCE)
    assert (json.loads(out)["error"]["code"], started.returncode) == ("program_not_found", 3)
    assert steps(tmp_path) == []
    (tmp_path / "plain").write_text("no program", encoding="ascii")
    with pytest.raises(ProgramNotFound, match="cannot be run"):
        run((str(tmp_path / "plain"),), Transcript().add)


def test_output_comes_as_it_is_written_and_whole(tmp_path: Path) -> None:
    heard: list[tuple[int, bytes]] = []
    ended = run(("sh", "-c", "printf one; printf two >&2; head -c 300000 /dev/zero"), lambda stream, data: heard.append((stream, data)))
    assert ended.status == 0
    assert b"".join(data for stream, data in heard if stream == process.STDERR) == b"two"
    assert b"".join(data for stream, data in heard if stream == process.STDOUT) == b"one" + b"\0" * 300_000


def test_at_a_terminal_the_command_reads_and_is_interrupted_by_its_keys(tmp_path: Path) -> None:
    import pty  # not on every system

    (tmp_path / ".git").mkdir()
    number, terminal = pty.fork()
    if number == 0:
        os.chdir(tmp_path)
        os.environ["PYTHONPATH"] = PACKAGE
        os.execv(sys.executable, [*LINE, "--session", "s", "--", "sh", "-c", "echo name?; read name; echo hello $name; sleep 600"])  # noqa: S606 - our own command
    said = b""
    for typed, wanted in ((b"", b"name?"), (b"Bob\n", b"hello Bob"), (b"\x03", b"signal: SIGINT")):
        os.write(terminal, typed)
        for _ in range(int(PATIENCE)):
            if wanted in said:
                break
            if select.select([terminal], [], [], 1)[0]:
                said += os.read(terminal, 4096)
            elif typed == b"\x03":
                os.write(terminal, typed)  # pressed before the shell had the terminal
        assert wanted in said
    with contextlib.suppress(OSError):  # the other end closes
        while os.read(terminal, 4096):
            pass
    assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 130
    assert steps(tmp_path) == ["record"]


def test_a_terminal_that_is_closed_ends_the_command_and_keeps_its_last_words(tmp_path: Path) -> None:
    import pty  # not on every system

    (tmp_path / ".git").mkdir()
    script = "trap 'echo last words; exit 3' HUP; echo begun; while :; do sleep 0.1; done"
    number, terminal = pty.fork()
    if number == 0:
        os.chdir(tmp_path)
        os.environ["PYTHONPATH"] = PACKAGE
        os.execv(sys.executable, [*LINE, "--session", "s", "--", "sh", "-c", script])  # noqa: S606 - our own command
    said = b""
    while b"begun" not in said:
        said += os.read(terminal, 4096)
    os.close(terminal)
    os.waitpid(number, 0)
    manager = SessionManager.open(tmp_path / ".clew")
    text = json.loads(manager.result_of(manager.read_step("s#1")))["stored"]["text"]
    assert {"begun", "last words"} <= set(text.splitlines())
