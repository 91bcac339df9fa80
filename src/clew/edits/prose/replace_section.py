"""Replace a section of a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.edits.plans import TextEdit
from clew.edits.prose.drafting import ProseDraft, ProsePlanResult, the_section
from clew.edits.prose.texts import content_end, given, is_apart
from clew.edits.source_text import newline_at, with_newlines
from clew.edits.writing import code_of
from clew.requests import Request, Target

if TYPE_CHECKING:
    from clew.edits.planning import Draft
    from clew.markdown.documents import Document, Section
    from clew.workspace import Workspace


class ReplaceSection(Request, frozen=True, kw_only=True, tag="replace-section"):
    """Plan to put other text in the place of a section; links follow its headings.

    md-edit --replace-section 'README.md#set-up' --with 'Run `npm install`.'
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """The section. Empty means: what the continued step is about."""
    with_: str | None = msgspec.field(default=None, name="with")
    """The new text. Where it begins with a heading this takes the place of the old one, at its level; else the old one stays."""
    with_file: str | None = None
    """A file that holds the new text."""
    own: bool = False
    """Leave the sections inside of it as they are."""
    force: bool = False
    """Replace it although links would lead nowhere."""


class ReplaceSectionResult(ProsePlanResult, frozen=True, kw_only=True):
    """The plan of a replacement."""


def replace_section(workspace: Workspace, request: ReplaceSection) -> ReplaceSectionResult:
    """Plan a replacement.

    Raises UnsafeEdit where the text changes what stands around it, or links would lead nowhere.
    """
    text = code_of(workspace, request.with_, request.with_file, "--replace-section", thing="text")
    draft = ProseDraft(workspace)
    document, section = the_section(workspace, draft.library, request.targets, "--replace-section")
    draft.put(document, replaced(draft, document, section, text, own=request.own), "replaced", "section")
    draft.follow(force=request.force)
    kept = draft.finish(request, force=request.force)
    return ReplaceSectionResult(**kept._asdict(), links=draft.links)


def replaced(draft: Draft, document: Document, section: Section, text: bytes, *, own: bool) -> TextEdit:
    """The edit that puts a text in the place of a section, or of what it has before the sections inside of it."""
    source = draft.source(document.file)
    new = given(document.path, text)
    newline = newline_at(source, section.start)
    stop = section.own_end if own else section.end
    end = max(content_end(source, section.start, stop), section.heading.end)
    behind = b"" if stop == len(source) or is_apart(source, stop, stop) else newline
    if new.begins_with_heading:
        return TextEdit(section.start, end, with_newlines(new.at_level(section.heading.level), newline) + behind)
    body = with_newlines(new.below_level(section.heading.level), newline)
    return TextEdit(section.heading.end, end, newline * 2 + body + behind)
