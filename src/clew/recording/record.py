"""Run a command and record what it did: its status, its output, and its findings as rows that can be picked and followed."""

from __future__ import annotations

import os
from shlex import join
from typing import TYPE_CHECKING, ClassVar

import msgspec
from msgspec.structs import replace

from clew.bounds import SECONDS
from clew.code import offering
from clew.code.rows import Within
from clew.errors import InvalidRequest, UsageError
from clew.recording.findings import Identity, compared, identity_of
from clew.recording.output import Transcript
from clew.recording.parsers import Format, is_search, parse
from clew.recording.places import Place, Tree
from clew.recording.process import run
from clew.requests import RECORDINGS, FileProblem, Gap, Request, Result, Target
from clew.sessions.staleness import judge
from clew.workspace import MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew.recording.output import Kept
    from clew.recording.parsers.found import Found, Parsed
    from clew.recording.process import Ended
    from clew.workspace import Workspace

MOST_ROWS = 20_000
"""More findings than these are counted, and not listed."""
MOST_PLACES = 5
"""Places on the way to a finding that are listed: the innermost ones."""
MOST_FIXED = 200
LONGEST_FIRST = 400
PLACE = "place"


class Record(Request, frozen=True, kw_only=True, tag="record"):
    """Run a command, and record its output and its findings. It runs once: later questions read the step.

    clew record --session fix --diff-from fix#2 -- npm test
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    acts: ClassVar[bool] = True

    command: tuple[str, ...] = ()
    """The program and its arguments; no shell reads them."""
    parse: Format = "auto"
    """The format of the output; `auto` tells by the command and the text."""
    timeout: float | None = None
    """Seconds after which the command is ended, with status 124; 0 is no bound."""
    diff_from: str | None = None
    """An earlier recording: say which findings are new, fixed or moved since."""

    def question(self) -> str:
        """The command, as it was typed."""
        return f"record {join(self.command)}".rstrip()


class RecordRow(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A finding, or a place on the way to one."""

    n: int
    """Number of the row, counted from 1."""
    file: str = ""
    """Root-relative path; none for a finding that names no file of the tree."""
    line: int | None = None
    """Line, counted from 1."""
    column: int | None = None
    """UTF-16 column, counted from 1."""
    within: Within | None = None
    """The definition around it; None at the top of a module."""
    severity: str | None = None
    """error, warning or note; none for a place that is neither good nor bad."""
    rule: str | None = None
    """The rule that was broken, or the test that failed."""
    message: str | None = None
    """The message of the tool."""
    of: int | None = None
    """For a place on the way to a finding: the number of that."""
    diff: str | None = None
    """Against the earlier recording: new, or moved; none where it is the same at the same place."""


class First(msgspec.Struct, frozen=True, omit_defaults=True):
    """The first failure."""

    n: int
    """Its row."""
    message: str
    """The message of the tool."""


class Fixed(msgspec.Struct, frozen=True, omit_defaults=True):
    """A finding of an earlier recording that is no more."""

    file: str = ""
    """Root-relative path, as it was."""
    line: int | None = None
    """Line, as it was."""
    within: str | None = None
    """The definition around it."""
    rule: str | None = None
    """The rule that was broken, or the test that failed."""
    message: str = ""
    """The message of the tool."""


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Numbers of findings that are new, fixed, moved and the same."""

    against: str
    """The earlier recording."""
    new: int = 0
    """Findings that it did not have."""
    fixed: int = 0
    """Findings that only it has."""
    moved: int = 0
    """Findings that stand elsewhere, or in a definition of another name."""
    same: int = 0
    """Findings at the same place."""


class Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parts that only the step keeps."""

    text: str
    """The output, as far as it is kept."""
    identities: tuple[Identity, ...] = ()
    """Those of the findings, in the order of their rows."""
    unindexed: tuple[str, ...] = ()
    """Files of rows about which nothing can be asked."""
    searches: bool = False
    """True for a command that looks for something, so that nothing found is an answer."""


