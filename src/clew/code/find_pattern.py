"""Definitions whose names fit a pattern."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.code import offering
from clew.code.rows import DefinitionRow, SourceMap, definition_row, outlined
from clew.errors import UsageError
from clew.index.scope import path_filter
from clew.requests import Kinds, Result, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class FindPattern(Kinds, frozen=True, kw_only=True, tag="find-pattern"):
    """Find definitions whose names fit a glob (`get*By*`, `*Error`), or a regular expression between slashes (`/^on[A-Z]/`).

    js-scan --find-pattern 'on*Change' --kind method
    """

    takes_input: ClassVar[bool] = False

    pattern: tuple[str, ...] = ()
    """The pattern; it must fit the whole name, or the qualified name where it has a `.` or `#`."""

    def question(self) -> str:
        """The pattern, as it was typed."""
        return f"find-pattern {' '.join(self.pattern)}"


class FindPatternResult(Result, frozen=True, kw_only=True):
    """The definitions, by file and place."""

    results: tuple[DefinitionRow, ...]
    """One row a definition."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def find_pattern(workspace: Workspace, request: FindPattern) -> FindPatternResult:
    """Declarations and members whose names fit the pattern.

    Raises UsageError for a pattern that cannot be read, with the place.
    """
    import re  # 4 ms: only who asks by pattern pays
    from fnmatch import translate

    if len(request.pattern) != 1 or not request.pattern[0]:
        raise UsageError("--find-pattern takes one pattern", hint="js-scan --find-pattern 'get*'")
    pattern = request.pattern[0]
    regular = len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/")  # noqa: PLR2004 - two slashes
    try:
        fits = re.compile(pattern[1:-1] if regular else translate(pattern)).search
    except re.error as error:
        raise UsageError(f"bad pattern at column {(error.pos or 0) + 1}: {error.msg}") from error
    qualified = "." in pattern.replace(".*", "") or "#" in pattern
    generation = workspace.generation
    sources = SourceMap(generation)
    keeps = path_filter(request)
    rows: list[DefinitionRow] = []
    for entry in generation.bounds.each(sorted(generation.files(), key=lambda entry: entry.path), "files"):
        if not keeps(entry.path):
            continue
        for of in outlined(generation, entry.id):
            if (request.kind and of.kind not in request.kind) or (request.exported and not of.exported):
                continue
            if fits(of.name if qualified else of.bare_name):
                rows.append(definition_row(sources, of, len(rows) + 1))
    return FindPatternResult(results=tuple(rows))
