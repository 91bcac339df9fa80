"""From red to cause: the changes that can explain a failure that was recorded, the likeliest first."""

from __future__ import annotations

from shlex import join
from typing import TYPE_CHECKING, ClassVar

import msgspec
from msgspec.structs import replace

from clew.causes.alterations import HEAD, altered
from clew.causes.attributing import writers
from clew.causes.failures import MOST_LOOKED_UP, CaseFiles, Recording, failures, findings
from clew.causes.ranking import Run, ranked
from clew.causes.reach import EXACT, MODULE, MOST_NODES, POSSIBLE
from clew.code import offering
from clew.code.rows import SourceMap, definition_row
from clew.errors import InvalidRequest, NoSubject
from clew.requests import RECORDINGS, FileProblem, Gap, Request, Result, Row, Target

if TYPE_CHECKING:
    from clew.causes.alterations import Altered
    from clew.causes.attributing import Writer
    from clew.causes.failures import Failure, RecordedRow
    from clew.causes.ranking import Suspect
    from clew.causes.reach import Hop
    from clew.index.generation import Generation
    from clew.workspace import Workspace

LONGEST_MESSAGE = 200
LONGEST_COMMAND = 80
"""A longer command is not spelt again among the next ones: `clew show STEP` has it."""
MOST_OTHERS = 5
"""Changed files without code that are named."""
MOST_WORDS = 3
UNLINKED = "unlinked"


class Why(Request, frozen=True, kw_only=True, tag="why"):
    """Rank the changes that can explain a recorded failure, each with the chain of uses from the failing test to it.

    js-scan --from fix --why @2
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False
    takes_step: ClassVar[bool] = True
    takes_finding: ClassVar[bool] = True
    bytes_of_reply: ClassVar[int | None] = 2000

    step: tuple[str, ...] = ()
    """The recording, as fix#1, or one of its rows, as @2. Empty means: the newest recording of the continued session."""
    since: str | None = None
    """The revision that the changes are counted from; HEAD otherwise."""

    def question(self) -> str:
        """Name the failure."""
        return f"why {' '.join(self.step)}".rstrip()


class FailingTest(msgspec.Struct, frozen=True, omit_defaults=True):
    """The failure that is explained."""

    n: int
    """Its row in the recording."""
    name: str | None = None
    """The name of the test, as its runner says it."""
    file: str = ""
    """The file that it is written in, or where the way to the failure begins."""
    line: int | None = None
    """Its line."""
    message: str = ""
    """The message of the tool."""


class Compared(msgspec.Struct, frozen=True, omit_defaults=True):
    """The changes that were looked at for the cause."""

    definitions: int
    """Definitions that differ, and files with lines outside of definitions that do."""
    since: str | None = None
    """The revision that they differ from; none where only the edits of sessions are known."""
    harmless: int = 0
    """Number of them that differ in layout and comments alone; these are no suspects."""


class Stored(msgspec.Struct, frozen=True, omit_defaults=True):
    """The parts that only the step keeps."""

    command: tuple[str, ...] = ()
    """The command that was recorded."""
    undo: tuple[str, ...] = ()
    """The edit that takes the first suspect back: the step, and the file with the number of the edit in it."""
    other: int | None = None
    """The row of the next failure that can be asked about."""


