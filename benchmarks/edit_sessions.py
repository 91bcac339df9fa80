"""Sessions of edits by the commands themselves: whether "done" is taken back when it is no longer true, and whether addresses last.

    python benchmarks/edit_sessions.py DIR [--done 100] [--script 200] [--files 20] [--seed 1]

`--done`: an edit is applied and verified; then something of the tree is changed at random (a byte, a mode, a file more, less or moved, a
link), and `clew show` has to say `unverified`; changed back, it has to say `verified` again. What git ignores has to change nothing.
`--script`: one answer lists the definitions of some files; all edits are then made by the addresses of its rows and by names, and none of
them reads anything again. A miss is an address that is not found, or leads elsewhere. Give a copy of a tree; the status is 1 for a miss.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clew.cli.clew import answer as clew
from clew.cli.main import verb_command
from measuring import print_table

_BY_ROW = 0.7


def told(argv: list[str]) -> dict[str, Any]:
    """The reply of `js-edit`, `js-scan` or `clew` to a line, answered in this process."""
    command, *line = argv
    environ = {**os.environ, "CLEW_AGENT": "trial"}
    out, _, _ = clew([line[0], "--json", *line[1:]], environ) if command == "clew" else verb_command(command, ["--json", *line], environ)
    reply: dict[str, Any] = json.loads(out)
    return reply


def false_dones(root: Path, count: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Changes of each sort, those of them that were not said, and what was said wrongly."""
    figures: Counter[str] = Counter()
    missed: list[str] = []
    (root / ".gitignore").write_text(
        (root / ".gitignore").read_text() + "\n*.ignored\n" if (root / ".gitignore").exists() else "*.ignored\n"
    )
    (root / "asset.bin").write_bytes(bytes(range(256)))
    (root / "leads").unlink(missing_ok=True)
    (root / "leads").symlink_to("asset.bin")
    (root / "made.js").write_text("export function made() {\n  return 1;\n}\n")
    told(["js-edit", "--session-start", "done", "--rename", "made.js::made", "--to", "made2", "--fix"])
    step = told(["js-edit", "--from", "done", "--verify", "--keep", "--", "true"])
    if not step.get("verified"):
        raise SystemExit(f"not verified: {step}")
    files = sorted(path for path in _files(root) if not path.name.endswith(".ignored"))
    for number in range(count):
        file = chance.choice(files)
        sort = chance.choice(("byte", "byte, times kept", "mode", "file more", "file less", "moved", "link", "emptied"))
        undo = _change(root, file, sort, number)
        figures[sort] += 1
        said = told(["clew", "show", step["step"]])
        if not said.get("unverified") or said.get("verified"):
            missed.append(f"{sort} {file}: { ({key: said.get(key) for key in ('verified', 'unverified', 'error')}) }")
        undo()
        said = told(["clew", "show", step["step"]])
        if not said.get("verified"):
            missed.append(f"changed back after {sort} {file}: { ({key: said.get(key) for key in ('verified', 'unverified', 'error')}) }")
        if number % 10 == 0:
            (root / f"log{number}.ignored").write_text("x")
            figures["ignored file"] += 1
            if not told(["clew", "show", step["step"]]).get("verified"):
                missed.append("an ignored file")
    return figures, missed


def _files(root: Path) -> list[Path]:
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in {".git", ".clew", "node_modules", "dist", "coverage"}]
        found += [Path(folder) / name for name in names if not (Path(folder) / name).is_symlink()]
    return found


def _change(root: Path, file: Path, sort: str, number: int) -> Callable[[], object]:
    """Make a change of that sort; what is given back takes it back."""
    content, status = file.read_bytes(), file.stat()

    def restored() -> None:
        file.write_bytes(content)
        file.chmod(status.st_mode)

    if sort == "mode":
        file.chmod(status.st_mode ^ 0o100)
    elif sort == "file more":
        more = file.with_name(f"more{number}.txt")
        more.write_text("")
        return more.unlink
    elif sort == "file less":
        file.unlink()
    elif sort == "moved":
        to = file.with_name(f"moved{number}-{file.name}")
        file.rename(to)
        return lambda: to.rename(file)
    elif sort == "link":
        link = root / "leads"
        link.unlink()
        link.symlink_to("made.js")
        return lambda: _relink(link)
    elif sort == "emptied":
        file.write_bytes(content + b"\n" if not content else b"")
    else:
        at = number % max(len(content), 1)
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :] if content else b"x")
        if sort == "byte, times kept":
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    return restored


