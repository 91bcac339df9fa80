"""The tokens of JavaScript and TypeScript, as far as two versions of a definition are compared by them.

A slash begins a regular expression unless a value stands before it. Text of JSX comes out as words and signs: what it reads as does not
matter, as long as equal text reads equally.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOKEN = re.compile(
    r"""
    (?P<blank> (?: \s+ | //[^\n]* | /\*.*?\*/ )* )
    (?:
        (?P<string> '(?:\\.|[^'\\\n])*' | "(?:\\.|[^"\\\n])*" )
      | (?P<template> `(?:\\.|[^`\\])*` )
      | (?P<number> \d[\w.]* | \.\d\w* )
      | (?P<word> [\w$#@]+ )
      | (?P<sign> \.\.\. | \?\?= | \|\|= | &&= | \*\*= | >>>=? | [=!]==? | => | \+\+ | -- | \?\? | \?\.(?!\d) | && | \|\| | \*\*
                | [-+*/%&|^<>]= | \S )
    )
    """,
    re.VERBOSE | re.DOTALL,
)
REGEX = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n]){0,500}+\]|[^/\\\n\[]){1,2000}+/\w*")
"""A regular expression; of what is longer nobody knows whether it is one, and no line is read again from each of its slashes on."""
BEFORE_VALUE = frozenset({"return", "typeof", "case", "in", "of", "do", "else", "void", "delete", "throw", "new", "await", "yield"})
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
    match = _TOKEN.match(text)
    is_fresh = True
    while match is not None:
        kind, start, end = match.lastgroup or "sign", match.end("blank"), match.end()
        if text[start] == "/" and not _is_behind_value(found) and (regex := REGEX.match(text, start)) is not None:
            kind, end = "regex", regex.end()
        found.append(Token(kind, text[start:end], start, is_fresh or "\n" in match["blank"]))
        is_fresh = False
        match = _TOKEN.match(text, end)
    return found


def _is_behind_value(found: list[Token]) -> bool:
    """True where a slash divides what stands before it."""
    if not found:
        return False
    last = found[-1]
    return last.text not in BEFORE_VALUE if last.kind == "word" else last.kind != "sign" or last.text in CLOSING


def texts(tokens: Sequence[Token]) -> list[str]:
    """The texts of tokens."""
    return [token.text for token in tokens]
