"""Paths in prose: which file or folder of the tree a text means, and how it would be written for another one."""

from __future__ import annotations

import os
import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from clew import git
from clew._native import Globs, is_test
from clew.code.manifests import MANIFEST, manifest_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clew.index.generation import Generation

Evidence = Literal["exact", "inferred", "possible"]

_LETTER = rb"[^\s'\"`()\[\]{},;:<>=|*!\\#?&^%$]"
_TOKEN = re.compile(_LETTER + rb"+")
_BEFORE = re.compile(_LETTER + rb"*$")
_FURTHEST = 300
_HOSTED = re.compile(
    r"//[\w.-]+/([\w.-]+)/([\w.-]+)/(?:-/)?(?:blob|tree|raw|edit)/[^/]+/(.+)|//raw\.githubusercontent\.com/([\w.-]+)/([\w.-]+)/[^/]+/(.+)"
)
_BRANCH = re.compile(r"/(?:blob|tree|raw|edit)/(?:main|master|HEAD|develop|dev|next|trunk)/|com/[^/]+/[^/]+/(?:main|master|HEAD)/")
_SOURCE = re.compile(r"(?:\.d)?\.(?:[cm]?[jt]sx?|vue|svelte|astro)$")
_DEPENDENCIES = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_SUBMODULE = re.compile(r"^\s*path\s*=\s*(\S+)", re.MULTILINE)
_WORDS = re.compile(r"[A-Za-z0-9][-_.][A-Za-z0-9]|[a-z][A-Z]")
_CONFIGURATION = re.compile(
    r"(?:.*/)?(?:(?:[\w.-]+\.config|\.[\w-]+rc)|(?:docs?|documentation|website|site|\.[\w-]+)/(?:.*/)?config(?:/[\w.-]+)?)\.[cm]?[jt]sx?"
)
GENERIC = frozenset({"index", "main", "app", "server", "client", "test", "config", "package", "readme", "tsconfig", "changelog", "license"})
"""Stems of files that any project has."""
OF_ANY = frozenset({"src", "app"})
"""Folders that any project has, that of a reader too."""


class PathText(NamedTuple):
    """A text that reads like a path."""

    start: int
    end: int
    text: str


class Meant(NamedTuple):
    """The file or folder that a text means."""

    path: str
    """Root-relative; empty for the root."""
    base: str
    """The folder that the text counts from."""
    evidence: Evidence
    left_out: str = ""
    """The part that the text leaves out at the end of the path: an extension, `/index.js`."""
    written: str = ""
    """The part that the text has in place of that: `.js` for a source `.ts`."""


def path_around(source: bytes, at: int) -> PathText:
    """The longest text around a place in which every letter can be one of a path."""
    before = _BEFORE.search(source, max(at - _FURTHEST, 0), at)
    start = before.start() if before else at
    found = _TOKEN.match(source, start, at + _FURTHEST)
    return _trimmed(source, start, found.end() if found else at)


def paths_in(source: bytes) -> Iterator[PathText]:
    """Every text with a slash in which every letter can be one of a path."""
    at = source.find(b"/")
    while at >= 0:
        text = path_around(source, at)
        yield text
        at = source.find(b"/", max(text.end, at + 1))


def _trimmed(source: bytes, start: int, end: int) -> PathText:
    while start < end and source[end - 1 : end] in b"._-~+@" and source[end - 1 : end]:
        if source[end - 2 : end] == b"__" and source[source.rfind(b"/", start, end) + 1 :].startswith(b"__"):
            break  # `__tests__`
        end -= 1
    while start < end and source[start : start + 1] in (b"_", b"~", b"+", b"-"):
        start += 1
    return PathText(start, end, source[start:end].decode("utf-8", "replace"))


def is_configuration(path: str) -> bool:
    """True for a file that sets up a tool or a site, as any project has one: `rollup.config.js`, `docs/config.ts`."""
    return _CONFIGURATION.fullmatch(path) is not None


def is_of_any_project(text: str) -> bool:
    """True for a path that most projects have, that of a reader too: `src/index.js`."""
    folder, name = posixpath.split(text.removeprefix("./").lstrip("/"))
    return folder in OF_ANY and name.partition(".")[0].lower() in GENERIC


