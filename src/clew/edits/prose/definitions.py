"""Link reference definitions that a section needs in another document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.edits.plans import applied
from clew.edits.prose.relinking import destination_from
from clew.edits.prose.spelling import edit_of, written
from clew.errors import UnsafeEdit
from clew.markdown.resolving import Resolver

if TYPE_CHECKING:
    from clew.edits.prose.drafting import ProseDraft
    from clew.index.prose import Link
    from clew.markdown.documents import Document


def definitions_needed(draft: ProseDraft, document: Document, start: int, end: int, to: str) -> bytes:
    """The definitions outside of a span that links in it refer to and that the document at `to` lacks, written for that.

    Raises UnsafeEdit where that has another definition of the label.
    """
    prose = document.prose
    numbers = dict.fromkeys(link.definition for link in prose.links if start <= link.start < end and link.definition is not None)
    file = draft.generation.id_of(to)
    there = None if file is None else draft.library.document(file)
    known = {} if there is None else {_folded(one.label): one for one in there.prose.definitions}
    resolver = Resolver(draft.library)
    lines: list[bytes] = []
    for number in numbers:
        definition = prose.definitions[number]
        if start <= definition.start < end:
            continue
        same = known.get(_folded(definition.label))
        if same is None:
            lines.append(_written_for(draft, document, definition, to))
        elif there is not None and _leads(resolver, there, same) != _leads(resolver, document, definition):
            raise UnsafeEdit(f"{to} has another definition of [{definition.label}]; rename one of them first", file=to, line=same.line)
    return b"\n".join(lines)


def _written_for(draft: ProseDraft, document: Document, definition: Link, to: str) -> bytes:
    source = draft.source(document.file)
    parts = destination_from(draft.library, document, definition, to)
    edit = None if parts == written(definition.destination or "") else edit_of(source, definition, parts)
    text = source if edit is None else applied(source, [edit])
    grown = 0 if edit is None else len(edit.text) - (edit.end - edit.start)
    return text[definition.start : definition.end + grown].strip()


def _leads(resolver: Resolver, document: Document, link: Link) -> tuple[str | None, str | None]:
    found = resolver.resolve(document, link)
    return (link.destination, None) if found.external else (found.path, found.anchor)


def _folded(label: str | None) -> str:
    return " ".join((label or "").split()).casefold()
