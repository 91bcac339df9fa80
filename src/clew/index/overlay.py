"""A tree as a plan would leave it, asked before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from clew.errors import StoreUnavailable
from clew.index import schema
from clew.index.database import DAMAGED
from clew.index.generation import Generation, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clew.requests import FileProblem

Answer = TypeVar("Answer")


class Overlay(Generation):
    """A generation with some files changed, added or gone; see `overlaid`. It numbers its files anew; its bounds are those below."""

    def __init__(self, below: Generation, changes: Mapping[str, bytes | None]) -> None:
        root, manifest, graph, stored = below.parts()
        manifest, graph, fresh, buckets, pieces = manifest.overlaid(root, graph, list(changes.items()))
        super().__init__(root, stored, _not_rebuilt, parsed=len(fresh), notes=below.notes, manifest=manifest)
        self.below = below
        self.planned = {path: content for path, content in changes.items() if content is not None}
        """The bytes of the files that the plan changes or adds, by path."""
        self._gone = frozenset(path for path, content in changes.items() if content is None)
        self._graph = graph
        self._facts = {unit: [facts] for unit, facts, _ in fresh}
        self._fresh_problems = {unit: msgspec.json.encode(problems) for unit, _, problems in fresh if problems}
        self._postings, self._definitions = buckets, pieces
        self.bounds = below.bounds

    def _read(self, question: Callable[[], Answer]) -> Answer:
        """Asks the database; what is built anew in place of a damaged one numbers its units anew."""
        try:
            return question()
        except DAMAGED as error:
            raise StoreUnavailable("the index was damaged while a plan was checked against it; ask again") from error

    def _facts_of(self, unit: int) -> list[bytes]:
        return self._facts.get(unit) or super()._facts_of(unit)

    def _facts_of_units(self, units: set[int]) -> dict[int, bytes]:
        fresh = {unit: self._facts[unit][0] for unit in units & self._facts.keys()}
        return fresh | super()._facts_of_units(units - fresh.keys()) if len(fresh) < len(units) else fresh

    def _column(self, statement: str, *values: int) -> list[bytes]:
        stored = super()._column(statement, *values)
        if statement in {schema.POSTINGS, schema.POSTINGS_WITH}:
            return stored + self._postings
        return stored + self._definitions if statement == schema.DEFINITIONS else stored

    def _units_with_problems(self) -> set[int]:
        return super()._units_with_problems() | self._fresh_problems.keys()

    def _blamed(self) -> dict[int, bytes]:
        return super()._blamed() | self._fresh_problems

    def _problems_of_unit(self, unit: int) -> list[bytes]:
        fresh = self._fresh_problems.get(unit)
        return super()._problems_of_unit(unit) if fresh is None else [fresh]

    def is_stale(self) -> bool:
        """True when anything on disk may differ from the tree below the plan."""
        return self.below.is_stale()

    def source(self, file: int) -> bytes:
        """The bytes of a file as planned, else as on disk; raises SourceChanged as the tree below does."""
        planned = self.planned.get(self.path_of(file))
        return super().source(file) if planned is None else planned

    def is_on_disk(self, path: str) -> bool:
        """True where a file or a folder would stand at a path; a folder that the plan takes files out of goes with the last one indexed."""
        is_left = path in self._gone or any(gone.startswith(f"{path}/") for gone in self._gone)
        return not is_left and super().is_on_disk(path)

    def content(self, path: str) -> bytes | None:
        """The bytes that would stand at a path; None where no file could be read."""
        if path in self._gone:
            return None
        planned = self.planned.get(path)
        return super().content(path) if planned is None else planned

    def has_facts_of_disk(self, file: int) -> bool:
        """False for what the plan changes; else as the tree below says."""
        return self.path_of(file) not in self.planned and super().has_facts_of_disk(file)

    def close(self) -> None:
        """Leaves the database to the tree below."""


def overlaid(generation: Generation, changes: Mapping[str, bytes | None]) -> Overlay:
    """The same tree with some files that hold other bytes, are added, or are gone (None); a move is one gone and one added.

    Nothing is written. Imports are resolved again: those of what changed, all where paths came or went or a configuration changed.
    Files that no longer parse are known by what is left of them, as in an index that never saw them before. A file that git ignores is a
    file of the overlay when it is changed, and a changed ignore file ignores nothing yet.
    """
    return Overlay(generation, changes)


def _not_rebuilt(error: Exception) -> tuple[Stored, tuple[FileProblem, ...]]:
    raise StoreUnavailable("the index was damaged while a plan was checked against it; ask again") from error
