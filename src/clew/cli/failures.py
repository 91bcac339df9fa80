"""Errors as they are told: the one place that turns them into JSON or text, with the caller's own line put right."""

from __future__ import annotations

from typing import Any

from clew.cli._flags import OPERATIONS
from clew.cli.flags import command_line
from clew.errors import (
    AmbiguousSession,
    AmbiguousSymbol,
    ClewError,
    NoSubject,
    NotFound,
    NothingChanged,
    RevisionNotFound,
    SessionExists,
    SessionExpired,
    StaleInput,
)
from clew.running.calls import HEAD

STARTS = ("--session-start", "--session_start", "--save-session")


def said(error: ClewError, command: str, argv: list[str]) -> dict[str, Any]:
    """`{code, message, hint, candidates, …}`; what is empty is left out."""
    body = {
        "code": error.code,
        "message": error.message,
        "hint": corrected(error, command, argv) or error.hint,
        "candidates": list(error.candidates),
        **error.details,
    }
    return {name: value for name, value in body.items() if value not in (None, [], (), {}, "")}


def error_text(body: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"error: {body['message']}"]
    lines.extend(f"  {candidate}" for candidate in body.get("candidates", ()))
    if body.get("completed"):
        lines.append(f"done before: {', '.join(body['completed'])}")
    if body.get("hint"):
        lines.append(f"try: {body['hint']}")
    if body.get("report"):
        lines.append(body["report"])
    return "\n".join(lines) + "\n"


def corrected(error: ClewError, command: str, argv: list[str]) -> str | None:
    """The caller's line as it would work; None when that cannot be known."""
    right: list[str] | None = None
    if isinstance(error, SessionExpired):
        right = [*argv, "--revive"]
    elif isinstance(error, SessionExists):
        right = [_continuing(word) for word in argv]
    elif isinstance(error, StaleInput):
        right = [word for word in argv if word != "--strict"]
        right = [*right, "--refresh"] if right == argv else right
    elif isinstance(error, AmbiguousSession) and error.candidates:
        right = [*argv, "--from", error.candidates[0]]
    elif isinstance(error, NoSubject) and error.candidates and error.hint and "completed" not in error.details:
        right = _with_target(argv, error.hint.rpartition(" ")[2])
    elif isinstance(error, NothingChanged) and not error.hint:
        right = _compared_with(argv, error, f"{error.details['revision']}~1")
    elif isinstance(error, RevisionNotFound) and not error.hint:
        right = _compared_with(argv, error, error.candidates[0] if error.candidates else HEAD)
    elif isinstance(error, (AmbiguousSymbol, NotFound)) and error.candidates:
        right = _with_candidate(argv, error.message, error.candidates[0])
    return None if right is None or right == argv else command_line(command, right)


def _continuing(word: str) -> str:
    flag, equals, value = word.partition("=")
    return f"--session-continue{equals}{value}" if flag in STARTS else word


def _compared_with(argv: list[str], error: ClewError, right: str) -> list[str]:
    """The line with another revision behind the `--changed` that the error is about."""
    line: list[str] = []
    at = 0
    while at < len(argv):
        flag, equals, value = argv[at].partition("=")
        at += 1
        if flag == "--changed" and not equals and at < len(argv) and not argv[at].startswith("-"):
            value = argv[at]
            at += 1
        elif flag != "--changed":
            line.append(argv[at - 1])
            continue
        line += ["--changed", right if (value or HEAD) == error.details["revision"] else value or HEAD]
    return line


def _with_candidate(argv: list[str], message: str, right: str) -> list[str] | None:
    """The line with the word that the message speaks of put right, or given where the line had none."""
    said = message.split()
    wrong = [word for word in argv if word in said and not word.startswith("-")]
    if wrong:
        return [right if word == wrong[-1] else word for word in argv]
    named = next((word for word in reversed(argv) if "::" in word and word.partition("::")[0] in said), None)
    if named is not None:
        return [right + named[named.index("::") :] if word == named else word for word in argv]
    return _with_target(argv, right)


def _with_target(argv: list[str], target: str) -> list[str] | None:
    """The line with a target for its last operation."""
    places = [at for at, word in enumerate(argv) if word in OPERATIONS]
    return [*argv[: places[-1] + 1], target, *argv[places[-1] + 1 :]] if places else None
