"""One warm workspace behind many clients: a thread of its own answers one question after the other, and forgets what grows too large."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from threading import Event, Lock
from typing import TYPE_CHECKING, TypeVar

from clew.bounds import Cancelled, Progress
from clew.running.opening import finish_edits, let_read_steps, open_sessions
from clew.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from clew.sessions.core import Sessions

T = TypeVar("T")

MOST_ANSWERS = 1_500_000
"""Answers that the linker may keep between two questions: some 400 MB."""
TELLS_EVERY = 0.25
"""Seconds between two notices of progress."""


class Engine:
    """The workspace of `root` and its sessions, opened with the first question.

    They are only touched by the engine's own thread, so a handle is never used by two; what is asked meanwhile waits in line. Without
    `prefixes` a continuation token has to be whole, as it must over HTTP. One that does not stay warm opens them anew for each question.
    """

    def __init__(
        self,
        root: str | None,
        environ: Mapping[str, str],
        *,
        prefixes: bool = True,
        most_answers: int = MOST_ANSWERS,
        stays_warm: bool = True,
    ) -> None:
        self._root = root
        self._environ = environ
        self._prefixes = prefixes
        self._most_answers = most_answers
        self._stays_warm = stays_warm
        self._progress = Progress()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="clew-engine")
        self._guard = Lock()
        self._current: _Question | None = None
        self._workspace: Workspace | None = None
        self._sessions: Sessions | None = None

    @cached_property
    def beside(self) -> Engine:
        """An engine for what takes minutes, such as a command: one after the other, while this one answers."""
        return Engine(self._root, self._environ, prefixes=self._prefixes, stays_warm=False)

    async def answer(self, work: Callable[[Workspace, Sessions], T], told: Callable[[float, str], Awaitable[None]] | None = None) -> T:
        """Run `work`, calling `told` with seconds and words meanwhile. Cancelling the caller ends the work without a step."""
        question = _Question()
        running = asyncio.wrap_future(self._worker.submit(self._work, question, work))
        started = time.monotonic()
        try:
            while told is not None and not (await asyncio.wait({running}, timeout=TELLS_EVERY))[0]:
                await told(round(time.monotonic() - started, 2), _words(self._progress))
            return await running
        finally:
            if not running.done() or running.cancelled():
                running.cancel()
                self._cancel(question)

    def warm_up(self) -> None:
        """Begin to open the workspace and to index it while nothing is asked; what goes wrong is said by the first question."""
        self._worker.submit(lambda: self._opened()[0].generation)

    def close(self) -> None:
        """End the question that is being answered, and let go of the store."""
        with self._guard:
            current = self._current
        if current is not None:
            self._cancel(current)
        if "beside" in self.__dict__:
            self.beside.close()
        self._worker.shutdown(cancel_futures=True)
        self._let_go()

    def _let_go(self) -> None:
        if self._sessions is not None:
            self._sessions.close()
        self._sessions = self._workspace = None

    def _cancel(self, question: _Question) -> None:
        with self._guard:
            question.cancelled.set()
            if self._current is question and self._workspace is not None:
                self._workspace.cancel()

    def _work(self, question: _Question, work: Callable[[Workspace, Sessions], T]) -> T:
        workspace, sessions = self._opened()
        with self._guard:
            if question.cancelled.is_set():
                raise Cancelled
            self._current = question
            workspace.wanted()
        try:
            finish_edits(workspace)
            workspace.look_again(question.asked_at)
            return work(workspace, sessions)
        finally:
            with self._guard:
                self._current = None
            self._progress.report("")
            workspace.settle(self._most_answers)
            if not self._stays_warm:
                self._let_go()

    def _opened(self) -> tuple[Workspace, Sessions]:
        if self._workspace is None:
            self._workspace = Workspace.open(self._root, progress=self._progress)
            self._workspace.is_bound = True
        if self._sessions is None:
            self._sessions = open_sessions(self._workspace, self._environ, tool="clew mcp", prefixes=self._prefixes)
            let_read_steps(self._workspace, self._sessions)
        return self._workspace, self._sessions


class _Question:
    """A question, as long as somebody waits for it; what was on disk when it was asked is in its answer."""

    def __init__(self) -> None:
        self.asked_at = time.monotonic()
        self.cancelled = Event()


def _words(progress: Progress) -> str:
    much = f" {progress.done} of {progress.total} {progress.unit}" if progress.total else ""
    return f"{progress.doing or 'waiting'}{much}"
