"""The changes: definitions that differ from a commit, or from what stood before the edits of a session, with both of their texts."""

from __future__ import annotations

import os
from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from clew._native import declared_in, digest
from clew.diff import FileDiff, Hunk, commit_of, contents, differences
from clew.edits.journal import Journal, standing_of
from clew.errors import NoRepository, PlanExpired
from clew.index.rows import CODE

if TYPE_CHECKING:
    from clew._native import Def
    from clew.index.generation import Generation
    from clew.workspace import Workspace

HEAD = "HEAD"
FUNCTIONS = frozenset({"function", "method", "constructor", "getter", "setter"})


class Alteration(NamedTuple):
    """A definition that differs, or the code of a file outside of its definitions."""

    file: str
    definition: Def | None
    """None for the code outside of definitions, and for a definition that is gone."""
    name: str | None
    """None for the code outside of definitions."""
    kind: str | None
    old: str | None
    """Its text before without the definitions in it that count for themselves, one letter for a byte; None for what is new."""
    new: str | None
    """The same of its text now; None for what is gone."""
    start: int = 0
    """The bytes of its text now: start and end."""
    end: int = 0

    def holds(self, start: int, end: int) -> bool:
        """True where a span lies within it."""
        return self.definition is not None and self.start <= start and end <= self.end


class Altered(NamedTuple):
    """Everything that differs."""

    against: str
    """The revision; empty where only the edits of sessions are known."""
    alterations: list[Alteration]
    others: list[str]
    """Files that differ and hold no code: configuration, locks, data."""
    hunks: dict[str, tuple[Hunk, ...]]
    """The lines that differ, of each file of code."""


def altered(workspace: Workspace, revision: str) -> Altered:
    """The definitions that differ from a revision, or, outside of git, from what stood before the edits that were applied.

    Raises RevisionNotFound and GitUnavailable; NoRepository where nothing was applied either.
    """
    seconds = workspace.generation.bounds.left()
    before = _before_edits(workspace)
    try:
        commit = (workspace.head() if revision == HEAD else None) or commit_of(workspace.root, revision, seconds)
        files = differences(workspace.root, commit, seconds)
        olds = contents(workspace.root, sorted({file.blob for file in files if file.blob}), seconds)
        compared = [(file, olds.get(file.blob or "")) for file in files]
    except NoRepository:
        if not before:
            raise
        revision, compared = "", []
    known = {file.path for file, _ in compared}
    for path, old in sorted(before.items()):
        if path not in known and (difference := _difference(workspace, path, old)) is not None:
            compared.append((difference, old))
    return _altered(workspace.generation, revision, compared)


def _before_edits(workspace: Workspace) -> dict[str, bytes]:
    """The bytes before the first edit that still stands, of each file that applied edits changed."""
    journal = Journal(workspace.state)
    entries = journal.entries()
    standing = standing_of(entries)
    found: dict[str, bytes] = {}
    for entry in entries:
        for file in entry.written() if entry.id in standing else ():
            if file.before is None or file.place is None or file.path in found:
                continue
            try:
                found[file.place] = journal.object(file.before, of=entry)
            except PlanExpired:
                continue  # what stood before is kept for 90 days
    return found


def _difference(workspace: Workspace, path: str, old: bytes) -> FileDiff | None:
    """The lines in which a file differs from bytes of before; None where it does not, or is gone."""
    try:
        with open(os.path.join(workspace.root, path), "rb") as stream:
            new = stream.read()
    except OSError:
        return None
    if digest(new) == digest(old):
        return None
    changes = SequenceMatcher(a=old.split(b"\n"), b=new.split(b"\n"), autojunk=False).get_opcodes()
    hunks = [Hunk(a + (b > a), b - a, c + (d > c), d - c) for tag, a, b, c, d in changes if tag != "equal"]
    return FileDiff(path=path, before=path, hunks=tuple(hunks))


def _altered(generation: Generation, against: str, compared: list[tuple[FileDiff, bytes | None]]) -> Altered:
    alterations: list[Alteration] = []
    others: list[str] = []
    hunks: dict[str, tuple[Hunk, ...]] = {}
    for file, old in generation.bounds.each(compared, "files"):
        units = _in_file(generation, file, old)
        if units is None:
            others.append(file.path)
        else:
            hunks[file.path] = file.hunks
            alterations += units
    return Altered(against, alterations, others, hunks)


def _in_file(generation: Generation, file: FileDiff, old: bytes | None) -> list[Alteration] | None:
    """The units of a file that differ; None for a file that holds no code."""
    number = None if file.is_gone else generation.id_of(file.path)
    is_code = number is not None and bool(generation.flags_of(number) & CODE)
    if number is not None and not is_code:
        return None
    source = generation.bytes_on_disk(number) if number is not None else b"" if file.is_gone else None
    after = None if source is None else _units(file.path, source)
    before = {} if old is None else _units(file.before or file.path, old)
    if after is None or before is None:
        return None
    found: list[Alteration] = []
    for key, unit in after.items():
        was = before.get(key)
        if was is None or was.own.split() != unit.own.split():
            definition = None if number is None or unit.row is None else (number, unit.row)
            found.append(Alteration(file.path, definition, unit.name, unit.kind, was and was.own, unit.own, unit.start, unit.end))
    gone = [unit for key, unit in before.items() if key not in after]
    return found + [Alteration(file.path, None, unit.name, unit.kind, unit.own, None) for unit in gone]


class _Unit(NamedTuple):
    """A function, or another definition outside of functions; without a name what stands outside of all."""

    name: str | None
    kind: str | None
    row: int | None
    start: int
    end: int
    own: str = ""
    """Its text without the units in it, one letter for a byte."""


def _units(path: str, source: bytes) -> dict[tuple[str | None, int], _Unit] | None:
    """The units of a source, by name and place among their namesakes; None for a path that says no language."""
    declared = declared_in(path, source, [])
    if declared is None:
        return None
    units = [_Unit(None, None, None, 0, len(source))]
    inner: list[list[tuple[int, int]]] = [[]]
    around = [0]
    for row, name, kind, start, end, _ in sorted(declared[0], key=lambda of: (of[3], -of[4])):
        while len(around) > 1 and units[around[-1]].end <= start:
            around.pop()
        holder = units[around[-1]]
        is_inside = any(units[number].kind in FUNCTIONS for number in around)
        if (kind not in FUNCTIONS and is_inside) or (holder.name is not None and (holder.start, holder.end) == (start, end)):
            continue
        inner[around[-1]].append((start, end))
        around.append(len(units))
        units.append(_Unit(name, kind, row, start, end))
        inner.append([])
    ordinals: Counter[str | None] = Counter()
    found: dict[tuple[str | None, int], _Unit] = {}
    for unit, spans in zip(units, inner, strict=True):
        found[unit.name, ordinals[unit.name]] = unit._replace(own=_without(source, unit.start, unit.end, spans))
        ordinals[unit.name] += 1
    return found


def _without(source: bytes, start: int, end: int, spans: list[tuple[int, int]]) -> str:
    """A part of a source without spans in it."""
    parts: list[bytes] = []
    for first, last in spans:
        parts.append(source[start:first])
        start = max(start, last)
    return b"".join([*parts, source[start:end]]).decode("latin-1")
