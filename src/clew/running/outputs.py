"""The output of a recorded command, read again by lines; the command is not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from clew.errors import InvalidRequest
from clew.requests import RECORDINGS
from clew.running.fitting import DEFAULT_BYTES, json_size

if TYPE_CHECKING:
    from clew.running.calls import Page
    from clew.running.fitting import Measure
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step

DEFAULT_LINES = 200


class _Text(msgspec.Struct):
    text: str = ""


class _Recorded(msgspec.Struct):
    """The part of a recording that is read."""

    stored: _Text | None = None


def output_page(sessions: Sessions, step: Step, page: Page, measure: Measure = json_size) -> Reply:
    """Lines of the output of a step, as many as fit; `next` is the line, and in a very long line the letter, to go on behind.

    Raises InvalidRequest for a step that is no recording.
    """
    stored = msgspec.json.decode(sessions.result_of(step), type=_Recorded).stored if step.operation in RECORDINGS else None
    if stored is None:
        raise InvalidRequest(f"{step.address} is a {step.operation}; only a recorded command has output", hint=f"clew show {step.address}")
    text = stored.text
    total = text.count("\n") + (1 if text and not text.endswith("\n") else 0)
    line, letter = page.skipped(0), page.skipped(1)
    begin = _start_of(text, line) + letter
    limit = DEFAULT_LINES if page.limit is None else page.limit
    end = len(text) if limit == 0 else _start_of(text, limit, begin)
    budget = 0 if page.limit == 0 and page.budget is None else DEFAULT_BYTES if page.budget is None else page.budget
    if budget:
        end = min(end, begin + budget)
        while end > begin + 1 and measure(_reply(step, text, (line, letter), (begin, end), total)) > budget:
            end = begin + max((end - begin) * 9 // 10, 1)
        whole = text.rfind("\n", begin, end) + 1
        end = whole if begin < whole < len(text) and end < len(text) else end
    return _reply(step, text, (line, letter), (begin, end), total)


def _reply(step: Step, text: str, at: tuple[int, int], span: tuple[int, int], total: int) -> Reply:
    begin, end = span
    shown = text[begin:end]
    breaks = shown.count("\n")
    partial = end < len(text) and not shown.endswith("\n")
    letter = (len(shown) - shown.rfind("\n") - 1 + (at[1] if not breaks else 0)) if partial else 0
    behind = f"{at[0] + breaks}:{letter}" if letter else str(at[0] + breaks)
    reply: Reply = {"operation": "output", "question": step.question, "step": step.address, "total": total}
    reply["shown"] = breaks + (1 if shown and not shown.endswith("\n") else 0)
    if end < len(text):
        reply["next"] = behind
    return {**reply, "text": shown}


def _start_of(text: str, line: int, at: int = 0) -> int:
    """Offset of the line so many lines behind a place; the end of the text where it has fewer."""
    for _ in range(line):
        found = text.find("\n", at)
        if found == -1:
            return len(text)
        at = found + 1
    return at
