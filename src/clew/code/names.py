"""Names and paths in addresses."""

from __future__ import annotations

import msgspec

MARK_DIGITS = 6
_HEX = "0123456789abcdef"
_LONGEST_NUMBER = 9


def split_name(text: str) -> tuple[str, ...]:
    """The parts of a name as typed: `View.prototype.lookup` and `View#lookup` are (`View`, `lookup`), `View##seen` is (`View`, `#seen`)."""
    parts = []
    while text:
        private = text.startswith("#")
        ends = [at for at in (text.find(".", private), text.find("#", private)) if at != -1]
        part, text = (text[: min(ends)], text[min(ends) + 1 :]) if ends else (text, "")
        if part not in {"", "#", "prototype"}:
            parts.append(part)
    return tuple(parts)


class Placed(msgspec.Struct, frozen=True):
    """The part of an address behind `::`, taken apart."""

    name: str
    line: int | None = None
    column: int | None = None
    mark: int | None = None
    """The mark that tells the definition from its namesakes, wherever they stand."""


def split_place(text: str) -> Placed:
    """`get:12:7~03fa9c` as its parts; a part that is not there is None."""
    rest, tilde, digits = text.rpartition("~")
    mark = int(digits, 16) if tilde and len(digits) == MARK_DIGITS and not digits.strip(_HEX) else None
    name, line, column = split_position(rest if mark is not None else text)
    return Placed(name, line, column, mark) if line is not None else Placed(text)


def split_position(text: str) -> tuple[str, int | None, int | None]:
    """`path:12:7` as (path, 12, 7); a part that is not there is None."""
    head, _, last = text.rpartition(":")
    if not head or not _is_number(last):
        return text, None, None
    before, _, middle = head.rpartition(":")
    if before and _is_number(middle):
        return before, int(middle), int(last)
    return head, int(last), None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER


def path_in(address: str) -> str:
    """The path in a full address: `lib/a.js` of `lib/a.js::Class#method` and of `lib/a.js:12`."""
    return address.partition("::")[0].partition(":")[0]
