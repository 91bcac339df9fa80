"""A session copied inside its store: the same steps under new tokens, in a chain of its own."""

from __future__ import annotations

from msgspec.structs import replace

from clew.errors import SessionExists
from clew.sessions.core import Sessions
from clew.sessions.names import free_name, new_name, slug
from clew.sessions.steps import FORMAT, Session, Step
from clew.sessions.store.protocol import Change


def copy_session(sessions: Sessions, ref: str, name: str) -> tuple[Session, Step | None]:
    """The copy, live from now on under its own name, and its newest step. The bytes are shared, the steps hashed anew in format 2.

    Raises SessionExists when a live session has the name, QuotaExceeded, and what `find` raises.
    """
    original = sessions.find(ref)[0]
    wanted = new_name(name)
    if sessions.holder(wanted) is not None:
        raise SessionExists(f"A live session is called {wanted}", given=name, candidates=(free_name(sessions.holder, wanted),))
    now = sessions.clock()
    body = sessions.codec.body
    copy = replace(
        original,
        session_id=f"sess-{slug(wanted)}-{body()[:8]}",
        name=wanted,
        owns_name=True,
        kept_from=now,
        last_used_at=now,
        revision=0,
        transient=False,
    )
    hashes: dict[int, bytes] = {}
    steps: list[Step] = []
    for step in sessions.store.steps(original.session_id, after=-1):
        base = step.seq if step.is_whole else step.base
        fresh = replace(step, session_id=copy.session_id, session_name=wanted, body=body(), format=FORMAT, base=base, idempotency_key=None)
        parent = b"" if step.parent is None else hashes[step.parent]
        fresh = replace(fresh, hash=fresh.expected_hash(parent))
        hashes[fresh.seq] = fresh.hash
        steps.append(fresh)
    sessions.create(Change(session=copy, steps=tuple(steps)))
    return copy, steps[-1] if steps else None
