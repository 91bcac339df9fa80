"""Write a table of contents, or bring one up to date."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from clew.edits.plans import TextEdit, applied
from clew.edits.prose.drafting import ProseDraft, ProsePlanResult, the_place
from clew.edits.prose.spelling import fragment_of
from clew.edits.prose.texts import as_in, inserted
from clew.errors import InvalidRequest, UnsafeEdit
from clew.requests import Request, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clew.edits.planning import Kept
    from clew.index.prose import Prose
    from clew.markdown.documents import Document, Section
    from clew.workspace import Workspace

_PAIRS = (
    # of markdown-toc, of the extensions of editors, of doctoc
    (rb"<!--[ \t]*toc[ \t]*-->", rb"<!--[ \t]*(?:tocstop|/toc)[ \t]*-->"),
    (rb"<!--[ \t]*START doctoc\b.*?-->(?:[ \t]*(?:\r\n|\n|\r)<!--[ \t]*DON'T EDIT\b.*?-->)?", rb"<!--[ \t]*END doctoc\b.*?-->"),
)
_MARKERS = [(re.compile(begin, re.IGNORECASE | re.DOTALL), re.compile(end, re.IGNORECASE | re.DOTALL)) for begin, end in _PAIRS]
_ITEM = re.compile(rb"^(?P<indent>[ \t]*)(?P<mark>[-*+]|1[.)])(?P<blank>[ \t]+)\[[^\r\n]*", re.MULTILINE)
_SPECIAL = re.compile(r"([\\`*_\[\]<>&])")


class Toc(Request, frozen=True, kw_only=True, tag="toc"):
    """Plan to write the table of contents of a document between `<!-- toc -->` and `<!-- tocstop -->`: the headings behind it, as links.

    md-edit --toc README.md --depth 2
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """The document. Empty means: what the continued step is about."""
    depth: int | None = None
    """Number of levels; all otherwise."""
    create: bool = False
    """Put the markers before the first section of the document where there are none."""
    check: bool = False
    """Exit with 1 where the table is not up to date."""


class TocResult(ProsePlanResult, frozen=True, kw_only=True):
    """The plan of a table of contents; of one that is up to date it changes nothing."""

    entries: int
    """Number of headings that it lists."""
    failed: bool = False
    """True where `--check` found that it is not up to date: exit status 1."""


class _Style(NamedTuple):
    """The way in which a list is written."""

    mark: bytes = b"-"
    """The mark of an item."""
    blank: bytes = b" "
    """The blanks behind it."""
    indent: bytes = b"  "
    """The blanks before an item, for each one that it is inside of."""


class _Markers(NamedTuple):
    """A table, and what stands around it."""

    start: int
    """The end of the first marker."""
    end: int
    """The start of the last one."""


def toc(workspace: Workspace, request: Toc) -> TocResult:
    """Plan a table of contents.

    Raises InvalidRequest for a document without markers, with the flag that puts them in.
    """
    draft = ProseDraft(workspace)
    document = the_place(workspace, draft.library, request.targets, "--toc").document
    source = draft.source(document.file)
    markers = _markers(document.prose, source)
    if markers is None and not request.create:
        raise InvalidRequest(f"{document.path} has no `<!-- toc -->` and `<!-- tocstop -->` to write between", again=("--create",))
    edit, entries = _written(document, source, markers, request.depth)
    if applied(source, [edit]) != source:
        draft.put(document, edit, "replaced" if markers else "inserted", "toc")
        draft.follow(force=False)
    kept = _finished(draft, request)
    return TocResult(**kept._asdict(), links=draft.links, entries=entries, failed=request.check and bool(kept.edits))


def _finished(draft: ProseDraft, request: Toc) -> Kept:
    changes = draft.changes()
    draft.proof(changes).require_prose()
    return draft.keep(request, changes, semantic=True)


