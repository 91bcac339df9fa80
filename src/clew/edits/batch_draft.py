"""The edits of a batch while they are collected, each with the number of the change that it came from."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from itertools import pairwise
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from clew._native import digest
from clew.code.addresses import file_of
from clew.edits.delete import Taken
from clew.edits.planning import Place
from clew.edits.plans import FileChange, TextEdit, applied
from clew.edits.workspace_edits import Places
from clew.edits.writing import Changed
from clew.errors import InvalidRequest, OutsideWorkspace, UnsafeEdit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from clew.edits.planning import Action
    from clew.workspace import Workspace


class Asked(NamedTuple):
    """One change: the number it is known by (its line, or its place among the edits), and what adds it. That raises a ClewError."""

    number: int
    add: Callable[[BatchDraft], None]


class Numbered(NamedTuple):
    """An edit, and the number of its change."""

    edit: TextEdit
    number: int


class BatchDraft(Changed):
    """The draft of a batch. Files are known as they are before it; `number` is that of the change that is being added."""

    names_files: ClassVar[bool] = True

    def __init__(self, workspace: Workspace, *, confirms: bool = False) -> None:
        super().__init__(workspace)
        self.number = 0
        self.confirms = confirms
        self.unsure = 0
        """How many changes need a confirmation, and are not made."""
        self.is_semantic = False
        """True where a change rests on what a name means."""
        self.of_sections = 0
        """The first change of a section, whose links follow; 0 where there is none."""
        self.texts: list[tuple[str, TextEdit]] = []
        """The texts that are put in as sections, by path of their document."""
        self.taken = Taken()
        self.taken_by: dict[str, int] = {}
        """The change that takes out a definition, by name."""
        self.addresses: dict[str, str] = {}
        """The targets that addresses of results meant."""
        self.numbered: dict[int, list[Numbered]] = {}
        self._moves: dict[int, str] = {}
        self._gone: dict[int, int] = {}
        self._made: dict[str, tuple[bytes, int | None]] = {}
        self._quiet: set[int] = set()
        self._places_of: dict[int, Places] = {}

    def edit(self, file: int, edit: TextEdit) -> None:
        """Add an edit; one that leaves everything as it is is only counted."""
        if self.source(file)[edit.start : edit.end] == edit.text:
            self._quiet.add(self.number)
            return
        self.numbered.setdefault(file, []).append(Numbered(edit, self.number))

    def put_at(self, file: int, edit: TextEdit, action: Action) -> None:
        """Add an edit of a place, and its row."""
        self.edit(file, edit)
        self.places.append(Place(file=file, start=edit.start, line=self.line_of(file, edit.start), action=action))

    def make(self, path: str, content: bytes, mode: int | None = None) -> None:
        """Make a file. Raises UnsafeEdit where there is one."""
        there = self.generation.id_of(path)
        if path in self._made or (there is not None and there not in self._gone and there not in self._moves):
            raise UnsafeEdit(f"{path} exists already", file=path)
        self._made[path] = content, mode

    def is_made(self, path: str) -> bool:
        """True for a file that the batch makes."""
        return path in self._made

    def add_to_made(self, path: str, text: bytes) -> None:
        """Put a text behind what a file has that the batch makes."""
        content, mode = self._made[path]
        self._made[path] = content + text, mode

    def inside(self, path: str) -> str:
        """A root-relative path of a file that need not be there. Raises OutsideWorkspace."""
        relative = self.workspace.relative(os.path.join(self.workspace.root, path))
        if relative is None or relative == ".":
            raise OutsideWorkspace(f"{path} is outside of {self.workspace.root}")
        return relative

    def known(self, path: str) -> int:
        """A file of the tree by its path from the root. Raises NoSuchFile with near names, and OutsideWorkspace."""
        file = self.generation.id_of(self.inside(path))
        return file_of(self.workspace, path) if file is None else file

    def places_of(self, file: int) -> Places:
        """Lines and columns of a file."""
        found = self._places_of.get(file)
        if found is None:
            found = self._places_of[file] = Places(self.source(file))
        return found

    def delete(self, file: int) -> None:
        """Delete a file."""
        path = self.generation.path_of(file)
        if file in self._gone or file in self._moves:
            raise UnsafeEdit(f"{path} is deleted or moved twice", file=path)
        self._gone[file] = self.number

    def move(self, file: int, to: str) -> None:
        """Move a file."""
        path = self.generation.path_of(file)
        if file in self._gone or file in self._moves:
            raise UnsafeEdit(f"{path} is deleted or moved twice", file=path)
        if to in self._moves.values() or to in self._made:
            raise UnsafeEdit(f"{to} is made twice", file=to)
        self._moves[file] = to

    def overlapping(self) -> Iterator[tuple[int, UnsafeEdit]]:
        """The changes whose edits stand in those of an earlier one, or in a file that is deleted."""
        for file, numbered in self.numbered.items():
            path = self.generation.path_of(file)
            if file in self._gone:
                yield (
                    numbered[0].number,
                    UnsafeEdit(f"{path} is changed by {numbered[0].number} and deleted by {self._gone[file]}", file=path),
                )
            numbered.sort(key=lambda one: (one.edit.start, one.edit.end))
            furthest = numbered[0]
            for _, other in pairwise(numbered):
                if other.edit.start < furthest.edit.end:
                    lines = self.line_of(file, furthest.edit.start), self.line_of(file, other.edit.start)
                    first, second = sorted((furthest.number, other.number))
                    message = f"changes {first} and {second} overlap in {path}, at lines {lines[0]} and {lines[1]}"
                    yield second, UnsafeEdit(message, file=path, overlaps=[first, second])
                furthest = max(furthest, other, key=lambda one: one.edit.end)

    def changes(self) -> tuple[FileChange, ...]:
        """The new state of each file, by path; insertions at one place are one, in the order of their changes."""
        self.edits = {file: list(_joined(numbered)) for file, numbered in self.numbered.items()}
        changed = {change.path: change for change in super().changes()}
        for file, to in self._moves.items():
            path, source = self.generation.path_of(file), self.source(file)
            now = changed.get(path) or FileChange(path=path, before=digest(source), after=digest(source))
            changed[path] = msgspec.structs.replace(now, to=None if to == path else to)
        for file in self._gone:
            path = self.generation.path_of(file)
            changed[path] = FileChange(path=path, before=digest(self.source(file)))
        taken_over: list[FileChange] = []
        for path, (content, mode) in self._made.items():
            if path in changed and changed[path].after is None:
                raise InvalidRequest(f"{path} is deleted and made; change it instead")
            edits = (TextEdit(0, 0, content),) if content else ()
            taken_over.append(FileChange(path=path, after=digest(content), edits=edits, mode=mode))
        return tuple(sorted([*changed.values(), *taken_over], key=lambda change: change.path))

    def unchanged(self, numbers: Iterable[int]) -> list[int]:
        """The changes that leave everything as it is."""
        made = {one.number for numbered in self.numbered.values() for one in numbered}
        return [number for number in numbers if number in self._quiet and number not in made]

    def asked_again(self, text: bytes) -> str:
        """The batch with addresses of results as what they meant, so that it can be asked again."""
        whole = text.decode("utf-8", "replace")
        if not self.addresses:
            return whole
        meant = re.compile("|".join(re.escape(msgspec.json.encode(address).decode()) for address in self.addresses))
        return meant.sub(lambda found: msgspec.json.encode(self.addresses[msgspec.json.decode(found[0])]).decode(), whole)

    def numbers_at(self, changes: Iterable[FileChange], path: str, line: int) -> set[int]:
        """The changes whose edits give a line of a file as it will be; where none does, the last one before it."""
        for change in changes:
            file = self.generation.id_of(change.path)
            if change.place != path or file is None or not change.edits:
                continue
            after = applied(self.source(file), change.edits)
            spans, grown = [], 0
            for edit in change.edits:
                start = edit.start + grown
                grown += len(edit.text) - (edit.end - edit.start)
                spans.append((after.count(b"\n", 0, start) + 1, after.count(b"\n", 0, start + len(edit.text)) + 1))
            here = [edit for edit, (first, last) in zip(change.edits, spans, strict=True) if first <= line <= last]
            before = bisect_right([first for first, _ in spans], line)
            meant = here or change.edits[max(before - 1, 0) : max(before, 1)]
            starts = {edit.start for edit in meant}
            return {one.number for one in self.numbered[file] if one.edit.start in starts}
        return set()

    def numbers_about(self, name: str) -> set[int]:
        """The changes that are about a definition of that name."""
        within = {(place.file, place.start): place.within for place in self.places if place.within is not None}
        found: set[int] = set()
        for file, numbered in self.numbered.items():
            for one in numbered:
                of = within.get((file, one.edit.start))
                if of is not None and self.generation.linker.describe([of])[0].bare_name == name:
                    found.add(one.number)
        return found


def _joined(numbered: Iterable[Numbered]) -> Iterator[TextEdit]:
    """Edits by place; insertions at one place, in the order of their changes, are one."""
    last: TextEdit | None = None
    for one in sorted(numbered, key=lambda one: (one.edit.start, one.edit.end, one.number)):
        if last is not None and last.start == last.end == one.edit.start == one.edit.end:
            last = TextEdit(last.start, last.end, last.text + one.edit.text)
            continue
        if last is not None:
            yield last
        last = one.edit
    if last is not None:
        yield last
