"""Continuation tokens: `js--<26>-<operation>-<seq>`.

The 26 characters are lower-case Crockford base32 (no i l o u) of 130 bits from the system's generator. A token is compared as
text, never decoded and never folded; only the 26 characters are stored, the rest has to agree with the step they name.
"""

from __future__ import annotations

import os
from collections.abc import Callable

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LEAD = "js--"
BODY = 26
SHORTEST_PREFIX = 8


class TokenCodec:
    """Makes tokens and takes them apart; `random` gives n random bytes."""

    def __init__(self, random: Callable[[int], bytes] = os.urandom) -> None:
        self._random = random

    def body(self) -> str:
        """26 fresh characters."""
        number = int.from_bytes(self._random(17))
        return "".join([ALPHABET[number >> shift & 31] for shift in range(0, 130, 5)])

    @staticmethod
    def token(body: str, operation: str, seq: int) -> str:
        """The token of a step, as printed."""
        return f"{LEAD}{body}-{operation}-{seq:03d}"

    @staticmethod
    def body_of(text: str) -> str | None:
        """The 26 characters (fewer for a prefix) that `text` gives, None when it cannot be a token or a long enough prefix."""
        if not text.startswith(LEAD):
            return None
        body = text[len(LEAD) : len(LEAD) + BODY]
        rest = text[len(LEAD) + BODY :]
        if len(body) < SHORTEST_PREFIX or any(letter not in ALPHABET for letter in body) or (rest and rest[0] != "-"):
            return None
        return body

    @staticmethod
    def is_whole(text: str) -> bool:
        """True when `text` is a whole token, whether or not a step has it."""
        body = TokenCodec.body_of(text)
        operation, _, seq = text[len(LEAD) + BODY + 1 :].rpartition("-")
        plain = operation.isascii() and operation.replace("-", "").replace("_", "").isalnum()
        return body is not None and len(body) == BODY and plain and seq.isascii() and seq.isdigit()
