"""The `package.json` files of a tree."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.workspace import Workspace

MANIFEST = "package.json"


def manifest_in(root: str, folder: str) -> dict[str, Any] | None:
    """The manifest of a root-relative folder; None where there is none that can be read."""
    try:
        with open(f"{root}/{posixpath.join(folder, MANIFEST)}", "rb") as file:
            manifest = msgspec.json.decode(file.read())
    except (OSError, msgspec.DecodeError):
        return None
    return manifest if isinstance(manifest, dict) else None


def manifests(workspace: Workspace) -> Iterator[tuple[str, dict[str, Any]]]:
    """The `package.json` files of the tree that can be read, with their root-relative paths."""
    found = sorted(path for path in workspace.generation.paths() if posixpath.basename(path) == MANIFEST)
    for path in workspace.generation.bounds.each(found, "folders"):
        manifest = manifest_in(workspace.root, posixpath.dirname(path))
        if manifest is not None:
            yield path, manifest


def commands_of(manifest: dict[str, Any]) -> dict[str, str]:
    """The commands that a package installs, and the file that each runs."""
    runs = manifest.get("bin")
    named = {str(manifest.get("name", "")).rpartition("/")[2]: runs} if isinstance(runs, str) else runs
    return {name: path for name, path in named.items() if isinstance(path, str)} if isinstance(named, dict) else {}


def strings(value: object) -> Iterator[str]:
    """All strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from strings(part)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part)
