"""The definitions that the working tree changed since a commit: what `--changed` is about."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clew._native import declared_in
from clew.code.addresses import addresses
from clew.code.gaps import gaps
from clew.diff import contents, differences
from clew.index.generation import SourceChanged
from clew.index.rows import CODE
from clew.requests import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew._native import Def
    from clew.diff import FileDiff, Hunk
    from clew.index.generation import Generation
    from clew.workspace import Workspace

SHOWN_GONE = 20

Line = tuple[int, int]
"""The span of a line in bytes, without its indentation and with its line break."""


class Gone(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel"):
    """A definition of the commit that its file no longer has."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, …"""
    file: str
    """The path that it has in the commit."""


class Changed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """Counts of what differs from a commit; the definitions that are still there are the targets."""

    against: str
    """The revision, as it was given."""
    commit: str
    """The id of its commit."""
    files: int
    """The number of files that differ."""
    definitions: int
    """The number of definitions that were touched and are still there."""
    renamed: int = 0
    """The number of files that have another path in the commit."""
    outside: int = 0
    """The number of lines, added or taken out, outside of all definitions; blank ones are not counted."""
    files_left_out: int = 0
    """The number of files in which nothing can be defined."""
    gone_total: int = 0
    """The number of definitions that are gone, when there are more than are listed."""
    gone: tuple[Gone, ...] = ()
    """The definitions that are gone."""


class Touched(NamedTuple):
    """The answer of `touched`: counts, definitions that are still there, and files with changed lines outside of all definitions."""

    changed: Changed
    targets: tuple[Target, ...]
    files_outside: tuple[str, ...]


class _Declared(NamedTuple):
    """A definition of a source."""

    row: int
    name: str
    kind: str
    start: int
    end: int
    is_outlined: bool


class _Read(NamedTuple):
    """The definitions of a source by place, and those that each line asked about stands in, by number."""

    definitions: list[_Declared]
    around: list[list[int]]


class _File(NamedTuple):
    """The definitions that one differing file has, lost and had changed."""

    definitions: Sequence[Def] = ()
    outside: int = 0
    gone: tuple[Gone, ...] = ()
    is_left_out: bool = False


def touched(workspace: Workspace, revision: str, commit: str) -> Touched:
    """The definitions that changed since a commit, as far as there was time.

    A changed line belongs to the smallest definition around it, as `file:12` reads it, and one of a doc comment to what that is about: an
    added line in the file as it is, one that was taken out in the file as it was, as far as that is still there by name. New files,
    and files without lines to tell, are changed as a whole. Raises NoRepository and GitUnavailable.
    """
    generation = workspace.generation
    seconds = generation.bounds.left()
    differing = differences(workspace.root, commit, seconds)
    olds = contents(workspace.root, sorted({file.blob for file in differing if file.blob and (file.is_gone or file.hunks)}), seconds)
    touched_definitions: dict[Def, None] = {}
    gone: list[Gone] = []
    outside = left_out = 0
    files_outside: list[str] = []
    for file in generation.bounds.each(differing, "files"):
        of = _in_file(generation, file, olds.get(file.blob or ""))
        touched_definitions.update(dict.fromkeys(of.definitions))
        gone += of.gone
        outside += of.outside
        left_out += of.is_left_out
        if of.outside and not file.is_gone:
            files_outside.append(file.path)
    paths = [generation.path_of(file) for file, _ in touched_definitions]
    targets = tuple(
        dict.fromkeys(
            Target(text=text, file=path) for text, path in zip(addresses(generation, list(touched_definitions)), paths, strict=True)
        )
    )
    changed = Changed(
        against=revision,
        commit=commit,
        files=len({file.path for file in differing}),
        definitions=len(targets),
        renamed=sum(file.before not in {None, file.path} for file in differing),
        outside=outside,
        files_left_out=left_out,
        gone_total=len(gone) if len(gone) > SHOWN_GONE else 0,
        gone=tuple(gone[:SHOWN_GONE]),
    )
    return Touched(changed, targets, tuple(files_outside))


