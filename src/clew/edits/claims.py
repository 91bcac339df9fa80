"""The parts of a stored edit that say what it claims: which plan it wrote, and on which tree it was verified."""

from __future__ import annotations

import msgspec


class KeptOfEdit(msgspec.Struct):
    """The parts that only the step keeps."""

    plan: str | None = None
    """The digest of the plan; None for an edit that has none."""
    tree: str = ""
    """`clew.edits.trees.digest_of_tree` of the tree that was verified; empty where none was."""
    stats: str = ""
    """`clew.edits.trees.stats_of_tree` of it."""


class Claim(msgspec.Struct):
    """The part of a result that is its claim."""

    verified: bool = False
    stored: KeptOfEdit = msgspec.field(default_factory=KeptOfEdit)
