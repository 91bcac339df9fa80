"""Places that mention a path that moves, where nothing reads them as one."""

from __future__ import annotations

import os
import posixpath
import re
from typing import TYPE_CHECKING, NamedTuple

from clew.edits.moves import names, relative, stem
from clew.edits.settings import joined
from clew.index.rows import CODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from clew.edits.moves import Moves
    from clew.index.generation import Generation

_PATH = rb"[^\s'\"`()\[\]{},;:<>=|*!\\]"
_BEFORE = re.compile(_PATH + rb"*$")
_AFTER = re.compile(_PATH + rb"*")
_RELATIVE = re.compile(rb"(?<=['\"`])\.\.?/[^'\"`\s$]*(?=['\"`])")
_FURTHEST = 200


class Mention(NamedTuple):
    """A place, and why it is left as it is."""

    path: str
    start: int
    why: str


def mentions(
    generation: Generation,
    moves: Moves,
    source: Callable[[int], bytes | None],
    read: Callable[[Sequence[int]], Mapping[str, Sequence[tuple[int, int]]]],
) -> Iterator[Mention]:
    """The mentions, by file and place; `read` gives for files the spans, by path, that something reads, which are told otherwise."""
    known = _known(moves)
    hits: dict[int, list[int]] = {}
    for hit in generation.text(_pattern(moves), regex=True):
        hits.setdefault(hit.file, []).append(hit.start)
    moved = {file: path for path in moves.files if (file := generation.id_of(path)) is not None}
    packages = {posixpath.dirname(path) for path in generation.paths() if posixpath.basename(path) == "package.json"}
    concerned = sorted({*hits, *(file for file in moved if generation.flags_of(file) & CODE)})
    spans_read = read(concerned)
    for file in concerned:
        content = source(file)
        if content is None:
            continue
        path = generation.path_of(file)
        spans = spans_read.get(path, ())
        found: dict[int, Mention] = {}
        for at in hits.get(file, ()):
            start, text = _token(content, at)
            if any(one <= start < end for one, end in spans) or start in found:
                continue
            if _means(text, path, moves, known, packages):
                found[start] = Mention(path, start, _why(generation, file, content, start))
        if file in moved:
            for token in _RELATIVE.finditer(content):
                start = token.start()
                is_read = any(one <= start < end for one, end in spans)
                if (
                    start not in found
                    and not is_read
                    and _is_there(generation, token.group(), path)
                    and _shifts(token.group(), path, moves)
                ):
                    found[start] = Mention(path, start, "a path from the folder of this file, which is another one then")
        yield from (found[start] for start in sorted(found))


def _known(moves: Moves) -> frozenset[str]:
    return frozenset(name for path in moves.files for name in names(path) if name)


def _pattern(moves: Moves) -> str:
    """A pattern that every mention fits: the last part of the path, beside a slash or with its extension."""
    if moves.folder is not None:
        last = re.escape(posixpath.basename(moves.folder[0]))
        return rf"/{last}|{last}/"
    (path,) = moves.files
    name = posixpath.basename(path)
    if stem(name) == "index":
        above = re.escape(posixpath.basename(posixpath.dirname(path)))
        return rf"{above}/index|/{above}" if above else r"\./index"
    return rf"/{re.escape(stem(name))}|{re.escape(name)}"


def _token(content: bytes, at: int) -> tuple[int, str]:
    before = _BEFORE.search(content, max(at - _FURTHEST, 0), at)
    start = before.start() if before else at
    after = _AFTER.match(content, at, at + _FURTHEST)
    if content[at : at + 1] == b"/" and after is None:
        after = _AFTER.match(content, at + 1, at + _FURTHEST)
    text = content[start : after.end() if after else at].decode("utf-8", "replace")
    return start, text.rstrip(".?#").partition("?")[0].partition("#")[0]


def _means(text: str, path: str, moves: Moves, known: frozenset[str], packages: set[str]) -> bool:
    """True where a text is the path of something that moves: from the folder of its file, from its package, or from the root."""
    plain = text.rstrip("/")
    if moves.folder is None and plain != text:
        return False
    if "/" not in plain and not any(posixpath.basename(of) == plain for of in moves.files):
        return False
    folder = posixpath.dirname(path)
    package = folder
    while package and package not in packages:
        package = posixpath.dirname(package)
    if plain.startswith(".") or joined(folder, plain) in moves.files:
        return _names(joined(folder, plain), moves, known) and (path not in moves.files or _shifts(plain.encode(), path, moves))
    return any(_names(joined(base, plain.lstrip("/")), moves, known) for base in {package, ""})


def _names(meant: str, moves: Moves, known: frozenset[str]) -> bool:
    return meant in known or moves.folder_after(meant) != meant


def _is_there(generation: Generation, text: bytes, path: str) -> bool:
    """True where a path from the folder of a file leads to something on disk."""
    return os.path.exists(os.path.join(generation.root, joined(posixpath.dirname(path), text.decode("utf-8", "replace"))))


def _shifts(text: bytes, path: str, moves: Moves) -> bool:
    """True where a path from the folder of a file that moves no longer leads to the same."""
    folder = posixpath.dirname(path)
    meant = joined(folder, text.decode("utf-8", "replace"))
    after = moves.named_after(meant, None) or meant
    return relative(after, posixpath.dirname(moves.after(path))) != relative(meant, folder)


def _why(generation: Generation, file: int, content: bytes, start: int) -> str:
    if not generation.flags_of(file) & CODE:
        return "text that is not read as a path here"
    return "a string that is no import" if content[start - 1 : start] in (b"'", b'"', b"`") else "a comment or other text"
