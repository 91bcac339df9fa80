"""`clew ask`: JSON lines in, JSON lines out, in the same order."""

from __future__ import annotations

import gc
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec

from clew.running.asking import answered
from clew.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOKS_AGAIN = 0.2
"""Seconds after which the tree is looked at again before the next answer."""


def ask(_: list[str], flags: Mapping[str, Any]) -> int:
    """Answer every line of standard input as it comes; returns the exit status."""
    gc.enable()  # this process lives on
    workspace = Workspace.open(flags.get("root"))
    looked = time.monotonic()
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        if time.monotonic() - looked > LOOKS_AGAIN:
            if workspace.generation.is_stale():
                workspace.refresh()
            looked = time.monotonic()
        out.write(msgspec.json.encode(answered(workspace, line)) + b"\n")
        out.flush()
    return 0
