"""Answers beside those of the TypeScript compiler: every difference, by kind, in a page worth reading.

    python benchmarks/compiler.py rxjs [webpack …] [--tree NAME=DIR] [--sample 300] [--out DIR]

A package is one of `corpora.py`. Its tree is copied with a `tsconfig.json` that takes every file in, so that both see one project.
The compiler is the judge for TypeScript and ECMAScript modules only: in CommonJS and behind `any` it misses what is there, so that
what it does not have is a question, not a mistake. Of an overloaded function it gives the signature that fits, we give all.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shutil
import sys
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

from accuracy import Corpus
from accuracy import corpus as named_tree
from asking import Asker, in_process
from clew.index.generation import SourceChanged
from clew.workspace import Workspace
from corpora import PACKAGES, corpus, folder
from languageserver import LanguageServer, Refused, Spot

LISTED = 30
"""Differences listed under one kind."""
_CONFIG = {
    "compilerOptions": {
        "allowJs": True,
        "checkJs": False,
        "noEmit": True,
        "strict": True,
        "skipLibCheck": True,
        "jsx": "preserve",
        "target": "esnext",
        "module": "esnext",
        "moduleResolution": "bundler",
    },
    "include": ["**/*"],
    "exclude": ["node_modules"],
}
_NAME = re.compile(rb"[A-Za-z_$\x80-\xff][\w$\x80-\xff]*")
_SPECIFIERS = re.compile(r"\s*(import|export)\b[^=(]*[{,]\s*(\w+ as )?(type )?$")
_LEFT_OUT = shutil.ignore_patterns(".git", ".clew", "node_modules", "dist")


class Difference(NamedTuple):
    """One place that one of the two has and the other has not."""

    kind: str
    question: str
    where: Spot


class Tally(NamedTuple):
    """How one sheet of questions went."""

    asked: int
    same: int
    both: int
    missed: int
    more: int
    differences: list[Difference]

    def line(self, name: str) -> str:
        """The figures in one line."""
        return f"{name}: {self.same} of {self.asked} alike; {self.both} places in common, {self.missed} missed, {self.more} more"


def project(name: str, tree: Path) -> Path:
    """Return a copy of a tree that the compiler takes as one project; the tree's own settings are extended."""
    home = folder() / f"compiled-{name}"
    if home.is_dir():
        return home
    return one_project(tree, home)


def one_project(tree: Path, home: Path) -> Path:
    """Copy a tree to `home`, with settings that take every file in."""
    shutil.copytree(tree, home, ignore=_LEFT_OUT, symlinks=True)
    own = [path for path in home.rglob("tsconfig.json") if path.parent != home]
    for path in own:
        path.unlink()
    settings = home / "tsconfig.json"
    config = dict(_CONFIG)
    if settings.exists():
        settings.rename(home / "tsconfig.own.json")
        config["extends"] = "./tsconfig.own.json"
    settings.write_text(json.dumps(config, indent=2))
    return home


class Name(NamedTuple):
    """A name that stands in a file: what, where, the line before it, and what it declares."""

    text: str
    place: Spot
    before: str
    declared: list[tuple[int, int]]


def names(workspace: Workspace) -> Iterator[Name]:
    """Every name of the tree's code; columns behind other letters than ASCII may be off, and such lines are rare in code."""
    generation = workspace.generation
    linker = generation.linker
    for entry in generation.files():
        try:
            source = generation.source(entry.id)
        except SourceChanged:
            continue
        starts = linker.lines(entry.id)[0]
        for match in _NAME.finditer(source):
            occurrence = linker.occurrence_at(entry.id, match.start())
            if occurrence is None:
                continue  # a keyword, or a word of a comment or a string
            line = bisect_right(starts, match.start())
            before = source[starts[line - 1] : match.start()]
            place = Spot(entry.path, line, len(before) + 1)
            yield Name(match.group().decode(), place, before.decode(errors="replace"), linker.declared_at(entry.id, occurrence))


def definitions(workspace: Workspace, sample: int, seed: int) -> list[tuple[str, str, Spot]]:
    """A sample of definitions, as many of each kind as there are: kind, name, place."""
    strata: dict[str, list[tuple[str, str, Spot]]] = defaultdict(list)
    for name in names(workspace):
        for of in workspace.generation.linker.describe(name.declared):
            if of.is_function_name or of.kind in {"import", "constructor"}:
                continue  # the compiler takes a constructor for every `new`, and an import is asked where it leads to
            where = "exported " if of.exported else "local " if of.local else ""
            assigned = "assigned " if _is_member(name) else ""
            stratum = f"{where}{assigned}{of.kind}"
            strata[stratum].append((stratum, name.text, name.place))
    return _sampled(strata, sample, seed)


def uses(workspace: Workspace, sample: int, seed: int) -> list[tuple[str, str, Spot]]:
    """A sample of names that declare nothing: kind, name, place."""
    strata: dict[str, list[tuple[str, str, Spot]]] = defaultdict(list)
    for name in names(workspace):
        if not name.declared:
            kind = "member" if _is_member(name) else "specifier" if _SPECIFIERS.match(name.before) else "name"
            strata[kind].append((kind, name.text, name.place))
    return _sampled(strata, sample, seed)


def _is_member(name: Name) -> bool:
    """True when a name stands behind a dot; three of them spread it."""
    return name.before.endswith(".") and not name.before.endswith("..")


