"""Is everything that clew keeps about a root whole? What is not is named; with `repair` what can be read is kept."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from clew._native import VERSION
from clew.errors import ClewError, NotAllowed, StoreUnavailable
from clew.running.opening import open_sessions
from clew.running.replies import SHOWN_WARNINGS, Reply
from clew.sessions.doctor import examine_folder, examine_store
from clew.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.bounds import Progress


def doctor(root: str | None, environ: Mapping[str, str], *, repair: bool, progress: Progress | None = None) -> Reply:
    """Look at the sessions and the index of a root. `failed` is set when something is wrong and was not mended."""
    workspace = Workspace.open(root, progress=progress)
    reply: Reply = {
        "operation": "doctor",
        "version": VERSION,
        "python": ".".join(map(str, sys.version_info[:3])),
        "platform": sys.platform,
        "root": workspace.root,
        "state": workspace.state,
        "durability": "normal" if environ.get("CLEW_DURABILITY") == "normal" else "full",
    }
    reply["sessions"], problems = _sessions(workspace, environ, repair=repair)
    try:
        generation = workspace.generation
        reply["index"] = {"files": sum(1 for _ in generation.files()), "parsed": generation.parsed}
        if generation.warnings:
            reply["warnings"] = generation.warnings[:SHOWN_WARNINGS]
    except ClewError as error:
        reply["index"] = {"problem": error.message}
        problems = [*problems, error.message]
    if problems:
        reply["failed"] = True
    return reply


def _sessions(workspace: Workspace, environ: Mapping[str, str], *, repair: bool) -> tuple[Reply, list[str]]:
    """The report on the store, and the problems that are left."""
    if environ.get("CLEW_STORE"):
        if repair:
            raise NotAllowed(
                "A store on PostgreSQL is not repaired from here: its pages and log are the server's, and other machines write to it;"
                " restore a backup of the database, or take the named sessions away",
                hint="clew sessions delete --help",
            )
        sessions = open_sessions(workspace, environ)
        try:
            found = examine_store(sessions.store)
        finally:
            sessions.close()
        return {"sessions": found.sessions, "steps": found.steps, "problems": found.problems}, list(found.problems)
    try:
        report = examine_folder(workspace.state, durability=environ.get("CLEW_DURABILITY") or "full", repair=repair)
    except StoreUnavailable as error:
        return {"problems": [error.message]}, [error.message]
    said: Reply = {"store": os.path.relpath(report.store, workspace.root), "sessions": report.sessions, "steps": report.steps}
    said["bytes"] = report.bytes
    if report.problems:
        said["problems"] = report.problems
    if report.repaired:
        said.update(repaired=report.repaired, kept=report.kept)
    return said, [] if report.repaired else list(report.problems)
