"""How costs grow with the tree: from 1,000 to 100,000 files of one kind, with the curve drawn.

    python benchmarks/scale.py [--files N …]

The trees are made up: folders of modules that import their neighbours, one of them used by every folder. Building should take
the same time per file at every size; a refresh of one file should cost only the look over the tree.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import median
from typing import NamedTuple

from measuring import Cost, megabytes, print_table, run

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
IN_ONE_FOLDER = 50
ROUNDS = 3
BAR = 50

MODULE = """'use strict';

const shared = require('../shared');
const neighbour = require('./module{neighbour}');

/** Takes part {number} of an order and passes the rest on. */
function handle{number}(order, options = {{}}) {{
  const lines = shared.normalise(order.lines);
  for (const line of lines) {{
    if (line.part === {number}) return finish{number}(line, options);
  }}
  return neighbour.handle{neighbour}(order, options);
}}

class Step{number} extends shared.Step {{
  constructor(options) {{
    super('step-{number}');
    this.options = options;
  }}

  run(order) {{
    return handle{number}(order, this.options);
  }}
}}

function finish{number}(line, {{ rounded = true }}) {{
  return rounded ? Math.round(line.price * line.quantity) : line.price * line.quantity;
}}

module.exports = {{ handle{number}, Step{number} }};
"""
SHARED = """'use strict';

exports.normalise = function normalise(lines) {
  return lines.filter(Boolean);
};

exports.Step = class Step {
  constructor(name) {
    this.name = name;
  }
};
"""


class Point(NamedTuple):
    """Cost of one size."""

    files: int
    build: Cost
    unchanged: Cost
    changed: Cost


def grow(root: Path, files: int) -> Path:
    """Write a tree of so many modules; returns one of them."""
    (root / "shared.js").write_text(SHARED, encoding="utf-8")
    for number in range(files - 1):
        folder = root / f"part{number // IN_ONE_FOLDER}"
        if number % IN_ONE_FOLDER == 0:
            folder.mkdir()
        first = number - number % IN_ONE_FOLDER
        neighbour = min(number + 1, files - 2) if number + 1 < first + IN_ONE_FOLDER else first
        (folder / f"module{number}.js").write_text(MODULE.format(number=number, neighbour=neighbour), encoding="utf-8")
    return root / "part0" / "module1.js"


def scan(root: Path, *flags: str) -> Cost:
    """One whole process."""
    return run(["js-scan", "--root", str(root), *flags, "--no-record", "--json"], cwd=root)


def measure(files: int) -> Point:
    """Build, ask, change one file, ask again; medians of a few rounds, the build once."""
    with tempfile.TemporaryDirectory() as room:
        root = Path(room)
        changing = grow(root, files)
        build = scan(root, "--build-index")
        question = ("--references", "part0/module1.js::handle1")
        unchanged, changed = [], []
        for turn in range(ROUNDS):
            unchanged.append(scan(root, *question))
            changing.write_text(f"{changing.read_text(encoding='utf-8')}// {turn}\n", encoding="utf-8")
            changed.append(scan(root, *question))
    return Point(files, build, _middle(unchanged), _middle(changed))


def _middle(costs: list[Cost]) -> Cost:
    return Cost(*(median(values) for values in zip(*costs, strict=True)))


def draw(points: list[Point]) -> None:
    """Print one bar per size: microseconds of CPU per file of a full build."""
    each = [(point.files, point.build.cpu / point.files * 1e6) for point in points]
    longest = max(cost for _, cost in each)
    print("\nCPU per file of a full build; bars of equal length mean that it grows linearly\n")
    for files, cost in each:
        print(f"{files:>8,} {'#' * round(BAR * cost / longest):<{BAR}} {cost:.0f} us")


def main() -> None:
    """Measure each size, and print the table and the curve."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("--files", type=int, nargs="+", default=SIZES, metavar="N")
    points = [measure(files) for files in flags.parse_args().files]
    header = ("files", "build", "CPU", "per file", "peak", "query", "query after a change")
    rows = [
        (
            f"{point.files:,}",
            f"{point.build.seconds:.2f} s",
            f"{point.build.cpu:.2f} s",
            f"{point.build.cpu / point.files * 1e6:.0f} us",
            megabytes(point.build.peak),
            f"{point.unchanged.seconds * 1000:.0f} ms",
            f"{point.changed.seconds * 1000:.0f} ms",
        )
        for point in points
    ]
    print_table([header, *rows])
    draw(points)


if __name__ == "__main__":
    main()
