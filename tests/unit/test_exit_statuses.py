"""The matrix of exit statuses: every error code from every command, told the same way, and nothing else is printed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import pytest

from clew import errors
from clew.cli.main import Answer, caught
from clew.errors import ClewError

COMMANDS = ("js-scan", "js-edit", "md-scan", "md-edit", "clew")
STATUSES = {
    **dict.fromkeys(("usage", "invalid_request", "invalid_pipeline", "not_a_plan"), 2),
    **dict.fromkeys(("session_not_found", "token_unknown", "symbol_not_found", "no_subject", "nothing_changed"), 3),
    **dict.fromkeys(("file_not_found", "revision_not_found", "no_repository", "program_not_found", "section_not_found"), 3),
    "pipeline_not_found": 3,
    **dict.fromkeys(("ambiguous_session", "ambiguous_symbol", "ambiguous_section"), 4),
    "session_expired": 5,
    "plan_expired": 5,
    **dict.fromkeys(("stale_input", "stale_plan", "idempotency_conflict", "session_exists"), 6),
    **dict.fromkeys(("step_unknown", "pipeline_changed", "run_blocked", "lease_lost"), 6),
    **dict.fromkeys(("unsafe_edit", "quota_exceeded", "not_allowed", "outside_workspace", "git_unavailable", "holds_secret"), 7),
    "needs_confirmation": 7,
    **dict.fromkeys(("store_corrupt", "store_newer", "disk_full", "store_unavailable"), 8),
    "internal": 70,
}


def raised(kind: type[ClewError]) -> Iterator[type[ClewError]]:
    """The errors of a tree that are raised: those that have no others below them."""
    below = kind.__subclasses__()
    if not below:
        yield kind
    for one in below:
        yield from raised(one)


ERRORS = {error.code: error for error in raised(ClewError)}


def test_every_code_has_its_status() -> None:
    assert {code: error.exit_status for code, error in ERRORS.items()} == STATUSES


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("code", sorted(STATUSES))
def test_an_error_is_told_the_same_by_every_command(code: str, command: str) -> None:
    def fails(_: str, __: list[str], ___: Mapping[str, str]) -> Answer:
        raise ERRORS[code]("It went wrong", hint="clew --help", candidates=("a", "b"), revision="HEAD")

    out, err, status = caught(fails, command, ["--json"], {})
    told = msgspec.json.decode(out)["error"]
    assert (status, told["code"], told["message"], err) == (STATUSES[code], code, "It went wrong", b"")
    assert told["hint"].split()[0] in {command, "clew"}
    out, err, status = caught(fails, command, [], {})
    assert (out, status) == (b"", STATUSES[code])
    assert err.startswith(b"error: It went wrong\n")
    assert b"\ntry: " in err


@pytest.mark.parametrize("command", COMMANDS)
def test_what_nobody_raised_on_purpose_is_a_bug_with_a_report(command: str) -> None:
    def fails(_: str, __: list[str], ___: Mapping[str, str]) -> Answer:
        raise ZeroDivisionError("nothing")

    out, _, status = caught(fails, command, ["--json"], {})
    told = msgspec.json.decode(out)["error"]
    assert (status, told["code"]) == (70, "internal")
    assert "ZeroDivisionError" in told["report"]


def test_the_tree_that_the_docstring_draws_is_the_one_that_is_there() -> None:
    drawn = set(re.findall(r"\b[A-Z]\w+", re.sub(r"ClewError|\(\d+\)", "", (errors.__doc__ or "").partition("The number is")[0])))
    assert {error.__name__ for error in ERRORS.values()} <= drawn


def test_no_command_asks_at_a_prompt() -> None:
    package = Path(errors.__file__).parent
    asking = [
        path.name for path in package.rglob("*.py") if re.search(r"(?<![\w.])(?<!def )(input|getpass)\(", path.read_text(encoding="utf-8"))
    ]
    assert asking == []
