"""Files as a model of undoing sees them: every line is a thing of its own, and stays in its file when it is taken out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from edit_model import Doing


@dataclass(eq=False)
class Line:
    text: bytes
    by: Hunk | None = None
    """The hunk that put it in; None for a line that stood there before all."""
    hidden_by: Hunk | None = None
    """The hunk that took it out, or that put it in and was taken back."""


@dataclass(eq=False)
class Hunk:
    """Lines taken out and lines put in at one place, by clew or by hand; without lines, that a file was made, deleted or moved."""

    gone: list[Line] = field(default_factory=list)
    come: list[Line] = field(default_factory=list)
    is_on: bool = True
    turned_by: list[Doing] = field(default_factory=list)
    """The undos that turned it."""


Run = tuple[Line | None, list[Line], list[Line]]
"""The line before a change, the lines it takes out, and those it puts in."""


@dataclass(eq=False)
class File:
    path: str
    now: list[Line]
    """The lines on the disk."""
    is_there: bool = True
    lines: list[Line] = field(default_factory=list)
    """Those that clew saw when it last looked, and between them those that were."""
    hunks: list[Hunk] = field(default_factory=list)
    states: dict[tuple[Line, ...], tuple[dict[Line, Hunk | None], dict[Hunk, bool]]] = field(default_factory=dict)
    """For lines that clew saw or left together: by whom each other one was hidden, and which hunks were on."""

    def data(self) -> bytes:
        return b"".join(line.text for line in self.now)

    def shown(self) -> list[Line]:
        return [line for line in self.lines if line.hidden_by is None]

    def seams(self) -> list[int]:
        """Between which lines on the disk there are hidden ones."""
        hidden = [one for one, other in pairwise([None, *self.lines, None]) if other is not None and other.hidden_by is not None]
        return [place for place, line in enumerate([None, *self.now]) if line in hidden]

    def remember(self) -> None:
        self.now = self.shown()
        self.states[tuple(self.now)] = self.state()

    def state(self) -> tuple[dict[Line, Hunk | None], dict[Hunk, bool]]:
        return {line: line.hidden_by for line in self.lines}, {hunk: hunk.is_on for hunk in self.hunks}

    def return_to(self, state: tuple[dict[Line, Hunk | None], dict[Hunk, bool]]) -> None:
        """As it was then: what came since is taken back."""
        hidden, is_on = state
        for line in self.lines:
            line.hidden_by = hidden.get(line, line.by)
        for hunk in self.hunks:
            hunk.is_on = is_on.get(hunk, False)

    def see(self) -> None:
        """Others' changes since clew last looked are one change: back to what it knows, or a hunk of their own in each place."""
        if not self.states:
            self.lines = list(self.now)
        elif tuple(self.now) in self.states:
            if self.now != self.shown():
                self.return_to(self.states[tuple(self.now)])
        else:
            for before, gone, come in self.runs():
                self.put(before, gone, come)
        self.remember()

    def runs(self) -> Iterator[Run]:
        """The places in which what is there differs from what was shown."""
        shown, now = self.shown(), self.now
        kept = [line for line in shown if line in now]
        last: Line | None = None
        for line in [*kept, None]:
            start, end = (0 if last is None else shown.index(last) + 1), (len(shown) if line is None else shown.index(line))
            first, second = (0 if last is None else now.index(last) + 1), (len(now) if line is None else now.index(line))
            if shown[start:end] or now[first:second]:
                yield last, shown[start:end], now[first:second]
            last = line

    def put(self, before: Line | None, gone: list[Line], come: list[Line]) -> Hunk:
        """Lines that come stand behind those they replace, else behind the line before; what once replaced that stands ahead of them."""
        hunk = Hunk(gone, come)
        self.hunks.append(hunk)
        for line in gone:
            line.hidden_by = hunk
        for line in come:
            line.by = hunk
        after = gone[-1] if gone else before
        place = 0 if after is None else self.lines.index(after) + 1
        while after is not None and place < len(self.lines) and self.replaced(after, self.lines[place], hunk):
            place += 1
        self.lines[place:place] = come
        return hunk

    @staticmethod
    def replaced(line: Line, other: Line, but: Hunk) -> bool:
        return other.by is not None and other.by is not but and other.hidden_by is not None and line in other.by.gone

    def is_overlapped(self, hunk: Hunk) -> bool:
        """True for a hunk that cannot be turned: of what leaves something is gone or was parted, or what comes has lost its place."""
        leaving, coming = (hunk.come, hunk.gone) if hunk.is_on else (hunk.gone, hunk.come)
        shown = self.shown()
        if any(line.hidden_by is not None for line in leaving) or any(line.hidden_by is not hunk for line in coming):
            return True
        if leaving and shown[shown.index(leaving[0]) :][: len(leaving)] != leaving:
            return True
        places = {line: place for place, line in enumerate(self.lines)}
        others = [other for other in self.hunks if other is not hunk and other.is_on and other.gone]
        return any(places[other.gone[0]] < places[line] < places[other.gone[-1]] for other in others for line in coming)

    def turn(self, hunk: Hunk) -> None:
        leaving, coming = (hunk.come, hunk.gone) if hunk.is_on else (hunk.gone, hunk.come)
        for line in leaving:
            line.hidden_by = hunk
        for line in coming:
            line.hidden_by = None
        hunk.is_on = not hunk.is_on
