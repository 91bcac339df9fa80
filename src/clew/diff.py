"""The differences between a commit and the working tree, as git tells them: asked without a shell and the user's settings for diffs."""

from __future__ import annotations

import os
import re
import subprocess
from typing import NamedTuple

from clew.errors import GitUnavailable, NoRepository, RevisionNotFound

NEAR = 3
_GIT = ("git", "-c", "core.quotepath=off", "-c", "core.fsmonitor=false", "-c", "diff.autoRefreshIndex=false")
_DIFF = (
    "diff", "--no-ext-diff", "--no-color", "--no-textconv", "--find-renames", "--unified=0", "--inter-hunk-context=0", "--full-index",
    "--relative", "--src-prefix=a/", "--dst-prefix=b/", "--diff-algorithm=myers", "--indent-heuristic", "--submodule=short",
    "--ignore-submodules=dirty", f"-O{os.devnull}",
)  # fmt: skip
_KEPT = ("GIT_CONFIG_", "GIT_EXEC_PATH", "GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
"""Variables that say how git is set up; the others would lead it to another repository or another form of its output."""
_SETTINGS = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)")
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"t": b"\t", b"n": b"\n", b"v": b"\v", b"f": b"\f", b"r": b"\r"}
_NO_BLOB = "0"


class Hunk(NamedTuple):
    """Lines that were replaced: so many from `old` by so many from `new`, counted from 1."""

    old: int
    old_count: int
    new: int
    new_count: int


class FileDiff(NamedTuple):
    """A file that differs."""

    path: str
    """Relative to the root, with `/`; of a file that is gone where it was."""
    before: str | None = None
    """Path in the commit; None for a new file."""
    blob: str | None = None
    """The id of what the commit has."""
    hunks: tuple[Hunk, ...] = ()
    is_gone: bool = False
    is_whole: bool = False
    """True where there are no lines to tell: a new file, or one that git takes for binary."""


def commit_of(root: str, revision: str, seconds: float | None = None) -> str:
    """The id of the commit that a revision means in the repository of a folder.

    Raises RevisionNotFound, with names that are written much like it; NoRepository; and GitUnavailable.
    """
    known = _said(root, ("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"), seconds, may_fail=True).decode().strip()
    if known:
        return known
    if revision == "HEAD":
        raise RevisionNotFound(
            "HEAD is no commit yet: nothing was committed here", hint="git add --all && git commit --message First", revision=revision
        )
    if revision.startswith(("HEAD~", "HEAD^")):
        raise RevisionNotFound(f"git knows no commit {revision!r}", hint="git log --oneline", revision=revision)
    from clew.near import near  # only who errs pays

    names = _said(root, ("for-each-ref", "--format=%(refname:short)"), seconds).decode(errors="replace").split("\n")
    candidates = near(revision, filter(None, names), NEAR)
    raise RevisionNotFound(f"git knows no commit {revision!r}", candidates=candidates, revision=revision)


def differences(root: str, commit: str, seconds: float | None = None) -> list[FileDiff]:
    """The files below a folder that differ from a commit, by path, with those that git neither tracks nor ignores.

    Raises NoRepository and GitUnavailable.
    """
    listed = parse(_said(root, (*_DIFF, commit, "--"), seconds))
    tracked = [file for file in listed if file.hunks or file.is_whole or file.is_gone or file.before != file.path]  # not a mode, or a time
    others = _said(root, ("ls-files", "--others", "--exclude-standard", "-z"), seconds)
    new = [FileDiff(path=_text(name), is_whole=True) for name in others.split(b"\0") if name]
    return sorted([*tracked, *new], key=lambda file: (file.path, not file.is_gone))


def present(root: str) -> list[str]:
    """The paths of the files below a folder that git tracks or would track, hidden ones and links among them.

    Raises NoRepository and GitUnavailable.
    """
    listed = _said(root, ("ls-files", "--cached", "--others", "--exclude-standard", "-z"), None)
    return [_text(name) for name in listed.split(b"\0") if name]


def contents(root: str, blobs: list[str], seconds: float | None = None) -> dict[str, bytes]:
    """The bytes of blobs by their ids; those that the repository does not have are left out."""
    if not blobs:
        return {}
    out = _said(root, ("cat-file", "--batch"), seconds, asked="".join(f"{blob}\n" for blob in blobs).encode())
    found: dict[str, bytes] = {}
    at = 0
    while at < len(out):
        end = out.index(b"\n", at)
        words = out[at:end].decode().split(" ")
        at = end + 1
        if words[-1].isdigit():
            size = int(words[-1])
            found[words[0]] = out[at : at + size]
            at += size + 1
    return found


