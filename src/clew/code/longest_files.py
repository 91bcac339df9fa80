"""The longest files."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew._native import GENERATED, MINIFIED
from clew.index.scope import path_filter
from clew.requests import Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


_AT_ONCE = 1 << 20


class LongestFiles(Paths, frozen=True, kw_only=True, tag="longest-files"):
    """List files by their number of lines, longest first.

    js-scan --longest-files --include '*.ts'
    """

    takes_input: ClassVar[bool] = False


class FileRow(Row, frozen=True):
    """A file and its size."""

    file: str
    """Root-relative path."""
    lines: int
    """Number of lines, as `wc -l` counts them."""
    bytes: int
    """Number of bytes."""
    minified: bool = False
    """True where it looks minified."""
    generated: bool = False
    """True where it says that it is generated."""


class LongestFilesResult(Result, frozen=True, kw_only=True):
    """The files, longest first."""

    results: tuple[FileRow, ...]
    """One row a file."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The files of the rows that are picked."""
        return None if picked is None else tuple(Target(text=row.file, file=row.file) for row in self.results if row.n in picked)

    def behind(self) -> tuple[str, ...]:
        """The files."""
        return tuple(row.file for row in self.results)


def longest_files(workspace: Workspace, request: LongestFiles) -> LongestFilesResult:
    """The indexed files of the scope by their number of lines."""
    generation = workspace.generation
    keeps = path_filter(request)
    kept = [entry for entry in generation.files() if keeps(entry.path)]
    sizes = generation.bounds.gathered(kept, lambda part: generation.linker.sizes([entry.id for entry in part]), "files", first=64)
    measured = [
        (*(_measured(generation.root, entry.path) if not size[1] else size[:2]), size[2], entry.path)
        for size, entry in zip(sizes, kept, strict=False)
    ]
    measured.sort(key=lambda one: (-one[0], one[3]))
    return LongestFilesResult(
        results=tuple(
            FileRow(
                n=n,
                file=path,
                lines=lines,
                bytes=size,
                minified=bool(flags & MINIFIED),
                generated=bool(flags & GENERATED),
            )
            for n, (lines, size, flags, path) in enumerate(measured, 1)
        )
    )


def _measured(root: str, path: str) -> tuple[int, int]:
    """Lines and bytes of a file on disk, for one of which no facts were read; zeros where it cannot be read."""
    lines = size = 0
    try:
        with open(f"{root}/{path}", "rb") as stream:
            while part := stream.read(_AT_ONCE):
                lines += part.count(b"\n")
                size += len(part)
    except OSError:
        return 0, 0
    return lines, size
