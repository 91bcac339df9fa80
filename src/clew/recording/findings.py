"""The identity of a finding across two runs, and what became of the findings of an earlier one.

A finding is its tool, its rule, the definition that it stands in, and its message without positions; of those that are equal in all of
this the first is the first. Outside of definitions the trimmed line stands for the definition. Definitions are found again under
another name or path by their code, files by their bytes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from clew.sessions.redaction import text_without_secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

_POSITIONS = re.compile(r"(?i:\b(?:lines?|columns?|ln|col) \d+(?:[ ,:-]+\d+)*)|:\d+(?::\d+)?\b|\(\d+[,:]\d+\)")
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")


class Identity(msgspec.Struct, frozen=True, omit_defaults=True):
    """The properties that a finding is known by in a later run."""

    tool: str
    message: str
    """Without positions, and with `_` for the name of its definition."""
    rule: str | None = None
    file: str | None = None
    definition: str | None = None
    """`Class#method`; None outside of definitions."""
    code: str = ""
    """The hash of the code of that definition, its name aside."""
    line: str = ""
    """The hash of the trimmed line."""


class Change(msgspec.Struct, frozen=True):
    """The findings of a run against those of an earlier one, by their numbers from 0."""

    new: tuple[int, ...]
    fixed: tuple[int, ...]
    """Of the earlier run."""
    same: dict[int, int]
    """Finding -> what it was in the earlier run."""


def identity_of(
    *, tool: str, rule: str | None, message: str, file: str | None = None, definition: str | None = None, code: str = "", line: str = ""
) -> Identity:
    """The identity of a finding whose definition, its code and its line are known."""
    said = text_without_secrets(" ".join(_POSITIONS.sub("", message).split()))[0]  # as the earlier run was stored
    bare = re.split(r"[#.]", definition)[-1] if definition else ""
    if bare:
        said = re.sub(rf"(?<![\w$]){re.escape(bare)}(?![\w$])", "_", said)
    return Identity(tool=tool, message=said, rule=rule, file=file, definition=definition, code=code, line=line)


def compared(earlier: Sequence[Identity], later: Sequence[Identity], moved: Mapping[str, str]) -> Change:
    """The findings that are new, fixed and the same; `moved` are files whose bytes now lie under another path.

    Each way of knowing a finding again is weaker than the one before, and is asked only about what that left.
    """
    ways: tuple[Callable[[Identity], Hashable], ...] = (
        lambda one: (*_what(one), _path(one, moved), one.definition, one.line),
        lambda one: (*_what(one), _path(one, moved), one.definition) if one.definition else None,
        lambda one: (*_what(one), one.code, one.line) if one.code else None,
        lambda one: (*_what(one), one.code) if one.code else None,
        lambda one: (*_what(one), _path(one, moved), one.line) if one.line else None,
        lambda one: (*_what(one), one.definition, one.line) if one.definition and one.line else None,
        lambda one: _what(one) if one.file is None else None,
        lambda one: (*_counted(one), _path(one, moved), one.definition) if one.definition else None,
    )
    same: dict[int, int] = {}
    left = dict.fromkeys(range(len(earlier)))
    for way in ways:
        known = _by(way, earlier, left)
        for at in range(len(later)):
            if at not in same and (numbers := known.get(way(later[at]))):
                same[at] = numbers.pop(0)
                del left[same[at]]

    def of_file(one: Identity) -> Hashable:
        return (*_counted(one), _path(one, moved))

    before, after = (_by(of_file, ones, range(len(ones))) for ones in (earlier, later))
    for key, (at, *others) in after.items():
        numbers = before.get(key, [])
        if len(numbers) == 1 and not others and numbers[0] in left and at not in same and later[at].message != earlier[numbers[0]].message:
            same[at] = numbers[0]
            del left[same[at]]
    return Change(new=tuple(at for at in range(len(later)) if at not in same), fixed=tuple(left), same=same)


def _by(way: Callable[[Identity], Hashable], ones: Sequence[Identity], numbers: Iterable[int]) -> dict[Hashable, list[int]]:
    """The numbers of those that have a key, by it."""
    known: dict[Hashable, list[int]] = {}
    for number in numbers:
        if (key := way(ones[number])) is not None:
            known.setdefault(key, []).append(number)
    return known


def _what(one: Identity) -> tuple[Hashable, ...]:
    return one.tool, one.rule, one.message


def _counted(one: Identity) -> tuple[Hashable, ...]:
    """A message that counts something says another number where code was put before it."""
    return one.tool, one.rule, _NUMBERS.sub("0", one.message)


def _path(one: Identity, moved: Mapping[str, str]) -> str | None:
    return None if one.file is None else moved.get(one.file, one.file)
