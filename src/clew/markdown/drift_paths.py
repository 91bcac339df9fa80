"""Paths in prose at which nothing stands any more."""

from __future__ import annotations

import os
import posixpath
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from clew.index.prose import Code
from clew.markdown.drifted import Drifted
from clew.markdown.past import is_of_the_past, is_placeholder
from clew.markdown.paths import GENERIC, OF_ANY, paths_in
from clew.near import near

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.markdown.documents import Document
    from clew.markdown.paths import Evidence, PathBook, PathText
    from clew.markdown.regions import Region, Regions

_BUILT = frozenset(
    """
    dist build out coverage node_modules tmp temp target bin .git vendor public log logs .cache generated umd esm cjs
    """.split()  # noqa: SIM905 - words are read more easily
)
"""Folders of what is built or installed: a tree need not hold them."""
_HOSTED = re.compile(r"//[\w.-]+/([\w.-]+)/([\w.-]+)/(?:-/)?(?:blob|tree|edit)/(?:main|master|HEAD|develop|dev|next|trunk)/([^?]+)")
_FILE = re.compile(r"^(?:\.{0,2}/)?(?:[\w@.+-]+/)+[\w@.+-]*[\w-]\.([A-Za-z][A-Za-z0-9]{0,4})$")
_FOLDER = re.compile(r"^(?:\.{1,2}/)*(?:(?!\.{1,2}/)[\w@.+-]+/){2,}$")
_MAKING = re.compile(rb"(?i)\b(?:creat(?:e|ing)|write|make|put|place|name)\b[^.;]*$")
_ADDING = re.compile(r"(?:add|creat|writ|mak)(?:e|ing)?\b", re.IGNORECASE)
_SERVED = frozenset({"public", "static"})
"""Folders whose files a site has at its root."""
_FURTHEST = 80
_CONVENTION = 10
"""Number of paths that are there, for each that is not, which makes a folder one that a document counts from."""
_TOLD = 3
"""Number of files of a folder that are there, if also twice the paths that are not, which makes another one of it certain."""
_LOST = 4
"""Number of paths that lead nowhere, if also more than those that lead somewhere, of a document that tells of another tree."""
_PLACES = frozenset({b"<", b"*", b"{", b"$", b"[", b"%"})
_SHOWING = frozenset({"console", "shellsession", "shell-session", "terminal"})
"""Languages of blocks with prompts and what commands print."""
_SHELLS = frozenset({"sh", "bash", "shell", "console", "zsh", "shellsession", "terminal", "shell-session"})
_PROMPTED = re.compile(rb"^[ \t]*[$>%] \S", re.MULTILINE)
_WRITTEN = re.compile(rb"(?i)(?:(?<![\w-])-o|--[\w-]*(?:out|dest|report|save|log|cache)[\w-]*)(?:=|[ \t]+)['\"]?$|>[ \t]*$")
"""The end of a command line before a path that the command writes."""


class _Habits(NamedTuple):
    """The style of those paths of a document that are there."""

    bases: tuple[str, ...]
    """The folders that nearly all count from."""
    folders: frozenset[str]
    """The folders of which several files are named."""


def drifted_paths(book: PathBook, root: str, document: Document, regions: Regions) -> Iterator[Drifted]:
    """The paths of a document that lead to nothing in the tree or on disk."""
    source = document.source or b""
    lost: list[PathText] = []
    counted: Counter[str] = Counter()
    beside: Counter[str] = Counter()
    for text in paths_in(source):
        hosted = _HOSTED.search(text.text) if "//" in text.text else None
        if hosted is not None:
            yield from _hosted(book, root, document, text, hosted)
        elif _is_path(text, source, regions.at(text.start), book):
            meant = book.meant(document.path, text.text)
            if meant is None:
                lost.append(text)
            else:
                counted[meant.base] += 1
                beside[posixpath.dirname(meant.path)] += 1
    habits = _Habits(
        tuple(base for base, count in counted.items() if count >= _CONVENTION * max(len(lost), 1)),
        frozenset(folder for folder, count in beside.items() if count >= max(_TOLD, 2 * len(lost))),
    )
    is_of_another_tree = len({text.text for text in lost}) > max(counted.total(), _LOST)
    for text in lost:
        found = _judged(book, root, document, text, habits)
        if found is not None:
            is_unsure = is_of_another_tree or _is_title(document, text) or _is_to_be_made(document, text)
            yield found._replace(evidence="possible") if is_unsure else found


def _hosted(book: PathBook, root: str, document: Document, text: PathText, hosted: re.Match[str]) -> Iterator[Drifted]:
    """A path of this repository on the net that is not in the tree."""
    owner, name, path = hosted[1].lower(), hosted[2].lower().removesuffix(".git"), hosted[3]
    plain, source = path.rstrip("/"), document.source or b""
    if source[text.end : text.end + 1] in _PLACES:
        return  # goes on with what is no path as it stands
    is_there = plain in book.folders or book.at_root(plain) is not None or os.path.lexists(os.path.join(root, plain))
    if (owner, name) in book.repositories and not is_there:
        evidence: Evidence = "possible" if is_of_the_past(document, text.start) else "exact"
        start = text.end - len(path.encode())
        yield Drifted(document, start, text.end, "path", evidence, path, _alike(book, path), f"no file or folder {path}")


def _is_path(text: PathText, source: bytes, region: Region, book: PathBook) -> bool:
    if region.kind not in {"span", "block", "text", "heading"} or "//" in text.text or "@" in text.text[1:] or text.text.startswith("/"):
        return False
    if region.kind == "block" and not (isinstance(region.thing, Code) and _is_typed(source, text, region.thing)):
        return False
    if region.kind == "span" and (text.start, text.end) != (region.start, region.end) and source[region.start : text.start].strip():
        return False  # a part of code
    if source[max(text.start - 2, 0) : text.start] == b"](":
        return False  # a link that is commented out
    if source[max(text.start - 1, 0) : text.start] in _PLACES or source[text.end : text.end + 1] in _PLACES | {b"("}:
        return False
    found = _FILE.match(text.text)
    if found is not None:
        return f".{found[1]}" in book.endings
    return _FOLDER.match(text.text) is not None and region.kind == "span"


