"""The rank of changes as causes of a failure: what a change does, how it is reached, which tests fail, what the failure says.

The score is a product, so that no sign outweighs that all others speak against a change:

* what the change does to the code (`kinds`);
* the cost of the chain from the failing test to it (`reach`);
* which tests reach it: Ochiai's coefficient, ef / sqrt((ef + nf) * (ef + ep)), which ranks best among spectra (Abreu, Zoeteweij and
  van Gemund, TAICPART 2007), over changes instead of statements (Zhang, Kim and Khurshid, FaultTracer, ICSM 2011). The tests are those
  of the files with failures; of these a passing one counts when the output names it. No coverage was measured, so each counts the less
  the farther the change is from it;
* whether it stands in the stack of the failure (Schröter, Bettenburg and Premraj, MSR 2010: most faults are near its top);
* the rare words of the failure that stand in the lines that differ (Zhou, Zhang and Lo, ICSE 2012: reports are about the words of
  the code that they are caused by);
* whether it was written last in the session.
"""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test
from clew.causes.failures import passed_cases, passed_names
from clew.causes.kinds import LAYOUT, Change, Names, change_of
from clew.causes.reach import COSTS, EXACT, MODULE, Hop, Reach, Reached, Start
from clew.causes.refactorings import bare_name, renamings, value_named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew._native import Def
    from clew.causes.alterations import Alteration, Altered
    from clew.causes.cases import Case
    from clew.causes.failures import CaseFiles, Failure
    from clew.index.generation import Generation

STACK = "stack"
IN_STACK = 0.5
"""The cost of a hop that the stack tells: it ran."""
MOST_FILES = 6
"""Test files whose tests count for the spectrum."""
MOST_COMPARED = 16
"""Suspects whose spectrum is worked out: those that the other signs rank first."""
_PER_COST = 0.12
"""The loss of a change for each unit of its chain's cost."""
_UNREACHED, _ONLY_LOADED = 0.15, 0.2
"""The weight of a change that nothing leads to, and the most of one whose file is only known to be loaded."""
_SPECTRUM = 0.6
"""The part of the score that the tests decide."""
_TOP_OF_STACK, _ELSEWHERE_IN_STACK = 0.8, 0.4
_ALL_WORDS = 0.8
_WRITTEN_LAST = 0.1
"""How much more a change counts for its place, its words and its age, where all of that speaks for it."""
_HALF_OF_WORDS = 3
"""The weight of words that nothing else shares from which half of that counts."""
_WORD = re.compile(r"[A-Za-z_$][\w$-]{2,}")
_COMMON = frozenset(
    {
        *("the", "and", "not", "for", "with", "from", "should", "when", "then", "that", "this", "are", "was", "has", "have", "but"),
        *("error", "assertionerror", "err_assertion", "expected", "actual", "received", "got", "equal", "values", "strictly", "deeply"),
        *("const", "let", "var", "return", "function", "true", "false", "null", "undefined", "new", "typeof", "else"),
    }
)
"""Words that every failure has, and those of the language."""


class Suspect(NamedTuple):
    """A change, and what speaks for it."""

    alteration: Alteration
    change: Change
    reached: Reached | None
    score: float
    failing: tuple[int, int] | None
    passing: tuple[int, int] | None
    stack: int | None
    words: tuple[str, ...]

    @property
    def evidence(self) -> str:
        """The weakest evidence on the chain; `unlinked` where there is none."""
        if self.reached is None:
            return "unlinked"
        weakest = [hop.evidence for hop in self.reached.chain] + ([self.reached.by] if self.reached.by else [])
        return max(weakest, key=lambda evidence: COSTS.get(evidence, 0.0), default=EXACT)


class _Signs(NamedTuple):
    """Knowledge of one change before the tests are counted."""

    number: int
    change: Change
    reached: Reached | None
    stack: int | None
    words: tuple[str, ...]
    score: float


class Run(NamedTuple):
    """A run that failed."""

    files: CaseFiles
    failures: list[Failure]
    """The failures to explain, the one that is asked about first."""
    output: str


class Ranking(NamedTuple):
    """Changes by how likely they are the cause."""

    suspects: list[Suspect]
    """The likeliest first."""
    harmless: int
    """Number of changes that are only of layout."""
    left: int
    """Definitions that the walk did not go on from."""


