"""The questions of a face as values: a `Call` of one or more `Asked`, left to right, tied to a session by a `Thread`."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from clew.bounds import SECONDS
from clew.errors import UsageError
from clew.requests import Request
from clew.sessions.cursor import Thread
from clew.sessions.steps import Step

HEAD = "HEAD"
"""The commit that a question about changes is about, unless it names another."""
_LONGEST_NUMBER = 10


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """The part of an answer that is shown."""

    limit: int | None = None
    """Rows at most; 0 is all, None is the default and lets the budget decide."""
    step: str | None = None
    """The step whose stored answer is paged; None asks anew."""
    offsets: tuple[int, ...] = ()
    """Numbers of items that the pages before showed: rows, then items of each other list of the result, in their order."""
    without_rows: bool = False
    """True for a page that shows the other lists only; the one after begins with the rows."""
    budget: int | None = None
    """Bytes of the reply at most; 0 is no bound, None is the default."""
    fields: tuple[str, ...] = ()
    """The fields of each row to keep; empty keeps all."""

    def skipped(self, at: int) -> int:
        """Number of items of a list that the pages before showed: 0 is the rows, then the other lists of the result."""
        return self.offsets[at] if at < len(self.offsets) else 0


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of a call."""

    request: Request
    match: str | None = None
    """The results of its input that it works on: `1,4-9`, `all`, paths, globs, names; None is the default of that input."""
    input_from: str | None = None
    """The step whose results it works on, when not the one continued."""
    changed: str | None = None
    """The revision whose differences from the working tree it is about; None where it is about something else."""
    store_as: str | None = None
    """The context key to store under, when not the name of the operation."""
    page: Page = Page()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One call of one face."""

    operations: tuple[Asked, ...] = ()
    thread: Thread = Thread()
    page: Page = Page()
    """The page when nothing is asked."""
    check_cache: bool = False
    """Ask only whether the answer is cached."""
    no_cache: bool = False
    """Take nothing from the cache."""
    clear_cache: bool = False
    """Forget cached answers first."""
    refresh: bool = False
    """Ask the continued step's question again first."""
    strict: bool = False
    """Refuse when any file behind the input changed."""
    cleanup: bool = False
    """Delete every expired session."""
    still_holds: Callable[[Step, dict[str, str]], bool] | None = None
    """True for a stored answer, with the files behind it, that holds although the tree differs; None holds it to the very tree."""
    deadline: float = SECONDS
    """Seconds that each question has once the index is fresh; 0 is no bound."""
    cpu: Callable[[], float] | None = None
    """The CPU seconds that were spent so far by whatever works on this call; None is the whole process."""

    @property
    def is_errand(self) -> bool:
        """True when the call means something without an operation."""
        thread = self.thread
        remarks = thread.note is not None or (thread.continues and (thread.goal is not None or thread.pin))
        return self.cleanup or self.clear_cache or thread.starts or self.page.step is not None or remarks


def cursor(text: str) -> tuple[str | None, tuple[int, ...]]:
    """`hdr#2:20:96` is step hdr#2 after 20 rows and 96 of its other list; `20` is after 20 rows of what is asked now."""
    name, mark, last = text.rpartition("#")  # a name may have colons
    first, *rest = last.split(":")
    step, numbers = (None, [first, *rest]) if first.isdigit() and not mark else (f"{name}{mark}{first}", rest)
    if step != "" and numbers and all(number.isascii() and number.isdigit() and len(number) < _LONGEST_NUMBER for number in numbers):
        return step, tuple(map(int, numbers))
    raise UsageError(f"--after takes a number of rows, or the `next` of an earlier reply, not {text!r}")
