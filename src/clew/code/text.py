"""Lines that contain a text or fit a regular expression."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.code import offering
from clew.code.linking.context import Links, links_of
from clew.code.names import qualified_name
from clew.code.rows import Within
from clew.code.scope import path_filter
from clew.errors import UsageError
from clew.index.facts import Flag, Kind
from clew.index.rows import CODE, TEXT
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from clew.index.facts import Facts
    from clew.index.rows import TextHit
    from clew.workspace import Workspace

_AROUND = frozenset(
    {
        Kind.FUNCTION,
        Kind.METHOD,
        Kind.CLASS,
        Kind.GETTER,
        Kind.SETTER,
        Kind.CONSTRUCTOR,
        Kind.INTERFACE,
        Kind.ENUM,
        Kind.NAMESPACE,
        Kind.TYPE,
    }
)


class Text(Scope, frozen=True, kw_only=True, tag="text"):
    """Find lines that contain a text."""

    takes_input: ClassVar[bool] = False

    pattern: tuple[str, ...] = ()
    """What the lines contain; literal, unless `--regex`."""
    regex: bool = False
    """Read the pattern as a regular expression (Rust syntax)."""
    ignore_case: bool = False
    """Upper and lower case are the same."""
    word: bool = False
    """Only whole words."""

    def question(self) -> str:
        """The pattern, as it was typed."""
        return f"text {' '.join(self.pattern)}"


class TextRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A line that fits, and its first place that does."""

    n: int
    """Number of the row, counted from 1."""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    within: Within | None = None
    """The definition around it; None at the top of a module."""
    text: str | None = None
    """The line, without its indentation."""


class TextResult(Result, frozen=True, kw_only=True):
    """The lines, by file."""

    reads_facts: ClassVar[bool] = False

    results: tuple[TextRow, ...]
    """One row a line."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions around the lines; a line at the top of a module offers its file."""
        return offering.enclosing(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the lines."""
        return offering.files(self.results)


def text(workspace: Workspace, request: Text) -> TextResult:
    """Every line of the indexed files that fits the pattern.

    Raises UsageError for a regular expression that cannot be read, with the place.
    """
    if len(request.pattern) != 1 or not request.pattern[0]:
        raise UsageError("--text takes one pattern", hint="js-scan --text 'two words'")
    links = links_of(workspace.generation)
    keeps = path_filter(request)
    narrowed = request.dir or request.include or request.exclude
    files = [entry.id for entry in links.generation.files(CODE | TEXT) if keeps(entry.path)] if narrowed else None
    try:
        hits = links.generation.text(
            request.pattern[0], regex=request.regex, ignore_case=request.ignore_case, word=request.word, files=files
        )
    except ValueError as error:
        raise UsageError(f"bad pattern: {error}") from error
    return TextResult(results=text_rows(links, hits))


def text_rows(links: Links, hits: list[TextHit]) -> tuple[TextRow, ...]:
    """Rows of hits, by path and line, one a line."""
    rows: list[TextRow] = []
    seen: set[tuple[int, int]] = set()
    for hit in sorted(hits, key=lambda hit: (links.generation.path_of(hit.file), hit.line, hit.column)):
        if (hit.file, hit.line) in seen:
            continue
        seen.add((hit.file, hit.line))
        rows.append(
            TextRow(
                n=len(rows) + 1,
                file=links.generation.path_of(hit.file),
                line=hit.line,
                column=hit.column,
                within=around(links, hit.file, hit.start) if links.generation.flags_of(hit.file) & CODE else None,
                text=hit.text.strip(),
            )
        )
    return tuple(rows)


def around(links: Links, file: int, offset: int) -> Within | None:
    """The innermost named definition around a byte offset."""
    row = innermost(links, file, offset)
    if row is None:
        return None
    facts = links.facts(file)
    return Within(qualified_name(facts, row), facts.line_of(facts.def_start_name[row]))


def innermost(links: Links, file: int, offset: int) -> int | None:
    """The row of the innermost function, class or type around a byte offset of the file on disk.

    None at the top of a module, and where the facts are of other bytes.
    """
    if not links.generation.has_facts_of_disk(file):
        return None
    starts, ends, outer, rows = _nested(links.facts(file))
    at = bisect_right(starts, offset) - 1
    while at >= 0 and ends[at] <= offset:
        at = outer[at]
    return rows[at] if at >= 0 else None


@lru_cache(maxsize=64)  # many hits ask of one file in a row
def _nested(facts: Facts) -> tuple[list[int], list[int], list[int], list[int]]:
    """The functions, classes and types of a file by place: start, end, which of them is around it (-1 for none), and row."""
    kept = [row for row, kind in enumerate(facts.def_kind) if kind in _AROUND and not facts.def_flags[row] & Flag.FUNCTION_NAME]
    kept.sort(key=lambda row: (facts.def_start[row], -facts.def_end[row], -row))
    starts, ends = [facts.def_start[row] for row in kept], [facts.def_end[row] for row in kept]
    outer: list[int] = []
    for at, start in enumerate(starts):
        around = at - 1
        while around >= 0 and ends[around] <= start:
            around = outer[around]
        outer.append(around)
    return starts, ends, outer, kept
