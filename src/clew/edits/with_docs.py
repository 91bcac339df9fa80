"""Places of documents that speak of what an edit renames, moves or takes out, and what becomes of them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from clew.code.addresses import addresses
from clew.edits.planning import Place
from clew.edits.plans import TextEdit
from clew.markdown.documents import Library
from clew.markdown.finding import Finder, Subject
from clew.markdown.past import tells_of_the_past
from clew.markdown.paths import PathBook, is_of_a_revision, paths_in, respelt
from clew.markdown.regions import Regions
from clew.markdown.resolving import Resolver
from clew.requests import POSSIBLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clew._native import Description
    from clew.edits.moves import Moves
    from clew.edits.planning import Draft
    from clew.index.generation import Generation
    from clew.markdown.documents import Document
    from clew.markdown.finding import Mention

_ROLE = "mention"
_OFFERED = "prose; --with-docs changes it"
_PAST = "it tells what was"
_WORD = "only the word fits"
_REVISION = "it names another revision"
_UNWRITABLE = "it cannot be written so for the new place"
_NAMES = frozenset({"member", "export", "name", "code", "link"})
_ITEM = re.compile(rb"[ \t]*(?:[-*+]|\d+[.)])[ \t]+(?:\[[ xX]\][ \t]+)?\W*$")
_ROW = re.compile(rb"[ \t]*\|?\W*$")
_MOST = 50
"""Definitions renamed together whose mentions are looked for."""


class Spoken(NamedTuple):
    """A place of a document, and what becomes of it."""

    file: int
    start: int
    end: int
    by: str
    evidence: str
    text: bytes | None
    """The bytes in its place; None where it is kept."""
    why: str | None = None
    """The reason why it is kept."""


def put(draft: Draft, spoken: Sequence[Spoken]) -> int:
    """Add places to a draft of edits; gives how many speak of it for certain."""
    for one in spoken:
        if one.text is not None:
            draft.edit(one.file, TextEdit(one.start, one.end, one.text))
        draft.places.append(
            Place(
                file=one.file,
                start=one.start,
                line=draft.line_of(one.file, one.start),
                action="kept" if one.text is None else "renamed" if one.text else "deleted",
                role=_ROLE,
                evidence=one.evidence,
                by=one.by,
                why=one.why,
            )
        )
    return sum(one.evidence != POSSIBLE for one in spoken)


def renamed(generation: Generation, family: Sequence[Description], old: str, new: str, *, take: bool) -> list[Spoken]:
    """The places that speak of renamed definitions by their name."""
    library, found = _mentions(generation, family)
    resolver = Resolver(library)
    spoken: dict[tuple[int, int], Spoken] = {}
    for mention in found:
        document = mention.document
        source = document.source or b""
        if mention.by not in _NAMES or source[mention.start : mention.end] != old.encode():
            continue
        why = _kept(mention, take=take) or _anchored(library, resolver, mention)
        key = (document.file, mention.start)
        if key not in spoken or spoken[key].evidence == POSSIBLE:
            text = new.encode() if why is None else None
            spoken[key] = Spoken(document.file, mention.start, mention.end, mention.by, mention.evidence, text, why)
    return list(spoken.values())


def deleted(generation: Generation, taken: Sequence[Description], *, take: bool) -> list[Spoken]:
    """The places that speak of definitions that are taken out; items and rows of tables that are about one go with it."""
    spoken: dict[tuple[int, int], Spoken] = {}
    ends: dict[int, int] = {}
    for mention in _mentions(generation, taken)[1]:
        document = mention.document
        span = _own_line(document, mention)
        why = _kept(mention, take=take) or (None if span else "what is said of it has to be written anew")
        if span is not None and why is None:
            if ends.get(document.file, 0) > span[0]:
                continue  # in what goes already
            ends[document.file] = span[1]
            spoken[document.file, span[0]] = Spoken(document.file, *span, mention.by, mention.evidence, b"")
        elif ends.get(document.file, 0) <= mention.start:
            spoken[document.file, mention.start] = Spoken(
                document.file, mention.start, mention.end, mention.by, mention.evidence, None, why
            )
    return list(spoken.values())


def moved(generation: Generation, moves: Moves, *, take: bool) -> Iterator[Spoken]:
    """The paths in documents that mean what moves, and in documents that move those that would mean something else; links are no prose."""
    library, book = Library(generation), PathBook(generation)
    for document in library.all():
        if document.source is None:
            continue
        regions = Regions(document.prose)
        for text in paths_in(document.source):
            if regions.at(text.start).kind == "destination" and "//" not in text.text:
                continue
            meant = book.meant(document.path, text.text)
            if meant is None:
                continue
            folder = posixpath.dirname(document.path)
            base = posixpath.dirname(moves.after(document.path)) if meant.base == folder and text.text.startswith(".") else meant.base
            after = _after(moves, meant.path)
            if (after, base) == (meant.path, meant.base):
                continue
            new = respelt(text.text, meant, after, base)
            if new == text.text:
                continue
            why = _why(document, text.start, meant.evidence, take=take)
            why = why or (_REVISION if is_of_a_revision(text.text) else None) or (None if new is not None else _UNWRITABLE)
            yield Spoken(document.file, text.start, text.end, "path", meant.evidence, None if why else (new or "").encode(), why)


def _after(moves: Moves, path: str) -> str:
    return moves.files.get(path) or moves.folder_after(path)


def _mentions(generation: Generation, family: Sequence[Description]) -> tuple[Library, list[Mention]]:
    library = Library(generation)
    definitions = list(dict.fromkeys((of.file, of.definition) for of in family[:_MOST]))
    named = zip(addresses(generation, definitions), definitions, strict=True)
    subjects = [Subject(address, generation.path_of(definition[0]), definition) for address, definition in named]
    finder = Finder(library, subjects, lambda _: True)
    # That only its file is named says nothing of it.
    return library, [one for one in finder.find() if one.by != "path" and not (one.by == "link" and one.evidence == POSSIBLE)]


def _kept(mention: Mention, *, take: bool) -> str | None:
    return _why(mention.document, mention.start, mention.evidence, take=take)


def _why(document: Document, start: int, evidence: str, *, take: bool) -> str | None:
    """The reason why a place is kept whatever would stand there; None where it changes."""
    if tells_of_the_past(document, start):
        return _PAST
    if evidence == POSSIBLE:
        return _WORD
    return None if take else _OFFERED


def _anchored(library: Library, resolver: Resolver, mention: Mention) -> str | None:
    """The reason why the name in a heading is kept: its anchor would change, and links lead there."""
    document = mention.document
    section = next((one for one in document.sections if one.heading.start <= mention.start < one.heading.end), None)
    if section is None or section.heading.id is not None:
        return None
    count = 0
    for other in library.all():
        for link in other.prose.all_links:
            found = resolver.resolve(other, link) if link.definition is None else None
            count += found is not None and found.document is document and found.anchor == section.anchor
    return f"a heading that {count} links lead to; md-edit --rename-heading changes both" if count else None


def _own_line(document: Document, mention: Mention) -> tuple[int, int] | None:
    """The lines of an item of a list, or the row of a table, that begins with a mention; None elsewhere."""
    source = document.source or b""
    start = source.rfind(b"\n", 0, mention.start) + 1
    end = source.find(b"\n", mention.start)
    end = len(source) if end < 0 else end + 1
    before = source[start : mention.start]
    is_code = any(one.content_start <= mention.start < one.content_end for one in document.prose.code)
    if is_code or mention.evidence == POSSIBLE:
        return None
    before = re.sub(rb"[\w$]+(?:#|\.prototype\.|\.|::)$", b"", before)
    if source[start:].lstrip(b" \t").startswith(b"|") and _ROW.fullmatch(before):
        return start, end
    if _ITEM.fullmatch(before) is None:
        return None
    indent = len(before) - len(before.lstrip(b" \t"))
    while end < len(source):
        line = source[end : source.find(b"\n", end) + 1 or len(source)]
        if not line.strip() or len(line) - len(line.lstrip(b" \t")) <= indent:
            break
        end += len(line)
    return start, end
