"""Edits whose process ended in the middle, while somebody else wrote one of their files."""

import subprocess
import sys

import pytest
from shell import Shell
from test_edits import HEAT, planned, text

DIES = """\
import os
from clew.edits.disk import Disk
rename = Disk.rename
Disk.rename = lambda self, path, to: os._exit(9) if '/.clew-' in path else rename(self, path, to)
from clew.cli.js_edit import main
main()
"""


def left_in_the_middle(shell: Shell) -> str:
    """The step of a rename that was committed when its process ended, and one of whose files somebody else wrote then."""
    step = planned(shell, "--rename", HEAT, "--to", "warm")
    line = [sys.executable, "-c", DIES, "--fix", step, "--json"]
    assert subprocess.run(line, cwd=shell.folder, env=shell.environ(), check=False, capture_output=True).returncode == 9  # noqa: S603 - our own
    shell.write("test/heat.js", "// mine\n")
    return step


def test_a_file_of_others_is_told_by_whoever_finishes_the_edit(shell: Shell) -> None:
    step = left_in_the_middle(shell)
    reply = shell.run("js-scan", "--session-start", "other", "--search", "warm", "--json").json
    (warning,) = reply["warnings"]
    (entry,) = (shell.folder / ".clew" / "journal" / "entries").iterdir()
    assert (warning["file"], warning["code"]) == ("test/heat.js", "foreign")
    assert entry.stem.partition("-")[2] in warning["message"]
    assert f"js-edit --undo {step} " in warning["message"]
    assert text(shell, "test/heat.js") == "// mine\n"
    shown = shell.run("clew", "show", step, "--json").json
    assert (shown["applied"], shown["partial"]) == (True, True)
    assert "warnings" not in shell.run("js-scan", "--session-start", "third", "--search", "warm", "--json").json


@pytest.mark.parametrize(
    "line",
    [("clew", "show", "e#1"), ("js-scan", "--callers", "nobody::here"), ("js-scan", "--callers", "nobody::here", "--budget", "2000")],
    ids=["shown", "failed", "shortened"],
)
def test_a_file_of_others_is_told_by_a_step_and_by_an_error_as_well(shell: Shell, line: tuple[str, ...]) -> None:
    left_in_the_middle(shell)
    reply = shell.run(*line, "--json").json
    assert [warning["file"] for warning in reply.get("error", reply)["warnings"]] == ["test/heat.js"]
