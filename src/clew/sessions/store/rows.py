"""Rows of a store to values and back; the column order is that of the statements."""

from __future__ import annotations

from typing import Any

import msgspec

from clew.errors import StoreCorrupt
from clew.sessions.steps import Details, Session, Step, digest

_session = msgspec.json.Decoder(Session)
_details = msgspec.json.Decoder(Details)
_keys = msgspec.json.Decoder(dict[str, int])
encode = msgspec.json.Encoder(order="deterministic").encode


def sealed(session: Session) -> tuple[bytes, bytes]:
    """A session as stored, and the digest that shows whether it is still what was written."""
    record = encode(session)
    return record, digest(record)[:8]


def session_of(record: bytes, seal: bytes) -> Session:
    """The session back. Raises StoreCorrupt."""
    if not intact(record, seal):
        raise StoreCorrupt("The record of a session is not what was written", hint="clew doctor")
    return _session.decode(record)


def intact(record: bytes, seal: bytes) -> bool:
    """False when a session's record is not what was written: lists pass over it, `doctor` names it."""
    return isinstance(record, bytes) and digest(record)[:8] == seal


def step_of(row: tuple[Any, ...]) -> Step:
    """The step of a row of the `STEP` statements. Raises StoreCorrupt."""
    try:
        return Step(
            session_id=row[0], session_name=row[1], seq=row[2], branch=row[3], parent=row[4], body=row[5], operation=row[6],
            store_as=row[7], created_at=row[8], agent=row[9], idempotency_key=row[10], depth=row[11], hands_on=row[12],
            stands_on=row[13], keys=_keys.decode(row[14]), request=row[15], request_digest=row[16],
            details=None if row[17] is None else _details.decode(row[17]), details_digest=row[18], result_digest=row[19], size=row[20],
            depends_digest=row[21], hash=row[22], format=row[23], base=row[24], subject_digest=row[25],
        )  # fmt: skip
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreCorrupt(f"Step {row[2]} of {row[1] or row[0]} is not what was written: {error}", hint="clew doctor") from error
