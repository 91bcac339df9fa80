"""Everything a change to a definition or a file can reach, nearest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from clew._native import is_test
from clew.code import offering
from clew.code.addresses import addresses, find_all
from clew.code.gaps import gaps, hidden_gaps
from clew.code.names import path_in
from clew.code.rows import SourceMap, own_address
from clew.index.scope import path_filter
from clew.requests import POSSIBLE, Gap, Paths, Possible, Result, Row, Target, Uses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clew._native import Reached as NativeReached
    from clew.index.generation import Generation
    from clew.workspace import Workspace

Via = Literal["call", "read", "type", "import", "override"]

Change = Literal["signature", "removal", "behaviour"]

# what each sort of change travels by, and how many hops it goes when no depth is given
_TRAVELS: dict[Change, tuple[frozenset[str], int | None]] = {
    "signature": (frozenset({"call", "read", "override"}), 1),
    "removal": (frozenset({"call", "read", "type", "import", "override"}), 1),
    "behaviour": (frozenset({"call", "read", "override"}), None),
}


class Ripple(Uses, frozen=True, kw_only=True, tag="ripple"):
    """Follow a change outwards from its targets.

    js-scan --ripple Cart#add --if signature
    """

    targets: tuple[Target, ...] = ()
    """The definitions or files that would change. Empty means: what the continued step found."""
    depth: int | None = None
    """Number of hops to follow; without it, to the end."""
    via: tuple[Via, ...] = ()
    """Follow only these ways: call, read, type, import, override."""
    if_: Change | None = msgspec.field(default=None, name="if")
    """The sort of change: a new signature reaches callers and overrides, a removal every use, behaviour whatever calls, to the end."""
    summary: bool = False
    """The folders that are reached, with counts; the rows come with the page after."""


class Reached(Row, frozen=True):
    """A definition, or the top of a file, that the change reaches."""

    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column, counted from 1."""
    via: str
    """How: `call`, `read`, `type`, `import` or `override`."""
    name: str | None = None
    """The definition; None for code at the top of the file."""
    kind: str | None = None
    """function, class, method, variable, …; None for the top of a file."""
    exported: bool = False
    """True where other files can import it."""
    from_: int = msgspec.field(default=0, name="from")
    """The row it was reached from; 0 is a target."""
    distance: int = 1
    """Number of hops from the target."""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""
    evidence: str | None = None
    """`possible` where the receiver is not known; such rows are not followed."""


