"""`clew init`: ten lines for agents in AGENTS.md, between marks of ours, and a skill for those that read skills."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from typing import TYPE_CHECKING, Any

from clew.errors import NotAllowed, OutsideWorkspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace

FILE = "AGENTS.md"
SKILL = ".agents/skills/clew/SKILL.md"
BEGIN = "<!-- clew: begin, written by `clew init`, taken out by `clew init --remove` -->"
END = "<!-- clew: end -->"

LINES = (
    BEGIN,
    "## Questions about this code: clew",
    "- Begin: `js-scan --session-start TASK --search NAME --json`. Go on, from any process: `js-scan --from TASK --callers --json`.",
    "- Without a target a question is about what TASK found; pick rows with `--match 2`, or name them: `@2`, `file.js:12`, `Class#method`.",
    "- `--search --text --references --callers --callees --ripple --tests --context-slice --outline --dead-code`; more: `js-scan --help`.",
    "- `complete:false` says in `why` what is not known, `--possible` lists it: never read such an answer as safe.",
    "- Before a change: `js-scan --from TASK --ripple --if signature --json`; after it: `js-scan --tests --changed --json`, and `run` it.",
    "- Edits are plans: `js-edit --from TASK --rename --to NEW --json`, then `js-edit --from TASK --fix --json`; back: `--undo`.",
    "- Less: `--budget 3000`; more: `js-scan --after NEXT --json`. Back again: `clew resume --json`. Why: `clew note 'TEXT' --from TASK`.",
    END,
)
"""The block, marks included."""

SKILL_TEXT = f"""\
---
name: clew
description: Questions about JavaScript and TypeScript code (definitions, callers, ripple of a change, tests to run), as steps of a session.
---

{chr(10).join(LINES[1:-1])}
"""


def init(workspace: Workspace, _: Sessions, words: list[str], flags: Mapping[str, Any]) -> Reply:
    """Write the block, or with `--remove` take it out; with `--skill` the skill too. What is there already is never overwritten.

    Raises NotAllowed for marks that are there twice or half, for a skill that somebody changed, and for what cannot be written;
    OutsideWorkspace for links that lead out of the root.
    """
    del words
    reply: Reply = {"operation": "init", "file": FILE, "done": _block(workspace, remove=bool(flags.get("remove")))}
    if flags.get("skill"):
        reply["skill"] = {"file": SKILL, "done": _skill(workspace, remove=bool(flags.get("remove")))}
    return reply


def _block(workspace: Workspace, *, remove: bool) -> str:
    """Done to the block in AGENTS.md: written, updated, removed or unchanged."""
    path = _inside(workspace, FILE)
    before = _read(path)
    ends = "\r\n" if before is not None and "\r\n" in before else "\n"
    block = ends.join(LINES) + ends
    text = before or ""
    begins, closes = text.count(BEGIN), text.count(END)
    if (begins, closes) not in {(0, 0), (1, 1)} or text.find(BEGIN) > text.find(END):
        raise NotAllowed(f"{FILE} has the marks of clew {max(begins, closes)} times, or half of them; it was left as it is")
    if not begins:
        if remove:
            return "unchanged"
        gap = "" if not text or text.endswith(ends * 2) else ends if text.endswith(ends) else ends * 2
        _write(path, f"{text}{gap}{block}")
        return "written"
    start = text.index(BEGIN)
    rest = text.index(END) + len(END)
    rest += len(ends) if text.startswith(ends, rest) else 0
    if remove:
        head = text[:start].removesuffix(ends) if text[:start].endswith(ends * 2) and not text[rest:].strip() else text[:start]
        left = head + text[rest:]
        if left.strip():
            _write(path, left)
        else:
            os.unlink(path)
        return "removed"
    after = text[:start] + block + text[rest:]
    if after == text:
        return "unchanged"
    _write(path, after)
    return "updated"


def _skill(workspace: Workspace, *, remove: bool) -> str:
    path = _inside(workspace, SKILL)
    before = _read(path)
    if before is not None and before != SKILL_TEXT:
        raise NotAllowed(f"{SKILL} is there, and not as clew writes it; it was left as it is")
    if remove:
        if before is None:
            return "unchanged"
        os.unlink(path)
        with contextlib.suppress(OSError):  # others keep skills beside it
            os.removedirs(os.path.dirname(path))
        return "removed"
    if before is not None:
        return "unchanged"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    _write(path, SKILL_TEXT)
    return "written"


def _inside(workspace: Workspace, path: str) -> str:
    """The absolute path of a file below the root, links followed. Raises OutsideWorkspace for one that leads out."""
    found = os.path.realpath(os.path.join(workspace.root, path))
    if workspace.relative(found) is None:
        raise OutsideWorkspace(f"{path} is a link that leads out of {workspace.root}; it was left as it is")
    return found


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", newline="") as stream:
            return stream.read()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise NotAllowed(f"{path} cannot be read: {error}") from error


def _write(path: str, text: str) -> None:
    """Replace a file at once, with its mode; a file that could not be written itself is not replaced either."""
    mode = stat.S_IMODE(os.stat(path).st_mode) if os.path.exists(path) else 0o644
    if os.path.exists(path) and not os.access(path, os.W_OK):
        raise NotAllowed(f"{path} cannot be written")
    try:
        number, own = tempfile.mkstemp(dir=os.path.dirname(path), prefix=".clew-")
    except OSError as error:
        raise NotAllowed(f"{path} cannot be written: {error.strerror}") from error
    try:
        with open(number, "w", encoding="utf-8", newline="") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(own, mode)
        os.replace(own, path)
    except OSError as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(own)
        raise NotAllowed(f"{path} cannot be written: {error.strerror}") from error
