"""An answer as it goes over the wire: a page of its rows that fits the budget, counted and continued by a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.requests import LISTED_AS_POSSIBLE, Gap

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from clew.requests import FileProblem
    from clew.running.calls import Page

DEFAULT_ROWS = 20
DEFAULT_BYTES = 8000
FILES_SHARE = 0.6
ROOM_FOR_COUNTS = 160
SHOWN_WARNINGS = 10

Reply = dict[str, Any]
"""The fields of one reply in the order they are printed; values that are JSON already are `msgspec.Raw`."""

_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_WHY = msgspec.json.Decoder(list[Gap])
_FIELDS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def warned(own: Sequence[FileProblem], problems: Sequence[FileProblem], concerned: Container[str], *, elsewhere: bool) -> Reply:
    """The problems of files that are worth saying: those of the call itself, of the files concerned, and, where asked for, of others."""
    known = [problem for problem in problems if problem.file in concerned]
    if elsewhere:
        known += [problem for problem in problems if problem.file not in concerned]
    said = [*own, *known][:SHOWN_WARNINGS]
    more = {"warningsTotal": len(own) + len(known)} if len(own) + len(known) > len(said) else {}
    return {**more, "warnings": said} if said else {}


def total_of(result: bytes) -> int | None:
    """How many rows a result has; None when it is no list."""
    rows = _FIELDS.decode(result).get("results")
    return None if rows is None else len(_ROWS.decode(rows))


def fitting(result: bytes, room: int) -> tuple[int, int]:
    """The numbers of rows and files of a result that fit into so many bytes beside the rest of it; files get half at most."""
    fields = _FIELDS.decode(result)
    rows, files = _ROWS.decode(fields.pop("results", b"[]")), _ROWS.decode(fields.pop("files", b"[]"))
    room -= len(msgspec.json.encode(fields)) + ROOM_FOR_COUNTS
    kept_files = _fitting(files, room // 2)
    return len(_fitting(rows, room - sum(len(file) + 1 for file in kept_files))), len(kept_files)


def cut_to(result: bytes, rows: int, files: int) -> bytes:
    """A result with only its first rows and files."""
    fields = _FIELDS.decode(result)
    for name, count in (("files", files), ("results", rows)):
        if name in fields:
            fields[name] = msgspec.Raw(msgspec.json.encode(_ROWS.decode(fields[name])[:count]))
    return msgspec.json.encode(fields)


def paged(
    head: Reply,
    result: bytes,
    page: Page,
    address: str | None,
    listed: str | None = None,
    *,
    total: int | None = None,
    kept: int | None = None,
) -> Reply:
    """`head` followed by the part of `result` that the page means; `listed` is the command that lists what is only possible.

    `total` is how many rows there are and `kept` how many can be paged to, where these are not the rows of `result`.
    The files get what the rows leave of the budget, but at least their share. `next` is a cursor for the rest.
    """
    fields = _FIELDS.decode(result)
    has_rows = "results" in fields
    rows = _ROWS.decode(fields.pop("results", b"[]"))
    files = _ROWS.decode(fields.pop("files", b"[]"))
    why = fields.pop("why", None)
    reply = dict(head)
    reply["complete"] = why is None
    if why is not None:
        reply["why"] = (
            why
            if listed is None
            else [replace(gap, list=gap.list or listed) if gap.code in LISTED_AS_POSSIBLE else gap for gap in _WHY.decode(why)]
        )
    warnings = fields.pop("warnings", None)
    if warnings is not None and "warnings" not in reply:
        reply["warnings"] = warnings
    if not has_rows:
        return {**reply, **fields}
    if page.fields:
        rows = [_only(row, page.fields) for row in rows]
    after, files_after = rows[page.skip :], files[page.skip_files :]
    limit = page.limit if page.limit is not None else DEFAULT_ROWS
    after = after[:limit] if limit else after
    budget = page.budget if page.budget is not None else (DEFAULT_BYTES if page.limit is None else 0)
    if budget:
        room = budget - len(msgspec.json.encode({**reply, **fields})) - ROOM_FOR_COUNTS
        needed = sum(len(row) + 1 for row in after)
        files_after = _fitting(files_after, max(int(room * FILES_SHARE), room - needed))
        after = _fitting(after, room - sum(len(file) + 1 for file in files_after))
    seen, seen_files = page.skip + len(after), page.skip_files + len(files_after)
    reply["total"] = len(rows) if total is None else total
    reply["shown"] = len(after)
    if seen < (reply["total"] if address is None else len(rows) if kept is None else kept) or seen_files < len(files):
        reply["next"] = f"{address}:{seen}:{seen_files}" if address else str(seen)
    reply.update(fields)
    if files:
        reply["filesTotal"] = len(files)
        reply["files"] = files_after
    reply["results"] = after
    return reply


def _fitting(items: list[msgspec.Raw], room: int) -> list[msgspec.Raw]:
    """The first items that fit into so many bytes, but at least one."""
    used = 0
    for count, item in enumerate(items):
        used += len(item) + 1
        if used > room:
            return items[: max(count, 1)]
    return items


def _only(row: msgspec.Raw, fields: tuple[str, ...]) -> msgspec.Raw:
    """A row with its number and the fields asked for."""
    values = _FIELDS.decode(row)
    return msgspec.Raw(msgspec.json.encode({name: value for name, value in values.items() if name == "n" or name in fields}))
