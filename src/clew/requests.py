"""What every verb takes and gives: `Request`, `Result`, `Target`, `Gap`."""

from __future__ import annotations

from typing import ClassVar

import msgspec


class Target(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A place in the code: an address as typed, or a row of an earlier answer.

    `text` is the address as a person would type it; the other fields are known when it came from an earlier answer.
    """

    text: str
    file: str | None = None
    line: int | None = None
    column: int | None = None
    name: str | None = None


class Gap(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """One reason why an answer is not complete."""

    code: str
    """`possible`, `parseErrors`, `stale`, `unresolved`, …"""
    total: int = 0
    """How many rows or files are concerned."""
    list: str | None = None
    """A command that lists them."""


class Request(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="op", rename="camel"):
    """The base of every request. Field docstrings are the help texts of every face."""

    takes_input: ClassVar[bool] = True


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """The base of every result. `results` comes last; rows carry their number `n`, counted from 1."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...]:
        """What a following operation works on; `picked` are the row numbers chosen, None for the default."""
        return ()

    def behind(self) -> tuple[str, ...]:
        """The root-relative files this answer was read from."""
        return ()
