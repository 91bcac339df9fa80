"""Lines that contain a text or fit a regular expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.code import offering
from clew.code.rows import Within, withins
from clew.code.scope import path_filter
from clew.errors import UsageError
from clew.index.rows import CODE, TEXT
from clew.requests import Result, Scope, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew._native import Def
    from clew.index.generation import Generation
    from clew.index.rows import TextHit
    from clew.workspace import Workspace

_AT_ONCE = 1024
"""Files of the first part that is searched; all cores search it."""


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
    generation = workspace.generation
    keeps = path_filter(request)
    narrowed = request.dir or request.include or request.exclude
    files = [entry.id for entry in generation.files(CODE | TEXT) if keeps(entry.path)] if narrowed else range(len(generation))
    try:
        hits = hits_in(generation, files, request.pattern[0], regex=request.regex, ignore_case=request.ignore_case, word=request.word)
    except ValueError as error:
        raise UsageError(f"bad pattern: {error}") from error
    return TextResult(results=text_rows(generation, hits))


def hits_in(
    generation: Generation, files: Sequence[int], pattern: str, *, regex: bool = False, ignore_case: bool = False, word: bool = False
) -> list[TextHit]:
    """Every match in the files, as far as there was time. Raises ValueError for a pattern that cannot be read."""
    hits = generation.text(pattern, regex=regex, ignore_case=ignore_case, word=word, files=())
    for part in generation.bounds.parts(files, "files", first=_AT_ONCE):
        hits += generation.text(pattern, regex=regex, ignore_case=ignore_case, word=word, files=part)
    return hits


def text_rows(generation: Generation, hits: list[TextHit]) -> tuple[TextRow, ...]:
    """Rows of hits, by path and line, one a line, as far as there was time."""
    once: dict[tuple[int, int], TextHit] = {}
    for hit in sorted(hits, key=lambda hit: (generation.path_of(hit.file), hit.line, hit.column)):
        once.setdefault((hit.file, hit.line), hit)
    rows: list[TextRow] = []
    for part in generation.bounds.listed(list(once.values()), row_each=True):
        within = around(generation, ((hit.file, hit.start) for hit in part))
        rows += [
            TextRow(
                n=n,
                file=generation.path_of(hit.file),
                line=hit.line,
                column=hit.column,
                within=within.get((hit.file, hit.start)),
                text=hit.text.strip(),
            )
            for n, hit in enumerate(part, len(rows) + 1)
        ]
    return tuple(rows)


def around(generation: Generation, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Within]:
    """The innermost named definitions around places (file, byte offset) that stand in one."""
    found = innermost(generation, places)
    named = withins(generation, found.values())
    return {place: named[definition] for place, definition in found.items()}


def innermost(generation: Generation, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Def]:
    """The innermost named definition around places (file, byte offset) of files on disk, properties of object literals included.

    Nothing for a place at the top of a module, and where the facts are of other bytes.
    """
    by_file: dict[int, list[int]] = {}
    for file, offset in places:
        by_file.setdefault(file, []).append(offset)
    found: dict[tuple[int, int], Def] = {}
    for file, offsets in by_file.items():
        if generation.flags_of(file) & CODE and generation.has_facts_of_disk(file):
            offsets.sort()
            rows = generation.linker.innermost(file, offsets)
            found.update({(file, offset): (file, row) for offset, row in zip(offsets, rows, strict=True) if row is not None})
    return found
