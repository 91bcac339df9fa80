"""The paths that `package.json` and the configurations of TypeScript and Deno name, after a move."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from clew.edits.jsonc import Text, texts
from clew.edits.moves import extension, names, relative, stem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.edits.moves import Moves

_PACKAGE = frozenset(
    {
        # docs.npmjs.com, nodejs.org/api/packages.html; then what bundlers, CDNs and tools read
        *("main", "module", "types", "typings", "browser", "bin", "exports", "imports", "files", "sideEffects", "source", "typesVersions"),
        *("man", "workspaces", "style", "svelte", "react-native", "jsnext:main", "es2015", "esm2020", "fesm2020", "unpkg", "jsdelivr"),
    }
)
_DOTTED = frozenset({"exports", "imports", "browser", "react-native"})
"""Fields in which only what begins with `./` is a path."""
_LISTS = frozenset({"files", "sideEffects", "man", "workspaces"})
"""Fields whose paths are whole ones; others are looked up, with or without extension."""
_KEYED = frozenset({"browser", "react-native"})
"""Fields whose keys are paths as well."""
_PROJECT = frozenset({("files",), ("include",), ("exclude",), ("references", "path"), ("extends",)})
_OPTIONS = frozenset({"baseUrl", "rootDir", "rootDirs", "typeRoots"})
_PROJECT_FILE = re.compile(r"[tj]sconfig(?:\.[\w.-]+)?\.json$")
_DENO_FILE = re.compile(r"(?:deno|jsr)\.jsonc?$")
_BUILT = ("dist", "lib", "build", "out", "es", "esm", "cjs", "types")
"""Folders of what is built from `src`, as the resolver has them."""
_WORD = re.compile(r"[^\s'\"=;&|()<>]+")


class Setting(NamedTuple):
    """A place that names what moves."""

    start: int
    end: int
    text: str | None
    """The text afterwards; None where that cannot be told."""
    role: str
    """The field."""
    why: str | None = None
    """The reason why it cannot be told."""
    is_inferred: bool = False
    """True where what is named is built of what moves."""
    is_refused: bool = False
    """True where it would name nothing that is there."""


def is_read(path: str) -> bool:
    """True for a file whose settings are understood here."""
    name = posixpath.basename(path)
    return name == "package.json" or _PROJECT_FILE.match(name) is not None or _DENO_FILE.match(name) is not None


class Places(NamedTuple):
    """The files of the tree before the move, and their folders."""

    files: frozenset[str]
    folders: frozenset[str]


def settings(path: str, source: bytes, moves: Moves, places: Places) -> Iterator[Setting]:
    """The places of a file of settings that a move changes."""
    folder = posixpath.dirname(path)
    to = posixpath.dirname(moves.after(path))
    reader = _Reader(moves, folder, to, places)
    name = posixpath.basename(path)
    found = list(texts(source))
    if name == "package.json" or _DENO_FILE.match(name):
        for text in found:
            yield from reader.package(text)
        return
    base = next((text.value for text in found if text.keys == ("compilerOptions", "baseUrl") and not text.is_key), None)
    mapped = reader if base is None else reader.below(base)
    for text in found:
        if text.is_key:
            continue
        match text.keys:
            case ("compilerOptions", "paths", _):
                yield from mapped.one(text, "paths", is_looked_up=True)
            case ("compilerOptions", option) if option in _OPTIONS:
                yield from reader.one(text, option)
            case keys if keys in _PROJECT and (keys != ("extends",) or text.value.startswith(".")):
                yield from reader.one(text, keys[0])
            case _:
                pass


class _Reader:
    """Reads paths that are written from a folder, which itself may move."""

    def __init__(self, moves: Moves, folder: str, to: str, places: Places) -> None:
        self.moves, self.folder, self.to, self.places = moves, folder, to, places

    def below(self, base: str) -> _Reader:
        """The paths that are written from another folder."""
        folder = joined(self.folder, base)
        return _Reader(self.moves, folder, self.moves.folder_after(folder), self.places)

    def package(self, text: Text) -> Iterator[Setting]:
        """A string of a `package.json`."""
        field = text.keys[0] if text.keys else ""
        if field == "scripts" and not text.is_key:
            yield from self.words(text)
        if field not in _PACKAGE or (text.is_key and (field not in _KEYED or len(text.keys) == 1)):
            return
        if field in _DOTTED and not text.value.startswith("./"):
            return
        for setting in self.one(text, field, is_looked_up=field not in _LISTS) or self.built(text, field):
            is_outside = setting.text is not None and setting.text.lstrip("!").startswith("../")
            if is_outside:
                why = f"`{field}` cannot lead out of the package"
                yield setting._replace(text=None, why=why, is_refused=field not in _LISTS)
            else:
                yield setting

    def one(self, text: Text, role: str, *, is_looked_up: bool = False) -> list[Setting]:
        """A string that is a path as a whole, or a pattern of paths; one that is looked up may lack an extension."""
        now = self.after(text.value, is_looked_up=is_looked_up)
        return [] if now is None or now == text.value else [Setting(text.start, text.end, now, role)]

    def built(self, text: Text, role: str) -> list[Setting]:
        """A path that is not there, of what is built of something that moves: `dist/x.js` of `src/x.ts`."""
        value = text.value
        fixed, star, rest = value.partition("*")
        ending = extension(value) if not star else ""
        parts = stem(fixed).split("/") if not star else fixed.split("/")
        at = next((place for place, part in enumerate(parts) if part in _BUILT), None)
        if at is None or joined(self.folder, value) in self.places.files:
            return []
        for below in range(at + 1, len(parts)):
            for source in ("src/", ""):
                beginning, after = (f"{joined(of, '/'.join(parts[:at]))}/{source}".lstrip("/") for of in (self.folder, self.to))
                to = self._source_after(beginning + "/".join(parts[below:]), is_folder=bool(star))
                if to is not None and not to.startswith(after):
                    why = f"what is built of {beginning}{'/'.join(parts[below:])}, which goes elsewhere"
                    return [Setting(text.start, text.end, None, role, why)]
                if to is not None:
                    now = "/".join([*parts[:below], to[len(after) :]]) + (star + rest if star else ending)
                    return [] if now == value else [Setting(text.start, text.end, now, role, is_inferred=True)]
            if parts[below] not in _BUILT:
                break
        return []

    def _source_after(self, named: str, *, is_folder: bool) -> str | None:
        """The path afterwards of a source without extension, or of a folder; None for one that stays."""
        if is_folder:
            after = self.moves.folder_after(named.rstrip("/"))
            return None if after == named.rstrip("/") else after + "/" * named.endswith("/")
        to = self.moves.bare.get(named)
        return None if to is None else stem(to)

    def words(self, text: Text) -> Iterator[Setting]:
        """The words of a command that are paths of files and folders which are there."""
        if len(text.value.encode()) != text.end - text.start or not text.value.isascii():
            return
        for word in _WORD.finditer(text.value):
            value = word.group()
            now = self.after(value, is_looked_up=joined(self.folder, value) not in self.places.folders)
            if now is None or now == value:
                continue
            start, end = text.start + word.start(), text.start + word.end()
            if "/" in value or "." in value:
                yield Setting(start, end, now, "scripts")
            else:
                yield Setting(start, end, None, "scripts", f"`{value}` may be the folder or a name")

    def after(self, value: str, *, is_looked_up: bool) -> str | None:
        """The text of a path afterwards, its `!`, `./` and `/` kept; None where it names nothing that the move concerns."""
        bang = "!" if value.startswith("!") else ""
        path = value[len(bang) :]
        if not path or "://" in path:
            return None
        head, _, rest = path.partition("*")
        fixed = head.rpartition("/")[0] if "*" in path else path
        rest = path[len(fixed) :] if "*" in path else ""
        if "*" in path and not fixed:
            return None
        named = joined(self.folder, fixed)
        to = self._named_after(named, is_looked_up=is_looked_up and not rest)
        if to == named and self.folder == self.to:
            return None
        now = relative(to, self.to)
        if not rest and path.endswith("/"):
            now = f"{now}/"
        if path.startswith(".") and not now.startswith("."):
            now = f"./{now}"
        if posixpath.normpath(now) == posixpath.normpath(fixed or "."):
            return None
        return f"{bang}{now}{rest}"

    def _named_after(self, named: str, *, is_looked_up: bool) -> str:
        moves, files = self.moves, self.places.files
        if moves.folder is not None:
            return moves.named_after(named, None) or named
        if is_looked_up and named not in files:
            for target in moves.files:
                if named in names(target):
                    return moves.named_after(named, target) or named
        return moves.after(named)


def joined(folder: str, path: str) -> str:
    """A path from a root-relative folder, root-relative; what leads out of the root stays in it."""
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
