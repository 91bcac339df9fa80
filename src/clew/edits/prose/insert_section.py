"""Put a section into a document."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.edits.prose.drafting import ProseDraft, ProsePlanResult, document_to_make, the_place
from clew.edits.prose.texts import Position, given, inserted, put_at
from clew.edits.writing import code_of
from clew.errors import InvalidRequest
from clew.requests import Request, Target

if TYPE_CHECKING:
    from clew.edits.planning import Draft
    from clew.edits.plans import TextEdit
    from clew.markdown.addresses import Place
    from clew.workspace import Workspace


class InsertSection(Request, frozen=True, kw_only=True, tag="insert-section"):
    """Plan to put a section behind another one, before it, or into it, at the level that it has there.

    md-edit --insert-section 'README.md#set-up' --with '## Uninstall'
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """The section beside or in which it comes, or a document, at whose end it comes. Empty means: what the continued step is about."""
    with_: str | None = msgspec.field(default=None, name="with")
    """The text, which begins with a heading; its levels are changed so that this has the level of the place."""
    with_file: str | None = None
    """A file that holds the text."""
    at: Position = "after"
    """after, before, or child: as the last one inside of it."""
    create: bool = False
    """Make the document where there is none."""
    force: bool = False
    """Insert it although links would lead elsewhere."""


class InsertSectionResult(ProsePlanResult, frozen=True, kw_only=True):
    """The plan of an insertion."""


def insert_section(workspace: Workspace, request: InsertSection) -> InsertSectionResult:
    """Plan an insertion.

    Raises InvalidRequest for a text without a heading, UnsafeEdit where it changes what stands around it.
    """
    text = code_of(workspace, request.with_, request.with_file, "--insert-section", thing="text")
    draft = ProseDraft(workspace)
    path = document_to_make(workspace, request.targets, create=request.create)
    if path is not None:
        draft.make(path, given(path, text).text + b"\n")
    else:
        place = the_place(workspace, draft.library, request.targets, "--insert-section")
        draft.put(place.document, put_in(draft, place, text, request.at), "inserted", "section")
    draft.follow(force=request.force)
    kept = draft.finish(request, force=request.force)
    return InsertSectionResult(**kept._asdict(), links=draft.links)


def put_in(draft: Draft, place: Place, text: bytes, at: Position) -> TextEdit:
    """The edit that puts a text beside a section, into it, or into a document. Raises InvalidRequest where no heading begins it."""
    new = given(place.document.path, text)
    if not new.begins_with_heading:
        raise InvalidRequest("the text of a section begins with its heading, such as `## Uninstall`")
    source = draft.source(place.document.file)
    offset, level = put_at(place, at, source)
    return inserted(source, offset, new.text if level is None else new.at_level(level))[0]
