"""Refactorings that keep what a definition does, recognised from the tokens of both versions."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from clew.causes.tokens import CLOSING, DECLARING, OPENING, texts, tokens_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.causes.tokens import Token


_COMMUTATIVE = frozenset({"===", "!==", "==", "!=", "*", "&", "|", "^"})
_SEPARATING = frozenset({"(", ")", ",", ";", "{", "}", "&&", "||", "??", "?", ":", "=", "=>", "return"})


def renamings(gone: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """New names of definitions, with the old ones: definitions that are gone and new with the same code, by name and text."""
    known = {_nameless(name, text): name for name, text in gone.items()}
    found = {name: known.get(_nameless(name, text)) for name, text in new.items()}
    return {bare_name(name): bare_name(old) for name, old in found.items() if old is not None}


def _nameless(name: str, text: str) -> tuple[str, ...]:
    return tuple("_" if token.text == bare_name(name) else token.text for token in tokens_of(text))


def bare_name(name: str) -> str:
    """`add` of `Till#add`."""
    return re.split(r"[#.]", name)[-1]


def value_named(old: str | None, new: str | None) -> tuple[str, list[str]] | None:
    """The name and the tokens of a new `const name = value`; None for what is anything else."""
    if old is not None or new is None:
        return None
    tokens = tokens_of(new)
    at = 1 if tokens and tokens[0].text in DECLARING else 0
    if len(tokens) < at + 3 or tokens[at].kind != "word" or tokens[at + 1].text != "=":
        return None
    return tokens[at].text, texts([token for token in tokens[at + 2 :] if token.text != ";"])


def is_renaming(old: list[Token], new: list[Token]) -> bool:
    """True where every difference is a local name, which has the same other name throughout."""
    if len(old) != len(new):
        return False
    renamed: dict[str, str] = {}
    for at, (one, other) in enumerate(zip(old, new, strict=True)):
        if one.kind != other.kind or (one.text != other.text and one.kind != "word"):
            return False
        is_member = at > 0 and old[at - 1].text in {".", "?."}
        if one.kind != "word" or is_member:
            if one.text != other.text:
                return False
            continue
        if renamed.setdefault(one.text, other.text) != other.text:
            return False
    changed = {name: to for name, to in renamed.items() if name != to}
    return len(set(renamed.values())) == len(renamed) and all(_is_declared(new, to) for to in changed.values())


def _is_declared(tokens: list[Token], name: str) -> bool:
    """True where a name is declared among tokens: behind const, let, var, function or class, or in the parentheses of parameters."""
    depth, in_parameters = 0, True
    for at, token in enumerate(tokens):
        depth += (token.text == "(") - (token.text == ")") if token.kind == "sign" else 0
        if token.text == name:
            before = tokens[at - 1].text if at else ""
            after = tokens[at + 1].text if at + 1 < len(tokens) else ""
            if before in DECLARING or before in {"function", "class", "catch"} or after == "=>" or (in_parameters and depth > 0):
                return True
            if before in {"(", ","} and after in {")", ","} and _opens_body(tokens, at):
                return True
        if token.text == "{" and depth == 0:
            in_parameters = False
    return False


def _opens_body(tokens: list[Token], at: int) -> bool:
    """True where the parentheses around a place are followed by `{` or `=>`, as those of parameters are."""
    depth = 1
    for place in range(at + 1, len(tokens)):
        depth += (tokens[place].text == "(") - (tokens[place].text == ")")
        if depth == 0:
            return place + 1 < len(tokens) and tokens[place + 1].text in {"{", "=>"}
    return False


def is_commuted(old: list[Token], new: list[Token]) -> bool:
    """True where the only difference is that the operands of a commutative operator stand in the other order, and none of them calls."""
    a, b = texts(old), texts(new)
    while a and b and a[0] == b[0]:
        a, b = a[1:], b[1:]
    while a and b and a[-1] == b[-1]:
        a, b = a[:-1], b[:-1]
    if len(a) != len(b) or _SEPARATING & {*a}:
        return False
    return any(text in _COMMUTATIVE and b == [*a[at + 1 :], text, *a[:at]] for at, text in enumerate(a))


def is_naming(old: list[Token], new: list[Token], named: Mapping[str, list[str]]) -> bool:
    """True where the only difference is that a value has a name in one of the versions; parentheses around the value do not count."""
    known, names = set(texts(old)), set(texts(new))
    values = {name: value for name, value in named.items() if name in names - known}
    is_named = bool(values) or any(
        _declaration(tokens, at, others) is not None for tokens, others in ((new, known), (old, names)) for at in range(len(tokens))
    )
    return is_named and _inlined(new, values, known) == _inlined(old, {}, names)


def _inlined(tokens: list[Token], named: Mapping[str, list[str]], known: set[str]) -> list[str]:
    """The texts of tokens with the values in place of the names that the other version does not know, and without their declarations."""
    values: dict[str, list[str]] = dict(named)
    kept: list[str] = []
    at = 0
    while at < len(tokens):
        end = _declaration(tokens, at, known)
        if end is None:
            kept.append(tokens[at].text)
            at += 1
            continue
        values[tokens[at + 1].text] = texts(tokens[at + 3 : end])
        at = end + (end < len(tokens) and tokens[end].text == ";")
    inlined: list[str] = []
    for text in kept:
        value = values.get(text)
        inlined += [text] if value is None else [each for part in value for each in values.get(part, [part])]
    return [text for text in inlined if text not in {"(", ")", ";"}]


def _declaration(tokens: list[Token], at: int, known: set[str]) -> int | None:
    """The end of `const name = value` at a place, of a name that is not known elsewhere; None for anything else."""
    if tokens[at].text not in DECLARING or at + 3 >= len(tokens) or tokens[at + 1].kind != "word" or tokens[at + 2].text != "=":
        return None
    if tokens[at + 1].text in known:
        return None
    depth = 0
    for end in range(at + 3, len(tokens)):
        text = tokens[end].text
        if tokens[end].kind == "sign":
            depth += (text in OPENING) - (text in CLOSING)
        if depth < 0 or (depth == 0 and (text == ";" or (end > at + 3 and tokens[end].fresh))):
            return end
    return len(tokens)


def by_line(tokens: list[Token]) -> Counter[tuple[str, ...]]:
    """The lines as texts of tokens, with how often each is there."""
    lines: list[list[str]] = []
    for token in tokens:
        if token.fresh or not lines:
            lines.append([])
        lines[-1].append(token.text)
    return Counter(map(tuple, lines))
