"""Replace a text that is known by heart."""

from __future__ import annotations

import re
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from clew.code.addresses import find_all
from clew.code.text import hits_in
from clew.edits import spans
from clew.edits.planning import Draft, Place, PlanResult
from clew.edits.plans import TextEdit
from clew.edits.source_text import newline_at, with_newlines
from clew.edits.writing import code_of
from clew.errors import SymbolNotFound, UnsafeEdit, UsageError
from clew.index.rows import BINARY, CODE, TEXT, TOO_LARGE, UNREADABLE
from clew.index.scope import path_filter
from clew.markdown.addresses import find_all as find_places
from clew.markdown.addresses import means_section
from clew.requests import Paths, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clew.workspace import Workspace

_SHOWN = 5
LINE_FEED = b"\n"
_WORD = re.compile(r"[\w$]{3,}")
_TYPO = 0.7
"""Lines that are alike by less are other lines, not one with a typo."""
_LONGEST = 400
"""Letters of a line; a longer one is no near miss."""
_SLACK = 3
"""Letters that a part of a line may begin and end earlier or later than it would without insertions."""
_MOST_LOOKED_AT = 2000
"""Lines that are compared to one that is nowhere."""


class ReplaceText(Paths, frozen=True, kw_only=True, tag="replace-text"):
    """Plan to put a text in the place of another one, in files or in the definitions and sections that are named.

    js-edit --replace-text 'retries: 3' --with 'retries: 5' --include 'src/**'
    """

    cacheable: ClassVar[bool] = False
    writes: ClassVar[bool] = True
    stands_alone: ClassVar[bool] = True

    old: tuple[str, ...] = ()
    """The text, as it stands; line ends match any others."""
    with_: str | None = msgspec.field(default=None, name="with")
    """The new text."""
    with_file: str | None = None
    """A file that holds the new text."""
    expect_count: int | None = None
    """Number of times that the text stands there; once if not given."""
    within: tuple[str, ...] = ()
    """Only in this file, definition or section. Empty means: what the continued step is about, else all files."""
    targets: tuple[Target, ...] = ()
    """The files, definitions and sections that the continued step is about."""
    force: bool = False
    """Replace it although names would lead elsewhere or nowhere."""

    def question(self) -> str:
        """The text, as it was typed."""
        return f"replace-text {' '.join(self.old)}"


class ReplaceTextResult(PlanResult, frozen=True, kw_only=True):
    """The plan of a replacement."""

    matched_with: str
    """exact, or lineEnds where the line ends of the file are others than those that were given."""


class _Where(NamedTuple):
    """A part of a file."""

    file: int
    """The number of the file."""
    start: int
    """Offset of its first byte."""
    end: int
    """Offset behind its last byte; -1 is the end of the file."""


class _Match(NamedTuple):
    """A place of the text."""

    file: int
    """The number of the file."""
    start: int
    """Offset of its first byte."""
    end: int
    """Offset behind its last byte."""
    is_exact: bool
    """True where the line ends are those that were given."""


def replace_text(workspace: Workspace, request: ReplaceText) -> ReplaceTextResult:
    """Plan a replacement of text.

    Raises SymbolNotFound with the first line that differs where the text is nowhere, UnsafeEdit where it stands more or less often than
    expected.
    """
    draft = Draft(workspace)
    matched = put_text(draft, request)
    changes = draft.changes()
    proof = draft.proof(changes)
    if not request.force:
        proof.require_links()
    return ReplaceTextResult(**draft.keep(request, changes, semantic=False)._asdict(), matched_with=matched)


def put_text(draft: Draft, request: ReplaceText) -> str:
    """Add the edits that put a text in the place of another; says how that was matched. Raises as `replace_text`."""
    if len(request.old) != 1 or not request.old[0]:
        raise UsageError("--replace-text takes one text", hint="js-edit --replace-text 'old words' --with 'new words'")
    workspace = draft.workspace
    old = request.old[0].encode("utf-8", "surrogateescape").replace(b"\r\n", b"\n")
    new = code_of(workspace, request.with_, request.with_file, "--replace-text")
    places = list(_places(workspace, request, draft, old))
    found = [match for where in places for match in _matches(draft.source(where.file), old, where)]
    expected = 1 if request.expect_count is None else request.expect_count
    if not found:
        raise _nowhere(draft, places or list(_everywhere(workspace, request)), old)
    if len(found) != expected:
        raise _other_count(draft, found, expected)
    for match in found:
        source = draft.source(match.file)
        draft.edit(match.file, TextEdit(match.start, match.end, with_newlines(new, newline_at(source, match.start))))
        line = draft.line_of(match.file, match.start)
        draft.places.append(Place(file=match.file, start=match.start, line=line, action="replaced"))
    return "exact" if all(match.is_exact for match in found) else "lineEnds"


