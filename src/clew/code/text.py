"""Lines that contain a text or fit a regular expression."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from msgspec.structs import replace

from clew.code import offering
from clew.code.rows import SourceMap, Within, withins
from clew.errors import UsageError
from clew.index.rows import CODE, TEXT
from clew.index.scope import path_filter
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew._native import Def
    from clew.index.generation import Generation
    from clew.index.rows import TextHit
    from clew.workspace import Workspace

Type = Literal["js", "ts", "vue", "svelte", "astro", "json", "md", "html", "css"]

_ENDINGS: dict[Type, tuple[str, ...]] = {
    "js": (".js", ".jsx", ".mjs", ".cjs"),
    "ts": (".ts", ".tsx", ".mts", ".cts"),
    "vue": (".vue",),
    "svelte": (".svelte",),
    "astro": (".astro",),
    "json": (".json", ".jsonc", ".json5"),
    "md": (".md", ".mdx", ".markdown"),
    "html": (".html", ".htm"),
    "css": (".css", ".scss", ".sass", ".less"),
}
"""The files of each type, as `rg --type-list` has them."""

_AT_ONCE = 1024
"""Files of the first part that is searched; all cores search it."""


class Text(Paths, frozen=True, kw_only=True, tag="text"):
    """Find lines that contain a text.

    js-scan --text 'out of memory' -C 2 -t ts
    """

    takes_input: ClassVar[bool] = False

    pattern: tuple[str, ...] = ()
    """The text that the lines contain; literal, unless `--regex`."""
    regex: bool = False
    """Read the pattern as a regular expression (Rust syntax)."""
    ignore_case: bool = False
    """Upper and lower case are the same."""
    word: bool = False
    """Only whole words."""
    context: int | None = None
    """Number of lines before and after each to give too."""
    type: tuple[Type, ...] = ()
    """Only files of this type: js, ts, vue, svelte, astro, json, md, html or css."""

    def question(self) -> str:
        """The pattern, as it was typed."""
        return f"text {' '.join(self.pattern)}"


class TextRow(Row, frozen=True):
    """A line that fits, and its first place that does."""

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
    source: str | None = None
    """The line with those around it, where they were asked for."""
    first: int | None = None
    """The first line of `source`."""


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
    endings = tuple(ending for one in request.type for ending in _ENDINGS[one])
    narrowed = request.dir or request.include or request.exclude or endings
    fitting = (entry for entry in generation.files(CODE | TEXT) if not endings or entry.path.endswith(endings))
    files = [entry.id for entry in fitting if keeps(entry.path)] if narrowed else range(len(generation))
    try:
        hits = hits_in(generation, files, request.pattern[0], regex=request.regex, ignore_case=request.ignore_case, word=request.word)
    except ValueError as error:
        raise UsageError(f"bad pattern: {error}") from error
    rows = text_rows(generation, hits)
    return TextResult(results=_in_context(generation, rows, request.context) if request.context else rows)


def _in_context(generation: Generation, rows: tuple[TextRow, ...], most: int) -> tuple[TextRow, ...]:
    """Rows with up to so many lines around them; a line between two rows is given once, to the first.

    The lines are one text, so that a secret of several lines is seen as one.
    """
    sources = SourceMap(generation)
    lines_in_context: list[TextRow] = []
    lines: list[str] = []
    given = 0
    for at, row in enumerate(rows):
        ahead = rows[at + 1] if at + 1 < len(rows) and rows[at + 1].file == row.file else None
        if not at or rows[at - 1].file != row.file:
            file = generation.id_of(row.file)
            source = None if file is None else sources.source(file)
            lines = [] if source is None else [line.rstrip("\r") for line in source.decode("utf-8", "replace").split("\n")]
            given = 0
        if row.line > len(lines):
            lines_in_context.append(row)
            continue
        first = max(given, row.line - 1 - most)
        given = min(row.line + most, len(lines), ahead.line - 1 if ahead is not None else len(lines))
        lines_in_context.append(replace(row, source="\n".join(lines[first:given]), first=first + 1))
    return tuple(lines_in_context)


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
    holders = innermost(generation, places)
    named = withins(generation, holders.values())
    return {place: named[definition] for place, definition in holders.items()}


def innermost(generation: Generation, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Def]:
    """The innermost named definition around places (file, byte offset) of files on disk, properties of object literals included.

    Nothing for a place at the top of a module, and where the facts are of other bytes.
    """
    by_file: dict[int, list[int]] = {}
    for file, offset in places:
        by_file.setdefault(file, []).append(offset)
    holders: dict[tuple[int, int], Def] = {}
    for file, offsets in by_file.items():
        if generation.flags_of(file) & CODE and generation.has_facts_of_disk(file):
            offsets.sort()
            rows = generation.linker.innermost(file, offsets)
            holders.update({(file, offset): (file, row) for offset, row in zip(offsets, rows, strict=True) if row is not None})
    return holders
