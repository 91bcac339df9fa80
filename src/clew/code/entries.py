"""The files that a package offers to the world (`main`, `module`, `browser`, `types`, `bin`, `exports`, …), and those its scripts run."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from clew.code.manifests import manifests, strings
from clew.index.rows import CODE

if TYPE_CHECKING:
    from clew.index.generation import Generation
    from clew.workspace import Workspace

_FIELDS = (
    # docs.npmjs.com, nodejs.org/api/packages.html, typescriptlang.org; then what bundlers, CDNs and tools read
    *("main", "module", "browser", "types", "typings", "bin", "exports", "source", "typesVersions"),
    *("svelte", "react-native", "jsnext:main", "es2015", "esm2020", "fesm2020", "unpkg", "jsdelivr"),
    *("jest", "vitest", "mocha", "ava", "c8", "nyc", "tap", "lint-staged", "eslintConfig", "babel", "sideEffects"),
)
_ENDINGS = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", "/index.ts", "/index.js")
_ENDING = re.compile(r"(\.d)?\.[cm]?[jt]sx?$")
_SOURCE = r"\.(?:[cm]?[jt]sx?|vue|svelte|astro)"
_BUILT = ("dist/", "lib/", "build/", "out/", "esm/", "cjs/")


def entry_files(workspace: Workspace) -> frozenset[int]:
    """Files that a `package.json` of the tree names as entries or in its scripts; a built file stands for its source."""
    found: set[int] = set()
    for path, manifest in manifests(workspace):
        folder = posixpath.dirname(path)
        named = [text for field in _FIELDS for text in strings(manifest.get(field))]
        named += [word for script in strings(manifest.get("scripts")) for word in script.split() if "." in word or "/" in word]
        if "main" not in manifest and "exports" not in manifest:
            named.append("index")
        named += _subpaths(manifest.get("exports"))
        for text in named:
            found.update(indexed(workspace.generation, folder, text.removeprefix("<rootDir>/")))
        for text in strings([manifest.get("exports"), manifest.get("typesVersions")]):
            if "*" in text:
                found.update(_built_from(workspace.generation, folder, posixpath.normpath(text)))
    return frozenset(found)


def _subpaths(exports: object) -> list[str]:
    """The subpaths that `exports` names one by one: `./dev` has a source of that name, whatever its built file is called."""
    return [path for path in exports if path.startswith("./") and "*" not in path] if isinstance(exports, dict) else []


def indexed(generation: Generation, folder: str, text: str) -> set[int]:
    """The indexed files that a path of a manifest means: `dist/x.js` and `x.js` mean `src/x.ts`, or `x.ts`, where only that is there.

    A `*` is any part of a path.
    """
    wanted = posixpath.normpath(posixpath.join(folder, text))
    if "*" in wanted:
        return _fitting(generation, wanted)
    stems = _stems(wanted)
    for built in _BUILT:
        at = f"{wanted}/".find(built)
        if at != -1:
            package, rest = wanted[:at], wanted[at + len(built) :]
            stems += [*_stems(f"{package}src/{rest}"), f"{package}src/index", *_stems(f"{package}{rest}")]
    stems += _stems(posixpath.normpath(posixpath.join(folder, "src", text)))
    for candidate in stems:
        files = (generation.id_of(candidate + suffix) for suffix in _ENDINGS)
        found = {file for file in files if file is not None and generation.flags_of(file) & CODE}
        if found:
            return found
    return set()


def _fitting(generation: Generation, pattern: str, ending: str = "") -> set[int]:
    """The indexed files whose path fits a pattern, in which a `*` is any part, with an ending that is a regular expression."""
    fits = re.compile(".*".join(map(re.escape, re.split(r"\*+", pattern))) + ending).fullmatch
    return {number for number, path in enumerate(generation.paths()) if fits(path) and generation.flags_of(number) & CODE}


def _built_from(generation: Generation, folder: str, text: str) -> set[int]:
    """The sources of what a pattern of a manifest names: `dist/types/utils/*.d.ts` is built from `src/utils/*.ts`, or from `utils/*.ts`.

    Compilers put folders of their own, or those of other packages, before the path of the source.
    """
    parts = _ENDING.sub("", text).split("/")
    is_built = f"{parts[0]}/" in _BUILT
    before_star = next(at for at, part in enumerate(parts) if "*" in part)
    for dropped in range(is_built, before_star + 1 if is_built else 1):
        rest = "/".join(parts[dropped:])
        for source in (f"src/{rest}", rest):
            found = _fitting(generation, posixpath.join(folder, source), _SOURCE)
            if found:
                return found
    return set()


def _stems(path: str) -> list[str]:
    """A path, and what is left of it without the ending of its name."""
    stem, _, ending = path.removesuffix(".d.ts").rpartition(".")
    return [path, stem if stem and "/" not in ending else path.removesuffix(".d.ts")]
