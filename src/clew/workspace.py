"""Opens a root: where it is, who it is, its index, its settings."""

from __future__ import annotations

import os
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from clew.bounds import Bounds, Progress
from clew.errors import NoSuchFile, OutsideWorkspace, SessionNotFound, StoreUnavailable, UsageError
from clew.index.generation import Generation
from clew.index.opening import Index

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from clew.requests import FileProblem, Target

# os.path instead of pathlib throughout: this module is on the way of every call, and pathlib costs its import.

STATE = ".clew"
NEAR = 5


def find_root(explicit: str | None = None, folder: str | None = None) -> str:
    """The root of a call: the one named, else the nearest folder up with `.clew`, else with `.git`, else the current folder."""
    start = os.path.realpath(folder or os.getcwd())
    if explicit is not None:
        root = os.path.realpath(os.path.join(start, explicit))
        if not os.path.isdir(root):
            raise UsageError(f"--root {explicit}: no such folder")
        return root
    for mark in (STATE, ".git"):
        at = start
        while True:
            if os.path.exists(os.path.join(at, mark)):
                return at
            above = os.path.dirname(at)
            if above == at:
                break
            at = above
    return start


def state_folder(root: str) -> str:
    """The folder for what clew keeps about a root; made when missing, and ignored by git.

    A root that cannot be written has it under `$XDG_STATE_HOME/clew`. Raises StoreUnavailable when that cannot be written either.
    """
    inside = os.path.join(root, STATE)
    try:
        return _made(inside)
    except OSError:
        elsewhere = _state_folders(root)[1]
        try:
            return _made(elsewhere)
        except OSError as error:
            raise StoreUnavailable(
                f"Neither {inside} nor {elsewhere} can be written; set XDG_STATE_HOME to a folder that can be"
            ) from error


def known_state(root: str) -> str | None:
    """The folder that keeps what clew knows about a root; None where there is none yet."""
    return next((folder for folder in _state_folders(root) if os.path.isdir(folder)), None)


def _state_folders(root: str) -> tuple[str, str]:
    """The folder inside of the root, and the one for a root that cannot be written."""
    from clew._native import digest

    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(root, STATE), os.path.join(base, "clew", digest(os.fsencode(root))[:16])


