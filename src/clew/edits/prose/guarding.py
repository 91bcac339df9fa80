"""Proof of a plan for prose: links lead where they led, and headings that nobody changes stay as they are."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from clew._native import redirected
from clew.edits.offsets import OffsetMap
from clew.edits.prose.relinking import LINES, lines_after
from clew.edits.prose.whereabouts import Landing, Outlined, Whereabouts, broken_headings, landings
from clew.markdown.documents import Library
from clew.markdown.percent import unquote
from clew.markdown.resolving import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from clew.edits.moves import Moves
    from clew.edits.plans import FileChange
    from clew.edits.prose.whereabouts import Carry
    from clew.index.overlay import Overlay
    from clew.index.prose import Link
    from clew.markdown.documents import Document
    from clew.markdown.resolving import Destination


class BrokenLink(NamedTuple):
    """A link that would no longer lead where it led, or a heading that would change by the way."""

    path: str
    """The document before."""
    line: int
    """The line before, counted from 1."""
    column: int
    """The UTF-16 column before, counted from 1."""
    text: str
    """The destination or the heading, as it is written."""
    why: str
    """Its fate."""
    dangles: bool = False
    """True for a link whose destination the plan takes away."""

    @property
    def said(self) -> str:
        """Place and reason in a line."""
        return f"{self.path}:{self.line}:{self.column} {self.text}: {self.why}"


Redirected = tuple[int, str]
"""A link with another destination: its index among links and definitions, and the destination."""


def redirected_only(library: Library, changes: Sequence[FileChange], source: Callable[[str], bytes]) -> dict[str, list[Redirected]]:
    """The documents in which changes give links another destination and touch nothing else, by path, with these links.

    They are read as before, so that nobody needs to parse them again.
    """
    files = {change.path: file for change in changes if change.place == change.path and (file := library.file(change.path)) is not None}
    edits = {change.path: [(edit.start, edit.end, edit.text) for edit in change.edits] for change in changes}
    documents = [(facts, source(path), edits[path]) for path, facts in zip(files, library.facts(list(files.values())), strict=True)]
    return {path: links for path, links in zip(files, redirected(documents), strict=True) if links is not None}


class ProseGuard:
    """The documents before and after a plan, and what leads where in both.

    `moves` are the files and the folder that move. `redirected` are documents of which the tree after the plan has what stands in them
    before it, with the links that have another destination then, as `redirected_only` finds them.
    """

    def __init__(
        self,
        before: Library,
        after: Overlay,
        changes: Sequence[FileChange],
        *,
        carries: Sequence[Carry] = (),
        moves: Moves | None = None,
        redirected: Mapping[str, Sequence[Redirected]] | None = None,
    ) -> None:
        self._before, self._after = before, Library(after)
        self._led, self._leads = Resolver(self._before), Resolver(self._after)
        self._all = changes
        self._changes = {change.path: change for change in changes if change.before is not None}
        self._where = Whereabouts(changes, carries)
        self._carries = carries
        self._moves = moves
        self._redirected = redirected or {}
        self._outlined = {
            change.place: Outlined(there.prose, there.dialect)
            for change in changes
            if change.place is not None
            and change.path not in self._redirected
            and (there := self._document(self._after, change.place)) is not None
        }
        self._landings: dict[str, dict[str, Landing | None]] = {}

    @staticmethod
    def _document(library: Library, path: str) -> Document | None:
        file = library.file(path)
        return None if file is None else library.document(file)

    @cached_property
    def _has_moves(self) -> bool:
        """True where a file has another path afterwards, or none; one that is made can be found in place of another one."""
        return any(change.place != change.path or change.before is None for change in self._all)

    @cached_property
    def _moved_anchors(self) -> frozenset[str]:
        """The anchors that some document has elsewhere or no more."""
        return frozenset(anchor for path in self._changes if path not in self._redirected for anchor in self._landed(path))

    def links(self) -> Iterator[BrokenLink]:
        """The links that would no longer lead where they led.

        Of the changed documents every link is looked at, of others those that a file with another path or none concerns, and those
        to anchors that go away.
        """
        for document, indices in self._looked_at():
            if document.path in self._redirected:
                yield from self._in_redirected(document, indices)
            elif document.path in self._changes:
                yield from self._in_changed(document)
            else:
                links = document.prose.all_links
                for link in (links[index] for index in indices):
                    if link.definition is None and link.destination and self._may_lead_elsewhere(link.destination):
                        yield from self._checked(document, link, self._leads.resolve(document, link))

    def _looked_at(self) -> Iterator[tuple[Document, Sequence[int]]]:
        """The documents with links that may lead elsewhere, and these links, by index, of those that the plan leaves as they are."""
        if self._has_moves:
            for document in self._before.all():
                yield document, range(len(document.prose.all_links))
            return
        moved = self._moved_anchors
        changed = {file for path in self._changes if (file := self._before.file(path)) is not None}
        named = self._before.links_to(moved, None if moved else changed)
        for file in sorted(changed | named.keys()):
            yield self._before.document(file), named.get(file, [])

    def _may_lead_elsewhere(self, destination: str) -> bool:
        """False for a destination that means the same in both trees, as no file moved and no anchor of that name did."""
        fragment = destination.partition("#")[2]
        moved = self._moved_anchors
        return self._has_moves or (bool(fragment) and (fragment in moved or _is_moved(unquote(fragment), moved)))

    def headings(self) -> Iterator[BrokenLink]:
        """The headings outside of edits that would be others, or none, and new ones outside of new text."""
        for path, change in self._changes.items():
            document = None if path in self._redirected else self._document(self._before, path)
            if document is not None and change.place in self._outlined:
                for where, heading, why in broken_headings(document, change, self._outlined, self._where, self._carries):
                    yield BrokenLink(where, heading.line, heading.column, heading.text, why)

    def _landed(self, path: str) -> dict[str, Landing | None]:
        if path in self._redirected:
            return {}
        if path not in self._landings:
            document = self._document(self._before, path)
            self._landings[path] = {} if document is None else landings(document, self._outlined, self._where)
        return self._landings[path]

    def _in_changed(self, document: Document) -> Iterator[BrokenLink]:
        place = self._where.file(document.path)
        there = None if place is None else self._document(self._after, place)
        if there is None:
            return
        known = {(path, link.start): (one, link) for path, one in self._places(there) for link in one.prose.all_links}
        for link in document.prose.all_links:
            at = self._where.start(document.path, link.start)
            if at is None or self._is_replaced(document.path, link):
                continue
            found = known.get((at.path, at.at))
            if found is None or found[1].kind != link.kind:
                if link.kind != "undefined" and self._led.resolve(document, link).problem is None:
                    yield _broken(document, link, "is no such link any more" if found is None else "is read otherwise")
                continue
            is_same = found[1].destination == link.destination and found[0].path == document.path and link.definition is None
            if link.definition is not None or (link.destination and not (is_same and not self._may_lead_elsewhere(link.destination))):
                yield from self._checked(document, link, self._leads.resolve(*found))

    def _in_redirected(self, document: Document, indices: Iterable[int]) -> Iterator[BrokenLink]:
        """The broken links of a document that keeps all but some destinations: links with a new one, and links to anchors that go away."""
        now = dict(self._redirected[document.path])
        links, first = document.prose.all_links, len(document.prose.links)
        looked_at = {*indices, *now}
        if any(index >= first for index in looked_at):
            by_definition = ((index, link.definition) for index, link in enumerate(links) if link.definition is not None)
            looked_at |= {index for index, definition in by_definition if first + definition in looked_at}
        for index in sorted(looked_at):
            definition = links[index].definition
            said_at = index if definition is None else first + definition
            text = now[said_at] if said_at in now else document.prose.destination_of(links[index])
            if text is not None and (said_at in now or self._may_lead_elsewhere(text)):
                is_own = text.startswith(("#", "?"))  # all else is relative to a folder, which is as it was
                there = self._document(self._after, document.path) if is_own else document
                if there is not None:
                    yield from self._checked(document, links[index], self._leads.place_of(there, text))

    def _places(self, there: Document) -> Iterator[tuple[str, Document]]:
        """A document and those that text of it is taken to."""
        yield there.path, there
        for carry in self._carries:
            if carry.to != there.path and (other := self._document(self._after, carry.to)) is not None:
                yield other.path, other

    def _is_replaced(self, path: str, link: Link) -> bool:
        """True for a link of which more than the destination is replaced: the text is the caller's."""
        change = self._changes[path]
        start, end = link.destination_span or (link.start, link.start)
        return any(
            edit.start <= link.start < edit.end and not (start <= edit.start and edit.end <= end) for edit in change.edits
        ) and not any(carry.path == path and carry.start <= link.start < carry.end for carry in self._carries)

    def _checked(self, document: Document, link: Link, leads: Destination) -> Iterator[BrokenLink]:
        """A link that led somewhere, and does not lead there."""
        led = self._led.resolve(document, link)
        if led.external or led.path is None or led.problem is not None:
            return
        wanted = self._wanted(led)
        if wanted is None:
            yield _broken(document, link, f"leads to {_said(led.path, led.anchor)}, which is gone")._replace(dangles=True)
        elif (leads.path, _plain(leads.anchor)) != wanted or leads.problem is not None:
            leads_to = "nowhere" if leads.path is None or leads.problem else f"to {_said(leads.path, leads.anchor)}"
            yield _broken(document, link, f"leads {leads_to} instead of to {_said(*wanted)}")

    def _wanted(self, led: Destination) -> tuple[str, str | None] | None:
        """The path and the anchor that a destination has after the plan; None where it is gone."""
        path = led.path or ""
        place = self._where.file(path) if path in self._changes or self._moves is None else self._moves.folder_after(path)
        if place is None:
            return None
        anchor = _plain(led.anchor)
        if anchor is None or path not in self._changes or led.document is None:
            return place, anchor
        landed = self._landed(path)
        if anchor in landed:
            to = landed[anchor]
            return None if to is None else (to.path, to.anchor)
        if path in self._redirected or LINES.fullmatch(anchor) is None:
            return place, anchor
        change = self._changes[path]
        source, now = self._before.generation.content(path) or b"", self._after.generation.content(place) or b""
        moved = lines_after(anchor, source, OffsetMap.of(change.edits), now)
        return None if moved is None else (place, moved)


def _plain(anchor: str | None) -> str | None:
    return anchor.removeprefix("user-content-") if anchor else None


def _is_moved(anchor: str, moved: Collection[str]) -> bool:
    """True for an anchor that is moved, and for one of lines, which a change of their document moves."""
    return anchor.removeprefix("user-content-") in moved or LINES.fullmatch(anchor) is not None


def _broken(document: Document, link: Link, why: str) -> BrokenLink:
    text = document.prose.destination_of(link) or link.label or ""
    return BrokenLink(document.path, link.line, link.column, text, why)


def _said(path: str | None, anchor: str | None) -> str:
    return f"{path}#{anchor}" if anchor else str(path)
