"""The tokens of JavaScript and TypeScript, as far as two versions of a definition are compared by them.

A slash begins a regular expression unless a value stands before it. Text of JSX comes out as words and signs: what it reads as does not
matter, as long as equal text reads equally.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLANK = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_TOKEN = re.compile(
    r"""
    (?P<string> '(?:\\.|[^'\\\n])*' | "(?:\\.|[^"\\\n])*" )
  | (?P<template> `(?:\\.|[^`\\])*` )
  | (?P<number> (?:\d[\w.]*|\.\d\w*) )
  | (?P<word> [\w$#@]+ )
  | (?P<sign> \.\.\. | \?\?= | \|\|= | &&= | \*\*= | >>>=? | [=!]==? | => | \+\+ | -- | \?\? | \?\.(?!\d) | && | \|\| | \*\*
            | [-+*/%&|^<>]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/\w*")
_BEFORE_VALUE = frozenset({"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "new", "await", "yield"})
OPENING, CLOSING = frozenset({"(", "[", "{"}), frozenset({")", "]", "}"})
DECLARING = frozenset({"const", "let", "var"})
LITERALS = frozenset({"string", "template", "number", "regex"})
CONSTANTS = frozenset({"true", "false", "null", "undefined"})


class Token(NamedTuple):
    """One token."""

    kind: str
    """string, template, number, regex, word or sign."""
    text: str
    start: int
    """Offset of its first letter."""
    fresh: bool
    """True for the first token of a line."""


def tokens_of(text: str) -> list[Token]:
    """The tokens of a source, without blanks and comments."""
    found: list[Token] = []
    at, end = 0, len(text)
    is_fresh = True
    while at < end:
        blank = _BLANK.match(text, at)
        if blank is not None:
            is_fresh = is_fresh or "\n" in blank[0]
            at = blank.end()
            continue
        match = _REGEX.match(text, at) if text[at] == "/" and not _is_behind_value(found) else None
        kind = "regex"
        if match is None:
            match = _TOKEN.match(text, at)
            if match is None:  # `.` matches anything
                break
            kind = match.lastgroup or "sign"
        found.append(Token(kind, match[0], at, is_fresh))
        is_fresh = False
        at = match.end()
    return found


def _is_behind_value(found: list[Token]) -> bool:
    """True where a slash divides what stands before it."""
    if not found:
        return False
    last = found[-1]
    return last.text not in _BEFORE_VALUE if last.kind == "word" else last.kind != "sign" or last.text in CLOSING


def texts(tokens: Sequence[Token]) -> list[str]:
    """The texts of tokens."""
    return [token.text for token in tokens]
