"""Check that every address that is printed is accepted and means what it was printed for, in JSON and in text.

    python benchmarks/addresses.py TREE … [--most N] [--edits N] [--seed N]

Questions are asked about random definitions of each tree; every address of their answers is given back. A table says, for each verb
and face, how many were printed, how many are places of names that are defined nowhere, how many others were refused and how many
led elsewhere, then the first of both. With `--edits` a copy of
the tree is changed so many times, and every address of a definition that was printed before is given back again: it may mean the same
definition or be refused with a typed error, and nothing else. Exit status 1 where one does not.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from clew.code.addresses import find
from clew.code.rows import SourceMap
from clew.errors import ClewError, NotFound
from clew.index.rows import CODE
from clew.requests import Target
from clew.workspace import Workspace
from corpora import copied
from edits import Edited
from measuring import print_table
from printed import IDENTIFIER, Printed, asked, collected

SHOWN = 3
"""Examples of each sort that are printed."""
WHOLE = "="
"""The name of a row for all that a CommonJS module exports."""
STALE = "stale"
"""The code of a file that no longer parses: its answers are those of before, and say so."""
EDITS_IN_A_FILE = 5
"""How many edits are made in a file, on average."""


class Meant(NamedTuple):
    """The meaning of an address."""

    file: str
    name: str | None = None
    line: int | None = None
    thing: int | None = None
    """Declarations of one thing have one number."""


def meant(workspace: Workspace, address: str) -> Meant:
    """The meaning of an address. Raises ClewError for what is refused."""
    place = find(workspace, Target(text=address))
    path = workspace.generation.path_of(place.file)
    if place.row is None:
        return Meant(path)
    (of,) = workspace.generation.linker.describe([place.definition])
    return Meant(path, of.name, of.line, of.thing)


def is_same(workspace: Workspace, printed: Printed, found: Meant) -> bool:
    """True when an address means what it was printed for."""
    if printed.face == "candidate" and "::" not in printed.address:
        return found == Meant(printed.address) or re.split(r"[.#]", found.name or "")[-1] == printed.address.rpartition(".")[2].lstrip("#")
    if printed.name is None:
        return _is_at_place(workspace, printed, found)
    if found.file == printed.file and printed.name in {found.name, WHOLE}:
        return printed.line in {None, found.line} or found.thing in _things(workspace, printed)
    return (found.file, found.thing) in _origins(workspace, printed)


def _things(workspace: Workspace, printed: Printed) -> set[int]:
    """The things of a name that are declared where a row says."""
    generation, line = workspace.generation, printed.line
    file = generation.id_of(printed.file)
    if file is None or line is None:
        return set()
    described = generation.linker.describe(generation.linker.called(printed.name or "", file))
    return {of.thing for of in described if of.line == line}


def _origins(workspace: Workspace, printed: Printed) -> set[tuple[str, int]]:
    """The thing that the name stands for where it is an import or a `require`: aliases of a thing are the thing."""
    generation = workspace.generation
    file = generation.id_of(printed.file)
    if file is None:
        return set()
    described = generation.linker.describe(generation.linker.called(printed.name or "", file))
    here = [(of.file, of.definition) for of in described if printed.line in {None, of.line}]
    origins = [origin for one in here for origin in generation.linker.origins(one) if origin is not None]
    firsts = generation.linker.describe([generation.linker.representative(one) for one in origins])
    return {(generation.path_of(of.file), of.thing) for of in firsts}


def _is_at_place(workspace: Workspace, printed: Printed, found: Meant) -> bool:
    """A place means what is called as the word that stands there, or what that is called elsewhere; without a name what is around it."""
    generation, file = workspace.generation, workspace.generation.id_of(printed.file)
    if file is None or printed.line is None or not generation.flags_of(file) & CODE:
        return found == Meant(printed.file)
    sources = SourceMap(generation)
    offset = None if printed.column is None else sources.offset(file, printed.line, printed.column)
    if offset is None:
        return found.file == printed.file and found.name is not None
    occurrence = generation.linker.occurrence_at(file, offset)
    if occurrence is None:
        around = generation.linker.standing_at(file, offset) or [
            (file, row) for row in generation.linker.innermost(file, [offset]) if row is not None
        ]
        return found.thing in {of.thing for of in generation.linker.describe(around)} if around else found == Meant(printed.file)
    word = IDENTIFIER.match((sources.source(file) or b"")[offset:].decode("utf-8", "replace"))
    if word is not None and re.split(r"[.#]", found.name or "")[-1] == word[0].lstrip("#"):
        return True
    return found.thing in {of.thing for of in generation.linker.describe(generation.linker.meant_at(file, occurrence))}


def after_edits(root: Path, count: int, chance: random.Random) -> dict[tuple[str, str], Count]:
    """Print addresses of the definitions in some files, change these, and give the addresses back."""
    workspace = Workspace.open(str(root))
    files = sorted(entry.path for entry in workspace.generation.files() if entry.flags & CODE)
    edited = Edited(root, chance.sample(files, min(len(files), max(1, count // EDITS_IN_A_FILE))), chance)
    before: dict[str, tuple[Meant, frozenset[int], str]] = {}
    alike: Counter[tuple[str, str | None, str]] = Counter()
    for row in _rows_of(workspace, list(edited.files)):
        text = row["target"] or f"{row['file']}::{row['name']}"
        was = meant(workspace, text)
        own = frozenset({edited.number_of(row["file"], row["line"]) or 0})
        code = _code_of(workspace, was)
        before[text] = (was, own | _lines_of(workspace, edited, was), code)
        alike[was.file, was.name, code] += 1
    edited.edit(count)
    later = Workspace.open(str(root))
    unread = {problem.file for problem in later.generation.warnings if problem.code == STALE}
    found = Count(len(before), 0, [], [])
    for text, (was, lines, code) in before.items():
        later.begin(0)
        try:
            what = meant(later, text)
        except ClewError:
            continue
        is_kept = not lines.isdisjoint(_lines_of(later, edited, what)) or (what.file not in edited.files and what[:3] == was[:3])
        has_its_code = alike[was.file, was.name, code] == 1 and (what.name, _code_of(later, what)) == (was.name, code)
        if what.file not in unread and not is_kept and not has_its_code:
            found.elsewhere.append(f"{text} is {what.name} at {what.file}:{what.line}")
    return {("edits", "json"): found}


def _rows_of(workspace: Workspace, files: list[str]) -> list[dict[str, Any]]:
    """Every definition of files, as rows."""
    result = asked(workspace, "find-pattern", pattern=["*"], include=files)
    return [{"target": None, **row} for row in msgspec.to_builtins(result)["results"] if row["kind"] != "file" and row["file"] in files]


def _code_of(workspace: Workspace, of: Meant) -> str:
    """The text of a definition, blanks aside: the only one of its name with that code is itself, wherever its parts come from."""
    generation, file = workspace.generation, workspace.generation.id_of(of.file)
    if file is None or of.name is None:
        return ""
    declared = [one for one in generation.linker.describe(generation.linker.called(of.name, file)) if one.line == of.line]
    source = SourceMap(generation).source(file) or b""
    return " ".join(b"".join(source[one.start : one.end] for one in declared[:1]).decode("utf-8", "replace").split())


def _lines_of(workspace: Workspace, edited: Edited, of: Meant) -> frozenset[int]:
    """The numbers of the lines on which a thing is declared; none in files that nobody edits."""
    generation = workspace.generation
    file = generation.id_of(of.file)
    if of.name is None or file is None:
        return frozenset()
    declared = [one for one in generation.linker.describe(generation.linker.called(of.name, file)) if one.thing == of.thing]
    numbers = {edited.number_of(of.file, line) for line in (of.line, *(one.line for one in declared)) if line is not None}
    return frozenset(number for number in numbers if number is not None)


class Count(NamedTuple):
    """The fate of the addresses of one verb and face."""

    printed: int
    nowhere: int
    """Places whose name is defined nowhere in the tree, as `console`, or nobody knows where: refused, as they should be."""
    refused: list[str]
    elsewhere: list[str]


def checked(workspace: Workspace, addresses: Iterable[Printed]) -> dict[tuple[str, str], Count]:
    """Give every address back."""
    found: dict[tuple[str, str], Count] = {}
    for one in addresses:
        key = (one.verb, one.face)
        count = found.get(key, Count(0, 0, [], []))
        found[key] = count._replace(printed=count.printed + 1)
        try:
            what = meant(workspace, one.address)
        except ClewError as error:
            if _leads_nowhere(workspace, one, error):
                found[key] = found[key]._replace(nowhere=count.nowhere + 1)
            else:
                count.refused.append(f"{one.address} ({error.code})")
            continue
        if not is_same(workspace, one, what):
            count.elsewhere.append(
                f"{one.address} of {one.name or 'a place'} at {one.file}:{one.line} is {what.name} at {what.file}:{what.line}"
            )
    return found


def _leads_nowhere(workspace: Workspace, printed: Printed, error: ClewError) -> bool:
    """True when a name stands at a place that leads to no definition, as in an editor."""
    generation, file = workspace.generation, workspace.generation.id_of(printed.file)
    if printed.name is not None or printed.line is None or printed.column is None or file is None or not isinstance(error, NotFound):
        return False
    occurrence = generation.linker.occurrence_at(file, SourceMap(generation).offset(file, printed.line, printed.column) or 0)
    return occurrence is not None and not generation.linker.meant_at(file, occurrence)


def report(name: str, found: dict[tuple[str, str], Count]) -> bool:
    """Print the table of a tree; whether all was well."""
    print(f"\n## {name}\n")
    counts = sorted(found.items())
    rows = [(one.printed, one.nowhere, len(one.refused), len(one.elsewhere)) for _, one in counts]
    sums = [sum(column) for column in zip(*rows, strict=True)]
    shown = [[*key, *row] for (key, _), row in zip(counts, rows, strict=True)]
    print_table([["verb", "face", "printed", "nowhere", "refused", "elsewhere"], *shown, ["all", "", *sums]])
    for (asked_of, face), one in counts:
        for what, examples in (("refused", one.refused), ("elsewhere", one.elsewhere)):
            for example in examples[:SHOWN]:
                print(f"- {asked_of}, {face}, {what}: {example}")
    return not any(one.refused or one.elsewhere for _, one in counts)


def main() -> None:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=1000, help="addresses of each verb and face (1000)")
    parser.add_argument("--edits", type=int, default=0, help="change a copy so many times and give old addresses back (0)")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    well = True
    for tree in given.trees:
        chance = random.Random(given.seed)  # noqa: S311 - a sample that comes again
        if given.edits:
            with copied(tree) as root:
                well &= report(f"{tree.name} after {given.edits} edits", after_edits(root, given.edits, chance))
        else:
            workspace = Workspace.open(str(tree))
            well &= report(tree.name, checked(workspace, collected(workspace, given.most, chance)))
    sys.exit(not well)


if __name__ == "__main__":
    main()
