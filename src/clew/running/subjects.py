"""The subject of a step: what its session is about from there on, and what a question without a target is asked about.

(a) A step that was asked about targets, typed or picked, is about these. (b) A step that looked for something (a search, text, a
pattern) is about what its answer offers, or about nothing. (c) Every other step (a survey, a note) is about what the step before it
was about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clew.bounds import DEADLINE
from clew.code.names import path_in
from clew.errors import ClewError
from clew.operations import operation, verb
from clew.requests import Result, Target
from clew.running.answering import QUOTA
from clew.sessions.steps import SubjectTarget

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clew.index.generation import Generation
    from clew.requests import Request
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step, Subject
    from clew.workspace import Workspace

HERE = ""
"""The address of a step that is not there yet."""
SHOWN = 3
CUT = frozenset({DEADLINE, QUOTA})
"""Codes of the gaps of an answer that does not hold all rows."""
LOOKED_BACK = 100
"""How many steps are looked through for the one that set a subject."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A subject, and the step that set it."""

    subject: Subject
    step: str
    used: tuple[int, ...] = ()
    """The numbers of its rows that are the subject; empty for targets that were named."""
    of: int | None = None
    """How many rows it has."""
    milliseconds: float = 0.0
    """What they cost to find."""
    was_cut: bool = False
    """True when there are rows that the step does not have."""

    @property
    def targets(self) -> tuple[Target, ...]:
        """The subject as targets of a request."""
        return tuple(Target(text=one.text, file=one.file, line=one.line, column=one.column, name=one.name) for one in self.subject)

    @property
    def depends(self) -> dict[str, str]:
        """File -> digest of the bytes that the subject was found in."""
        return {one.file: one.digest for one in self.subject if one.file is not None and one.digest is not None}


def subject_of(targets: Sequence[Target], generation: Generation) -> Subject:
    """Targets as they are stored: with the digest of each file as it is now."""
    digests = {
        file: generation.digest_of(number)
        for file in {one.file for one in targets if one.file}
        if (number := generation.id_of(file)) is not None
    }
    return tuple(
        SubjectTarget(text=one.text, file=one.file, name=one.name, line=one.line, column=one.column, digest=digests.get(one.file or ""))
        for one in targets
    )


def said(setting: Setting) -> dict[str, Any]:
    """What a reply says of a subject: its first addresses, and how many there are when there are more; nothing of an empty one."""
    if not setting.subject:
        return {}
    shown = [one.text for one in setting.subject[:SHOWN]]
    return {"subject": shown} if len(shown) == len(setting.subject) else {"subject": shown, "subjectTotal": len(setting.subject)}


def left_by(
    workspace: Workspace, request: Request, result: Result, kept: Setting | None, before: Callable[[], Setting | None], *, changed: bool
) -> Setting | None:
    """What a session is about after an answer; `HERE` is the step that will hold it.

    `kept` is the subject that the question was asked about, where it is one of an earlier step, and `changed` says that files behind it
    changed since. `before` gives the subject of the step that was read.
    """
    generation = workspace.generation
    if getattr(request, "targets", ()):
        if kept is not None and not changed:
            return kept
        about = subject_of(asked_about(workspace, request), generation)
        return Setting(subject=about, step=kept.step if kept else HERE, used=kept.used if kept else ())
    found = offered(result)
    if found is None:
        return before()
    return Setting(subject=subject_of(found[0], generation), step=HERE, used=found[1], was_cut=generation.bounds.was_cut)


def asked_about(workspace: Workspace, request: Request) -> tuple[Target, ...]:
    """The targets of a request as full addresses; a target that could not be found in time as it was typed."""
    targets: tuple[Target, ...] = getattr(request, "targets", ())
    if all(target.file is not None for target in targets):
        return targets
    from clew.code.addresses import addresses, find

    generation = workspace.generation
    resolved: list[Target] = []
    for target in targets:
        if target.file is not None:
            resolved.append(target)
            continue
        try:
            place = find(workspace, target)
        except ClewError:
            resolved.append(target)
            continue
        path = generation.path_of(place.file)
        if place.row is None:
            resolved.append(Target(text=path, file=path))
            continue
        (of,) = generation.linker.describe([place.definition])
        resolved.append(Target(text=addresses(generation, [place.definition])[0], file=path, line=of.line, name=of.name))
    return tuple(dict.fromkeys(resolved))


def offered(result: Result) -> tuple[tuple[Target, ...], tuple[int, ...]] | None:
    """What an answer leaves its session to be about, with the numbers of the rows that this is; None when it says nothing about that."""
    targets = result.offers(None)
    if targets is None:
        return None
    wanted, rows = set(targets), getattr(result, "results", ())
    return targets, tuple(row.n for row in rows if wanted.intersection(result.offers(frozenset((row.n,))) or ())) if wanted else ()


def setting_of(sessions: Sessions, step: Step) -> Setting | None:
    """What a step is about, and the step that set it; None for a step of a session that was never about anything."""
    subject = sessions.subject_of(step)
    if subject is None:
        return _of_format_1(sessions, step) if step.format == 1 else None
    setter = step
    for _ in range(LOOKED_BACK):
        before = _step_before(sessions, setter)
        if before is None or before.subject_digest != step.subject_digest:
            break
        setter = before
    details = setter.details
    unfinished = details is not None and bool(details.subject_rows) and not details.manifest
    return Setting(
        subject=subject,
        step=setter.address,
        used=details.subject_rows if details else (),
        of=setter.total,
        milliseconds=details.cost.get("ms", 0.0) if details else 0.0,
        was_cut=unfinished and lacks_rows(msgspec.json.decode(sessions.result_of(setter), type=Result)),
    )


def lacks_rows(result: Result) -> bool:
    """True for an answer that does not hold all its rows."""
    return any(gap.code in CUT for gap in result.why)


def _step_before(sessions: Sessions, step: Step) -> Step | None:
    """The step that a step took its subject from, if it took it."""
    if step.details is not None and step.details.subject_rows:
        return None
    number = step.parent if step.stands_on in {step.seq, step.parent} else step.stands_on
    return None if not number else sessions.store.step(step.session_id, number)


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
    cost = step.details.cost.get("ms", 0.0) if step.details else 0.0
    return Setting(subject=subject, step=step.address, used=used, of=step.total, milliseconds=cost)
