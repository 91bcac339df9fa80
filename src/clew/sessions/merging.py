"""Bringing what one step knows to another session or branch; explicit, and conflicts are named, not decided."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from clew.errors import InvalidRequest
from clew.sessions.appending import Act, StepPlacement
from clew.sessions.core import Sessions
from clew.sessions.steps import OF_THE_ANSWER, Session, Step, StepDraft

OURS, THEIRS = "ours", "theirs"


def merge(sessions: Sessions, into: str, source: str, *, prefer: str | None = None, agent: str | None = None) -> Step:
    """Add the context of `source` to where `into` stands, as one step; on keys that both have `prefer` decides: ours or theirs.

    From another session the steps that hold the context are copied first, one step each. Raises InvalidRequest with the keys that
    conflict when `prefer` is None.
    """
    position = sessions.locate(into, agent=agent)
    theirs = sessions.context(sessions.read_step(source))
    ours = sessions.context(position.parent) if position.parent else {}
    conflicts = sorted(key for key in theirs if key in ours and theirs[key].result_digest != ours[key].result_digest)
    if conflicts and prefer not in (OURS, THEIRS):
        raise InvalidRequest(
            f"{into} and {source} both have: {', '.join(conflicts)}",
            again=("--prefer", OURS),
            candidates=tuple(conflicts),
        )
    taken = {key: step for key, step in theirs.items() if key not in ours or (key in conflicts and prefer == THEIRS)}
    context = {key: step.seq for key, step in taken.items()}
    for key, step in taken.items():
        if step.session_id != position.session.session_id:
            copied = sessions.append(position, _copy(sessions, key, step, agent))
            context[key] = copied.seq
            position = replace(position, parent=copied, branch=None, on=copied.branch)
    words = msgspec.json.encode({"from": source, "keys": sorted(taken), "conflicts": conflicts, "prefer": prefer})
    draft = StepDraft(operation="merge", request=words, result=words, agent=agent, passes_input=True, result_keys=("keys",))

    def united(_session: Session, place: StepPlacement) -> StepPlacement:
        return replace(place, keys=context)

    return sessions.append(position, draft, Act(place=united))


def _copy(sessions: Sessions, key: str, step: Step, agent: str | None) -> StepDraft:
    details = step.details
    if step.request is None or details is None:
        raise InvalidRequest(f"{step.address} was redacted and cannot be merged")
    return StepDraft(
        operation=step.operation,
        request=step.request,
        result=sessions.result_of(step),
        store_as=key,
        question=details.question,
        depends=sessions.depends_of(step),
        manifest=details.manifest,
        head=details.head,
        tool=details.tool,
        cost={name: spent for name, spent in details.cost.items() if name in OF_THE_ANSWER},
        agent=agent,
        total=details.total,
        result_keys=details.result_keys,
        subject=sessions.subject_of(step),
        reused=msgspec.json.encode({"step": step.address}),
    )
