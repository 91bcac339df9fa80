"""The subject of a step: what its session is about from there on, and what a question without a target is asked about.

(a) A step that was asked about targets, typed or picked, is about these. (b) A step that looked for something (a search, text, a
pattern) is about what its answer offers, or about nothing. (c) Every other step (a survey, a note) is about what the step before it
was about.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.bounds import DEADLINE, OutOfTime
from clew.code.names import path_in
from clew.errors import ClewError
from clew.metrics.costs import worked_by
from clew.operations import operation, verb
from clew.requests import Result, Target
from clew.running.answering import QUOTA
from clew.sessions.steps import SubjectTarget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew._native import Def
    from clew.index.generation import Generation
    from clew.metrics.costs import Worked
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step, Subject
    from clew.workspace import Workspace

SHOWN = 3
CUT = frozenset({DEADLINE, QUOTA})
"""Codes of the gaps of an answer that does not hold all rows."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A subject, and the step that set it."""

    subject: Subject
    seq: int = 0
    """The number of that step in its session; 0 is the one that is being answered."""
    step: str = ""
    """The address of that step."""
    used: tuple[int, ...] = ()
    """The numbers of its rows that are the subject; empty for targets that were named."""
    of: int | None = None
    """The number of its rows."""
    worked: Worked | None = None
    """The work of that step, where an earlier call did it."""
    was_cut: bool = False
    """True when there are rows that the step does not have."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The subject as targets of a request."""
        return tuple(
            Target(text=place.text, file=place.file, line=place.line, column=place.column, name=place.name) for place in self.subject
        )

    @property
    def depends(self) -> dict[str, str]:
        """File -> digest of the bytes that the subject was found in."""
        return {one.file: one.digest for one in self.subject if one.file is not None and one.digest is not None}


def subject_of(targets: Sequence[Target], generation: Generation) -> Subject:
    """Targets as they are stored: with the digest of each file as it is now."""
    digests = {
        file: generation.digest_of(number)
        for file in {target.file for target in targets if target.file}
        if (number := generation.id_of(file)) is not None
    }
    return tuple(
        SubjectTarget(
            text=target.text,
            file=target.file,
            name=target.name,
            line=target.line,
            column=target.column,
            digest=digests.get(target.file or ""),
        )
        for target in targets
    )


def said(setting: Setting) -> dict[str, Any]:
    """The fields of a reply for a subject: its first addresses, and their number when there are more; none for an empty one."""
    if not setting.subject:
        return {}
    shown = [target.text for target in setting.subject[:SHOWN]]
    return {"subject": shown} if len(shown) == len(setting.subject) else {"subject": shown, "subjectTotal": len(setting.subject)}


def choice(setting: Setting, result: Result) -> dict[str, Any]:
    """The fields of a reply that left its session several targets: how many, and the flag that picks the first definition of them."""
    if len(setting.subject) < 2 or not setting.used:  # noqa: PLR2004 - several
        return {}
    used = frozenset(setting.used)
    offers = ((row.n, offered_by(result, row)) for row in getattr(result, "results", ()) if row.n in used)
    first = next((n for n, targets in offers if any(target.text != target.file for target in targets)), setting.used[0])
    return {"targets": len(setting.subject), "pick": f"--match {first}"}


def asked_about(workspace: Workspace, targets: Sequence[Target], source: Setting | None, *, changed: bool, prose: bool = False) -> Setting:
    """The subject after a question about targets: the one it was asked about, found again where files behind it changed, or the targets.

    A target that could not be found in time stays as it was typed.
    """
    if source is not None and not changed:
        return source if source.seq else Setting(subject=source.subject)
    full = (_addressed_prose if prose else _addressed)(workspace, targets, again=changed)
    subject = subject_of(full, workspace.generation)
    return Setting(subject=subject) if source is None or not source.seq else replace(source, subject=subject)


def _addressed(workspace: Workspace, targets: Sequence[Target], *, again: bool) -> tuple[Target, ...]:
    """Targets with their full addresses; those that came with one are looked for only `again`."""
    from clew.code.addresses import addresses, find  # loaded by every verb that has targets

    generation = workspace.generation
    found: list[Target | Def] = []
    for target in targets:
        place = None
        if again or target.file is None:
            with suppress(ClewError, OutOfTime):
                place = find(workspace, target)
        if place is None:
            found.append(target)
        elif place.row is None:
            path = generation.path_of(place.file)
            found.append(Target(text=path, file=path))
        else:
            found.append(place.definition)
    definitions = [one for one in found if not isinstance(one, Target)]
    described = zip(addresses(generation, definitions), generation.linker.describe(definitions), strict=False)
    full = {
        (of.file, of.definition): Target(text=text, file=generation.path_of(of.file), line=of.line, name=of.name) for text, of in described
    }
    resolved = (one if isinstance(one, Target) else full.get(one, target) for one, target in zip(found, targets, strict=True))
    return tuple(dict.fromkeys(resolved))


