"""The test cases of a source: calls such as `it('adds', …)` and `t.test('adds', …)`, with the groups around them.

A title that is put together while the tests run, as of tests in a loop, fits every text that its fixed parts allow.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from clew.causes.tokens import BEFORE_VALUE, CLOSING, OPENING, REGEX

_CASES = ("it", "test", "specify", "fit", "xit")
_GROUPS = ("describe", "context", "suite", "fdescribe", "xdescribe")
_HEAD = rf"(?:{'|'.join([*_CASES, *_GROUPS])})(?![\w$#@])"
_MARK = re.compile(
    rf"""
    (?: [^'"`/()\[\]{{}}\w$#@]++ | (?!{_HEAD}) [\w$#@]++ )*+
    (?:
        (?P<bracket> [()\[\]{{}}] )
      | (?P<head> {_HEAD} (?: \s*+ \. \s*+ [\w$#@]++ )*+ )
      | (?P<string> '(?:\\.|[^'\\\n])*+' | "(?:\\.|[^"\\\n])*+" )
      | (?P<template> `(?:\\.|[^`\\])*+` )
      | (?P<comment> //[^\n]*+ | /\*.*?\*/ )
      | (?P<slash> [/'"`] )
    )
    """,
    re.VERBOSE | re.DOTALL,
)
"""The next mark, with what is passed over before it; a quote that nothing closes is passed over as well."""
_WORD = re.compile(r"\w+")
_LAST_WORD = re.compile(r"[\w$#@]+\Z")
_BEHIND = re.compile(r"(?:\s++|//[^\n]*+|/\*.*?\*/)*+(?:[,)]|\Z)", re.DOTALL)
_HOLE = re.compile(r"\\?\$\\?\{.*?\\?\}|%[sdifjoOp#%]|\\?\$[\w.#]+", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
SEPARATOR = " > "


class Case(NamedTuple):
    """A test case, or a group of them."""

    title: str
    """The title as it is written."""
    fixed: tuple[str, ...]
    """Its parts that are always the same, without blanks; between them stands what is put in while the tests run."""
    is_open: bool
    """True where more is put behind it."""
    start: int
    """Offset of the call."""
    end: int
    """Offset behind its closing parenthesis."""
    is_group: bool
    groups: tuple[int, ...]
    """The numbers of the groups around it, outermost first."""

    @property
    def varies(self) -> bool:
        """True where it can have several titles when it runs."""
        return self.is_open or len(self.fixed) > 1

    def can_be(self, squeezed: str) -> bool:
        """True for a title, without blanks, that it can have when it runs."""
        first, *others = self.fixed
        if not squeezed.startswith(first):
            return False
        at = len(first)
        last = others.pop() if others and not self.is_open else ""
        for part in others:
            at = squeezed.find(part, at) + len(part)
            if at < len(part):
                return False
        return at == len(squeezed) if not self.varies else len(squeezed) - len(last) >= at and squeezed.endswith(last)


def cases_of(text: str) -> list[Case]:
    """Every test case and group of a source, by place."""
    marks = _marks_of(text)
    closed_by = _closings(marks)
    found: list[Case] = []
    open_groups: list[tuple[int, int]] = []
    for at, mark in enumerate(marks):
        if mark.kind != "head":
            continue
        while open_groups and open_groups[-1][1] <= mark.start:
            open_groups.pop()
        title_at = _title_at(marks, at, closed_by)
        if title_at is None or marks[title_at].kind not in {"string", "template"}:
            continue
        close = closed_by.get(title_at - 1)
        end = marks[close].end if close is not None else len(text)
        follows = _BEHIND.match(text, marks[title_at].end)
        is_group = _WORD.match(text, mark.start)[0] in _GROUPS  # type: ignore[index] # a head begins with a word
        title = _ESCAPED.sub(r"\1", text[marks[title_at].start + 1 : marks[title_at].end - 1])
        fixed = tuple(map(squeezed, _HOLE.split(title)))
        case = Case(title, fixed, follows is None, mark.start, end, is_group, tuple(n for n, _ in open_groups))
        if is_group:
            open_groups.append((len(found), end))
        found.append(case)
    return found


class _Mark(NamedTuple):
    """A part of a source that tells where test cases are."""

    kind: str
    """`head` for `it`, `it.only` and the like, `string`, `template`, or a bracket."""
    start: int
    end: int
    is_next: bool
    """True where nothing but blanks stands between it and the mark before."""


def _marks_of(text: str) -> list[_Mark]:
    """The heads, texts and brackets of a source. What else is there, comments and regular expressions among it, is passed over."""
    found: list[_Mark] = []
    at, between = 0, ""
    while (match := _MARK.match(text, at)) is not None:
        kind = match.lastgroup or ""
        start = match.start(kind)
        if start > at and not (passed := text[at:start]).isspace():
            between = passed
        at = match.end()
        if kind == "slash":
            regex = None if _is_value(between, found) else REGEX.match(text, start)
            at, between = (at, "/") if regex is None else (regex.end(), "value")
        elif kind != "comment":
            found.append(_Mark(text[start] if kind == "bracket" else kind, start, at, not between))
            between = ""
    return found


def _is_value(between: str, found: list[_Mark]) -> bool:
    """True where a slash divides what stands before it: the text since the last mark, or that mark."""
    if between:
        last = _LAST_WORD.search(between.rstrip())
        return last is not None and last[0] not in BEFORE_VALUE
    return bool(found) and found[-1].kind not in OPENING


def _closings(marks: list[_Mark]) -> dict[int, int]:
    """Number of an opening bracket -> that of the bracket that closes it."""
    closed_by: dict[int, int] = {}
    opened: list[int] = []
    for at, mark in enumerate(marks):
        if mark.kind in OPENING:
            opened.append(at)
        elif mark.kind in CLOSING and opened:
            closed_by[opened.pop()] = at
    return closed_by


def _title_at(marks: list[_Mark], at: int, closed_by: dict[int, int]) -> int | None:
    """The number of the first argument of `it(`, `it.only(`, `it.each([…])(`; None where nothing is called."""

    def follows(number: int, kind: str) -> bool:
        return number < len(marks) and marks[number].kind == kind and marks[number].is_next

    at += 1
    while follows(at, "("):
        after = closed_by.get(at)
        if after is None or not follows(after + 1, "("):
            return at + 1 if at + 1 < len(marks) and marks[at + 1].is_next else None
        at = after + 1
    return at + 2 if follows(at, "template") and follows(at + 1, "(") and at + 2 < len(marks) and marks[at + 2].is_next else None


def squeezed(text: str) -> str:
    """A text without its blanks: runners do not all print those of a title as they are written."""
    return "".join(text.split())


def case_named(cases: list[Case], name: str) -> Case | None:
    """The case that a test runner calls so: by its title, of several the one whose groups are named before it; None where none fits."""
    *above, own = map(squeezed, name.split(SEPARATOR))
    best: tuple[int, int, Case] | None = None
    for case in cases:
        if case.is_group:
            continue
        if not case.can_be(own) and not (name.endswith(case.title) and case.title):
            continue
        around = sum(cases[number].can_be(part) for number in case.groups for part in above)
        around += sum(cases[number].title in name for number in case.groups) if not around else 0
        rank = (around, len(case.title))
        if best is None or rank > best[:2]:
            best = (*rank, case)
    return None if best is None else best[2]


def case_around(cases: list[Case], offset: int) -> Case | None:
    """The innermost case around an offset; None outside of all cases."""
    holding = [case for case in cases if not case.is_group and case.start <= offset < case.end]
    return holding[-1] if holding else None
