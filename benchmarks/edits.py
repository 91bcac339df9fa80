"""Random edits of a tree, by which every line stays known: lines come and go, names change, files move, functions change places."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_KEPT = frozenset({"class", "const", "export", "from", "function", "if", "import", "let", "new", "of", "require", "return", "this", "var"})
"""Words that no edit renames: most renames of others of the language break the file, and then nothing is asked of it."""

Line = tuple[int, str]
"""The number that a line keeps wherever it goes, and its text."""
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"))
_LONGEST = 80
"""The lines of a piece that changes places at most."""


class Edited:
    """Files of a tree while they are edited."""

    def __init__(self, root: Path, files: Iterable[str], chance: random.Random) -> None:
        self.root = root
        self.chance = chance
        self.files: dict[str, list[Line]] = {}
        self.origin: dict[str, str] = {}
        """The first path of each file."""
        self._next = 0
        for file in files:
            text = (root / file).read_bytes().decode("utf-8", "surrogateescape")
            self.files[file] = [self._numbered(line) for line in text.split("\n")]
            self.origin[file] = file

    def _numbered(self, text: str) -> Line:
        self._next += 1
        return self._next, text

    def number_of(self, file: str, line: int) -> int | None:
        """The number of the line that stands there now."""
        lines = self.files.get(file, ())
        return lines[line - 1][0] if 1 <= line <= len(lines) else None

    def text_of(self, file: str, line: int) -> str:
        """The text of the line that stands there now."""
        return self.files[file][line - 1][1]

    def edit(self, count: int) -> None:
        """Make so many edits, and write the files."""
        for _ in range(count):
            file = self.chance.choice(sorted(self.files))
            self.chance.choice((self._insert, self._insert, self._delete, self._rename, self._swap, self._swap, self._move))(file)
        for file, lines in self.files.items():
            path = self.root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes("\n".join(text for _, text in lines).encode("utf-8", "surrogateescape"))

    def _insert(self, file: str) -> None:
        lines = self.files[file]
        at = self.chance.randrange(len(lines) + 1)
        lines[at:at] = [self._numbered(text) for text in self.chance.choice(([""], ["", "", ""], [f"// note {self._next}"]))]

    def _delete(self, file: str) -> None:
        lines = self.files[file]
        whole = [at for at, (_, text) in enumerate(lines) if _depth(text) == [0, 0, 0]]
        if whole and len(lines) > 1:
            del lines[self.chance.choice(whole)]

    def _rename(self, file: str) -> None:
        lines = self.files[file]
        words = sorted({word for _, text in lines for word in _WORD.findall(text)} - _KEPT)
        if words:
            old = re.compile(rf"(?<![\w$]){re.escape(self.chance.choice(words))}(?![\w$])")
            fresh = f"renamed{self._next}"
            self._next += 1
            self.files[file] = [(number, old.sub(fresh, text)) for number, text in lines]

    def _swap(self, file: str) -> None:
        """Two pieces of code of one indentation change places: statements, members, functions, cases of a test."""
        lines = self.files[file]
        pieces = list(_pieces([text for _, text in lines]))
        if not pieces:
            return
        indent, *one = self.chance.choice(pieces)
        other = self.chance.choice([piece[1:] for piece in pieces if piece[0] == indent])
        (a, b), (c, d) = sorted((tuple(one), tuple(other)))
        if b <= c:
            lines[a:d] = [*lines[c:d], *lines[b:c], *lines[a:b]]

    def _move(self, file: str) -> None:
        folder, _, name = file.rpartition("/")
        self._next += 1
        to = f"{folder}/moved{self._next}-{name}".lstrip("/")
        (self.root / file).unlink(missing_ok=True)
        self.files[to] = self.files.pop(file)
        self.origin[to] = self.origin.pop(file)


def _depth(text: str) -> list[int]:
    """How many brackets of each sort a text opens and does not close."""
    return [text.count(opening) - text.count(closing) for opening, closing in _PAIRS]


def _pieces(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Indentation, start and end of every run of lines whose brackets close, and that no shorter run begins."""
    for start, first in enumerate(lines):
        depth = [0, 0, 0]
        for end in range(start, min(len(lines), start + _LONGEST)):
            depth = [a + b for a, b in zip(depth, _depth(lines[end]), strict=True)]
            if min(depth) < 0:
                break
            if max(depth) == 0 and first.strip():
                yield len(first) - len(first.lstrip()), start, end + 1
                break