def _in_file(generation: Generation, file: FileDiff, old: bytes | None) -> _File:
    """Compare one file with `old`, its bytes in the commit."""
    number = generation.id_of(file.path)
    is_code = number is not None and bool(generation.flags_of(number) & CODE)
    source = _source(generation, number) if number is not None and is_code and not file.is_whole and not file.is_gone else None
    was = [(hunk.old, hunk.old_count) if source is not None else _replaced(hunk) for hunk in file.hunks if not file.is_gone]
    before = None if old is None or file.before is None else _read(file.before, old, was)
    if file.is_gone or (number is not None and not is_code):
        left = [of.name for of in generation.linker.describe(generation.linker.outlined(number))] if number is not None and is_code else []
        return _File(gone=_gone(file, before, left)) if before else _File(is_left_out=True)
    if number is None:
        return _File(is_left_out=True)
    if source is None and before and not file.is_whole:
        return _File(_since(generation, number, before), before.around.count([]))
    now = None if source is None else _read(file.path, source, [(hunk.new, hunk.new_count) for hunk in file.hunks])
    if now is None:  # without its lines all of it counts, and what is gone is not known
        return _File(generation.linker.outlined(number))
    rows = [[now.definitions[of].row for of in around] for around in now.around]
    gone: tuple[Gone, ...] = ()
    if before:
        rows += _still_there(before, now.definitions)
        if not gaps(generation, (number,)):  # of a file that does not parse as a whole not everything is seen
            gone = _gone(file, before, [of.name for of in now.definitions])
    outside = now.around.count([]) + (before.around.count([]) if before else 0)
    return _File([(number, row) for row in dict.fromkeys(row for around in rows for row in around)], outside, gone)


def _replaced(hunk: Hunk) -> tuple[int, int]:
    """The lines of the commit that a hunk is about; of one that only adds the line before it."""
    return (hunk.old, hunk.old_count) if hunk.old_count else (hunk.old, int(hunk.old > 0))


def _since(generation: Generation, file: int, before: _Read) -> list[Def]:
    """Compare a file whose facts are older than its bytes: lines stand in what the commit has around them; new definitions count too."""
    now = [
        _Declared(of.definition, of.name, of.kind, of.start, of.end, is_outlined=True)
        for of in generation.linker.describe(generation.linker.outlined(file))
    ]
    known = {of.name for of in before.definitions}
    rows = [*_still_there(before, now), [of.row for of in now if of.name not in known]]
    return [(file, row) for row in dict.fromkeys(row for around in rows for row in around)]


def _read(path: str, source: bytes, spans: list[tuple[int, int]]) -> _Read | None:
    """A source with what its lines in spans (first, count) stand in; None for a path that says no language."""
    lines = _lines(source, spans)
    declared = declared_in(path, source, lines)
    if declared is None:
        return None
    definitions = [_Declared(*of) for of in declared[0]]
    return _Read(definitions, [_around(definitions, line, numbers) for line, numbers in zip(lines, declared[1], strict=True)])


def _around(definitions: list[_Declared], line: Line, numbers: list[int]) -> list[int]:
    """The definitions that a line stands in; where it only holds that, as `return f({ key: 1 });` does a property, what is around it too.

    A namespace is not: `export` in front of a member is no part of that.
    """
    start, end = line
    if not numbers or any(not start < definitions[of].start < end for of in numbers):
        return numbers
    holding = [number for number, of in enumerate(definitions) if of.start <= start < of.end]
    return [*numbers, *(number for number in holding[-1:] if definitions[number].kind != "namespace")]


def _source(generation: Generation, file: int) -> bytes | None:
    """The bytes on disk, when the facts are of these."""
    try:
        return generation.source(file)
    except SourceChanged:
        return None


def _lines(source: bytes, spans: Iterable[tuple[int, int]]) -> list[Line]:
    """The lines in spans (first, count), counted from 1 as git counts them, by line feeds; blank ones left out."""
    texts = source.split(b"\n")
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    wanted = (number for first, count in spans for number in range(first, min(first + count, len(starts))))
    return [(starts[number] - 1 - len(texts[number - 1].lstrip()), starts[number]) for number in wanted if texts[number - 1].strip()]


def _still_there(before: _Read, now: list[_Declared]) -> list[list[int]]:
    """The smallest definitions around lines that were taken out which are still there, by name and place among their namesakes."""
    rows: dict[str, list[int]] = {}
    namesakes: dict[str, list[int]] = {}
    for of in now:
        rows.setdefault(of.name, []).append(of.row)
    for number, of in enumerate(before.definitions):
        namesakes.setdefault(of.name, []).append(number)

    def still(number: int) -> list[int]:
        of = before.definitions[number]
        found, alike = rows.get(of.name, []), namesakes[of.name]
        if found:
            return [found[alike.index(number)]] if len(found) == len(alike) else found
        holding = [other for other, outer in enumerate(before.definitions[:number]) if outer.start <= of.start and of.end <= outer.end]
        return still(holding[-1]) if holding else []

    known = {number: still(number) for number in {number for around in before.around for number in around}}
    return [[row for number in around for row in known[number]] for around in before.around]


def _gone(file: FileDiff, before: _Read, now: Iterable[str]) -> tuple[Gone, ...]:
    """The names that an outline showed and that no definition has now, each once; properties of nameless literals are left out."""
    left = frozenset(now)
    kinds: dict[str, str] = {}
    for of in before.definitions:
        is_named = of.kind != "field" or "." in of.name or "#" in of.name
        if of.is_outlined and is_named and of.name not in left:
            kinds.setdefault(of.name, of.kind)
    return tuple(Gone(name, kind, file.before or file.path) for name, kind in kinds.items())
