"""What stands inside a definition: its occurrences, and what they mean."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from clew.code.linking.definitions import definitions_at
from clew.index.facts import NONE, Flag, Kind, Role

if TYPE_CHECKING:
    from clew.code.linking.context import Def, Links


class Use(NamedTuple):
    """One occurrence inside a definition, and the definitions it leads to; none when that is not known."""

    file: int
    occurrence: int
    definitions: tuple[Def, ...]


def occurrences_inside(links: Links, definition: Def) -> range:
    """The rows of the occurrences in the extent of a definition."""
    file, row = definition
    facts = links.facts(file)
    return range(bisect_left(facts.occ_start, facts.def_start[row]), bisect_left(facts.occ_start, facts.def_end[row]))


def uses(links: Links, definition: Def, roles: int = -1) -> list[Use]:
    """Every use in a definition of something else; declarations are no uses."""
    file, _ = definition
    facts = links.facts(file)
    return [
        Use(file, occurrence, definitions_at(links, file, occurrence))
        for occurrence in occurrences_inside(links, definition)
        if facts.occ_role[occurrence] & roles and not facts.occ_role[occurrence] & Role.DECLARES
    ]


def is_inside(links: Links, inner: Def, outer: Def) -> bool:
    """Whether a definition stands in the extent of another, or is it."""
    if inner[0] != outer[0]:
        return False
    facts = links.facts(outer[0])
    return facts.def_start[outer[1]] <= facts.def_start[inner[1]] and facts.def_end[inner[1]] <= facts.def_end[outer[1]]


_OUTLINED = frozenset(
    {
        Kind.FUNCTION,
        Kind.CLASS,
        Kind.METHOD,
        Kind.GETTER,
        Kind.SETTER,
        Kind.CONSTRUCTOR,
        Kind.INTERFACE,
        Kind.TYPE,
        Kind.ENUM,
        Kind.NAMESPACE,
    }
)


def outlined(links: Links, file: int) -> list[int]:
    """The definitions of a file that an outline shows: declarations at its top, and their members, by place."""
    facts = links.facts(file)
    rows = []
    for row, kind in enumerate(facts.def_kind):
        flags = facts.def_flags[row]
        if flags & (Flag.LOCAL | Flag.FUNCTION_NAME) or kind in {Kind.IMPORT, Kind.PARAMETER, Kind.TYPE_PARAMETER}:
            continue
        if kind in _OUTLINED or facts.def_parent[row] == NONE or kind in {Kind.FIELD, Kind.ENUM_MEMBER}:
            rows.append(row)
    return sorted(rows, key=lambda row: (facts.def_start[row], -facts.def_end[row]))


def signature(links: Links, source: bytes, definition: Def) -> str:
    """The head of a definition on one line, up to its body."""
    file, row = definition
    facts = links.facts(file)
    end = facts.def_body[row] if facts.def_start[row] < facts.def_body[row] <= facts.def_end[row] else facts.def_end[row]
    head = source[facts.def_start[row] : min(end, facts.def_start[row] + 600)].decode("utf-8", "replace")
    text = " ".join(head.split()).removesuffix("{").rstrip().removesuffix("=>").rstrip()
    return text if len(text) <= _LONGEST_SIGNATURE else text[: _LONGEST_SIGNATURE - 1] + "…"


_LONGEST_SIGNATURE = 200


def summary(links: Links, source: bytes, definition: Def) -> str | None:
    """The first sentence of the doc comment above a definition."""
    file, row = definition
    facts = links.facts(file)
    if facts.def_doc_start[row] == NONE:
        return None
    comment = source[facts.def_doc_start[row] : facts.def_doc_end[row]].decode("utf-8", "replace")
    words: list[str] = []
    for line in comment.removeprefix("/**").removesuffix("*/").splitlines():
        text = line.strip().removeprefix("*").strip()
        if text.startswith("@") or (not text and words):
            break
        if text:
            words.append(text)
    sentence = " ".join(words)
    stop = sentence.find(". ")
    return (sentence[: stop + 1] if stop != -1 else sentence)[:_LONGEST_SIGNATURE] or None
