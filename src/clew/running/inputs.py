"""The input of an operation: targets, picked rows, or the subject of an earlier step, checked against the tree as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.bounds import OutOfTime
from clew.errors import ClewError, InvalidRequest, NoSubject, NoSuchFile, StaleInput, SymbolNotFound, UsageError
from clew.operations import operation, verb
from clew.requests import FileProblem, Request, Result, Target
from clew.running.narrowing import narrowed
from clew.running.replies import total_of
from clew.running.subjects import lacks_rows, setting_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from clew.code.changed import Changed
    from clew.running.calls import Asked, Call
    from clew.running.subjects import Setting
    from clew.sessions.core import Sessions
    from clew.sessions.cursor import Cursor
    from clew.sessions.staleness import Verdict
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

SHOWN_NUMBERS = 20
ALL = "all"
MOST_CANDIDATES = 5


class EarlierAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that a later operation can pick from."""

    operation: str
    address: str
    request: Request | None = None
    """The request; only known for an answer of this call."""
    result: Result
    raw: bytes
    """The result, encoded."""
    total: int | None
    """The number of rows of the result; None when it is no list."""
    whole: int | None = None
    """The number of rows, listed or not."""
    kept: int | None = None
    """The number of rows that its step keeps."""
    depends: Mapping[str, str]
    """Root-relative file -> digest of the bytes that were read for it."""
    milliseconds: float
    """Its cost."""
    setting: Setting | None = None
    """The subject of its session from there on; only known for an answer of this call."""
    before: EarlierAnswer | None = None
    """For an answer without rows: the newest one of this call that has some."""

    @property
    def listed(self) -> EarlierAnswer | None:
        """The newest answer of this call with rows."""
        return self.before if self.total is None else self

    @property
    def was_cut(self) -> bool:
        """True when there are rows that it does not have."""
        return lacks_rows(self.result)


class Selection(msgspec.Struct, frozen=True, kw_only=True):
    """The targets taken from an earlier step, and the numbers of the rows they came from."""

    step: str
    """The address of the step that they were found, or named, in."""
    targets: tuple[Target, ...]
    used: tuple[int, ...]
    of: int | None
    """The number of rows of that step."""
    depends: Mapping[str, str]
    """Root-relative file -> digest of the bytes that were read for them."""
    milliseconds: float = 0.0
    """Their cost."""
    lacks_some: bool = False
    """True when there was more to go on from."""
    setting: Setting | None = None
    """The subject of an earlier step, where that is what they are."""


class BoundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request with its targets, and what was taken from an earlier answer for them."""

    request: Request
    picked: Selection | None = None
    verdict: str = "fresh"
    """fresh, moved, changed or gone: the worst of the files behind what was picked."""
    files: tuple[str, ...] = ()
    """The files that are not fresh."""
    warnings: tuple[FileProblem, ...] = ()
    changed: Changed | None = None
    """Counts of what differs from a commit, for a question with `--changed`."""

    def reused(self, parsed: int) -> dict[str, Any] | None:
        """The field `reused` of a reply; None when nothing was taken."""
        if self.picked is None:
            return None
        picked, used = self.picked, self.picked.used
        said: dict[str, Any] = {"step": picked.step, "used": used[:SHOWN_NUMBERS]}
        if len(used) > SHOWN_NUMBERS:
            said["usedTotal"] = len(used)
        if picked.of is not None:
            said["of"] = picked.of
        said.update(filesParsed=parsed, savedMs=round(picked.milliseconds), verdict=self.verdict)
        if picked.lacks_some:
            said["complete"] = False
        if self.files:
            said["files"] = self.files[:SHOWN_NUMBERS]
        return said


def bind_targets(workspace: Workspace, cursor: Cursor, call: Call, asked: Asked, previous: EarlierAnswer | None) -> BoundRequest:
    """The request of an operation with its targets: its own, what changed, rows that are picked, or the subject of what it continues.

    Raises NoSubject when there is none of these, StaleInput when nothing of them is left or when `--strict` forbids a change.
    """
    request = narrowed(workspace, asked.request)
    if asked.changed is not None:
        from clew.running.changing import changed_since  # only who asks for changes pays

        targets, changed = changed_since(workspace, asked)
        return BoundRequest(request=replace(request, targets=targets), changed=changed)
    own: tuple[Target, ...] | None = getattr(request, "targets", None)
    if own is None or not (own or request.takes_input):
        return _alone(request, asked)
    if own:
        if all(address(target.text) is None for target in own):
            return _alone(request, asked)
        picked = _addressed(own, cursor, previous)
    elif asked.match is not None:
        picked = pick(_source(cursor, asked, previous), asked.match)
    else:
        setting = _setting(cursor, asked, previous)
        if setting is None or not setting.subject:
            if request.stands_alone and asked.input_from is None:
                return _alone(request, asked)
            raise _no_subject(request, cursor, previous, setting)
        picked = Selection(
            step=setting.step,
            targets=setting.targets,
            used=setting.used,
            of=setting.of,
            depends=setting.depends,
            milliseconds=setting.milliseconds,
            lacks_some=setting.was_cut,
            setting=setting,
        )
    return _checked(workspace, picked, request, strict=call.strict)


def _alone(request: Request, asked: Asked) -> BoundRequest:
    if asked.match is not None or asked.input_from is not None:
        raise InvalidRequest(
            f"--{request.__struct_config__.tag} takes nothing from earlier results here; leave out --match and --input-from"
        )
    return BoundRequest(request=request)


def _no_subject(request: Request, cursor: Cursor, previous: EarlierAnswer | None, setting: Setting | None) -> ClewError:
    name = request.__struct_config__.tag
    if cursor.read is None and previous is None:
        return UsageError(f"--{name} needs a target, or a session to continue with --from")
    source = previous if previous is not None else None if cursor.input is None else found_in(cursor.input, cursor.sessions)
    if setting is not None and source is not None and source.was_cut:
        return StaleInput(f"{source.address} found nothing to go on with before its time was over")
    rows = source.total if source is not None else None
    if source is None or not rows:
        here = f" --from {cursor.read.address}" if cursor.read is not None and previous is None else ""
        return NoSubject(f"The session is about nothing yet that --{name} could be asked about", hint=f"js-scan{here} --outline")
    near = source.result.offers(frozenset(range(1, min(rows, MOST_CANDIDATES) + 1))) or ()
    session, is_step, seq = source.address.rpartition("#")
    return NoSubject(
        f"The session is about nothing yet that --{name} could be asked about; {source.address} has {rows} results to pick from",
        hint=f"js-scan --from {session} --{name} @{seq}.1" if is_step else f"js-scan --{name} --help",
        candidates=tuple(target.text for target in near[:MOST_CANDIDATES]),
    )


def _setting(cursor: Cursor, asked: Asked, previous: EarlierAnswer | None) -> Setting | None:
    if asked.input_from is not None:
        step = cursor.sessions.read_step(asked.input_from)
        setting = setting_of(cursor.sessions, step)
        is_here = cursor.read is not None and cursor.read.session_id == step.session_id
        return setting if setting is None or is_here else replace(setting, seq=0)
    if previous is not None:
        return previous.setting
    return None if cursor.read is None else setting_of(cursor.sessions, cursor.read)


def _source(cursor: Cursor, asked: Asked, previous: EarlierAnswer | None) -> EarlierAnswer:
    """The answer that `--match` picks from."""
    if asked.input_from is not None:
        return found_in(cursor.sessions.read_step(asked.input_from), cursor.sessions)
    if previous is not None and previous.listed is not None:
        return previous.listed
    if cursor.input is None:
        raise UsageError("--match picks from earlier results; continue a session with --from")
    return found_in(cursor.input, cursor.sessions)


def _addressed(own: tuple[Target, ...], cursor: Cursor, previous: EarlierAnswer | None) -> Selection:
    """Targets that are results of earlier steps, all from one step."""
    targets: list[Target] = []
    used: list[int] = []
    sources: dict[str, EarlierAnswer] = {}
    for target in own:
        parsed = address(target.text)
        if parsed is None:
            targets.append(target)
            continue
        where, number = parsed
        here = previous.listed if where is None and previous is not None else None
        found = here or found_in(cursor.step_at(where, target.text), cursor.sessions)
        sources[found.address] = found
        if number > (found.total or 0):
            message = f"{target.text} is none of the {found.total or 0} results of {found.address}"
            raise InvalidRequest(message, hint=f"clew show {found.address}")
        targets.extend(found.result.offers(frozenset((number,))) or ())
        used.append(number)
    if len(sources) > 1:
        raise InvalidRequest(f"Results of several steps at once: {', '.join(sources)}; name the targets instead")
    (source,) = sources.values()
    if not targets:
        raise _nothing_in(source, " ".join(target.text for target in own))
    return _of(source, tuple(targets), tuple(used))


def still_there(workspace: Workspace, targets: Sequence[Target], changed: Collection[str]) -> tuple[Target, ...]:
    """Targets without those in changed files that nothing is called like any more; what cannot be said in time counts as there."""
    from clew.code.addresses import find  # loaded by every verb that has targets

    found: list[Target] = []
    for target in targets:
        if target.file is None or target.file in changed:
            try:
                find(workspace, target)
            except (SymbolNotFound, NoSuchFile):
                continue
            except (ClewError, OutOfTime):
                pass
        found.append(target)
    return tuple(found)


def _checked(workspace: Workspace, picked: Selection, request: Request, *, strict: bool) -> BoundRequest:
    """Targets in files that changed keep only what finds them again; those that are gone are left out, with a warning."""
    from clew.running.verdicts import verdict_on  # only who continues pays

    generation = workspace.generation
    behind = {target.file for target in picked.targets if target.file is not None} or set(picked.depends)
    verdict = verdict_on({file: picked.depends[file] for file in sorted(behind) if file in picked.depends}, generation)
    if not verdict.files:
        return BoundRequest(request=replace(request, targets=picked.targets), picked=picked)
    if strict:
        raise StaleInput(f"{', '.join(verdict.files)} changed since {picked.step}", files=verdict.files)
    now = {target: _refindable(target, verdict) for target in picked.targets if target.file not in verdict.gone}
    changed = {*verdict.files, *(target.file for target in now.values() if target.file is not None)}
    left = set(still_there(workspace, list(now.values()), changed))
    targets = tuple(target for target in now.values() if target in left)
    gone = [target for target in picked.targets if now.get(target) not in left]
    if not targets:
        raise StaleInput(f"All that {picked.step} found is gone: {', '.join(target.text for target in gone)}", files=verdict.files)
    return BoundRequest(
        request=replace(request, targets=targets),
        picked=picked,
        verdict=verdict.verdict,
        files=verdict.files,
        warnings=tuple(FileProblem(file=str(target.file), message=f"{target.text} is gone since {picked.step}") for target in gone),
    )


def _refindable(target: Target, verdict: Verdict) -> Target:
    """A target in a file that has another path now."""
    now = verdict.moved.get(target.file) if target.file is not None else None
    return target if now is None else replace(target, text=now + target.text.removeprefix(str(target.file)), file=now)


def found_in(step: Step, sessions: Sessions) -> EarlierAnswer:
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
    return EarlierAnswer(
        operation=step.operation,
        address=step.address,
        result=result,
        raw=raw,
        total=total_of(raw),
        depends=sessions.depends_of(step),
        milliseconds=step.details.cost.get("ms", 0.0) if step.details else 0.0,
    )


def pick(source: EarlierAnswer, match: str) -> Selection:
    """The targets that `--match` picks of an answer: by numbers of rows, `all`, paths, globs, names."""
    try:
        chosen = chosen_rows(match, source.total or 0, getattr(source.result, "results", ()))
    except InvalidRequest as error:
        error.hint = f"clew show {source.address}"
        raise
    targets = source.result.offers(chosen) or ()
    if not targets:
        raise _nothing_in(source, f"--match {match}")
    return _of(source, targets, tuple(sorted(chosen)), counts_on_all=match == ALL)


def _nothing_in(source: EarlierAnswer, pick: str) -> NoSubject:
    return NoSubject(f"{pick} picks no file and no definition from {source.address}", hint=f"clew show {source.address}")


def _of(source: EarlierAnswer, targets: tuple[Target, ...], used: tuple[int, ...], *, counts_on_all: bool = False) -> Selection:
    return Selection(
        step=source.address,
        targets=targets,
        used=used,
        of=source.total,
        depends=source.depends,
        milliseconds=source.milliseconds,
        lacks_some=counts_on_all and source.was_cut,
    )


def chosen_rows(match: str, total: int, rows: Sequence[object] = ()) -> frozenset[int]:
    """The numbers, of so many, of the rows that `--match` means: `1,4-9`, `all`, or folders, paths, globs and names of rows.

    Raises InvalidRequest for a part that fits no row.
    """
    chosen: set[int] = set()
    for part in match.split(","):
        word = part.strip()
        if word == ALL:
            fitting: Iterable[int] = range(1, total + 1)
        elif word[:1].isdigit():
            fitting = _numbered(word, total)
        else:
            fitting = [number for number, row in enumerate(rows, 1) if word and _is_meant(row, word)]
        if not fitting:
            raise InvalidRequest(f"--match {part or repr(part)} fits none of the {total} results")
        chosen.update(fitting)
    return frozenset(chosen)


def _numbered(word: str, total: int) -> range:
    first, dash, last = word.partition("-")
    if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
        raise InvalidRequest(f"--match takes numbers of results like 1,4-9, or all; not {word!r}")
    low, high = int(first), int(last) if dash else int(first)
    return range(low, high + 1) if 1 <= low <= high <= total else range(0)


def _is_meant(row: object, word: str) -> bool:
    """True for a row in this folder, of this path or glob, or of this name."""
    file, name = getattr(row, "file", None) or "", getattr(row, "name", None) or ""
    if any(letter in word for letter in "*?["):
        from fnmatch import fnmatchcase  # only who picks by a glob pays

        return fnmatchcase(file, word) or fnmatchcase(file.rpartition("/")[2], word) or fnmatchcase(name, word)
    return file == word or file.startswith(f"{word.rstrip('/')}/") or word in {name, name.replace("#", ".").rpartition(".")[2]}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and bool(text.strip("0"))


def address(text: str) -> tuple[str | None, int] | None:
    """`@3` as (None, 3), `@2.3` as ("2", 3), `@search.3` as ("search", 3), `hdr#2.3` as ("hdr#2", 3); None for anything else."""
    if not text.startswith("@"):
        step, dot, number = text.rpartition(".")
        session, _, seq = step.rpartition("#")
        return (step, int(number)) if dot and session and _is_number(seq) and _is_number(number) else None
    where, dot, number = text[1:].rpartition(".")
    if not (number.isascii() and number.isdigit() and number.strip("0")) or (dot and not where):
        raise InvalidRequest(f"{text!r} is no result: write @3, @2.3 (step 2) or @search.3 (context key)")
    return where or None, int(number)
