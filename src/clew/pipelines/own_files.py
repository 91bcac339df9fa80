"""The files of a pipeline lie in the tree that it asks about, and what it asks is not about them.

An answer that an earlier run gave holds where only these files differ, unless it was read from one: a comment in a pipeline asks
nothing again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.index.rows import ASSET, CODE, TEXT
from clew.pipelines.runs import RUN

if TYPE_CHECKING:
    from clew.pipelines.model import Checked
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

Tree = dict[str, str]
"""Root-relative file → digest."""


class OwnFiles:
    """The files of a pipeline that lie in the tree, and the tree without them."""

    def __init__(self, workspace: Workspace, sessions: Sessions, checked: Checked) -> None:
        self.paths = frozenset(relative for path in checked.files if path and (relative := workspace.relative(path)) is not None)
        self._workspace = workspace
        self._sessions = sessions
        self._trees: dict[str, Tree] = {}

    def still_holds(self, step: Step, depends: dict[str, str]) -> bool:
        """True for an answer about the tree that an earlier run began with, where that differs in these files only."""
        if not self.paths or self.paths & depends.keys() or step.details is None or not step.details.manifest:
            return False
        first = self._sessions.store.step(step.session_id, 1)
        if first is None or first.operation != RUN or first.details is None or first.details.manifest != step.details.manifest:
            return False
        return self.without(self._sessions.depends_of(first)) == self._now()

    def without(self, tree: Tree) -> Tree:
        """A tree without these files."""
        return {path: digest for path, digest in tree.items() if path not in self.paths}

    def _now(self) -> Tree:
        generation = self._workspace.generation
        known = generation.manifest_digest()
        if known not in self._trees:
            self._trees = {known: self.without({entry.path: entry.digest for entry in generation.files(CODE | TEXT | ASSET)})}
        return self._trees[known]
