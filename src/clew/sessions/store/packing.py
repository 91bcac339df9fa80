"""The form of stored values: as they are, packed where that pays, or not at all any more."""

from __future__ import annotations

import zlib

from clew.errors import StoreCorrupt
from clew.sessions.steps import digest

RAW, ZLIB, REDACTED = 0, 1, 2
WORTH_PACKING = 256


def packed(data: bytes) -> tuple[int, bytes]:
    """The codec, and the bytes as they are stored."""
    if len(data) >= WORTH_PACKING:
        small = zlib.compress(data, 1)
        if len(small) < len(data) * 0.9:
            return ZLIB, small
    return RAW, data


def unpacked(address: bytes, codec: int, data: bytes | None) -> bytes | None:
    """The bytes stored under the digest `address`; None when it was redacted. Raises StoreCorrupt when it is not what was written."""
    if codec == REDACTED:
        return None
    if data is None:
        raise missing(address)
    try:
        held = zlib.decompress(data) if codec == ZLIB else bytes(memoryview(data))  # of a number, bytes() would make as many zeros
    except (zlib.error, TypeError) as error:
        raise StoreCorrupt(f"The bytes of {shown(address)} cannot be unpacked", hint="clew doctor") from error
    if digest(held) != address:
        raise StoreCorrupt(f"The bytes of {shown(address)} are not what was written", hint="clew doctor")
    return held


def missing(address: bytes) -> StoreCorrupt:
    """The refusal for bytes that a step refers to and that are nowhere."""
    return StoreCorrupt(f"The bytes of {shown(address)} are missing", hint="clew doctor")


def shown(address: object) -> str:
    """A digest as it is named; damage can have made a number of it, which must not be taken for a length."""
    return address.hex()[:16] if isinstance(address, bytes) else repr(address)[:16]
