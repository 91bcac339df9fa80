"""Which rows a narrowed question keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from clew.requests import Paths

_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|"}
_TEST_FOLDERS = frozenset({"test", "tests", "__tests__", "spec", "specs", "__mocks__", "e2e", "testing", "fixtures"})
_TEST_MARKS = (".test.", ".spec.", "-test.", "_test.", ".e2e.")

DECLARATIONS = (".d.ts", ".d.mts", ".d.cts")
"""How the names of files end that only declare what is elsewhere."""


def path_filter(scope: Paths) -> Callable[[str], bool]:
    """Whether a root-relative path is in the scope: under one of `dir`, fitting one of `include` and none of `exclude`."""
    folders = tuple(folder.removeprefix("./").strip("/") for folder in scope.dir)
    if not (folders or scope.include or scope.exclude):
        return lambda _path: True
    include, exclude = [glob(pattern) for pattern in scope.include], [glob(pattern) for pattern in scope.exclude]

    def keeps(path: str) -> bool:
        if folders and not any(folder in {"", "."} or path == folder or path.startswith(folder + "/") for folder in folders):
            return False
        if include and not any(fits(path) for fits in include):
            return False
        return not any(fits(path) for fits in exclude)

    return keeps


def glob(pattern: str) -> Callable[[str], bool]:
    """Whether a root-relative path fits a glob as `rg -g` reads it.

    Without a slash it fits the file's name in any folder; `*` stays in its folder, `**` does not.
    """
    import re  # only who narrows pays

    pattern = pattern.removeprefix("./")
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]/]+\]|[{},])", pattern.lstrip("/"))
    expression, depth = "" if "/" in pattern else "(?:.*/)?", 0
    for part in parts:
        if part.startswith("[") and part.endswith("]"):
            expression += f"[^{part[2:]}" if part[1] in "!^" else part
        elif part == "," and not depth:
            expression += part
        else:
            expression += _WILD.get(part) or re.escape(part)
        depth += (part == "{") - (part == "}")
    try:
        fits = re.compile(expression).fullmatch
    except re.error as error:
        raise UsageError(f"{pattern!r} is no glob: {error}") from error
    return lambda path: fits(path) is not None


def is_test(path: str) -> bool:
    """Whether a file is a test, by the names of its folders and its own."""
    *folders, name = path.split("/")
    return not _TEST_FOLDERS.isdisjoint(folders) or any(mark in name for mark in _TEST_MARKS)
