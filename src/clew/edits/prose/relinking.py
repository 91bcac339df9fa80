"""Links that a plan would lead elsewhere, written so that they lead where they led."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from clew.edits.moves import Moves, relative
from clew.edits.offsets import OffsetMap
from clew.edits.plans import applied
from clew.edits.prose.spelling import Way, Written, edit_of, encoded, fragment_of, path_to, written
from clew.edits.prose.whereabouts import Landing, Outlined, Whereabouts, broken_headings, landings
from clew.index.prose import read_prose
from clew.index.rows import PROSE
from clew.markdown.percent import unquote
from clew.markdown.resolving import ROUTED, Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from clew.edits.plans import FileChange, TextEdit
    from clew.edits.prose.whereabouts import BrokenHeading, Carry
    from clew.index.prose import Link
    from clew.markdown.documents import Document, Library
    from clew.markdown.resolving import Destination
    from clew.markdown.slugs import Dialect

LINES = re.compile(r"L(\d+)((?:C\d+)?)(?:(-L?)(\d+)((?:C\d+)?))?")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")


class Relinked(NamedTuple):
    """A link that is written otherwise."""

    path: str
    """The document before."""
    link: Link
    """The link."""
    edit: TextEdit
    """The edit of its destination."""


class Unwritten(NamedTuple):
    """A link that stays as it is, and why."""

    path: str
    """The document before."""
    link: Link
    """The link."""
    why: str
    """The reason why it stays."""
    dangles: bool
    """True where it led somewhere, and would lead nowhere or elsewhere."""


class Relinking(NamedTuple):
    """The links that a plan concerns."""

    edits: Sequence[Relinked]
    """Those that are written otherwise."""
    unwritten: Sequence[Unwritten]
    """Those that would have to be, and cannot."""
    anchors: Mapping[str, Mapping[str, Landing | None]]
    """The anchors that go elsewhere or away, by document and anchor before."""
    broken: Sequence[BrokenHeading]
    """The headings that would be others, although nobody changes them."""


def relinked(
    library: Library,
    changes: Sequence[FileChange],
    source: Callable[[str], bytes],
    *,
    carries: Sequence[Carry] = (),
    moves: Moves | None = None,
    load: Callable[[Iterable[str]], None] | None = None,
) -> Relinking:
    """The links of all documents that changes would lead elsewhere.

    A link leads to a file or a folder, and in a document to a section, a name in HTML or a line; where the plan takes that elsewhere its
    destination is written anew in its own style. `moves` are the files and the folder that move; `source` gives the bytes of a file before,
    `load` is told which ones are going to be asked for.
    """
    return _Relinker(library, changes, source, carries, moves or Moves({})).run(load)


def destination_from(library: Library, document: Document, link: Link, here: str) -> Written:
    """The destination of a link as it is written from another document, while nothing else changes."""
    return _Relinker(library, (), lambda _: b"", (), Moves({})).written_from(document, link, here)


def outlined(library: Library, changes: Sequence[FileChange], source: Callable[[str], bytes]) -> dict[str, Outlined]:
    """The changed documents after the plan, by their path then."""
    after: dict[str, Outlined] = {}
    for change in changes:
        if change.place is not None and change.place.endswith(PROSE):
            prose = read_prose(change.place, applied(source(change.path), change.edits))
            after[change.place] = Outlined(prose, library.dialects.of(change.place))
    return after


def lines_after(anchor: str, before: bytes, offsets: OffsetMap, after: bytes) -> str | None:
    """An anchor of lines, `L12` or `L3-L5`, after edits; the anchor itself where it means no lines, None where these are gone."""
    found = LINES.fullmatch(anchor)
    if found is None:
        return anchor
    starts = [0, *(one.end() for one in re.finditer(rb"\r\n|\n|\r", before))]
    numbers: list[int] = []
    for number in (int(group) for group in (found[1], found[4]) if group):
        if not 1 <= number <= len(starts):
            return anchor
        at = offsets.start(starts[number - 1])
        if at is None:
            return None
        numbers.append(len(re.findall(rb"\r\n|\n|\r", after[:at])) + 1)
    last = f"{found[3]}{numbers[1]}{found[5]}" if found[4] else ""
    return f"L{numbers[0]}{found[2]}{last}"


def _names_on_the_net(address: str, moves: Moves) -> bool:
    """True for an address whose path ends as that of a file that moves; one of the root, where a host shows files of a branch."""
    path = unquote(written(address).path).partition("//")[2].strip("/")
    is_shown = any(f"/{word}/" in path for word in ("blob", "tree", "raw"))
    parts = path.split("/")[1:]
    ends = ("/".join(parts[at:]) for at in range(len(parts)))
    return any(("/" in end or is_shown) and (end in moves.files or moves.folder_after(end) != end) for end in ends)


class _Stays(NamedTuple):
    """The fate of a link that is not written otherwise, as in `Unwritten`."""

    why: str
    dangles: bool


class _GoneError(Exception):
    """The destination of a link is gone after the plan."""


class _Relinker:
    """One pass over the links of all documents."""

    def __init__(
        self, library: Library, changes: Sequence[FileChange], source: Callable[[str], bytes], carries: Sequence[Carry], moves: Moves
    ) -> None:
        self._library = library
        self._resolver = Resolver(library)
        self._source = source
        self._where = Whereabouts(changes, carries)
        self._carries = carries
        self._moves = moves
        self._changes = {change.path: change for change in changes if change.before is not None}
        self._gone = frozenset(path for path, change in self._changes.items() if change.place is None)
        self._after = outlined(library, changes, source)
        self.anchors = {
            path: found for path, change in self._changes.items() if path.endswith(PROSE) and (found := self._moved_anchors(change))
        }
        self._lines: dict[str, bytes] = {}
        """The changed documents after the plan, which lines are counted in."""
        self._alike: dict[tuple[str, Dialect, str], Written | _Stays | None] = {}
        """Destinations with a path as they are written afterwards, by folder and dialect: alike in all documents that stay as they are."""

    def _moved_anchors(self, change: FileChange) -> dict[str, Landing | None]:
        """The anchors of a document that are others afterwards."""
        document = self._document(change.path)
        if document is None or change.place is None:
            return {}
        is_same = not change.edits and document.dialect == self._library.dialects.of(change.place)
        return {} if is_same else landings(document, self._after, self._where)

    def _document(self, path: str) -> Document | None:
        file = self._library.file(path)
        return None if file is None else self._library.document(file)

    def run(self, load: Callable[[Iterable[str]], None] | None) -> Relinking:
        """The links that are written otherwise, and those that cannot be."""
        edits: list[Relinked] = []
        unwritten: list[Unwritten] = []
        fragments = {anchor for anchors in self.anchors.values() for anchor in anchors}
        edited = any(change.edits and path.endswith(PROSE) for path, change in self._changes.items())
        parts: list[tuple[Document, Link, Written]] = []
        for document, links in self._looked_at(fragments, edited=edited):
            for link in self._concerned(document, links, fragments):
                found = self._parts_after(document, link)
                if isinstance(found, Written):
                    parts.append((document, link, found))
                elif found is not None:
                    unwritten.append(Unwritten(document.path, link, found.why, found.dangles))
        if load is not None:
            load(document.path for document, _, _ in parts)
        for document, link, text in parts:
            edit = edit_of(self._source(document.path), link, text)
            if edit is not None:
                edits.append(Relinked(document.path, link, edit))
            else:
                dangles = self._resolver.resolve(document, link).problem is None
                unwritten.append(Unwritten(document.path, link, "it is written in a way that cannot be rewritten", dangles=dangles))
        return Relinking(edits, unwritten, self.anchors, tuple(self._broken()))

    def _broken(self) -> Iterator[BrokenHeading]:
        for path, change in self._changes.items():
            document = self._document(path)
            if document is not None and change.place in self._after:
                yield from broken_headings(document, change, self._after, self._where, self._carries)

    @property
    def _has_moves(self) -> bool:
        return bool(self._moves.files) or bool(self._gone)

    def _looked_at(self, fragments: set[str], *, edited: bool) -> Iterator[tuple[Document, Sequence[Link]]]:
        """The links of all documents; where no file and no text moves, those whose fragment may be one of these."""
        library = self._library
        each = library.generation.bounds.each
        if self._has_moves or (edited and self._carries):
            for file in each(sorted(library.files), "files"):
                document = library.document(file)
                yield document, document.prose.all_links
        elif edited:
            for file, indices in each(list(library.links_to(fragments).items()), "files"):
                document = library.document(file)
                links = document.prose.all_links
                yield document, [links[index] for index in indices]

    def _concerned(self, document: Document, links: Iterable[Link], fragments: set[str]) -> Iterator[Link]:
        """The links of a document that the plan may concern."""
        moves = self._has_moves
        for link in links:
            text = link.destination
            if text is None or link.definition is not None:
                continue
            if _SCHEME.match(text):
                if moves and _names_on_the_net(text, self._moves):
                    yield link
                continue
            if moves or self._carry_of(document.path, link.start) is not None:
                yield link
                continue
            _, mark, fragment = text.partition("#")
            if not mark:
                continue
            anchor = unquote(fragment)
            if not fragments.isdisjoint((anchor, fragment, anchor.removeprefix("user-content-"))) or LINES.fullmatch(anchor):
                yield link

    def _carry_of(self, path: str, offset: int) -> Carry | None:
        return next((one for one in self._carries if one.path == path and one.start <= offset < one.end), None)

    def written_from(self, document: Document, link: Link, here: str) -> Written:
        """The parts of a destination that lead from another document to where they lead from theirs."""
        found, known = self._resolver.resolve(document, link), written(link.destination or "")
        if found.external:
            return known
        return self._same_place(document, known, here) if found.path is None else self._parts(document, link, found, here)

    def _parts_after(self, document: Document, link: Link) -> Written | _Stays | None:
        """The parts of a destination as it has to be written; None where it need not be, or goes with its text."""
        here = self._where.start(document.path, link.start)
        if here is None:
            return None
        if document.path in self._changes or not written(link.destination or "").path:
            parts = self._written_at(document, link, here.path)
            return None if isinstance(parts, Written) and self._is_touched(document.path, link) else parts
        asked = document.folder, document.dialect, link.destination or ""
        if asked not in self._alike:
            self._alike[asked] = self._written_at(document, link, here.path)
        return self._alike[asked]

    def _written_at(self, document: Document, link: Link, here: str) -> Written | _Stays | None:
        found = self._resolver.resolve(document, link)
        known = written(link.destination or "")
        if found.external:
            return _Stays("an address on the net, which nothing here can check", dangles=False)
        if found.path is None:
            parts = self._same_place(document, known, here)
            is_route = document.dialect in ROUTED and not posixpath.splitext(known.path)[1]
            if is_route and (parts != known or self._names_changed(known.path)):
                return _Stays("a route, which only the generator of the site knows", dangles=False)
        elif found.problem is not None and here == document.path and self._path_after(found) == found.path:
            return None
        else:
            try:
                parts = self._parts(document, link, found, here)
            except _GoneError as gone:
                return _Stays(f"{gone} is gone then", dangles=found.problem is None)
        return None if parts == known else parts

    def _names_changed(self, route: str) -> bool:
        """True for a route that ends as the path of a document does which the plan changes or moves, without its ending."""
        return unquote(route).strip("/").rpartition("/")[2] in self._changed_names

    @cached_property
    def _changed_names(self) -> frozenset[str]:
        stems = (posixpath.splitext(path)[0].removesuffix("/index") for path in [*self._changes, *self._moves.files])
        return frozenset(stem.rpartition("/")[2] for stem in stems)

    def _is_touched(self, path: str, link: Link) -> bool:
        """True for a link whose destination an edit changes, as its caller wants it; text that is carried is not changed by that."""
        change, span = self._changes.get(path), link.destination_span
        if change is None or span is None or self._carry_of(path, link.start) is not None:
            return False
        return any(edit.start < span[1] and edit.end > span[0] for edit in change.edits)

    def _same_place(self, document: Document, known: Written, here: str) -> Written:
        """A relative path that leads nowhere in the tree, so that it names the same place from the new one."""
        folder, path = posixpath.dirname(document.path), unquote(known.path)
        named = self._moves.folder_after(posixpath.normpath(posixpath.join(folder, path)))
        text = posixpath.relpath(named, posixpath.dirname(here) or ".")
        if not path or path.startswith("/") or posixpath.normpath(path) == text:
            return known
        dot = "./" if known.path.startswith("./") and not text.startswith(".") else ""
        slash = "/" if known.path.endswith("/") else ""
        return known._replace(path=encoded(f"{dot}{text}{slash}", like=known.path))

    def _path_after(self, found: Destination) -> str | None:
        """The path of what a link leads to, after the plan; None for what is gone."""
        path = found.path or ""
        return self._where.file(path) if path in self._changes else self._moves.folder_after(path)

    def _parts(self, document: Document, link: Link, found: Destination, here: str) -> Written:
        """The parts that lead to the same from where the link is then. Raises _GoneError where nothing does."""
        known = written(link.destination or "")
        target = self._path_after(found)
        if target is None:
            raise _GoneError(found.path)
        fragment = known.fragment
        if found.anchor is not None and found.problem is None and found.document is not None:
            landed = self._landing(found, target)
            if landed is None:
                raise _GoneError(f"{found.path}#{found.anchor}")
            target = landed.path
            if landed.anchor != found.anchor.removeprefix("user-content-"):
                fragment = fragment_of(landed.anchor, known.fragment or "")
        return Written(self._path(document, found, known, target, here), known.query if known.path else "", fragment)

    def _landing(self, found: Destination, target: str) -> Landing | None:
        path, anchor = found.path or "", (found.anchor or "").removeprefix("user-content-")
        moved = self.anchors.get(path, {})
        for known in (anchor, found.anchor or ""):
            if known in moved:
                return moved[known]
        change = self._changes.get(path)
        if change is not None and change.edits and found.document is not None and anchor not in found.document.anchors:
            before = self._source(path)
            if path not in self._lines:
                self._lines[path] = applied(before, change.edits)
            now = lines_after(anchor, before, OffsetMap.of(change.edits), self._lines[path])
            return None if now is None else Landing(target, now)
        return Landing(target, anchor)

    def _path(self, document: Document, found: Destination, known: Written, target: str, here: str) -> str:
        """The path of a destination, written from a document at `here`; the one that stands there where it leads there still."""
        names_itself = bool(known.path) and found.path == document.path
        if target == here and not names_itself and (known.fragment is not None or not known.path):
            return ""
        if not known.path:
            return encoded(relative(target, posixpath.dirname(here)), like="")
        base = found.base if found.base is None else self._moves.folder_after(found.base) if found.base else ""
        before, after = posixpath.dirname(document.path), posixpath.dirname(here)
        if target == found.path and (found.base is not None or before == after):
            return known.path
        return path_to(target, after, Way(known.path, found.named, found.path or "", base))
