"""The words that pick from rows: numbers and names behind `--match`, and addresses of results."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.errors import InvalidRequest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ALL = "all"


def chosen_rows(match: str, total: int, rows: Sequence[object] = ()) -> frozenset[int]:
    """The numbers, of so many, of the rows that `--match` means: `1,4-9`, `all`, or folders, paths, globs and names of rows.

    Raises InvalidRequest for a part that fits no row.
    """
    chosen: set[int] = set()
    for part in match.split(","):
        word = part.strip()
        if word == ALL:
            fitting: Iterable[int] = range(1, total + 1)
        elif word[:1].isdigit():
            fitting = _numbered(word, total)
        else:
            fitting = [number for number, row in enumerate(rows, 1) if word and _is_meant(row, word)]
        if not fitting:
            raise InvalidRequest(f"--match {part or repr(part)} fits none of the {total} results")
        chosen.update(fitting)
    return frozenset(chosen)


def _numbered(word: str, total: int) -> range:
    first, dash, last = word.partition("-")
    if not (first.isascii() and first.isdigit() and (not dash or (last.isascii() and last.isdigit()))):
        raise InvalidRequest(f"--match takes numbers of results like 1,4-9, or all; not {word!r}")
    low, high = int(first), int(last) if dash else int(first)
    return range(low, high + 1) if 1 <= low <= high <= total else range(0)


def _is_meant(row: object, word: str) -> bool:
    """True for a row in this folder, of this path or glob, or of this name."""
    file, name = getattr(row, "file", None) or "", getattr(row, "name", None) or ""
    if any(letter in word for letter in "*?["):
        from fnmatch import fnmatchcase  # only who picks by a glob pays

        return fnmatchcase(file, word) or fnmatchcase(file.rpartition("/")[2], word) or fnmatchcase(name, word)
    return file == word or file.startswith(f"{word.rstrip('/')}/") or word in {name, name.replace("#", ".").rpartition(".")[2]}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and bool(text.strip("0"))


def address(text: str) -> tuple[str | None, int] | None:
    """`@3` as (None, 3), `@2.3` as ("2", 3), `@search.3` as ("search", 3), `hdr#2.3` as ("hdr#2", 3); None for anything else."""
    if not text.startswith("@"):
        step, dot, number = text.rpartition(".")
        session, _, seq = step.rpartition("#")
        return (step, int(number)) if dot and session and _is_number(seq) and _is_number(number) else None
    where, dot, number = text[1:].rpartition(".")
    if not (number.isascii() and number.isdigit() and number.strip("0")) or (dot and not where):
        raise InvalidRequest(f"{text!r} is no result: write @3, @2.3 (step 2) or @search.3 (context key)")
    return where or None, int(number)
