"""The state of a whole tree, as a run of tests can depend on it: path, mode and bytes of every file that git does not ignore."""

from __future__ import annotations

import os
from hashlib import blake2b
from typing import TYPE_CHECKING

from clew.errors import GitUnavailable, NoRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.index.generation import Generation

_SIZE = 16
_LEFT_OUT = frozenset({".git", ".clew", "node_modules"})


def digest_of_tree(generation: Generation) -> str:
    """A digest over path, mode and bytes of every file; what cannot be read counts by its path."""
    whole = blake2b(digest_size=_SIZE)
    for path, line in files_of_tree(generation).items():
        whole.update(f"{path}\0{line}\n".encode("utf-8", "surrogateescape"))
    return whole.hexdigest()


def files_of_tree(generation: Generation) -> dict[str, str]:
    """For each file its mode and the digest of its bytes; of a link where it leads."""
    found: dict[str, str] = {}
    for path in _paths(generation):
        full = os.path.join(generation.root, path)
        try:
            mode = os.lstat(full).st_mode
            if os.path.islink(full):
                found[path] = f"{mode:o} {os.readlink(full)}"
                continue
            with open(full, "rb") as stream:
                found[path] = f"{mode:o} {blake2b(stream.read(), digest_size=_SIZE).hexdigest()}"
        except OSError as error:
            found[path] = f"? {error.errno}"
    return found


def _paths(generation: Generation) -> list[str]:
    """The files that git does not ignore. The index has neither links nor what is hidden; where there is no git these count all."""
    from clew.diff import present  # starting programs is loaded for verified steps only

    paths = set(generation.paths())
    try:
        paths.update(present(generation.root))
    except (GitUnavailable, NoRepository):
        paths.update(_not_indexed(generation.root, paths))
    return sorted(paths)


def _not_indexed(root: str, indexed: set[str]) -> Iterator[str]:
    """Links and hidden files in the folders of indexed ones, and all below hidden folders."""
    known = {""}
    for path in indexed:
        folder = os.path.dirname(path)
        while folder not in known:
            known.add(folder)
            folder = os.path.dirname(folder)
    todo = sorted(known)
    while todo:
        folder = todo.pop()
        for entry in os.scandir(os.path.join(root, folder)):
            path = f"{folder}/{entry.name}" if folder else entry.name
            is_inside = folder not in known
            if entry.is_dir(follow_symlinks=False):
                if (is_inside or entry.name.startswith(".")) and entry.name not in _LEFT_OUT and path not in known:
                    todo.append(path)
            elif is_inside or entry.is_symlink() or entry.name.startswith("."):
                yield path


def stats_of_tree(generation: Generation) -> str:
    """A digest over what the file system says of every file; as long as it is the same, so is the tree."""
    whole = blake2b(digest_size=_SIZE)
    for line in _stats(generation):
        whole.update(line)
    return whole.hexdigest()


def _stats(generation: Generation) -> Iterator[bytes]:
    for path in _paths(generation):
        try:
            of = os.lstat(os.path.join(generation.root, path))
            said = f"{of.st_mode} {of.st_size} {of.st_mtime_ns} {of.st_ctime_ns} {of.st_ino}"
        except OSError as error:
            said = f"? {error.errno}"
        yield f"{path}\0{said}\n".encode("utf-8", "surrogateescape")
