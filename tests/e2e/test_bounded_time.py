"""Time as a caller feels it: deadlines, progress, interrupts, bugs; and a file with more functions than a step can keep."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import apsw
import pytest
from shell import Shell

SOON = "0.0000001"
FUNCTIONS = 300_000

# Says on a pipe of its own when the index is about to be written; waits for the database as long as it takes.
WAITS = """
import os, signal, sys
from clew.cli.js_scan import main
from clew.index import database, opening
pipe, write = int(sys.argv.pop()), opening.refresh
def refresh(*given):
    os.write(pipe, b"writes\\n")
    return write(*given)
opening.refresh = refresh
database.PATIENCE_MS = 10**8
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
# Fails in native code, at the first question about a definition.
FAILS = """
from clew.cli.js_scan import main
from clew.code import references
references.find_definitions = lambda workspace, targets: ([(10**6, 0)], 0)
main()
"""
SLOW = """
import sys
from clew.cli import watching
from clew.cli.js_scan import main
watching.AFTER = 0.0
main()
"""


def test_a_deadline_answers_what_was_found_and_says_how_much_that_is(shell: Shell) -> None:
    reply = shell.ask("--dead-code", "--deadline", SOON)
    assert (reply["complete"], reply["total"], reply["why"]) == (
        False,
        0,
        [{"code": "deadline", "total": 1, "done": 0, "unit": "folders"}, {"code": "deadline", "total": 3, "done": 0, "unit": "files"}],
    )
    assert shell.steps(reply["session"]["sessionId"]) == ["dead-code"]


def test_a_deadline_is_told_in_text(shell: Shell) -> None:
    ran = shell.run("js-scan", "--outline", "--deadline", SOON, "--no-record")
    assert (ran.status, ran.out) == (0, "outline: 0 of 0; deadline: 0 of 5 files\n")


def test_no_deadline_is_none(shell: Shell) -> None:
    assert "why" not in shell.ask("--outline", "--deadline", "0")


def test_every_question_of_a_call_has_its_own_time(shell: Shell) -> None:
    reply = shell.ask("--outline", "--hot-paths", "--list-types", "--deadline", "600")
    assert (reply["complete"], len(reply["earlier"])) == (True, 2)


def test_questions_on_standard_input_say_their_own_deadlines(shell: Shell) -> None:
    lines = [{"op": "outline"}, {"op": "outline", "deadline": 0}, {"op": "outline", "deadline": -1}]
    ran = shell.run("clew", "ask", "--deadline", SOON, stdin="".join(json.dumps(line) + "\n" for line in lines))
    first, second, third = (json.loads(line) for line in ran.out.splitlines())
    assert (first["complete"], second["complete"], third["error"]["code"]) == (False, True, "invalid_request")


