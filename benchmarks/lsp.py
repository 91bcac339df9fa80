"""References of random symbols beside those of TypeScript's language server, in trees that it types as their authors do.

    python benchmarks/lsp.py zod=DIR [query=DIR …] [--sample 300] [--seed 5] [--out DIR]

`DIR` has one `tsconfig.json` that takes its files in, and the packages that its types come from. Only files that both know count.
A place that only the compiler has is a miss, one that clew calls possible among them. A place that only clew has contradicts the
compiler when that leads it elsewhere; where the compiler leads nowhere its receiver is `any`.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from accuracy import Corpus
from accuracy import corpus as named_tree
from asking import in_process
from clew.workspace import Workspace
from compiler import Difference, is_code, lines_of, names, page
from corpora import folder
from languageserver import LanguageServer, Refused, Spot, compiler

_JSX_ATTRIBUTE = re.compile(r"[\w-]+=[{\"']")
_QUOTES = ("'", '"', "`")
Row = dict[str, Any]


class Symbol(NamedTuple):
    """A name that declares something."""

    kind: str
    name: str
    place: Spot

    def __str__(self) -> str:
        return f"{self.name} ({self.kind}) {self.place}"


class Sheet(NamedTuple):
    """How the symbols of one tree fared."""

    figures: Counter[str]
    """How many symbols, how many of them equal, places of the compiler, missing ones and the possible among these; and of places that
    only clew has: `another` where the compiler leads elsewhere, `alias` where it leads to a name that clew takes for another name of the
    symbol, `fewer` where it leads to one of the symbol's places itself, `any` where it leads nowhere."""
    differences: list[Difference]

    def line(self, name: str) -> str:
        """The figures in one line."""
        of = self.figures
        return (
            f"{name}: {of['equal']} of {of['symbols']} alike; of {of['places']} places {of['missing']} missing, {of['possible']} of them "
            f"possible; more: {of['another']} another, {of['alias']} alias, {of['fewer']} fewer, {of['any']} any"
        )


def project_files(root: Path) -> frozenset[str]:
    """The files of the project, root-relative, as the compiler lists them."""
    program = compiler()
    if program is None:
        raise Refused("npm cannot install TypeScript")
    listed = subprocess.run([str(program), "-p", str(root), "--listFilesOnly"], stdout=subprocess.PIPE, text=True, check=False).stdout
    inside = (Path(line) for line in listed.splitlines())
    return frozenset(path.relative_to(root).as_posix() for path in inside if path.is_relative_to(root) and "node_modules" not in path.parts)


def symbols(workspace: Workspace, files: frozenset[str], sample: int, seed: int) -> list[Symbol]:
    """Random names that declare something, each as likely as the next; which others there are does not matter to one."""
    found: list[Symbol] = []
    for name in names(workspace):
        if name.place.file not in files or not name.declared:
            continue
        kinds = sorted({of.kind for of in workspace.generation.linker.describe(name.declared)} - {"constructor"})
        if kinds:
            found.append(Symbol("+".join(kinds), name.text, name.place))
    return sorted(found, key=lambda one: blake2b(f"{seed} {one.place}".encode()).digest())[:sample]


def site(root: Path, place: Spot) -> str:
    """The kind of place it is, by the text around it."""
    line = lines_of(root / place.file)[place.line - 1]
    before, here = line[: place.column - 1], line[place.column - 1 :]
    word = re.match(r"[\w$]*", here)
    behind = here[word.end() if word else 0 :].lstrip()
    if here.startswith(_QUOTES) or before.endswith(_QUOTES):
        return "string"
    if before.endswith(".") and not before.endswith(".."):
        return "member"
    if _JSX_ATTRIBUTE.match(here):
        return "attribute"
    if before.endswith(("<", "</")) and behind.startswith((">", "/", "{")):
        return "element"
    return "key" if behind.startswith((":", "?:")) else "name"