def _is_to_be_made(document: Document, text: PathText) -> bool:
    """True for a file that prose tells to make, by the words before it or by what its section is about."""
    source, section = document.source or b"", document.section_around(text.start)
    line = source[source.rfind(b"\n", 0, text.start) + 1 : text.start]
    return _MAKING.search(line) is not None or any(_ADDING.match(title) for title in (section.trail if section else ()))


def _is_title(document: Document, text: PathText) -> bool:
    """True for a path alone in its line, or at the end of one that goes on with a block of code: the reader makes a file of it."""
    source = document.source or b""
    line = source[source.rfind(b"\n", 0, text.start) + 1 : (source + b"\n").index(b"\n", text.end)]
    is_alone = line.strip(b" #*_`:>").decode("utf-8", "replace") == text.text or line.rstrip(b" *_`\r").endswith(b":")
    blocks = (block for block in document.prose.code if block.start > text.end and block.language not in _SHELLS)
    return is_alone and any(not source[text.end : block.start].strip(b" \t\r\n*_`:") for block in blocks)


def _is_typed(source: bytes, text: PathText, block: Code) -> bool:
    """True for a word of a command that it does not write to; in a block that shows prompts what stands behind none was printed."""
    line = source[max(source.rfind(b"\n", 0, text.start) + 1, block.content_start) : text.start]
    if block.language not in _SHELLS or _WRITTEN.search(line[-_FURTHEST:]):
        return False
    is_showing = block.language in _SHOWING or _PROMPTED.search(source, block.content_start, block.content_end) is not None
    return not is_showing or line.lstrip(b" >").startswith((b"$", b"%", b"#", b"PS")) or _PROMPTED.match(line) is not None


def _judged(book: PathBook, root: str, document: Document, text: PathText, habits: _Habits) -> Drifted | None:
    """A path with nothing behind it, and whether the tree says that it meant something there."""
    plain = text.text.removeprefix("./").rstrip("/")
    if is_placeholder(plain) or "generated" in plain or not _BUILT.isdisjoint(plain.split("/")):
        return None
    folder = posixpath.dirname(document.path)
    bases = [folder] if text.text.startswith(".") else list(dict.fromkeys(("", book.package_around(document.path), folder, *habits.bases)))
    places = [posixpath.normpath(posixpath.join(base, plain)) for base in bases]
    is_from_root = plain.split("/")[0] in book.top and not text.text.startswith(".")
    left_out = places[:1] if is_from_root else places
    if any(os.path.lexists(os.path.join(root, place)) for place in places) or any(map(book.is_left_out, left_out)):
        return None
    if plain.endswith(".html") and any(book.at_root(page) for place in places for page in _pages(place)):
        return None  # what is built of a document
    if not _SERVED.isdisjoint(part for path in book.by_name.get(posixpath.basename(plain), ()) for part in path.split("/")):
        return None  # a file of a site, by its address
    at = [above for place in places if (above := posixpath.dirname(place)) in book.folders]
    moved = book.by_name.get(posixpath.basename(plain), ())
    alike = _alike(book, posixpath.join(at[0], posixpath.basename(plain))) if at else ()
    if not at and not moved:
        return None
    is_moved = len(moved) == 1 and posixpath.basename(plain).partition(".")[0].lower() not in GENERIC
    is_of_any = posixpath.dirname(plain) in OF_ANY
    is_deep = "/" in posixpath.dirname(plain)
    is_by_convention = any(posixpath.dirname(posixpath.join(base, plain)) in at for base in habits.bases if base)
    is_sure = bool(at) and (is_deep or (bool(alike) and not is_of_any) or is_moved or is_by_convention or not habits.folders.isdisjoint(at))
    is_sure = is_sure or (is_moved and is_from_root)
    if text.text.startswith(("./", "../")):  # counts from a folder that prose rarely says: only what is almost there was meant
        is_near = is_moved and all(one.startswith(f"{folder}/" if folder else "") for one in moved)
        is_sure = is_near or any(posixpath.splitext(one)[1] == posixpath.splitext(plain)[1] for one in alike)
    is_of_tool = plain.startswith(".") and plain.split("/")[0] not in book.top  # `.vscode/settings.json`
    evidence: Evidence = "inferred" if is_sure and not is_of_tool and not is_of_the_past(document, text.start) else "possible"
    candidates = tuple(dict.fromkeys([*moved[:1], *alike]))[:2]
    return Drifted(document, text.start, text.end, "path", evidence, plain, candidates, f"no file or folder {plain}")


def _pages(place: str) -> Iterator[str]:
    stem = place.removesuffix(".html").removesuffix("/index")
    return (f"{stem}{tail}{ending}" for tail in ("", "/index", "/README") for ending in (".md", ".mdx"))


def _alike(book: PathBook, path: str) -> tuple[str, ...]:
    """The files of its folder that are called almost so, else one of its name elsewhere."""
    folder, name = posixpath.split(path)
    stem = name.partition(".")[0]
    beside = {found.partition(".")[0]: found for found in book.names_in(folder)}
    close = [beside[one] for one in near(stem, beside, 3) if one != stem or beside[one] != name]
    elsewhere = book.by_name.get(name, ())
    return tuple(posixpath.join(folder, one) for one in close[:1]) or tuple(elsewhere[:1] if len(elsewhere) == 1 else ())
