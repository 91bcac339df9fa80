"""How right the answers are: the questions of a truth directory, asked, scored, and every failure listed by its cause.

    python benchmarks/accuracy.py --truth DIR --corpus express=TREE [--corpus vue=TREE] [--only refs,goto] [--brief]

`TREE` is the code base that the truth speaks of, unpacked as the truth's README says. Answers and failures are written to
`--out`; the truth's own scorer prints the figures.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from asking import by_process, in_process
from failures import page
from truth import SHEETS, Answer, answers, rows_of


class Corpus(NamedTuple):
    """A code base by the name that the truth gives it, and where it is unpacked."""

    name: str
    root: Path


def corpus(text: str) -> Corpus:
    """`NAME=DIR` as typed."""
    name, separator, folder = text.partition("=")
    if not separator or not Path(folder).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=DIR with a folder that exists")
    return Corpus(name, Path(folder).resolve())


def sheets(text: str) -> tuple[str, ...]:
    """Some of the sheets, as typed with commas between."""
    chosen = tuple(text.split(","))
    if unknown := set(chosen).difference(SHEETS):
        raise argparse.ArgumentTypeError(f"no sheet {', '.join(sorted(unknown))}; there are {', '.join(SHEETS)}")
    return chosen


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "clew-accuracy"
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False)
    flags.add_argument("--truth", type=Path, required=True, metavar="DIR", help="folder with score.py and one folder per code base")
    flags.add_argument("--corpus", type=corpus, action="append", required=True, metavar="NAME=DIR", help="a code base to ask about")
    flags.add_argument("--only", type=sheets, default=SHEETS, metavar="SHEETS", help=f"some of {','.join(SHEETS)}")
    flags.add_argument("--ask", action="store_true", help="ask a `clew ask` process instead of the verbs in this one")
    flags.add_argument("--brief", action="store_true", help="totals only, not by kind of definition and reference")
    flags.add_argument("--out", type=Path, default=cache, metavar="DIR", help="where answers and failures are written")
    return flags


def main() -> int:
    """Ask, write, score."""
    options = parser().parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(options.truth / "score.py")]
    for name, root in options.corpus:
        ask = (by_process if options.ask else in_process)(root)
        given: list[Answer] = []
        for sheet in options.only:
            start = time.perf_counter()
            given += answers(ask, rows_of(options.truth, name, sheet))
            print(f"{name} {sheet}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
        told = options.out / f"{name}.answers.jsonl"
        told.write_text("".join(json.dumps(answer.given) + "\n" for answer in given), encoding="utf-8")
        wrong = options.out / f"{name}.failures.md"
        wrong.write_text(page(name, root, given), encoding="utf-8")
        print(f"{name}: failures by cause in {wrong}", file=sys.stderr)
        command += ["--oracle", str(options.truth / name), "--tool", str(told)]
    return subprocess.run([*command, *(["--brief"] if options.brief else [])], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