class Comparison:
    """Both answers for every symbol of a tree."""

    def __init__(self, root: Path, server: LanguageServer, files: frozenset[str]) -> None:
        self.root, self.server, self.files = root, server, files
        self.ask = in_process(root)

    def sheet(self, chosen: list[Symbol]) -> Sheet:
        """Ask both about each symbol, and keep what differs."""
        replies = self.ask([{"op": "references", "target": str(one.place), "limit": 0, "possible": True, "deadline": 0} for one in chosen])
        figures: Counter[str] = Counter()
        differences: list[Difference] = []
        for symbol, reply in zip(chosen, replies, strict=True):
            try:
                theirs = frozenset(one for one in self.server.references(symbol.place) if self._counts(one))
            except Refused as refusal:
                differences.append(Difference(f"the compiler refuses: {refusal}", str(symbol), symbol.place))
                continue
            if not theirs or not self._is_of_the_project(symbol):
                continue
            if "error" in reply:
                differences.append(Difference(f"{symbol.kind}: refused, {reply['error']['code']}", str(symbol), symbol.place))
            rows = {Spot(row["file"], row["line"], row["column"]): row for row in reply.get("results", ())}
            sure = {one: row for one, row in rows.items() if row["evidence"] != "possible" and one.file in self.files}
            missing = sorted(theirs - sure.keys())
            more = list(self._more(theirs, sure))
            figures["symbols"] += 1
            figures["equal"] += not missing and all(kind != "another" for kind, _ in more)
            figures["places"] += len(theirs)
            figures["missing"] += len(missing)
            figures["possible"] += sum(one in rows for one in missing)
            figures.update(kind for kind, _ in more)
            differences += [
                Difference(f"missing {'possible' if one in rows else 'certain'}: {symbol.kind} at {site(self.root, one)}", str(symbol), one)
                for one in missing
            ]
            differences += [
                Difference(f"{kind}: {symbol.kind} at {rows[one]['role']}, {rows[one]['evidence']}", str(symbol), one) for kind, one in more
            ]
        return Sheet(figures, differences)

    def _is_of_the_project(self, symbol: Symbol) -> bool:
        """True when something of the project is meant, and not what a package declares."""
        return any(one.file in self.files for one in self.server.definition(symbol.place))

    def _counts(self, place: Spot) -> bool:
        return place.file in self.files and is_code(self.root, place)

    def _more(self, theirs: frozenset[Spot], rows: Mapping[Spot, Row]) -> Iterator[tuple[str, Spot]]:
        """Places where clew is alone, and what the compiler makes of the place."""
        aliases = {place for place, row in rows.items() if row["role"] == "import"}
        for place in sorted(rows.keys() - theirs):
            try:
                leads = self.server.definition(place, outside=True)
            except Refused:
                leads = frozenset()
            if not leads:
                yield "any", place
            elif leads & theirs:
                yield "fewer", place
            elif leads & aliases:
                yield "alias", place
            else:
                yield "another", place


def main() -> int:
    """Compare, print a line and write a page for each tree."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("trees", nargs="+", type=named_tree, metavar="NAME=DIR", help="a tree with its settings and packages")
    flags.add_argument("--sample", type=int, default=300, metavar="N", help="how many symbols of each tree")
    flags.add_argument("--seed", type=int, default=5, help="another seed, another sample")
    flags.add_argument("--out", type=Path, default=folder(), metavar="DIR", help="where the pages are written")
    options = flags.parse_args()
    trees: list[Corpus] = options.trees
    for name, root in trees:
        files = project_files(root)
        chosen = symbols(Workspace.open(str(root)), files, options.sample, options.seed)
        with LanguageServer(root) as server:
            sheet = Comparison(root, server, files).sheet(chosen)
        told = options.out / f"{name}.references.md"
        told.write_text(page(name, root, {"references": sheet}), encoding="utf-8")
        print(sheet.line(name), flush=True)
        print(f"{name}: differences by kind in {told}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