@contextmanager
def waiting(shell: Shell, script: str, attempt: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """A command that waits for a database inside SQLite, as long as the block runs."""
    shell.ask("--build-index")
    shell.write("lib/new.mjs", f"export function fresh() {{}} // {attempt}\n")
    reader, writer = os.pipe()
    other = apsw.Connection(str(shell.folder / ".clew" / "index.db"))
    other.execute("BEGIN IMMEDIATE")
    line = [sys.executable, "-c", script, "--search", "fresh", "--session-start", "tour", "--json", str(writer)]
    process = subprocess.Popen(  # noqa: S603 - ours
        line, cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=shell.environ(), pass_fds=(writer,)
    )
    os.close(writer)
    assert os.read(reader, 16) == b"writes\n"
    os.close(reader)
    try:
        yield process
    finally:
        other.execute("ROLLBACK")
        other.close()


def test_an_interrupt_ends_a_command_that_waits_in_native_code(shell: Shell) -> None:
    with waiting(shell, WAITS) as process:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
    assert shell.refused("--from", "tour", "--callers", "heat", status=3)["code"] == "session_not_found"
    assert shell.ask("--search", "fresh")["total"] == 1


def waits_on(shell: Shell, attempt: int) -> bool:
    """True when a command that minds no interrupts is still there a while after one."""
    script = f"from clew.cli import main as front\nfront.mind_interrupts = lambda: None\n{WAITS}"
    with waiting(shell, script, attempt) as process:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(0.5)
            waited = False
        except subprocess.TimeoutExpired:
            waited = True
    out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
    return waited


def test_a_command_that_minds_no_interrupts_would_wait_on(shell: Shell) -> None:
    # an interrupt that comes before the wait in SQLite ends any command
    assert any(waits_on(shell, attempt) for attempt in range(10))


def test_a_bug_in_native_code_is_a_report_to_paste(shell: Shell) -> None:
    line = [sys.executable, "-c", FAILS, "--references", "heat", "--json"]
    done = subprocess.run(line, cwd=shell.folder, capture_output=True, env=shell.environ(), check=False)  # noqa: S603 - ours
    error = json.loads(done.stdout)["error"]
    assert (done.returncode, error["code"]) == (70, "internal")
    assert "RuntimeError: the linker failed: index out of bounds" in error["report"]
    assert shell.ask("--references", "heat")["total"] > 0


def progress(shell: Shell, *argv: str, script: str = SLOW) -> tuple[str, str]:
    """The output of a command on a terminal, and on standard output."""
    terminal, end = pty.openpty()
    line = [sys.executable, "-c", script, *argv]
    with subprocess.Popen(line, cwd=shell.folder, stdout=subprocess.PIPE, stderr=end, env=shell.environ()) as process:  # noqa: S603 - ours
        os.close(end)
        said = b""
        while True:
            try:
                more = os.read(terminal, 4096)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            said += more
        assert process.stdout is not None
        out = process.stdout.read()
    os.close(terminal)
    assert process.returncode == 0
    return said.decode(), out.decode()


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """One file with 300,000 functions that call each other."""
    root = tmp_path_factory.mktemp("wide")
    (root / ".git").mkdir()
    with (root / "wide.js").open("w", encoding="ascii") as file:
        for number in range(FUNCTIONS):
            file.write(f"export function f{number}(a) {{ return f{(number + 7) % FUNCTIONS}(a); }}\n")
    return Shell(root)


def test_a_terminal_is_told_what_is_being_done_on_one_line_that_goes(wide: Shell) -> None:
    said, out = progress(wide, "--hot-paths", "--limit", "3", "--json", "--deadline", "0")
    lines = re.split(r"\r\x1b\[K", said)
    assert lines[0] == lines[-1] == ""
    assert all(re.fullmatch(r"[a-z ]+( \d+ of \d+ \w+)? \(\d+ s\)", line) for line in lines[1:-1])
    assert any(line.startswith("indexing 0 of 1 files") for line in lines)
    assert json.loads(out)["shown"] == 3


def test_300_000_functions_are_answered_and_the_step_keeps_what_fits(wide: Shell) -> None:
    reply = wide.ask("--hot-paths", "--limit", "3", "--session-start", "hot", "--deadline", "0")
    ((gap),) = reply["why"]
    assert (reply["total"], reply["shown"], reply["next"]) == (FUNCTIONS, 3, "hot#1:3")
    assert gap == {"code": "quota", "total": FUNCTIONS, "done": 100_000, "unit": "rows"}
    last = wide.run("clew", "show", "hot#1", "--after", "hot#1:99999:0", "--json").json
    assert (last["total"], last["shown"], last["complete"], "next" in last) == (FUNCTIONS, 1, False, False)


def test_nothing_is_said_off_a_terminal_unless_it_is_asked_for(shell: Shell) -> None:
    for argv, said in (([], False), (["--progress", "never"], False), (["--progress", "always"], True)):
        line = [sys.executable, "-c", SLOW, "--outline", "--json", *argv]
        done = subprocess.run(line, cwd=shell.folder, capture_output=True, env=shell.environ(), check=True)  # noqa: S603 - ours
        assert said or done.stderr == b""
        assert b"\r" not in done.stderr
    assert json.loads(done.stdout)["complete"]


def test_at_a_terminal_never_is_never(shell: Shell) -> None:
    assert progress(shell, "--outline", "--json", "--progress", "never")[0] == ""
