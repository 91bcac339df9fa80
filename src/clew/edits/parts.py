"""Parts of a plan as a caller names them: a file, or `FILE:N`, one of its hunks."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from clew.errors import NoSuchFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clew.workspace import Workspace

_MOST_CANDIDATES = 5


class Part(NamedTuple):
    """A file of a plan, or a hunk of it."""

    path: str
    """Its root-relative path."""
    hunk: int | None
    """The number of the hunk, counted from 0 in the order of the file; None is the whole file."""


def parts_of(workspace: Workspace, only: Sequence[str], hunks: Mapping[str, int]) -> list[Part]:
    """The parts that are named, from the current folder or the root, of files with so many hunks. Raises NoSuchFile with near names."""
    return [_part_of(workspace, named, hunks) for named in only]


def _part_of(workspace: Workspace, named: str, hunks: Mapping[str, int]) -> Part:
    whole = _path_of(workspace, named, hunks)
    if whole is not None:
        return Part(whole, None)
    file, _, number = named.rpartition(":")
    path = _path_of(workspace, file, hunks) if number.isascii() and number.isdigit() else None
    if path is None:
        from clew.near import near  # only who errs pays

        raise NoSuchFile(
            f"{named} is no file of the plan", given=named, candidates=near(named, hunks) or tuple(sorted(hunks))[:_MOST_CANDIDATES]
        )
    if not 1 <= int(number) <= hunks[path]:
        raise NoSuchFile(f"{path} has {hunks[path]} hunks in the plan, and no hunk {number}", given=named, candidates=(path,))
    return Part(path, int(number) - 1)


def _path_of(workspace: Workspace, named: str, hunks: Mapping[str, int]) -> str | None:
    here = (workspace.relative(os.path.join(base, named)) for base in (os.getcwd(), workspace.root)) if named else ()
    return next((each for each in here if each in hunks), None)
