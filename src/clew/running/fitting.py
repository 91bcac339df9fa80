"""A reply cut to a number of bytes: the whole of what is printed, in the form that it is printed in.

What a reply must have stays whole: its step, token, totals and cursor. Its lists are cut, each with its total; a page shows at least
one thing more than the page before. A single value that is larger than the room is shortened, and named in `cut`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clew.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Measure = Callable[[Mapping[str, Any]], int]
    """Number of bytes a reply takes, as it is printed."""

LEAST_BYTES = 1000
"""The smallest budget: what every reply begins with takes most of it."""
DEFAULT_BYTES = 8000
RECORDED_BYTES = 2000
"""Bytes of a reply about a command that was run, unless another budget is given."""

_ROWS = "results"
_SHORTEST = 16
"""Letters that a shortened value keeps at least."""
_ROWS_SHARE = 0.5
_TRIES = 12
_FULL = 0.95
"""A reply that takes this part of its budget is not tried again with more."""
_WHOLE = frozenset(
    {
        *("operation", "step", "continuationToken", "next", "total", "shown", "complete", "cut", "results", "error", "code"),
        *("n", "file", "line", "column", "target", "sessionId", "pick"),
    }
)
"""Fields that are never cut: those of the head, and those that say which thing a row is."""


def checked_budget(budget: int | None, flag: str = "--budget") -> int | None:
    """A budget as it was given; raises UsageError for one that no reply fits into."""
    if budget is not None and 0 < budget < LEAST_BYTES:
        raise UsageError(
            f"{flag} takes {LEAST_BYTES} bytes or more, or 0 for no bound, not {budget}",
            given=str(budget),
            candidates=(str(LEAST_BYTES),),
        )
    return budget


def json_size(reply: Mapping[str, Any]) -> int:
    """The bytes of a reply as one line of JSON."""
    return len(msgspec.json.encode(reply)) + 1


class Cut(msgspec.Struct):
    """A list of a reply, of which a page shows a part."""

    items: Sequence[Any]
    """The items that the pages before did not show."""
    skipped: int = 0
    """Number of items that the pages before showed."""
    total: int | None = None
    """Number of items in all, where the reply says it itself."""
    shown: int = 0
    """Number of `items` that this page shows."""
    is_paged: bool = True
    """True where later pages go on with it."""

    @property
    def whole(self) -> int:
        """Number of items in all."""
        return len(self.items) + self.skipped if self.total is None else self.total


def fitted(
    build: Callable[[], dict[str, Any]], lists: dict[str, Cut], budget: int, measure: Measure, *, rows_first: bool = False
) -> dict[str, Any]:
    """The reply that `build` makes of as much of the lists as fits; it reads `shown` of each. A budget of 0 is no bound.

    Lists are given in their order of importance; the rows get half of the room before any other, or with `rows_first` all that they
    need, and what the others leave.
    """
    for part in lists.values():
        part.shown = len(part.items)
    reply = build()
    size = measure(reply) if budget else 0
    if size <= budget:
        return reply
    if not lists:
        return shortened(msgspec.json.decode(msgspec.json.encode(reply)), budget, measure)
    _fill(build, lists, budget, measure, 1.0 if rows_first else _ROWS_SHARE)
    rows = lists.get(_ROWS)
    goes_on = [rows] if rows is not None and rows.items else [part for part in lists.values() if part.items and part.is_paged]
    reply = build()
    if measure(reply) <= budget and (any(part.shown for part in goes_on) or not goes_on):
        return reply
    return _least(build, lists, budget, measure)


def _fill(build: Callable[[], dict[str, Any]], lists: dict[str, Cut], budget: int, measure: Measure, rows_share: float) -> None:
    """Show as much of each list as fits, by halving: what an item takes as JSON says how much of the room it has of any form."""
    sizes = {name: [len(msgspec.json.encode(item)) + 1 for item in one.items] for name, one in lists.items()}
    none = dict.fromkeys(lists, 0)
    best = none

    def shows(counts: dict[str, int]) -> int:
        for name, count in counts.items():
            lists[name].shown = count
        return measure(build())

    room = float(budget - shows(none))
    low, high = 0.0, max(room, 0.0) * 4 + 1  # text is shorter than JSON, and the indented form longer
    tried = room
    for _ in range(_TRIES):
        if tried <= low or tried >= high:
            tried = (low + high) / 2
        counts = _allotted(sizes, tried, rows_share)
        size = shows(counts)
        if size <= budget:
            low, best = tried, counts
        else:
            high = tried
        if budget * _FULL <= size <= budget or high - low < 1 + budget * (1 - _FULL):
            break
        tried = (low + high) / 2
    shows(best)


def _allotted(sizes: dict[str, list[int]], room: float, rows_share: float) -> dict[str, int]:
    """Numbers of items of each list that fit into so many bytes; so much of them is kept for the rows first."""
    needed = {name: sum(parts) for name, parts in sizes.items()}
    left = room
    counts: dict[str, int] = {}
    reserved = max(min(needed.get(_ROWS, 0), room * rows_share), min(room, next(iter(sizes.get(_ROWS, ())), 0)))
    others = [name for name in sizes if name != _ROWS]
    for at, name in enumerate(others):
        share = (left - reserved) / (2 if at + 1 < len(others) and sum(needed[other] for other in others[at:]) > left - reserved else 1)
        counts[name] = _fitting(sizes[name], share)
        left -= sum(sizes[name][: counts[name]])
    if _ROWS in sizes:
        counts[_ROWS] = _fitting(sizes[_ROWS], left)
        left -= sum(sizes[_ROWS][: counts[_ROWS]])
    for name in others:
        more = _fitting(sizes[name][counts[name] :], left)
        left -= sum(sizes[name][counts[name] : counts[name] + more])
        counts[name] += more
    return counts


def _fitting(sizes: Sequence[int], room: float) -> int:
    """Number of the first items that fit into so many bytes."""
    for count, size in enumerate(sizes):
        room -= size
        if room < 0:
            return count
    return len(sizes)


def _least(build: Callable[[], dict[str, Any]], lists: dict[str, Cut], budget: int, measure: Measure) -> dict[str, Any]:
    """The reply with one item only, the first of its rows where it has some; its largest values are shortened until it fits."""
    for one in lists.values():
        one.shown = 0
    first = next((one for name, one in sorted(lists.items(), key=lambda part: part[0] != _ROWS) if one.items and one.is_paged), None)
    if first is not None:
        first.shown = 1
    reply: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(build()))
    return shortened(reply, budget, measure)


def shortened(reply: dict[str, Any], budget: int, measure: Measure) -> dict[str, Any]:
    """A reply of plain values that fits: its largest texts and lists are halved, then whole fields go; what was, is named in `cut`.

    What a caller needs to go on (`_WHOLE`) is never cut.
    """
    cut: dict[str, None] = {}
    while measure({**reply, "cut": list(cut)} if cut else reply) > budget:
        part = max(_parts(reply, ""), key=lambda one: one[0], default=None)
        if part is not None:
            _, holder, key, name = part
            value = holder[key]
            keep = len(value) // 2
            holder[key] = value[:keep].rstrip() + "…" if isinstance(value, str) else value[:keep]
        else:
            left = [name for name in reply if name not in _WHOLE]
            if not left:
                break
            name = max(left, key=lambda name: len(msgspec.json.encode(reply[name])))
            del reply[name]
        cut[name] = None
    if not cut:
        return reply
    rows = reply.pop(_ROWS, None)
    return {**reply, "cut": list(cut), **({} if rows is None else {_ROWS: rows})}


def _parts(value: Any, name: str) -> list[tuple[int, Any, Any, str]]:  # noqa: ANN401 - any JSON value
    """The texts and lists inside of a value that can be shortened: size, holder, key, and the name of the field."""
    parts: list[tuple[int, Any, Any, str]] = []
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        called = key if isinstance(key, str) else name
        is_long = (isinstance(part, str) and len(part) > _SHORTEST) or (isinstance(part, list) and len(part) > 1)
        if is_long and called not in _WHOLE:
            parts.append((len(msgspec.json.encode(part)), value, key, called))
        parts += _parts(part, called)
    return parts
