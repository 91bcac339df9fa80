"""Names and paths in addresses."""

from __future__ import annotations


def split_name(text: str) -> tuple[str, ...]:
    """The parts of a name as typed: `View.prototype.lookup` and `View#lookup` are (`View`, `lookup`)."""
    return tuple(part for part in text.replace("#", ".").split(".") if part and part != "prototype")


def path_in(address: str) -> str:
    """The path in a full address: `lib/a.js` of `lib/a.js::Class#method` and of `lib/a.js:12`."""
    return address.partition("::")[0].partition(":")[0]
