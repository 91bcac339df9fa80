"""Every identifier of real code, as TypeScript's parser counts them, beside what the facts of each file hold.

    python benchmarks/account.py TREE … [--examples 3]

A tree is a folder, or a package of `corpora.py`. Each identifier is an occurrence of the facts, one of their other tokens (`label`, `meta`,
…), or stands in a region that is unread, because the file did not parse; the rest is left over, and listed by kind. Listed as well are
occurrences that stand on no identifier, names in quotes, numbers and computed keys aside, and names that are in no posting. Where
TypeScript's parser finds errors in a file, its count is not to be trusted: what is left over there is summed apart, as doubtful. The status
is 1 if anything else is left over.
"""

from __future__ import annotations

import argparse
import codecs
import json
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from clew import _native
from corpora import corpus, tree
from measuring import print_table

KINDS = ("label", "meta", "parameter", "attribute", "unread")
"""Kinds of other tokens."""
_CODE = 1
_UNPARSED = 8 | 32
"""Flags of entries that are too large, or binary."""

codecs.register_error("bytewise", lambda error: ("?" * (error.end - error.start), error.end))  # type: ignore[attr-defined]


class Token(NamedTuple):
    """An identifier; offsets count bytes."""

    start: int
    end: int
    kind: str
    name: str | None
    """None for a region that is unread."""


class File(NamedTuple):
    """A source, and its identifiers as TypeScript's parser reads them and as the facts hold them."""

    path: str
    source: bytes
    errors: int
    tokens: list[Token]
    unparsed: bool
    facts: list[Token]
    posted: frozenset[int]


class Account(NamedTuple):
    """The fate of the identifiers of a tree."""

    sums: Counter[str]
    left_over: dict[str, list[str]]
    """Places by kind: identifiers that are not held, occurrences out of thin air, names that are not posted."""
    doubtful: dict[str, list[str]]
    """The same of files that TypeScript's parser cannot read."""


def sources(root: Path) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every source that an index of the tree would parse."""
    manifest = _native.Manifest()
    manifest.renew(str(root))
    for _, path, _, flags in manifest.entries(_CODE):
        source = (root / path).read_bytes()
        if not flags & _UNPARSED and b"\0" not in source[:8192]:
            yield path, source


def files(root: Path) -> Iterator[File]:
    """Every source of a tree with its identifiers."""
    compiler = corpus("typescript") / "lib" / "typescript.js"
    found = list(sources(root))
    told = "".join(json.dumps({"path": path, "text": source.decode(errors="bytewise")}) + "\n" for path, source in found)
    theirs = _answers(["node", str(Path(__file__).with_name("identifiers.mjs")), str(compiler)], told)
    ours = _answers(["cargo", "run", "--quiet", "--release", "--package", "clew-core", "--example", "identifiers"], told)
    for (path, source), read, held in zip(found, theirs, ours, strict=True):
        yield File(
            path,
            source,
            read["errors"],
            [Token(*token) for token in read["tokens"]],
            held["unparsed"],
            [Token(*token) for token in held["rows"]],
            frozenset(held["posted"]),
        )


def _answers(command: list[str], told: str) -> Iterator[dict[str, Any]]:
    """The lines that a program answers with."""
    done = subprocess.run(command, cwd=Path(__file__).parent, input=told, stdout=subprocess.PIPE, text=True, check=True)
    return map(json.loads, filter(None, done.stdout.split("\n")))  # other line ends may stand in names


def accounted(root: Path) -> Account:
    """Compare every file of a tree."""
    account = Account(Counter(), defaultdict(list), defaultdict(list))
    for file in files(root):
        account.sums["files"] += 1
        account.sums["unparsed"] += file.unparsed
        account.sums["misread"] += bool(file.errors)
        account.sums["identifiers"] += len(file.tokens)
        listed = account.doubtful if file.errors else account.left_over
        for kind, place in _differences(file, account.sums):
            listed[kind].append(place)
    account.sums["left over"] = sum(map(len, account.left_over.values()))
    account.sums["doubtful"] = sum(map(len, account.doubtful.values()))
    return account


def _differences(file: File, sums: Counter[str]) -> Iterator[tuple[str, str]]:
    """Kind and place of whatever does not close the account of a file; what does is added to the sums."""
    held = {(row.start, row.end): row for row in file.facts if row.name is not None}
    regions = [row for row in file.facts if row.name is None]
    for token in file.tokens:
        row = held.get((token.start, token.end))
        if row is not None:
            sums[row.kind] += 1
        elif any(region.start <= token.start and token.end <= region.end for region in regions):
            sums["unread"] += 1
        else:
            yield token.kind, _place(file, token.start)
        if _native.name_hash(token.name or "") not in file.posted:
            yield f"not posted: {token.kind}", _place(file, token.start)
    if not regions:
        spans = {(token.start, token.end) for token in file.tokens}
        for row in file.facts:
            if (row.start, row.end) not in spans and not _is_spelt_otherwise(file.source, row.start, row.name or ""):
                yield "out of thin air", _place(file, row.start)


def _is_spelt_otherwise(source: bytes, start: int, name: str) -> bool:
    """True when the name of an occurrence stands in quotes, is a number or a computed key, or is `await`, which scripts may call."""
    return source[start - 1 : start] in {b"'", b'"', b"`"} or source[start : start + 1].isdigit() or name.startswith("[") or name == "await"


def _place(file: File, offset: int) -> str:
    """A place with the line that is there."""
    line = file.source.count(b"\n", 0, offset)
    start = file.source.rfind(b"\n", 0, offset) + 1
    text = file.source[start:].split(b"\n", 1)[0].decode(errors="replace").strip()
    return f"{file.path}:{line + 1}:{offset - start + 1} {text[:100]}"


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("trees", nargs="+", metavar="TREE", help="a folder, or a package of corpora.py")
    flags.add_argument("--examples", type=int, default=3, metavar="N", help="places shown of each kind that is left over")
    return flags


COLUMNS = ("files", "unparsed", "identifiers", "occurrence", *KINDS, "left over", "misread", "doubtful")
"""Figures of a tree; `misread` are the files in which TypeScript's parser finds errors."""


def main() -> int:
    """Print the sums of each tree, then what is left over."""
    options = parser().parse_args()
    accounts = {name: accounted(tree(name)) for name in options.trees}
    rows: list[tuple[object, ...]] = [("tree", *COLUMNS)]
    rows += [(Path(name).name, *(account.sums[column] for column in COLUMNS)) for name, account in accounts.items()]
    print_table(rows)
    for name, account in accounts.items():
        for title, listed in (("left over", account.left_over), ("doubtful", account.doubtful)):
            for kind, places in sorted(listed.items(), key=lambda pair: -len(pair[1])):
                print(f"\n{Path(name).name}, {title}: {len(places)} {kind}")
                print(*(f"    {place}" for place in places[: options.examples]), sep="\n")
    return int(any(account.left_over for account in accounts.values()))


if __name__ == "__main__":
    sys.exit(main())