def _addressed_prose(workspace: Workspace, targets: Sequence[Target], *, again: bool) -> tuple[Target, ...]:
    """Targets in Markdown with their full addresses, as `_addressed` has those in code."""
    from clew.markdown.addresses import find  # loaded by every verb about Markdown
    from clew.markdown.documents import Library

    library = Library(workspace.generation)
    found: list[Target] = []
    for target in targets:
        resolved = target
        if again or target.file is None:
            with suppress(ClewError):
                resolved = find(workspace, library, target).target
        found.append(resolved)
    return tuple(dict.fromkeys(found))


def left_by(workspace: Workspace, result: Result) -> Setting | None:
    """The subject that an answer leaves its session; None when it says nothing about that, as surveys do."""
    offer = offered(result)
    return None if offer is None else Setting(subject=subject_of(offer[0], workspace.generation), used=offer[1], was_cut=lacks_rows(result))


def offered(result: Result) -> tuple[tuple[Target, ...], tuple[int, ...]] | None:
    """The targets that an answer leaves its session to be about, with the numbers of their rows; None when it says nothing about that."""
    targets = result.offers(None)
    if targets is None:
        return None
    wanted, rows = set(targets), getattr(result, "results", ())
    return targets, tuple(row.n for row in rows if wanted.intersection(offered_by(result, row))) if wanted else ()


def offered_by(result: Result, row: Any) -> tuple[Target, ...]:  # noqa: ANN401 - a row of any result
    """The targets of one row, without a look at the others: an answer can have a hundred thousand."""
    return replace(result, results=(row,)).offers(frozenset((row.n,))) or ()


def setting_of(sessions: Sessions, step: Step) -> Setting | None:
    """The subject of a step, with the step that set it; None where the session was never about anything."""
    subject = sessions.subject_of(step)
    if subject is None:
        return _of_format_1(sessions, step) if step.format == 1 else None
    setter = step if step.subject_setter == step.seq else sessions.store.step(step.session_id, step.subject_setter) or step
    details = setter.details
    unfinished = details is not None and bool(details.subject_rows) and not details.manifest
    return Setting(
        subject=subject,
        seq=setter.seq,
        step=setter.address,
        used=details.subject_rows if details else (),
        of=setter.total,
        worked=worked_by(setter),
        was_cut=unfinished and lacks_rows(msgspec.json.decode(sessions.result_of(setter), type=Result)),
    )


def through_edits(workspace: Workspace, setting: Setting) -> Setting:
    """A subject where it is after edits of ours; as it was where others changed its files, too."""
    generation = workspace.generation
    changed = {
        one: Target(text=one.text, file=one.file)
        for one in setting.subject
        if one.file is not None and one.digest is not None and _digest_of(generation, one.file) != one.digest
    }
    if not changed:
        return setting
    from clew.edits.readdressing import followed  # only where files changed

    now: list[SubjectTarget] = []
    for one in setting.subject:
        here = followed(workspace, changed[one], one.digest or "") if one in changed else None
        now += [one] if here is None else subject_of((here,), generation)
    return replace(setting, subject=tuple(now))


def _digest_of(generation: Generation, path: str) -> str | None:
    number = generation.id_of(path)
    return None if number is None else generation.digest_of(number)


def lacks_rows(result: Result) -> bool:
    """True for an answer that does not hold all its rows."""
    return any(gap.code in CUT for gap in result.why)


def _of_format_1(sessions: Sessions, step: Step) -> Setting | None:
    """The targets of its request, else what its answer offers."""
    step = sessions.store.step(step.session_id, step.hands_on) or step if step.hands_on else step
    try:
        asked = verb(operation(step.operation))
    except KeyError:
        return None
    request = None if step.request is None else msgspec.json.decode(step.request, type=asked.request)
    targets: tuple[Target, ...] = getattr(request, "targets", ())
    used: tuple[int, ...] = ()
    if not targets:
        found = offered(msgspec.json.decode(sessions.result_of(step), type=asked.result))
        if found is None:
            return None
        targets, used = found
    depends = sessions.depends_of(step)
    subject = tuple(
        SubjectTarget(
            text=one.text,
            file=one.file or (path_in(one.text) if path_in(one.text) in depends else None),
            name=one.name,
            line=one.line,
            column=one.column,
            digest=depends.get(one.file or path_in(one.text)),
        )
        for one in targets
    )
    return Setting(subject=subject, seq=step.seq, step=step.address, used=used, of=step.total, worked=worked_by(step))
