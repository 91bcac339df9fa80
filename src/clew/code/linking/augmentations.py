"""`declare module './x' { … }`: declarations that are merged with those of another file (TypeScript module augmentation)."""

from __future__ import annotations

from clew.code.linking import modules
from clew.code.linking.context import Def, Links, Value
from clew.index.facts import NONE, ImportKind, Kind


def added_to(links: Links, importer: int, row: int, name: str) -> list[Def]:
    """What the augmentation that is import `row` of a file declares under a name."""
    facts = links.facts(importer)
    text = facts.string_id(name)
    if facts.imp_kind[row] != ImportKind.AUGMENT or text is None:
        return []
    return [
        (importer, definition)
        for definition in facts.where("def_name", text)
        if facts.def_parent[definition] != NONE and _is_block_of(links, importer, facts.def_parent[definition], row)
    ]


def augmented(links: Links, definition: Def) -> list[Def]:
    """What a declaration in an augmentation is merged with; nothing for any other declaration."""
    file, row = definition
    facts = links.facts(file)
    block = facts.def_parent[row]
    if block == NONE or facts.def_kind[block] != Kind.NAMESPACE:
        return []
    found: list[Def] = []
    for entry in facts.where("imp_kind", ImportKind.AUGMENT):
        target = links.target_of(file, entry)
        if target is not None and _is_block_of(links, file, block, entry):
            found += [part for part in modules.exported(links, target, facts.name(row)) if not isinstance(part, Value)]
    return found


def _is_block_of(links: Links, file: int, definition: int, row: int) -> bool:
    facts = links.facts(file)
    return facts.def_kind[definition] == Kind.NAMESPACE and facts.name(definition) == facts.strings[facts.imp_specifier[row]]
