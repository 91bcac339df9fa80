"""Filters of paths, for questions that are narrowed to a part of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew._native import Globs
from clew.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clew.requests import Paths

DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
"""How the names of files end that only declare what is elsewhere."""


def path_filter(scope: Paths) -> Callable[[str], bool]:
    """A test of root-relative paths: under one of `dir`, fitting one of `include` and none of `exclude`."""
    folders = tuple(folder.removeprefix("./").strip("/") for folder in scope.dir)
    if not (folders or scope.include or scope.exclude):
        return lambda _path: True
    include, exclude = globs(scope.include), globs(scope.exclude)

    def keeps(path: str) -> bool:
        if folders and not any(folder in {"", "."} or path == folder or path.startswith(folder + "/") for folder in folders):
            return False
        if scope.include and not include.fits(path):
            return False
        return not exclude.fits(path)

    return keeps


def globs(patterns: Sequence[str]) -> Globs:
    """Globs as `rg -g` reads them. Raises UsageError for what is none."""
    try:
        return Globs(list(patterns))
    except ValueError as error:
        raise UsageError(str(error)) from error
