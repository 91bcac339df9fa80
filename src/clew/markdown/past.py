"""Prose about what was, what is only imagined, and what is to come: what it names need not be there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clew._native import is_test

if TYPE_CHECKING:
    from clew.markdown.documents import Document

_DOCUMENTS = re.compile(
    r"(?:^|[/_.-])(?:changelog|changes|history|news|releases?(?:[-_]notes)?|migrat\w*|upgrad\w*|updating|breaking\w*|deprecat\w*|removed"
    r"|blog|posts?|archive\w*|versioned\w*|rfcs?|adrs?|decisions|proposals?|plans?|roadmap|todo|what-?s-new|\.changeset|legacy|old)(?:$|[/_.-])"
    r"|(?:/v?|(?:^|[/_.-])version[-_]?v?)\d+(?:[.x]\d*)*[/.-]",
    re.IGNORECASE,
)
_TITLES = re.compile(
    r"\b(?:change ?log|history|migrat\w*|upgrad\w*|breaking|deprecat\w*|removed|removals?|renamed|legacy|roadmap|future|proposals?"
    r"|unreleased|from v?\d|v?\d+\.\d+)",
    re.IGNORECASE,
)
_LINES = re.compile(
    r"\b(?:removed|removes|removal|renamed?|replaced|deprecated?|deprecation|dropped|no longer|used to|formerly|previously|was called"
    r"|obsolete|legacy|does(?:n't| not) exist|do(?:n't| not) exist|is gone|instead of|rather than|not available|unavailable|was moved"
    r"|moved (?:to|from)|(?:earlier|older|previous) versions?|will be|planned|todo|imagine|suppose|hypothetical|fictional|create an?"
    r"|add an? new|not yet|working (?:name|title)|your own|call (?:it|the file)|named|prior to|until v?\d|since v?\d|added in)\b",
    re.IGNORECASE,
)
_EXEMPLARY = re.compile(
    r"\b(?:suppose|imagine|let['\u2019]?s say|(?:if|when|say|for example|with)\b[^.]{0,120}\b(?:named?|called)|(?:its|whose) name is)\b",
    re.IGNORECASE,
)
_WORDS = """
foo foobar bar baz qux quux my your some any a an another example examples sample dummy placeholder xxx xyz abc path to dir name hello
helloworld world acme demo lorem thing stuff something whatever username custom user users post posts project
"""
_PLACEHOLDER = re.compile(
    rf"(?:^|[-_./~@])(?i:{'|'.join(_WORDS.split())})(?:$|[-_./~@])|^(?:my|your|some)[A-Z]|[<>{{}}*$…]|\.\.\.|[A-Z]{{3,}}/|(?:^|/)[A-Z]+_[A-Z_]+\.[a-z]|(?:^|/)[a-z][/.]"
)


def tells_of_the_past(document: Document, offset: int) -> bool:
    """True where a document or a section tells what was."""
    if _DOCUMENTS.search(document.path) or is_test(document.path):
        return True
    section = document.section_around(offset)
    return section is not None and any(_TITLES.search(title) for title in section.trail)


def is_of_the_past(document: Document, offset: int) -> bool:
    """True where a document, a section or a line tells what was, or what a reader is to make."""
    return tells_of_the_past(document, offset) or _LINES.search(_sentence(document, offset)) is not None


def is_exemplary(document: Document, offset: int) -> bool:
    """True where the lines up to a place make up a name to explain something by: `a plugin named "x"`."""
    source = document.source or b""
    start = max(source.rfind(b"\n\n", 0, offset), offset - 500, 0)
    return _EXEMPLARY.search(" ".join(source[start:offset].decode("utf-8", "replace").split())) is not None


def is_placeholder(text: str) -> bool:
    """True for a name or path that stands for one that the reader has: `your-app/`, `foo.js`, `path/to/file`."""
    return _PLACEHOLDER.search(text) is not None


def _sentence(document: Document, offset: int) -> str:
    """The line around a place; that of a heading goes on with the first line below."""
    source = document.source or b""
    start, end = source.rfind(b"\n", 0, offset) + 1, source.find(b"\n", offset)
    if source.startswith(b"#", start) and end >= 0:
        below = end + len(source[end:]) - len(source[end:].lstrip())
        end = source.find(b"\n", below)
    return source[max(start, offset - 300) : min(len(source) if end < 0 else end, offset + 300)].decode("utf-8", "replace")
