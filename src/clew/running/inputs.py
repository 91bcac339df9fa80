"""What an operation works on: the results of an earlier step, picked, and checked against the tree as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.bounds import DEADLINE
from clew.errors import InvalidRequest, StaleInput, SymbolNotFound, UsageError
from clew.operations import operation, verb
from clew.requests import FileProblem, Request, Result, Target
from clew.running.answering import QUOTA
from clew.running.replies import total_of
from clew.running.verdicts import verdict_on

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.index.generation import Generation
    from clew.running.calls import Asked, Call
    from clew.running.placing import Place
    from clew.sessions.core import Sessions
    from clew.sessions.staleness import Verdict
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

SHOWN_NUMBERS = 20
ALL = "all"
CUT = frozenset({DEADLINE, QUOTA})
"""Codes of the gaps of an answer that does not hold all rows."""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that a later operation can work on."""

    operation: str
    address: str
    request: Request | None = None
    """What was asked; only known for an answer of this call."""
    result: Result
    raw: bytes
    """The result, encoded."""
    total: int | None
    """How many rows the result has; None when it is no list."""
    whole: int | None = None
    """How many rows there are, listed or not."""
    kept: int | None = None
    """How many of them its step keeps."""
    depends: Mapping[str, str]
    """Root-relative file -> digest of the bytes that were read for it."""
    milliseconds: float
    """What it cost to find."""

    @property
    def was_cut(self) -> bool:
        """Whether there are rows that it does not have."""
        return any(gap.code in CUT for gap in self.result.why)


