"""A request worked out within the bounds of its question, and what of the answer its step keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from clew.code.gaps import with_gaps
from clew.requests import Gap, Result
from clew.running.replies import DEFAULT_ROWS, cut_to, fitting, total_of

if TYPE_CHECKING:
    from clew.operations import Verb
    from clew.requests import Request
    from clew.running.calls import Page
    from clew.workspace import Workspace

QUOTA = "quota"
KEPT_ROWS = 100_000
"""More rows than these are listed only when all are asked for: a step could hardly keep them."""
ROOM_FOR_GAP = 100


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer, and how much of it can be read again."""

    result: Result
    raw: bytes
    """The result, encoded."""
    stored: bytes
    """The part of it that a step keeps."""
    whole: int | None
    """The number of rows, listed or not; None when it is no list."""
    kept: int | None
    """The number of rows that a step keeps."""
    apart: int = 0
    """The bytes of it that are output of a command."""
    lasts: bool
    """True when the same answer may be given again: nothing was cut, and no file changed meanwhile."""


def answered_before(raw: bytes, result: type[Result], total: int | None) -> Answer:
    """The answer of a step that may be given again."""
    return Answer(result=msgspec.json.decode(raw, type=result), raw=raw, stored=raw, whole=total, kept=total, lasts=True)


def worked_out(workspace: Workspace, verb: Verb, request: Request, *, room: int | None) -> Answer:
    """Run a verb; `room` are the bytes that a step has for the result, None where there is no step.

    What there was no time or no room for is said in `why`.
    """
    result = verb.run(workspace, request)
    generation = workspace.generation  # a verb that runs a command looks at the tree as it is behind that
    bounds = generation.bounds
    result = with_gaps(generation, result)
    bounds.require_wanted()
    raw = msgspec.json.encode(result)
    rows = total_of(raw)
    whole = None if rows is None else rows + bounds.left_out
    apart = result.apart()
    answer = Answer(
        result=result, raw=raw, stored=raw, whole=whole, kept=rows, apart=apart, lasts=not (bounds.was_cut or generation.changes)
    )
    room = None if room is None else room + apart
    if room is None or rows is None or whole is None or (len(raw) <= room and (rows == whole or bounds.was_cut)):
        return answer
    kept, kept_files = fitting(raw, room - ROOM_FOR_GAP)
    result = replace(result, why=(*result.why, Gap(QUOTA, whole, done=kept, unit="rows")))
    raw = msgspec.json.encode(result)
    return replace(answer, result=result, raw=raw, stored=cut_to(raw, kept, kept_files), kept=kept, lasts=False)


def rows_of_use(page: Page, *, records: bool) -> int | None:
    """The number of rows worth listing: those of a step, or, where nothing is recorded, those of the page."""
    if page.limit == 0:
        return None
    return KEPT_ROWS if records else page.skipped(0) + (page.limit or DEFAULT_ROWS)
