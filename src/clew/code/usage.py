"""How often every definition of the tree is used: one pass over all occurrences."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from clew.code.linking.definitions import definitions_at
from clew.code.scope import is_test
from clew.index.facts import NONE, Role

if TYPE_CHECKING:
    from clew.code.linking.context import Def, Links


class Usage(NamedTuple):
    """Uses of one definition from outside of itself."""

    calls: int
    """Invocations."""
    uses: int
    """All uses, calls among them."""
    tests: int
    """Uses in test files."""
    files: frozenset[int]
    """The files that use it."""


def usages(links: Links, files: list[int] | None = None) -> dict[Def, Usage]:
    """Uses of every definition that is used at all, by the occurrences of `files` (all when None)."""
    counted: dict[Def, list[int]] = {}
    where: dict[Def, set[int]] = {}
    for file in files if files is not None else [entry.id for entry in links.generation.files()]:
        facts = links.facts(file)
        test = is_test(links.generation.path_of(file))
        for occurrence, role in enumerate(facts.occ_role):
            if role & Role.DECLARES or role & Role.IMPORT:
                continue
            holder = facts.occ_within[occurrence]
            for definition in definitions_at(links, file, occurrence):
                if holder != NONE and definition == (file, holder):
                    continue
                count = counted.setdefault(definition, [0, 0, 0])
                count[0] += bool(role & Role.INVOKES)
                count[1] += 1
                count[2] += test
                where.setdefault(definition, set()).add(file)
    return {definition: Usage(count[0], count[1], count[2], frozenset(where[definition])) for definition, count in counted.items()}
