"""Insert code before a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.edits.inserting import inserted
from clew.edits.planning import PlanResult
from clew.requests import Request, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class InsertBefore(Request, frozen=True, kw_only=True, tag="insert-before"):
    """Plan to put code before a definition and its doc comment.

    js-edit --insert-before Cart#add --with 'clear() { this.items = []; }'
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False

    targets: tuple[Target, ...] = ()
    """The definition. Empty means: what the continued step is about."""
    with_: str | None = msgspec.field(default=None, name="with")
    """The code."""
    with_file: str | None = None
    """A file that holds the code."""


class InsertBeforeResult(PlanResult, frozen=True, kw_only=True):
    """The plan of an insertion."""


def insert_before(workspace: Workspace, request: InsertBefore) -> InsertBeforeResult:
    """Plan an insertion.

    Raises UnsafeEdit where the code does not parse there, or takes a name from others.
    """
    return InsertBeforeResult(**inserted(workspace, request, "--insert-before", after=False)._asdict())
