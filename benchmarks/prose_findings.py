"""How much of what prose says of code is found: things planted into the documents of real code bases, and looked for.

    python benchmarks/prose_findings.py TREE [TREE ...] [--planted 100] [--seed 14]

Each tree is copied without what is installed. Half of what is planted speaks of a definition that is there (`--mentions`), half names
one as it was before a rename (`--drift`); all in documents that tell of no past. Prints what was planted and found, by kind, and what
was missed.
"""

from __future__ import annotations

import argparse
import posixpath
import random
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from clew._native import Description, is_test
from clew.code.addresses import addresses
from clew.code.manifests import commands_of
from clew.markdown.documents import Library
from clew.markdown.drift import Drift, drift
from clew.markdown.mentions import Mentions, mentions
from clew.markdown.past import is_of_the_past, is_placeholder
from clew.markdown.paths import PathBook
from clew.requests import POSSIBLE, Target
from clew.workspace import Workspace

_LEFT_OUT = shutil.ignore_patterns("node_modules", ".git", ".clew")
_ASIDE = re.compile(r"(^|/)(docs?|website|examples?|fixtures|scripts|build|benchmarks?)/")
_SEVERAL_WORDS = re.compile(r"[a-z][A-Z]")
_MOST_TRIES = 40


class Planted(NamedTuple):
    """A paragraph for a document, and what has to be found in it."""

    kind: str
    text: str
    target: str
    """The address that `--mentions` is asked about; empty for what `--drift` has to find."""
    missing: str = ""


class Sources:
    """What of a tree can be spoken of."""

    def __init__(self, workspace: Workspace, chance: random.Random) -> None:
        self.chance, self.generation = chance, workspace.generation
        linker, book = self.generation.linker, PathBook(self.generation)
        entries = [entry for entry in self.generation.files() if not is_test(entry.path) and not _ASIDE.search(entry.path)]
        self.files = [entry.path for entry in entries if "/" in entry.path and not is_placeholder(entry.path)]
        described = [of for entry in entries for of in linker.describe(linker.outlined(entry.id))]
        named = dict(zip([(of.file, of.definition) for of in described], addresses(self.generation, _definitions(described)), strict=True))
        self.address = named
        alone = Counter(of.bare_name for of in described)
        qualified = [of for of in described if of.is_member and re.fullmatch(r"[A-Z]\w+[#.][a-z]\w+", of.name)]
        self.members = [of for of in qualified if alone[of.bare_name] == 1 and not is_placeholder(of.bare_name)]
        own = next((manifest for folder, manifest in book.packages.items() if not folder), {})
        self.package = str(own.get("name", ""))
        offered = linker.offered([entry.id for entry in entries if entry.path in self._mains(own)])
        described = [of for of in linker.describe(sorted(offered)) if (of.file, of.definition) in named and not of.is_member]
        self.exports = [of for of in described if _SEVERAL_WORDS.search(of.bare_name)]
        documents = (document.source for document in Library(self.generation).all())
        text = "\n".join(source.decode("utf-8", "replace") for source in documents if source)
        lines = [(command, line) for command in commands_of(own) for line in re.findall(rf"(?m)^(?:\$ )?(?:npx )?{command} .*", text)]
        self.flags = sorted({(command, flag) for command, line in lines for flag in re.findall(r"--([a-z][a-z-]+[a-z])\b", line)})

    def _mains(self, manifest: dict[str, object]) -> set[str]:
        stem = posixpath.splitext(str(manifest.get("main", "index")).removeprefix("./"))[0]
        tails = {stem, f"src/{posixpath.basename(stem)}", "src/index", "index"}
        return {f"{tail}{ending}" for tail in tails for ending in (".js", ".ts", ".mjs")}

    def spoken(self, kind: str) -> Planted | None:
        """A paragraph that speaks of something that is there."""
        if kind == "path" and self.files:
            path = self.chance.choice(self.files)
            return Planted(kind, self.chance.choice((f"See `{path}`.", f"It is in {path}, at the top.")), path)
        if kind == "member" and self.members:
            of = self.chance.choice(self.members)
            owner, _, name = of.name.replace("#", ".").partition(".")
            forms = (f"Call `{of.name}`.", f"Call `{owner}.{name}()`.", f"`{owner[:1].lower()}{owner[1:]}.{name}()` does it.")
            return Planted(kind, self.chance.choice(forms), self._address(of))
        if kind == "export" and self.exports:
            of = self.chance.choice(self.exports)
            return Planted(kind, self.chance.choice((f"Use `{of.bare_name}`.", f"Use `{of.bare_name}(x)` for it.")), self._address(of))
        if kind == "code" and self.exports and self.package:
            of = self.chance.choice(self.exports)
            block = f"```js\nimport {{ {of.bare_name} }} from '{self.package}'\n\nuse({of.bare_name})\n```"
            return Planted(kind, block, self._address(of))
        return None

    def gone(self, kind: str) -> Planted | None:
        """A paragraph that names something as it was called before."""
        if kind == "path" and self.files:
            folder, name = posixpath.split(self.chance.choice(self.files))
            stem, dot, ending = name.partition(".")
            path = posixpath.join(folder, self.chance.choice((f"{stem}s", f"old{stem}er", f"{stem}-tools", f"base{stem}")) + dot + ending)
            return Planted(kind, f"It is in `{path}`.", "", path)
        if kind == "member" and self.members:
            of = self.chance.choice(self.members)
            name = self._before(of.bare_name)
            return Planted(kind, f"Call `{of.name.removesuffix(of.bare_name)}{name}()`.", "", name)
        if kind == "import" and self.exports and self.package:
            name = self._before(self.chance.choice(self.exports).bare_name)
            return Planted(kind, f"```js\nimport {{ {name} }} from '{self.package}'\n```", "", name)
        if kind == "flag" and self.flags:
            command, known = self.chance.choice(self.flags)
            flag = f"--{self.chance.choice(('fully', 'with', 'keep'))}-{known}"
            return Planted(kind, f"```sh\nnpx {command} {flag}\n```", "", flag)
        if kind == "syntax" and self.exports and self.package:
            name = self.chance.choice(self.exports).bare_name
            return Planted(kind, f"```js\nimport {{ {name} }} from '{self.package}'\n\nconst made = {name}(1, {{ a: 2 )\n```", "")
        return None

    def _before(self, name: str) -> str:
        return self.chance.choice((f"{name}s", f"{name}Now", f"{name}Of"))

    def _address(self, of: Description) -> str:
        return self.address[of.file, of.definition]


