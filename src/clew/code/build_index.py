"""Bring the index up to date, and say what that took."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.requests import FileProblem, Request, Result

if TYPE_CHECKING:
    from clew.workspace import Workspace


class BuildIndex(Request, frozen=True, kw_only=True, tag="build-index"):
    """Index the tree now, so that the next question finds it done.

    js-scan --build-index
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False


class BuildIndexResult(Result, frozen=True, kw_only=True):
    """The size of the index now."""

    indexed: int
    """Number of files indexed."""
    parsed: int
    """Number of them parsed in this call."""
    warnings: tuple[FileProblem, ...] = ()
    """Files that could not be read as a whole."""


def build_index(workspace: Workspace, request: BuildIndex) -> BuildIndexResult:  # noqa: ARG001 - it has no fields yet
    """Refresh the index of the workspace; nothing is parsed twice."""
    generation = workspace.generation
    return BuildIndexResult(indexed=sum(1 for _ in generation.files()), parsed=generation.parsed, warnings=generation.warnings)
