"""Take out a section of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.edits.prose.drafting import ProseDraft, ProsePlanResult, require_footnotes, sections_meant
from clew.edits.prose.texts import removed
from clew.requests import Request, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class RemoveSection(Request, frozen=True, kw_only=True, tag="remove-section"):
    """Plan to take out a section with the sections inside of it; refused while a link leads to it.

    md-edit --remove-section 'README.md#history'
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """The sections. Empty means: what the continued step is about."""
    force: bool = False
    """Take it out although links would lead nowhere."""


class RemoveSectionResult(ProsePlanResult, frozen=True, kw_only=True):
    """The plan of a removal."""


def remove_section(workspace: Workspace, request: RemoveSection) -> RemoveSectionResult:
    """Plan a removal.

    Raises UnsafeEdit with the links that lead to it, unless that is forced.
    """
    draft = ProseDraft(workspace)
    found = sections_meant(workspace, draft.library, request.targets, "--remove-section")
    for document, section in found:
        if any(other is document and one.start < section.start < one.end for other, one in found):
            continue  # it goes with the one around it
        draft.put(document, removed(draft.source(document.file), section.start, section.end), "deleted", "section")
    for document in dict.fromkeys(document for document, _ in found):
        gone = [(section.start, section.end) for other, section in found if other is document]
        require_footnotes(document, gone, force=request.force)
    draft.follow(force=request.force)
    kept = draft.finish(request, force=request.force)
    return RemoveSectionResult(**kept._asdict(), links=draft.links)
