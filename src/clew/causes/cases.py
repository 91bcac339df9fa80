"""The test cases of a source: calls such as `it('adds', …)` and `t.test('adds', …)`, with the groups around them.

A title that is put together while the tests run, as of tests in a loop, fits every text that its fixed parts allow.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from clew.causes.tokens import CLOSING, OPENING, Token, tokens_of

_CASES = frozenset({"it", "test", "specify", "fit", "xit"})
_GROUPS = frozenset({"describe", "context", "suite", "fdescribe", "xdescribe"})
_HOLE = re.compile(r"\\?\$\\?\{.*?\\?\}|%[sdifjoOp#%]|\\?\$[\w.#]+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_BLANKS = re.compile(r"\s+")
SEPARATOR = " > "


class Case(NamedTuple):
    """A test case, or a group of them."""

    title: str
    """The title as it is written."""
    pattern: re.Pattern[str]
    """The titles that it can have when it runs."""
    start: int
    """Offset of the call."""
    end: int
    """Offset behind its closing parenthesis."""
    is_group: bool
    groups: tuple[int, ...]
    """The numbers of the groups around it, outermost first."""


def cases_of(text: str) -> list[Case]:
    """Every test case and group of a source, by place."""
    tokens = tokens_of(text)
    closed_by = _closings(tokens)
    found: list[Case] = []
    open_groups: list[tuple[int, int]] = []
    for at, token in enumerate(tokens):
        while open_groups and open_groups[-1][1] <= token.start:
            open_groups.pop()
        if token.kind != "word" or not (token.text in _CASES or token.text in _GROUPS):
            continue
        title_at = _title_at(tokens, at, closed_by)
        if title_at is None or tokens[title_at].kind not in {"string", "template"}:
            continue
        close = closed_by.get(title_at - 1)
        end = tokens[close].start + 1 if close is not None else len(text)
        follows = tokens[title_at + 1].text if title_at + 1 < len(tokens) else ")"
        is_group = token.text in _GROUPS
        title = _ESCAPED.sub(r"\1", tokens[title_at].text[1:-1])
        case = Case(title, _pattern(title, is_whole=follows in {",", ")"}), token.start, end, is_group, tuple(n for n, _ in open_groups))
        if is_group:
            open_groups.append((len(found), end))
        found.append(case)
    return found


def _closings(tokens: list[Token]) -> dict[int, int]:
    """Number of an opening bracket -> that of the bracket that closes it."""
    closed_by: dict[int, int] = {}
    opened: list[int] = []
    for at, token in enumerate(tokens):
        if token.kind != "sign":
            continue
        if token.text in OPENING:
            opened.append(at)
        elif token.text in CLOSING and opened:
            closed_by[opened.pop()] = at
    return closed_by


def _title_at(tokens: list[Token], at: int, closed_by: dict[int, int]) -> int | None:
    """The number of the first argument of `it(`, `it.only(`, `it.each([…])(`; None where nothing is called."""
    at += 1
    while at + 1 < len(tokens) and tokens[at].text == "." and tokens[at + 1].kind == "word":
        at += 2
    while at + 1 < len(tokens) and tokens[at].text == "(":
        after = closed_by.get(at)
        if after is None or after + 1 >= len(tokens) or tokens[after + 1].text != "(":
            return at + 1
        at = after + 1
    if at + 1 < len(tokens) and tokens[at].kind == "template" and tokens[at + 1].text == "(":
        return at + 2
    return None


def _pattern(title: str, *, is_whole: bool) -> re.Pattern[str]:
    parts = [r"\s*".join(re.escape(word) for word in _BLANKS.split(part)) for part in _HOLE.split(title)]
    return re.compile(".*".join(parts) + ("" if is_whole else ".*"), re.DOTALL)


def case_named(cases: list[Case], name: str) -> Case | None:
    """The case that a test runner calls so: by its title, of several the one whose groups are named before it; None where none fits."""
    parts = [part.strip() for part in name.split(SEPARATOR)]
    best: tuple[int, int, Case] | None = None
    for case in cases:
        if case.is_group:
            continue
        fits = case.pattern.fullmatch(parts[-1]) is not None
        if not fits and not (name.endswith(case.title) and case.title):
            continue
        around = sum(cases[number].pattern.fullmatch(part) is not None for number in case.groups for part in parts[:-1])
        around += sum(cases[number].title in name for number in case.groups) if not around else 0
        rank = (around, len(case.title))
        if best is None or rank > best[:2]:
            best = (*rank, case)
    return None if best is None else best[2]


def case_around(cases: list[Case], offset: int) -> Case | None:
    """The innermost case around an offset; None outside of all cases."""
    holding = [case for case in cases if not case.is_group and case.start <= offset < case.end]
    return holding[-1] if holding else None
