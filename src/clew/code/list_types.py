"""The types of the tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from clew.code.outline import Outline, OutlineResult, outline
from clew.requests import Kinds, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace

_TYPES = ("class", "interface", "type", "enum")


class ListTypes(Kinds, frozen=True, kw_only=True, tag="list-types"):
    """List classes, interfaces, type aliases and enums, with their signatures.

    js-scan --list-types --dir src
    """

    stands_alone: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Files; a definition stands for its file. Empty means: what the continued step found, else the tree."""


class ListTypesResult(OutlineResult, frozen=True, kw_only=True):
    """The types, by file and place."""


def list_types(workspace: Workspace, request: ListTypes) -> ListTypesResult:
    """The types declared in the target files, or in all files of the scope.

    Raises NoSuchFile, SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    asked = Outline(
        targets=request.targets,
        dir=request.dir,
        include=request.include,
        exclude=request.exclude,
        kind=request.kind or _TYPES,
        exported=request.exported,
    )
    rows = (row for row in outline(workspace, asked).results if row.kind in _TYPES)
    return ListTypesResult(results=tuple(replace(row, n=n) for n, row in enumerate(rows, 1)))
