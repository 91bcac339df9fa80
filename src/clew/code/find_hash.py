"""Definitions with the same code."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.code import offering
from clew.code.rows import DefinitionRow, SourceMap, code_hash, definition_row, outlined
from clew.errors import UsageError
from clew.index.scope import path_filter
from clew.requests import Kinds, Result, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_LEAST = 6


class FindHash(Kinds, frozen=True, kw_only=True, tag="find-hash"):
    """Find definitions by the hash of their code, blanks aside: the same code under any name of a file.

    js-scan --find-hash 3f9a0c
    """

    takes_input: ClassVar[bool] = False

    hash: tuple[str, ...] = ()
    """The first six or more digits of a hash, as `--definition` rows carry it."""

    def question(self) -> str:
        """The hash, as it was typed."""
        return f"find-hash {' '.join(self.hash)}"


class FindHashResult(Result, frozen=True, kw_only=True):
    """The definitions, by file and place."""

    results: tuple[DefinitionRow, ...]
    """One row a definition."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions."""
        return offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def find_hash(workspace: Workspace, request: FindHash) -> FindHashResult:
    """Every definition whose code has the hash.

    Raises UsageError for what is no hash.
    """
    if len(request.hash) != 1 or len(request.hash[0]) < _LEAST or request.hash[0].strip("0123456789abcdef"):
        raise UsageError("--find-hash takes six or more hexadecimal digits", hint="js-scan --find-hash --help")
    generation = workspace.generation
    sources = SourceMap(generation)
    keeps = path_filter(request)
    rows: list[DefinitionRow] = []
    for entry in generation.bounds.each(list(generation.files()), "files"):
        if not keeps(entry.path):
            continue
        for of in outlined(generation, entry.id):
            if (request.kind and of.kind not in request.kind) or (request.exported and not of.exported):
                continue
            found = code_hash(sources, of)
            if found is not None and found.startswith(request.hash[0]):
                rows.append(definition_row(sources, of, len(rows) + 1))
    return FindHashResult(results=tuple(rows))
