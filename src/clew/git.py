"""The commit and branch that git has checked out, read from its files: starting git costs more than answering a question."""

from __future__ import annotations

import os


def head(root: str) -> str | None:
    """The commit id of HEAD for the repository that `root` lies in; None when there is none."""
    folder = _git_folder(root)
    return None if folder is None else _resolve(folder, "HEAD", 0)


def remotes(root: str) -> list[str]:
    """The addresses of the remotes of the repository that `root` lies in, `origin` first."""
    folder = _git_folder(root)
    common = _read(os.path.join(folder, "commondir")) if folder else None
    lines = (_read(os.path.join(folder, common or "", "config")) or "").splitlines() if folder else []
    found: list[tuple[bool, str]] = []
    section = ""
    for line in map(str.strip, lines):
        key, equals, value = line.partition("=")
        if line.startswith("["):
            section = line
        elif section.startswith("[remote ") and equals and key.strip() == "url":
            found.append((section != '[remote "origin"]', value.strip()))
    return [url for _, url in sorted(found, key=lambda remote: remote[0])]


def _read(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as stream:
            return stream.read().strip()
    except OSError:
        return None


def _git_folder(root: str) -> str | None:
    """The git folder of a checkout or of a linked worktree, whose `.git` is a file that names it."""
    at = root
    while True:
        git = os.path.join(at, ".git")
        if os.path.isdir(git):
            return git
        pointer = _read(git)
        if pointer is not None and pointer.startswith("gitdir:"):
            return os.path.normpath(os.path.join(at, pointer.removeprefix("gitdir:").strip()))
        above = os.path.dirname(at)
        if above == at:
            return None
        at = above


def _resolve(folder: str, name: str, depth: int) -> str | None:
    common = _read(os.path.join(folder, "commondir"))
    shared = os.path.normpath(os.path.join(folder, common)) if common else folder
    text = _read(os.path.join(folder, name)) or _read(os.path.join(shared, name)) or _packed(shared, name)
    if text is None or not text.startswith("ref:"):
        return text
    return _resolve(folder, text.removeprefix("ref:").strip(), depth + 1) if depth < 5 else None  # noqa: PLR2004 - git's own bound


def _packed(folder: str, name: str) -> str | None:
    for line in (_read(os.path.join(folder, "packed-refs")) or "").splitlines():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return commit
    return None
