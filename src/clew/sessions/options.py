"""Keyword arguments for opening and starting sessions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypedDict

from clew.sessions.appending import Quotas
from clew.sessions.tokens import TokenCodec


class Options(TypedDict, total=False):
    """Options of opening sessions, beside the place."""

    clock: Callable[[], float]
    codec: TokenCodec
    quotas: Quotas
    redact: bool
    prefixes: bool
    tool: str


class Starting(TypedDict, total=False):
    """Options of a new session; `ttl` are seconds."""

    agent: str | None
    ttl: float | None
    pinned: bool
    goal: str
    metadata: dict[str, Any] | None
