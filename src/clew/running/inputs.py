"""The input of an operation: targets, picked rows, or the subject of an earlier step, checked against the tree as it is now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.errors import AmbiguousSymbol, ClewError, InvalidRequest, NoSubject, StaleInput, UsageError
from clew.metrics.costs import worked_by
from clew.operations import operation, verb
from clew.requests import RECORDINGS, FileProblem, Request, Result, Target
from clew.running.finding_again import current
from clew.running.narrowing import narrowed
from clew.running.picking import ALL, address, chosen_rows
from clew.running.replies import total_of
from clew.running.subjects import lacks_rows, setting_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clew.code.changed import Changed
    from clew.metrics.costs import Worked
    from clew.running.calls import Asked, Call
    from clew.running.subjects import Setting
    from clew.sessions.core import Sessions
    from clew.sessions.cursor import Cursor
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

SHOWN_NUMBERS = 20
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
    worked: Worked | None = None
    """Its work, where an earlier call did it."""
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
    worked: Worked | None = None
    """The work that found them, where an earlier call did it."""
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

    @property
    def spared(self) -> tuple[Worked, ...]:
        """The work of earlier calls that found what was picked; naming a target again takes none."""
        return (self.picked.worked,) if self.picked is not None and self.picked.worked is not None and self.picked.used else ()

    def reused(self, parsed: int, saved_ms: float) -> dict[str, Any] | None:
        """The field `reused` of a reply; None when nothing was taken."""
        if self.picked is None:
            return None
        picked, used = self.picked, self.picked.used
        said: dict[str, Any] = {"step": picked.step, "used": used[:SHOWN_NUMBERS]}
        if len(used) > SHOWN_NUMBERS:
            said["usedTotal"] = len(used)
        if picked.of is not None:
            said["of"] = picked.of
        said.update(filesParsed=parsed, savedMs=round(saved_ms, 1), verdict=self.verdict)
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
    if request.takes_step:
        about = _about_finding if request.takes_finding else _about_step
        return _alone(about(request, cursor, previous), asked)
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
        if request.writes and len(setting.targets) > 1:
            raise _not_one(request, setting)
        picked = Selection(
            step=setting.step,
            targets=setting.targets,
            used=setting.used,
            of=setting.of,
            depends=setting.depends,
            worked=setting.worked,
            lacks_some=setting.was_cut,
            setting=setting,
        )
    return _checked(workspace, picked, request, strict=call.strict)


def _about_step(request: Request, cursor: Cursor, previous: EarlierAnswer | None) -> Request:
    """The request with its step: the one it names, the answer before it in this call, or the step that is continued."""
    if getattr(request, "step", ()):
        return request
    name = request.__struct_config__.tag
    if previous is not None:
        if "#" not in previous.address:
            raise InvalidRequest(f"--{name} works on what is recorded; leave out --no-record")
        return replace(request, step=(previous.address,))
    if cursor.input is None:
        raise UsageError(f"--{name} needs a step, or a session to continue with --from", hint="clew resume")
    return replace(request, step=(cursor.input.address,))


def _about_finding(request: Request, cursor: Cursor, previous: EarlierAnswer | None) -> Request:
    """The request with the recording, or the row of one, that it is about: by absolute addresses."""
    ref: str | None = next(iter(getattr(request, "step", ())), None)
    if ref is None:
        if cursor.input is None:
            raise UsageError("--why needs a recorded failure, or a session to continue with --from", hint="clew resume")
        return replace(request, step=(_newest_recording(cursor.sessions, cursor.input).address,))
    picked = address(ref)
    if picked is None:
        _, named, _ = cursor.sessions.find(ref)
        step = named or _newest_recording(cursor.sessions, cursor.sessions.read_step(ref))
    else:
        here = previous.listed if previous is not None else None
        step = cursor.step_at(here.address if here is not None and picked[0] is None else picked[0], ref)
    row = "" if picked is None else f".{picked[1]}"
    if step.operation not in RECORDINGS:
        recorded = f"{_newest_recording(cursor.sessions, step).address}{row}"
        raise InvalidRequest(f"{ref} is of a {step.operation}, not of a recorded command", given=ref, candidates=(recorded,))
    return replace(request, step=(f"{step.address}{row}",))


def _newest_recording(sessions: Sessions, step: Step) -> Step:
    """The newest recorded command among a step and its ancestors. Raises NoSubject where there is none."""
    at: Step | None = step
    while at is not None:
        if at.operation in RECORDINGS:
            return at
        at = None if at.parent is None else sessions.store.step(at.session_id, at.parent)
    raise NoSubject(
        f"No command was recorded before {step.address}", hint=f"clew record --session {step.address.partition('#')[0]} -- npm test"
    )


def _not_one(request: Request, setting: Setting) -> AmbiguousSymbol:
    """The error of a change that could be meant for several definitions."""
    name = request.__struct_config__.tag
    candidates = tuple(target.text for target in _definitions(setting.targets)[:MOST_CANDIDATES])
    things = "definitions" if candidates else "files"
    message = f"The session is about {len(setting.targets)} {things}; --{name} takes one, or those that are picked"
    if not candidates:
        return AmbiguousSymbol(message, hint=f"js-scan --from {setting.step} --outline")
    return AmbiguousSymbol(message, candidates=candidates)


def _definitions(targets: tuple[Target, ...]) -> tuple[Target, ...]:
    """The targets that are no files."""
    return tuple(target for target in targets if target.text != target.file)


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
    first = 1
    if request.writes:  # what is written takes a definition
        first = next((n for n in range(1, min(rows, SHOWN_NUMBERS) + 1) if _definitions(source.result.offers(frozenset((n,))) or ())), 1)
        near = _definitions(source.result.offers(frozenset(range(1, min(rows, SHOWN_NUMBERS) + 1))) or ()) or near
    session, is_step, seq = source.address.rpartition("#")
    return NoSubject(
        f"The session is about nothing yet that --{name} could be asked about; {source.address} has {rows} results to pick from",
        hint=f"js-scan --from {session} --{name} @{seq}.{first}" if is_step else f"js-scan --{name} --help",
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


def addressing(
    workspace: Workspace, cursor: Cursor, call: Call, previous: EarlierAnswer | None
) -> Callable[[str], tuple[Target, ...] | None]:
    """A reader of addresses of results that stand in the input of a verb: their targets now; None for any other address."""
    known: dict[str | None, EarlierAnswer] = {}

    def meant(text: str) -> tuple[Target, ...] | None:
        if address(text) is None:
            return None
        picked = _addressed((Target(text=text),), cursor, previous, known)
        now = current(workspace, picked, strict=call.strict)
        workspace.moved += now.warnings
        return now.targets

    return meant


def _addressed(
    own: tuple[Target, ...],
    cursor: Cursor,
    previous: EarlierAnswer | None,
    known: dict[str | None, EarlierAnswer] | None = None,
) -> Selection:
    """Targets that are results of earlier steps, all from one step; `known` keeps the answers for the next ones."""
    known = {} if known is None else known
    targets: list[Target] = []
    used: list[int] = []
    sources: dict[str, EarlierAnswer] = {}
    for target in own:
        parsed = address(target.text)
        if parsed is None:
            targets.append(target)
            continue
        where, number = parsed
        if where not in known:
            here = previous.listed if where is None and previous is not None else None
            known[where] = here or found_in(cursor.step_at(where, target.text), cursor.sessions)
        found = known[where]
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


def _checked(workspace: Workspace, picked: Selection, request: Request, *, strict: bool) -> BoundRequest:
    """The request about what was picked, as it is now."""
    now = current(workspace, picked, strict=strict, prose=request.about_prose)
    return BoundRequest(
        request=replace(request, targets=now.targets),
        picked=picked,
        verdict=now.verdict,
        files=now.files,
        warnings=now.warnings,
    )


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
        worked=worked_by(step),
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
        worked=source.worked,
        lacks_some=counts_on_all and source.was_cut,
    )