class PathBook:
    """The files and folders of a generation, by the ways in which prose writes them."""

    def __init__(self, generation: Generation) -> None:
        self._generation = generation

    @cached_property
    def files(self) -> frozenset[str]:
        """The paths of all files."""
        return frozenset(self._generation.paths())

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder that holds a file; the root is empty."""
        found: set[str] = {""}
        for path in self.files:
            folder = posixpath.dirname(path)
            while folder not in found:
                found.add(folder)
                folder = posixpath.dirname(folder)
        return frozenset(found)

    @cached_property
    def by_name(self) -> dict[str, list[str]]:
        """The files with a name."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.files):
            found.setdefault(posixpath.basename(path), []).append(path)
        return found

    @cached_property
    def endings(self) -> frozenset[str]:
        """The extensions of the files of the tree."""
        return frozenset(os.path.splitext(path)[1] for path in self.files) - {""}

    @cached_property
    def top(self) -> frozenset[str]:
        """The names of the folders at the root."""
        return frozenset(folder for folder in self.folders if folder and "/" not in folder)

    @cached_property
    def _by_folder(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in [*self.files, *(self.folders - {""})]:
            folder, name = posixpath.split(path)
            found.setdefault(folder, []).append(name)
        return found

    def names_in(self, folder: str) -> list[str]:
        """The names of the files and folders in a folder, by name."""
        return sorted(self._by_folder.get(folder, ()))

    def at_root(self, text: str) -> Meant | None:
        """The file or folder that a path from the root means."""
        return self._at("", text)

    @cached_property
    def _submodules(self) -> tuple[str, ...]:
        return tuple(f"{path}/" for path in _SUBMODULE.findall(_read(self._generation.root, ".gitmodules")))

    @cached_property
    def _ignored(self) -> dict[str, Globs]:
        return {}

    def _ignored_in(self, folder: str) -> Globs:
        """The paths, counted from a folder, that its `.gitignore` names."""
        if folder not in self._ignored:
            lines = (line.strip() for line in _read(self._generation.root, posixpath.join(folder, ".gitignore")).splitlines())
            plain = [line.rstrip("/") for line in lines if line and line[0] not in "#!" and "{" not in line and "[" not in line]
            named = [line.lstrip("/") if "/" in line else f"**/{line}" for line in plain]
            self._ignored[folder] = Globs([glob for line in named for glob in (line, f"{line}/**")])
        return self._ignored[folder]

    def is_left_out(self, path: str) -> bool:
        """True for a path that a checkout may lack: in a submodule, or ignored by a folder above it."""
        parts = path.split("/")
        above = ("/".join(parts[:depth]) for depth in range(len(parts)))
        return f"{path}/".startswith(self._submodules) or any(self._ignored_in(one).fits(path[len(one) :].lstrip("/")) for one in above)

    @cached_property
    def packages(self) -> dict[str, dict[str, Any]]:
        """The manifests of the packages of the tree, by folder."""
        folders = sorted(posixpath.dirname(path) for path in self.by_name.get(MANIFEST, ()))
        read = ((folder, manifest_in(self._generation.root, folder)) for folder in folders)
        return {folder: manifest for folder, manifest in read if manifest is not None}

    @cached_property
    def own_packages(self) -> frozenset[str]:
        """The names of the packages of the tree, those of tests left out."""
        named = (manifest.get("name") for folder, manifest in self.packages.items() if not is_test(posixpath.join(folder, MANIFEST)))
        return frozenset(name for name in named if isinstance(name, str))

    @cached_property
    def dependencies(self) -> frozenset[str]:
        """The names of all that the packages of the tree depend on, and that are not of the tree."""
        tables = (manifest.get(table) for manifest in self.packages.values() for table in _DEPENDENCIES)
        return frozenset(name for table in tables if isinstance(table, dict) for name in table) - self.own_packages

    @cached_property
    def repositories(self) -> frozenset[tuple[str, str]]:
        """Owner and name of the repository, in small letters, as its remotes and its manifest say it."""
        stated = (self.packages.get("") or {}).get("repository")
        stated = stated.get("url") if isinstance(stated, dict) else stated
        remotes = [*git.remotes(self._generation.root), *([stated] if isinstance(stated, str) else [])]
        found = (re.search(r"([\w.-]+)/([\w.-]+?)(?:\.git)?/?$", remote.lower()) for remote in remotes)
        return frozenset((one[1], one[2]) for one in found if one)

    def package_around(self, path: str) -> str:
        """The folder of the package around a path; the root where there is none."""
        folder = posixpath.dirname(path)
        while folder and folder not in self.packages:
            folder = posixpath.dirname(folder)
        return folder

    def meant(self, document: str, text: str) -> Meant | None:
        """The path that a text in a document means: from the folder of the document, its package, the root, or by its end alone."""
        if "//" in text:
            return self._hosted(text)
        if "/" not in text.strip("/"):
            return self._by_name(document, text)
        folder = posixpath.dirname(document)
        if text.startswith((".", "/")):
            own = "" if text.startswith("/") else folder
            bases = dict.fromkeys((own, self.package_around(document), ""))
        else:
            own = ""
            bases = dict.fromkeys(("", self.package_around(document), folder))
        for base in bases:
            found = self._at(base, text.lstrip("/"))
            if found is not None:
                is_sure = base == own or not text.startswith(".")
                return found if is_sure else found._replace(evidence="inferred")
        return None if text.startswith("..") else self._by_end(text)

    def _hosted(self, text: str) -> Meant | None:
        found = _HOSTED.search(text)
        if found is None:
            return None
        owner, name, path = found.groups()[:3] if found[1] else found.groups()[3:]
        if (owner.lower(), name.lower()) not in self.repositories:
            return None
        return self._at("", path)

    def _at(self, base: str, text: str) -> Meant | None:
        joined = posixpath.normpath(posixpath.join(base, text))
        joined = "" if joined == "." else joined
        if joined in self.files:
            return Meant(joined, base, "exact")
        if joined in self.folders:
            return Meant(joined, base, "exact")
        if text.endswith("/"):
            return None
        written = _SOURCE.search(joined)
        stem = joined[: written.start()] if written else joined
        for ending in _ENDINGS:
            if not (written and ending.startswith("/")) and stem + ending in self.files:
                return Meant(stem + ending, base, "inferred", ending, written.group() if written else "")
        return None

    def _by_end(self, text: str) -> Meant | None:
        """The only file that ends like that."""
        plain = text.removeprefix("./").lstrip("/")
        name = posixpath.basename(plain)
        fitting = [path for path in self.by_name.get(name, ()) if path.endswith(f"/{plain}")]
        if len(fitting) != 1:
            return None
        is_own_name = plain.count("/") > 1 or _WORDS.search(posixpath.splitext(name)[0]) is not None
        is_of_reader = text.startswith("./") or not is_own_name  # the folder that it counts from is none of the tree's
        return Meant(fitting[0], fitting[0][: -len(plain) - 1], "possible" if is_of_reader else "inferred")

    def _by_name(self, document: str, text: str) -> Meant | None:
        name = text.strip("/")
        if text.endswith("/") or "." not in name.strip("."):
            return self._at("", text) if text.endswith("/") and name in self.folders else None
        beside = posixpath.join(posixpath.dirname(document), name)
        is_generic = name.partition(".")[0].lower() in GENERIC or is_configuration(name)
        if beside in self.files:
            return Meant(beside, posixpath.dirname(document), "possible" if is_generic else "inferred")
        fitting = self.by_name.get(name, ())
        if len(fitting) != 1:
            return None
        around = self.package_around(document)
        is_near = not around or around == self.package_around(fitting[0])
        is_own_name = _WORDS.search(name.removesuffix(ending_of(name))) is not None and not is_generic
        return Meant(fitting[0], posixpath.dirname(fitting[0]), "inferred" if is_own_name and is_near else "possible")


_ENDINGS: Sequence[str] = (
    *(".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".d.ts", ".vue"),
    *("/index.ts", "/index.tsx", "/index.js", "/index.jsx", "/index.mjs", "/index.d.ts"),
)


def is_of_a_revision(text: str) -> bool:
    """True for an address of the repository on the net that names a tag or a commit, not a branch that goes on."""
    return "//" in text and _BRANCH.search(text) is None


def respelt(text: str, meant: Meant, after: str, base: str) -> str | None:
    """A text that means another path in the same way, counted from another folder; None where it cannot be written so."""
    if meant.left_out and not after.endswith(meant.left_out):
        return None
    shown = after[: len(after) - len(meant.left_out)] + meant.written
    if "//" in text:
        end = meant.path[: len(meant.path) - len(meant.left_out)] + meant.written
        return text[: len(text) - len(end)] + shown if text.endswith(end) else None
    slash = "/" if text.endswith("/") else ""
    if text.startswith("."):
        relative = posixpath.relpath(shown, base or ".")
        return (relative if relative.startswith("../") or not text.startswith("./") else f"./{relative}") + slash
    if text.startswith("/"):
        return f"/{shown}{slash}"
    below = base and shown.startswith(f"{base}/")
    return (shown[len(base) + 1 :] if below else shown) + slash


def ending_of(path: str) -> str:
    """The extension of a source; empty for other files."""
    found = _SOURCE.search(os.path.basename(path))
    return found.group() if found else ""


def _read(root: str, path: str) -> str:
    """The text of a file; empty where there is none."""
    try:
        with open(os.path.join(root, path), encoding="utf-8", errors="replace") as stream:
            return stream.read()
    except OSError:
        return ""