class TargetImpact(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One target, with what it reaches."""

    target: str
    """The target as a full address."""
    reached: int
    """The number of rows that it reaches alone, possible ones not counted."""
    files: int
    """In how many files."""


class FolderReached(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A folder, with what is reached in its files; those below its folders are counted there."""

    folder: str
    """Root-relative path; `.` for the root."""
    reached: int
    """Number of definitions and tops of files."""
    files: int
    """In how many files."""
    tests: int = 0
    """Number of tests among the files."""
    distance: int = 1
    """Number of hops to the nearest."""


class RippleResult(Result, frozen=True, kw_only=True):
    """The definitions that are reached, and their files."""

    targets: tuple[TargetImpact, ...]
    """A summary for each target."""
    tests: int = 0
    """Number of tests among the files."""
    circles: int = 0
    """Number of times that the walk came back to something it had come from: recursion."""
    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete; never read an incomplete ripple as safe."""
    folders: tuple[FolderReached, ...] = ()
    """The folders reached, the most reached first, where only these were asked for."""
    files: tuple[str, ...] = ()
    """Every file reached, nearest first."""
    results: tuple[Reached, ...]
    """Nearest first; `from` points at the row each was reached from."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The targets, then what they reached; only rows when rows are picked."""
        own = [Target(text=changed.target) for changed in self.targets] if picked is None else []
        return tuple(dict.fromkeys([*own, *offering.definitions(self.results, picked)]))

    def behind(self) -> tuple[str, ...]:
        """The files of the targets and all files reached."""
        return tuple(dict.fromkeys([*(path_in(changed.target) for changed in self.targets), *self.files]))


def ripple(workspace: Workspace, request: Ripple) -> RippleResult:
    """Breadth-first over references and importers (Bohner & Arnold, Software Change Impact Analysis, 1996).

    Raises SymbolNotFound for a target that no longer exists.
    """
    walked = walk(workspace, request)
    files = tuple(dict.fromkeys(row.file for row in walked.rows))
    return RippleResult(
        targets=walked.targets,
        tests=sum(map(is_test, files)),
        circles=walked.circles,
        why=walked.why(len(walked.possible)),
        folders=folders_of(walked.rows) if request.summary else (),
        files=files,
        results=walked.rows,
    )


class Walked(msgspec.Struct, frozen=True):
    """The result of a walk from targets, for the answers that are made of it."""

    targets: tuple[TargetImpact, ...]
    """A summary for each target."""
    rows: tuple[Reached, ...]
    """Nearest first."""
    circles: int
    """Number of times that the walk came back to something it had come from."""
    possible: tuple[str, ...]
    """The file of everything that is only possibly reached."""
    gaps: tuple[Gap, ...]
    """Gaps beside those that the walk counted."""

    def why(self, possible: int) -> tuple[Gap, ...]:
        """The gaps of an answer with so many rows that are only possible."""
        return (Gap(POSSIBLE, possible), *self.gaps) if possible else self.gaps


def asked_alike(request: Paths, targets: tuple[Target, ...], *, depth: int | None = None, if_: Change | None = None) -> Ripple:
    """The ripple that another question is made of, narrowed as that is."""
    narrowed = {name: getattr(request, name) for name in request.__struct_fields__ if name in Possible.__struct_fields__}
    return Ripple(targets=targets, depth=depth, if_=if_, **narrowed)


def walk(workspace: Workspace, request: Ripple) -> Walked:
    """Walk from the targets outwards. Raises SymbolNotFound for a target that no longer exists."""
    generation = workspace.generation
    places = find_all(workspace, request.targets)
    via, depth = frozenset[str](request.via), request.depth
    if request.if_ is not None:
        travels, hops = _TRAVELS[request.if_]
        via, depth = via or travels, depth or hops

    keeps = path_filter(request)
    narrowed = bool(request.dir or request.include or request.exclude)
    reached = generation.linker.impact(
        [(place.file, place.row) for place in places],
        sorted(via),
        depth,
        request.possible,
        [*map(keeps, generation.paths())] if narrowed else [],
        list(request.kind),
        request.exported,
    )
    rows = tuple(reached_rows(generation, reached.rows))
    files = dict.fromkeys(row.file for row in rows)
    if narrowed or request.kind or request.exported:
        rows = _kept(rows, lambda row: keeps(row.file) and _is_asked_for(request, row))
        files = dict.fromkeys(row.file for row in rows)
    definitions = [place.definition for place in places if place.row is not None]
    named = dict(zip(definitions, addresses(generation, definitions), strict=True))
    summaries = tuple(
        TargetImpact(
            target=generation.path_of(place.file) if place.row is None else named[place.definition],
            reached=total,
            files=files_reached,
        )
        for place, (total, files_reached) in zip(places, reached.totals, strict=True)
    )
    able = {place.file for place in places}
    for of in generation.linker.describe(definitions):
        able.update(generation.linker.files_with(of.bare_name))
    able.update(file for path in files if (file := generation.id_of(path)) is not None)
    unsure = () if reached.possible else hidden_gaps(generation, definitions)
    return Walked(
        targets=summaries,
        rows=rows,
        circles=reached.circles,
        possible=tuple(map(generation.path_of, reached.possible)),
        gaps=(*unsure, *gaps(generation, able)),
    )


def folders_of(rows: Sequence[Reached]) -> tuple[FolderReached, ...]:
    """The folders of rows, the most reached first."""
    reached: dict[str, list[Reached]] = {}
    for row in rows:
        reached.setdefault(row.file.rpartition("/")[0] or ".", []).append(row)
    folders = []
    for folder, inside in reached.items():
        files = {row.file for row in inside}
        tests, distance = sum(map(is_test, files)), min(row.distance for row in inside)
        folders.append(FolderReached(folder=folder, reached=len(inside), files=len(files), tests=tests, distance=distance))
    return tuple(sorted(folders, key=lambda summary: (-summary.reached, summary.folder)))


def reached_rows(generation: Generation, reached: list[NativeReached]) -> list[Reached]:
    """Rows of what a walk reached, in its order, as far as there was time."""
    sources = SourceMap(generation)
    rows: list[Reached] = []
    for part in generation.bounds.listed(reached):
        rows += [
            Reached(
                n=n,
                file=generation.path_of(row.file),
                line=row.line,
                column=row.column or sources.column(row.file, row.line, row.at),
                via=row.via,
                name=row.name,
                kind=row.kind,
                exported=row.exported,
                from_=row.origin,
                distance=row.distance,
                target=own_address(sources, row),
                evidence="possible" if row.possible else None,
            )
            for n, row in enumerate(part, len(rows) + 1)
        ]
    return rows


def _is_asked_for(request: Ripple, row: Reached) -> bool:
    return (not request.kind or row.kind in request.kind) and (row.exported or not request.exported)


def _kept(rows: Sequence[Reached], keeps: Callable[[Reached], bool]) -> tuple[Reached, ...]:
    """The rows of files in the scope, numbered anew; `from` points at the nearest row that is left."""
    number = {0: 0}
    kept: list[Reached] = []
    for row in rows:
        if keeps(row):
            number[row.n] = len(kept) + 1
            kept.append(row if len(kept) + 1 == row.n else msgspec.structs.replace(row, n=len(kept) + 1, from_=number[row.from_]))
        else:
            number[row.n] = number[row.from_]
    return tuple(kept)
