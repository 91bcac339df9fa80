"""Bad input: refused with a code, a status and a way out, on standard output with `--json`; nothing is written."""

import os
import signal
import subprocess
import sys
import time

import pytest
from shell import Shell

from clew.index.lock import held

# A shell may start its children with interrupts ignored; this one listens, and says when.
INTERRUPTIBLE = """
import signal, sys
from clew.cli.js_scan import main
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.stderr.write("ready\\n")
sys.stderr.flush()
main()
"""
LOCK = "index.lock"
LONG = "n" * 201


@pytest.mark.parametrize(
    ("argv", "code", "hint"),
    [
        (["--serach", "heat"], "usage", "js-scan --search heat --json"),
        (["--sess", "--search", "heat"], "usage", "js-scan --session-start --search heat --json"),
        (["--search"], "usage", None),
        (["--search", "-foo"], "usage", "js-scan --search=-foo --json"),
        (["--search", "heat", "--limit", "-1"], "usage", "js-scan --search heat --limit 1 --json"),
        (["--search", "heat", "--match", "1"], "invalid_request", None),
        (["--search", "heat", "--after", "nowhere"], "usage", None),
        (["--references"], "usage", None),
        (["--session-start", "a", "--save-session", "b", "--search", "heat"], "invalid_request", None),
        (["--session-start", "a", "--from", "b", "--search", "heat"], "invalid_request", None),
        (["--session-start", "", "--search", "heat"], "invalid_request", None),
        (["--session-start", LONG, "--search", "heat"], "invalid_request", None),
        (["--session-start", "a\tb", "--search", "heat"], "invalid_request", None),
        (["--session-start", "../../x", "--search", "heat"], "invalid_request", None),
        (["--save-session", "js--x", "--search", "heat"], "invalid_request", None),
        (["--text", "(", "--regex"], "usage", None),
        (["--rename", "x"], "usage", None),
        ([], "usage", "js-scan --help"),
    ],
    ids=str,
)
def test_a_wrong_line_is_usage_and_writes_nothing(shell: Shell, argv: list[str], code: str, hint: str | None) -> None:
    error = shell.refused(*argv, status=2)
    assert error["code"] == code
    if hint is not None:
        assert error["hint"] == hint
    assert shell.run("clew", "sessions", "list", "--calls", "--json").json["results"] == []


def test_an_argument_that_is_not_utf_8_is_refused(shell: Shell) -> None:
    error = shell.refused("--search", os.fsdecode(b"caf\xe9"), status=2)
    assert error == {"code": "usage", "message": "An argument is not UTF-8"}


def test_two_names_that_are_not_the_same_session_are_refused(shell: Shell) -> None:
    shell.ask("--session-start", "a", "--search", "heat")
    shell.ask("--session-start", "b", "--search", "heat")
    assert shell.refused("--session-continue", "a", "--from", "b", "--references", status=2)["code"] == "invalid_request"
    assert shell.ask("--session-continue", "a", "--from", "a#1", "--references")["step"] == "a#2"


def test_a_hint_runs_as_it_is(shell: Shell) -> None:
    shell.ask("--session-start", "a", "--search", "heat")
    error = shell.refused("--session-start", "a", "--search", "brew", status=6)
    assert (error["code"], error["hint"]) == ("session_exists", "js-scan --session-continue a --search brew --json")
    assert shell.ask(*error["hint"].split()[1:-1])["step"] == "a#2"


