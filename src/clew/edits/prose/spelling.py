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
    raw = source[start:end]
    text = _escaped(source, link, parts)
    new = text.encode()
    if raw != link.destination.encode():
        return TextEdit(start, end, new)  # with escapes, whose parts have no offsets
    known = written(link.destination)
    if known._replace(fragment=None) == parts._replace(fragment=None) and known.fragment is not None and parts.fragment is not None:
        head = len(known._replace(fragment="").text.encode())
        return TextEdit(start + head, end, new[head:]) if new[:head] == raw[:head] else TextEdit(start, end, new)
    if known.query + str(known.fragment) == parts.query + str(parts.fragment):
        length = len(raw) - len(known.path.encode())
        tail = raw[len(raw) - length :]
        return TextEdit(start, end - length, new.removesuffix(tail)) if new.endswith(tail) else TextEdit(start, end, new)
    return TextEdit(start, end, new)


def _escaped(source: bytes, link: Link, parts: Written) -> str:
    """The text of a destination at the place of a link, which is in angle brackets, in quotes, or bare."""
    text = parts.text
    if link.kind == "html":
        return text.replace("&", "&amp;").replace("'", "%27").replace('"', "%22")
    text = _ENTITY.sub("%26", text)
    start = link.destination_span[0] if link.destination_span else 0
    if source[start - 1 : start] == b"<":
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
