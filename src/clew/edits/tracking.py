"""Files and definitions of a tree, followed through a plan."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from clew.index.rows import CODE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clew.edits.plans import FileChange, TextEdit
    from clew.index.generation import Generation
    from clew.index.overlay import Overlay

WHOLE = [(0, 2**32 - 1)]


class Place(NamedTuple):
    """The place of a definition's name after the plan."""

    file: int
    at: int


class Named(NamedTuple):
    """A definition that an edit takes away, or puts somewhere."""

    file: int
    at: int
    end: int
    name: str
    is_inner: bool
    """True where only a function around it sees it."""


def moved(edits: Sequence[TextEdit], offset: int) -> int | None:
    """The offset of a byte after edits; None for one that an edit replaces. Insertions at an offset push it on."""
    return EditMap(edits).moved(offset)


class EditMap:
    """From offsets before edits to those after; the edits are disjoint and sorted."""

    def __init__(self, edits: Sequence[TextEdit]) -> None:
        self.edits = edits
        self._starts = [edit.start for edit in edits]
        self._shifts, shift = [0], 0
        for edit in edits:
            shift += len(edit.text) - (edit.end - edit.start)
            self._shifts.append(shift)

    def moved(self, offset: int) -> int | None:
        """As the function of that name."""
        number = bisect_right(self._starts, offset)
        if number and offset < self.edits[number - 1].end:
            return None
        return offset + self._shifts[number]

    def touches(self, start: int, end: int) -> bool:
        """True where an edit replaces bytes of a span, or puts some inside of it."""
        number = bisect_right(self._starts, end - 1)
        return bool(number) and (self.edits[number - 1].end > start or start < self.edits[number - 1].start)

    @cached_property
    def spans(self) -> list[tuple[int, int]]:
        """The spans that the edits replace."""
        return [(edit.start, edit.end) for edit in self.edits if edit.end > edit.start]

    @cached_property
    def spans_after(self) -> list[tuple[int, int]]:
        """The spans of the texts that they put in."""
        starts = [edit.start + shift for edit, shift in zip(self.edits, self._shifts, strict=False)]
        return [(start, start + len(edit.text)) for start, edit in zip(starts, self.edits, strict=True) if edit.text]

    def renamed(self, start: int, end: int) -> tuple[int, int] | None:
        """Start and end of what stands in the place of a name after an edit that replaces it and nothing else; None where none does."""
        number = bisect_right(self._starts, start) - 1
        if number < 0:
            return None
        edit, at = self.edits[number], start + self._shifts[number]
        return (at, at + len(edit.text)) if edit.text and (edit.start, edit.end) == (start, end) else None


class Changed:
    """A file that a plan changes, by its number in both trees; None where it is not there, or no code."""

    def __init__(self, change: FileChange, before: Generation, after: Overlay) -> None:
        self.change = change
        self.map = EditMap(change.edits)
        self.before = None if change.before is None else _code(before, change.path)
        self.after = None if change.place is None else _code(after, change.place)


def _code(generation: Generation, path: str) -> int | None:
    file = generation.id_of(path)
    return file if file is not None and generation.flags_of(file) & CODE else None


class Following:
    """Carries definitions through a plan: by offset where they stand outside of the edits, else by name.

    A definition inside of an edit goes on as the one of its name that the edits put into the same file, else into another changed one; or
    as what stands in its place, where its name is all that is replaced.
    """

    def __init__(self, before: Generation, after: Overlay, changes: Sequence[FileChange]) -> None:
        self._before, self._after = before, after
        self.changed = [Changed(change, before, after) for change in changes]
        self.by_file = {one.before: one for one in self.changed if one.before is not None}
        self._places = {one.path: one.place for one in changes if one.before is not None}
        self._kept: dict[tuple[int, int], Place] = {}
        put, taken = list(self._put()), list(self._taken())
        self.names = {_bare(one.name) for one in (*put, *taken) if not one.is_inner}
        """The names of definitions inside of the edits that other files can see."""
        self.new = {Place(one.file, one.at) for one in put}
        """Definitions that the plan puts in and that none of before goes on as."""
        self._match(put, taken)

    def _put(self) -> Iterator[Named]:
        for one in self.changed:
            if one.after is not None:
                spans = WHOLE if one.before is None else one.map.spans_after
                for _, at, end, name, is_inner in self._after.linker.definitions_in(one.after, spans):
                    yield Named(one.after, at, end, name, is_inner)

    def _taken(self) -> Iterator[Named]:
        for one in self.changed:
            if one.before is not None:
                spans = WHOLE if one.after is None else one.map.spans
                for _, at, end, name, is_inner in self._before.linker.definitions_in(one.before, spans):
                    yield Named(one.before, at, end, name, is_inner)

    def _match(self, put: list[Named], taken: list[Named]) -> None:
        own: defaultdict[tuple[int | None, str], list[Place]] = defaultdict(list)
        other: defaultdict[str, list[Place]] = defaultdict(list)
        for one in put:
            own[one.file, one.name].append(Place(one.file, one.at))
            if not one.is_inner:
                other[one.name].append(Place(one.file, one.at))
        lost: list[Named] = []
        for one in taken:
            changed = self.by_file[one.file]
            there = changed.map.renamed(one.at, one.end)
            candidates = own[changed.after, one.name]
            if there is not None and changed.after is not None:
                # `{ a }` that became `{ b: a }` still has its own name there
                inside = next((place for place in candidates if there[0] < place.at < there[1]), None)
                self._keep(one, inside or Place(changed.after, there[0]))
            elif candidates:
                self._keep(one, candidates.pop(0))
            elif not one.is_inner:
                lost.append(one)
        for one in lost:
            if place := next((place for place in other[one.name] if place in self.new), None):
                self._keep(one, place)

    def _keep(self, one: Named, place: Place) -> None:
        self._kept[one.file, one.at] = place
        self.new.discard(place)

    def file(self, file: int) -> int | None:
        """The number of a file after the plan; None for one that is gone."""
        path = self._before.path_of(file)
        place = self._places.get(path, path)
        return None if place is None else self._after.id_of(place)

    def place(self, file: int, at: int) -> Place | None:
        """The place of a definition's name after the plan, if it is still there; None for one that is gone."""
        kept = self._kept.get((file, at))
        if kept is not None:
            return kept
        changed = self.by_file.get(file)
        there = self.file(file)
        to = at if changed is None else changed.map.moved(at)
        return None if there is None or to is None else Place(there, to)


def _bare(name: str) -> str:
    """The name of a definition without what it belongs to."""
    return name.rpartition(".")[2].rpartition("#")[2] or name