def test_what_is_not_there_is_told_with_near_names(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    error = shell.refused("--from", "tuor", "--references", status=3)
    assert (error["code"], error["candidates"]) == ("session_not_found", ["tour"])
    error = shell.refused("--references", "createKetle", status=3)
    assert (error["code"], error["candidates"][0]) == ("symbol_not_found", "createKettle")
    error = shell.refused("--importers", "lib/ketle.js", status=3)
    assert (error["code"], error["candidates"][0]) == ("file_not_found", "lib/kettle.js")
    assert shell.refused("--from", "js--" + "0" * 26 + "-search-001", "--references", status=3)["code"] == "token_unknown"


def test_a_name_that_means_several_is_told_with_what_can_be_pasted(shell: Shell) -> None:
    shell.write("lib/pot.mjs", "export function brew() {}\n")
    error = shell.refused("--references", "brew", status=4)
    assert (error["code"], sorted(error["candidates"])) == ("ambiguous_symbol", ["lib/pot.mjs::brew", "lib/tea.mjs::brew"])
    assert error["hint"] == f"js-scan --references {error['candidates'][0]} --json"
    assert shell.ask("--references", error["candidates"][0])["total"] >= 1


def test_no_name_with_several_sessions_is_ambiguous(shell: Shell) -> None:
    for name in ("a", "b"):
        shell.ask("--session-start", name, "--search", "heat")
    error = shell.refused("--session-continue", "--references", status=4)
    assert (error["code"], sorted(error["candidates"])) == ("ambiguous_session", ["a", "b"])


def test_an_expired_session_is_refused_until_it_is_revived(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--ttl", "1s", "--search", "heat")
    ended = time.time() + 1.5
    while time.time() < ended:
        os.sched_yield()
    error = shell.refused("--from", "tour", "--references", status=5)
    assert (error["code"], error["hint"]) == ("session_expired", "js-scan --from tour --references --json --revive")
    assert shell.ask("--from", "tour", "--references", "--revive")["step"] == "tour#2"


def test_a_change_behind_the_input_is_said_or_refused(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "brew")
    shell.write(
        "lib/tea.mjs", "import createKettle from './kettle.js';\n\n\nexport function brew() {\n  return createKettle({ watts: 8 });\n}\n"
    )
    error = shell.refused("--from", "tour", "--references", "--strict", status=6)
    assert (error["code"], error["files"], error["hint"]) == ("stale_input", ["lib/tea.mjs"], "js-scan --from tour --references --json")
    reply = shell.ask("--from", "tour", "--references")
    assert (reply["reused"]["verdict"], reply["reused"]["files"], reply["results"][0]["line"]) == ("changed", ["lib/tea.mjs"], 4)
    again = shell.ask("--from", "tour", "--search", "brew")["step"]
    (shell.folder / "lib/tea.mjs").rename(shell.folder / "lib/pot.mjs")
    moved = shell.ask("--from", again, "--references")
    assert (moved["reused"]["verdict"], moved["results"][0]["file"]) == ("moved", "lib/pot.mjs")
    (shell.folder / "lib/pot.mjs").unlink()
    error = shell.refused("--from", "tour#1", "--references", status=6)
    assert (error["code"], error["hint"]) == ("stale_input", "js-scan --from 'tour#1' --references --json --refresh")


def test_refresh_asks_the_old_question_of_the_tree_as_it_is(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "heat")
    (shell.folder / "lib/kettle.js").unlink()
    shell.write("lib/oven.js", "function heat() {}\nmodule.exports = heat;\n")
    reply = shell.ask("--from", "tour", "--refresh", "--references")
    assert (reply["step"], reply["reused"]["step"], reply["reused"]["verdict"]) == ("tour#3", "tour#2", "fresh")


def test_a_subcommand_that_is_none_is_told_with_near_ones(shell: Shell) -> None:
    ran = shell.run("clew", "sesions", "list", "--json")
    assert (ran.status, ran.error["candidates"][0]) == (2, "sessions list")


def test_without_json_an_error_is_text_on_standard_error(shell: Shell) -> None:
    ran = shell.run("js-scan", "--serach", "heat")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == "error: js-scan has no flag --serach\n  --search\ntry: js-scan --search heat\n"


def test_a_reader_that_leaves_early_is_no_error(shell: Shell) -> None:
    line = shell.line("js-scan", "--text", "e", "--limit", "0", "--json")
    with subprocess.Popen(line, cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=shell.environ()) as process:  # noqa: S603
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait()) == (b"", 0)


def test_an_interrupt_while_indexing_leaves_the_old_index(shell: Shell) -> None:
    shell.ask("--build-index")
    shell.write("lib/new.mjs", "export function fresh() {}\n")
    line = [sys.executable, "-c", INTERRUPTIBLE, "--search", "fresh", "--json"]
    with held(str(shell.folder / ".clew" / LOCK)):
        process = subprocess.Popen(line, cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=shell.environ())  # noqa: S603
        assert process.stderr is not None
        assert process.stderr.readline() == b"ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (130, b"", b"interrupted\n")
    assert shell.ask("--search", "createKettle")["total"] == 1
    assert shell.ask("--search", "fresh")["total"] == 1


def test_an_answer_can_be_asked_for_from_any_folder_below_the_root(shell: Shell) -> None:
    reply = shell.ask("--importers", "kettle.js", cwd=shell.folder / "lib")
    assert [row["file"] for row in reply["results"]] == ["index.js", "lib/tea.mjs", "test/heat.js"]
    assert shell.refused("--importers", "../../x.js", status=7)["code"] == "outside_workspace"
