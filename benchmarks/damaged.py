"""The facts left of a file when one token of it is deleted, doubled or swapped with the next.

    python benchmarks/damaged.py TREE … [--files 200] [--seed 1] [--examples 5]

Random files of the trees are damaged in a folder of their own, beside up to ten files of theirs, and are indexed as they are: no facts of
before can stand in. The statement or class member that is hit (TypeScript's parser tells it) is left out of both sides; of every other
definition of the file it is asked whether the outline still has it as it was, exported or not, and whether what refers to it is the
same. A row is a kind of damage, with the share of definitions of which both are so; a file weighs as much as the next in `by file`.
Minified files make rows of their own.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from account import sources
from clew._native import MINIFIED, TOKEN_SCAN
from clew.index.generation import Generation
from clew.index.rows import FACTS_SHIFT
from clew.workspace import Workspace
from corpora import corpus, tree
from measuring import print_table

KINDS = ("deleted", "doubled", "swapped")
LARGEST = 200_000
"""Bytes of the largest file that is damaged."""
BESIDE = 10
"""Files of the same folder that are indexed with it."""

Span = tuple[int, int]


class Token(NamedTuple):
    """A token with the statement or member around it; offsets count bytes."""

    start: int
    end: int
    delimits: bool
    part_start: int
    part_end: int


class Damage(NamedTuple):
    """A source before and after."""

    path: str
    kind: str
    delimits: bool
    before: bytes
    after: bytes
    hit: Span
    """The statement or member that is hit, before."""
    at: int
    """From here on offsets of before are shifted."""
    shift: int


class Reference(NamedTuple):
    """A place that refers to a definition."""

    path: str
    at: int
    evidence: str


class Seen(NamedTuple):
    """A definition of a file as the outline has it, and what refers to it."""

    row: tuple[object, ...]
    references: frozenset[Reference]


class Outcome(NamedTuple):
    """How many definitions of a damaged file are as they were."""

    damage: Damage
    same: int
    all: int
    minified: bool
    scanned: bool
    example: str


def damages(files: Sequence[tuple[str, bytes]], most: int, chance: random.Random) -> Iterator[Damage]:
    """Damages of random files, kinds by turns: one of each to tokens that are no delimiters, then one of each to delimiters."""
    order = chance.sample(range(len(files)), len(files))
    told = 0
    for number, tokens in zip(order, _tokens([files[number] for number in order]), strict=True):
        delimits = told // len(KINDS) % 2 == 1
        of_class = [at for at, token in enumerate(tokens[:-1]) if token.delimits == delimits]
        if not of_class:
            continue
        path, source = files[number]
        yield _damaged(path, source, tokens, chance.choice(of_class), KINDS[told % len(KINDS)])
        told += 1
        if told == most:
            return


def _damaged(path: str, source: bytes, tokens: Sequence[Token], at: int, kind: str) -> Damage:
    token, after = tokens[at], tokens[at + 1]
    start, end = token.start, token.end
    hit = (token.part_start, token.part_end)
    text = source[start:end]
    new, shift = {
        "deleted": (b"", -len(text)),
        "doubled": (text + b" " + text, len(text) + 1),
        "swapped": (source[after.start : after.end] + source[end : after.start] + text, 0),
    }[kind]
    if kind == "swapped":
        end = after.end
        hit = (min(hit[0], after.part_start), max(hit[1], after.part_end))
    return Damage(path, kind, token.delimits, source, source[:start] + new + source[end:], hit, end, shift)


def _tokens(files: Sequence[tuple[str, bytes]]) -> Iterator[list[Token]]:
    """The tokens of sources; none of those that TypeScript's parser finds errors in."""
    compiler = corpus("typescript") / "lib" / "typescript.js"
    command = ["node", str(Path(__file__).with_name("statements.mjs")), str(compiler)]
    for first in range(0, len(files), 50):
        some = files[first : first + 50]
        told = "".join(json.dumps({"path": path, "text": source.decode()}) + "\n" for path, source in some)
        done = subprocess.run(command, input=told, stdout=subprocess.PIPE, text=True, check=True)
        for line in filter(None, done.stdout.split("\n")):
            read = json.loads(line)
            yield [] if read["errors"] else [Token(*token) for token in read["tokens"]]


def seen(generation: Generation, path: str) -> tuple[dict[int, Seen], int]:
    """Every definition of a file by the offset of its name, and the flags of the file's facts."""
    file = generation.id_of(path)
    if file is None:
        raise LookupError(path)
    linker = generation.linker
    found: dict[int, Seen] = {}
    for definition, of in zip(linker.outlined(file), linker.describe(linker.outlined(file)), strict=True):
        rows = linker.references(definition).certain
        references = frozenset(Reference(generation.path_of(file), at, evidence) for file, _, _, at, _, _, evidence, _ in rows)
        found[of.at] = Seen((of.name, of.kind, of.exported, of.local), references)
    return found, generation.flags_of(file) >> FACTS_SHIFT


