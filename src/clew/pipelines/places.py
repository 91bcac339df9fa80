"""The line and column of every key and value of a TOML or JSON document, which their parsers do not tell.

The texts were parsed before, so that what is found here is known to be well-formed: only strings, brackets and keys are told apart.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left

import msgspec

Key = str | int
Path = tuple[Key, ...]
"""The way to a value: names of tables and keys, and numbers of list items from 0."""


class Place(msgspec.Struct, frozen=True):
    """A place in a file, counted from 1; columns in characters."""

    line: int
    column: int


Places = dict[Path, Place]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_TOML_STRING = re.compile(
    r'"""(?:[^\\"]|\\.|"(?!""))*"{3,5}|\'\'\'(?:[^\']|\'(?!\'\'))*\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'',
    re.DOTALL,
)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^,\]}\n#]+")
_JSON_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_JSON_SCALAR = re.compile(r"[^,\]}\s]+")
_JSON_BLANK = re.compile(r"\s*")


class _Scan:
    """A text that is walked once, and the places seen on the way."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.places: Places = {(): Place(1, 1)}
        self._breaks = [-1, *(mark.start() for mark in re.finditer("\n", text))]

    def place(self, at: int) -> Place:
        line = bisect_left(self._breaks, at)
        return Place(line, at - self._breaks[line - 1])

    def note(self, path: Path, at: int) -> None:
        """A value stands here; its key, which comes first, counts."""
        self.places.setdefault(path, self.place(at))

    def skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def takes_after(self, blank: re.Pattern[str], mark: str) -> bool:
        self.skip(blank)
        return self.take(mark)

    def take(self, mark: str) -> bool:
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True


def json_places(text: str) -> tuple[Places, list[tuple[Path, Place]]]:
    """The places of a well-formed JSON document, and the keys that stand twice in their object."""
    scan = _Json(text)
    scan.value(())
    return scan.places, scan.twice


class _Json(_Scan):
    """A JSON document."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.twice: list[tuple[Path, Place]] = []

    def value(self, path: Path) -> None:
        self.skip(_JSON_BLANK)
        self.note(path, self.at)
        if self.take("{"):
            seen: set[str] = set()
            while not self.takes_after(_JSON_BLANK, "}"):
                self.pair(path, seen)
                self.takes_after(_JSON_BLANK, ",")
        elif self.take("["):
            number = 0
            while not self.takes_after(_JSON_BLANK, "]"):
                self.value((*path, number))
                number += 1
                self.takes_after(_JSON_BLANK, ",")
        elif self.peek() == '"':
            self.skip(_JSON_STRING)
        else:
            self.skip(_JSON_SCALAR)

    def pair(self, path: Path, seen: set[str]) -> None:
        begin = self.at
        own = (*path, str(msgspec.json.decode(self.skip(_JSON_STRING))))
        if own[-1] in seen:
            self.twice.append((own, self.place(begin)))
        seen.add(str(own[-1]))
        self.note(own, begin)
        self.takes_after(_JSON_BLANK, ":")
        self.value(own)


def toml_places(text: str) -> Places:
    """The places of a well-formed TOML document."""
    scan = _Toml(text.replace("\r\n", "\n"))
    scan.document()
    return scan.places


class _Toml(_Scan):
    """A TOML document."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.counts: dict[Path, int] = {}
        """List of tables → number of its newest item."""

    def document(self) -> None:
        table: Path = ()
        while self.skip_blank() < len(self.text):
            begin = self.at
            if self.take("[["):
                *outer, last = self.keys()
                listed = (*self.inside(outer), last)
                self.counts[listed] = self.counts.get(listed, -1) + 1
                table = (*listed, self.counts[listed])
                self.take("]]")
            elif self.take("["):
                table = self.inside(self.keys())
                self.take("]")
            else:
                self.pair(table)
                continue
            for length in range(1, len(table) + 1):
                self.note(table[:length], begin)

    def skip_blank(self) -> int:
        self.skip(_BLANK)
        return self.at

    def inside(self, names: list[str]) -> Path:
        """The path of a header, with the number of the newest item of every list on the way."""
        path: Path = ()
        for name in names:
            path = (*path, name)
            if path in self.counts:
                path = (*path, self.counts[path])
        return path

    def keys(self) -> list[str]:
        """A dotted key."""
        found: list[str] = []
        while True:
            self.skip(_SPACE)
            if self.peek() in {'"', "'"}:
                found.append(next(iter(tomllib.loads(f"{self.skip(_TOML_STRING)}=0"))))
            else:
                found.append(self.skip(_BARE_KEY))
            if not self.takes_after(_SPACE, "."):
                return found

    def pair(self, base: Path) -> None:
        begin = self.at
        path = (*base, *self.keys())
        for length in range(len(base) + 1, len(path) + 1):
            self.note(path[:length], begin)
        self.take("=")
        self.value(path)

    def value(self, path: Path) -> None:
        self.skip(_SPACE)
        self.note(path, self.at)
        if self.take("["):
            number = 0
            while not self.takes_after(_BLANK, "]"):
                self.value((*path, number))
                number += 1
                self.takes_after(_BLANK, ",")
        elif self.take("{"):
            while not self.takes_after(_BLANK, "}"):
                self.pair(path)
                self.takes_after(_BLANK, ",")
        elif self.peek() in {'"', "'"}:
            self.skip(_TOML_STRING)
        else:
            self.skip(_SCALAR)


def place_of(places: Places, path: Path) -> Place:
    """The place of a value, or of the nearest that holds it."""
    while path not in places:
        path = path[:-1]
    return places[path]
