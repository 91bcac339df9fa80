"""The step of an edit that wrote a change that still stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew._native import digest
from clew.edits.journal import Journal, own_hunks, standing_of
from clew.edits.plans import WHOLE

if TYPE_CHECKING:
    from clew.causes.alterations import Alteration
    from clew.edits.journal import Entry
    from clew.workspace import Workspace


class Writer(NamedTuple):
    """The edit that wrote a change."""

    step: str
    """The newest step that is about its plan, and can take it back."""
    file: str
    number: int
    """The number of the edit in the file, counted from 1."""
    age: float
    """The age of a change: 0 for what was written last, up to 1."""


class _Stored(msgspec.Struct):
    entry: str | None = None
    plan: str | None = None


class _Said(msgspec.Struct):
    stored: _Stored = msgspec.field(default_factory=_Stored)


def writers(workspace: Workspace, alterations: list[Alteration]) -> dict[int, Writer]:
    """The edits that wrote alterations, by the numbers of these; none for what was written by other means."""
    journal = Journal(workspace.state)
    entries = journal.entries()
    standing = standing_of(entries)
    if not standing:
        return {}
    from clew.edits.weaving import Files, Texts, woven  # only where something was applied

    steps = _steps(workspace, {entry.id: entry for entry in entries})
    files, texts = Files(entries), Texts(journal)
    wanted = {one.file for one in alterations}
    numbers = {entry.id: at for at, entry in enumerate(entries)}
    found: dict[int, Writer] = {}
    for entry in entries:
        for record in entry.written() if entry.id in standing and entry.id in steps and not entry.undoes else ():
            file = files.of(entry, record)
            if file.path not in wanted or not file.is_there:
                continue
            weave = woven(journal, texts, file)
            source = workspace.generation.bytes_on_disk(number) if (number := workspace.generation.id_of(file.path)) is not None else b""
            weave.found(digest(source), lambda source=source: source)  # type: ignore[misc]
            alive = set(weave.standing(entry.id) or ())
            for hunk in own_hunks(entry, record):
                if hunk.number == WHOLE or hunk not in alive:
                    continue
                first, last = weave.lines(hunk)
                writer = Writer(steps[entry.id], record.path, hunk.number + 1, 1 - (numbers[entry.id] + 1) / len(entries))
                for at, one in enumerate(alterations):
                    if one.file == file.path and _touches(source, one, first, last):
                        found[at] = writer
    return found


def _touches(source: bytes, one: Alteration, first: int, last: int) -> bool:
    """True where lines of a source meet a definition."""
    if one.definition is None:
        return one.name is None
    begins, ends = source.count(b"\n", 0, one.start) + 1, source.count(b"\n", 0, one.end) + 1
    return begins <= last and first <= ends


def _steps(workspace: Workspace, entries: dict[str, Entry]) -> dict[str, str]:
    """The newest step that wrote each entry."""
    found: dict[str, str] = {}
    for edit in workspace.edits():
        stored = msgspec.json.decode(edit.result, type=_Said).stored
        if stored.entry in entries:
            found.setdefault(stored.entry or "", edit.step)
    return found