def ranked(generation: Generation, failed: Run, changes: Altered, age: Mapping[int, float]) -> Ranking:
    """The suspects of the first failure of a run.

    `age` is how long ago a change was written, from 0 (last) to 1, by its number, where that is known.
    """
    files, found, output = failed
    alterations = changes.alterations
    kinds = _kinds(alterations)
    harmless = sum(change.kind == LAYOUT for change in kinds.values())
    reach = Reach(generation, alterations)
    first = found[0] if found else None
    ways = {} if first is None or not alterations else reach.nearest(starts_of(generation, files, first, reach), len(alterations))
    if first is not None:
        ways |= _in_test(first, files, changes)
    stack = {} if first is None else _in_stack(first, files, alterations)
    words = _shared(_said(first, output), {number: change.words for number, change in kinds.items()})
    signs = []
    for number, change in kinds.items():
        if change.kind == LAYOUT:
            continue
        way = ways.get(number)
        score = change.weight * _nearness(way)
        place = stack.get(number)
        score *= 1 + (0 if place is None else _TOP_OF_STACK if place == 1 else _ELSEWHERE_IN_STACK)
        score *= 1 + _ALL_WORDS * words[number][0]
        score *= 1 + _WRITTEN_LAST * (1 - age.get(number, 1.0))
        signs.append(_Signs(number, change, way, place, words[number][1], score))
    signs.sort(key=lambda one: (-one.score, one.number))
    spectrum = _Spectrum(generation, failed, reach) if found else None
    suspects = [_weighed(one, alterations[one.number], spectrum if at < MOST_COMPARED else None) for at, one in enumerate(signs)]
    return Ranking(sorted(suspects, key=lambda one: -one.score), harmless, reach.left)


def _kinds(alterations: list[Alteration]) -> dict[int, Change]:
    """The effect of each alteration, by its number; of a renaming the name that is gone is left out."""
    values: dict[str, dict[str, list[str]]] = {}
    for one in alterations:
        if (value := value_named(one.old, one.new)) is not None:
            values.setdefault(one.file, {})[value[0]] = value[1]
    gone = {one.name: one.old for one in alterations if one.name is not None and one.old is not None and one.new is None}
    new = {one.name: one.new for one in alterations if one.name is not None and one.new is not None and one.old is None}
    renamed = renamings(gone, new) if gone and new else {}
    kinds: dict[int, Change] = {}
    for number, one in enumerate(alterations):
        change = change_of(one.old, one.new, Names(values.get(one.file, {}), renamed))
        bare = bare_name(one.name or "")
        if change.kind == "removed" and bare in renamed.values():
            continue
        kinds[number] = change._replace(kind="renamed") if change.kind == "added" and bare in renamed else change
    return kinds


def _nearness(way: Reached | None) -> float:
    """The weight of a change by the way to it."""
    if way is None:
        return _UNREACHED
    near = 1 / (1 + _PER_COST * way.cost)
    return min(near, _ONLY_LOADED) if MODULE in {way.by, *(hop.evidence for hop in way.chain)} else near


def _weighed(signs: _Signs, alteration: Alteration, spectrum: _Spectrum | None) -> Suspect:
    failing = passing = None
    score = signs.score
    if spectrum is not None:
        coefficient, failing, passing = spectrum.of(signs.number)
        score *= 1 - _SPECTRUM + _SPECTRUM * coefficient
    else:
        score *= 1 - _SPECTRUM
    return Suspect(alteration, signs.change, signs.reached, score, failing, passing, signs.stack, signs.words)


def starts_of(generation: Generation, files: CaseFiles, failure: Failure, reach: Reach) -> list[Start]:
    """The first hops of a failure: what its test uses, what runs before it, and the definitions in its stack."""
    starts = _along_stack(generation, files, failure, reach)
    file = None if failure.file is None else generation.id_of(failure.file)
    if file is not None and failure.file is not None and files.text(failure.file):
        if failure.case is not None:
            beside = [(case.start, case.end) for case in files.cases(failure.file) if not case.is_group]
            starts += reach.starts(file, [(failure.case.start, failure.case.end)])
            starts += reach.starts(file, [], beside=beside)
            line = files.line(failure.file, failure.case.start)
        else:
            line = 1
            if is_test(failure.file) or not starts:  # otherwise its definitions in the stack say more than all of the file
                starts += reach.starts(file, [], beside=[])
        starts.append(Start(Hop(file, line, "import", (file, None), MODULE), COSTS[MODULE]))
    return starts


def _along_stack(generation: Generation, files: CaseFiles, failure: Failure, reach: Reach) -> list[Start]:
    """The hops that the stack tells, from the outermost place inwards: to the first definition, and from each to the next."""
    starts: list[Start] = []
    holder: Def | None = None
    for outer, inner in pairwise(reversed([*failure.stack, *failure.stack[-1:]])):
        at, number = generation.id_of(outer.file), generation.id_of(inner.file)
        offset = files.offset(inner)
        if at is None or number is None or offset is None or not files.text(inner.file):
            continue
        (row,) = generation.linker.innermost(number, [offset])
        if row is None or (number, row) == holder:
            continue
        hop = Hop(at, outer.line, STACK, (number, row), EXACT)
        if holder is None:
            starts.append(Start(hop, IN_STACK))
        else:
            reach.tell(holder, hop, IN_STACK)
        holder = (number, row)
    return starts


