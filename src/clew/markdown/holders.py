"""The class or object that has a definition as a member, and how prose can reach the member through it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from clew._native import is_test

if TYPE_CHECKING:
    from collections.abc import Collection

    from clew._native import Description
    from clew.index.generation import Generation

MODULES = frozenset({"exports", "module.exports", "module", "default"})
"""The names that code has for its own module."""
_TYPES = frozenset({"interface", "enum", "namespace", "type"})
_HOLDING = frozenset({"class", *_TYPES})
_DECLARED_NOWHERE = frozenset({*MODULES, "global"})
"""Roots of names that are no definitions, and yet of the tree."""

Through = Literal["both", "class", "instance", "nothing"]


class Holder(NamedTuple):
    """A class or object that has a member."""

    name: str
    """With what it belongs to itself: `kit.output`."""
    through: Through
    """The receiver of the member: the holder by its name, an instance of it, both, or nothing that other code can name."""
    rivals: frozenset[str]
    """The other classes and objects of the sources that have a member called so."""
    is_ambiguous: bool
    """True where another class or type of the sources is called the same and has no such member."""

    @property
    def last(self) -> str:
        """The last word of its name."""
        return _last(self.name)


def holder_of(generation: Generation, of: Description, packages: Collection[str]) -> Holder | None:
    """The holder of a member; None for what belongs to its module alone."""
    name = of.name.removesuffix(of.bare_name).rstrip("#.~") if of.is_member else ""
    if not name or name in MODULES:
        return None
    rivals = _holders(generation, of) - {name, _last(name)}
    return Holder(name, "both" if name in packages else _through(generation, of, name), rivals, _is_ambiguous(generation, of, _last(name)))


def _through(generation: Generation, of: Description, holder: str) -> Through:
    linker = generation.linker
    first = re.split(r"[.#~]", holder, maxsplit=1)[0]
    root = linker.describe(linker.called(first, of.file))
    if not root and first not in _DECLARED_NOWHERE and all(one.is_member for one in linker.describe(linker.named(first))):
        return "nothing"  # given to a thing of the host, of which prose can speak for itself: `process.platform`
    root = [one for one in root if one.kind != "import"] or root
    if root and all((one.local and one.kind not in _HOLDING) or one.kind in {"field", "parameter"} for one in root):
        return "nothing"
    if of.name.startswith(f"{holder}#"):
        return "instance" if linker.called(f"{holder}.{of.bare_name}", of.file) else "both"
    around = linker.describe([(of.file, row) for row in linker.innermost(of.file, [max(of.start - 1, 0)]) if row is not None])
    is_static = any(one.kind not in _TYPES for one in around) and holder[:1].isupper()
    return "class" if is_static else "both"


def _holders(generation: Generation, of: Description) -> frozenset[str]:
    """The last words of all that has a member of a name: in declaration files, or in the other sources that are no tests."""
    linker, is_declared = generation.linker, generation.linker.is_declaration_file(of.file)
    members = (one for one in linker.describe(linker.named(of.bare_name)) if one.is_member)
    alike = (one for one in members if linker.is_declaration_file(one.file) == is_declared and not is_test(generation.path_of(one.file)))
    return frozenset(_last(one.name.removesuffix(one.bare_name)) for one in alike)


def _is_ambiguous(generation: Generation, of: Description, owner: str) -> bool:
    linker, is_declared = generation.linker, generation.linker.is_declaration_file(of.file)
    for twin in linker.describe(linker.named(owner)):
        is_other = twin.file != of.file and twin.kind in _HOLDING and not twin.local and twin.name == owner
        if not is_other or linker.is_declaration_file(twin.file) != is_declared or is_test(generation.path_of(twin.file)):
            continue
        if not any(linker.called(f"{owner}{between}{of.bare_name}", twin.file) for between in "#."):
            return True
    return False


def _last(holder: str) -> str:
    return holder.rstrip("#.~").rpartition(".")[2].rpartition("#")[2]