def _definitions(described: list[Description]) -> list[tuple[int, int]]:
    return [(of.file, of.definition) for of in described]


def plant(root: Path, workspace: Workspace, planted: list[Planted], chance: random.Random) -> dict[int, str]:
    """Put each paragraph at the end of a document; gives the path of the document of each, by number."""
    library = Library(workspace.generation)
    documents = [
        document for document in library.all() if document.source and not is_of_the_past(document, max(document.prose.size - 1, 0))
    ]
    where: dict[int, str] = {}
    for number, one in enumerate(planted):
        document = chance.choice(documents)
        where[number] = document.path
        with (root / document.path).open("a", encoding="utf-8") as stream:
            stream.write(f"\n\n{one.text}\n")
    return where


def drawn(sources: Sources, count: int) -> Iterator[Planted]:
    """Things to plant, the kinds in turn; kinds that a tree has nothing for are left out."""
    kinds = [(sources.spoken, kind) for kind in ("path", "member", "export", "code")]
    kinds += [(sources.gone, kind) for kind in ("path", "member", "import", "flag", "syntax")]
    made = 0
    for turn in range(count * _MOST_TRIES):
        draw, kind = kinds[turn % len(kinds)]
        one = draw(kind)
        if one is not None and made < count:
            made += 1
            yield one


def look(root: Path, planted: list[Planted], where: dict[int, str]) -> list[bool]:
    """Whether each was found, for certain."""
    workspace = Workspace.open(str(root))
    gone = [row for row in drift(workspace, Drift()).results if row.evidence != POSSIBLE]
    found: list[bool] = []
    for number, one in enumerate(planted):
        if one.target:
            rows = mentions(workspace, Mentions(targets=(Target(text=one.target),))).results
            found.append(any(row.file == where[number] and row.evidence != POSSIBLE for row in rows))
        else:
            found.append(any((row.file, row.kind, row.missing) == (where[number], one.kind, one.missing) for row in gone))
    return found


def main() -> None:
    """Plant, look, and print a table."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("trees", type=Path, nargs="+", metavar="TREE")
    flags.add_argument("--planted", type=int, default=100, metavar="N", help="how many things, over all trees")
    flags.add_argument("--seed", type=int, default=14)
    asked = flags.parse_args()
    totals: Counter[tuple[str, bool]] = Counter()
    for tree in asked.trees:
        chance = random.Random(f"{asked.seed} {tree.name}")  # noqa: S311 - a sample, no secret
        with tempfile.TemporaryDirectory() as room:
            root = Path(shutil.copytree(tree, Path(room) / tree.name, ignore=_LEFT_OUT))
            workspace = Workspace.open(str(root))
            planted = list(drawn(Sources(workspace, chance), asked.planted // len(asked.trees)))
            where = plant(root, workspace, planted, chance)
            for number, (one, is_found) in enumerate(zip(planted, look(root, planted, where), strict=True)):
                totals[f"{'mention' if one.target else 'drift'} {one.kind}", is_found] += 1
                if not is_found:
                    print(f"missed in {tree.name}/{where[number]}: {one.kind} {one.target or one.missing}: {one.text!r}")
    for kind in sorted({kind for kind, _ in totals}):
        print(f"{kind:16} {totals[kind, True]:4} of {totals[kind, True] + totals[kind, False]:4}")
    hits = sum(count for (_, is_found), count in totals.items() if is_found)
    print(f"{'all':16} {hits:4} of {totals.total():4}: recall {hits / max(totals.total(), 1):.2f}")


if __name__ == "__main__":
    main()