class RecordResult(Result, frozen=True, kw_only=True):
    """The outcome of a command."""

    reads_facts: ClassVar[bool] = False

    status: int
    """The exit status; 128 and the number of the signal that ended it; 124 when its time was over."""
    signal: str | None = None
    """The name of the signal that ended it."""
    timed_out: bool = False
    """True when its time was over."""
    interrupted: bool = False
    """True when the recording was told to end by `signal`, and ended the command; the output so far is kept."""
    seconds: float = 0.0
    """Seconds that it ran."""
    tool: str | None = None
    """The tools whose output was understood."""
    counts: dict[str, int] = msgspec.field(default_factory=dict)
    """Findings by severity; `place` counts those that have none."""
    tests: dict[str, int] = msgspec.field(default_factory=dict)
    """Tests that passed, failed or were skipped, where the output says so."""
    first: First | None = None
    """The first failure."""
    output_lines: int = 0
    """Lines of output that are kept; `clew show STEP --output` reads them."""
    cut_bytes: int = 0
    """Bytes of output that are not kept."""
    diff: Difference | None = None
    """The findings of the earlier recording, compared."""
    warnings: tuple[FileProblem, ...] = ()
    """The parts that were not understood."""
    fixed: tuple[Fixed, ...] = ()
    """Findings of the earlier recording that are no more."""
    stored: Stored
    """Kept in the step alone: no reply shows it."""
    results: tuple[RecordRow, ...]
    """Findings, each before the places on the way to it; with an earlier recording the new ones first."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The definitions around the rows, those on the way to a finding only when picked; no subject where a check found nothing."""
        unknown = frozenset(self.stored.unindexed)
        rows = [row for row in self.results if row.file and row.file not in unknown and (picked is not None or row.of is None)]
        if picked is None and not self.results and not self.stored.searches:
            return None
        return offering.enclosing(rows, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(row for row in self.results if row.file)

    def apart(self) -> int:
        """The output has room of its own."""
        return len(msgspec.json.encode(self.stored.text))


def record(workspace: Workspace, request: Record) -> RecordResult:
    """Run the command in the folder of the call, then look where in the tree its findings are.

    Raises UsageError without a command, ProgramNotFound for one that cannot be run, InvalidRequest for an earlier step that is no
    recording; all of it before anything runs.
    """
    if not request.command or not request.command[0]:
        raise UsageError("clew record needs a command", hint="clew record -- npm test")
    earlier = _earlier(workspace, request.diff_from)
    transcript = Transcript()
    folder = workspace.folder or os.getcwd()
    workspace.progress.report("" if workspace.terminal else "running")

    def take(stream: int, data: bytes) -> None:
        transcript.add(stream, data)
        if workspace.terminal is not None:
            workspace.terminal(stream, data)

    hears = workspace.terminal is not None
    ended = run(
        request.command,
        take,
        folder=folder,
        timeout=request.timeout,
        hears=hears,
        is_wanted=lambda: workspace.is_wanted,
        holds=workspace.holds,
        environ={} if workspace.mark is None else {MARK: workspace.mark},
    )
    workspace.commands_cpu += ended.cpu_seconds
    kept = transcript.kept()
    parsed, misread = parse(request.command, kept.text, kept.stdout, request.parse)
    workspace.refresh()
    workspace.begin(SECONDS)
    result = result_of(Tree(workspace, folder), ended, kept, parsed, searches=is_search(request.command) or request.parse == "rg")
    if misread is not None:
        warning = FileProblem(file=".", message=f"the output is not {misread}; it was read as what it seems to be", code="unparsed")
        result = replace(result, warnings=(warning,))
    return result if earlier is None else compared_with(result, request.diff_from or "", *earlier, workspace)


def _earlier(workspace: Workspace, step: str | None) -> tuple[RecordResult, dict[str, str]] | None:
    """An earlier recording, and the digests of the files behind it. Raises InvalidRequest for another step."""
    if step is None:
        return None
    operation, result, depends = workspace.step(step)
    if operation not in RECORDINGS:
        raise InvalidRequest(f"--diff-from {step}: that step is a {operation}, not a recorded command", given=step)
    return msgspec.json.decode(result, type=RecordResult), depends


def result_of(tree: Tree, ended: Ended, kept: Kept, parsed: Parsed, *, searches: bool) -> RecordResult:
    """The outcome of a command, from how it ended, what of its output is kept, and what that was read as."""
    found = [(one, _places(tree, one)) for one in parsed.found]
    found = [(one, places) for one, places in found if places or not one.only_in_tree]
    listed = found[:MOST_ROWS]
    counts: dict[str, int] = {}
    for one, _ in found:
        counts[one.severity or PLACE] = counts.get(one.severity or PLACE, 0) + 1
    rows, identities = _rows(tree, listed)
    failed = next((row for row in rows if row.severity == "error"), None)
    text = kept.text
    return RecordResult(
        status=ended.status,
        signal=ended.signal,
        timed_out=ended.timed_out,
        interrupted=ended.interrupted,
        seconds=ended.seconds,
        tool=", ".join(dict.fromkeys(one.tool for one, _ in found)) or ", ".join(parsed.tools) or None,
        counts=counts,
        tests=parsed.tests,
        first=None if failed is None else First(failed.n, (failed.message or "")[:LONGEST_FIRST]),
        output_lines=text.count("\n") + (1 if text and not text.endswith("\n") else 0),
        cut_bytes=kept.cut_bytes,
        why=(Gap("quota", len(found), done=len(listed), unit="rows"),) if len(listed) < len(found) else (),
        stored=Stored(
            text=text,
            identities=identities,
            unindexed=tuple(sorted({row.file for row in rows if row.file and not tree.is_indexed(row.file)})),
            searches=searches,
        ),
        results=rows,
    )


def _places(tree: Tree, found: Found) -> list[Place]:
    """The places of a finding in the tree, each once; a file alone only where nothing says more of it."""
    places = [place for spot in found.spots if (place := tree.place(spot)) is not None]
    exact = {place.file for place in places if place.line is not None}
    once = {(place.file, place.line): place for place in reversed(places) if place.line is not None or place.file not in exact}
    return list(reversed(once.values()))[: 1 + MOST_PLACES]


def _rows(tree: Tree, found: Sequence[tuple[Found, list[Place]]]) -> tuple[tuple[RecordRow, ...], tuple[Identity, ...]]:
    places = [place for _, ones in found for place in ones]
    within = tree.around(places)
    rows: list[RecordRow] = []
    identities: list[Identity] = []
    codes: dict[tuple[str, Within], str] = {}
    at = 0
    for one, ones in found:
        first = ones[0] if ones else None
        about = within.get(at) if first is not None else None
        named = one.spots[0].path if one.spots and first is None else ""
        message = f"{named}: {one.message}" if named else one.message
        finding = RecordRow(n=len(rows) + 1, severity=one.severity, rule=one.rule, message=message)
        code = line = ""
        if first is not None:
            finding = replace(finding, file=first.file, line=first.line, column=first.column, within=about)
            line = tree.line_hash(first)
            if about is not None:
                if (first.file, about) not in codes:
                    codes[first.file, about] = tree.code_hash(first.file, about)
                code = codes[first.file, about]
        file, definition = finding.file or None, about.name if about is not None else None
        rows.append(finding)
        identities.append(
            identity_of(tool=one.tool, rule=one.rule, message=one.message, file=file, definition=definition, code=code, line=line)
        )
        rows += [
            RecordRow(n=finding.n + nth, file=place.file, line=place.line, column=place.column, within=within.get(at + nth), of=finding.n)
            for nth, place in enumerate(ones[1:], 1)
        ]
        at += len(ones)
    return tuple(rows), tuple(identities)


def compared_with(result: RecordResult, step: str, earlier: RecordResult, depends: dict[str, str], workspace: Workspace) -> RecordResult:
    """The result with what became of the findings of an earlier one; new ones first, then those that moved."""
    generation = workspace.generation
    here = {entry.path: entry.digest for entry in generation.files()}
    moved = judge(depends, here, {known: path for path, known in here.items()}).moved
    then, now = earlier.stored.identities, result.stored.identities
    change = compared(then, now, moved)
    renamed = {
        was: new
        for at, number in change.same.items()
        if (was := then[number].file) and (new := now[at].file) and was != new and was not in here
    }
    if renamed:  # and edited: what was found again in it says where the rest of it is
        change = compared(then, now, {**moved, **renamed})
    before = [row for row in earlier.results if row.of is None]
    groups = _groups(result.results)
    said: list[str | None] = []
    for at, (row, *_) in enumerate(groups):
        old = before[change.same[at]] if at in change.same else None
        said.append("new" if old is None else None if _stands_at(old) == _stands_at(row) else "moved")
    order = sorted(range(len(groups)), key=lambda at: {"new": 0, "moved": 1}.get(said[at] or "", 2))
    rows: list[RecordRow] = []
    for at in order:
        first = len(rows) + 1
        rows.append(replace(groups[at][0], n=first, diff=said[at]))
        rows += [replace(row, n=first + nth, of=first) for nth, row in enumerate(groups[at][1:], 1)]
    failed = next((row for row in rows if row.severity == "error"), None)
    gone = [before[at] for at in change.fixed]
    fixed = [
        Fixed(row.file, row.line, row.within.name if row.within is not None else None, row.rule, row.message or "")
        for row in gone[:MOST_FIXED]
    ]
    return replace(
        result,
        first=None if failed is None else First(failed.n, (failed.message or "")[:LONGEST_FIRST]),
        diff=Difference(step, len(change.new), len(gone), said.count("moved"), said.count(None)),
        fixed=tuple(fixed),
        stored=replace(result.stored, identities=tuple(result.stored.identities[at] for at in order)),
        results=tuple(rows),
    )


def _stands_at(row: RecordRow) -> tuple[str, int | None, str | None]:
    return row.file, row.line, row.within.name if row.within is not None else None


def _groups(rows: Sequence[RecordRow]) -> list[list[RecordRow]]:
    """Each finding with the places on the way to it."""
    groups: list[list[RecordRow]] = []
    for row in rows:
        if row.of is None:
            groups.append([row])
        else:
            groups[-1].append(row)
    return groups
