"""Unified diffs as git and `diff -u` write them, and where their hunks stand in a file."""

from __future__ import annotations

import re
from collections import Counter
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew.edits.plans import TextEdit
from clew.errors import AmbiguousSymbol, SymbolNotFound

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_MODES = {b"100644": None, b"100755": 0o755}
_REFUSED = {
    b"copy from ": "a diff that copies a file cannot be planned; give the new file as one that is made",
    b"old mode ": "a change of permissions cannot be planned",
    b"GIT binary patch": "a change of a binary file cannot be planned",
    b"Binary files ": "a change of a binary file cannot be planned",
}
_NOWHERE = b"/dev/null"
_ESCAPES = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b'"': b'"', b"\\": b"\\"}
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SIGNATURE = b"-- "
"""The line behind the last hunk of a mail that git writes."""
_SHOWN = 5


class Hunk(NamedTuple):
    """A part of a file, before and after; lines have their line ends."""

    line: int
    """Line in the diff, counted from 1."""
    at: int
    """Number of lines before it, in the file before."""
    body: tuple[tuple[bytes, bytes], ...]
    """Sign (blank, `-`, `+`) and line."""

    @property
    def old(self) -> list[bytes]:
        """The lines that must be there."""
        return [text for sign, text in self.body if sign != b"+"]

    @property
    def new(self) -> list[bytes]:
        """The lines that are there afterwards."""
        return [text for sign, text in self.body if sign != b"-"]


class FilePatch(NamedTuple):
    """One file of a diff."""

    line: int
    """Line in the diff, counted from 1."""
    old: str | None
    """Path before; None for a file that is made."""
    new: str | None
    """Path after; None for one that is deleted."""
    hunks: tuple[Hunk, ...] = ()
    mode: int | None = None
    """The permissions of a file that is made."""


