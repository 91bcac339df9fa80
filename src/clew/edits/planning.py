"""The answer of every planned edit, and how the edits of one question become a stored plan."""

from __future__ import annotations

import os
import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

import msgspec

from clew._native import digest
from clew.code import offering
from clew.code.names import path_in
from clew.code.rows import SourceMap, Within, withins
from clew.edits.journal import Journal
from clew.edits.plans import FileChange, Plan, Unsure, applied, ordered
from clew.edits.proof import Proof, require_in_time
from clew.edits.source_text import refuse_unless_named, require_utf8
from clew.errors import StaleInput
from clew.index.rows import PROSE
from clew.requests import POSSIBLE, Request, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from clew._native import Def
    from clew.edits.plans import TextEdit
    from clew.edits.prose.guarding import Redirected
    from clew.markdown.documents import Library
    from clew.workspace import Workspace

Action = Literal["renamed", "aliased", "expanded", "replaced", "inserted", "deleted", "moved", "kept"]

EXACT = "exact"
LINE_FEED = b"\n"
_LONGEST = 160
_WHOLE = frozenset({"inserted", "replaced", "deleted"})
"""The actions on code as a whole, not on a name in a line."""


class SiteRow(Row, frozen=True):
    """A place that the plan changes, or leaves as it is and says why."""

    file: str
    """Root-relative path, before."""
    line: int
    """Line before, counted from 1."""
    column: int
    """UTF-16 column before, counted from 1."""
    action: Action
    """renamed, aliased (`a as b`), expanded (`{ a: b }`), replaced, inserted, deleted, moved or kept."""
    role: str | None = None
    """The use that stands there: definition, import, export, call, type, write, read, …; mention in a document."""
    evidence: str = EXACT
    """exact, inferred (the receiver is known) or possible (it is not)."""
    by: str | None = None
    """flow, where only the values that calls hand on lead here; of a mention what speaks for it: path, link, member, export, …"""
    within: Within | None = None
    """The definition around it, in Markdown the section; None at the top of a file."""
    before: str | None = None
    """The line before, without its indentation; of several the first, and how many. None for what comes; the path of a file that moves."""
    after: str | None = None
    """The line after, without its indentation; of several the first, and how many. None for what goes; the path of a file that moves."""
    why: str | None = None
    """The reason for keeping it."""

    @property
    def is_unsure(self) -> bool:
        """True for a place that is changed, and that nothing proves to mean the same."""
        return self.action != "kept" and (self.by == "flow" or self.evidence == POSSIBLE)


class PlannedFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """A file that the plan changes."""

    file: str
    """Root-relative path, before."""
    edits: int = 0
    """Number of edits."""
    to: str | None = None
    """Its path after, where it moves."""


class Digests(msgspec.Struct, frozen=True, omit_defaults=True, array_like=True):
    """The digests of a file's bytes before and after; none where there is no such file."""

    before: str | None = None
    after: str | None = None


class Stored(msgspec.Struct, frozen=True):
    """The part of a plan's answer that only the step keeps."""

    plan: str
    """Its digest, as the journal of this checkout keeps it."""
    digests: tuple[Digests, ...]
    """Those of the files, in the order of `changes`."""


