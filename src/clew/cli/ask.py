"""`clew ask`: JSON lines in, JSON lines out, in the same order."""

from __future__ import annotations

import gc
import sys
import time
from typing import TYPE_CHECKING, Any

import msgspec

from clew.bounds import SECONDS
from clew.cli.watching import shown
from clew.running.asking import answered
from clew.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

LOOKS_AGAIN = 0.2
"""Seconds after which the tree is looked at again before the next answer."""


def ask(_: list[str], flags: Mapping[str, Any]) -> int:
    """Answer every line of standard input as it comes; returns the exit status."""
    gc.enable()  # this process lives on
    deadline = flags.get("deadline", SECONDS)
    with shown(flags.get("progress")) as progress:
        workspace = Workspace.open(flags.get("root"), progress=progress)
        looked = time.monotonic()
        out = sys.stdout.buffer
        for line in sys.stdin.buffer:
            if not line.strip():
                continue
            if time.monotonic() - looked > LOOKS_AGAIN:
                if workspace.generation.is_stale():
                    workspace.refresh()
                looked = time.monotonic()
            out.write(msgspec.json.encode(answered(workspace, line, deadline)) + b"\n")
            out.flush()
            progress.report("")
    return 0
