"""The call edges of a package that its tests ran, and what clew says of each.

    python benchmarks/runtime_edges.py TREE --sources GLOB … --tests COMMAND [--without GLOB …]
        [--edges FILE] [--list KIND …] [--examples 20]

The sources of a copy of the tree, which must have what its tests need, are rewritten so that each call tells what it evaluated to
(`runtime_edges.mjs`), and the tests run there; `--edges` keeps what they told, and takes it from there the next time. An edge leads from a
call in the sources to a function or class of them that has a name. Functions that something else than a call in the sources runs, as
`Array.prototype.map` does its callback, make no edges, and are counted.

The first table says of how many edges the call is among the callers of what it ran, and how: `flow` are inferred ones by flow, and
`recall` is that of exact and inferred ones, flow among them. `nameless` are calls of no name (`run()()`), which no row can stand at. The
second is of rows by flow at calls that ran: `right` where the call came to run what the row is of, `wrong` where it ran other functions of
the sources and never that one, though the tests may only not have gone there, and `outside` where all that it ran is not of the sources,
as what a test passes is not: that says nothing of the row, and does not count. A row is `named` where the call spells the name of what it
runs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from clew.workspace import Workspace
from corpora import SOURCES, corpus
from measuring import print_table
from printed import IDENTIFIER

HERE = Path(__file__).parent
KEPT = shutil.ignore_patterns(".clew", ".git")
NAMELESS = -1


class Site(NamedTuple):
    """A call; offsets count bytes."""

    path: str
    name: int
    """Of the name that is called, `NAMELESS` where there is none."""
    at: int


class Function(NamedTuple):
    """A function or a class, and where the names stand that it is declared by or stored as."""

    path: str
    at: int
    names: tuple[int, ...]


class Recording(NamedTuple):
    """Edges that the tests of a package told."""

    sites: dict[int, Site]
    functions: dict[int, Function]
    edges: set[tuple[int, int]]
    """A site, and a function of the sources that the call there evaluated to."""
    ran: set[int]
    """The functions that ran."""
    executed: set[int]
    """The sites that ran any function, of the sources or not."""


class Edge(NamedTuple):
    """A call that ran a function with a name, and how clew knows of it."""

    site: Site
    names: tuple[str, ...]
    function: Function
    kind: str


class Claim(NamedTuple):
    """A row by flow at a call that ran."""

    site: Site
    name: str
    kind: str
    """`named` where the call spells the name of what it runs, else `renamed`."""
    outcome: str


def recorded(tree: Path, wanted: Sequence[str], unwanted: Sequence[str], tests: str) -> Recording:
    """Run the tests of a package over sources that tell what they call."""
    left_alone = {path for pattern in [*unwanted, "**/*.d.ts"] for path in tree.glob(pattern)}
    globbed = {path for pattern in wanted for path in tree.glob(pattern) if path.suffix in SOURCES}
    paths = sorted(globbed - left_alone)
    sites: dict[int, Site] = {}
    functions: dict[int, Function] = {}
    with tempfile.TemporaryDirectory(dir=tree.parent) as room, tempfile.TemporaryDirectory() as told:
        root = Path(room) / "tree"
        shutil.copytree(tree, root, ignore=KEPT, symlinks=True, copy_function=os.link)
        for path, rewritten in zip(paths, _rewritten(paths), strict=True):
            relative = path.relative_to(tree)
            (root / relative).unlink()
            (root / relative).write_text(rewritten["text"], encoding="utf-8")
            sites.update((number, Site(str(relative), *rest)) for number, *rest in rewritten["sites"])
            functions.update((number, Function(str(relative), at, tuple(names))) for number, at, names in rewritten["functions"])
        preload = f"--require {HERE / 'runtime_recorder.cjs'}"
        surroundings = {**os.environ, "CLEW_EDGES": told, "NODE_OPTIONS": preload}
        done = subprocess.run(tests, shell=True, cwd=root, env=surroundings, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)  # noqa: S602
        print(f"tests: exit {done.returncode}", *done.stdout.decode(errors="replace").splitlines()[-12:], sep="\n  ", file=sys.stderr)
        lines = {line for file in Path(told).iterdir() for line in file.read_text(encoding="utf-8").splitlines()}
    return _read(sites, functions, lines)


def _read(sites: dict[int, Site], functions: dict[int, Function], lines: set[str]) -> Recording:
    edges: set[tuple[int, int]] = set()
    ran: set[int] = set()
    executed: set[int] = set()
    for line in lines:
        kind, first, *rest = line.split()
        if kind == "r":
            ran.add(int(first))
        else:
            executed.add(int(first))
            edges.update((int(first), int(function)) for function in rest)
    return Recording(sites, functions, edges, ran, executed)


def _rewritten(paths: Sequence[Path]) -> Iterator[dict[str, Any]]:
    """The rewritten text of sources, with their calls and functions."""
    compiler = corpus("typescript") / "lib" / "typescript.js"
    first = 1
    command = ["node", str(HERE / "runtime_edges.mjs"), str(compiler)]
    told = []
    for path in paths:
        text = path.read_text(encoding="utf-8")
        told.append(json.dumps({"path": path.name, "text": text, "first": first}) + "\n")
        first += len(text)  # no source has more calls and functions than letters
    done = subprocess.run(command, input="".join(told), stdout=subprocess.PIPE, text=True, check=True)
    yield from map(json.loads, filter(None, done.stdout.split("\n")))


def kept(recording: Recording) -> str:
    """A recording as JSON."""
    parts = recording._asdict().items()
    return json.dumps({name: list(part.items()) if isinstance(part, dict) else sorted(part) for name, part in parts})


def unkept(text: str) -> Recording:
    """A recording that was kept."""
    read = json.loads(text)
    return Recording(
        {number: Site(*site) for number, site in read["sites"]},
        {number: Function(path, at, tuple(names)) for number, (path, at, names) in read["functions"]},
        {(site, function) for site, function in read["edges"]},
        set(read["ran"]),
        set(read["executed"]),
    )


class Said(NamedTuple):
    """References of a definition by clew: evidence by file and offset."""

    name: str
    places: dict[tuple[str, int], str]


def said(workspace: Workspace, recording: Recording) -> dict[int, list[Said]]:
    """The references of every definition of each function."""
    generation, linker = workspace.generation, workspace.generation.linker
    linker.set_deadline(None)
    found: dict[int, list[Said]] = {}
    for number, function in recording.functions.items():
        file = generation.id_of(function.path)
        if file is None:
            continue
        occurrences = [linker.occurrence_at(file, at) for at in function.names]
        declared = dict.fromkeys(one for at in occurrences if at is not None for one in linker.declared_at(file, at))
        if declared:
            found[number] = [_said(workspace, (of.file, of.definition), of.bare_name) for of in linker.describe(list(declared))]
    return found


def _said(workspace: Workspace, definition: tuple[int, int], name: str) -> Said:
    generation = workspace.generation
    callers = generation.linker.references(definition, invoked=True)
    places: dict[tuple[str, int], str] = {}
    for rows, kind in ((callers.possible, "possible"), (callers.flow, "flow"), (callers.certain, "")):
        for file, _, _, at, _, _, evidence, _ in rows:
            places[generation.path_of(file), at] = kind or evidence
    return Said(name, places)


RANKS = ("exact", "inferred", "flow", "possible", "nowhere", "nameless")


def edges_of(recording: Recording, known: dict[int, list[Said]]) -> Iterator[Edge]:
    """Every edge to a function that has a name, with the best that clew says of it."""
    for number, callee in sorted(recording.edges):
        if callee not in known:
            continue
        site = recording.sites[number]
        kinds = [one.places.get((site.path, site.name), "nowhere") for one in known[callee]]
        kind = "nameless" if site.name == NAMELESS else min(kinds, key=RANKS.index)
        yield Edge(site, tuple(one.name for one in known[callee]), recording.functions[callee], kind)


def claims_of(recording: Recording, known: dict[int, list[Said]], word: dict[Site, str]) -> Iterator[Claim]:
    """Every row by flow at a call that ran."""
    reached = defaultdict(set)
    for number, callee in recording.edges:
        reached[recording.sites[number]].add(callee)
    executed = {(site.path, site.name): site for site in map(recording.sites.__getitem__, recording.executed)}
    rows = defaultdict(list)
    for callee, things in known.items():
        for place in {place for one in things for place, kind in one.places.items() if kind == "flow" and place in executed}:
            rows[executed[place]].append(callee)
    for site, callees in rows.items():
        for callee in callees:
            names = [one.name for one in known[callee]]
            outcome = "right" if callee in reached[site] else "wrong" if reached[site] else "outside"
            yield Claim(site, names[0], "named" if word[site] in names else "renamed", outcome)


def words(tree: Path, sites: Sequence[Site]) -> dict[Site, str]:
    """The name that each call spells."""
    sources = {path: (tree / path).read_bytes() for path in {site.path for site in sites}}
    found = {}
    for site in sites:
        word = IDENTIFIER.match(sources[site.path][site.name :].decode(errors="replace")) if site.name != NAMELESS else None
        found[site] = word[0] if word else ""
    return found


def place(tree: Path, site: Site) -> str:
    """A call with its line."""
    source = (tree / site.path).read_bytes()
    at = site.at if site.name == NAMELESS else site.name
    line, start = source.count(b"\n", 0, at), source.rfind(b"\n", 0, at) + 1
    text = source[start:].split(b"\n", 1)[0].decode(errors="replace").strip()
    return f"{site.path}:{line + 1}:{at - start + 1} {text[:110]}"


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("tree", type=Path)
    flags.add_argument("--sources", nargs="+", required=True, metavar="GLOB", help="what is rewritten")
    flags.add_argument("--without", nargs="+", default=[], metavar="GLOB", help="what of it is not")
    flags.add_argument("--tests", required=True, metavar="COMMAND", help="run by the shell in a copy of the tree")
    flags.add_argument("--edges", type=Path, metavar="FILE", help="keep what ran here, and take it from here")
    flags.add_argument("--list", nargs="+", default=[], metavar="KIND", help="list edges of this kind, or rows of this outcome")
    flags.add_argument("--examples", type=int, default=20, metavar="N", help="how many are listed of each")
    return flags


def main() -> int:
    """Print both tables, then what is to be listed."""
    options = parser().parse_args()
    tree = options.tree.resolve()
    if options.edges and options.edges.exists():
        recording = unkept(options.edges.read_text(encoding="utf-8"))
    else:
        recording = recorded(tree, options.sources, options.without, options.tests)
        if options.edges:
            options.edges.write_text(kept(recording), encoding="utf-8")
    known = said(Workspace.open(str(tree)), recording)
    edges = list(edges_of(recording, known))
    claims = list(claims_of(recording, known, words(tree, list(recording.sites.values()))))
    print_edges(tree.name, recording, known, edges)
    print_claims(tree.name, claims)
    for kind in options.list:
        of_kind = [edge for edge in edges if edge.kind == kind]
        for edge in of_kind[: options.examples]:
            path, at, _ = edge.function
            print(f"{kind}: {place(tree, edge.site)} -> {edge.names[0]} {place(tree, Site(path, at, at)).split(' ')[0]}")
        for claim in [claim for claim in claims if claim.outcome == kind][: options.examples]:
            print(f"{kind} ({claim.kind}): {place(tree, claim.site)} -> {claim.name}")
    return 0


def print_edges(name: str, recording: Recording, known: dict[int, list[Said]], edges: Sequence[Edge]) -> None:
    """Print how many edges are found."""
    kinds = Counter(edge.kind for edge in edges)
    found = kinds["exact"] + kinds["inferred"] + kinds["flow"]
    unnamed = sum(callee not in known for _, callee in recording.edges)
    called = {callee for _, callee in recording.edges}
    through = sum(function in known and function not in called for function in recording.ran)
    print_table(
        [
            ("tree", "edges", *RANKS, "recall", "to unnamed", "run by others"),
            (name, len(edges), *(kinds[kind] for kind in RANKS), f"{found / max(1, len(edges)):.3f}", unnamed, through),
        ]
    )


def print_claims(name: str, claims: Sequence[Claim]) -> None:
    """Print how many rows by flow are right."""
    rows: list[tuple[object, ...]] = [("tree", "flow", "rows", "outside", "right", "wrong", "precision")]
    for kind in ("named", "renamed", "all"):
        outcomes = Counter(claim.outcome for claim in claims if kind in {claim.kind, "all"})
        right, wrong = outcomes["right"], outcomes["wrong"]
        share = f"{right / (right + wrong):.3f}" if right + wrong else ""
        rows.append((name, kind, outcomes.total(), outcomes["outside"], right, wrong, share))
    print()
    print_table(rows)


if __name__ == "__main__":
    sys.exit(main())