def _places(workspace: Workspace, request: ReplaceText, draft: Draft, old: bytes) -> Iterator[_Where]:
    """The parts of files to look in: in what is named, in what the step is about, else in every file that has the first line."""
    targets = tuple(Target(text=text) for text in request.within) or request.targets
    if not targets:
        first = old.split(b"\n")[0].decode("utf-8", "replace") or None
        if first is None:
            yield from _everywhere(workspace, request)
            return
        files = [where.file for where in _everywhere(workspace, request)]
        hits = hits_in(draft.generation, files, first)
        for file in dict.fromkeys(hit.file for hit in hits):
            yield _Where(file, 0, len(draft.source(file)))
        return
    seen: set[_Where] = set()
    for where in _sections(workspace, [target for target in targets if means_section(target.text)]):
        if where not in seen:
            seen.add(where)
            yield where
    rest = [target for target in targets if not means_section(target.text)]
    for location in find_all(workspace, rest) if rest else ():
        where = _Where(location.file, 0, len(draft.source(location.file)))
        if location.row is not None:
            (of,) = draft.generation.linker.describe([location.definition])
            start, end = spans.with_doc(draft.source(of.file), of)
            where = _Where(of.file, start, end)
        if where not in seen:
            seen.add(where)
            yield where


def _sections(workspace: Workspace, targets: Sequence[Target]) -> Iterator[_Where]:
    """The parts of documents that targets mean."""
    if not targets:
        return
    from clew.markdown.documents import Library  # only who names a section pays

    for place in find_places(workspace, Library(workspace.generation), targets):
        if place.section is not None:
            yield _Where(place.document.file, place.section.start, place.section.end)


def _everywhere(workspace: Workspace, request: ReplaceText) -> Iterator[_Where]:
    keeps = path_filter(request)
    unread = TOO_LARGE | UNREADABLE | BINARY
    for entry in workspace.generation.files(CODE | TEXT):
        if not entry.flags & unread and keeps(entry.path):
            yield _Where(entry.id, 0, -1)


def _matches(source: bytes, old: bytes, where: _Where) -> Iterator[_Match]:
    """Every place of the text in a part of a source, left to right; a line end of the text fits any of the source."""
    pattern = re.compile(b"\r?\n".join(re.escape(line) for line in old.split(b"\n")))
    for found in pattern.finditer(source, where.start, len(source) if where.end < 0 else where.end):
        yield _Match(where.file, found.start(), found.end(), found.group() == old)


def _at(draft: Draft, file: int, start: int) -> str:
    return f"{draft.generation.path_of(file)}:{draft.source(file).count(LINE_FEED, 0, start) + 1}"


def _other_count(draft: Draft, found: list[_Match], expected: int) -> UnsafeEdit:
    places = [_at(draft, match.file, match.start) for match in found]
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return UnsafeEdit(
        f"The text stands {len(found)} times, not {expected}: {', '.join(places[:_SHOWN])}{more}",
        again=("--expect-count", str(len(found))),
        places=places[:50],
    )


def _nowhere(draft: Draft, places: list[_Where], old: bytes) -> SymbolNotFound:
    """The error about a text that is nowhere: the place that comes nearest, and the first line that differs there."""
    lines = old.split(b"\n")
    best: tuple[float, int, int, list[bytes]] | None = None
    looked_at = 0
    if len(lines) == 1 and (within := _within_lines(draft, places, old)) is not None:
        return within
    for where in _likely_first(draft, places, lines[0]):
        source = draft.source(where.file)
        part = source[where.start : len(source) if where.end < 0 else where.end].replace(b"\r\n", b"\n")
        begins = source.count(LINE_FEED, 0, where.start) + 1
        here = part.split(b"\n")
        for at, line in enumerate(here):
            if looked_at > _MOST_LOOKED_AT and line.strip() != lines[0].strip():
                continue
            looked_at += 1
            same = _alike(here[at : at + len(lines)], lines, 0.0 if best is None else best[0])
            if same > 0 and (best is None or same > best[0]):
                best = (same, where.file, begins + at, here[at : at + len(lines)])
    if best is None:
        return SymbolNotFound("The text stands nowhere")
    _, file, number, there = best
    path = draft.generation.path_of(file)
    for nth, wanted in enumerate(lines):
        has = there[nth] if nth < len(there) else b""
        if has != wanted and not (nth in (0, len(lines) - 1) and wanted in has):
            texts = [text.decode("utf-8", "replace") for text in (has, wanted)]
            return SymbolNotFound(
                f"The text stands nowhere; nearest at {path}:{number}, where line {number + nth} is {texts[0]!r}, not {texts[1]!r}",
                given=old.decode("utf-8", "replace"),
                candidates=(b"\n".join(there).decode("utf-8", "replace"),),
                differs={"file": path, "line": number + nth, "there": texts[0], "given": texts[1]},
            )
    return SymbolNotFound(f"The text stands nowhere; nearest at {path}:{number}")


