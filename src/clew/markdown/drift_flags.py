"""Flags in prose that a command of the tree does not take any more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test
from clew.code.manifests import commands_of
from clew.index.generation import SourceChanged
from clew.index.prose import Code
from clew.index.rows import CODE
from clew.markdown.drifted import Drifted
from clew.markdown.past import is_exemplary, is_of_the_past, is_placeholder
from clew.near import near

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from clew.index.generation import Generation
    from clew.markdown.documents import Document
    from clew.markdown.paths import Evidence, PathBook
    from clew.markdown.regions import Regions

_FLAG = re.compile(rb"(?<![\w-])--([A-Za-z][\w-]*[A-Za-z0-9])(?![\w-])")
_ALONE = re.compile(rb"(?:-\w,\s*)?--([A-Za-z][\w-]*[A-Za-z0-9])(?:[ =]\S.*)?$")
_END = re.compile(rb"\s--\s|[|;&#`]|\n(?<!\\\n)")
_SHELLS = frozenset(
    ("", "sh", "bash", "shell", "console", "zsh", "shellsession", "cmd", "powershell", "terminal", "shell-session", "text", "txt")
)
_FOREIGN = re.compile(r"(?:experimental-|harmony|inspect|max-|trace-|no-warnings).*|require|import|loader|version|help|(?:no-)?color")
"""Flags of Node, and those that every command takes."""
_OF_ANY = re.compile(r"(?i:(?:camel|pascal|hyphen|kebab|dash|snake)[-_]?case)|(?:key|value|arg|param|option|opt|flag)[-_]?\d*")
"""Words for any flag: the spellings that there are, and names that are numbered."""
_OTHER_SOURCES = (".json", ".sh", ".bash", ".zsh", ".ps1")
_POSSESSIVE = re.compile(rb"\b(?!(?:it|that|there|here|what|let)\b)([\w.@/-]+)[*_`]*(?:'|\xe2\x80\x99)s[ \t\n]+(?:[a-z]+[ \t]+)?[`*]*$")
"""The end of the text before the flag of another program: `Jest's`."""
_FURTHEST = 60
_LEAST = 2
_SHARE = 0.6
"""A command defines its flags here when so many of those in prose, and so great a part, are known."""


class Spoken(NamedTuple):
    """A flag in prose."""

    document: Document
    start: int
    end: int
    name: str
    command: str
    """The command that it is given to; empty where it stands alone."""


def spoken_flags(book: PathBook, document: Document, regions: Regions) -> Iterator[Spoken]:
    """The flags of commands of the tree in command lines, and those that stand alone."""
    source = document.source or b""
    commands = {name for manifest in book.packages.values() for name in commands_of(manifest)}
    if not commands:
        return
    named = "|".join(re.escape(name) for name in sorted(commands, key=len, reverse=True)).encode()
    line = re.compile(rb"(?<![\w@/.-])(" + named + rb")(?=\s)(?:[^\n]|(?<=\\)\n)*")
    elsewhere = _given_to_others(source, document, line)
    for found in line.finditer(source):
        region = regions.at(found.start())
        is_shell = isinstance(region.thing, Code) and region.thing.language in _SHELLS
        if not (region.kind == "span" or (region.kind == "block" and is_shell)) or not _begins(source, found.start(), region.start):
            continue
        end = min(found.end(), region.end)
        stop = _END.search(source, found.start(), end)
        for flag in _FLAG.finditer(source, found.start(), stop.start() if stop else end):
            if flag[1] not in elsewhere:
                yield Spoken(document, flag.start(), flag.end(), flag[1].decode(), found[1].decode())
    for region in regions.spans():
        alone = _ALONE.match(source, region.start, region.end)
        if alone is not None and alone[1] not in elsewhere and not is_of_another(source, region.start, commands | book.own_packages):
            owner = _POSSESSIVE.search(source, max(region.start - _FURTHEST, 0), region.start)
            command = owner[1].decode("utf-8", "replace").lower() if owner is not None else ""
            yield Spoken(document, alone.start(1) - 2, alone.end(1), alone[1].decode(), command if command in commands else "")


def _given_to_others(source: bytes, document: Document, own: re.Pattern[bytes]) -> set[bytes]:
    """The flags that command lines of a document give to commands that are not of the tree, and those that its code reads itself."""
    blocks = [block for block in document.prose.code if block.info.strip()]
    lines = (text for block in blocks for text in source[block.content_start : block.content_end].splitlines())
    return {flag[1] for text in lines if own.search(text) is None for flag in _FLAG.finditer(text)}


def is_of_another(source: bytes, at: int, own: Collection[str]) -> bool:
    """True for what the words before it give to a program or package that is not of the tree: `Jest's`."""
    owner = _POSSESSIVE.search(source, max(at - _FURTHEST, 0), at)
    return owner is not None and owner[1].decode("utf-8", "replace").lower() not in own


_BEFORE = re.compile(rb"\s*(?:[$>#%]\s+)?(?:(?:sudo|npx|bunx|exec|pnpm|yarn|npm|dlx|run|--yes|-y|[A-Z_]+=\S+)\s+)*(?:\S*/)?$")


def _begins(source: bytes, at: int, region_start: int) -> bool:
    """True where a command stands at the beginning of its line or span."""
    start = max(source.rfind(b"\n", 0, at) + 1, region_start)
    return _BEFORE.fullmatch(source, start, at) is not None


def drifted_flags(generation: Generation, spoken: Iterable[Spoken]) -> Iterator[Drifted]:
    """The flags that no source of the tree knows by any spelling, where most of those of the command are known.

    One that stands alone counts in documents that speak of such a command, and surely where it is a heading, or almost a known one.
    """
    listed = list(spoken)
    known = _known(generation, {one.name for one in listed})
    commands = {one.command for one in listed if one.command}
    defined = {command for command in commands if _is_defined(command, listed, known)}
    documents = {one.document.file for one in listed if one.command in defined}
    for one in listed:
        if one.name in known or _FOREIGN.fullmatch(one.name) or _OF_ANY.fullmatch(one.name) or is_placeholder(one.name):
            continue
        if one.command in defined or (not one.command and one.document.file in documents and _is_own(one.document, listed, known)):
            close = near(one.name, known, 2)
            is_unsure = is_of_the_past(one.document, one.start) or is_exemplary(one.document, one.start)
            is_unsure = is_unsure or not (one.command or close or _is_in_heading(one))
            evidence: Evidence = "possible" if is_unsure else "inferred"
            candidates = tuple(f"--{name}" for name in close)
            why = f"no source knows {one.name}, and of the other flags of {one.command or 'the command'} in prose most are known"
            yield Drifted(one.document, one.start, one.end, "flag", evidence, f"--{one.name}", candidates, why)


def _is_in_heading(spoken: Spoken) -> bool:
    return any(heading.start <= spoken.start < heading.end for heading in spoken.document.prose.headings)


def _is_defined(command: str, listed: list[Spoken], known: set[str]) -> bool:
    names = {one.name for one in listed if one.command == command}
    return len(names & known) >= _LEAST and len(names & known) >= _SHARE * len(names)


def _is_own(document: Document, listed: list[Spoken], known: set[str]) -> bool:
    """True for a document whose flags are nearly all known."""
    names = {one.name for one in listed if one.document is document}
    return len(names & known) >= _SHARE * len(names)


def _known(generation: Generation, names: set[str]) -> set[str]:
    """The names that a source, a script or a JSON file has in one of the spellings of a flag."""
    left = {name: _spellings(name) for name in names}
    found: set[str] = set()
    for number, path in enumerate(generation.paths()):
        if not left:
            break
        is_source = generation.flags_of(number) & CODE or path.endswith(_OTHER_SOURCES)
        if not is_source or is_test(path):
            continue
        try:
            source = generation.source(number)
        except SourceChanged:
            continue
        here = [name for name, pattern in left.items() if any(spelling in source for spelling in pattern[0]) and pattern[1].search(source)]
        found.update(here)
        for name in here:
            del left[name]
    return found


def _spellings(name: str) -> tuple[tuple[bytes, ...], re.Pattern[bytes]]:
    plain = name.removeprefix("no-")
    spelt: dict[str, None] = {}
    for one in (name, plain):
        camel = re.sub(r"-(\w)", lambda found: found[1].upper(), one)
        spelt |= dict.fromkeys([one, camel, one.replace("-", "_"), one.replace("-", ".")])
    needles = tuple(text.encode() for text in spelt)
    return needles, re.compile(rb"(?<![A-Za-z0-9])(?:" + b"|".join(map(re.escape, needles)) + rb")(?![A-Za-z0-9])")
