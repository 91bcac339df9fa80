"""Edits of Markdown: what they leave of other bytes, what an undo leaves of them, and what a kill leaves of a rename.

    python benchmarks/prose_edits.py [examples] [random] [kills] [costs] [--trees TREE …] [--edits 300] [--kills 50] [--seed 1]

*examples*: each example of the CommonMark specification as the text of a section, with LF, CRLF and a BOM: a section is put in, replaced
and taken out, and each time the bytes around it are those of before, and after an undo all of them. *random*: edits of the documents of
checkouts, written one after the other and taken back in any order. *kills*: `--rename-file` of a folder with code and prose, ended at
random moments. *costs*: CPU time of whole processes, beside `python -c pass`.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from clew.edits.fix import Fix, fix
from clew.edits.journal import Journal, standing_of
from clew.edits.prose.insert_section import InsertSection, insert_section
from clew.edits.prose.move_section import MoveSection, move_section
from clew.edits.prose.remove_section import RemoveSection, remove_section
from clew.edits.prose.rename_heading import RenameHeading, rename_heading
from clew.edits.prose.replace_section import ReplaceSection, replace_section
from clew.edits.prose.toc import Toc, toc
from clew.edits.rename_file import RenameFile, rename_file
from clew.edits.undo import UndoEdit, undo_edit
from clew.errors import ClewError, Usage
from clew.markdown.documents import Library
from clew.requests import Request, Target
from clew.workspace import Workspace
from commonmark import examples
from measuring import print_table, run

VERBS: dict[type[Request], Callable[[Workspace, Any], Any]] = {
    InsertSection: insert_section,
    MoveSection: move_section,
    RemoveSection: remove_section,
    RenameFile: rename_file,
    RenameHeading: rename_heading,
    ReplaceSection: replace_section,
    Toc: toc,
}
HEAD, TAIL = "# First\n\n", "\n\n# Last\n\nend\n"
NEW = "# New\n\nput *in*\n"
AT_ONCE = 10
"""Random edits that stand at once, before they are taken back."""
LINKING = 500
"""Documents that link to the heading which is renamed."""


class Editing:
    """A tree of files, and plans that are written to it as commands do it, without sessions."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace.open(str(root))
        self._steps: dict[str, bytes] = {}
        self.workspace.step = lambda ref: ("edit", self._steps[ref], {})

    def apply(self, request: Request) -> str:
        """Plan and write; the address of the step that wrote. Raises what the verb raises."""
        self.workspace.refresh().bound(self.workspace.begin())
        planned = VERBS[type(request)](self.workspace, request)
        if not planned.edits and not planned.changes:
            raise Usage("it changes nothing")
        ref = f"s#{len(self._steps)}"
        self._steps[ref] = msgspec.json.encode(planned)
        self._steps[f"{ref}w"] = msgspec.json.encode(fix(self.workspace, Fix(step=(ref,))))
        return f"{ref}w"

    def undo(self, ref: str) -> None:
        """Take back what a step wrote."""
        self.workspace.refresh().bound(self.workspace.begin())
        undo_edit(self.workspace, UndoEdit(step=(ref,), force=True))


def on(text: str) -> tuple[Target, ...]:
    """A target of that address."""
    return (Target(text=text),)


def variants(text: str) -> Iterator[tuple[str, bytes]]:
    """A text with each of its line breaks, and behind a mark."""
    yield "LF", text.encode()
    yield "CRLF", text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    yield "BOM", b"\xef\xbb\xbf" + text.encode()


def spec(scratch: Path) -> Counter[str]:
    """Edit each example in each variant: how often that was right, refused, or wrong."""
    found: Counter[str] = Counter()
    page = scratch / "page.md"
    for example in examples():
        for variant, before in variants(HEAD + example["source"] + TAIL):
            page.write_bytes(before)
            shutil.rmtree(scratch / ".clew", ignore_errors=True)
            editing = Editing(scratch)
            sections = [one for one in Library(editing.workspace.generation).document(0).sections if one.heading.opens_section]
            last = sections[-1]
            for request in (
                InsertSection(targets=on("page.md:1"), with_=NEW, at="before"),
                InsertSection(targets=on(f"page.md:{last.heading.line}"), with_=NEW),
                ReplaceSection(targets=on("page.md:1"), with_=NEW, force=True),
                RemoveSection(targets=on(f"page.md:{last.heading.line}"), force=True),
                RemoveSection(targets=on("page.md:1"), force=True),
            ):
                name = type(request).__name__
                try:
                    ref = editing.apply(request)
                except ClewError as error:
                    found[f"{variant}: refused"] += 1
                    print(f"example {example['number']} {variant} {name}: {error.message}", file=sys.stderr)
                    continue
                is_right = stays(before, page.read_bytes(), sections, request)
                editing.undo(ref)
                is_back = page.read_bytes() == before
                found[f"{variant}: {'right' if is_right and is_back else 'WRONG'}"] += 1
                if not (is_right and is_back):
                    print(f"example {example['number']} {variant} {name}: right {is_right}, back {is_back}", file=sys.stderr)
                    page.write_bytes(before)
    return found


