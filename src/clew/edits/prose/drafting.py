"""Drafts of edits of documents: the section that is meant, links that follow, what is kept and why."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, ClassVar

from clew._native import digest
from clew.edits.planning import Draft, PlanResult
from clew.edits.planning import Place as Site
from clew.edits.plans import FileChange, TextEdit
from clew.edits.prose.guarding import redirected_only
from clew.edits.prose.links import follow_links
from clew.errors import AmbiguousSection, InvalidRequest, NoSuchFile, UnsafeEdit
from clew.index.prose import read_prose
from clew.index.rows import PROSE
from clew.markdown.addresses import Place, find_all
from clew.markdown.documents import Library
from clew.requests import Request, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clew.edits.planning import Action, Kept
    from clew.edits.proof import Proof
    from clew.edits.prose.relinking import Relinking
    from clew.edits.prose.whereabouts import Carry
    from clew.index.prose import Heading, Prose
    from clew.markdown.documents import Document, Section
    from clew.workspace import Workspace

_SHOWN = 5
_LISTED = 50


class ProsePlanResult(PlanResult, frozen=True, kw_only=True):
    """A plan for documents: nothing is written until it is applied."""

    links: int = 0
    """Number of links that are written otherwise."""


class ProseDraft(Draft):
    """The edits of documents while they are collected."""

    names_files: ClassVar[bool] = True

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace)
        self.library = self._library = Library(self.generation)
        self.links = 0
        """Number of links that are written otherwise."""
        self._texts = NewTexts()

    def put(self, document: Document, edit: TextEdit, action: Action, role: str) -> None:
        """Add an edit of a document, and its row."""
        self.edit(document.file, edit)
        if role == "section" and action in {"inserted", "replaced"}:
            self._texts.add(document.path, edit)
        line = self.line_of(document.file, edit.start)
        self.places.append(Site(file=document.file, start=edit.start, line=line, action=action, role=role))

    def make(self, path: str, content: bytes) -> None:
        """Make a document."""
        edits = (TextEdit(0, 0, content),) if content else ()
        self.others.append(FileChange(path=path, after=digest(content), edits=edits))

    def bytes_of(self, path: str) -> bytes:
        """The bytes of a file before; none of one that is made."""
        file = self.generation.id_of(path)
        return b"" if file is None else self.source(file)

    def follow(self, *, force: bool, carries: Sequence[Carry] = ()) -> Relinking:
        """Add the edits of links that would lead elsewhere, and list what names them and stays. Raises UnsafeEdit for links that dangle.

        The edits of links inside of text that is carried are left to the caller.
        """
        found = follow_links(self, self.library, self.bytes_of, force=force, carries=carries)
        self.links += len(found.edits)
        return found

    def finish(self, request: Request, *, force: bool, carries: Sequence[Carry] = ()) -> Kept:
        """Prove and keep the plan."""
        changes = self.changes()
        if not changes:
            raise InvalidRequest("that changes nothing")
        is_in_place = not carries and all(change.place == change.path and change.before is not None for change in changes)
        proof = self.proof(changes, redirected_only(self.library, changes, self.bytes_of) if is_in_place else None)
        proof.library = self.library
        for _, _, error in self._texts.swallowed(proof):
            raise error
        proof.require_prose(carries=carries, dangling=force)
        return self.keep(request, changes, semantic=True)


class NewTexts:
    """Texts of sections that a plan puts in, whose headings have to be headings where they come."""

    def __init__(self) -> None:
        self._headings: Counter[tuple[str, int]] = Counter()

    def add(self, path: str, edit: TextEdit) -> None:
        """Add the text of an edit of a document."""
        self._headings[path, edit.start] += len(opening(read_prose(path, edit.text)))

    def swallowed(self, proof: Proof) -> Iterator[tuple[str, TextEdit, UnsafeEdit]]:
        """The edits, as the plan has them, whose headings are none there, as in a comment that nothing closes; with path and error."""
        for change in proof.changes:
            if change.place is None or not any(path == change.path for path, _ in self._headings):
                continue
            file, shift = proof.after.id_of(change.place), 0
            starts = [] if file is None else [heading.start for heading in opening(proof.after.markdown(file))]
            found: Counter[int] = Counter()
            for edit in change.edits:
                first = bisect_left(starts, edit.start + shift)
                found[edit.start] += bisect_left(starts, edit.start + shift + len(edit.text)) - first
                shift += len(edit.text) - (edit.end - edit.start)
            for edit in change.edits:
                if found[edit.start] < self._headings[change.path, edit.start]:
                    message = f"{change.path}: the text would be no section there, as what stands before it takes it in"
                    yield change.path, edit, UnsafeEdit(message, file=change.path)


def opening(prose: Prose) -> list[Heading]:
    """The headings of a document that open sections."""
    return [heading for heading in prose.headings if heading.opens_section]


def sections_meant(
    workspace: Workspace, library: Library, targets: tuple[Target, ...], flag: str, *, is_whole: bool = True
) -> list[tuple[Document, Section]]:
    """The sections that targets mean.

    Raises InvalidRequest for a document; UnsafeEdit for a heading in a quote, a list or HTML where the section is meant as a whole.
    """
    if not targets:
        raise InvalidRequest(f"{flag} needs a section", hint=f"md-edit {flag} 'README.md#set-up'")
    found: list[tuple[Document, Section]] = []
    for place in dict.fromkeys(find_all(workspace, library, targets)):
        if place.section is None:
            sections = tuple(place.document.address(section) for section in place.document.sections[:_SHOWN])
            raise InvalidRequest(
                f"{flag} takes a section, and {place.document.path} is a document", given=place.address, candidates=sections
            )
        if is_whole:
            _require_own_text(place)
        found.append((place.document, place.section))
    return found


def _require_own_text(place: Place) -> None:
    if place.section is not None and not place.section.heading.opens_section:
        raise UnsafeEdit(f"{place.address} stands in a quote, a list or HTML, and its heading opens no section that could be taken")


def the_section(
    workspace: Workspace, library: Library, targets: tuple[Target, ...], flag: str, *, is_whole: bool = True
) -> tuple[Document, Section]:
    """The section that an edit is about. Raises AmbiguousSection for several, and the errors of `sections_meant`."""
    found = sections_meant(workspace, library, targets, flag, is_whole=is_whole)
    if len(found) > 1:
        addresses = tuple(document.address(section) for document, section in found[:_SHOWN])
        raise AmbiguousSection(f"{flag} takes one section, not {len(found)}", candidates=addresses)
    return found[0]


def the_place(workspace: Workspace, library: Library, targets: tuple[Target, ...], flag: str) -> Place:
    """The section or document that an edit is about. Raises InvalidRequest for none, AmbiguousSection for several."""
    found = list(dict.fromkeys(find_all(workspace, library, targets)))
    if len(found) > 1:
        raise AmbiguousSection(f"{flag} takes one place, not {len(found)}", candidates=tuple(place.address for place in found[:_SHOWN]))
    if not found:
        raise InvalidRequest(f"{flag} needs a section or a document", hint=f"md-edit {flag} 'README.md#set-up'")
    _require_own_text(found[0])
    return found[0]


def document_to_make(workspace: Workspace, targets: tuple[Target, ...], *, create: bool) -> str | None:
    """The path of a document that an edit is to make; None for a target that is there.

    Raises NoSuchFile for one that is not, with the flag that makes it, and OutsideWorkspace.
    """
    (target,) = targets if len(targets) == 1 else (Target(text=""),)
    if not target.text.endswith(PROSE):
        return None
    try:
        workspace.resolve_path(target.text)
    except NoSuchFile as error:
        if not create:
            error.again = ("--create",)
            raise
        inside = (workspace.relative(os.path.join(base, target.text)) for base in (os.getcwd(), workspace.root))
        return next((path for path in inside if path is not None), None)
    return None


def require_footnotes(document: Document, spans: Sequence[tuple[int, int]], *, force: bool) -> None:
    """Raise UnsafeEdit where a footnote is called on one side of the borders of spans, and told on the other."""

    def is_inside(offset: int) -> bool:
        return any(start <= offset < end for start, end in spans)

    told = {one.label: is_inside(one.start) for one in reversed(document.prose.footnotes) if one.is_definition}
    for one in document.prose.footnotes:
        if not force and not one.is_definition and told.get(one.label, is_inside(one.start)) != is_inside(one.start):
            raise UnsafeEdit(
                f"{document.path}:{one.line}: the footnote [^{one.label}] would be parted from its text; --force does so",
                again=("--force",),
                file=document.path,
                line=one.line,
            )
