"""Changes of sections in a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.edits.batch_lines import InsertSectionLine, RemoveSectionLine, RenameHeadingLine, ReplaceSectionLine
from clew.edits.prose.drafting import NewTexts, require_footnotes, the_place, the_section
from clew.edits.prose.insert_section import put_in
from clew.edits.prose.links import follow_links
from clew.edits.prose.rename_heading import renamed
from clew.edits.prose.replace_section import replaced
from clew.edits.prose.texts import removed
from clew.edits.writing import code_of
from clew.markdown.documents import Library

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.edits.batch_draft import BatchDraft
    from clew.edits.batch_lines import SectionLine
    from clew.edits.proof import Proof
    from clew.errors import UnsafeEdit
    from clew.requests import Target


def add_section(draft: BatchDraft, line: SectionLine, targets: tuple[Target, ...]) -> None:
    """Add the edit of a section. Raises what the verb of that name raises."""
    workspace, flag = draft.workspace, str(line.__struct_config__.tag)
    library = Library(draft.generation)
    if isinstance(line, InsertSectionLine):
        text = code_of(workspace, line.with_, line.with_file, flag, thing="text")
        place = the_place(workspace, library, targets, flag)
        edit = put_in(draft, place, text, line.at)
        draft.put_at(place.document.file, edit, "inserted")
        draft.texts.append((place.document.path, edit))
        return
    document, section = the_section(workspace, library, targets, flag, is_whole=not isinstance(line, RenameHeadingLine))
    source = draft.source(document.file)
    match line:
        case ReplaceSectionLine():
            text = code_of(workspace, line.with_, line.with_file, flag, thing="text")
            edit = replaced(draft, document, section, text, own=line.own)
            draft.put_at(document.file, edit, "replaced")
            draft.texts.append((document.path, edit))
        case RenameHeadingLine():
            draft.put_at(document.file, renamed(document, source, section, line.to)[0], "renamed")
        case RemoveSectionLine():
            require_footnotes(document, [(section.start, section.end)], force=False)
            draft.put_at(document.file, removed(source, section.start, section.end), "deleted")


def follow_sections(draft: BatchDraft, *, force: bool) -> None:
    """Add the edits of links that the sections of a batch take elsewhere. Raises UnsafeEdit as `follow_links`."""

    def source(path: str) -> bytes:
        file = draft.generation.id_of(path)
        return b"" if file is None else draft.source(file)

    follow_links(draft, Library(draft.generation), source, force=force)


def swallowed_texts(draft: BatchDraft, proof: Proof) -> Iterator[tuple[int, UnsafeEdit]]:
    """The changes that put in a section whose headings would be none, by number, each with its error."""
    texts = NewTexts()
    for path, edit in draft.texts:
        texts.add(path, edit)
    for path, edit, error in texts.swallowed(proof):
        file = draft.generation.id_of(path)
        for one in draft.numbered[file] if file is not None else ():
            if one.edit.start == edit.start:
                yield one.number, error
