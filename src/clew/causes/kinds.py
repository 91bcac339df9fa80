"""The effect of a change on a definition, told from the tokens of both versions, and how likely such a change breaks a test.

Layout and comments change nothing. Refactorings that can be recognised keep what the code does: a local that was renamed throughout, a
value that was given a name, whole statements in another order. What is left is an edit of an expression, a statement that was taken out,
or code that was added. The weights are a rank, not a probability.

Sources: Ren et al., Chianti, OOPSLA 2004 (changes as atoms, and which of them affect a test); Kim and Notkin, ICSE 2009, and Tsantalis
et al., RefactoringMiner, TSE 2020 (refactorings are recognised and set aside); Just et al., FSE 2014 (real faults are like mutants: an
operator, a constant, a condition, a statement).
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from clew.causes.refactorings import by_line, is_commuted, is_naming, is_renaming
from clew.causes.tokens import CLOSING, CONSTANTS, DECLARING, LITERALS, OPENING, Token, texts, tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LAYOUT = "layout"
WEIGHTS = {
    "condition": 1.0,
    "operator": 1.0,
    "constant": 1.0,
    "exit": 1.0,
    "expression": 0.95,
    "statement removed": 0.95,
    "removed": 0.9,
    "code": 0.8,
    "code added": 0.5,
    "guarded code added": 0.3,
    "added": 0.3,
    "reordered": 0.25,
    "parameter added": 0.15,
    "logging added": 0.1,
    "operands swapped": 0.1,
    "value named": 0.08,
    "local renamed": 0.05,
    "renamed": 0.05,
    "name followed": 0.04,
    LAYOUT: 0.0,
}
"""The kinds of change, the likeliest to break something first."""
LONGEST = 80
"""Letters of a line that is shown."""
_MOST_TOKENS = 6_000
"""A definition with more is compared by its lines."""
_LEAVING = frozenset({"return", "throw", "break", "continue", "yield"})
_CONDITIONS = frozenset({"!", "==", "===", "!=", "!==", "<", ">", "<=", ">=", "&&", "||", "??", "?", "instanceof", "in"})
_WRITES = frozenset({"=", "+=", "-=", "*=", "/=", "%=", "**=", "||=", "&&=", "??=", "|=", "&=", "^=", "++", "--", "delete"})
_LOGGING = frozenset({"console", "debug", "log", "logger", "trace"})
_ANYWHERE = CONSTANTS | {"typeof", "instanceof"}
"""Words of a condition that say nothing of what it depends on."""
_ENDS = frozenset({";", "{", "}"})
_WORD = re.compile(r"[A-Za-z_$][\w$-]{2,}")


class Change(NamedTuple):
    """The effect of a change."""

    kind: str
    before: str | None = None
    """The first line that differs, as it was."""
    after: str | None = None
    """The first line that differs, as it is."""
    words: frozenset[str] = frozenset()
    """The words of the lines that differ."""

    @property
    def weight(self) -> float:
        """The likelihood that it breaks something."""
        return WEIGHTS[self.kind]


class _Compared(NamedTuple):
    old: list[Token]
    new: list[Token]
    codes: list[tuple[str, int, int, int, int]]
    """Runs of tokens that differ: as `SequenceMatcher` gives them, without the equal ones."""


class Names(NamedTuple):
    """Knowledge of the names that a change may only follow."""

    values: Mapping[str, list[str]]
    """Names that are new in its file, with the tokens that they are put for."""
    renamed: Mapping[str, str]
    """New names of definitions that were renamed, with the old ones."""


def change_of(old: str | None, new: str | None, names: Names) -> Change:
    """The change of a definition."""
    if old is None or new is None:
        text = new if old is None else old
        line = next((line.strip() for line in (text or "").split("\n") if line.strip()), "")[:LONGEST]
        words = _words(text or "")
        return Change("added", after=line, words=words) if old is None else Change("removed", before=line, words=words)
    before, after = tokens_of(old), tokens_of(new)
    if texts(before) == texts(after):
        return Change(LAYOUT)
    compared = _Compared(before, after, _differences(before, after))
    _, first_old, last_old, first_new, last_new = compared.codes[0]
    words = frozenset(
        word for _, a, b, c, d in compared.codes for word in _words(_lines(old, before, a, b) + "\n" + _lines(new, after, c, d))
    )
    is_line = _is_whole_line(compared)
    return Change(
        _kind(compared, names),
        _shown(old, before, first_old) if last_old > first_old or not is_line else None,
        _shown(new, after, first_new) if last_new > first_new or not is_line else None,
        words,
    )


def _kind(compared: _Compared, names: Names) -> str:
    """The first kind that fits."""
    if names.renamed and texts(compared.old) == [names.renamed.get(text, text) for text in texts(compared.new)]:
        return "name followed"
    if is_renaming(compared.old, compared.new):
        return "local renamed"
    if is_commuted(compared.old, compared.new):
        return "operands swapped"
    if is_naming(compared.old, compared.new, names.values):
        return "value named"
    if by_line(compared.old) == by_line(compared.new):
        return "reordered"
    kinds = [_kind_of_run(compared, *code[1:]) for code in compared.codes]
    return max(kinds, key=lambda kind: WEIGHTS[kind])


def _kind_of_run(compared: _Compared, a: int, b: int, c: int, d: int) -> str:
    """The effect of one run of tokens that differ."""
    out, put = compared.old[a:b], compared.new[c:d]
    if not out:
        return _kind_of_insertion(compared, c, d)
    if not put and _is_statement(compared.old, a, b):
        return "exit" if out[0].text in _LEAVING else "statement removed"
    return _kind_of_expression([*out, *put])


def _kind_of_insertion(compared: _Compared, c: int, d: int) -> str:
    tokens = compared.new
    put = tokens[c:d]
    inserted = {token.text for token in put}
    if _is_statement(tokens, c, d):
        if put[0].text == "if" and _condition(put) & {*texts(compared.old)} <= _ANYWHERE:
            return "guarded code added"
        if inserted & _LEAVING:
            return "exit"
        if put[0].text in _LOGGING or (put[0].text == "if" and inserted & _LOGGING and not inserted & _WRITES):
            return "logging added"
        return "code added" if inserted & _WRITES - {"="} or put[0].text not in DECLARING else "value named"
    if _is_parameter(tokens, c, d):
        return "parameter added"
    return _kind_of_expression(put)


def _kind_of_expression(tokens: Sequence[Token]) -> str:
    signs = {token.text for token in tokens}
    if signs & _LEAVING:
        return "exit"
    if signs & (_CONDITIONS | {"if", "while"}):
        return "condition"
    if any(token.kind in LITERALS or token.text in CONSTANTS for token in tokens):
        return "constant"
    if all(token.kind == "sign" for token in tokens):
        return "operator"
    return "expression"


def _differences(old: list[Token], new: list[Token]) -> list[tuple[str, int, int, int, int]]:
    """The runs of tokens that differ, between the longest common beginning and end."""
    first, last = 0, 0
    a, b = texts(old), texts(new)
    while first < min(len(a), len(b)) and a[first] == b[first]:
        first += 1
    while last < min(len(a), len(b)) - first and a[-1 - last] == b[-1 - last]:
        last += 1
    a, b = a[first : len(a) - last], b[first : len(b) - last]
    if len(a) + len(b) > _MOST_TOKENS:
        return [("replace", first, first + len(a), first, first + len(b))]
    matcher = SequenceMatcher(a=a, b=b, autojunk=False)
    codes = [(tag, i + first, j + first, k + first, m + first) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]
    return [_slid(code, new if code[0] == "insert" else old) for code in codes]


def _slid(code: tuple[str, int, int, int, int], tokens: list[Token]) -> tuple[str, int, int, int, int]:
    """A run that was only put in, or taken out, moved to where it begins a line: `} if (x) {` is `if (x) { }` one token earlier."""
    tag, a, b, c, d = code
    if tag == "replace":
        return code
    start, end = (c, d) if tag == "insert" else (a, b)
    for by in range(min(start, end - start) + 1):
        if tokens[start - by].fresh and (end - by >= len(tokens) or tokens[end - by].fresh):
            return tag, *((a - by, a - by, c - by, d - by) if tag == "insert" else (a - by, b - by, c - by, c - by))
        if tokens[start - by - 1].text != tokens[end - by - 1].text:
            break
    return code


def _is_whole_line(compared: _Compared) -> bool:
    _, a, b, c, d = compared.codes[0]
    tokens, start, end = (compared.old, a, b) if b > a else (compared.new, c, d)
    return tokens[start].fresh and (end >= len(tokens) or tokens[end].fresh)


def _is_statement(tokens: list[Token], start: int, end: int) -> bool:
    """True where a run of tokens is one or more whole statements."""
    if start >= end:
        return False
    begins = tokens[start].fresh or (start > 0 and tokens[start - 1].text in _ENDS)
    depth = 0
    for token in tokens[start:end]:
        if token.kind == "sign" and token.text in OPENING:
            depth += 1
        elif token.kind == "sign" and token.text in CLOSING:
            depth -= 1
        if depth < 0:
            return False
    ends = tokens[end - 1].text in _ENDS or end >= len(tokens) or tokens[end].fresh or tokens[end].text == "}"
    return begins and ends and depth == 0 and tokens[end - 1].text not in {",", "("}


def _is_parameter(tokens: list[Token], start: int, end: int) -> bool:
    """True where a run of tokens stands in the first parentheses: behind the name of a function."""
    depth, seen = 0, False
    for at, token in enumerate(tokens):
        if token.kind == "sign" and token.text == "(":
            depth, seen = depth + 1, True
        elif token.kind == "sign" and token.text == ")":
            depth -= 1
            if depth == 0:
                return False
        if at == start:
            return seen and depth > 0 and (tokens[start].text == "," or tokens[end - 1].text == "," or tokens[start - 1].text == "(")
    return False


def _condition(tokens: list[Token]) -> set[str]:
    """The words in the parentheses behind `if`."""
    depth = 0
    words: set[str] = set()
    for token in tokens[1:]:
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "word":
            words.add(token.text)
        if depth == 0:
            break
    return words


def _lines(text: str, tokens: list[Token], first: int, last: int) -> str:
    """The lines in which tokens stand; nothing of none."""
    if last <= first:
        return ""
    low = text.rfind("\n", 0, tokens[first].start) + 1
    high = text.find("\n", tokens[last - 1].start + len(tokens[last - 1].text))
    return text[low : high if high >= 0 else len(text)]


def _shown(text: str, tokens: list[Token], first: int) -> str | None:
    """The line of a token, of a long one the part around it."""
    if not tokens:
        return None
    token = tokens[min(first, len(tokens) - 1)]
    low = text.rfind("\n", 0, token.start) + 1
    high = text.find("\n", token.start)
    line = text[low : high if high >= 0 else len(text)]
    indent = len(line) - len(line.lstrip())
    line, at = line.strip(), token.start - low - indent
    if len(line) <= LONGEST:
        return line
    begin = max(0, min(at - LONGEST // 2, len(line) - LONGEST))
    return f"{'…' if begin else ''}{line[begin : begin + LONGEST]}{'…' if begin + LONGEST < len(line) else ''}"


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORD.findall(text))
