"""Rows of a store to values and back; the column order is that of the statements."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec

from clew.errors import StoreCorrupt
from clew.sessions.steps import Details, Session, Step, digest, has_sound_times

_session = msgspec.json.Decoder(Session)
_details = msgspec.json.Decoder(Details)
_keys = msgspec.json.Decoder(dict[str, int])
encode = msgspec.json.Encoder(order="deterministic").encode


def with_checksum(session: Session) -> tuple[bytes, bytes]:
    """A session as stored, and the digest that shows whether it is still what was written."""
    record = encode(session)
    return record, digest(record)[:8]


def session_of(record: bytes, seal: bytes) -> Session:
    """The session back. Raises StoreCorrupt when it is not what was written, or holds a time that no clock shows."""
    if not isinstance(record, bytes) or digest(record)[:8] != seal:
        raise StoreCorrupt("The record of a session is not what was written", hint="clew doctor")
    try:
        session = _session.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreCorrupt(f"The record of a session cannot be read: {error}", hint="clew doctor") from error
    if not has_sound_times(session):
        raise StoreCorrupt(f"The record of session {session.session_id} holds a time that no clock shows", hint="clew doctor")
    return session


def sessions_of(rows: list[Any]) -> list[Session]:
    """The sessions of rows, those left out whose record cannot be read: a list goes on without them, `doctor` names them."""
    found: list[Session] = []
    for record, seal in rows:
        with suppress(StoreCorrupt):
            found.append(session_of(record, seal))
    return found


def step_of(row: tuple[Any, ...], *, check: bool = True) -> Step:
    """The step of a row of the `STEP` statements, checked by its own hash. Raises StoreCorrupt."""
    where = f"Step {row[2]} of {row[1] or row[0]}"
    try:
        if str in (type(row[14]), type(row[15]), type(row[17])):  # equal to what was written when decoded, but not when hashed
            raise TypeError("text stands where bytes were written")  # noqa: TRY301 - one way out for every damaged column
        step = Step(
            session_id=row[0], session_name=row[1], seq=row[2], branch=row[3], parent=row[4], body=row[5], operation=row[6],
            store_as=row[7], created_at=row[8], agent=row[9], idempotency_key=row[10], depth=row[11], hands_on=row[12],
            stands_on=row[13], keys=_keys.decode(row[14]), request=row[15], request_digest=row[16],
            details=None if row[17] is None else _details.decode(row[17]), details_digest=row[18], result_digest=row[19], size=row[20],
            depends_digest=row[21], hash=row[22], format=row[23], base=row[24], subject_digest=row[25],
        )  # fmt: skip
        damaged = check and (step.damage(row[26] or b"") is not None or (row[17] is not None and digest(row[17]) != row[18]))
    except (msgspec.DecodeError, UnicodeError, TypeError, ValueError) as error:
        raise StoreCorrupt(f"{where} is not what was written: {error}", hint="clew doctor") from error
    if damaged:
        raise StoreCorrupt(f"{where} is not what was written", hint="clew doctor")
    return step
