"""A bounded memory of sessions for long-lived processes. It never decides alone: the stored head has the last word."""

from __future__ import annotations

import time
from _thread import allocate_lock
from collections.abc import Callable

import msgspec

ENTRIES = 128
BYTES = 64 << 20


class CacheCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Hits, misses and size of the cache."""

    hits: int
    misses: int
    evictions: int
    entries: int
    bytes: int


class _Entry(msgspec.Struct, kw_only=True):
    revision: int
    value: bytes
    size: int
    stored_at: float


class SessionCache:
    """Least recently used goes first; an entry whose revision is not the stored one is a miss and is dropped."""

    def __init__(self, *, entries: int = ENTRIES, max_bytes: int = BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        self._entries = entries
        self._bytes = max_bytes
        self._clock = clock
        self._held: dict[str, _Entry] = {}
        self._lock = allocate_lock()
        self._size = self._hits = self._misses = self._evictions = 0

    def get(self, key: str, revision: int) -> tuple[bytes, float] | None:
        """The value and its age in seconds, if it was made from this very revision."""
        with self._lock:
            entry = self._held.pop(key, None)
            if entry is None or entry.revision != revision:
                self._misses += 1
                self._size -= entry.size if entry else 0
                return None
            self._held[key] = entry
            self._hits += 1
            return entry.value, self._clock() - entry.stored_at

    def put(self, key: str, revision: int, value: bytes) -> None:
        """Remember `value` (JSON, so that nobody can alter what is kept), unless it alone is larger than the cache."""
        with self._lock:
            old = self._held.pop(key, None)
            self._size -= old.size if old else 0
            size = len(value)
            if size > self._bytes:
                return
            self._held[key] = _Entry(revision=revision, value=value, size=size, stored_at=self._clock())
            self._size += size
            while len(self._held) > self._entries or self._size > self._bytes:
                oldest = next(iter(self._held))
                self._size -= self._held.pop(oldest).size
                self._evictions += 1

    def drop(self, key: str) -> None:
        """Forget one session."""
        with self._lock:
            entry = self._held.pop(key, None)
            self._size -= entry.size if entry else 0

    def counts(self) -> CacheCounts:
        """Hits, misses and evictions so far, and what is held now."""
        with self._lock:
            return CacheCounts(hits=self._hits, misses=self._misses, evictions=self._evictions, entries=len(self._held), bytes=self._size)