class SuspectRow(Row, frozen=True):
    """A change that can be the cause."""

    change: str
    """The kind of change: condition, constant, operator, statement removed, value named, …"""
    score: float
    """Its part of the suspicion, from 0 to 1: to compare suspects by, no probability."""
    file: str
    """Root-relative path."""
    line: int | None = None
    """Line of the definition; none for one that is gone."""
    column: int | None = None
    """UTF-16 column of the definition."""
    name: str | None = None
    """The definition; none for code outside of definitions."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""
    before: str | None = None
    """The first line that differs, as it was."""
    after: str | None = None
    """The first line that differs, as it is."""
    failing: str = ""
    """Number of the failing tests that reach it, of how many."""
    passing: str = ""
    """Number of the tests that passed and reach it, of how many are known: those in the files of the failing ones."""
    stack: int | None = None
    """Its place in the stack of the failure, counted from 1, the innermost."""
    words: tuple[str, ...] = ()
    """Words of the failure that stand in the lines that differ."""
    by: str | None = None
    """The step that wrote it, where one did."""
    evidence: str | None = None
    """The weakest evidence on the chain, where that is not exact; `unlinked`: nothing is known to lead there."""
    chain: tuple[str, ...] = ()
    """From the test to the change, by the fewest and surest uses: where each is, how (call, read, import, stack), what is used, and
    in parentheses what it rests on, where that is not exact."""


class WhyResult(Result, frozen=True, kw_only=True):
    """The suspects, the likeliest first."""

    recording: str
    """The step of the run."""
    failure: FailingTest
    """The failure that is explained."""
    failures: int = 1
    """Number of failures; `@n` asks about another one."""
    compared: Compared
    """The changes that were looked at."""
    other_files: tuple[str, ...] = ()
    """Changed files without code: configuration, locks, data. No chain leads to these."""
    why: tuple[Gap, ...] = ()
    """`unlinked`: changes that nothing is known to lead to; `unlocated`: the test was not found; `config`: changed files without code."""
    warnings: tuple[FileProblem, ...] = ()
    """Files of the failures that changed since the run: the test is found in them by its name alone."""
    stored: Stored
    """Kept in the step alone: no reply shows it."""
    results: tuple[SuspectRow, ...]
    """One row a change."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The first suspect; others when they are picked."""
        wanted = frozenset({1}) if picked is None else picked
        return offering.definitions([row for row in self.results if row.n in wanted and row.line is not None], None)

    def behind(self) -> tuple[str, ...]:
        """The files of the test and of the suspects, and those on the way."""
        ways = (hop.partition(" ")[0].rpartition(":")[0] for row in self.results for hop in row.chain)
        own = [self.failure.file] if self.failure.file else []
        return tuple(dict.fromkeys([*own, *(row.file for row in self.results), *ways]))

    def then(self, step: str) -> tuple[str, ...]:  # noqa: ARG002 - the recording is what they go on from
        """The commands that show the first suspect, take it back, run the tests again, and ask about the next failure."""
        again = ["clew", "why", self.recording]
        if not self.results:
            return (join([*again, "--since", f"{self.compared.since or HEAD}~1"]),)
        first = self.results[0]
        commands = []
        if first.line is not None:
            commands.append(["js-scan", "--definition", first.target or f"{first.file}::{first.name}", "--json"])
        if self.stored.undo:
            commands.append(["js-edit", "--undo", self.stored.undo[0], "--only", self.stored.undo[1], "--json"])
        elif self.compared.since is not None:
            commands.append(["git", "diff", self.compared.since, "--", first.file])
        if self.stored.command and len(join(self.stored.command)) <= LONGEST_COMMAND:
            session = self.recording.partition("#")[0]
            commands.append(["clew", "record", "--session", session, "--diff-from", self.recording, "--", *self.stored.command])
        if self.stored.other is not None:
            commands.append(["clew", "why", f"{self.recording}.{self.stored.other}"])
        return tuple(map(join, commands))


def why(workspace: Workspace, request: Why) -> WhyResult:
    """Rank what changed by how likely it breaks the test (`clew.causes.ranking`). Nothing is run again.

    Raises InvalidRequest for a step that is no recording, NoSubject for one without a failure; RevisionNotFound and GitUnavailable;
    NoRepository where nothing says what changed.
    """
    (ref,) = request.step
    step, row = split_row(ref)
    result, outdated = _recording(workspace, step)
    rows = findings(result)
    chosen = _chosen(result, rows, step, row)
    files = CaseFiles(workspace, frozenset(outdated))
    found = failures(result, [*chosen, *(one for one in rows if one not in chosen)][:MOST_LOOKED_UP], files)
    changes = altered(workspace, request.since or HEAD)
    wrote = writers(workspace, changes.alterations)
    age = {number: writer.age for number, writer in wrote.items()}
    suspects, harmless, left = ranked(workspace.generation, Run(files, found, result.stored.text), changes, age)
    by = {id(one): wrote[number] for number, one in enumerate(changes.alterations) if number in wrote}
    first = by.get(id(suspects[0].alteration)) if suspects else None
    return WhyResult(
        recording=step,
        failure=_failing(files, found[0] if found else None, result),
        failures=max(len(rows), 1),
        compared=Compared(len(changes.alterations), changes.against or None, harmless),
        other_files=tuple(changes.others[:MOST_OTHERS]),
        why=_gaps(found[0] if found else None, suspects, changes, left),
        warnings=tuple(
            FileProblem(file=path, message="it changed since the run, whose lines in it do not count", code="changed") for path in outdated
        ),
        stored=Stored(
            _command(workspace, step),
            () if first is None else (first.step, f"{first.file}:{first.number}"),
            next((one.n for one in rows if one not in chosen), None),
        ),
        results=_listed(workspace, suspects, by),
    )


def split_row(ref: str) -> tuple[str, int | None]:
    """The step of `fix#1.2`, and the number of the row; None for a step alone."""
    step, dot, number = ref.rpartition(".")
    return (step, int(number)) if dot and "#" in step and number.isascii() and number.isdigit() else (ref, None)


def _recording(workspace: Workspace, step: str) -> tuple[Recording, list[str]]:
    """The recording of a step, and the files behind it that changed since. Raises InvalidRequest for another step."""
    operation, result, depends = workspace.step(step)
    if operation not in RECORDINGS:
        raise InvalidRequest(f"{step} is a {operation}, not a recorded command", hint="clew record -- npm test", given=step)
    generation = workspace.generation
    numbers = {path: generation.id_of(path) for path in depends}
    changed = [path for path, number in numbers.items() if number is None or generation.digest_of(number) != depends[path]]
    return msgspec.json.decode(result, type=Recording), sorted(changed)