def _relink(link: Path) -> None:
    link.unlink()
    link.symlink_to("asset.bin")


def script(root: Path, count: int, most_files: int, chance: random.Random) -> tuple[Counter[str], list[str]]:
    """Edits of each sort, and those that missed."""
    figures: Counter[str] = Counter()
    missed: list[str] = []
    paths = sorted(path.relative_to(root).as_posix() for path in _files(root) if re.search(r"^[^.].*\.[cm]?[jt]s$", path.name))
    paths = [path for path in paths if not re.search(r"test|spec|example|bench|\.d\.", path)]
    chosen = chance.sample(paths, min(most_files, len(paths)))
    listed = told(["js-scan", "--session-start", "script", "--outline", *chosen, "--limit", "0", "--budget", "9000000"])
    rows = [row for row in listed.get("results", []) if row.get("kind") in {"function", "method", "class", "constant"}]
    if not rows:
        raise SystemExit(f"no rows: {str(listed)[:500]}")
    first = listed["step"].partition("#")[2]
    renamed: dict[tuple[str, str], str] = {}
    """The new names that the script has given, by file and name of the first answer: one who writes a script knows them."""
    for number in range(count):
        row = chance.choice(rows)
        by_row = chance.random() < _BY_ROW
        place = f"@{first}.{row['n']}" if by_row else f"{row['file']}::{_now(row, renamed)}"
        sort = chance.choice(("rename", "rename", "insert-after", "insert-before"))
        fresh = f"script{number}"
        line = ["js-edit", "--from", "script", f"--{sort}", place]
        line += ["--to", fresh] if sort == "rename" else ["--with", f"function {fresh}() {{\n  return {number};\n}}"]
        if sort != "rename" and row["kind"] == "method":
            line[-1] = f"{fresh}() {{\n  return {number};\n}}"
        reply = told([*line, "--fix"])
        error = reply.get("error")
        name = sort + (" by row" if by_row else " by name")
        figures[name] += 1
        if error is not None and error["code"] == "unsafe_edit":
            figures["refused"] += 1
            print(f"refused: {' '.join(line)}: {error['message'][:200]}")
        elif error is not None or not reply.get("applied"):
            missed.append(f"{' '.join(line)}: {error or reply}"[:400])
        elif sort == "rename":
            renamed[row["file"], row["name"]] = fresh
            if fresh not in (root / row["file"]).read_text():
                missed.append(f"{place} is not in {row['file']}")
    return figures, missed


def _now(row: dict[str, Any], renamed: dict[tuple[str, str], str]) -> str:
    """The name of a row with what the script has made of it and of what it belongs to."""
    parts = re.split(r"([#.])", row["name"])
    return "".join(renamed.get((row["file"], "".join(parts[: at + 1])), part) for at, part in enumerate(parts))


def main() -> int:
    """Print the figures; 1 where anything was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tree", type=Path)
    parser.add_argument("--done", type=int, default=0)
    parser.add_argument("--script", type=int, default=0)
    parser.add_argument("--files", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    root = given.tree.resolve()
    (root / ".git").mkdir(exist_ok=True)
    os.chdir(root)
    shutil.rmtree(root / ".clew", ignore_errors=True)
    chance = random.Random(given.seed)  # noqa: S311 - a sample that comes again
    status = 0
    for figures, missed in (
        *((false_dones(root, given.done, chance),) if given.done else ()),
        *((script(root, given.script, given.files, chance),) if given.script else ()),
    ):
        print_table([["what", "times"], *([name, count] for name, count in sorted(figures.items()))])
        print(f"{len(missed)} missed of {sum(figures.values())}")
        for line in missed[:20]:
            print(f"  {line}")
        status = status or bool(missed)
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
