"""The kept part of a command's output: all of it while it is small, else its head, its tail, and every line that tells something."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from clew.recording.process import STDOUT

if TYPE_CHECKING:
    from collections.abc import Iterator

MEGABYTE = 1 << 20
HEAD, TAIL, BETWEEN = 24 * MEGABYTE, 24 * MEGABYTE, 16 * MEGABYTE
"""Bytes that are kept of the beginning, of the end, and of the telling lines between them: 64 MB."""
LONGEST_WAIT = 1 << 16
"""Bytes of a line without an end that wait for it."""

_NUMBERED = re.compile(rb"[:(]\d")
_WORDS = (
    b"not ok ", b"\n    at ", b" FAIL", b"FAILED ", b"\nE   ", b"error", b"Error", b"ERROR",
    "\u25cf".encode(), "\u2716".encode(), "\u276f".encode(),
)  # fmt: skip
"""What stands in lines of findings that have no numbered place. Looked for one by one: together they cost thirty times as much."""
_CODES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # OSC and other strings: titles, links
    r"|\x1b[ -/]*[0-~]"
)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffd]+")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n|$)")
_BREAK = ord("\n")
_BYTE_CODES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")


class Kept(msgspec.Struct, frozen=True):
    """Output as it is stored."""

    text: str
    stdout: str
    """The standard output alone, where nothing was left out."""
    cut_bytes: int = 0
    cut_lines: int = 0


def plain(data: bytes) -> str:
    """Bytes as text: a run of what is no text is one U+FFFD, codes of a terminal are gone, an overwritten line is its last state."""
    text = data.decode("utf-8", "replace").replace("\r\n", "\n")
    if "\x1b" in text:
        text = _CODES.sub("", text)
    if "\r" in text:
        text = _OVERWRITTEN.sub("", text).replace("\r", "")
    return _NO_TEXT.sub("\ufffd", text)


def telling(data: bytes) -> Iterator[bytes]:
    """The lines that may belong to a finding."""
    if b"\x1b" in data:
        data = _BYTE_CODES.sub(b"", data)
    places = [found.start() for found in _NUMBERED.finditer(data)]
    for word in _WORDS:
        at = data.find(word)
        while at != -1:
            places.append(at + (word[0] == _BREAK))
            at = data.find(word, at + 1)
    end = -1
    for at in sorted(places):
        if at > end:
            start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
            end = len(data) if end == -1 else end
            yield data[start:end] + b"\n"


class Transcript:
    """Output as it comes, in bounded memory; lines of the two streams are kept whole, in the order in which they ended."""

    def __init__(self, *, head: int = HEAD, tail: int = TAIL, between: int = BETWEEN) -> None:
        self._room = {"head": head, "tail": tail, "between": between}
        self._unended: dict[int, bytes] = {}
        self._head: list[tuple[int, bytes]] = []
        self._tail: deque[tuple[int, bytes]] = deque()
        self._between: list[bytes] = []
        self._size = {"head": 0, "tail": 0, "between": 0}
        self.bytes = 0
        """Everything that came."""
        self._dropped = 0
        self._dropped_lines = 0

    def add(self, stream: int, data: bytes) -> None:
        """Take some output."""
        self.bytes += len(data)
        data = self._unended.pop(stream, b"") + data
        whole = data.rfind(b"\n") + 1
        if len(data) - whole > LONGEST_WAIT:
            whole = len(data)
        if whole < len(data):
            self._unended[stream] = data[whole:]
        if whole:
            self._keep(stream, data[:whole])

    def _keep(self, stream: int, block: bytes) -> None:
        if not self._tail and self._size["head"] + len(block) <= self._room["head"]:
            self._head.append((stream, block))
            self._size["head"] += len(block)
            return
        self._tail.append((stream, block))
        self._size["tail"] += len(block)
        while self._size["tail"] > self._room["tail"] and len(self._tail) > 1:
            self._drop(self._tail.popleft()[1])

    def _drop(self, block: bytes) -> None:
        self._size["tail"] -= len(block)
        kept = 0
        for line in telling(block) if self._size["between"] < self._room["between"] else ():
            if self._size["between"] + len(line) > self._room["between"]:
                break
            self._between.append(line)
            self._size["between"] += len(line)
            kept += len(line)
        self._dropped += max(len(block) - kept, 0)
        self._dropped_lines += block.count(b"\n")

    def kept(self) -> Kept:
        """The kept part, once the last of the output came."""
        for stream in sorted(self._unended):
            self._keep(stream, self._unended.pop(stream))
        blocks = [*self._head, *self._tail]
        if not self._dropped_lines and not self._dropped:
            text = plain(b"".join(block for _, block in blocks))
            return Kept(text, plain(b"".join(block for stream, block in blocks if stream == STDOUT)))
        lines = self._dropped_lines - len(self._between)
        mark = f"[clew: {self._dropped} bytes in {lines} lines left out here; lines that tell of findings are kept]\n"
        parts = [plain(b"".join(block for _, block in self._head)), mark, plain(b"".join(self._between))]
        return Kept("".join([*parts, plain(b"".join(block for _, block in self._tail))]), "", self._dropped, max(lines, 0))
