"""Destinations of links as they are written: their parts, and other parts in place of these."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from clew.edits.moves import relative
from clew.edits.plans import TextEdit
from clew.markdown.percent import quote, unquote

if TYPE_CHECKING:
    from clew.index.prose import Link

_RESERVED = frozenset("%#?\\<>\"'`{}|^")
"""Letters that mean something else in a destination, whoever reads it. CommonMark 0.31, link destinations; RFC 3986, 2.2."""
_NO_FRAGMENT = frozenset("%\\<>\"'`{}|^")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_ENDINGS = (".md", ".mdx", ".markdown", "/index.md", "/index.mdx", "/README.md")
"""Endings that a link to a document may leave out, as sites have them."""


class Written(NamedTuple):
    """A destination, in its parts."""

    path: str
    """The part before `?` and `#`, percent-encoded as it is."""
    query: str
    """The part from `?` on, to the `#`."""
    fragment: str | None
    """The part behind `#`; None where there is none."""

    @property
    def text(self) -> str:
        """The parts together."""
        return self.path + self.query + ("" if self.fragment is None else f"#{self.fragment}")


@cache
def written(destination: str) -> Written:
    """The parts of a destination."""
    before, mark, fragment = destination.partition("#")
    path, question, query = before.partition("?")
    return Written(path, question + query, fragment if mark else None)


def edit_of(source: bytes, link: Link, parts: Written) -> TextEdit | None:
    """The edit that gives a link other parts, as small as it can be; None where its destination cannot be rewritten."""
    if link.destination_span is None or link.destination is None:
        return None
    start, end = link.destination_span
    is_angled = source[start - 1 : start] == b"<"
    new = _escaped(parts.text, is_html=link.kind == "html", is_angled=is_angled)
    head, tail, text = _change(source[start:end], link.destination, new, parts)
    return TextEdit(start + head, end - tail, text)


@cache  # many links are written alike
def _change(raw: bytes, destination: str, new: str, parts: Written) -> tuple[int, int, bytes]:
    """The change of a destination that gets these parts: the numbers of bytes kept at its front and at its end, and the bytes between."""
    text = new.encode()
    if raw != destination.encode():
        return 0, 0, text  # with escapes, whose parts have no offsets
    known = written(destination)
    if known[:2] == parts[:2] and known.fragment is not None and parts.fragment is not None:
        head = len(known._replace(fragment="").text.encode())
        return (head, 0, text[head:]) if text[:head] == raw[:head] else (0, 0, text)
    if known[1:] == parts[1:]:
        tail = raw[len(known.path.encode()) :]
        return (0, len(tail), text.removesuffix(tail)) if text.endswith(tail) else (0, 0, text)
    return 0, 0, text


@cache
def _escaped(text: str, *, is_html: bool, is_angled: bool) -> str:
    """The text of a destination as it is written in quotes, in angle brackets, or bare."""
    if is_html:
        return text.replace("&", "&amp;").replace("'", "%27").replace('"', "%22")
    text = _ENTITY.sub("%26", text)
    if is_angled:
        return text
    text = text.replace(" ", "%20")
    return text if _is_balanced(text) else text.replace("(", "%28").replace(")", "%29")


def _is_balanced(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0


def fragment_of(anchor: str, like: str) -> str:
    """An anchor as a fragment, percent-encoded where the one that it stands in place of is."""
    prefix = "user-content-" if like.startswith("user-content-") and not anchor.startswith("user-content-") else ""
    if like != unquote(like) and not anchor.isascii():
        return quote(prefix + anchor)
    return "".join(quote(letter) if letter in _NO_FRAGMENT or letter.isspace() else letter for letter in prefix + anchor)


class Way(NamedTuple):
    """A path as it was written, and what it named."""

    text: str
    """The path, percent-encoded as it is."""
    named: str | None
    """The path from the root that it names by itself."""
    led: str
    """The file or folder that this led to: with the ending, which may be left out."""
    base: str | None
    """The folder in which a path with `/` in front begins; None for a relative one."""


def path_to(target: str, folder: str, way: Way) -> str:
    """A path to a file or a folder from a folder, written in the way of another one: relative or not, with or without its ending."""
    like, named, base = way.text, way.named, way.base
    short = _without_ending(target, named, way.led)
    if base is not None and (base in {"", short} or short.startswith(f"{base}/")):
        text = "/" + short[len(base) :].lstrip("/")
    elif base is None and named is not None and posixpath.normpath(posixpath.join("/", folder, unquote(like))) == f"/{short}":
        return like
    else:
        text = relative(short, folder)
        is_dotted = like.startswith("./") or ":" in text.partition("/")[0]  # which would read as the scheme of an address
        if is_dotted and not text.startswith("."):
            text = f"./{text}"
        elif text == ".":
            text = "./"
    if like.endswith("/") and not text.endswith("/"):
        text += "/"
    return encoded(text, like=like)


def _without_ending(target: str, named: str | None, led: str) -> str:
    if named is None or named == led:
        return target
    if named.endswith(".html"):
        return f"{posixpath.splitext(target)[0]}.html"
    left_out = led.removeprefix(named)
    for ending in (left_out, *_ENDINGS):
        if target.endswith(ending):
            return target.removesuffix(ending)
    return target


def encoded(path: str, *, like: str) -> str:
    """A path with what means something else in a destination percent-encoded.

    Blanks and letters that are not ASCII are encoded as those of the path that it stands in place of: blanks, unless that has some; such
    letters, where that has encoded ones.
    """
    if like.isascii() and not unquote(like).isascii():
        return quote(path, safe="/()!$&*+,;=:@~-._")
    kept = " " if " " in like else ""
    return "".join(quote(letter) if letter in _RESERVED or (letter.isspace() and letter != kept) else letter for letter in path)