def _in_test(failure: Failure, files: CaseFiles, changes: Altered) -> dict[int, Reached]:
    """The changes of the test itself, by their numbers: nothing lies between."""
    if failure.case is None or failure.file is None:
        return {}
    first, last = files.line(failure.file, failure.case.start), files.line(failure.file, failure.case.end)
    if not any(hunk.new <= last and first < hunk.new + max(hunk.new_count, 1) for hunk in changes.hunks.get(failure.file, ())):
        return {}
    return {
        number: Reached(0.0, [], None)
        for number, one in enumerate(changes.alterations)
        if one.definition is None and one.name is None and one.file == failure.file
    }


def _in_stack(failure: Failure, files: CaseFiles, alterations: list[Alteration]) -> dict[int, int]:
    """The place in the stack, counted from 1, of each change that stands in it."""
    found: dict[int, int] = {}
    for place, frame in enumerate(failure.stack, 1):
        offset = files.offset(frame)
        held = [
            (one.end - one.start, number)
            for number, one in enumerate(alterations)
            if offset is not None and one.file == frame.file and one.holds(offset, offset)
        ]
        if held:
            found.setdefault(min(held)[1], place)
    return found


def _said(failure: Failure | None, output: str) -> Counter[str]:
    """The words of a failure, with how telling each is: those of its message before those of its title."""
    if failure is None:
        return Counter(word.lower() for word in _WORD.findall(output[:20_000]))
    said = Counter({word.lower(): 1 for word in _WORD.findall(failure.test or "")})
    said.update({word.lower(): 2 for word in _WORD.findall(failure.message)})
    return Counter({word: weight for word, weight in said.items() if word not in _COMMON})


def _shared(said: Counter[str], words: Mapping[int, frozenset[str]]) -> dict[int, tuple[float, tuple[str, ...]]]:
    """The words that each change shares with the failure, and their weight from 0 to 1: more, the fewer other changes have them."""
    spread = Counter(word for own in words.values() for word in own)
    shares: dict[int, tuple[float, tuple[str, ...]]] = {}
    for number, own in words.items():
        common = sorted(own & said.keys(), key=lambda word: (spread[word], -said[word], word))
        weight = sum(said[word] / spread[word] ** 2 for word in common)
        shares[number] = (weight / (weight + _HALF_OF_WORDS), tuple(common))
    return shares


class _Spectrum:
    """The tests of the files with failures, by what they reach."""

    def __init__(self, generation: Generation, run: Run, reach: Reach) -> None:
        files, found, output = run
        self._reach = reach
        names = passed_names(output)
        failed: dict[str, dict[int, Case]] = {}
        for failure in found:
            if failure.file is not None and failure.case is not None:
                failed.setdefault(failure.file, {})[failure.case.start] = failure.case
        self._failing: list[list[Start]] = []
        self._passing: list[list[Start]] = []
        for file in list(failed)[:MOST_FILES]:
            number = generation.id_of(file)
            if number is None:
                continue
            cases = files.cases(file)
            self._failing += [reach.starts(number, [(case.start, case.end)]) for case in failed[file].values()]
            good = passed_cases(cases, failed[file].values(), names)
            self._passing += [reach.starts(number, [(case.start, case.end)]) for case in good]

    def of(self, number: int) -> tuple[float, tuple[int, int] | None, tuple[int, int] | None]:
        """Ochiai's coefficient of a change; how many of the failing tests reach it, and of those that passed."""
        if not self._failing:
            return 0.0, None, None
        costs = self._reach.costs_to(number)
        bad, good = ([_covers(starts, costs) for starts in tests] for tests in (self._failing, self._passing))
        ef, ep = sum(bad), sum(good)
        coefficient = ef / sqrt(len(bad) * (ef + ep)) if ef else 0.0
        passing = (sum(one > 0 for one in good), len(good)) if good else None
        return coefficient, (sum(one > 0 for one in bad), len(bad)), passing


def _covers(starts: list[Start], costs: Mapping[tuple[int, int | None], float]) -> float:
    """The weight of a test for a change: 1 where it calls what changed, less the farther that is, 0 where nothing leads there."""
    ways = [start.cost + costs[start.hop.to] for start in starts if start.hop.to in costs]
    return 1 / max(1.0, min(ways)) if ways else 0.0