def _chosen(result: Recording, rows: list[RecordedRow], step: str, number: int | None) -> list[RecordedRow]:
    """The finding that is asked about: of a place on the way to one that one. Raises NoSubject where there is none."""
    if number is not None:
        if not 1 <= number <= len(result.results):
            raise InvalidRequest(f"{step}.{number} is none of the {len(result.results)} results of {step}", hint=f"clew show {step}")
        at = result.results[number - 1].of or number
        return [result.results[at - 1]]
    if rows:
        return rows[:1]
    if result.status == 0:
        raise NoSubject(f"{step} passed: there is no failure to explain", hint=f"clew show {step}")
    return []


def _failing(files: CaseFiles, failure: Failure | None, result: Recording) -> FailingTest:
    if failure is None:
        last = next((line.strip() for line in reversed(result.stored.text.split("\n")) if line.strip()), f"status {result.status}")
        return FailingTest(n=0, message=last[:LONGEST_MESSAGE])
    line = failure.place.line if failure.place is not None and failure.place.file == failure.file else None
    if failure.case is not None and failure.file is not None:
        line = files.line(failure.file, failure.case.start)
    return FailingTest(n=failure.n, name=failure.test, file=failure.file or "", line=line, message=failure.message[:LONGEST_MESSAGE])


def _gaps(failure: Failure | None, suspects: list[Suspect], changes: Altered, left: int) -> tuple[Gap, ...]:
    """The gaps of the answer."""
    gaps: list[Gap] = []
    if failure is None or (failure.case is None and not failure.stack):
        gaps.append(Gap("unlocated", 1))
    unlinked = sum(one.evidence in {UNLINKED, MODULE} for one in suspects)
    if unlinked:
        gaps.append(Gap(UNLINKED, unlinked))
    if suspects and suspects[0].evidence == POSSIBLE:
        gaps.append(Gap(POSSIBLE, sum(one.evidence == POSSIBLE for one in suspects)))
    if left:
        gaps.append(Gap("quota", MOST_NODES + left, done=MOST_NODES, unit="definitions"))
    if not suspects:
        gaps.append(Gap("unchanged", 0))
    if changes.others:
        gaps.append(Gap("config", len(changes.others), files=tuple(changes.others[:1])))
    return tuple(gaps)


def _command(workspace: Workspace, step: str) -> tuple[str, ...]:
    """The command that was recorded, unless a secret was taken out of it."""
    asked = workspace.asked(step)
    command = msgspec.json.decode(asked, type=_Asked).command if asked else ()
    return () if any("[redacted" in word for word in command) else command


class _Asked(msgspec.Struct):
    """The part of a request that says what was run."""

    command: tuple[str, ...] = ()
    """The program and its arguments."""


def _listed(workspace: Workspace, suspects: list[Suspect], by: dict[int, Writer]) -> tuple[SuspectRow, ...]:
    generation = workspace.generation
    sources = SourceMap(generation)
    total = sum(one.score for one in suspects) or 1.0
    rows = []
    for n, one in enumerate(suspects, 1):
        row = SuspectRow(
            n=n,
            file=one.alteration.file,
            name=one.alteration.name,
            change=one.change.kind,
            score=round(one.score / total, 2),
            before=one.change.before,
            after=one.change.after,
            failing=_of(one.failing),
            passing=_of(one.passing),
            stack=one.stack,
            words=one.words[:MOST_WORDS],
            by=by[id(one.alteration)].step if id(one.alteration) in by else None,
            evidence=None if one.evidence == EXACT else one.evidence,
            chain=tuple(_hop(generation, hop) for hop in one.reached.chain) if one.reached is not None else (),
        )
        if one.alteration.definition is not None:
            (of,) = generation.linker.describe([one.alteration.definition])
            at = definition_row(sources, of, n)
            row = replace(row, line=at.line, column=at.column, target=at.target)
        rows.append(row)
    return tuple(rows)


def _of(counted: tuple[int, int] | None) -> str:
    return "" if counted is None else f"{counted[0]}/{counted[1]}"


def _hop(generation: Generation, hop: Hop) -> str:
    """`test/cart.js:8 call lib/cart.js::add`; the file is left out where the use stands in it."""
    file, row = hop.to
    path = generation.path_of(file)
    name = path if row is None else generation.linker.describe([(file, row)])[0].name
    to = name if row is None or file == hop.file else f"{path}::{name}"
    return f"{generation.path_of(hop.file)}:{hop.line} {hop.via} {to}" + ("" if hop.evidence == EXACT else f" ({hop.evidence})")
