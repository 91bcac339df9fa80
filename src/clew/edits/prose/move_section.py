"""Move a section, in its document or to another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.edits.offsets import OffsetMap
from clew.edits.plans import TextEdit, applied
from clew.edits.prose.definitions import definitions_needed
from clew.edits.prose.drafting import ProseDraft, ProsePlanResult, document_to_make, require_footnotes, the_place, the_section
from clew.edits.prose.texts import Position, content_end, inserted, level_edits, put_at, removed
from clew.edits.prose.whereabouts import Carry
from clew.edits.source_text import NEWLINE, newline_at, with_newlines
from clew.errors import InvalidRequest, UsageError
from clew.requests import Request, Target

if TYPE_CHECKING:
    from clew.edits.planning import Kept
    from clew.markdown.documents import Document, Section
    from clew.workspace import Workspace


class MoveSection(Request, frozen=True, kw_only=True, tag="move-section"):
    """Plan to move a section with the sections inside of it; levels fit its new place, and links to it and in it lead where they led.

    md-edit --move-section 'README.md#history' --to CHANGELOG.md
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """The section. Empty means: what the continued step is about."""
    to: str | None = None
    """The section beside or in which it comes, or a document, at whose end it comes."""
    at: Position = "after"
    """after, before, or child: as the last one inside of it."""
    create: bool = False
    """Make the document where there is none."""
    force: bool = False
    """Move it although links would lead nowhere."""


class MoveSectionResult(ProsePlanResult, frozen=True, kw_only=True):
    """The plan of a move."""

    to: str
    """The document it comes into."""


class _Move:
    """A section on its way."""

    def __init__(self, draft: ProseDraft, document: Document, section: Section) -> None:
        self.draft = draft
        self.document = document
        self.source = draft.source(document.file)
        self.start = section.start
        self.end = content_end(self.source, section.start, section.end)
        self.section = section
        self.inside: list[TextEdit] = []
        """The edits inside of it; offsets count from its start."""

    def set_level(self, level: int) -> None:
        """Give its heading a level, and those inside of it as much more or less."""
        headings = [one.heading for one in self.document.sections if self.start <= one.start < self.end and one.heading.opens_section]
        self.inside = level_edits(self.source, headings, level - self.section.heading.level, self.start)

    def set_newlines(self, newline: bytes) -> None:
        """Give its lines the line breaks of its new place."""
        spans = [(edit.start, edit.end) for edit in self.inside]
        self.inside = [TextEdit(edit.start, edit.end, with_newlines(edit.text, newline)) for edit in self.inside]
        for found in NEWLINE.finditer(self.source[self.start : self.end]):
            if found[0] != newline and not any(start <= found.start() < end for start, end in spans):
                self.inside.append(TextEdit(found.start(), found.end(), newline))

    def text(self) -> bytes:
        """Its text at its new place."""
        return applied(self.source[self.start : self.end], sorted(self.inside))

    def carry(self, to: str, at: int) -> Carry:
        """The move as places are followed through it."""
        return Carry(self.document.path, self.start, self.end, to, at, OffsetMap.of(sorted(self.inside)))


def move_section(workspace: Workspace, request: MoveSection) -> MoveSectionResult:
    """Plan a move.

    Raises InvalidRequest for a place inside of the section, UnsafeEdit where links or levels would break.
    """
    if request.to is None:
        raise UsageError("--move-section needs its new place: --to", hint="md-edit --move-section 'README.md#history' --to CHANGELOG.md")
    draft = ProseDraft(workspace)
    document, section = the_section(workspace, draft.library, request.targets, "--move-section")
    move = _Move(draft, document, section)
    to = (Target(text=request.to),)
    path = document_to_make(workspace, to, create=request.create)
    if path is not None:
        kept = _into_new(request, move, path)
    else:
        place = the_place(workspace, draft.library, to, "--to")
        if place.document is document and place.section is not None and section.start <= place.section.start < section.end:
            raise InvalidRequest("a section cannot be moved into itself", given=request.to)
        path = place.document.path
        offset, level = put_at(place, request.at, draft.source(place.document.file))
        kept = _into(request, move, place.document, offset, level)
    return MoveSectionResult(**kept._asdict(), links=draft.links, to=path)


def _into_new(request: MoveSection, move: _Move, path: str) -> Kept:
    draft, newline = move.draft, newline_at(move.source, move.start)
    move.set_level(1)
    definitions = definitions_needed(draft, move.document, move.start, move.end, path)
    _take_out(move, force=request.force, is_elsewhere=True)

    def made() -> bytes:
        return move.text() + (newline * 2 + definitions if definitions else b"") + newline

    draft.make(path, made())
    _follow(request, move, [move.carry(path, 0)])
    draft.others.clear()
    draft.make(path, made())
    return draft.finish(request, force=request.force, carries=[move.carry(path, 0)])


def _into(request: MoveSection, move: _Move, to: Document, offset: int, level: int | None) -> Kept:
    draft = move.draft
    is_here = to is move.document
    move.set_level(level or move.section.heading.level)
    if is_here and offset in {move.start, move.section.end}:
        for edit in move.inside:
            draft.put(to, TextEdit(edit.start + move.start, edit.end + move.start, edit.text), "moved", "section")
        if not move.inside:
            raise InvalidRequest("it stands there already", given=request.to)
        draft.follow(force=request.force)
        return draft.finish(request, force=request.force)
    target = draft.source(to.file)
    newline = newline_at(target, offset)
    move.set_newlines(newline)
    definitions = b"" if is_here else definitions_needed(draft, move.document, move.start, move.end, to.path)
    _take_out(move, force=request.force, is_elsewhere=not is_here)
    edits = draft.edits.setdefault(to.file, [])

    def placed() -> tuple[TextEdit, int]:
        text = move.text() + (newline * 2 + with_newlines(definitions, newline) if definitions else b"")
        return inserted(target, offset, text)

    edit, head = placed()
    draft.put(to, edit, "inserted", "section")
    _follow(request, move, [move.carry(to.path, _start_of(edits, edit) + head)])
    edits.remove(edit)
    edit, head = placed()
    edits.append(edit)
    return draft.finish(request, force=request.force, carries=[move.carry(to.path, _start_of(edits, edit) + head)])


def _take_out(move: _Move, *, force: bool, is_elsewhere: bool) -> None:
    if is_elsewhere:
        require_footnotes(move.document, [(move.start, move.end)], force=force)
    move.draft.put(move.document, removed(move.source, move.start, move.section.end), "moved", "section")


def _follow(request: MoveSection, move: _Move, carries: list[Carry]) -> None:
    """Rewrite links, those inside of the section in its text."""
    found = move.draft.follow(force=request.force, carries=carries)
    move.inside += [
        TextEdit(one.edit.start - move.start, one.edit.end - move.start, one.edit.text)
        for one in found.edits
        if one.path == move.document.path and move.start <= one.edit.start < move.end
    ]


def _start_of(edits: list[TextEdit], edit: TextEdit) -> int:
    """The offset at which an insertion begins, after all edits of its file."""
    before = (one for one in edits if one != edit and one.start < edit.start)
    return edit.start + sum(len(one.text) - (one.end - one.start) for one in before)
