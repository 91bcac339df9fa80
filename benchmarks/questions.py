"""The slowest question of each verb on a real tree, in units of the CPU that the tree's full index takes.

    python benchmarks/questions.py [TREE …] [--sample N] [--seed N] [--rounds N] [--only whole,targets,starts,rivals]

`TREE` is a checkout of any code base, or one of the corpora (the default is webpack as npm has it); a copy is measured. Everything
is asked of the `js-scan` and `clew` that are installed. A figure over its bar is listed at the end with the command that shows it.

The figures in the notes were taken on these public repositories:

    angular/components     ef620d83d55275276d313be8ffc47fb5e282068e   Angular, a monorepo
    eslint/eslint          c27bc926e496985eb7911c09eb60914b2e4b5d0f   a CommonJS tool
    excalidraw/excalidraw  4872083c044491b6d5c96ae134a75464f96d6831   React
    honojs/hono            28a9c128912de19f3fb28b00ae289c9b93f6f392   a router with overloads
    microsoft/pyright      93a6550b2acc61d930edf54ad4621638cdc70777   a type checker: large files, unions
    mui/mui-x              0a6eb63de6c22ce0b85f556fa8196c147b9353de   React, a monorepo of more than 5,000 files
    prettier/prettier      4f84a934201322ca87750e2b9b25baf296da6560   more than 5,000 files, most of them odd
    typeorm/typeorm        281bfba42a5813b106bcf5ba79bc7f7251bd1e73   classes and decorators
    vuejs/core             e2bede96134f757aad5c5b33ac9be055022dbfc8   Vue, a monorepo
    webpack/webpack        bc3e930f75e3f6ecbdf193a0dedf6067ea3a286b   a CommonJS tool of more than 10,000 files
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import apsw

from corpora import PACKAGES, copied, sources, tree
from measuring import Cost, at, by_turns, megabytes, print_table, ratio, run
from rivals import ANEW, beside_knip, beside_rg, beside_typescript, scan
from sampling import Asked, Target, apart, costs, hot_targets, random_targets

WHOLE = ("--dead-code", "--hot-paths", "--export-usage", "--cycles", "--list-types")
SAMPLED = ("references", "callers", "ripple", "tests", "context-slice")
OTHERS = ("definition", "callees", "call-graph", "overrides", "importers", "imports", "impacts", "impact-preview", "depends-on", "outline")
HOT = 20
"""How many of the most called definitions are asked about beside the random ones."""
FEW, MANY, FAR = 100, 3000, 1500
"""Rows of a small ripple; rows and files from which one is large."""
SHOWN = f"{' '.join(ANEW)} --json"
NOTHING_TO_GO_ON_WITH = 3
"""The status of a call whose next operation finds no rows of the one before."""
PARTS = ("whole", "targets", "starts", "rivals")

ANY, ALONE, TOGETHER = 2.0, 1.0, 2.0
"""Bars in units of the index: of any question, of one about the whole tree, of five of them in one call."""
SMALL_START, LARGE_START, LARGE_INDEX = 6.0, 25.0, 0.35
"""Bars of a first ripple: in units of `python -c pass`, and for a large one the larger of two, the second in units of the index."""
BASE, SHARE = 150 * 2**20, 0.4
"""The bar of memory: so many bytes, and that share of the stored facts."""


class Over(NamedTuple):
    """A figure over its bar."""

    what: str
    figure: str
    bar: str
    command: str


class Tree:
    """A tree being measured: its unit, and what was over a bar so far."""

    def __init__(self, name: str, root: Path) -> None:
        self.name = name
        self.root = root
        self.over: list[Over] = []
        self.index = [self.build() for _ in range(2)][1:]
        self.facts = _stored_facts(root)

    @property
    def unit(self) -> float:
        """CPU seconds of a full index: the median of all that were made so far."""
        return median(cost.cpu for cost in self.index)

    def build(self) -> Cost:
        """Build the index from nothing."""
        shutil.rmtree(self.root / ".clew", ignore_errors=True)
        return scan(self.root, "--build-index")

    def judge(self, what: str, figure: float, bar: float, command: str, unit: str = "x") -> str:
        """The figure as a cell; one over its bar is marked, and kept for the end."""
        if figure <= bar:
            return f"{figure:.2f}{unit}"
        self.over.append(Over(what, f"{figure:.2f}{unit}", f"{bar:.2f}{unit}", command))
        return f"**{figure:.2f}{unit}**"


def whole_tree(on: Tree, rounds: int) -> None:
    """Questions about everything, alone and in one call, by turns with the index."""
    programs: dict[str, Callable[[], Cost]] = {"full index": on.build, **{flag: _asking(on.root, flag) for flag in WHOLE}}
    # In one call a question may go on from the rows before it, and end where there are none; of one `clew ask` each is about everything.
    programs["five in one call"] = partial(scan, on.root, *WHOLE, expect=(0, NOTHING_TO_GO_ON_WITH))
    lines = "".join(json.dumps({"op": flag.removeprefix("--"), "deadline": 0}) + "\n" for flag in WHOLE)
    programs["five asked of one process"] = partial(run, ["clew", "ask", "--root", str(on.root)], cwd=on.root, told=lines)
    taken = by_turns(programs, rounds)
    on.index += taken["full index"]
    memory = (BASE + SHARE * on.facts) / 2**20
    rows: list[tuple[object, ...]] = [("whole tree", "CPU", "x full index", "middle half", "peak MiB", f"bar {memory:.0f} MiB")]
    for name, spent in taken.items():
        times = ratio(_cpu(spent), _cpu(taken["full index"]))
        peak = max(cost.peak for cost in spent) / 2**20
        together = name not in WHOLE
        command = f"js-scan {' '.join(WHOLE if together else [name])} {SHOWN}"
        bar = TOGETHER if together else ALONE
        figure = on.judge(name, times.middle, bar, command)
        held = on.judge(f"{name}: peak", peak, memory, command, " MiB")
        rows.append((name, f"{median(_cpu(spent)):.2f} s", figure, f"{times.low:.2f}-{times.high:.2f}", held, f"{peak / memory:.2f}x"))
    print_table(rows)


def sampled(on: Tree, targets: Sequence[Target], hot: Sequence[Target]) -> list[Asked]:
    """Every verb about random targets and about hot ones, each with nothing linked yet; the ripples come back."""
    rows: list[tuple[object, ...]] = [("targets", "asked", "failed", "median", "p95", "worst", "worst target", "worst of hot", "target")]
    ripples: list[Asked] = []
    for verb in (*SAMPLED, *OTHERS):
        asked = apart(costs, on.root, [verb], targets if verb in SAMPLED else targets[: len(targets) // 4])
        heated = apart(costs, on.root, [verb], hot)
        if verb == "ripple":
            ripples = [*asked, *heated]
        failed = Counter(one.failed for one in (*asked, *heated) if one.failed)
        shares = [f"{at(share, [one.cpu for one in asked]) / on.unit:.3f}x" for share in (0.5, 0.95)]
        worst = [max(part, key=lambda one: one.cpu) for part in (asked, heated) if part]
        cells = [
            cell for one in worst for cell in (on.judge(verb, one.cpu / on.unit, ANY, f"js-scan --{verb} {one.target} {SHOWN}"), one.target)
        ]
        said = ", ".join(f"{count} {code}" for code, count in failed.items()) or "-"
        rows.append((verb, f"{len(asked)}+{len(heated)}", said, *shares, *cells, *["-"] * (4 - len(cells))))
    print_table(rows)
    return ripples


def starts(on: Tree, ripples: Sequence[Asked], rounds: int) -> None:
    """Whole processes of first ripples, by turns with an interpreter that does nothing."""
    small = sorted((one for one in ripples if 0 < one.rows <= FEW), key=lambda one: one.cpu)
    chosen = {"usual small ripple": small[len(small) // 2], "costliest small ripple": small[-1]} if small else {}
    if ripples:
        chosen["widest ripple"] = max(ripples, key=lambda one: one.rows)
    programs: dict[str, Callable[[], Cost]] = {"python -c pass": lambda: run([sys.executable, "-c", "pass"], cwd=on.root)}
    taken = by_turns(programs | {name: _asking(on.root, "--ripple", str(one.target)) for name, one in chosen.items()}, 3 * rounds)
    nothing = taken.pop("python -c pass")
    rows: list[tuple[object, ...]] = [("process", "target", "rows", "files", "elapsed x python -c pass", "CPU x pass", "x full index")]
    for name, spent in taken.items():
        one = chosen[name]
        elapsed = ratio([cost.seconds for cost in spent], [cost.seconds for cost in nothing])
        bar = SMALL_START
        if one.rows > FEW:
            wide = one.rows >= MANY and one.files >= FAR
            bar = max(LARGE_START, LARGE_INDEX * on.unit / median(_cpu(nothing))) if wide else math.inf
        times = ratio(_cpu(spent), _cpu(nothing)).middle
        figure = on.judge(name, times, bar, f"js-scan --ripple {one.target} {SHOWN}")
        rows.append((name, one.target, one.rows, one.files, elapsed, figure, f"{median(_cpu(spent)) / on.unit:.2f}x"))
    print_table(rows)


def rivals(on: Tree, targets: Sequence[Target], rounds: int) -> None:
    """The table beside other tools."""
    beside = [
        *beside_rg(on.root, targets),
        *beside_typescript(on.root, on.unit, targets),
        *beside_knip(on.root, on.build, rounds),
    ]
    print_table([("question", "beside", "clew / its", "what ran"), *beside])


def report(name: str, root: Path, options: argparse.Namespace) -> list[Over]:
    """Measure one tree, print its tables, and give what was over a bar."""
    files = sources(root)
    on = Tree(name, root)
    size = megabytes(sum(path.stat().st_size for path in files))
    print(f"\n## {name}: {len(files)} files, {size} of source, {megabytes(on.facts)} of stored facts, full index {on.unit:.2f} s CPU\n")
    if "whole" in options.only:
        whole_tree(on, options.rounds)
        print(flush=True)
    targets = apart(random_targets, root, options.sample, options.seed)
    if {"targets", "starts"}.intersection(options.only):
        ripples = sampled(on, targets, apart(hot_targets, root, HOT))
        print(flush=True)
        if "starts" in options.only:
            starts(on, ripples, options.rounds)
            print(flush=True)
    if "rivals" in options.only:
        rivals(on, targets, options.rounds)
    return on.over


def _asking(root: Path, *flags: str) -> Callable[[], Cost]:
    return partial(scan, root, *flags)


def _stored_facts(root: Path) -> int:
    connection = apsw.Connection(str(root / ".clew" / "index.db"), flags=apsw.SQLITE_OPEN_READONLY)
    ((size,),) = connection.execute("SELECT coalesce(sum(length(facts)), 0) FROM facts")
    connection.close()
    return int(size)


def _cpu(spent: Sequence[Cost]) -> list[float]:
    return [cost.cpu for cost in spent]


def parts(text: str) -> tuple[str, ...]:
    """Some of the parts, as typed with commas between."""
    chosen = tuple(text.split(","))
    if unknown := set(chosen).difference(PARTS):
        raise argparse.ArgumentTypeError(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return chosen


def main() -> None:
    """Measure copies of the trees."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("trees", nargs="*", default=["webpack"], metavar="TREE", help=f"a folder, or one of {', '.join(PACKAGES)}")
    flags.add_argument("--sample", type=int, default=200, metavar="N", help="random targets of each verb")
    flags.add_argument("--seed", type=int, default=5, help="another seed, another sample")
    flags.add_argument("--rounds", type=int, default=3, help="turns that count; one more goes before them")
    flags.add_argument("--only", type=parts, default=PARTS, metavar="PARTS", help=f"some of {','.join(PARTS)}")
    options = flags.parse_args()
    for name in options.trees:
        with copied(tree(name)) as root:
            over = report(Path(name).name, root, options)
        if over:
            print(f"\nOver a bar in {name}:\n")
            print_table([("what", "figure", "bar", "command"), *over])


if __name__ == "__main__":
    main()
