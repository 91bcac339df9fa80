"""The files that a package offers to the world: `main`, `module`, `browser`, `types`, `bin`, `exports`, and what its scripts run."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any

import msgspec

from clew.code.linking import modules
from clew.code.linking.context import Value
from clew.errors import ClewError
from clew.index.facts import NONE
from clew.index.rows import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.code.linking.context import Def, Links
    from clew.workspace import Workspace

_FIELDS = ("main", "module", "browser", "types", "typings", "bin", "exports", "source")
_ENDINGS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", "/index.ts", "/index.js")
_BUILT = ("dist/", "lib/", "build/", "out/", "esm/", "cjs/")


def entry_files(workspace: Workspace, links: Links) -> frozenset[int]:
    """Files that a `package.json` of the tree names as entries or in its scripts; a built file stands for its source."""
    found: set[int] = set()
    for path, manifest in manifests(workspace):
        folder = posixpath.dirname(path)
        named = [text for field in _FIELDS for text in strings(manifest.get(field))]
        named += [word for script in strings(manifest.get("scripts")) for word in script.split() if "." in word or "/" in word]
        if "main" not in manifest and "exports" not in manifest:
            named.append("index")
        for text in named:
            found.update(_indexed(links, posixpath.normpath(posixpath.join(folder, text))))
    return frozenset(found)


def offered(links: Links, entries: frozenset[int]) -> frozenset[Def]:
    """What the entries of the package give to the world, through all re-exports."""
    found: set[Def] = set()
    seen: set[int] = set()
    todo = list(entries)
    while todo:
        file = todo.pop()
        if file in seen:
            continue
        seen.add(file)
        facts = links.facts(file)
        for row, text in enumerate(facts.exp_name):
            name = facts.strings[text]
            found.update(part for part in modules.exported(links, file, name) if not isinstance(part, Value))
            if name == "=" and facts.exp_value[row] != NONE:
                found.update((file, member) for member in facts.where("def_owner", facts.exp_value[row]))
            if name == "*":
                target = links.target_of(file, facts.exp_import[row])
                todo += [target] if target is not None else []
    return frozenset(found)


def manifests(workspace: Workspace) -> Iterator[tuple[str, dict[str, Any]]]:
    """The `package.json` files of the tree that can be read, with their root-relative paths."""
    folders = {""} | {posixpath.dirname(entry.path) for entry in workspace.generation.files()}
    above = {parent for folder in folders for parent in _parents(folder)}
    for folder in sorted(above):
        path = posixpath.join(folder, "package.json")
        try:
            with open(f"{workspace.root}/{path}", "rb") as file:
                manifest = msgspec.json.decode(file.read())
        except (OSError, msgspec.DecodeError, ClewError):
            continue
        if isinstance(manifest, dict):
            yield path, manifest


def _parents(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""


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


def _indexed(links: Links, path: str) -> set[int]:
    """The indexed files that a path of a manifest means; `dist/x.js` means `src/x.ts` where only that is there."""
    stem, _, ending = path.rpartition(".")
    stems = [path, stem if "/" not in ending else path]
    for built in _BUILT:
        at = path.find(built)
        if at != -1:
            source = path[:at] + "src/" + path[at + len(built) :]
            stems += [source, source.rpartition(".")[0], path[:at] + "src/index"]
    found = set()
    for candidate in stems:
        for suffix in _ENDINGS:
            file = links.generation.id_of(candidate + suffix)
            if file is not None and links.generation.flags_of(file) & CODE:
                found.add(file)
        if found:
            break
    return found
