"""How sessions are opened and started, as keyword arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from clew.sessions.appending import Quotas
from clew.sessions.tokens import TokenCodec


class Options(TypedDict, total=False):
    """How sessions are kept, beside where."""

    clock: Callable[[], float]
    codec: TokenCodec
    quotas: Quotas
    redact: bool
    prefixes: bool
    tool: str


class Starting(TypedDict, total=False):
    """What may be said about a new session; `ttl` are seconds."""

    agent: str | None
    ttl: float | None
    pinned: bool
    goal: str
    metadata: dict[str, Any] | None
