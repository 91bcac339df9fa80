"""The cost of a start: every module that the way to a JSON answer loads is named here."""

import subprocess
import sys

from shell import Shell

# What msgspec and apsw load, then what is ours.
LOADED = {
    "__future__", "_datetime", "_decimal", "_uuid", "collections", "contextlib", "copyreg", "datetime", "decimal", "enum", "functools",
    "importlib", "itertools", "keyword", "math", "numbers", "operator", "platform", "re", "reprlib", "textwrap", "types", "typing",
    "uuid", "warnings", "apsw", "msgspec",
    "_bisect", "_blake2", "gc", "shlex", "_struct", "_weakrefset", "bisect", "clew", "fcntl", "msvcrt", "struct", "weakref", "zlib",
    "_collections", "_functools", "_operator", "_sre", "_typing",
}  # fmt: skip
NEVER = {"argparse", "asyncio", "click", "dataclasses", "email", "hashlib", "inspect", "json", "logging", "mcp", "pathlib", "psycopg",
         "pydantic", "random", "rich", "secrets", "socket", "ssl", "subprocess", "tempfile", "threading", "typing_extensions"}  # fmt: skip


ASKED = """
import sys
empty = set(sys.modules)
from clew.cli.js_scan import answer
out, _, status = answer(sys.argv[1:], {})
assert status == 0, out
print(" ".join(set(sys.modules) - empty))
"""


def modules(shell: Shell, *argv: str) -> set[str]:
    """The modules that a command loads beyond an empty interpreter, in a process of its own."""
    line = [sys.executable, "-c", ASKED, *argv]
    done = subprocess.run(line, cwd=shell.folder, capture_output=True, env=shell.environ(), check=True)  # noqa: S603 - ours
    return set(done.stdout.decode().split())


def tops(names: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in names}


def test_a_continued_step_loads_only_what_is_named(shell: Shell) -> None:
    shell.ask("--session-start", "tour", "--search", "createKettle")
    loaded = tops(modules(shell, "--from", "tour", "--analyze-ripple", "--json"))
    assert loaded - LOADED == set()
    assert loaded & NEVER == set()


def test_a_module_too_many_would_be_found(shell: Shell) -> None:
    assert "pathlib" in tops(modules(shell, "--help")) - LOADED


def test_only_the_server_loads_the_protocol(shell: Shell) -> None:
    script = ASKED.replace("js_scan", "clew")
    for argv in (["mcp", "--print-config"], ["sessions", "list", "--json"], ["mcp", "--help"]):
        done = subprocess.run([sys.executable, "-c", script, *argv], cwd=shell.folder, capture_output=True, env=shell.environ(), check=True)  # noqa: S603 - ours
        loaded = tops(set(done.stdout.decode().splitlines()[-1].split()))
        assert loaded & {"mcp", "mcp_types", "pydantic", "asyncio"} == set(), argv


def test_a_verb_that_does_not_run_is_not_loaded(shell: Shell) -> None:
    loaded = modules(shell, "--search", "heat", "--json")
    assert "clew.code.search" in loaded
    assert (
        loaded
        & {
            "clew.code.ripple",
            "clew.code.cycles",
            "clew.code.importers",
            "clew.cli.text",
            "clew.cli.failures",
            "clew.diff",
            "clew.running.changing",
        }
        == set()
    )