def _made(folder: str) -> str:
    if not os.path.isdir(folder):
        os.makedirs(folder, mode=0o700, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(folder)
    rules = os.path.join(folder, ".gitignore")
    if not os.path.exists(rules):
        with open(rules, "w", encoding="utf-8") as stream:
            stream.write("*\n")
    return folder


MARK = "CLEW_RUN"
"""The name of the mark that commands of a pipeline have in their environment."""


class Workspace:
    """A root, and what clew knows of it."""

    def __init__(self, root: str, state: str, progress: Progress | None = None) -> None:
        self.root = root
        self.state = state
        self.progress = progress or Progress()
        self.index = Index(root, state, self.progress)
        self.moved: list[FileProblem] = []
        """Addresses of the question that were found elsewhere in their files than they say."""
        self.finished: list[Any] = []
        """Applies that another process left in the middle and that this one finished (`clew.edits.journal.Entry`), with files in them
        that somebody else wrote meanwhile; until a reply told it."""
        self.terminal: Callable[[int, bytes], None] | None = None
        """Takes the output of a command that is run, as it comes; None where nobody sees it."""
        self.holds: tuple[int, ...] = ()
        """Descriptors that a command which is run keeps open: locks that are held as long as anything of it lives."""
        self.mark: str | None = None
        """A mark that a command which is run, and what it starts, has in its environment as `MARK`."""
        self.folder: str | None = None
        """The folder that commands are run in; None is the current one."""
        self.commands_cpu = 0.0
        """CPU seconds of the commands that were run here."""
        self.entry: str | None = None
        """The id of the entry that the next apply makes; None for one that nobody knows before. Where the journal has it, it was made."""
        self.step: Callable[[str], tuple[str, bytes, dict[str, str]]] = _no_step
        """Reads a step by its address: its operation, its result, and the digests of the files behind it."""
        self.asked: Callable[[str], bytes] = _no_question
        """Reads the request of a step by its address, as JSON; empty where it was redacted."""
        self.edits: Callable[[], Iterable[Any]] = tuple
        """Gives the steps of edits of all sessions, newest first (`clew.edits.who.RecordedEdit`); none where nobody records."""
        self.addressed: Callable[[str], tuple[Target, ...] | None] = _no_results
        """Tells what the address of a result (`@2.3`) means in the tree as it is; None for any other address."""
        self.is_bound = False
        """True where a caller may name no file outside of the root."""
        self._generation: Generation | None = None
        self._is_cancelled = False
        self._looked_at = float("-inf")

    @classmethod
    def open(cls, root: str | None = None, *, folder: str | None = None, progress: Progress | None = None) -> Workspace:
        """The workspace of a call made in `folder` (default: the current one), below `root` when one is named.

        What it is doing stands in `progress`.
        """
        found = find_root(root, folder)
        return cls(found, state_folder(found), progress)

    @property
    def generation(self) -> Generation:
        """The tree as it was when this call first asked; see `refresh`."""
        if self._generation is None:
            self._generation = self.index.generation()
        return self._generation

    def refresh(self) -> Generation:
        """The tree as it is on disk now."""
        self._generation = self.index.generation()
        return self._generation

    def look_again(self, asked_at: float | None = None) -> None:
        """Follow what changed on disk until a moment of `time.monotonic`, or until now.

        A look that began later has seen all of it, so questions that waited in line share one.
        """
        if asked_at is not None and asked_at <= self._looked_at:
            return
        began = time.monotonic()
        if self._generation is not None and self._generation.is_stale():
            self.refresh()
        self._looked_at = began

    def settle(self, most_answers: int) -> None:
        """Between two questions of a process that lives on: what was parsed is said once, and a linker that keeps more is let go."""
        if self._generation is not None:
            self._generation.parsed = 0
            self._generation.let_go(most_answers)

    def wanted(self) -> None:
        """A call begins: what was cancelled before it is over."""
        self._is_cancelled = False

    @property
    def is_wanted(self) -> bool:
        """False once the question that is being answered was cancelled."""
        return not self._is_cancelled

    def cancel(self) -> None:
        """End the question that is being answered, from any thread: it raises Cancelled."""
        self._is_cancelled = True
        if self._generation is not None:
            self._generation.bounds.cancel()

    def begin(self, seconds: float | None = None, *, rows: int | None = None) -> Bounds:
        """Begin a question: it has so many seconds from when the index is fresh, and no use for more rows; None and 0 are no bound."""
        generation = self.generation
        bounds = Bounds(seconds or None, rows=rows or None, progress=self.progress)
        self.moved = []
        generation.bound(bounds)
        if self._is_cancelled:
            bounds.cancel()  # it came before there was something to cancel
        bounds.require_wanted()
        self.progress.report("answering")
        return bounds

    @cached_property
    def identity(self) -> str:
        """The identity of this workspace in a store that many share: `CLEW_WORKSPACE`, else random and kept in the state folder."""
        named = os.environ.get("CLEW_WORKSPACE")
        if named:
            return named
        path = os.path.join(self.state, "workspace")
        for _ in range(2):
            try:
                with open(path, encoding="ascii") as stream:
                    known = stream.read().strip()
                if known:
                    return known
            except FileNotFoundError:
                pass
            _write_once(path, os.urandom(16).hex())
        raise OSError(f"{path} cannot be written")

    def head(self) -> str | None:
        """The commit that git has checked out, read from git's files; None outside git or before the first commit."""
        from clew.git import head

        return head(self.root)

    def resolve_path(self, text: str, folder: str | None = None) -> str:
        """A path as a person typed it, relative to the root, with `/`.

        It is looked up from `folder` (default: the current one), then from the root. Raises OutsideWorkspace, or NoSuchFile with
        near names.
        """
        bases = (folder or os.getcwd(), self.root)
        inside = [relative for base in bases if (relative := self.relative(os.path.join(base, text))) is not None]
        for relative in inside:
            if os.path.lexists(os.path.join(self.root, relative)):
                return relative
        if not inside:
            raise OutsideWorkspace(f"{text} is outside of {self.root}")
        raise NoSuchFile(f"no file {text} below {self.root}", given=text, candidates=self._near(inside[-1]))

    def resolve_folder(self, text: str, folder: str | None = None) -> str:
        """A folder as a person typed it, relative to the root, with `/`; `.` for the root itself.

        It is looked up from `folder` (default: the current one), then from the root. Raises OutsideWorkspace, or NoSuchFile with
        near names.
        """
        bases = (folder or os.getcwd(), self.root)
        inside = [relative for base in bases if (relative := self.relative(os.path.join(base, text))) is not None]
        for relative in inside:
            if os.path.isdir(os.path.join(self.root, relative)):
                return relative
        if not inside:
            raise OutsideWorkspace(f"{text} is outside of {self.root}")
        from clew.near import near  # only who errs pays

        parents = {path.rpartition("/")[0] for path in self.generation.paths()}
        folders = {"/".join(parts[:most]) for parts in (parent.split("/") for parent in parents) for most in range(1, len(parts) + 1)}
        wanted = inside[-1]
        alike = [known for known in sorted(folders) if known.rpartition("/")[2] == wanted.rpartition("/")[2]]
        candidates = tuple(dict.fromkeys([*alike, *near(wanted, folders - {""})]))[:NEAR]
        raise NoSuchFile(f"no folder {text} below {self.root}", given=text, candidates=candidates)

    def relative(self, path: str) -> str | None:
        """The root-relative POSIX form of an absolute path; None when it leads, by itself or by a link, out of the root."""
        plain = os.path.normpath(path)
        for candidate in (plain, os.path.realpath(plain)):
            if not _below(self.root, candidate):
                continue
            if _below(self.root, os.path.realpath(candidate)):
                return os.path.relpath(candidate, self.root).replace(os.sep, "/")
        return None

    def _near(self, path: str) -> tuple[str, ...]:
        """Files whose names are like the one that was asked for."""
        from clew.near import near  # only who errs pays

        by_name: dict[str, list[str]] = {}
        for entry in self.generation.files():
            by_name.setdefault(entry.path.rsplit("/", 1)[-1], []).append(entry.path)
        name = path.rsplit("/", 1)[-1]
        same = by_name.get(name, [])
        close = [found for alike in near(name, by_name, NEAR) for found in by_name[alike]]
        return tuple(dict.fromkeys([*same, *close]))[:NEAR]


def _no_step(ref: str) -> tuple[str, bytes, dict[str, str]]:
    raise SessionNotFound(f"There are no sessions here that could have {ref}")


def _no_results(text: str) -> tuple[Target, ...] | None:
    if text.startswith("@"):
        raise SessionNotFound(f"There are no sessions here that could have {text}")
    return None


def _no_question(ref: str) -> bytes:
    raise SessionNotFound(f"There are no sessions here that could have {ref}")


def _below(root: str, path: str) -> bool:
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _write_once(path: str, text: str) -> None:
    """Writes a small file unless another process was first."""
    own = f"{path}.{os.getpid()}"
    with open(own, "w", encoding="ascii") as stream:
        stream.write(text)
    try:
        os.link(own, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(own)
