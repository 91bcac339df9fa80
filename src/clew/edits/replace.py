"""Replace a definition by other code."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.edits import spans
from clew.edits.planning import PlanResult
from clew.edits.plans import TextEdit
from clew.edits.source_text import fitted
from clew.edits.writing import Changed, code_of, the_definition
from clew.requests import Request, Target

if TYPE_CHECKING:
    from clew._native import Description
    from clew.workspace import Workspace


class Replace(Request, frozen=True, kw_only=True, tag="replace"):
    """Plan to put other code in the place of a definition; no old text is needed.

    js-edit --replace Cart#add --with 'add(item) { this.items.push(item); }'
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False

    targets: tuple[Target, ...] = ()
    """The definition. Empty means: what the continued step is about."""
    with_: str | None = msgspec.field(default=None, name="with")
    """The new code; `export` and a doc comment stay where it has none of its own."""
    with_file: str | None = None
    """A file that holds the new code."""
    force: bool = False
    """Replace it although names elsewhere would lead nowhere."""


class ReplaceResult(PlanResult, frozen=True, kw_only=True):
    """The plan of a replacement."""


def replace(workspace: Workspace, request: Replace) -> ReplaceResult:
    """Plan a replacement.

    Raises UnsafeEdit where the code does not parse there, or names would lead elsewhere.
    """
    code = code_of(workspace, request.with_, request.with_file, "--replace")
    of = the_definition(workspace, request.targets, "--replace")
    draft = Changed(workspace)
    put_in_place(draft, of, code)
    return ReplaceResult(**draft.finish(request, dangling=request.force)._asdict())


def put_in_place(draft: Changed, of: Description, code: bytes) -> None:
    """Add the edit that puts code in the place of a definition."""
    source = draft.source(of.file)
    start, end = spans.replaced(source, of, code)
    text = fitted(source, start, code.strip(b"\r\n"))
    draft.put(of, TextEdit(start, end, text), "replaced")