def stays(before: bytes, after: bytes, sections: list[Any], request: Request) -> bool:
    """True where only bytes of the section, or blank lines beside it, differ, and the text stands there whole."""
    line = int(request.targets[0].text.rpartition(":")[2])  # type: ignore[attr-defined]
    section = next(one for one in sections if one.heading.line == line)
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    new = NEW.strip().replace("\n", newline.decode()).encode()
    head, tail = before[: section.start], before[section.end :]
    if isinstance(request, InsertSection):
        at = section.start if request.at == "before" else section.end
        kept = before[:at].rstrip(), before[at:].lstrip()
        return after.startswith(kept[0]) and after.endswith(kept[1]) and after.count(new) == before.count(new) + 1
    if isinstance(request, ReplaceSection):
        return after.startswith(head + new) and after.endswith(tail)
    left = head if tail else head.rstrip()
    return after.startswith(left) and after.endswith(tail) and not after[len(left) : len(after) - len(tail)].strip()


def drawn(editing: Editing, chance: random.Random, number: int) -> Request | None:
    """A random edit of a random document."""
    generation = editing.workspace.refresh()
    library = Library(generation)
    documents = [library.document(file) for file in library.files]
    document = chance.choice(sorted(documents, key=lambda one: one.path))
    sections = [section for section in document.sections if section.heading.opens_section]
    if not sections:
        return None
    section = chance.choice(sections)
    other = chance.choice(sorted(documents, key=lambda one: one.path))
    target = on(f"{document.path}:{section.heading.line}")
    folder = os.path.dirname(document.path)
    return chance.choice(
        [
            RenameHeading(targets=target, to=f"Renamed {number} {chance.choice(['', 'ü', '`code`'])}", force=True),
            ReplaceSection(targets=target, with_=f"Other text {number}.", force=True),
            ReplaceSection(targets=target, with_=f"# Heading {number}\n\ntext", own=True, force=True),
            InsertSection(targets=target, with_=f"# {section.trail[-1]}\n\nnew", at=chance.choice(["after", "before", "child"])),
            RemoveSection(targets=target, force=True),
            MoveSection(targets=target, to=other.path, force=True),
            MoveSection(targets=target, to=f"{document.path}:{chance.choice(sections).heading.line}", force=True),
            Toc(targets=on(document.path), create=True),
            RenameFile(paths=(document.path, f"{folder}/moved/{number}.md".lstrip("/"))),
        ]
    )


def undone(tree: Path, scratch: Path, edits: int, chance: random.Random) -> Counter[str]:
    """Random edits of a checkout, and what is left of it once all are taken back."""
    root = scratch / tree.name
    shutil.copytree(tree, root, ignore=shutil.ignore_patterns(".clew", "node_modules"), symlinks=True)
    before = bytes_of(root)
    editing, found = Editing(root), Counter[str]()
    number, standing = 0, list[str]()
    while number < edits:
        request = drawn(editing, chance, number)
        if request is None:
            continue
        number += 1
        try:
            standing.append(editing.apply(request))
            found["written"] += 1
        except ClewError as error:
            found[f"refused: {error.code}"] += 1
            print(f"{tree.name} {number}: {request.question()}: {error.message}", file=sys.stderr)
        if len(standing) == AT_ONCE or number == edits:
            chance.shuffle(standing)
            rest = standing
            while rest:  # what a later edit changed again comes back after that one
                left = [ref for ref in rest if not tried(editing, ref)]
                if len(left) == len(rest):
                    break
                rest = left
            standing = []
            now = bytes_of(root)
            found["undone to every byte" if now == before else "NOT UNDONE"] += 1
            if now != before:
                changed = [path for path in {*now, *before} if now.get(path) != before.get(path)]
                print(f"{tree.name} after {number}: {changed[:5]}", file=sys.stderr)
                before = now
    return found


def tried(editing: Editing, ref: str) -> bool:
    """True where an edit was taken back, or nothing of it stands any more."""
    with_entry = msgspec.json.decode(editing.workspace.step(ref)[1])["stored"]["entry"]
    try:
        editing.undo(ref)
    except ClewError:
        return False
    return with_entry not in standing_of(Journal(editing.workspace.state).entries())


