"""Several processes at one session and one index."""

import json
import subprocess

from shell import Shell

PROCESSES = 8


def test_many_processes_share_a_session_on_a_cold_index(shell: Shell) -> None:
    line = shell.line("js-scan", "--save-session", "team", "--search", "createKettle", "--references", "--json")
    started = [
        subprocess.Popen(line, cwd=shell.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=shell.environ())  # noqa: S603 - ours
        for _ in range(PROCESSES)
    ]
    done = [(process.communicate(), process.returncode) for process in started]
    assert [(err, status) for (_, err), status in done] == [(b"", 0)] * PROCESSES
    replies = [json.loads(out) for (out, _), _ in done]
    assert {reply["total"] for reply in replies} == {6}
    rows = shell.run("clew", "sessions", "log", "team", "--json").json["results"]
    assert [row["step"] for row in reversed(rows)] == [f"team#{number}" for number in range(1, 2 * PROCESSES + 1)]
    assert {reply["step"] for reply in replies} <= {row["step"] for row in rows}