class Picked(msgspec.Struct, frozen=True, kw_only=True):
    """The targets taken from an answer, and the numbers of the rows they came from."""

    source: Found
    targets: tuple[Target, ...]
    used: tuple[int, ...]
    counts_on_all: bool = False
    """Whether these are meant to be all that was found."""


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its targets, and what was taken from an earlier answer for them."""

    request: Request
    picked: Picked | None = None
    verdict: str = "fresh"
    """fresh, moved, changed or gone: the worst of the files behind what was picked."""
    files: tuple[str, ...] = ()
    """The files that are not fresh."""
    warnings: tuple[FileProblem, ...] = ()

    def reused(self, parsed: int) -> dict[str, Any] | None:
        """What a reply says about it; None when nothing was taken."""
        if self.picked is None:
            return None
        source, used = self.picked.source, self.picked.used
        said: dict[str, Any] = {"step": source.address, "used": used[:SHOWN_NUMBERS]}
        if len(used) > SHOWN_NUMBERS:
            said["usedTotal"] = len(used)
        said.update(of=source.total, filesParsed=parsed, savedMs=round(source.milliseconds), verdict=self.verdict)
        if used and self.picked.counts_on_all and source.was_cut:
            said["complete"] = False  # there was more to go on from
        if self.files:
            said["files"] = self.files[:SHOWN_NUMBERS]
        return said


def filled(workspace: Workspace, place: Place, call: Call, asked: Asked, previous: Found | None) -> Filled:
    """The request of an operation with its targets: its own, those of an address in them, or what its input found.

    Raises UsageError when it has none of these, StaleInput when nothing of its input is left or when `--strict` forbids a change.
    """
    request = asked.request
    own: tuple[Target, ...] | None = getattr(request, "targets", None)
    if own is None or not (own or request.takes_input):
        return _alone(request, asked)
    if own:
        if not any(target.text.startswith("@") for target in own):
            return _alone(request, asked)
        picked = _addressed(own, place, previous)
    else:
        source = _source(place, asked, previous)
        if source is None:
            if request.stands_alone:
                return _alone(request, asked)
            name = request.__struct_config__.tag
            raise UsageError(f"--{name} needs a target, or a session to continue with --from")
        picked = pick(source, asked.match)
        if not picked.targets and request.stands_alone and asked.match is None:
            return _alone(request, asked)
        if not picked.targets and source.was_cut:
            raise StaleInput(f"{source.address} found nothing to go on with before its time was over")
        if not picked.targets:
            raise SymbolNotFound(
                f"{source.address} leaves nothing to go on with",
                hint=f"Pick from what it found with --match 1, or name a target: --{request.__struct_config__.tag} TARGET",
            )
    return _checked(workspace.generation, picked, request, strict=call.strict)


def _alone(request: Request, asked: Asked) -> Filled:
    if asked.match is not None or asked.input_from is not None:
        raise InvalidRequest(
            f"--{request.__struct_config__.tag} takes nothing from earlier results here; leave out --match and --input-from"
        )
    return Filled(request=request)


def _source(place: Place, asked: Asked, previous: Found | None) -> Found | None:
    if asked.input_from is not None:
        return found_in(place.sessions.read_step(asked.input_from), place.sessions)
    if previous is not None:
        return previous
    step = place.input
    return None if step is None else found_in(step, place.sessions)


def _addressed(own: tuple[Target, ...], place: Place, previous: Found | None) -> Picked:
    """Targets that are results of earlier steps, all from one step."""
    targets: list[Target] = []
    used: list[int] = []
    sources: dict[str, Found] = {}
    for target in own:
        parsed = address(target.text)
        if parsed is None:
            targets.append(target)
            continue
        where, number = parsed
        found = previous if where is None and previous is not None else found_in(place.step_at(where, target.text), place.sessions)
        sources[found.address] = found
        if number > (found.total or 0):
            raise InvalidRequest(f"{target.text} is none of the {found.total or 0} results of {found.address}")
        targets.extend(found.result.offers(frozenset((number,))))
        used.append(number)
    if len(sources) > 1:
        raise InvalidRequest(f"Results of several steps at once: {', '.join(sources)}; name the targets instead")
    return Picked(source=next(iter(sources.values())), targets=tuple(targets), used=tuple(used))


def _checked(generation: Generation, picked: Picked, request: Request, *, strict: bool) -> Filled:
    """Targets in files that changed keep only what finds them again; those in files that are gone are left out, with a warning."""
    source = picked.source
    behind = {target.file for target in picked.targets if target.file is not None} or set(source.depends)
    verdict = verdict_on({file: source.depends[file] for file in sorted(behind) if file in source.depends}, generation)
    if not verdict.files:
        return Filled(request=replace(request, targets=picked.targets), picked=picked)
    if strict:
        raise StaleInput(f"{', '.join(verdict.files)} changed since {source.address}", files=verdict.files)
    gone = [target for target in picked.targets if target.file in verdict.gone]
    targets = tuple(_refindable(target, verdict) for target in picked.targets if target not in gone)
    if not targets:
        raise StaleInput(f"All that {source.address} found is gone: {', '.join(verdict.gone)}", files=verdict.files)
    return Filled(
        request=replace(request, targets=targets),
        picked=picked,
        verdict=verdict.verdict,
        files=verdict.files,
        warnings=tuple(FileProblem(file=str(target.file), message=f"{target.text} is gone since {source.address}") for target in gone),
    )


def _refindable(target: Target, verdict: Verdict) -> Target:
    """A target in a file that moved or changed, without the position that it no longer has."""
    file = str(target.file)
    if target.file is None or file not in verdict.files:
        return target
    now = verdict.moved.get(file, file)
    return replace(target, text=target.text.replace(file, now, 1), file=now, line=None, column=None)


def found_in(step: Step, sessions: Sessions) -> Found:
    """The stored answer of a step; raises InvalidRequest for steps that answer nothing, StaleInput for an unreadable one."""
    try:
        row = operation(step.operation)
    except KeyError:
        raise InvalidRequest(f"{step.address} is a {step.operation} and found nothing that could be continued") from None
    raw = sessions.result_of(step)
    try:
        result = msgspec.json.decode(raw, type=verb(row).result)
    except msgspec.ValidationError as error:
        raise StaleInput(f"{step.address} was recorded by another version of clew: {error}") from error
    return Found(
        operation=step.operation,
        address=step.address,
        result=result,
        raw=raw,
        total=total_of(raw),
        depends=sessions.depends_of(step),
        milliseconds=step.details.cost.get("ms", 0.0) if step.details else 0.0,
    )


def pick(source: Found, match: str | None) -> Picked:
    """What `--match` picks of an answer, or its default."""
    if match is None:
        targets = source.result.offers(None)
        return Picked(source=source, targets=targets, used=_rows_behind(source, targets), counts_on_all=True)
    chosen = numbers(match, source.total or 0)
    return Picked(source=source, targets=source.result.offers(chosen), used=tuple(sorted(chosen)), counts_on_all=match == ALL)


def numbers(match: str, total: int) -> frozenset[int]:
    """The rows that `1,4-9` or `all` mean, of so many."""
    if match == ALL:
        return frozenset(range(1, total + 1))
    chosen: set[int] = set()
    for part in match.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
            raise InvalidRequest(f"--match takes numbers of results like 1,4-9, or all; not {match!r}")
        low, high = int(first), int(last) if dash else int(first)
        if not 1 <= low <= high <= total:
            raise InvalidRequest(f"--match {part} fits none of the {total} results")
        chosen.update(range(low, high + 1))
    return frozenset(chosen)


def _rows_behind(source: Found, targets: tuple[Target, ...]) -> tuple[int, ...]:
    """The numbers of the rows that the default targets came from."""
    wanted = set(targets)
    rows: tuple[Any, ...] = getattr(source.result, "results", ()) if wanted else ()
    return tuple(row.n for row in rows if wanted.intersection(replace(source.result, results=(row,)).offers(frozenset((row.n,)))))


def address(text: str) -> tuple[str | None, int] | None:
    """`@3` as (None, 3), `@2.3` as ("2", 3), `@search.3` as ("search", 3); None for anything else."""
    if not text.startswith("@"):
        return None
    where, dot, number = text[1:].rpartition(".")
    if not (number.isascii() and number.isdigit() and number.strip("0")) or (dot and not where):
        raise InvalidRequest(f"{text!r} is no result: write @3, @2.3 (step 2) or @search.3 (context key)")
    return where or None, int(number)
