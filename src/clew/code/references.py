"""The uses of a definition."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec.structs import replace

from clew.code import offering
from clew.code.addresses import Meant, addresses, file_of, find_definitions
from clew.code.gaps import gaps
from clew.code.names import path_in, split_position
from clew.code.rows import ReferenceRow, SourceMap, reference_rows
from clew.index.rows import CODE
from clew.index.scope import path_filter
from clew.requests import COMPUTED, ESCAPES, POSSIBLE, Gap, Result, Target, Uses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from clew._native import Def
    from clew._native import ReferenceRow as Occurrence
    from clew._native import References as Alike
    from clew.index.generation import Generation
    from clew.workspace import Workspace


_NAMED = 3
"""Targets that a command names at most."""


class References(Uses, frozen=True, kw_only=True, tag="references"):
    """List every occurrence of a definition: calls, reads, writes, types, imports, exports.

    js-scan --references Cart#add --kind method
    """

    targets: tuple[Target, ...] = ()
    """The definitions whose uses are looked for; `file:line:column` asks about what the place stands for. Empty means: what the
    continued step found."""
    account: bool = False
    """Say of every occurrence that is called like a target what it is."""


class Account(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Every occurrence of the names that a target goes by, in exactly one class."""

    total: int
    """Number of occurrences."""
    certain: int = 0
    """Number that refer to the target."""
    possible: int = 0
    """Number behind a receiver that could be anything."""
    another: int = 0
    """Number that mean another definition of the tree."""
    external: int = 0
    """Number that mean something of a package or of the platform."""
    unread: int = 0
    """Number where only tokens were read."""
    unexplained: int = 0
    """Number that no rule explains."""