def outcome(root: Path, files: Sequence[tuple[str, bytes]], damage: Damage) -> Outcome:
    """Index a file and those beside it whole, then damaged, and compare."""
    beside = [one for one in files if Path(one[0]).parent == Path(damage.path).parent and one[0] != damage.path][:BESIDE]
    for path, source in [*beside, (damage.path, damage.before)]:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(source)
    before, flags = seen(Workspace.open(str(root)).generation, damage.path)
    shutil.rmtree(root / ".clew", ignore_errors=True)
    (root / damage.path).write_bytes(damage.after)
    after, flags_after = seen(Workspace.open(str(root)).generation, damage.path)

    def shifted(at: int) -> int:
        return at + damage.shift if at >= damage.at else at

    start, end = damage.hit

    def beyond(rows: frozenset[Reference], end: int) -> set[Reference]:
        """The references that do not stand in what is hit."""
        return {row for row in rows if row.path != damage.path or not start <= row.at < end}

    same = total = 0
    example = ""
    for at, was in before.items():
        if start <= at < end:
            continue
        total += 1
        now = after.get(shifted(at))
        wanted = {row._replace(at=shifted(row.at)) if row.path == damage.path else row for row in beyond(was.references, end)}
        left = beyond(now.references, end + damage.shift) if now else set()
        if now and now.row == was.row and left == wanted:
            same += 1
        else:
            difference = f"{len(wanted - left)} references lost, {len(left - wanted)} new"
            what = "lost" if now is None else "changed" if now.row != was.row else difference
            example = example or f"{was.row[0]} {what}"
    return Outcome(damage, same, total, bool(flags & MINIFIED), bool(flags_after & TOKEN_SCAN), example)


def measured(trees: Sequence[str], most: int, seed: int) -> Iterator[Outcome]:
    """Damage as many files of every tree."""
    chance = random.Random(seed)  # noqa: S311 - a sample that comes again
    for name in trees:
        share = most // len(trees)
        files = [(path, source) for path, source in sources(tree(name)) if _is_readable(path, source)]
        for damage in damages(files, share, chance):
            with tempfile.TemporaryDirectory() as folder:
                yield outcome(Path(folder), files, damage)


def _is_readable(path: str, source: bytes) -> bool:
    if not path.endswith((".js", ".cjs", ".mjs", ".jsx", ".ts", ".cts", ".mts", ".tsx")) or not 0 < len(source) <= LARGEST:
        return False
    try:
        return "\ufeff" not in source.decode()
    except UnicodeDecodeError:
        return False


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("trees", nargs="+", metavar="TREE", help="a folder, or a package of corpora.py")
    flags.add_argument("--files", type=int, default=200, metavar="N", help="how many files are damaged, over all trees")
    flags.add_argument("--seed", type=int, default=1, metavar="N", help="chooses files and tokens")
    flags.add_argument("--examples", type=int, default=5, metavar="N", help="files shown of each row that lost something")
    return flags


COLUMNS = ("source", "token", "damage", "files", "tokens only", "unchanged", "definitions", "share", "by file")


def main() -> int:
    """Print a table, then the files that lost something."""
    options = parser().parse_args()
    rows: dict[tuple[str, str, str], list[Outcome]] = defaultdict(list)
    for one in measured(options.trees, options.files, options.seed):
        what = "delimiter" if one.damage.delimits else "other"
        source = "minified" if one.minified else "written"
        for kind in (one.damage.kind, "all"):
            rows[source, what, kind].append(one)
    table: list[tuple[object, ...]] = [COLUMNS]
    for key, outcomes in sorted(rows.items()):
        same, total = (sum(column) for column in zip(*((one.same, one.all) for one in outcomes), strict=True))
        by_file = [one.same / one.all for one in outcomes if one.all]
        shares = [f"{same / total:.3f}" if total else "", f"{sum(by_file) / len(by_file):.3f}" if by_file else ""]
        table.append((*key, len(outcomes), sum(one.scanned for one in outcomes), same, total, *shares))
    print_table(table)
    for key, outcomes in sorted(rows.items()):
        lost = sorted((one for one in outcomes if one.same < one.all and key[2] != "all"), key=lambda one: one.same - one.all)
        for one in lost[: options.examples]:
            damage = one.damage
            line = damage.before.count(b"\n", 0, damage.at) + 1
            scanned = " (tokens only)" if one.scanned else ""
            print(f"{' '.join(key)}: {damage.path}:{line}: {one.all - one.same} of {one.all}: {one.example}{scanned}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
