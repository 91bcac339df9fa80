"""`clew tour`: start, continue, branch from an older token, rename code and prose, show, clean up; on a folder or on a small sample."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import ExitStack, chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import msgspec

from clew.cli import clew, js_edit, js_scan, md_scan
from clew.cli.flags import command_line
from clew.cli.text import text_of
from clew.running.landmark import landmark
from clew.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clew.cli.main import Answer

SAMPLE = Path(__file__).parents[1] / "sample"
SAMPLE_NAME = "processData"
SHOWN_LINES = 5


def tour(words: list[str], _: Mapping[str, Any]) -> int:
    """Run the tour and print each command line with a digest of its reply; returns the exit status."""
    with ExitStack() as stack:
        if words:
            folder = Path(words[0])
        else:
            room = stack.enter_context(TemporaryDirectory(prefix="clew-tour-"))
            folder = Path(shutil.copytree(SAMPLE, Path(room) / "sample"))
        if not folder.is_dir():
            sys.stderr.write(f"error: there is no folder {folder}\n")
            return 3
        stack.enter_context(chdir(folder))
        term = words[1] if len(words) > 1 else landmark(Workspace.open()) if words else SAMPLE_NAME
        if term is None:
            sys.stderr.write(f"error: nothing below {folder} is exported and imported; name something: clew tour {folder} NAME\n")
            return 3
        return _walk(f"tour-{os.getpid()}", term, is_sample=not words)


def _walk(name: str, term: str, *, is_sample: bool) -> int:
    """The stops of the tour, in order; stops at the first that fails. Only the sample is written to."""
    ran = _Ran()
    start = ("--session-start", "--search", term, "--save-session", name)
    token = ran.stop("Start a session with a search.", "js-scan", *start).get("continuationToken", "")
    ran.stop("Continue it: the ripple of what the search found, without a new search.", "js-scan", "--from", name, "--analyze-ripple")
    ran.stop("Continue the older token: a branch grows.", "js-scan", "--session-continue", token, "--references")
    ran.stop("See what the documents say of it.", "md-scan", "--session-continue", token, "--mentions")
    if is_sample:
        rename = ("--rename", "--to", f"{term}Anew", "--with-docs")
        plan = ran.stop("Plan a rename, in code and documents: nothing is written.", "js-edit", "--session-continue", token, *rename)
        fixed = ran.stop("Write it, all or nothing.", "js-edit", "--session-continue", plan.get("continuationToken", ""), "--fix")
        ran.stop("Take it back.", "js-edit", "--session-continue", fixed.get("continuationToken", ""), "--undo")
    ran.stop("Read a step again, exactly as it was.", "clew", "show", f"{name}#2")
    ran.stop("Come back later, knowing nothing.", "clew", "resume", name)
    ran.stop("Clean up what has expired.", "js-scan", "--cleanup")
    return ran.status


class _Ran:
    """Runs one command after the other in this process, as long as they succeed."""

    def __init__(self) -> None:
        self.status = 0
        self._stops = 0

    def stop(self, about: str, command: str, *argv: str) -> dict[str, Any]:
        """Run a command, print its line and the first lines of its reply, and return the reply."""
        if self.status:
            return {}
        answers: dict[str, Callable[[list[str], Mapping[str, str]], Answer]] = {
            "js-scan": js_scan.answer,
            "md-scan": md_scan.answer,
            "js-edit": js_edit.answer,
            "clew": clew.answer,
        }
        out, _, self.status = answers[command]([*argv, "--json"], os.environ)
        reply: dict[str, Any] = msgspec.json.decode(out)
        self._stops += 1
        sys.stdout.write(f"{self._stops}. {about}\n$ {command_line(command, [*argv, '--json'])}\n")
        lines = (text_of(reply) if self.status == 0 else str(reply)).splitlines()
        lines = [*lines[:SHOWN_LINES], f"… {len(lines) - SHOWN_LINES} more lines"] if len(lines) > SHOWN_LINES else lines
        if "continuationToken" in reply:
            lines.append(f"continue with {reply['continuationToken']}")
        sys.stdout.write("".join(f"    {line}\n" for line in lines) + "\n")
        sys.stdout.flush()
        return reply
