"""From what a caller typed to the session and the step that are meant."""

from __future__ import annotations

from msgspec.structs import replace

from clew.errors import AmbiguousSession, ClewError, InvalidRequest, SessionExpired, SessionNotFound, TokenUnknown
from clew.sessions import validating
from clew.sessions.names import session_name
from clew.sessions.steps import MAIN, AppendPoint, Session, Step
from clew.sessions.store.protocol import Filter, SessionStore
from clew.sessions.tokens import LEAD, TokenCodec

CANDIDATES = 5
SINCE = 50
DIGITS = 9
"""More than a step or a branch can have."""


def find(store: SessionStore, ref: str, now: float, *, prefixes: bool = True) -> tuple[Session, Step | None, int]:
    """The session, the step when one was named, and the branch.

    `ref` is a name, an id, a token or a unique prefix of one, `name#seq` or `name~branch`; an exact live name wins.
    Raises SessionNotFound, TokenUnknown or AmbiguousSession.
    """
    validating.address(ref)
    if ref.startswith(LEAD):
        step = step_of_token(store, ref, prefixes=prefixes)
        return _session(store, step.session_id), step, step.branch
    named = None
    if not ref.startswith("sess-"):
        named = store.session_named(session_name(ref)) if "#" not in ref else None
        if named is not None and named.state(now) == "live":
            return named, None, MAIN
    else:
        named = store.session(ref)
        if named is not None:
            return named, None, MAIN
    for mark in ("#", "~"):
        before, found, number = ref.rpartition(mark)
        if found and before and number.isascii() and number.isdigit() and len(number) <= DIGITS:
            session = _by_name_or_id(store, before)
            if session is not None:
                return _inside(store, session, mark, int(number), ref)
    if named is not None:
        return named, None, MAIN
    raise _unknown(store, ref)


def step_of_token(store: SessionStore, text: str, *, prefixes: bool = True) -> Step:
    """The step of a token, whole or, with `prefixes`, cut to at least 8 random characters.

    Raises TokenUnknown, the same for unknown, foreign and altered tokens, and AmbiguousSession for a prefix that fits several.
    """
    body = TokenCodec.body_of(text)
    found = (
        []
        if body is None
        else [step for step in store.steps_by_token(body, CANDIDATES) if step.token == text or (prefixes and step.token.startswith(text))]
    )
    if not found:
        raise TokenUnknown("No step of this workspace has that continuation token", hint="clew sessions list")
    if len(found) > 1:
        raise AmbiguousSession("Several tokens start like this", candidates=tuple(step.token for step in found))
    return found[0]


def only_session(store: SessionStore, now: float) -> Session:
    """The only live session; calls that nobody continued count only when there is nothing else.

    Raises SessionNotFound or AmbiguousSession.
    """
    for transient in (False, True):
        live: list[Session] = []
        after: tuple[float, str] | None = None
        while len(live) <= CANDIDATES:
            page = store.sessions(Filter(transient=transient, after=after))
            live += [session for session in page if session.state(now) == "live"]
            if not page:
                break
            after = (page[-1].last_used_at, page[-1].session_id)
        if len(live) == 1:
            return live[0]
        if live:
            names = tuple(session.address for session in live[:CANDIDATES])
            raise AmbiguousSession("Several sessions are live, and none was named", hint="clew sessions list", candidates=names)
    raise SessionNotFound("There is no live session", hint="js-scan --session-start")


def agreed(
    ref: str | None, first: tuple[Session, Step | None, int], also: str, second: tuple[Session, Step | None, int]
) -> tuple[Session, Step | None, int]:
    """Agree two ways of naming a session; the one that names a step wins. Raises InvalidRequest when they disagree."""
    steps = {found[1].seq for found in (first, second) if found[1] is not None}
    if first[0].session_id != second[0].session_id or len(steps) > 1:
        raise InvalidRequest(f"{ref} and {also} are not the same session; name one")
    return first if first[1] is not None else second


def position(store: SessionStore, session: Session, step: Step | None, branch: int, *, agent: str | None) -> AppendPoint:
    """The append point of a call that continues `session`, or `step` of it."""
    if step is not None:
        tip = store.tip(session.session_id, step.branch)
        grows = tip is not None and tip.seq != step.seq
        name = f"{session.address}~{session.branches + 1}" if grows else None
        return AppendPoint(session=session, input=handed_on(store, step), read=step, parent=step, fixed=True, on=step.branch, branch=name)
    tip = store.tip(session.session_id, branch)
    since: tuple[Step, ...] = ()
    seen = tip
    if agent is not None and branch == MAIN and tip is not None and tip.agent != agent:
        own = store.newest_of(session.session_id, agent)
        if own is not None:
            seen = own
            later = store.steps(session.session_id, after=own.seq, branch=MAIN, newest=True, limit=SINCE)
            since = tuple(other for other in reversed(later) if other.agent != agent)
    return AppendPoint(session=session, input=handed_on(store, seen), read=seen, parent=tip, on=branch, since=since)


def repetition(store: SessionStore, position: AppendPoint, key: str | None) -> AppendPoint:
    """`position`, or where the step recorded under `key` stood: a repeated call works on what the first one worked on."""
    if key is None or position.created or position.fixed:
        return position
    mine = (step for step in store.steps_by_key(key) if step.session_id == position.session.session_id)
    first = next(mine, None)
    parent = None if first is None or first.parent is None else store.step(first.session_id, first.parent)
    if first is None or parent is None:
        return position
    reused = (first.details.reused or {}).get("step", "") if first.details else ""
    number = reused.rpartition("#")[2]
    read = store.step(first.session_id, int(number)) if number.isdigit() else None
    return replace(position, input=read or handed_on(store, parent), read=parent, parent=parent)


def handed_on(store: SessionStore, step: Step | None) -> Step | None:
    """The step whose results a step hands on: usually itself."""
    if step is None or step.hands_on is None:
        return None
    return step if step.hands_on == step.seq else store.step(step.session_id, step.hands_on)


def require_live(session: Session, now: float) -> None:
    """Raises SessionExpired."""
    if session.state(now) != "live":
        idle = max(0, int(now - session.last_used_at))
        raise SessionExpired(
            f"Session {session.address} expired: it was last used {idle} s ago",
            again=("--revive",),
            sessionId=session.session_id,
            idle=idle,
        )


def _session(store: SessionStore, session_id: str) -> Session:
    session = store.session(session_id)
    if session is None:
        raise SessionNotFound(f"There is no session {session_id}")
    return session


def _by_name_or_id(store: SessionStore, text: str) -> Session | None:
    if text.startswith("sess-"):
        return store.session(text)
    try:
        return store.session_named(session_name(text))
    except InvalidRequest:
        return None


def _inside(store: SessionStore, session: Session, mark: str, number: int, ref: str) -> tuple[Session, Step | None, int]:
    if mark == "#":
        step = store.step(session.session_id, number) if number <= session.head else None
        if step is None:
            raise SessionNotFound(f"{ref}: the session has {session.head} steps", hint=f"clew sessions log {session.address}")
        return session, step, step.branch
    if not 1 <= number <= session.branches:
        raise SessionNotFound(f"{ref}: the session has {session.branches} branches", hint=f"clew sessions log {session.address}")
    return session, None, number


def _unknown(store: SessionStore, ref: str) -> ClewError:
    from clew.near import near  # only who mistyped pays

    names = [session.name for session in store.sessions(Filter(transient=False, limit=500)) if session.name is not None]
    return SessionNotFound(f"There is no session {ref}", hint="clew sessions list", candidates=near(ref, names, CANDIDATES))