def _sampled(strata: dict[str, list[tuple[str, str, Spot]]], sample: int, seed: int) -> list[tuple[str, str, Spot]]:
    chance = random.Random(seed)  # noqa: S311 - a sample that comes again
    share = max(1, sample // max(1, len(strata)))
    return [one for name in sorted(strata) for one in chance.sample(strata[name], min(share, len(strata[name])))]


def compared(server: LanguageServer, ask: Asker, operation: str, questions: list[tuple[str, str, Spot]]) -> Tally:
    """Ask both, and keep what differs."""
    replies = ask([{"op": operation, "target": str(place), "limit": 0} for _, _, place in questions])
    asked = same = both = missed = more = 0
    differences: list[Difference] = []
    for (kind, name, place), reply in zip(questions, replies, strict=True):
        question = f"{name} ({kind}) {place}"
        try:
            theirs = server.references(place) if operation == "references" else server.definition(place)
        except Refused as refusal:
            differences.append(Difference(f"the compiler refuses: {refusal}", question, place))
            continue
        if not theirs:
            continue
        if "error" in reply:
            differences.append(Difference(f"{operation} of {kind} refused: {reply['error']['code']}", question, place))
        rows = [row for row in reply.get("results", ()) if row.get("evidence") != "possible"]
        ours = {Spot(row["file"], row["line"], row["column"]): row for row in rows}
        theirs = frozenset(one for one in theirs if is_code(server.root, one))
        asked += 1
        same += theirs == ours.keys()
        both += len(theirs & ours.keys())
        missed += len(theirs - ours.keys())
        more += len(ours.keys() - theirs)
        differences += [Difference(f"{operation} of {kind}: missed", question, one) for one in sorted(theirs - ours.keys())]
        differences += [
            Difference(f"{operation} of {kind}: more, {ours[one].get('evidence', '')} {ours[one].get('role', '')}", question, one)
            for one in sorted(ours.keys() - theirs)
        ]
    return Tally(asked, same, both, missed, more, differences)


def is_code(root: Path, place: Spot) -> bool:
    """True when a place is a name in code: the compiler also lists names in comments, `this`, and quoted module names."""
    line = lines_of(root / place.file)[place.line - 1]
    before, here = line[: place.column - 1], line[place.column - 1 :]
    return not before.lstrip().startswith(("*", "/*", "//")) and "/** " not in before and not here.startswith(("this", "super", "*/"))


@cache
def lines_of(path: Path) -> list[str]:
    """The lines of a file, which is read once."""
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


class Figures(Protocol):
    """Score of one sheet of questions."""

    @property
    def differences(self) -> list[Difference]:
        """Every place that one of the two lacks."""
        ...

    def line(self, name: str) -> str:
        """The figures in one line."""
        ...


def page(name: str, root: Path, tallies: Mapping[str, Figures]) -> str:
    """Return the page of one tree in Markdown: figures, counts by kind, then each difference with its line of source."""
    by_kind: dict[str, list[Difference]] = defaultdict(list)
    for tally in tallies.values():
        for difference in tally.differences:
            by_kind[difference.kind].append(difference)
    lines = [f"# {name} beside the compiler", "", *(f"- {tally.line(sheet)}" for sheet, tally in tallies.items()), ""]
    lines += ["| places | questions | kind |", "| ---: | ---: | --- |"]
    for kind, count in Counter({kind: len(found) for kind, found in by_kind.items()}).most_common():
        lines.append(f"| {count} | {len({one.question for one in by_kind[kind]})} | {kind} |")
    for kind, found in sorted(by_kind.items(), key=lambda pair: -len(pair[1])):
        lines += ["", f"## {kind} ({len(found)})", "", *_listed(root, found)]
    return "\n".join(lines) + "\n"


def _listed(root: Path, found: list[Difference]) -> Iterator[str]:
    """One block for each question, at most a few places of it."""
    by_question: dict[str, list[Spot]] = defaultdict(list)
    for one in found:
        by_question[one.question].append(one.where)
    for question, places in list(by_question.items())[:LISTED]:
        yield f"- {question}: {len(places)}"
        for place in places[:3]:
            yield f"  {place}  `{lines_of(root / place.file)[place.line - 1].strip()[:120]}`"


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("packages", nargs="*", metavar="PACKAGE", help="packages of corpora.py")
    flags.add_argument("--tree", type=named_tree, action="append", default=[], metavar="NAME=DIR", help="another tree")
    flags.add_argument("--sample", type=int, default=300, metavar="N", help="how many definitions, and how many uses")
    flags.add_argument("--seed", type=int, default=5, help="another seed, another sample")
    flags.add_argument("--out", type=Path, default=folder(), metavar="DIR", help="where the pages are written")
    return flags


def main() -> int:
    """Compare, and write a page for each tree."""
    options = parser().parse_args()
    if unknown := set(options.packages).difference(PACKAGES):
        print(f"no package {', '.join(sorted(unknown))}; there are {', '.join(PACKAGES)}", file=sys.stderr)
        return 2
    trees = [*(Corpus(name, corpus(name)) for name in options.packages), *options.tree]
    for name, tree in trees:
        root = project(name, tree)
        ask = in_process(root)
        workspace = Workspace.open(str(root))
        with LanguageServer(root) as server:
            tallies = {
                "references": compared(server, ask, "references", definitions(workspace, options.sample, options.seed)),
                "definition": compared(server, ask, "definition", uses(workspace, options.sample, options.seed)),
            }
        told = options.out / f"{name}.differences.md"
        told.write_text(page(name, root, tallies), encoding="utf-8")
        for sheet, tally in tallies.items():
            print(tally.line(f"{name} {sheet}"))
        print(f"{name}: differences by kind in {told}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