class PatchError(Exception):
    """A diff that cannot be read; `line` is that of the diff."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line
        self.message = message


def is_patch(text: bytes) -> bool:
    """True for what reads like a unified diff."""
    return bool(re.search(rb"^(?:diff --git |--- [^\n]*\n\+\+\+ |rename from )", text, re.MULTILINE))


def read_patches(text: bytes) -> list[FilePatch]:
    """The files of a diff, in its order; what stands before the first one, and between two, is talk. Raises PatchError."""
    return list(_Reader(text).files())


class _Heading(msgspec.Struct):
    """The lines before the hunks of a file."""

    old: str | None
    new: str | None
    mode: int | None = None
    makes: bool = False
    deletes: bool = False


class _Reader:
    """Reads a diff line by line."""

    def __init__(self, text: bytes) -> None:
        self.lines = text.replace(b"\r\n", b"\n").split(b"\n") if _is_all_crlf(text) else text.split(b"\n")
        if self.lines[-1] == b"":
            self.lines.pop()
        self.at = 0

    def files(self) -> Iterator[FilePatch]:
        while self.at < len(self.lines):
            if self._starts(b"diff --git "):
                yield self._of_git()
            elif self._is_heading():
                yield self._plain()
            elif self._starts(b"@@ -"):
                raise PatchError(self.at + 1, "a hunk stands before any file")
            else:
                self.at += 1

    def _starts(self, word: bytes) -> bool:
        return self.at < len(self.lines) and self.lines[self.at].startswith(word)

    def _is_heading(self, at: int | None = None) -> bool:
        at = self.at if at is None else at
        return at + 1 < len(self.lines) and self.lines[at].startswith(b"--- ") and self.lines[at + 1].startswith(b"+++ ")

    def _plain(self) -> FilePatch:
        line = self.at + 1
        old, new = (_path_of(self.lines[self.at + nth][4:]) for nth in (0, 1))
        self.at += 2
        old, new = _without_prefixes(old, new)
        if old is None and new is None:
            raise PatchError(line, "a diff from /dev/null to /dev/null is about no file")
        return FilePatch(line, old, new, tuple(self._hunks()))

    def _of_git(self) -> FilePatch:
        line = self.at + 1
        head = _Heading(*_of_heading(self.lines[self.at]))
        self.at += 1
        while self.at < len(self.lines) and self._is_read(head):
            self.at += 1
        if self._is_heading():
            old, new = _without_prefixes(*(_path_of(self.lines[self.at + nth][4:]) for nth in (0, 1)))
            self.at += 2
            head.makes, head.deletes = head.makes or old is None, head.deletes or new is None
            head.old, head.new = old or head.old, new or head.new
        if head.old is None or head.new is None:
            raise PatchError(line, "the paths of this file cannot be read")
        old, new = None if head.makes else head.old, None if head.deletes else head.new
        return FilePatch(line, old, new, tuple(self._hunks()), head.mode if head.makes else None)

    def _is_read(self, head: _Heading) -> bool:
        """Read a line between the names of a file and its hunks; false for another line."""
        line = self.lines[self.at]
        refused = next((why for start, why in _REFUSED.items() if line.startswith(start)), None)
        if refused is not None:
            raise PatchError(self.at + 1, refused)
        if line.startswith((b"new file mode ", b"deleted file mode ")):
            given = line.rpartition(b" ")[2].strip()
            if given not in _MODES:
                raise PatchError(self.at + 1, f"a file of mode {given.decode('ascii', 'replace')} is no plain file")
            head.mode = _MODES[given]
            head.makes, head.deletes = head.makes or line.startswith(b"new"), head.deletes or line.startswith(b"deleted")
        elif line.startswith(b"rename from "):
            head.old = _path_of(line.removeprefix(b"rename from "))
        elif line.startswith(b"rename to "):
            head.new = _path_of(line.removeprefix(b"rename to "))
        else:
            return line.startswith((b"index ", b"similarity index ", b"dissimilarity index "))
        return True

    def _hunks(self) -> Iterator[Hunk]:
        while self._starts(b"@@"):
            line = self.at + 1
            found = _HUNK.match(self.lines[self.at])
            if found is None:
                raise PatchError(line, f"{_shown(self.lines[self.at])} is no hunk: it begins as in `@@ -12,3 +12,4 @@`")
            start, olds, _, news = (int(number) if number is not None else 1 for number in found.groups())
            self.at += 1
            body = self._body(olds, news) or self._body_to_next()
            if not any(sign != b" " for sign, _ in body):
                raise PatchError(line, "a hunk that changes nothing")
            yield Hunk(line, start - (0 if not olds else 1), tuple(body))

    def _body(self, olds: int, news: int) -> list[tuple[bytes, bytes]] | None:
        """As many lines as the hunk says; None where these are not there."""
        body: list[tuple[bytes, bytes]] = []
        at = self.at
        while olds > 0 or news > 0:
            sign, text = self._signed(at)
            if sign is None or (sign != b"+" and not olds) or (sign != b"-" and not news):
                return None
            olds -= sign != b"+"
            news -= sign != b"-"
            at = self._take(body, at, sign, text)
        if self._signed(at)[0] in (b"+", b"-") and self.lines[at] != _SIGNATURE and not self._is_heading(at):
            return None
        self.at = at
        return body

    def _body_to_next(self) -> list[tuple[bytes, bytes]]:
        """The lines up to the next hunk, of a hunk that was counted wrongly."""
        body: list[tuple[bytes, bytes]] = []
        while not self._is_heading():
            sign, text = self._signed(self.at)
            if sign is None or self.lines[self.at] == _SIGNATURE or (not self.lines[self.at] and self._is_end(self.at)):
                break
            self.at = self._take(body, self.at, sign, text)
        return body

    def _is_end(self, at: int) -> bool:
        """True where nothing but empty lines is left of the file's part."""
        rest = next((line for line in self.lines[at:] if line), b"diff ")
        return rest.startswith((b"diff ", b"--- ", b"@@ -"))

    def _signed(self, at: int) -> tuple[bytes | None, bytes]:
        if at >= len(self.lines):
            return None, b""
        line = self.lines[at]
        if line in (b"", b"\r"):
            return b" ", line  # editors take the blank of an empty line away
        return (line[:1], line[1:]) if line[:1] in (b" ", b"-", b"+") else (None, b"")

    def _take(self, body: list[tuple[bytes, bytes]], at: int, sign: bytes, text: bytes) -> int:
        at += 1
        if at < len(self.lines) and self.lines[at].startswith(b"\\"):
            body.append((sign, text))
            return at + 1
        body.append((sign, text + b"\n"))
        return at