def parse(patch: bytes) -> list[FileDiff]:
    """The files of a patch without context lines, in its order. Raises GitUnavailable for what is no such patch."""
    files: list[FileDiff] = []
    hunks: list[list[Hunk]] = []
    lines = patch.split(b"\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if line.startswith(b"diff --git "):
            path = _path_of(line.removeprefix(b"diff --git "))
            files.append(FileDiff(path=path, before=path))
            hunks.append([])
        elif line.startswith(b"@@ ") and files:
            hunk = _hunk(line)
            hunks[-1].append(hunk)
            at += hunk.old_count + hunk.new_count  # what follows of them, behind a missing line break, reads like no header
        elif files:
            files[-1] = _with_header(files[-1], line)
    return [file._replace(hunks=tuple(own)) for file, own in zip(files, hunks, strict=True)]


def _with_header(file: FileDiff, line: bytes) -> FileDiff:
    """A file with what one line of its header says."""
    if line.startswith(b"rename from "):
        return file._replace(before=_unquoted(line.removeprefix(b"rename from ")))
    if line.startswith(b"rename to "):
        return file._replace(path=_unquoted(line.removeprefix(b"rename to ")))
    if line.startswith(b"new file mode "):
        return file._replace(before=None, is_whole=True)
    if line.startswith(b"deleted file mode "):
        return file._replace(is_gone=True)
    if line.startswith(b"index "):
        blob = line.removeprefix(b"index ").partition(b"..")[0].decode()
        return file._replace(blob=blob if blob.strip(_NO_BLOB) else None)
    if line.startswith(b"Binary files "):
        return file._replace(is_whole=not file.is_gone)
    return file


def _hunk(line: bytes) -> Hunk:
    read = _HUNK.match(line)
    if read is None:
        raise GitUnavailable(f"git printed a diff that cannot be read: {line.decode(errors='replace')}")
    old, old_count, new, new_count = (1 if part is None else int(part) for part in read.groups())
    return Hunk(old, old_count, new, new_count)


def _path_of(names: bytes) -> str:
    """The path in `a/x.js b/x.js`; both are the same, unless lines that follow say otherwise."""
    return _unquoted(names[: len(names) // 2], prefix=b"a/")


def _unquoted(name: bytes, *, prefix: bytes = b"") -> str:
    """A path as git prints it: in quotes, with escapes, where it holds a quote, a backslash or a control character."""
    if name.startswith(b'"') and name.endswith(b'"') and len(name) > 1:
        name = _ESCAPE.sub(_unescaped, name[1:-1])
    return _text(name.removeprefix(prefix))


def _unescaped(escape: re.Match[bytes]) -> bytes:
    text = escape[1]
    return bytes([int(text, 8) & 0xFF]) if len(text) > 1 else _ESCAPES.get(text, text)


def _text(name: bytes) -> str:
    """A name that is not UTF-8 becomes one that no indexed file has."""
    return name.decode(errors="replace")


def _said(root: str, argv: tuple[str, ...], seconds: float | None, *, asked: bytes | None = None, may_fail: bool = False) -> bytes:
    """The output of git, run in a folder; with `may_fail` nothing where git fails."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name.startswith(_KEPT)}
    try:
        ran = subprocess.run(  # noqa: S603 - arguments of ours, a commit id, or a revision that does not begin with a dash
            [*_GIT, *argv],
            cwd=root,
            env={**environ, **_SETTINGS},
            input=asked if asked is not None else b"",
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GitUnavailable(f"git {argv[0]} was not done before the time of the question was over", again=("--deadline", "0")) from None
    except FileNotFoundError as error:
        raise GitUnavailable("git is not installed, or not on the PATH") from error
    except OSError as error:
        raise GitUnavailable(f"git cannot be run: {error.strerror or error}") from error
    if ran.returncode == 0:
        return ran.stdout
    complaint = ran.stderr.decode(errors="replace").strip()
    if "not a git repository" in complaint:
        raise NoRepository(f"{root} is in no git repository, so nothing says what changed")
    if may_fail and "safe.directory" not in complaint:
        return b""
    first, *more = complaint.split("\n")
    trust = next((line.strip() for line in more if line.strip().startswith("git config ")), None)
    raise GitUnavailable(f"git {argv[0]} failed: {first.removeprefix('fatal: ')}", hint=trust)
