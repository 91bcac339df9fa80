"""Checks of the rows of any store: a sentence for everything that is not as it was written."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from clew.errors import ClewError
from clew.sessions.steps import digest
from clew.sessions.store.packing import RAW, REDACTED, ZLIB, shown
from clew.sessions.store.rows import session_of


def wrong_sessions(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """Rows are id, address, name, last_used_at, transient, record, seal."""
    for session_id, address, name, last_used_at, transient, record, seal in rows:
        try:
            session = session_of(record, seal)
        except (ClewError, ValueError):
            yield f"the record of session {session_id} is not what was written"
            continue
        held = (session_id, address, name, last_used_at, transient)
        owned = session.name if session.owns_name else None
        if held != (session.session_id, owned, session.name, session.last_used_at, session.transient):
            yield f"session {session_id} stands under {held}, its record says otherwise"


def wrong_values(rows: Iterable[tuple[Any, ...]]) -> Iterator[str]:
    """Rows are digest, size, codec, data."""
    for address, size, codec, data in rows:
        if codec == REDACTED and data is None:
            continue
        try:
            held = zlib.decompress(data) if codec == ZLIB else data
        except (zlib.error, TypeError):
            held = None
        if codec not in (RAW, ZLIB) or not isinstance(held, bytes) or digest(held) != address or len(held) != size:
            yield f"the bytes of {shown(address)} are not what was written"