def bytes_of(root: Path) -> dict[str, bytes]:
    """The bytes of every file of a tree, those of git and clew aside."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not path.is_symlink() and not {".git", ".clew"} & set(path.relative_to(root).parts)
    }


def mixed(root: Path, pages: int) -> None:
    """A tree of code and prose that both lead to a folder."""
    (root / "lib").mkdir(parents=True)
    for at in range(pages):
        (root / f"lib/part{at}.js").write_text(f"export const part{at} = {at};\n")
        (root / f"lib/part{at}.md").write_text(f"# Part {at}\n\n[code](part{at}.js) [main](../main{at}.js)\n")
        (root / f"main{at}.js").write_text(f"import {{ part{at} }} from './lib/part{at}.js';\nconsole.log(part{at});\n")
        (root / f"page{at}.md").write_text(f"# Page {at}\n\n[part](lib/part{at}.md#part-{at}) [code](lib/part{at}.js#L1)\n")


def killed(scratch: Path, kills: int, chance: random.Random) -> Counter[str]:
    """End a rename of code and prose at random moments: what the next command finds."""
    plain = scratch / "plain"
    mixed(plain, 60)
    old = bytes_of(plain)
    plan = ["js-edit", "--rename-file", "lib", "src/core", "--session-start", "k", "--json"]
    command = ["js-edit", "--fix", "k#1", "--json"]
    done = scratch / "done"
    shutil.copytree(plain, done)
    subprocess.run(plan, cwd=done, check=True, capture_output=True)
    began = time.perf_counter()
    subprocess.run(command, cwd=done, check=True, capture_output=True)
    took, new = time.perf_counter() - began, bytes_of(done)
    found: Counter[str] = Counter()
    for number in range(kills):
        root = scratch / f"kill{number}"
        shutil.copytree(plain, root)
        subprocess.run(plan, cwd=root, check=True, capture_output=True)
        process = subprocess.Popen(command, cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.2) * took)
        process.send_signal(signal.SIGKILL)
        process.wait()
        subprocess.run(["md-scan", "--stats", "--json"], cwd=root, check=True, capture_output=True)
        left = bytes_of(root)
        found["old" if left == old else "new" if left == new else "TORN"] += 1
        shutil.rmtree(root)
    return found


def costs(scratch: Path) -> None:
    """CPU time of whole processes, the least of some runs."""
    docs = scratch / "manual"
    docs.mkdir(parents=True)
    (docs / "guide.md").write_text("# Guide\n\n## Set up\n\ntext\n\n## Use\n\ntext\n")
    words = "Some words of prose, with `code` and *more*. " * 40
    for at in range(LINKING):
        (docs / f"p{at}.md").write_text(
            f"# Page {at}\n\nSee [set up](guide.md#set-up) and [use](./guide.md#use).\n\n{words}\n\n## More\n\nx\n"
        )
    subprocess.run(["md-scan", "--stats", "--json"], cwd=scratch, check=True, capture_output=True)
    lines = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "md-scan --backlinks": ["md-scan", "--backlinks", "manual/guide.md#set-up", "--no-record", "--no-cache", "--json"],
        "md-edit --rename-heading": ["md-edit", "--rename-heading", "manual/guide.md#set-up", "--to", "Install", "--json"],
    }
    least = dict.fromkeys(lines, float("inf"))
    for _ in range(7):
        for name, line in lines.items():
            least[name] = min(least[name], run(line, cwd=scratch).cpu)
    base = least["python -c pass"]
    print_table([("command", "ms", "ratio"), *((name, f"{cpu * 1000:.0f}", f"{cpu / base:.1f}x") for name, cpu in least.items())])


def main() -> int:
    """Print what each part found; 1 where anything is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", default=[])
    parser.add_argument("--trees", nargs="*", type=Path, default=[])
    parser.add_argument("--edits", type=int, default=300)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    parts, chance = set(asked.parts) or {"examples", "random", "kills", "costs"}, random.Random(asked.seed)  # noqa: S311 - trials, no secrets
    found: dict[str, Counter[str]] = {}
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        for name in ("spec", "random", "kills", "costs"):
            (scratch / name).mkdir()
        if "examples" in parts:
            found["examples"] = spec(scratch / "spec")
        for tree in asked.trees if "random" in parts else ():
            found[f"random {tree.name}"] = undone(tree, scratch / "random", asked.edits, chance)
        if "kills" in parts:
            found["kills"] = killed(scratch / "kills", asked.kills, chance)
        if "costs" in parts:
            costs(scratch / "costs")
    print_table([("part", "outcome", "times"), *((part, *one) for part, counts in found.items() for one in sorted(counts.items()))])
    return int(any(word.isupper() and len(word) > len("CRLF") for counts in found.values() for what in counts for word in what.split()))


if __name__ == "__main__":
    raise SystemExit(main())