def _is_all_crlf(text: bytes) -> bool:
    """True for a diff that was itself written with these line ends; one of a file that has them has others in its headings."""
    found = re.search(rb"^(?:\+\+\+ |@@ )[^\n]*", text, re.MULTILINE)
    return found is not None and found.group().endswith(b"\r")


def _path_of(text: bytes) -> str | None:
    """A path as it stands in a heading; None for /dev/null."""
    text = text.rstrip(b"\r")
    text = _unquoted(text) if text.startswith(b'"') else text.partition(b"\t")[0]
    return None if text == _NOWHERE else text.decode("utf-8", "surrogateescape")


def _unquoted(text: bytes) -> bytes:
    end = re.match(rb'"((?:[^"\\]|\\.)*)"', text)
    inside = end.group(1) if end else text.strip(b'"')
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1]) or bytes([int(found[1], 8) & 255]) if found[1] else b"", inside)


def _of_heading(head: bytes) -> tuple[str | None, str | None]:
    """The paths of `diff --git a/x b/x`; None where they cannot be told apart."""
    rest = head.removeprefix(b"diff --git ").rstrip(b"\r")
    if rest.startswith(b'"') or rest.endswith(b'"'):
        parts = re.findall(rb'"(?:[^"\\]|\\.)*"|[^" ][^"]*(?= ")|(?<=" )[^"]+$', rest)
        if len(parts) == 2:  # noqa: PLR2004 - before and after
            return _without_prefixes(_path_of(parts[0]), _path_of(parts[1]))
        return None, None
    middle = len(rest) // 2
    one, other = rest[:middle], rest[middle + 1 :]
    if rest[middle : middle + 1] == b" " and one.partition(b"/")[2] == other.partition(b"/")[2]:
        return _without_prefixes(_path_of(one), _path_of(other))
    parts = rest.split(b" ")
    return _without_prefixes(_path_of(parts[0]), _path_of(parts[1])) if len(parts) == 2 else (None, None)  # noqa: PLR2004


def _without_prefixes(old: str | None, new: str | None) -> tuple[str | None, str | None]:
    """Paths without `a/` and `b/`, where both have theirs."""
    if (old is None or old.startswith("a/")) and (new is None or new.startswith("b/")):
        return old and old[2:], new and new[2:]
    return old and old.removeprefix("./"), new and new.removeprefix("./")


class Located(NamedTuple):
    """The edits of a hunk."""

    edits: tuple[TextEdit, ...]
    moved: int
    """Number of lines between where it was found and where the diff says."""


