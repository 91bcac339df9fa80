"""A draft of edits by path, of files that may move, and where a move may lead."""

from __future__ import annotations

import os
import posixpath
import shlex
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from msgspec.structs import replace

from clew._native import digest
from clew.edits.moves import Moves, stem
from clew.edits.planning import EXACT, Draft, SiteRow
from clew.edits.plans import FileChange, TextEdit, applied, ordered
from clew.errors import InvalidRequest, OutsideWorkspace, UnsafeEdit
from clew.index.generation import SourceChanged
from clew.index.overlay import overlaid
from clew.index.rows import CODE, STALE, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from clew.edits.planning import Action
    from clew.workspace import Workspace

_LONGEST = 160
_NEVER = frozenset({".git", ".clew", "node_modules"})


class Site(NamedTuple):
    """A place of a plan, by path and byte."""

    path: str
    start: int
    action: Action
    role: str | None = None
    why: str | None = None
    evidence: str = EXACT
    by: str | None = None


class Moving(Draft):
    """The edits of a move; `tree` is the one before, with what moves in it even where it is ignored."""

    names_files: ClassVar[bool] = True

    def __init__(self, workspace: Workspace, moves: Moves) -> None:
        super().__init__(workspace)
        self.moves = moves
        self.sites: dict[Site, None] = {}
        self._held: dict[str, bytes] = {}
        self._edits: dict[str, list[TextEdit]] = {}
        unknown = {path: self.bytes_of(path) for path in moves.files if self.generation.id_of(path) is None}
        self.tree = overlaid(self.generation, unknown) if unknown else self.generation

    @property
    def needles(self) -> tuple[bytes, ...]:
        """The texts of which one stands wherever something that moves is named."""
        path = self.moves.folder[0] if self.moves.folder else next(iter(self.moves.files))
        name = posixpath.basename(path)
        bare = stem(name)
        above = posixpath.basename(posixpath.dirname(path))
        return tuple(text.encode() for text in {bare if self.moves.folder is None else name, above if bare == "index" else bare} if text)

    def put(self, site: Site, end: int, text: str | None) -> None:
        """Add a place, and its edit unless it is kept; the same once."""
        self.sites[site] = None
        if text is not None:
            self._edits.setdefault(site.path, []).append(TextEdit(site.start, end, text.encode()))

    def bytes_of(self, path: str) -> bytes:
        """The bytes of a file. Raises StaleInput where they are no longer those that were indexed."""
        if path not in self._held:
            file = self.generation.id_of(path)
            flags = 0 if file is None else self.generation.flags_of(file)
            if file is not None and flags & (CODE | TEXT) and not flags & STALE:
                self._held[path] = self.source(file)
            else:
                try:
                    with open(os.path.join(self.workspace.root, path), "rb") as stream:
                        self._held[path] = stream.read()
                except OSError as error:
                    raise UnsafeEdit(f"{path} cannot be read: {error.strerror}", file=path) from error
        return self._held[path]

    def content(self, file: int) -> bytes | None:
        """The bytes of a file that is looked through; None where they are not known."""
        try:
            return self.tree.source(file)
        except SourceChanged:
            return None

    def read(self, files: Iterable[int]) -> dict[str, list[tuple[int, int]]]:
        """The spans of some files, by path, that an import or a setting is read from."""
        edges = [edge for file in files for edge in self.tree.imports(file)]
        spans: dict[str, list[tuple[int, int]]] = {}
        places = self.tree.linker.import_places([(edge.importer, edge.row) for edge in edges])
        for edge, (_, start, end) in zip(edges, places, strict=True):
            spans.setdefault(self.tree.path_of(edge.importer), []).append((start, end))
        for path, edits in self._edits.items():
            spans.setdefault(path, []).extend((edit.start, edit.end) for edit in edits)
        return spans

    def before(self, change: FileChange) -> bytes:
        """The bytes of a file before."""
        return self.bytes_of(change.path)

    def contents(self) -> dict[str, bytes | None]:
        """The bytes of each path afterwards, as far as edits are known; None where nothing is."""
        made: dict[str, bytes | None] = dict.fromkeys(self.moves.files)
        for change in self.changes():
            made[change.to or change.path] = applied(self.bytes_of(change.path), change.edits)
        return made

    def changes(self) -> tuple[FileChange, ...]:
        """The change of each file, by path."""
        made: list[FileChange] = []
        for path in sorted({*self._edits, *self.moves.files}):
            content = self.bytes_of(path)
            edits = ordered(path, self._edits.get(path, ()))
            named = digest(content)
            after = digest(applied(content, edits)) if edits else named
            made.append(FileChange(path=path, to=self.moves.files.get(path), before=named, after=after, edits=edits))
        return tuple(made)

    def rows(self, changes: Sequence[FileChange]) -> tuple[SiteRow, ...]:
        """The files that move, then the places that are rewritten, then those that are kept, each by file and place."""
        moved = [
            SiteRow(n=n, file=path, line=1, column=1, action="moved", before=path, after=to)
            for n, (path, to) in enumerate(sorted(self.moves.files.items()), 1)
        ]
        edits = {change.path: change.edits for change in changes}
        sites = sorted(self.sites, key=lambda site: (site.action == "kept", site.path, site.start))
        return (*moved, *(self._row(n, site, edits) for n, site in enumerate(sites, len(moved) + 1)))

    def _row(self, n: int, site: Site, edits: Mapping[str, Sequence[TextEdit]]) -> SiteRow:
        content = self.bytes_of(site.path)
        start = content.rfind(b"\n", 0, site.start) + 1
        end = content.find(b"\n", site.start)
        end = len(content) if end < 0 else end
        here = [replace(one, start=one.start - start, end=one.end - start) for one in edits.get(site.path, ()) if start <= one.start < end]
        file = self.generation.id_of(site.path)
        column = content[start : site.start].decode("utf-8-sig" if start == 0 else "utf-8", "replace")
        return SiteRow(
            n=n,
            file=site.path,
            line=content.count(b"\n", 0, start) + 1,
            column=len(column.encode("utf-16-le")) // 2 + 1,
            action=site.action,
            role=site.role,
            evidence=site.evidence,
            by=site.by,
            before=_shown(content[start:end]),
            after=None if site.action == "kept" else _shown(applied(content[start:end], here)),
            within=None if file is None else self.section_around(file, site.start),
            why=site.why,
        )


