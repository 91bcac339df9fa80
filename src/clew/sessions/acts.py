"""Acts on a session, each of them a step: undo, fork, note, rename, pin, revive, goal, redact; and deleting it whole."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from clew.errors import InvalidRequest, SessionExists
from clew.sessions import validating
from clew.sessions.appending import Act, StepPlacement
from clew.sessions.core import Sessions
from clew.sessions.names import free_name, new_name
from clew.sessions.steps import HARD_CAP, AppendPoint, Session, Step, StepDraft

encode = msgspec.json.encode


def undone_by(sessions: Sessions, step: Step) -> Step:
    """The step that an undo took back."""
    before = sessions.store.step(step.session_id, step.parent or 0)
    undone = None if before is None else sessions.store.step(step.session_id, before.stands_on)
    if undone is None:
        raise InvalidRequest(f"{step.address} took nothing back")
    return undone


def undo(sessions: Sessions, ref: str | None, *, agent: str | None = None) -> Step:
    """Go back behind the newest step that is not undone: what follows works on what was there before it. Nothing is lost.

    Raises InvalidRequest when there is nothing to undo, and what `locate` raises.
    """

    def before(session: Session, place: StepPlacement) -> StepPlacement:
        tip = place.parent
        undone = sessions.store.step(session.session_id, tip.stands_on) if tip else None
        if undone is None or undone.seq == 0:
            raise InvalidRequest(f"There is nothing to undo in {session.address}")
        parent = None if undone.parent is None else sessions.store.step(session.session_id, undone.parent)
        back = sessions.store.step(session.session_id, parent.stands_on) if parent else None
        return replace(
            place,
            hands_on=back.hands_on if back else None,
            stands_on=back.seq if back else 0,
            keys={},
            about=back,
        )

    return _act(sessions, ref, "undo", {}, agent=agent, act=Act(place=before, always=True))


def fork(sessions: Sessions, ref: str | None, *, agent: str | None = None) -> Step:
    """Grow a branch at a step, the tip included: a pointer, nothing is copied. `branch_address` of the step leads to it."""
    return _act(sessions, ref, "fork", {}, agent=agent, act=Act(place=lambda session, place: _aside(session, _silent(session, place))))


def note(sessions: Sessions, ref: str | None, text: str, *, agent: str | None = None) -> Step:
    """Leave a remark between the steps; a following operation works on what it would have worked on without it."""
    validating.text_value(text, "A note", validating.LONGEST_GOAL)
    return _act(sessions, ref, "note", {"note": text}, agent=agent, question=text)


def feedback(sessions: Sessions, step: Step, *, useful: bool, note: str = "", agent: str | None = None) -> Step:
    """Say that an answer was useful or not; it stands on the main branch, and what the session is about stays."""
    validating.switch(useful, "Useful")
    validating.text_value(note, "A note", validating.LONGEST_GOAL)
    words: dict[str, object] = {"step": step.seq, "useful": useful, **({"note": note} if note else {})}
    return _act(
        sessions, step.session_id, "feedback", words, agent=agent, question=f"{step.address} {'useful' if useful else 'not useful'}"
    )


def rename(sessions: Sessions, ref: str | None, name: str, *, agent: str | None = None) -> Step:
    """Give the session another name. Raises SessionExists when a live session has it, InvalidRequest when it cannot be one."""
    wanted = new_name(name)
    position = sessions.locate(ref, agent=agent)
    holder = sessions.holder(wanted)
    if holder is not None and holder.session_id != position.session.session_id:
        raise SessionExists(f"A live session is called {wanted}", given=name, candidates=(free_name(sessions.holder, wanted),))
    act = Act(place=_silent, session=lambda session: replace(session, name=wanted, owns_name=True))
    return replace(_put(sessions, position, "rename", {"name": wanted}, agent=agent, act=act), session_name=wanted)


def pin(sessions: Sessions, ref: str | None, *, pinned: bool = True, agent: str | None = None) -> Step:
    """Keep a session until it is unpinned, or let its time run again."""
    validating.switch(pinned, "Pinned")
    act = Act(place=_silent, session=lambda session: replace(session, pinned=pinned))
    return _act(sessions, ref, "pin" if pinned else "unpin", {}, agent=agent, act=act)


def set_goal(sessions: Sessions, ref: str | None, goal: str, *, agent: str | None = None) -> Step:
    """Say what the session is for."""
    validating.text_value(goal, "A goal", validating.LONGEST_GOAL)
    stored = sessions.without_secrets(goal)
    act = Act(place=_silent, session=lambda session: replace(session, goal=stored))
    return _act(sessions, ref, "goal", {"goal": goal}, agent=agent, act=act, question=goal)


def set_ttl(sessions: Sessions, ref: str | None, seconds: float, *, agent: str | None = None) -> Step:
    """Change how many seconds a session may be idle, 90 days at most; they count from this step."""
    validating.time_to_live(seconds)
    act = Act(place=_silent, session=lambda session: replace(session, ttl=min(seconds, HARD_CAP)))
    return _act(sessions, ref, "ttl", {"seconds": min(seconds, HARD_CAP)}, agent=agent, act=act)


def revive(sessions: Sessions, ref: str | None, *, agent: str | None = None) -> Step:
    """Bring an expired session back; its 90 days start again."""
    position = sessions.locate(ref, agent=agent, revive=True)
    act = Act(place=_silent, session=lambda session: replace(session, kept_from=sessions.clock()))
    return _put(sessions, position, "revive", {}, agent=agent, act=act)


def redact(sessions: Sessions, ref: str, *, agent: str | None = None) -> Step:
    """Take a step's request, words and result out for good; its place in the chain stays verifiable."""
    step = sessions.read_step(ref)
    position = sessions.locate(step.session_id, agent=agent, revive=True)
    forget = tuple(held for held in (step.result_digest, step.subject_digest) if held is not None)
    act = Act(place=_silent, session=_without_initial if step.seq == 0 else _same, forget=forget, strip=step.seq, always=True)
    return _put(sessions, position, "redact", {"step": step.seq}, agent=agent, act=act)


def delete(sessions: Sessions, ref: str) -> Session:
    """Take a session away with all its steps, whether live, pinned or expired. Raises SessionNotFound, TokenUnknown."""
    session, _, _ = sessions.find(ref)
    sessions.store.delete(session.session_id, lambda _: True)
    sessions.store.sweep(lambda: False)
    return session


def _act(
    sessions: Sessions,
    ref: str | None,
    operation: str,
    request: dict[str, object],
    *,
    agent: str | None,
    act: Act | None = None,
    question: str = "",
) -> Step:
    return _put(sessions, sessions.locate(ref, agent=agent), operation, request, agent=agent, act=act, question=question)


def _put(
    sessions: Sessions,
    position: AppendPoint,
    operation: str,
    request: dict[str, object],
    *,
    agent: str | None,
    act: Act | None = None,
    question: str = "",
) -> Step:
    data = encode(request, order="deterministic")
    draft = StepDraft(operation=operation, request=data, result=data, question=question, agent=agent, passes_input=True, result_keys=())
    return sessions.append(position, draft, act or Act(place=_silent))


def _silent(_session: Session, place: StepPlacement) -> StepPlacement:
    """A step that leaves everything as its parent left it."""
    parent = place.parent
    return replace(place, stands_on=parent.stands_on if parent else 0, keys={})


def _same(session: Session) -> Session:
    return session


def _without_initial(session: Session) -> Session:
    return replace(session, initial={}, initial_keys=())


def _aside(session: Session, place: StepPlacement) -> StepPlacement:
    return replace(place, branch=session.branches + 1)
