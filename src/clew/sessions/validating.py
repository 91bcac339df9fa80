"""Validation: every value that a caller hands over is looked at before anything is written. Refusals are InvalidRequest."""

from __future__ import annotations

import math
from collections.abc import Mapping

from clew.errors import InvalidRequest, QuotaExceeded, SessionNotFound
from clew.sessions.redaction import refuse_secrets
from clew.sessions.steps import Step, StepDraft
from clew.sessions.values import json_bytes

LONGEST_WORD = 200
LONGEST_KEY = 1000
LONGEST_GOAL = 10_000
LONGEST_ADDRESS = 1000
MOST_METADATA = 64 << 10


def text_value(value: object, what: str, longest: int = LONGEST_WORD) -> None:
    """Refuse what is no text, has a NUL or a lone surrogate, which no store takes, or is too long."""
    if not isinstance(value, str):
        raise InvalidRequest(f"{what} is a text, not {type(value).__name__}")
    if len(value) > longest:
        raise InvalidRequest(f"{what} has at most {longest} characters; this one has {len(value)}")
    if "\0" in value or not _encodes(value):
        raise InvalidRequest(f"{what} holds a character that cannot be written")


def label(value: object, what: str, longest: int = LONGEST_WORD) -> None:
    """Refuse what is no text, or a text with a secret: a label is stored as it stands, and found again by it. Raises HoldsSecret."""
    text_value(value, what, longest)
    refuse_secrets(str(value), what)


def switch(value: object, what: str) -> None:
    """Refuse what is neither True nor False."""
    if not isinstance(value, bool):
        raise InvalidRequest(f"{what} is true or false, not {value!r}"[:200])


def time_to_live(value: object) -> None:
    """Refuse what are no seconds."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value) or value < 0:
        raise InvalidRequest("A time to live is a number of seconds, 0 or more")


def operation_name(value: object) -> None:
    """Refuse a name that cannot stand in a token."""
    label(value, "An operation")
    if not isinstance(value, str) or not value.isascii() or not value.replace("-", "").replace("_", "").isalnum():
        raise InvalidRequest(f"An operation is named with letters, digits and hyphens, not {value!r}")


def context_value(value: object, what: str) -> bytes:
    """A dictionary as JSON, in its own order, with keys that can stand in a list of keys."""
    if not isinstance(value, Mapping):
        raise InvalidRequest(f"{what} is a dictionary, not {type(value).__name__}")
    for key in value:
        label(key, f"A key of {what.lower()}", LONGEST_KEY)
    return json_bytes(value, what)


def beginnings(*, agent: object, ttl: object, pinned: object, goal: object, metadata: object) -> None:
    """Look at what is said about a new session. Raises QuotaExceeded for metadata that every append would write again."""
    if agent is not None:
        label(agent, "An agent")
    if ttl is not None:
        time_to_live(ttl)
    switch(pinned, "Pinned")
    text_value(goal, "A goal", LONGEST_GOAL)
    if metadata is not None and len(context_value(metadata, "The metadata")) > MOST_METADATA:
        raise QuotaExceeded(f"The metadata has more than {MOST_METADATA} bytes; put it into the initial context")


def within_bounds(given: StepDraft | Step) -> None:
    """Look at the texts of a step that is to be written."""
    operation_name(given.operation)
    for value, what, longest in (
        (given.store_as, "A context key", LONGEST_KEY),
        (given.agent, "An agent", LONGEST_WORD),
        (given.idempotency_key, "An idempotency key", LONGEST_KEY),
    ):
        if value is not None:
            label(value, what, longest)
    for key in given.result_keys:
        label(key, "A key of the result", LONGEST_KEY)


def address(value: object) -> None:
    """Refuse what can lead to no session. Raises SessionNotFound for a text that nothing can have as its address."""
    if not isinstance(value, str):
        raise InvalidRequest(f"A session is named by a text, not {type(value).__name__}")
    if len(value) > LONGEST_ADDRESS or "\0" in value or not _encodes(value):
        raise SessionNotFound(f"There is no session {value[:40]!r}…", hint="clew sessions list")


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