def _shown(line: bytes) -> str:
    text = line.decode("utf-8", "replace").strip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def destination(workspace: Workspace, old: str, new: str) -> tuple[str, str, Moves, tuple[str, ...]]:
    """Root-relative path before and after, the files that move, and what stays in a folder.

    Raises InvalidRequest, NoSuchFile, OutsideWorkspace, and UnsafeEdit for a place that is taken or must not be written.
    """
    for given in (old, new):
        if not given.strip() or "\0" in given or not _is_text(given):
            raise InvalidRequest(f"{given!r} is no path", given=given)
    source = workspace.resolve_path(old)
    root = workspace.root
    base = os.getcwd() if workspace.relative(os.path.join(os.getcwd(), old)) == source else root
    target = workspace.relative(os.path.join(base, new))
    if target is None:
        raise OutsideWorkspace(f"{new} is outside of {root}", given=new)
    if source == ".":
        raise UnsafeEdit("The root cannot be moved")
    whole = os.path.join(root, source)
    if os.path.islink(whole):
        raise UnsafeEdit(f"{source} is a symbolic link; what it leads to can be moved", file=source)
    if os.path.isdir(os.path.join(root, target)) and not _is_same(whole, os.path.join(root, target)):
        target = posixpath.normpath(posixpath.join(target, posixpath.basename(source)))
    elif new.endswith("/") and os.path.isfile(whole):
        target = posixpath.join(target, posixpath.basename(source))
    _refuse(workspace, source, target)
    if os.path.isfile(whole):
        return source, target, Moves({source: target}), ()
    files, left = _inside(workspace, source)
    if not files:
        raise UnsafeEdit(f"{source} holds no file that could be moved", file=source)
    moved = {path: target + path[len(source) :] for path in files}
    return source, target, Moves(moved, (source, target)), left


def _refuse(workspace: Workspace, source: str, target: str) -> None:
    root = workspace.root
    if target == source:
        raise InvalidRequest(f"{source} is there already", given=source)
    if f"{target}/".startswith(f"{source}/"):
        raise InvalidRequest(f"{source} cannot be moved into itself", given=target)
    for path in (source, target):
        if _NEVER & set(path.split("/")):
            raise UnsafeEdit(f"{path} is in a folder that is left alone", file=path)
    place = os.path.join(root, target)
    if os.path.lexists(place) and not _is_same(os.path.join(root, source), place):
        raise UnsafeEdit(
            f"{target} is there already, and is never overwritten", hint=shlex.join(["js-scan", "--outline", target]), file=target
        )
    above = posixpath.dirname(target)
    while above and not os.path.lexists(os.path.join(root, above)):
        above = posixpath.dirname(above)
    if above and not os.path.isdir(os.path.join(root, above)):
        raise UnsafeEdit(f"{above} is a file, so {target} cannot be in it", file=above)


def _inside(workspace: Workspace, folder: str) -> tuple[list[str], tuple[str, ...]]:
    """The files of a folder that are known or hidden, and what stays."""
    known = {path for path in workspace.generation.paths() if path.startswith(f"{folder}/")}
    found: list[str] = []
    left: list[str] = []
    for path in _walk(workspace.root, folder):
        hidden = any(part.startswith(".") for part in path[len(folder) + 1 :].split("/"))
        whole = os.path.join(workspace.root, path)
        if os.path.isfile(whole) and not os.path.islink(whole) and (path in known or hidden):
            found.append(path)
        else:
            left.append(path)
    return sorted(found), tuple(sorted(left)[:50])


def _walk(root: str, folder: str) -> Iterator[str]:
    """The files of a folder and all folders in it; of a folder that is left alone only itself."""
    with os.scandir(os.path.join(root, folder)) as entries:
        for entry in entries:
            path = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False) and entry.name not in _NEVER:
                yield from _walk(root, path)
            else:
                yield path


def _is_same(one: str, other: str) -> bool:
    """True for two spellings of one place, on a file system that takes them for the same."""
    return one.casefold() == other.casefold() and os.path.exists(other) and os.path.samefile(one, other)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
