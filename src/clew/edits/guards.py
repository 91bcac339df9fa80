"""Proofs of a plan before it is written: it breaks no syntax, and what led somewhere leads there still.

Two trees are asked: the one on disk, and the same with the plan laid over it.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from clew.edits.comparing import Broken, Comparison
from clew.index.overlay import overlaid
from clew.index.rows import STALE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew.edits.plans import FileChange
    from clew.index.generation import Generation
    from clew.index.overlay import Overlay
    from clew.requests import FileProblem

__all__ = ["Broken", "links", "new_problems"]

ERRORS = frozenset({"syntax", "encoding", "tokens", "internal"})
"""Codes of problems that the bytes of a file have, however it is stored."""


def new_problems(before: Generation, after: Overlay, changes: Iterable[FileChange]) -> tuple[FileProblem, ...]:
    """The syntax errors that a plan brings: of each changed file those that it did not have, by path and place."""
    found: list[FileProblem] = []
    for change in changes:
        if change.place is None:
            continue
        known = Counter(problem.message for problem in _errors(before, change.path) if change.before is not None)
        for problem in _errors(after, change.place):
            if known[problem.message]:
                known[problem.message] -= 1
            else:
                found.append(problem)
    return tuple(sorted(found, key=lambda problem: (problem.file, problem.line or 0, problem.column or 0)))


def _errors(generation: Generation, path: str) -> list[FileProblem]:
    file = generation.id_of(path)
    if file is not None and generation.flags_of(file) & STALE:
        # its facts are those of earlier bytes; what is wrong with the present ones is asked of these
        generation = overlaid(generation, {path: generation.bytes_on_disk(file)})
    return [problem for problem in generation.problems_of([path]) if problem.code in ERRORS]


def links(before: Generation, after: Overlay, changes: Iterable[FileChange]) -> tuple[Broken, ...]:
    """Every name and import that no longer leads where it led, by file and place; `before.bounds` says whether that was cut.

    Of the changed files all names outside of the edits are looked at, and all imports. Of other files the names that the plan can reach:
    what they take from the changed ones, and members that are called like something that it takes away or puts in. A name that leads to
    more than before is not broken, nor is one that led nowhere.
    """
    return Comparison(before, after, tuple(changes)).broken()
