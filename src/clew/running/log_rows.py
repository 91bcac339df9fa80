"""Rows of a log: those of edits say whether they are written, and verified, now."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from clew.edits.claims import Claim
from clew.errors import ClewError
from clew.running.housekeeping import is_edit

if TYPE_CHECKING:
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace


class LogRows:
    """The rows of one log; the journal and the tree are read once for all of them, and only where an edit is shown."""

    def __init__(self, workspace: Workspace, sessions: Sessions) -> None:
        self._workspace = workspace
        self._sessions = sessions
        self._known: dict[int, Any] = {}

    def shown(self, row: msgspec.Raw) -> Any:  # noqa: ANN401 - a row as it is or with more fields
        """A row with `applied`, and of a verified edit `verified`, where it is one of an edit."""
        fields = msgspec.json.decode(row)
        if not is_edit(fields["operation"]):
            return row
        if fields["n"] not in self._known:
            with suppress(ClewError):  # redacted, or damaged: the row says so
                result = self._sessions.result_of(self._sessions.read_step(fields["continuationToken"]))
                fields.update(self._standing(msgspec.json.decode(result, type=Claim)))
            self._known[fields["n"]] = fields
        return self._known[fields["n"]]

    def _standing(self, said: Claim) -> dict[str, bool]:
        kept = said.stored
        if kept.plan is None:
            return {}
        is_written = kept.plan in self._written
        if not said.verified:
            return {"applied": is_written}
        return {"applied": is_written, "verified": is_written and (kept.stats == self._stats or kept.tree == self._tree)}

    @cached_property
    def _written(self) -> frozenset[str]:
        """The plans of which something stands."""
        from clew.edits.journal import Journal, standing_of  # only edits have a journal

        entries = Journal(self._workspace.state).entries()
        standing = standing_of(entries)
        return frozenset(entry.plan for entry in entries if entry.id in standing)

    @cached_property
    def _stats(self) -> str:
        from clew.edits.trees import stats_of_tree  # only verified edits are of a whole tree

        return stats_of_tree(self._workspace.generation)

    @cached_property
    def _tree(self) -> str:
        from clew.edits.trees import digest_of_tree  # likewise

        return digest_of_tree(self._workspace.generation)