def _within_lines(draft: Draft, places: list[_Where], old: bytes) -> SymbolNotFound | None:
    """The error about a part of a line that is nowhere, where a line that shares a word with it has one with a typo."""
    wanted = old.decode("utf-8", "replace")
    words = sorted(set(_WORD.findall(wanted)), key=len, reverse=True)[:_SHOWN]
    matcher = SequenceMatcher(None, "", wanted, autojunk=False)
    best: tuple[float, int, int, str] | None = None
    looked_at = 0
    for where in _likely_first(draft, places, old) if words else ():
        source = draft.source(where.file)
        part = source[where.start : len(source) if where.end < 0 else where.end].decode("utf-8", "replace")
        begins = source.count(LINE_FEED, 0, where.start) + 1
        for number, line in enumerate(part.split("\n"), begins):
            if len(line) > _LONGEST or not any(word in line for word in words):
                continue
            looked_at += 1
            if looked_at > _MOST_LOOKED_AT:
                break
            matcher.set_seq1(line)
            same = matcher.find_longest_match()
            there = line[max(same.a - same.b, 0) :][: len(wanted)]
            ratio = _ratio(there, wanted)
            if ratio > _TYPO and (best is None or ratio > best[0]):
                best = (ratio, where.file, number, _fitting(line, max(same.a - same.b, 0), wanted))
    if best is None:
        return None
    _, file, number, there = best
    path = draft.generation.path_of(file)
    return SymbolNotFound(
        f"The text stands nowhere; nearest at {path}:{number}, which has {there!r}, not {wanted!r}",
        given=wanted,
        candidates=(there,),
        differs={"file": path, "line": number, "there": there, "given": wanted},
    )


def _fitting(line: str, start: int, wanted: str) -> str:
    """The part of a line near a place that is most like a text; of equals the one of its length."""
    end = start + len(wanted)
    parts = (
        line[first:last].strip("\r")
        for first in sorted(range(max(start - _SLACK, 0), start + _SLACK + 1), key=lambda at: abs(at - start))
        for last in sorted(range(max(end - _SLACK, 0), end + _SLACK + 1), key=lambda at: abs(at - end))
    )
    return max(parts, key=lambda part: _ratio(part, wanted))


def _ratio(there: str, wanted: str) -> float:
    return SequenceMatcher(None, there, wanted, autojunk=False).ratio()


def _likely_first(draft: Draft, places: list[_Where], line: bytes) -> list[_Where]:
    """The parts of files in the order of how many of the longest words of a line they have."""
    words = sorted(set(_WORD.findall(line.decode("utf-8", "replace"))), key=len, reverse=True)[:_SHOWN]
    files = list(dict.fromkeys(where.file for where in places))
    having = Counter(file for word in words for file in {hit.file for hit in hits_in(draft.generation, files, word)})
    return sorted(places, key=lambda where: -having[where.file])


def _alike(there: list[bytes], lines: list[bytes], least: float) -> float:
    """The likeness of a part of a file to a text: lines that are equal but for blanks, or letters of the first; 0 if not above least."""
    equal = sum(has.strip() == wanted.strip() and bool(wanted.strip()) for has, wanted in zip(there, lines, strict=False))
    if equal:
        return float(equal)
    first = there[0].strip() if there else b""
    wanted = lines[0].strip()
    least = max(_TYPO, least)
    if not first or not wanted or len(first) > _LONGEST:
        return 0.0
    matcher = SequenceMatcher(None, first.decode("utf-8", "replace"), wanted.decode("utf-8", "replace"), autojunk=False)
    # The quick ratios are upper bounds: letters in any order.
    if matcher.real_quick_ratio() <= least or matcher.quick_ratio() <= least:
        return 0.0
    ratio = matcher.ratio()
    return ratio if ratio > least else 0.0
