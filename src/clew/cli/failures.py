"""Errors as they are told: the one place that turns them into JSON or text, with the caller's own line put right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clew.cli._flags import FLAGS, OPERATIONS
from clew.cli.flags import command_line, in_command
from clew.errors import (
    Ambiguous,
    AmbiguousSymbol,
    ClewError,
    NoSubject,
    NotFound,
    NothingChanged,
    RevisionNotFound,
    SessionExists,
    StaleInput,
)
from clew.running.calls import HEAD
from clew.running.fitting import LEAST_BYTES, shortened

if TYPE_CHECKING:
    from clew.running.fitting import Measure

STARTS = ("--session-start", "--session_start", "--save-session")


def said(error: ClewError, command: str, argv: list[str]) -> dict[str, Any]:
    """`{code, message, hint, candidates, then, …}`; what is empty is left out."""
    body = {
        "code": error.code,
        "message": error.message,
        "hint": corrected(error, command, argv) or (error.hint and in_command(command, error.hint)),
        "candidates": list(error.candidates),
        "then": [command_line(command, _with_flags(argv, flags)) for flags in error.ways],
        **error.details,
    }
    return {name: value for name, value in body.items() if value not in (None, [], (), {}, "")}


def within_budget(reply: dict[str, Any], argv: list[str], measure: Measure) -> dict[str, Any]:
    """An error that is printed as JSON, with its longest parts shortened where the line has a budget; `measure` counts its bytes."""
    values = [value for word, value in zip(argv, [*argv[1:], ""], strict=True) if word == "--budget"]
    values += [word.partition("=")[2] for word in argv if word.startswith("--budget=")]
    budget = int(values[-1]) if values and values[-1].isdigit() else 0
    if budget < LEAST_BYTES:
        return reply
    return shortened(reply, budget, measure)


def error_text(body: dict[str, Any]) -> str:
    """The same for people."""
    lines = [f"error: {body['message']}"]
    lines.extend(f"  {candidate}" for candidate in body.get("candidates", ()))
    if body.get("completed"):
        lines.append(f"done before: {', '.join(body['completed'])}")
    if body.get("hint"):
        lines.append(f"try: {body['hint']}")
    lines.extend(f"then one of: {line}" if at == 0 else f"             {line}" for at, line in enumerate(body.get("then", ())))
    if body.get("report"):
        lines.append(body["report"])
    from clew.cli.text import without_controls  # only for people

    return without_controls("\n".join(lines) + "\n")


def corrected(error: ClewError, command: str, argv: list[str]) -> str | None:
    """The caller's line as it would work; None when that cannot be known."""
    right: list[str] | None = None
    if error.again is not None:
        return command_line(command, _with_flags(_without(argv, error.again[:1]), error.again))
    if isinstance(error, SessionExists) and error.given is None:
        right = [_continuing(word) for word in argv]
    elif isinstance(error, StaleInput):
        right = [word for word in argv if word != "--strict"]
        right = [*right, "--refresh"] if right == argv else right
    elif isinstance(error, NoSubject) and error.candidates and error.hint and "completed" not in error.details:
        right = _with_target(argv, error.hint.rpartition(" ")[2])
    elif isinstance(error, NothingChanged) and not error.hint:
        right = _compared_with(argv, error, f"{error.details['revision']}~1")
    elif isinstance(error, RevisionNotFound) and not error.hint:
        right = _compared_with(argv, error, error.candidates[0] if error.candidates else HEAD)
    elif isinstance(error, AmbiguousSymbol) and error.given is None and error.candidates and not error.hint:
        right = _with_target(argv, error.candidates[0]) or _within(argv, error.candidates[0])
    elif error.given is not None and error.candidates:
        right = _with_candidate(argv, error.given, error.candidates[0])
        if right is None and isinstance(error, (NotFound, Ambiguous)):
            right = _with_target(argv, error.candidates[0])
    return None if right is None or right == argv else command_line(command, right)


def _within(argv: list[str], target: str) -> list[str] | None:
    """The line with the part of the tree that it is about, where its operation has targets by a flag."""
    return _with_flags(argv, ("--within", target)) if "--replace-text" in argv else None


def _with_flags(argv: list[str], flags: tuple[str, ...]) -> list[str]:
    """The line with further flags; what stands behind `--` is not ours to read."""
    end = argv.index("--") if "--" in argv else len(argv)
    return [*argv[:end], *flags, *argv[end:]]


def _without(argv: list[str], flags: tuple[str, ...]) -> list[str]:
    """The line without what it says for flags that take a value."""
    left: list[str] = []
    at = 0
    while at < len(argv):
        flag, equals, _ = argv[at].partition("=")
        if flag not in flags:
            left.append(argv[at])
        elif not equals:
            at += 1
        at += 1
    return left


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


def _with_candidate(argv: list[str], given: str, right: str) -> list[str] | None:
    """The line with the last word put right that is what was given, has it as a part, or is an address in that file."""
    for at in reversed(range(len(argv))):
        flag, equals, value = argv[at].partition("=")
        if argv[at] == given:
            replaced = right
        elif equals and value == given:
            replaced = f"{flag}={right}"
        elif argv[at].startswith(f"{given}:"):
            replaced = right + argv[at][len(given) :]
        elif given in value.split(",") or given in argv[at].split(","):
            head = f"{flag}=" if given in value.split(",") else ""
            parts = (value if head else argv[at]).split(",")
            replaced = head + ",".join(right if part == given else part for part in parts)
        else:
            continue
        return [*argv[:at], replaced, *argv[at + 1 :]]
    return None


def _with_target(argv: list[str], target: str) -> list[str] | None:
    """The line with a target for its last operation that takes some: not for the `--fix` behind a `--rename`."""
    names = {flag: name for flags in OPERATIONS.values() for flag, name in flags.items()}
    places = [at for at, word in enumerate(argv) if word in names and FLAGS[names[word]][1] == "targets"]
    return [*argv[: places[-1] + 1], target, *argv[places[-1] + 1 :]] if places else None
