"""Paths, and the ways in which text names them, after a move of files."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")

_EXTENSION = re.compile(r"(?<=[^/])(?:\.d)?\.[^./]+$")
_WRITTEN = {
    ".ts": (".js",),
    ".tsx": (".js", ".jsx"),
    ".jsx": (".js",),
    ".d.ts": (".js",),
    ".mts": (".mjs",),
    ".d.mts": (".mjs",),
    ".cts": (".cjs",),
    ".d.cts": (".cjs",),
}
"""Extensions that a specifier has for a source, after what it is compiled to. TypeScript, Modules: Reference, `moduleResolution`."""
_FOUND_WITHOUT = frozenset({".ts", ".tsx", ".js", ".jsx", ".json", ".node", ".d.ts"})
"""Extensions that Node and TypeScript find where none is written."""


class Moves:
    """The files that move; with `folder`, which is a pair of before and after, everything below one goes with it."""

    def __init__(self, files: Mapping[str, str], folder: tuple[str, str] | None = None) -> None:
        self.files = files
        self.folder = folder

    @cached_property
    def bare(self) -> dict[str, str]:
        """As `files`, the paths before without extension."""
        return {stem(path): to for path, to in self.files.items()}

    def after(self, path: str) -> str:
        """The path of a file afterwards."""
        return self.files.get(path, path)

    def folder_after(self, path: str) -> str:
        """The path of a folder afterwards."""
        return self._below(path) or path

    def named_after(self, named: str, target: str | None) -> str | None:
        """The name of the same thing afterwards, where `named` is how a text names the file `target`, or something that is not there.

        None where only the place of the target itself can tell.
        """
        if target is None:
            return self._below(named) or self.files.get(named, named)
        to = self.files.get(target)
        if to is None:
            return named
        return self._below(named) or _renamed(named, target, to)

    def _below(self, path: str) -> str | None:
        if self.folder is None:
            return None
        old, new = self.folder
        return new + path[len(old) :] if path == old or path.startswith(old + "/") else None


def extension(path: str) -> str:
    """The extension of a file with its dot; that of declarations is `.d.ts`."""
    found = _EXTENSION.search(path)
    return found.group() if found else ""


def stem(path: str) -> str:
    """A path without its extension."""
    return path[: len(path) - len(extension(path))]


def names(path: str) -> Iterator[str]:
    """The ways to name a file, the longest first: as it is, by what it is compiled to, without extension, as the index of its folder."""
    bare = stem(path)
    yield path
    for written in _WRITTEN.get(extension(path), ()):
        yield bare + written
    yield bare
    if posixpath.basename(bare) == "index":
        yield posixpath.dirname(bare)


def is_found_without_extension(path: str) -> bool:
    """True where a specifier can leave the extension of a file out, whoever reads it."""
    return extension(path) in _FOUND_WITHOUT


def _renamed(named: str, target: str, to: str) -> str | None:
    """The name for `to` in the way that one names `target`."""
    before, after = extension(target), extension(to)
    bare, bare_after = stem(target), stem(to)
    is_index = posixpath.basename(bare_after) == "index"
    if named == target:
        return bare_after + before if before in _WRITTEN.get(after, ()) else to
    if named == bare or (posixpath.basename(bare) == "index" and named == posixpath.dirname(bare)):
        if before != after and not is_found_without_extension(to):
            return to
        is_short = named != bare or posixpath.basename(bare) != "index"
        return posixpath.dirname(bare_after) if is_index and is_short else bare_after
    for written in _WRITTEN.get(before, ()):
        if named == bare + written:
            known = _WRITTEN.get(after, ())
            return bare_after + (written if written in known else known[0] if known else after)
    return None


def nearest(path: str, packages: Mapping[str, T]) -> T | None:
    """The value of the nearest folder above a path; None where no folder has one."""
    folder = posixpath.dirname(path)
    while folder and folder not in packages:
        folder = posixpath.dirname(folder)
    return packages.get(folder)


def spelt(named: str, folder: str, like: str) -> list[str]:
    """A path as relative specifiers from a folder, with the `./` and the `/` at the end that `like` has.

    There are two where a file and a folder of one name are told apart, the likelier first.
    """
    whole = relative(named, folder)
    above, _, last = named.rpartition("/")
    beside = posixpath.join(relative(above, folder), last) if last else whole
    if like.endswith("/"):
        found = [f"{whole}/", beside, whole]
    elif posixpath.basename(like) in {".", ".."}:
        found = [whole, beside]
    else:
        found = [beside, whole]
    plain = bool(like) and not like.startswith(".")
    return list(dict.fromkeys(_dotted(text, plain=plain) for text in found))


def relative(path: str, folder: str) -> str:
    """A root-relative path from a root-relative folder; `.` for the folder itself."""
    return posixpath.relpath(f"/{path}", f"/{folder}")


def _dotted(text: str, *, plain: bool) -> str:
    bare = text.removeprefix("./")
    return bare if plain or bare in {"", "."} or bare == ".." or bare.startswith("../") else f"./{bare}"