class Locator:
    """Finds the hunks of one file, first to last."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.lines = source.splitlines(keepends=True) if b"\r" not in source else [*_lines(source)]
        self.starts = [0, *accumulate(len(line) for line in self.lines)]
        self.plain = [line.rstrip(b"\r\n") for line in self.lines]
        self.moved = 0
        self.reached = 0
        self._places: dict[bytes, list[int]] | None = None

    def locate(self, hunk: Hunk) -> Located:
        """The edits of a hunk: where it says, or where its lines stand and nowhere else.

        Raises SymbolNotFound with the nearest place, AmbiguousSymbol where there are several.
        """
        wanted = [line.rstrip(b"\r\n") for line in hunk.old]
        at = hunk.at + self.moved
        if not self._fits(at, wanted):
            at = self._elsewhere(hunk, wanted)
        self.moved = at - hunk.at
        self.reached = at + len(wanted)
        return Located(tuple(self._edits(hunk, at)), self.moved)

    def _fits(self, at: int, wanted: Sequence[bytes]) -> bool:
        return self.reached <= at <= len(self.plain) and self.plain[at : at + len(wanted)] == wanted

    def _elsewhere(self, hunk: Hunk, wanted: list[bytes]) -> int:
        if not wanted:
            raise SymbolNotFound(f"{self.path} has {len(self.plain)} lines, and none before which this can be put")
        places = self._where()
        fitting = [at for at in places.get(wanted[0], ()) if self._fits(at, wanted)]
        if not fitting:
            raise self._nowhere(hunk, wanted)
        if len(fitting) > 1:
            near = sorted(fitting, key=lambda at: abs(at - hunk.at - self.moved))[:_SHOWN]
            raise AmbiguousSymbol(
                f"These lines are not at line {hunk.at + 1} of {self.path}, and stand {len(fitting)} times elsewhere",
                candidates=tuple(f"{self.path}:{at + 1}" for at in near),
            )
        return fitting[0]

    def _where(self) -> dict[bytes, list[int]]:
        if self._places is None:
            self._places = {}
            for at, line in enumerate(self.plain):
                self._places.setdefault(line, []).append(at)
        return self._places

    def _nowhere(self, hunk: Hunk, wanted: list[bytes]) -> SymbolNotFound:
        """The error about lines that are nowhere: the place that comes nearest, and the first line that differs there."""
        places, votes = self._where(), Counter[int]()
        for nth, line in enumerate(wanted):
            if line.strip():
                votes.update(at - nth for at in places.get(line, ()))
        if not votes:
            return SymbolNotFound(f"None of these lines stands in {self.path}")
        most = max(votes.values())
        at = min((place for place, count in votes.items() if count == most), key=lambda place: abs(place - hunk.at - self.moved))
        nth = next((nth for nth, line in enumerate(wanted) if not 0 <= at + nth < len(self.plain) or self.plain[at + nth] != line), 0)
        has = self.plain[at + nth] if 0 <= at + nth < len(self.plain) else b""
        there, given = (text.decode("utf-8", "replace") for text in (has, wanted[nth]))
        new = [line.rstrip(b"\r\n") for line in hunk.new]
        done = any(self.plain[place : place + len(new)] == new for place in places.get(new[0], ())) if new else False
        number = at + nth + 1
        return SymbolNotFound(
            f"These lines stand nowhere in {self.path}; nearest at line {max(at, 0) + 1}, where line {number} is {there!r}, not {given!r}"
            + ("; what they should become stands there already" if done else ""),
            candidates=(f"{self.path}:{max(at, 0) + 1}",),
            differs={"file": self.path, "line": number, "there": there, "given": given},
        )

    def _edits(self, hunk: Hunk, at: int) -> Iterator[TextEdit]:
        is_exact = self.lines[at : at + len(hunk.old)] == hunk.old
        first = at
        added: list[bytes] = []
        for sign, text in (*hunk.body, (b" ", b"")):
            if sign == b"+":
                added.append(text)
            elif sign == b"-":
                at += 1
            else:
                if added or at > first:
                    yield self._edit(first, at, added if is_exact else self._alike(first, at, added))
                at += 1
                first, added = at, []

    def _edit(self, first: int, last: int, added: list[bytes]) -> TextEdit:
        return TextEdit(self.starts[first], self.starts[last], b"".join(added))

    def _alike(self, first: int, last: int, added: list[bytes]) -> list[bytes]:
        """Lines with the line ends that the file has around them."""
        around = [line for line in self.lines[max(first - 1, 0) : last + 1] if line.endswith(b"\n")]
        end = b"\r\n" if around and around[0].endswith(b"\r\n") else b"\n"
        lines = [line.rstrip(b"\r\n") + end for line in added]
        if lines and last == len(self.lines) and self.lines and not self.lines[-1].endswith(b"\n"):
            lines[-1] = lines[-1].removesuffix(end)
            if first == last:
                lines[0] = end + lines[0]
        return lines


def _lines(source: bytes) -> Iterator[bytes]:
    """Lines as git sees them: only a line feed ends one."""
    at = 0
    while at < len(source):
        end = source.find(b"\n", at) + 1 or len(source)
        yield source[at:end]
        at = end


def _shown(line: bytes) -> str:
    return repr(line[:60].decode("utf-8", "replace"))
