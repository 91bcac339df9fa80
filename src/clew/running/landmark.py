"""A name to begin with in a tree that is new to one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clew.workspace import Workspace

LOOKED_AT = 50


def landmark(workspace: Workspace) -> str | None:
    """The first exported function or class of the file that most files import, as an address; None where nothing is imported."""
    generation = workspace.generation
    importers = Counter(edge.target for edge in generation.edges() if edge.target is not None)
    for file, _ in importers.most_common(LOOKED_AT):
        for of in generation.linker.describe(generation.linker.outlined(file)):
            if of.exported and not of.is_default and of.kind in {"function", "class"}:
                return of.bare_name
    return None
