"""The weave of a file, replayed from the entries of the journal that touched it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from clew._native import digest
from clew.edits.journal import Entry, FileRecord, Journal, own_hunks
from clew.edits.plans import FileChange, TextEdit
from clew.edits.weave import Weave
from clew.errors import ClewError


class File:
    """A file and what entries did to it, under all of its paths."""

    def __init__(self, path: str) -> None:
        self.path = path
        """The path where the last entry left it."""
        self.is_there = True
        """False where an entry deleted it last."""
        self.events: list[tuple[Entry, FileRecord]] = []


class Files:
    """The files of a journal. Others' changes are followed by the path: what they move is gone."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._of: dict[tuple[str, str], File] = {}
        at: dict[str, File] = {}
        for entry in entries:
            found = [(record, self._file(record, at)) for record in entry.written()]
            for record, file in found:
                if record.to is not None and at.get(record.path) is file:
                    del at[record.path]
            for record, file in found:
                self._of[entry.id, record.path] = file
                file.events.append((entry, record))
                file.is_there = record.place is not None
                file.path = record.place or record.path
                at[file.path] = file

    def _file(self, record: FileRecord, at: dict[str, File]) -> File:
        """The one that stands at a path; of one that is made, the one that comes back, else a new one."""
        if record.before is not None:
            return at.get(record.path) or File(record.path)
        known = [file for hunk in record.switched if (file := self._of.get((hunk.entry, hunk.path))) is not None and not file.is_there]
        return known[0] if known else File(record.path)

    def of(self, entry: Entry, record: FileRecord) -> File:
        """The file that a record of an entry is about."""
        return self._of[entry.id, record.path]


class Texts:
    """The texts of edits, from the plans of entries; each plan is read once."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._plans: dict[str, dict[str, FileChange]] = {}

    def change(self, entry: Entry, record: FileRecord) -> FileChange:
        """The planned change that a record is of. Raises PlanExpired and StoreCorrupt, ValueError for a plan of something else."""
        if entry.plan not in self._plans:
            self._plans[entry.plan] = {change.path: change for change in self.journal.plan(entry.plan).changes}
        known = self._plans[entry.plan]
        change = known.get(record.path)
        if change is None:  # it was written through a link
            change = next((each for each in known.values() if (each.before, each.after) == (record.before, record.after)), None)
        if change is None or [length for _, _, length in record.edits] != [len(edit.text) for edit in change.edits]:
            raise ValueError(f"the plan {entry.plan} is not that of {record.path}")
        return change


def woven(journal: Journal, texts: Texts, file: File) -> Weave:
    """A file as it was left by the last entry. What cannot be read any more is forgotten: the weave begins behind it."""
    weave = Weave()
    for entry, record in file.events:
        try:
            _replay(journal, texts, weave, entry, record)
        except (ClewError, ValueError):
            weave.forget()
    return weave


def _replay(journal: Journal, texts: Texts, weave: Weave, entry: Entry, record: FileRecord) -> None:
    if record.before is not None:
        weave.found(record.before, partial(journal.object, record.before, of=entry))
    if record.switched and weave.switch(entry.id, record.switched, record.after):
        return
    if record.before is None:
        weave.begin(None)
    hunks = own_hunks(entry, record)
    change = texts.change(entry, record)
    edits = [TextEdit(start, end, edit.text) for (start, end, _), edit in zip(record.edits, change.edits, strict=True)]
    weave.write(hunks[: len(edits)], edits, record.after, also=hunks[len(edits) :])
    # The plan can have been made for earlier bytes, and its edits moved with them.
    if record.after not in (None, change.after) and digest(weave.shown()) != record.after:
        raise ValueError(f"the edits of {record.path} do not give what it was afterwards")
