"""Code of a shape: a pattern with metavariables, matched against the syntax tree."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew import _native
from clew.code import offering
from clew.code.gaps import PARSE_ERRORS, gaps
from clew.code.rows import SourceMap, Within
from clew.code.text import around
from clew.errors import UsageError
from clew.index.rows import BINARY, CODE, TOO_LARGE, UNREADABLE
from clew.index.scope import path_filter
from clew.requests import Gap, Paths, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew._native import AstHit
    from clew.index.generation import Generation
    from clew.workspace import Workspace

_LONGEST_VALUE = 160
_AT_ONCE = 64
"""Files of the first part that is parsed; all cores parse it."""


class AstPattern(Paths, frozen=True, kw_only=True, tag="ast-pattern"):
    """Find code of a shape: `$A.send($$$)`, `if ($X == null) { $$$ }`, `<$C onClick={$F} />`.

    js-scan --ast-pattern 'fetch($URL, $$$)'
    """

    takes_input: ClassVar[bool] = False

    pattern: tuple[str, ...] = ()
    """One statement or expression; `$A` stands for one thing, the same wherever it is repeated, `$$$` or `$$$REST` for any number."""

    def question(self) -> str:
        """The pattern, as it was typed."""
        return f"ast-pattern {' '.join(self.pattern)}"


class AstPatternRow(Row, frozen=True):
    """A place that fits."""

    file: str
    """Root-relative path."""
    line: int
    """Line of its beginning, counted from 1."""
    column: int
    """UTF-16 column of its beginning, counted from 1."""
    end_line: int | None = None
    """Its last line; None when that is the first."""
    within: Within | None = None
    """The definition around it; None at the top of a module."""
    text: str | None = None
    """The line it begins in, without its indentation."""
    variables: dict[str, str] = msgspec.field(default_factory=dict)
    """The code that each named metavariable stands for, on one line, cut where it is very long."""


class AstPatternResult(Result, frozen=True, kw_only=True):
    """The places, by file."""

    why: tuple[Gap, ...] = ()
    """Files of which a part could not be parsed."""
    results: tuple[AstPatternRow, ...]
    """One row a place; of places one inside the other, the outer one first."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions around the places; a place at the top of a module offers its file."""
        return offering.enclosing(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the places."""
        return offering.files(self.results)


def ast_pattern(workspace: Workspace, request: AstPattern) -> AstPatternResult:
    """Every place of the indexed code that has the shape of the pattern (ast-grep's patterns, strictness `smart`).

    Raises UsageError for a pattern that cannot be read, with the place.
    """
    if len(request.pattern) != 1 or not request.pattern[0]:
        raise UsageError("--ast-pattern takes one pattern", hint="js-scan --ast-pattern '$A.send($$$)'")
    generation = workspace.generation
    keeps = path_filter(request)
    unread = TOO_LARGE | UNREADABLE | BINARY
    files = [(entry.id, entry.path) for entry in generation.files(CODE) if not entry.flags & unread and keeps(entry.path)]
    hits: list[AstHit] = []
    broken: list[int] = []
    try:
        _native.ast_pattern(generation.root, [], request.pattern[0])
        for part in generation.bounds.parts(files, "files", first=_AT_ONCE):
            fitting, unparsed = _native.ast_pattern(generation.root, list(part), request.pattern[0])
            hits += fitting
            broken += unparsed
    except ValueError as error:
        raise UsageError(f"bad pattern: {error}") from error
    known = [gap for gap in gaps(generation, (hit[0] for hit in hits)) if gap.code != PARSE_ERRORS or not broken]
    return AstPatternResult(
        results=tuple(_rows(generation, hits)),
        why=(*((Gap(PARSE_ERRORS, len(broken)),) if broken else ()), *known),
    )


def _rows(generation: Generation, hits: list[AstHit]) -> Iterable[AstPatternRow]:
    sources = SourceMap(generation)
    number = count(1)
    for part in generation.bounds.listed(hits, row_each=True):
        within = around(generation, ((hit[0], hit[1]) for hit in part))
        for file, start, _, line, column, end_line, variables in part:
            yield AstPatternRow(
                n=next(number),
                file=generation.path_of(file),
                line=line,
                column=column,
                end_line=end_line if end_line != line else None,
                within=within.get((file, start)),
                text=sources.text(file, line),
                variables={name: _shortened(value) for name, value in variables},
            )


def _shortened(value: str) -> str:
    line = " ".join(part.strip() for part in value.splitlines())
    return line if len(line) <= _LONGEST_VALUE else line[: _LONGEST_VALUE - 1] + "…"