def _written(document: Document, source: bytes, markers: _Markers | None, depth: int | None) -> tuple[TextEdit, int]:
    """The edit that writes the table, and how many headings it lists."""
    if markers is not None:
        listed = _listed(document.sections, markers.end, depth)
        items = list(_ITEM.finditer(source, markers.start, markers.end))
        table = _table(source, listed, _style(items))
        if items and listed:  # what stands around the list stays
            return TextEdit(items[0].start(), items[-1].end(), as_in(source, markers.start, table)), len(listed)
        text = as_in(source, markers.start, b"\n\n" + table + b"\n\n" if listed else b"\n\n")
        return TextEdit(markers.start, markers.end, text), len(listed)
    first = next((one for one in document.sections if one.heading.opens_section and one.start >= _title_end(document)), None)
    at = len(source) if first is None else first.start
    # A heading of the table's own would be listed; so it has none.
    listed = _listed(document.sections, at, depth)
    text = b"<!-- toc -->\n\n" + (_table(source, listed, _Style()) + b"\n\n" if listed else b"") + b"<!-- tocstop -->"
    return inserted(source, at, text)[0], len(listed)


def _title_end(document: Document) -> int:
    """The end of the heading that is the title of a document: the only one of the first level, if it stands first."""
    opening = [one.heading for one in document.sections if one.heading.opens_section]
    tops = [heading for heading in opening if heading.level == 1]
    return tops[0].end if len(tops) == 1 and opening[0] is tops[0] else 0


def _listed(sections: Sequence[Section], behind: int, depth: int | None) -> list[Section]:
    """The sections behind a place, of as many levels as are wanted."""
    later = [one for one in sections if one.start >= behind and one.heading.opens_section and one.anchor]
    top = min((one.heading.level for one in later), default=1)
    return [one for one in later if not depth or one.heading.level < top + depth]


def _table(source: bytes, listed: Sequence[Section], style: _Style) -> bytes:
    """A list of links, each as far in as its section is inside of others."""
    lines: list[bytes] = []
    open_levels: list[int] = []
    for section in listed:
        level = section.heading.level
        while open_levels and open_levels[-1] >= level:
            open_levels.pop()
        indent = style.indent * len(open_levels)
        open_levels.append(level)
        link = b"[" + _text(source, section) + b"](#" + fragment_of(section.anchor, "").encode() + b")"
        lines.append(indent + style.mark + style.blank + link)
    return b"\n".join(lines)


def _text(source: bytes, section: Section) -> bytes:
    """The text of a heading as the text of a link: as it is written where it can be that, else as it is shown."""
    heading = section.heading
    written = b" ".join(source[heading.content_start : heading.content_end].split())
    shown = heading.text.strip()
    if heading.form != "html" and not any(mark in written for mark in (b"[", b"]", b"<", b"{", b"://")):
        return written
    return _SPECIAL.sub(r"\\\1", shown).encode()


def _style(items: Sequence[re.Match[bytes]]) -> _Style:
    """The marks and the indentation of the lines of a table that is there."""
    if not items:
        return _Style()
    first = items[0]
    indents = sorted({item["indent"] for item in items if item["indent"]}, key=len)
    default = b" " * (len(first["mark"]) + 1)
    return _Style(first["mark"], first["blank"], indents[0] if indents else default)


def _markers(prose: Prose, source: bytes) -> _Markers | None:
    """The first table of a document; comments in blocks of code are none. Raises UnsafeEdit for one that is not closed."""

    def outside(pattern: re.Pattern[bytes], at: int) -> Iterator[re.Match[bytes]]:
        return (one for one in pattern.finditer(source, at) if not any(code.start <= one.start() < code.end for code in prose.code))

    for begin, end in _MARKERS:
        opened = next(outside(begin, 0), None)
        if opened is None:
            continue
        closed = next(outside(end, opened.end()), None)
        if closed is None:
            line = source.count(b"\n", 0, opened.start()) + 1
            raise UnsafeEdit(f"the table of contents that begins at line {line} has no end: `<!-- tocstop -->`", line=line)
        return _Markers(opened.end(), closed.start())
    return None