class Used(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """Uses of one target, counted."""

    target: str
    """The target as a full address."""
    total: int
    """Number of certain occurrences."""
    possible: int = 0
    """Number of occurrences whose receiver is not known."""
    files: int = 0
    """In how many files."""
    account: Account | None = None
    """The verdict on each occurrence of its names, when that is asked for."""


class ReferencesResult(Result, frozen=True, kw_only=True):
    """The occurrences, by file and place."""

    targets: tuple[Used, ...] = ()
    """Each target as a full address, with its totals."""
    possible: int = 0
    """Number of occurrences with the right name and a receiver that is not known."""
    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete."""
    results: tuple[ReferenceRow, ...]
    """Certain rows; the possible ones, places that hide a use among them, too when asked for, or when there are no others."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """The definitions around the occurrences."""
        return offering.enclosing(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the occurrences and of the targets."""
        return files_behind(self)


def references(workspace: Workspace, request: References) -> ReferencesResult:
    """Every occurrence of the targets, with the evidence for each.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    places = [] if request.account else _places_apart(workspace, request.targets)
    result = used(workspace, request, request.targets, places, invoked=False)
    if not request.account or workspace.generation.bounds.was_cut:
        return result
    bounds, linker = workspace.generation.bounds, workspace.generation.linker
    definitions = find_definitions(workspace, request.targets).definitions
    accounts = [Account(*linker.account(definition)) for definition in bounds.each(definitions, "targets")]
    if bounds.was_cut:
        return result  # half an account would not close
    unread = sum(account.unread for account in accounts)
    targets = tuple(replace(used, account=account) for used, account in zip(result.targets, accounts, strict=True))
    return replace(result, targets=targets, why=(*result.why, *((Gap("unread", unread),) if unread else ())))


def used(
    workspace: Workspace, scope: Uses, targets: tuple[Target, ...], places: Sequence[_Apart] = (), *, invoked: bool
) -> ReferencesResult:
    """The occurrences of the targets, or only those that invoke them; those of `places` are known."""
    generation = workspace.generation
    linker = generation.linker
    keeps = path_filter(scope)
    chosen = _chooser(generation, scope, keeps)
    totals: list[tuple[int, int, int]] = []
    certain: dict[Occurrence, None] = {}
    by_flow: dict[Occurrence, None] = {}
    possible: dict[Occurrence, None] = {}
    hidden: dict[Occurrence, None] = {}
    passed = 0
    able: set[int] = set()  # the files that can refer to a target: what of them is not known, the answer may lack
    named = tuple(target for target in targets if target not in {place.target for place in places})
    definitions, files_left_out = find_definitions(workspace, named) if named or not places else Meant([], 0)
    for definition, of in generation.bounds.each(list(zip(definitions, linker.describe(definitions), strict=True)), "targets"):
        uses = linker.references(definition, invoked=invoked)
        flow, unsure = chosen(uses.flow), chosen(uses.possible)
        sure = chosen(uses.certain if invoked else [*uses.certain, *uses.mentions])
        passed += uses.passed_on if invoked else 0
        certain.update(dict.fromkeys(sure))
        by_flow.update(dict.fromkeys(flow))
        possible.update(dict.fromkeys(unsure))
        if scope.possible or not (unsure or passed):  # else the answer is not complete anyway, and looking further takes time
            hidden.update(dict.fromkeys(chosen(linker.hidden_uses(definition))))
        able.add(definition[0])
        for name in {of.bare_name, *uses.names}:
            able.update(file for file in linker.files_with(name) if keeps(generation.path_of(file)))
        totals.append((len(sure) + len(flow), len(unsure), len({one[0] for one in sure + flow})))
    targeted = addresses(generation, definitions[: len(totals)])
    for place in places:
        targeted.append(place.address)
        sure, unsure = chosen([*place.uses.certain, *place.uses.mentions]), chosen(place.uses.possible)
        certain.update(dict.fromkeys(sure))
        possible.update(dict.fromkeys(unsure))
        able.update(file for name in place.uses.names for file in linker.files_with(name) if keeps(generation.path_of(file)))
        totals.append((len(sure), len(unsure), len({one[0] for one in sure})))
    by_flow = {one: None for one in by_flow if one not in certain}
    listed = _by_place(generation, certain | by_flow)
    if scope.possible or not listed:
        listed += _by_place(generation, [*possible, *hidden])
    roles = Counter(role for _, _, _, _, role, *_ in hidden)
    counted = ((POSSIBLE, len(possible)), (COMPUTED, roles["computed"]), (ESCAPES, roles["escape"]), ("passedOn", passed))
    why = [Gap(code, total, list=_passing(generation, definitions) if code == "passedOn" else None) for code, total in counted if total]
    return ReferencesResult(
        files_left_out=files_left_out,
        targets=tuple(
            Used(target=target, total=total, possible=unsure, files=files)
            for target, (total, unsure, files) in zip(targeted, totals, strict=True)
        ),
        possible=len(possible),
        why=(*why, *gaps(generation, able)),
        results=reference_rows(generation, listed, by_flow),
    )


class _Apart(NamedTuple):
    """A place that stands for less, or for more, than the definitions which its name leads to."""

    target: Target
    """The target as it was given."""
    address: str
    """The place with its root-relative path."""
    uses: Alike
    """The places that mean the same as it."""


def _places_apart(workspace: Workspace, targets: tuple[Target, ...]) -> list[_Apart]:
    """Those of the targets that are places with references of their own."""
    generation = workspace.generation
    found: list[_Apart] = []
    for target in generation.bounds.each(targets, "targets"):
        path, line, column = split_position(target.text)
        if "::" in path or line is None or column is None:
            continue
        file = file_of(workspace, path)
        offset = SourceMap(generation).offset(file, line, column) if generation.flags_of(file) & CODE else None
        uses = None if offset is None else generation.linker.alike_at(file, offset)
        if uses is not None:
            found.append(_Apart(target, f"{generation.path_of(file)}:{line}:{column}", uses))
    return found


def _passing(generation: Generation, definitions: list[Def]) -> str | None:
    """The command that lists where functions are handed on: among their references, as reads."""
    from shlex import join  # only a few answers need it

    few = addresses(generation, definitions[:_NAMED])
    return join(["js-scan", "--references", *few, "--json"]) if len(definitions) <= _NAMED else None


def _chooser(generation: Generation, scope: Uses, keeps: Callable[[str], bool]) -> Callable[[list[Occurrence]], list[Occurrence]]:
    """The filter of a narrowed question: by path, and by the definition that an occurrence stands in."""

    def chosen(occurrences: list[Occurrence]) -> list[Occurrence]:
        kept = [occurrence for occurrence in occurrences if keeps(generation.path_of(occurrence[0]))]
        if not (scope.kind or scope.exported):
            return kept
        around = list(dict.fromkeys((occurrence[0], occurrence[5]) for occurrence in kept if occurrence[5] is not None))
        fitting = {
            definition
            for definition, of in zip(around, generation.linker.describe(around), strict=True)
            if (not scope.kind or of.kind in scope.kind) and (of.exported or not scope.exported)
        }
        return [occurrence for occurrence in kept if occurrence[5] is not None and (occurrence[0], occurrence[5]) in fitting]

    return chosen


def _by_place(generation: Generation, occurrences: Iterable[Occurrence]) -> list[Occurrence]:
    """Occurrences by path and place; a name that is key and binding at once (`const { a } = …`) stands there once."""
    once: dict[tuple[int, int], Occurrence] = {}
    for occurrence in occurrences:
        once.setdefault((occurrence[0], occurrence[3]), occurrence)
    return sorted(once.values(), key=lambda occurrence: (generation.path_of(occurrence[0]), occurrence[3]))


def files_behind(result: ReferencesResult) -> tuple[str, ...]:
    """The files of the rows and of the targets."""
    return tuple(dict.fromkeys([*(path_in(used.target) for used in result.targets), *(row.file for row in result.results)]))
