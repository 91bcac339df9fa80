"""Places that name an anchor which a plan changes, where nothing that is read as a link does."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from clew.index.rows import BINARY, CODE, TEXT, TOO_LARGE, UNREADABLE
from clew.markdown.percent import quote
from clew.markdown.resolving import Resolver

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clew.code.rows import SourceMap
    from clew.edits.prose.relinking import Relinking
    from clew.edits.prose.whereabouts import Landing
    from clew.markdown.documents import Library

_MOST = 200
"""Anchors that are looked for; where more change, links show it well enough."""
_BEFORE = re.compile(r"[^\s'\"`()\[\]{}<>,;|]*$")
_FURTHEST = 300


class Mention(NamedTuple):
    """A place, and why it is left as it is."""

    file: int
    """The number of the file."""
    start: int
    """The byte at which the anchor begins, with its `#`."""
    line: int
    """Its line, counted from 1."""
    why: str
    """The reason why it stays."""


def mentions_of(library: Library, found: Relinking, sources: SourceMap) -> Iterator[Mention]:
    """The mentions of anchors that go elsewhere or away, by file and place: in comments and strings of code, text, addresses on the net."""
    moved = {path: anchors for path, anchors in found.anchors.items() if anchors}
    known = sorted({anchor for anchors in moved.values() for anchor in anchors})[:_MOST]
    if not known:
        return
    written = {way: name for name in known for way in (quote(name), name)}
    ways = sorted(written, key=len, reverse=True)
    generation = library.generation
    pattern = "#(?:" + "|".join(map(re.escape, ways)) + ")"
    unread = TOO_LARGE | UNREADABLE | BINARY
    files = [entry.id for entry in generation.files(CODE | TEXT) if not entry.flags & unread]
    told: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    links = [*((one.path, one.link) for one in found.edits), *((one.path, one.link) for one in found.unwritten)]
    for path, link in links:
        told[path].append(link.destination_span or (link.start, link.end))
    for hit in generation.text(pattern, regex=True, files=files, known=sources.known):
        path = generation.path_of(hit.file)
        if any(start <= hit.start < end for start, end in told.get(path, ())):
            continue
        source = sources.source(hit.file)
        if source is None:
            continue
        text = source[hit.start : hit.start + _FURTHEST].decode("utf-8", "replace")
        way = next((way for way in ways if text.startswith(f"#{way}")), None)
        if way is None or _goes_on(text[len(way) + 1 :]):
            continue
        anchor = written[way]
        before = _BEFORE.search(source[max(hit.start - _FURTHEST, 0) : hit.start].decode("utf-8", "replace"))
        named = _document_named(before.group() if before else "", path, anchor, moved)
        if not named:
            continue
        why = _reason(library, hit.file, hit.start)
        if why is not None:
            yield Mention(hit.file, hit.start, hit.line, why)


def _goes_on(text: str) -> bool:
    """True where an anchor is only the beginning of a longer one."""
    return bool(re.match(r"[\w-]*\w", text))


def _document_named(before: str, path: str, anchor: str, moved: Mapping[str, Mapping[str, Landing | None]]) -> str | None:
    """The document of whose anchor a text speaks, by what stands before the `#`; None where it speaks of none."""
    if not before:
        return path if anchor in moved.get(path, {}) else None
    plain = before.partition("?")[0].rstrip("/")
    for document, anchors in moved.items():
        if anchor not in anchors:
            continue
        stem = posixpath.splitext(document)[0]
        ways = {document, stem, f"{stem}.html"}
        if posixpath.basename(stem).lower() in {"readme", "index"}:
            ways.add(posixpath.dirname(document) or document)
        from_here = posixpath.normpath(posixpath.join(posixpath.dirname(path), plain))
        is_bare = "/" not in plain and plain in {posixpath.basename(way) for way in ways}
        if is_bare or plain.lstrip("/") in ways or from_here in ways or any(plain.endswith(f"/{way}") for way in ways):
            return document
    return None


def _reason(library: Library, file: int, start: int) -> str | None:
    """The reason why a mention stays as it is; None for a link that leads elsewhere."""
    generation = library.generation
    if file not in library.files:
        return "code that is not read as a link" if generation.flags_of(file) & CODE else "text that is not read as a link"
    document = library.document(file)
    prose = document.prose
    resolver = Resolver(library)
    for link in prose.all_links:
        span = link.destination_span or (link.start, link.end)
        if not (span[0] <= start < span[1]):
            continue
        return "an address on the net, which nothing here can check" if resolver.resolve(document, link).external else None
    if any(code.start <= start < code.end for code in prose.code):
        return "a block of code"
    return "text that is no link"
