"""The state of a recorded plan in this checkout: written or not, verified or no longer. The journal and the tree say it, never the step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clew.edits.claims import Claim
from clew.edits.journal import Journal
from clew.edits.rebasing import standing_entry
from clew.edits.trees import digest_of_tree, stats_of_tree

if TYPE_CHECKING:
    from clew.edits.claims import KeptOfEdit
    from clew.workspace import Workspace


def standing(workspace: Workspace, result: bytes) -> dict[str, Any]:
    """The facts that hold now of an edit: `applied`, and `partial` where somebody else wrote some of its files at the same time.

    Of a verified one `verified`, or `unverified` where the tree changed.
    """
    said = msgspec.json.decode(result, type=Claim)
    kept = said.stored
    if kept.plan is None:
        return {}
    active = standing_entry(workspace, Journal(workspace.state), kept.plan)
    is_written = active is not None
    if not kept.tree:
        return {"applied": is_written, **({"partial": True} if active is not None and active.foreign else {})}
    holds = said.verified and is_written and _is_same_tree(workspace, kept)
    return {"verified": True} if holds else {"verified": False, **({"unverified": True} if said.verified else {})}


def _is_same_tree(workspace: Workspace, kept: KeptOfEdit) -> bool:
    """True where every file is as it was; only where the file system says that something was touched are they read."""
    generation = workspace.generation
    return stats_of_tree(generation) == kept.stats or digest_of_tree(generation) == kept.tree
