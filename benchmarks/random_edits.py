"""Random edits of definitions as a plan is asked for them, and what each has to give."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import NamedTuple

from clew._native import Description
from clew.code.rows import SourceMap, address
from clew.edits.delete import Delete
from clew.edits.insert_after import InsertAfter
from clew.edits.insert_before import InsertBefore
from clew.edits.rename import Rename
from clew.edits.rename_file import RenameFile
from clew.edits.replace import Replace
from clew.requests import Request, Target
from clew.workspace import Workspace

FRESH = "trial"
"""What every new name begins with."""
_FRESH_NAMES = 0.8
_USED = 0.9
_HALF = 0.5


class Drawn(NamedTuple):
    """An edit, whether it has no reason to be refused, and the bytes of the file that it has to give, where these are known."""

    request: Request
    is_safe: bool
    expected: bytes | None = None


class Draws:
    """Draws edits of a tree."""

    def __init__(self, root: Path, workspace: Workspace, files: list[str], chance: random.Random) -> None:
        self.root, self.workspace, self.files, self.chance = root, workspace, files, chance
        self.next = 0

    def definition(self) -> Description | None:
        """A random definition: a file, a kind, then one of its definitions of that kind, locals among them."""
        generation = self.workspace.generation
        file = generation.id_of(self.chance.choice(self.files))
        rows = [] if file is None else generation.linker.definitions_in(file, [(0, 2**32 - 1)])
        if file is None or not rows:
            return None
        described = generation.linker.describe([(file, row[0]) for row in rows])
        kind = self.chance.choice(sorted({of.kind for of in described}))
        return self.chance.choice([of for of in described if of.kind == kind])

    def source(self, of: Description) -> bytes:
        """The bytes of its file."""
        return (self.root / self.workspace.generation.path_of(of.file)).read_bytes()

    def fresh(self) -> str:
        """A name that is nowhere."""
        self.next += 1
        return f"{FRESH}{self.next}"

    def request(self, of: Description) -> Drawn | None:
        """A random edit of a definition; none where the one that was drawn cannot be made of it."""
        source = self.source(of)
        target = (Target(text=address(SourceMap(self.workspace.generation), of)),)
        verb = self.chance.choice(
            ("rename", "rename", "rename", "replace", "replace", "replace", "before", "after", "before", "after", "delete", "move")
        )
        if verb == "move":
            path = self.workspace.generation.path_of(of.file)
            folder, _, name = path.rpartition("/")
            to = f"{folder}/{self.chance.choice(('', f'{FRESH}s/'))}{self.fresh()}.{name.partition('.')[2]}".lstrip("/")
            return Drawn(RenameFile(paths=(path, to)), True, None)
        if verb == "rename":
            name, fresh = self.fresh(), self.chance.random() < _FRESH_NAMES
            if fresh:
                name = (name.capitalize() if of.bare_name[:1].isupper() else name) if not of.bare_name.startswith("#") else f"#{name}"
            else:
                file = of.file
                name = self.chance.choice(self.workspace.generation.linker.names_in(file) or [name]).rpartition(".")[2].rpartition("#")[2]
            if not re.fullmatch(r"#?[\w$]+", name) or name == of.bare_name:
                return None
            return Drawn(Rename(targets=target, to=name, aliases=self.chance.choice(("rename", "rename", "keep"))), fresh, None)
        if verb == "replace":
            return self._replacement(of, source, target)
        if verb == "delete":
            found = self.workspace.generation.linker.references((of.file, of.definition))
            if (found.certain or found.flow) and self.chance.random() < _USED:
                return None
            return Drawn(Delete(targets=target), False, None)
        code = self._beside(of, source)
        if code is None:
            return None
        made = InsertBefore(targets=target, with_=code) if verb == "before" else InsertAfter(targets=target, with_=code)
        return Drawn(made, True, None)

    def _replacement(self, of: Description, source: bytes, target: tuple[Target, ...]) -> Drawn | None:
        code = source[of.start : of.end]
        name = self.fresh()
        if not code or of.kind in {"import", "parameter"}:
            return None
        at = None
        put = f" /* {name} */ ".encode()
        if self.chance.random() < _HALF:
            found = re.search(
                re.escape(of.bare_name.encode())
                + rb"\s*(?:=\s*(?:async\s+)?(?:function\b\s*[\w$]*\s*)?|:\s*(?:async\s+)?function\b\s*[\w$]*\s*)?\(",
                code,
            )
            close = None if found is None else _closing(code, found.end() - 1)
            if found is not None and close is not None and of.body < of.end and of.kind in {"function", "method"}:
                inside = code[found.end() : close].rstrip()
                is_typed = self.workspace.generation.path_of(of.file).endswith(("ts", "tsx"))
                if b"..." not in inside and not re.match(rb"^\s*(get|set|static\s+get|static\s+set)\b", code):
                    comma = b"" if not inside.strip() or inside.endswith(b",") else b", "
                    at, put = close, comma + name.encode() + (b": unknown = undefined" if is_typed else b" = undefined")
        if at is None:
            if not code.rstrip().endswith(b"}") and not code.rstrip().endswith(b"};"):
                return None
            opened = re.search(rb"\{[^\S\n]*\n", code)
            at, put = (code.rindex(b"}"), put) if opened is None else (opened.start() + 1, put.rstrip())
        if source[: of.start].count(b"\n") and b"`" not in code and self.chance.random() < _HALF:
            expected = source[: of.start + at] + put + source[of.start + at :]
            given = _flush(code[:at] + put + code[at:], source, of.start)
        else:
            expected = source[: of.start + at] + put + source[of.start + at :]
            given = code[:at] + put + code[at:]
        try:
            text = given.decode()
        except UnicodeDecodeError:
            return None
        return Drawn(Replace(targets=target, with_=text), True, expected)

    def _beside(self, of: Description, source: bytes) -> str | None:
        """Code of a name that is nowhere, of the sort that can stand beside a definition."""
        name = self.fresh()
        before = source[: of.start].rstrip()[-1:]
        after = source[of.end :].lstrip()[:1]
        kind = of.kind
        if kind == "enumMember":
            return f"{name} = 77"
        if kind in {"import", "parameter", "typeParameter"} or of.is_function_name:
            return None
        if not of.is_member:
            return f"const {name} = 7;" if kind in {"function", "class", "interface", "type", "enum"} else None
        if after == b"," or before == b",":
            return f"{name}: 7"
        owner = self.workspace.generation.linker.called(of.name.rpartition("#")[0], of.file) if "#" in of.name else []
        kinds = {one.kind for one in self.workspace.generation.linker.describe(owner)}
        if kinds == {"class"}:
            return f"{name}() {{\n  return 7;\n}}"
        return f"{name}?: number;" if kinds == {"interface"} else None


def _closing(code: bytes, at: int) -> int | None:
    """Where the parenthesis closes that opens at an offset; None where a text or a comment may hold one."""
    depth = 0
    for place in range(at, len(code)):
        letter = code[place : place + 1]
        if letter in b"'\"`/":
            return None
        depth += (letter == b"(") - (letter == b")")
        if depth == 0:
            return place
    return None


def _flush(code: bytes, source: bytes, start: int) -> bytes:
    """Code as one types it, from the left edge."""
    first = source.rfind(b"\n", 0, start) + 1
    line = source[first:start]
    indent = line[: len(line) - len(line.lstrip(b" \t"))]
    lines = code.split(b"\n")
    if not indent or any(line.strip() and not line.startswith(indent) for line in lines[1:]):
        return code
    return b"\n".join([lines[0], *(line.removeprefix(indent) for line in lines[1:])])