class PlanResult(Result, frozen=True, kw_only=True):
    """A plan: nothing is written until it is applied."""

    edits: int
    """Number of edits."""
    applied: bool = False
    """True once it is written."""
    changes: tuple[PlannedFile, ...] = ()
    """The files that it changes, by path."""
    stored: Stored
    """The part that only the step keeps: no reply shows it."""
    results: tuple[SiteRow, ...]
    """The places that it changes, by file and place; then those that it leaves as they are."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The definitions and sections around the places; a plan leaves its session about what it was about."""
        return None if picked is None else offering.enclosing(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files that it changes, and those of the places that it keeps."""
        return tuple(dict.fromkeys([*(change.file for change in self.changes), *(row.file for row in self.results)]))

    def then(self, step: str) -> tuple[str, ...]:
        """The commands that go on from it."""
        return (f"js-edit --fix {step} --json", f"js-edit --diff {step}") if self.edits or self.changes else ()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a plan, before it is a row."""

    file: int
    start: int
    line: int
    action: Action
    role: str | None = None
    evidence: str = "exact"
    by: str | None = None
    within: Def | None = None
    why: str | None = None


class Draft:
    """The edits of one question while they are collected; `sources` are the bytes they are made against."""

    names_files: ClassVar[bool] = False
    """True where the caller names every file that is changed."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.generation = workspace.generation
        self.sources = SourceMap(self.generation)
        self.edits: dict[int, list[TextEdit]] = {}
        self.places: list[Place] = []
        self.others: list[FileChange] = []
        """Files that are made, moved or deleted."""
        self._line_ends: dict[int, list[int]] = {}
        self._library: Library | None = None

    def load(self, paths: Iterable[str]) -> None:
        """Read files at once that are going to be asked for."""
        files = (self.generation.id_of(path) for path in paths)
        self.sources.load(dict.fromkeys(file for file in files if file is not None))

    def source(self, file: int) -> bytes:
        """The bytes of a file; raises StaleInput where it changed since it was indexed."""
        source = self.sources.source(file)
        if source is None:
            path = self.generation.path_of(file)
            raise StaleInput(f"{path} changed while it was read; ask again", files=(path,))
        return source

    def line_of(self, file: int, offset: int) -> int:
        """The line of a byte, counted from 1."""
        if self.generation.path_of(file).endswith(PROSE):
            return bisect_right(self.sources.lines(file)[0], offset)
        ends = self._line_ends.get(file)
        if ends is None:
            ends = self._line_ends[file] = [found.start() for found in re.finditer(b"\n", self.source(file))]
        return bisect_left(ends, offset) + 1

    def edit(self, file: int, edit: TextEdit) -> None:
        """Add an edit."""
        self.edits.setdefault(file, []).append(edit)

    def changes(self) -> tuple[FileChange, ...]:
        """The change of each file, by path; edits that change nothing are left out. Raises UnsafeEdit for edits that overlap."""
        made: list[FileChange] = []
        for file, edits in self.edits.items():
            path, source = self.generation.path_of(file), self.source(file)
            kept = ordered(path, (edit for edit in edits if source[edit.start : edit.end] != edit.text))
            if kept:
                after = applied(source, kept)
                made.append(FileChange(path=path, before=digest(source), after=digest(after), edits=kept))
        return tuple(sorted([*made, *self.others], key=lambda change: change.path))

    def proof(self, changes: Sequence[FileChange], redirected: Mapping[str, Sequence[Redirected]] | None = None) -> Proof:
        """The tree before and after the changes, with documents that need no parse; what does not parse any more is refused."""
        proof = Proof(self.generation, changes, {change.path: self.before(change) for change in changes}, redirected)
        proof.require_parsed()
        return proof

    def keep(self, request: Request, changes: Sequence[FileChange], *, semantic: bool) -> Kept:
        """Keep the plan, and the bytes before, in the journal of this checkout.

        Raises UnsafeEdit for files in another encoding, for generated, minified and locked ones that the request does not name, and where
        the time was over before every place was looked at: the plan would have some of its edits only.
        """
        require_in_time(self.generation)
        self._require_editable(request, changes)
        journal = Journal(self.workspace.state)
        tree = self.generation.manifest_digest()
        rows = self.rows(changes)
        plan = Plan(
            request=msgspec.json.encode(request),
            semantic=semantic,
            tree=tree,
            changes=tuple(changes),
            unsure=tuple(Unsure(row.file, row.line, row.column) for row in rows if row.is_unsure),
        )
        kept = journal.keep_plan(plan)
        journal.keep_all(kept, {change.before: self.before(change) for change in changes if change.before is not None})
        return Kept(
            edits=sum(len(change.edits) for change in changes),
            changes=tuple(PlannedFile(file=change.path, edits=len(change.edits), to=change.to) for change in changes),
            stored=Stored(kept, tuple(Digests(change.before, change.after) for change in changes)),
            results=rows,
        )

    def _require_editable(self, request: Request, changes: Sequence[FileChange]) -> None:
        for change in changes:
            if change.edits and change.before is not None:
                require_utf8(change.path, self.before(change))
        if not self.names_files:
            refuse_unless_named(self.generation, (change.path for change in changes), named_by(self.workspace, request))

    def before(self, change: FileChange) -> bytes:
        """The bytes of a file before; none for a file that is made."""
        file = None if change.before is None else self.generation.id_of(change.path)
        return b"" if file is None else self.source(file)

    def section_around(self, file: int, offset: int) -> Within | None:
        """The section around a place of a document; none in other files, and above the first heading."""
        if not self.generation.path_of(file).endswith(PROSE):
            return None
        if self._library is None:
            from clew.markdown.documents import Library  # only plans for documents pay

            self._library = Library(self.generation)
        document = self._library.document(file)
        section = document.section_around(offset)
        if section is None:
            return None
        return Within(name=" > ".join(section.trail), line=section.heading.line, target=document.address(section))

    def rows(self, changes: Sequence[FileChange]) -> tuple[SiteRow, ...]:
        """The places as rows, those that are changed first."""
        after = {change.path: change for change in changes}
        listed = sorted(self.places, key=lambda place: (place.action == "kept", self.generation.path_of(place.file), place.start))
        around = withins(self.generation, (place.within for place in listed if place.within is not None))
        lines = _Lines(self, after)
        shown = [lines.shown(place) for place in listed]
        return tuple(
            SiteRow(
                n=n,
                file=self.generation.path_of(place.file),
                line=place.line,
                column=self.sources.column(place.file, place.line, place.start),
                action=place.action,
                role=place.role,
                evidence=EXACT if place.evidence == EXACT else place.evidence,
                by=place.by,
                within=self.section_around(place.file, place.start) if place.within is None else around[place.within],
                before=shown[n - 1][0],
                after=shown[n - 1][1],
                why=place.why,
            )
            for n, place in enumerate(listed, 1)
        )


class _Lines:
    """Lines of places before and after their edits."""

    def __init__(self, draft: Draft, changes: Mapping[str, FileChange]) -> None:
        self._draft = draft
        self._changes = changes
        self._starts = {path: [edit.start for edit in change.edits] for path, change in changes.items()}

    def shown(self, place: Place) -> tuple[str | None, str | None]:
        """The line of a place before and after, without its indentation; of code that comes, goes or is longer its own first line."""
        sources = self._draft.sources
        change = self._changes.get(self._draft.generation.path_of(place.file))
        span = sources.span(place.file, place.line)
        if place.action == "kept" or change is None or span is None:
            return sources.text(place.file, place.line), None
        source, (start, end) = self._draft.source(place.file), span
        starts = self._starts[change.path]
        if place.action in _WHOLE:
            own = next(iter(change.edits[bisect_left(starts, place.start) : bisect_right(starts, place.start)]), None)
            if own is not None and (place.action != "replaced" or LINE_FEED in source[own.start : own.end] + own.text):
                front = source[start : own.start] if place.action == "replaced" else b""
                return _first_of(front + source[own.start : own.end]), _first_of(front + own.text)
        here = change.edits[bisect_left(starts, start) : bisect_right(starts, end - 1)]
        if not here:
            return sources.text(place.file, place.line), None
        last = max(end, here[-1].end)
        moved = [msgspec.structs.replace(edit, start=edit.start - start, end=edit.end - start) for edit in here]
        text = applied(source[start:last], moved)
        before = [edit for edit in here if edit.end <= place.start]
        at = place.start - start + sum(len(edit.text) - (edit.end - edit.start) for edit in before)
        first = text.rfind(LINE_FEED, 0, at) + 1  # behind what comes as lines of its own
        return sources.text(place.file, place.line), _cut(text[first:].decode("utf-8", "replace").strip().partition("\n")[0].rstrip())


def _first_of(code: bytes) -> str | None:
    """The first line of a piece of code, and of how many; None where there is none."""
    lines = code.decode("utf-8", "replace").strip().split("\n")
    if not lines[0]:
        return None
    return _cut(lines[0].rstrip()) + (f" … {len(lines)} lines" if len(lines) > 1 else "")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


class Kept(NamedTuple):
    """A plan that is kept, and what every result says of it."""

    edits: int
    changes: tuple[PlannedFile, ...]
    stored: Stored
    results: tuple[SiteRow, ...]


def named_by(workspace: Workspace, request: Request) -> frozenset[str]:
    """The files that a request names, from the current folder or the root: by targets, places it is narrowed to, those it allows."""
    targets: tuple[Target, ...] = getattr(request, "targets", ())
    words = [path_in(target.text) for target in targets]
    for field in ("also", "within", "include"):
        words += [path_in(text) for text in getattr(request, field, ())]
    here = (workspace.relative(os.path.join(os.getcwd(), word)) for word in words if word)
    return frozenset([*words, *(path for path in here if path is not None)])
