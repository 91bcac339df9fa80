"""Reading SQLite's write-ahead log frame by frame, before SQLite does.

SQLite stops at the first frame whose checksum is wrong, drops every committed frame behind it without a word, and writes over
them at the next commit. So a damaged log has to be noticed first. Format: https://sqlite.org/fileformat2.html#walformat

A killed writer leaves frames, too: half of one, or whole ones that nobody acknowledged. Every checksum goes on from the frame
before, so the two can be told apart. Damage is a bad frame that a later one goes on from, as in 1 2 x 4 5, or one that changing a
single word makes whole. What a killed writer left ends the log: the next writer cuts it off before it writes (`cut_tail`).

Only the log is opened here, never the database or its index: closing a second descriptor of those would drop the locks that
SQLite holds in this process (https://sqlite.org/howtocorrupt.html, 2.2). Nobody locks the log.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import msgspec

from clew.sessions.steps import digest
from clew.sessions.store.gate import require_files

HEADER, FRAME = 32, 24
_MAGIC = (0x377F0682, 0x377F0683)
_WORD = 0xFFFFFFFF


class WalReport(msgspec.Struct, frozen=True, kw_only=True):
    """The frames of a log."""

    frames: int = 0
    """Frames of the current generation, good or bad."""
    good: int = 0
    """Frames that SQLite will read: up to the first bad one."""
    committed: int = 0
    """Frames up to the last commit among the good ones."""
    lost_commits: int = 0
    """Commits from the first damaged frame on, which SQLite will drop; what a killed writer left is none."""
    header_damaged: bool = False
    """Then SQLite drops every frame."""
    problem: str = ""
    """Empty when every frame of the current generation is whole."""


def read_wal(path: str) -> WalReport:
    """Verify every frame of the log at `path`; a missing or empty one is well. Raises StoreUnavailable when it is no file."""
    require_files(path)
    try:
        with open(path, "rb") as file:
            data = file.read()
    except FileNotFoundError:
        return WalReport()
    return check_wal(data)


def check_wal(data: bytes) -> WalReport:
    """Read the bytes of a log."""
    if not data:
        return WalReport()
    if len(data) <= HEADER:
        return WalReport() if len(data) == HEADER else WalReport(problem=f"the log is cut off in its header ({len(data)} bytes)")
    magic, _version, page_size, _sequence, *_rest = struct.unpack(">8I", data[:HEADER])
    order = ">" if magic & 1 else "<"
    if magic not in _MAGIC or page_size & (page_size - 1) or page_size < 512:  # noqa: PLR2004 - SQLite's smallest page
        return WalReport(header_damaged=True, problem="the header of the log is damaged")
    state = _checksum(data[: HEADER - 8], order, (0, 0))
    if state != struct.unpack(">2I", data[HEADER - 8 : HEADER]):
        return WalReport(header_damaged=True, problem="the header of the log is damaged")
    return _frames(data, page_size, order, state)


def _frames(data: bytes, page_size: int, order: str, state: tuple[int, int]) -> WalReport:
    salts = data[16:24]
    size = FRAME + page_size
    total = (len(data) - HEADER) // size
    good = committed = 0
    before = state
    for number in range(total):
        frame = data[HEADER + number * size : HEADER + (number + 1) * size]
        state = _frame_checksum(frame, order, before)
        if frame[8:16] != salts or state != _stored(frame):
            break
        before = state
        good += 1
        if frame[4:8] != b"\0\0\0\0":
            committed = good
    behind = [frame for frame in _headers(data, good, total, size) if frame[8:16] == salts]
    bad = [data[HEADER + number * size : HEADER + (number + 1) * size] for number in range(good, total)]
    damaged = bool(bad) and (_once_whole(bad[0], order, before) or _goes_on(bad, order, salts, before))
    lost = sum(frame[4:8] != b"\0\0\0\0" for frame in (bad[:1] + behind if bad and bad[0][8:16] != salts else behind)) if damaged else 0
    problem = ""
    if damaged:
        problem = f"frame {good + 1} of the log is damaged, and {len(behind)} frames stand from there on, {lost} of them commits"
    elif behind or good > committed:
        problem = f"the log ends in {good - committed + len(behind)} frames that were never committed"
    elif (len(data) - HEADER) % size and total == good:
        problem = "the log ends in part of a frame"
    return WalReport(frames=good + len(behind), good=good, committed=committed, lost_commits=lost, problem=problem)


def _goes_on(frames: list[bytes], order: str, salts: bytes, state: tuple[int, int]) -> bool:
    """True when a frame goes on from the checksum of a bad one before it, the stored one or the one that it should have."""
    starts = {_frame_checksum(frames[0], order, state), _stored(frames[0])}
    for frame in frames[1:]:
        if frame[8:16] == salts and any(_frame_checksum(frame, order, start) == _stored(frame) for start in starts):
            return True
        starts = {_stored(frame)}
    return False


def _once_whole(frame: bytes, order: str, state: tuple[int, int]) -> bool:
    """True when other salts, or changing one 32-bit word, make the frame fit its checksum: it was written whole.

    The checksum is linear: a change e of a word adds e * (a, b) to it, (a, b) being neighbours of the Fibonacci sequence that
    depend on the word's place. One of them is odd, so that e follows from one half of the checksum, and the other half confirms it.
    """
    (first, second), stored = _frame_checksum(frame, order, state), _stored(frame)
    missing = ((stored[0] - first) & _WORD, (stored[1] - second) & _WORD)
    if 0 in missing:
        return True  # other salts, or one word of the stored checksum
    small, large = 0, 1
    for _word in range((len(frame) - FRAME + 8) // 4):
        known, wanted = (0, 1) if small & 1 else (1, 0)
        weights = (small, large)
        change = missing[known] * pow(weights[known], -1, 1 << 32)
        if (change * weights[wanted]) & _WORD == missing[wanted]:
            return True
        small, large = large, (small + large) & _WORD
    return False


def _stored(frame: bytes) -> tuple[int, int]:
    first, second = struct.unpack(">2I", frame[16:24])
    return first, second


def _frame_checksum(frame: bytes, order: str, state: tuple[int, int]) -> tuple[int, int]:
    return _checksum(frame[FRAME:], order, _checksum(frame[:8], order, state))


def _headers(data: bytes, first: int, total: int, size: int) -> Iterator[bytes]:
    for number in range(first, total):
        start = HEADER + number * size
        yield data[start : start + FRAME]


def _checksum(data: bytes, order: str, state: tuple[int, int]) -> tuple[int, int]:
    first, second = state
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & _WORD
        second = (second + odd + first) & _WORD
    return first, second


def frames_behind(path: str, seen: int) -> int:
    """Number of frames of the current generation behind the `seen` ones that SQLite reads; only their headers are read."""
    try:
        with open(path, "rb", buffering=0) as file:
            head = file.read(HEADER)
            if len(head) < HEADER:
                return len(head)
            size = int.from_bytes(head[8:12]) + FRAME
            end = file.seek(0, os.SEEK_END)
            if not seen:
                return max(0, (end - HEADER) // size)
            found = 0
            for start in range(HEADER + seen * size, end - FRAME + 1, size):
                file.seek(start + 8)
                found += file.read(8) == head[16:24]
            return found
    except FileNotFoundError:
        return 0


def has_tail(path: str, seen: int) -> bool:
    """True when a frame of the current generation stands right behind the `seen` ones that SQLite reads; asked before every write."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        return False
    try:
        head = os.read(descriptor, HEADER)
        os.lseek(descriptor, HEADER + seen * (int.from_bytes(head[8:12]) + FRAME), os.SEEK_SET)
        frame = os.read(descriptor, FRAME)
    finally:
        os.close(descriptor)
    return len(frame) == FRAME and frame[8:16] == head[16:24]


def cut_tail(path: str, seen: int) -> None:
    """End the log behind the `seen` frames that SQLite reads; called inside a write transaction, so that nobody is writing it."""
    with open(path, "r+b", buffering=0) as file:
        size = int.from_bytes(file.read(HEADER)[8:12]) + FRAME
        file.truncate(HEADER + seen * size if seen else 0)


def keep_damaged_log(database: str) -> WalReport | None:
    """Copy the log of `database` aside when it has lost commits; called behind the gate, so that nobody is writing it."""
    path = database + "-wal"
    report = read_wal(path)
    if not report.lost_commits and not report.header_damaged:
        return None
    with open(path, "rb") as file:
        data = file.read()
    aside = f"{path}.damaged-{digest(data).hex()[:8]}"
    try:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return report
    with os.fdopen(descriptor, "wb") as copy:
        copy.write(data)
        copy.flush()
        os.fsync(copy.fileno())
    return report
