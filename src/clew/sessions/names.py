"""The names that a session may have: labels, never paths."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from clew.errors import InvalidRequest
from clew.sessions.redaction import refuse_secrets

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 200
RESERVED = ("js--", "sess-", "@", "-")
_UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")


def session_name(text: str) -> str:
    """`text` in Unicode normal form C, so that composed and decomposed accents are one name; case is kept.

    Raises InvalidRequest for what cannot be a name.
    """
    if not isinstance(text, str):
        raise InvalidRequest(f"A session name is a text, not {type(text).__name__}")
    if not text.isascii():
        import unicodedata  # 2 ms that an ASCII name need not pay

        unseen = any(unicodedata.category(letter) in _UNSEEN for letter in text)
        text = unicodedata.normalize("NFC", text)
    else:
        unseen = not text.isprintable()
    if unseen:
        raise InvalidRequest(f"A session name holds a character that cannot be seen: {text!r}")
    if not 1 <= len(text) <= LONGEST or text.isspace():
        raise InvalidRequest(f"A session name has 1 to {LONGEST} characters; this one has {len(text.strip())}")
    if text.startswith(RESERVED):
        raise InvalidRequest(f"A session name does not start with {' or '.join(RESERVED)}: {text!r}")
    if "#" in text:
        raise InvalidRequest(f"A session name holds no #, which leads to a step: {text!r}")
    if any(segment in (".", "..") for segment in text.replace("\\", "/").split("/")):
        raise InvalidRequest(f"A session name has no . or .. segment: {text!r}")
    return text


def new_name(text: str) -> str:
    """A name that a session is to get: as `session_name`, and without a secret in it. Raises InvalidRequest, HoldsSecret."""
    name = session_name(text)
    refuse_secrets(name, "A session name")
    return name


def slug(name: str | None) -> str:
    """A short ASCII echo of the name for the session's id."""
    if name is None:
        return "call"
    letters = [letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower()[:24]]
    return "-".join(part for part in "".join(letters).split("-") if part) or "session"


def free_name(holder: Callable[[str], object | None], wanted: str) -> str:
    """The first of `wanted-2`, `wanted-3`, … that no live session has; `holder` gives the session that has a name."""
    return next(name for name in (f"{wanted}-{number}" for number in count(2)) if holder(name) is None)
