"""The commands: flags in, text or JSON out. No logic lives here."""

from __future__ import annotations

import sys


def _load_msgspec_lean() -> None:
    """Load msgspec without typing_extensions, which it asks, where installed, for names that typing has: 10 ms of a start."""
    sys.modules.setdefault("typing_extensions", None)  # type: ignore[arg-type]
    import msgspec  # noqa: F401 - loaded for everybody after

    if sys.modules["typing_extensions"] is None:
        del sys.modules["typing_extensions"]


_load_msgspec_lean()
