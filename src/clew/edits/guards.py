"""Proofs of a plan before it is written: it breaks no syntax, and what led somewhere leads there still.

Two trees are asked: the one on disk, and the same with the plan laid over it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from clew.index.overlay import overlaid
from clew.index.rows import STALE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clew.edits.comparing import Broken
    from clew.edits.plans import FileChange
    from clew.index.generation import Generation
    from clew.index.overlay import Overlay
    from clew.requests import FileProblem

ERRORS = frozenset({"syntax", "encoding", "tokens", "internal"})
"""Codes of problems that the bytes of a file have, however it is stored."""


def new_problems(before: Generation, after: Overlay, changes: Iterable[FileChange]) -> tuple[FileProblem, ...]:
    """The syntax errors that a plan brings: of each changed file those that it did not have, by path and place."""
    listed = [change for change in changes if change.place is not None]
    now = _errors(after, (change.place for change in listed if change.place is not None))
    was = _errors(before, (change.path for change in listed if change.before is not None and change.place in now))
    found: list[FileProblem] = []
    for change in listed:
        known = Counter(problem.message for problem in was.get(change.path, ()))
        for problem in now.get(change.place or "", ()):
            if known[problem.message]:
                known[problem.message] -= 1
            else:
                found.append(problem)
    return tuple(sorted(found, key=lambda problem: (problem.file, problem.line or 0, problem.column or 0)))


def _errors(generation: Generation, paths: Iterable[str]) -> dict[str, list[FileProblem]]:
    """The errors of files, by path; of those that have none nothing."""
    listed = [(path, generation.id_of(path)) for path in paths]
    # the facts of stale files are those of earlier bytes; what is wrong with the present ones is asked of these
    stale = {path: generation.bytes_on_disk(file) for path, file in listed if file is not None and generation.flags_of(file) & STALE}
    problems = generation.problems_of(path for path, _ in listed if path not in stale)
    found: defaultdict[str, list[FileProblem]] = defaultdict(list)
    for problem in (*problems, *(overlaid(generation, stale).problems_of(stale) if stale else ())):
        if problem.code in ERRORS:
            found[problem.file].append(problem)
    return found


def links(before: Generation, after: Overlay, changes: Iterable[FileChange]) -> tuple[Broken, ...]:
    """Every name and import that no longer leads where it led, by file and place; `before.bounds` says whether that was cut.

    Of the changed files all names outside of the edits are looked at, and all imports. Of other files the names that the plan can reach:
    what they take from the changed ones, and members that are called like something that it takes away or puts in. A name that leads to
    more than before is not broken, nor is one that led nowhere.
    """
    from clew.edits.comparing import Comparison  # 3 ms: only plans about code pay

    return Comparison(before, after, tuple(changes)).broken()
