"""What changed: the definitions that differ from a commit, or from what stood before the edits of a session, with both of their texts."""

from __future__ import annotations

import os
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

from clew._native import declared_in, digest
from clew.code.changed import differing_in
from clew.diff import FileDiff, Hunk, commit_of, contents, differences
from clew.edits.journal import Journal, standing_of
from clew.errors import ClewError, NoRepository
from clew.index.rows import CODE

if TYPE_CHECKING:
    from clew._native import Def, Description
    from clew.index.generation import Generation
    from clew.workspace import Workspace

HEAD = "HEAD"
FUNCTIONS = frozenset({"function", "method", "constructor", "getter", "setter"})
_HOLDING = frozenset({"field", "variable", "parameter", "property", "enumMember"})


class Alteration(NamedTuple):
    """A definition that differs, or the code of a file outside of its definitions."""

    file: str
    definition: Def | None
    """None for the code outside of definitions, and for a definition that is gone."""
    name: str | None
    """None for the code outside of definitions."""
    kind: str | None
    old: str | None
    """Its text before, one letter for a byte; None for what is new."""
    new: str | None
    """Its text now; None for what is gone."""
    start: int = 0
    """Where its text begins now, and ends."""
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
    """What differs from a revision, or, outside of git, from what stood before the edits that were applied.

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
            except ClewError:
                continue  # it is no longer kept
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
        number = generation.id_of(file.path)
        is_code = number is not None and bool(generation.flags_of(number) & CODE)
        if not is_code and not (file.is_gone and old is not None and declared_in(file.path, b"", []) is not None):
            others.append(file.path)
            continue
        hunks[file.path] = file.hunks
        alterations += _in_file(generation, file, old)
    return Altered(against, alterations, others, hunks)


def _in_file(generation: Generation, file: FileDiff, old: bytes | None) -> list[Alteration]:
    differing = differing_in(generation, file, old)
    before = _Texts(file.before or file.path, old)
    found: list[Alteration] = []
    number = generation.id_of(file.path)
    if number is not None and not file.is_gone and generation.has_facts_of_disk(number):
        source = generation.source(number)
        whole = _described(generation, number, len(source))
        touched = [_lifted(of, whole) for of in generation.linker.describe(list(differing.definitions))]
        for of in {(one.start, one.end): one for one in reversed(touched)}.values():
            text = source[of.start : of.end].decode("latin-1")
            was = before.text(of.name, sum(one.name == of.name and one.start < of.start for one in whole))
            found.append(Alteration(file.path, (number, of.definition), of.name, of.kind, was, text, of.start, of.end))
        if differing.outside:
            outer = [(of.start, of.end) for of in whole if not of.local]
            found.append(Alteration(file.path, None, None, None, before.outside(), _without(source, outer)))
    found += [Alteration(file.path, None, gone.name, gone.kind, before.text(gone.name, 0), None) for gone in differing.gone]
    return found


def _described(generation: Generation, file: int, length: int) -> list[Description]:
    """The definitions of a file by place, without the names of function expressions, which are another name of what holds them."""
    rows = [row for row, *_ in generation.linker.definitions_in(file, [(0, length)])]
    return [of for of in generation.linker.describe([(file, row) for row in rows]) if not of.is_function_name and of.kind != "parameter"]


def _lifted(of: Description, whole: list[Description]) -> Description:
    """The innermost function around a variable or a field in it, which it is a part of; otherwise the definition itself."""
    if of.is_function_name:
        holding = [one for one in whole if (one.start, one.end) == (of.start, of.end) or (one.start <= of.start and of.end <= one.end)]
        return min(holding, key=lambda one: one.end - one.start, default=of)
    if of.kind not in _HOLDING:
        return of
    around = [one for one in whole if one.kind in FUNCTIONS and one.start <= of.start and of.end <= one.end and one is not of]
    return min(around, key=lambda one: one.end - one.start, default=of)


class _Texts:
    """The texts of the definitions of a source of before."""

    def __init__(self, path: str, source: bytes | None) -> None:
        self._source = source
        declared = None if source is None else declared_in(path, source, [])
        self._spans: dict[str, list[tuple[int, int]]] = {}
        for _, name, _, start, end, _ in declared[0] if declared is not None else ():
            self._spans.setdefault(name, []).append((start, end))

    def text(self, name: str, ordinal: int) -> str | None:
        """The text of a definition, by its name and place among its namesakes."""
        spans = self._spans.get(name, [])
        if self._source is None or not spans:
            return None
        start, end = spans[min(ordinal, len(spans) - 1)]
        return self._source[start:end].decode("latin-1")

    def outside(self) -> str | None:
        """The text outside of all definitions."""
        if self._source is None:
            return None
        return _without(self._source, [span for spans in self._spans.values() for span in spans])


def _without(source: bytes, spans: list[tuple[int, int]]) -> str:
    """A source without spans, which may overlap."""
    parts: list[bytes] = []
    at = 0
    for start, end in sorted(spans):
        if start > at:
            parts.append(source[at:start])
        at = max(at, end)
    return b"\n".join([*parts, source[at:]]).decode("latin-1")
