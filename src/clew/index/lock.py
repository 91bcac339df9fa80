"""One refresher at a time: the lock of an index."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from clew.locks import lock, unlock


@contextmanager
def held(path: str) -> Iterator[None]:
    """Wait for the lock on `path`, which is created when missing, and hold it for the block."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        lock(descriptor, wait=True)
        try:
            yield
        finally:
            unlock(descriptor)
    finally:
        os.close(descriptor)
