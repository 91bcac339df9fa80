"""Reads broken sources in a process of its own: `python mutating.py SEED COUNT`, and says how many it read.

A source of the cases is cut, doubled, mixed with another, or gets bytes of chance; what the extractor then says of it must stay
within the file. The process may take only so much memory; a panic, an overflow of the stack or a hang ends it.
"""

from __future__ import annotations

import random
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random

from clew import _native
from clew.index.facts import NONE, Facts

CASES = Path(__file__).parent.parent / "cases"
MEMORY = 2 << 30
FENCED = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BRACKETS = b"(){}[]<>`'\"/*\\;,:=?!@#$.\n\r\x00\xff\xe2\x80\xa8"

Mutation = Callable[[Random, bytes, bytes], bytes]


def sources() -> list[tuple[str, bytes]]:
    """Every source of the cases with its path; paths tell the language."""
    files = [path for path in sorted((CASES / "facts").iterdir()) if path.suffix != ".facts"]
    blocks = [block for document in sorted(CASES.glob("*.md")) for block in FENCED.findall(document.read_text(encoding="utf-8"))]
    return [*((path.name, path.read_bytes()) for path in files), *((path, text.encode()) for path, text in blocks)]


def cut(chance: Random, source: bytes, _: bytes) -> bytes:
    """The beginning only, wherever it stops: half a letter, half a string."""
    return source[: chance.randrange(len(source) + 1)]


def delete(chance: Random, source: bytes, _: bytes) -> bytes:
    start = chance.randrange(len(source) + 1)
    return source[:start] + source[start + chance.randrange(1, 60) :]


def double(chance: Random, source: bytes, _: bytes) -> bytes:
    start = chance.randrange(len(source) + 1)
    part = source[start : start + chance.randrange(1, 60)]
    return source[:start] + part * chance.choice((2, 3, 400)) + source[start:]


def mix(chance: Random, source: bytes, other: bytes) -> bytes:
    start, end = chance.randrange(len(source) + 1), chance.randrange(len(other) + 1)
    return source[:start] + other[end : end + 200] + source[start:]


def sprinkle(chance: Random, source: bytes, _: bytes) -> bytes:
    changed = bytearray(source)
    for _n in range(chance.randrange(1, 12)):
        changed.insert(chance.randrange(len(changed) + 1), chance.choice(BRACKETS))
    return bytes(changed)


def nest(chance: Random, source: bytes, _: bytes) -> bytes:
    start = chance.randrange(len(source) + 1)
    opening = chance.choice((b"(", b"[", b"{", b"a?", b"!", b"<a>", b"`${", b"async()=>", b"new ", b"class extends ", b"x.y("))
    return source[:start] + opening * chance.choice((20, 6000)) + source[start:]


MUTATIONS: tuple[Mutation, ...] = (cut, delete, double, mix, sprinkle, nest)


def strays(path: str, source: bytes) -> str | None:
    """What the facts of a source say that cannot be so; None when all is well."""
    blob, _, _, imports, problems, _ = _native.extract([(path, source)])[0]
    facts = Facts(blob)
    for table in ("def", "occ", "imp", "node"):
        for start, end in zip(getattr(facts, f"{table}_start"), getattr(facts, f"{table}_end"), strict=True):
            if not start <= end <= len(source):
                return f"{table}: {start} to {end} in {len(source)} bytes"
    for row, (start, end) in enumerate(zip(facts.def_start_name, facts.def_end_name, strict=True)):
        if not start <= end <= len(source) or facts.def_parent[row] not in {NONE, *range(len(facts.def_kind))}:
            return f"definition {row}: {start} to {end} in {len(source)} bytes"
    if any(target != NONE and target >= len(facts.def_kind) for target in facts.occ_target):
        return "an occurrence means no definition"
    if any(start > len(source) for _, start, _ in problems) or len(imports) != len(facts.imp_start):
        return "a problem or an import stands outside"
    return None


def main(seed: int, count: int) -> None:
    """Read `count` broken sources; name the first of which something stands outside."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    chance = random.Random(seed)
    known = sources()
    for number in range(count):
        path, source = chance.choice(known)
        for _ in range(chance.randrange(1, 4)):
            source = chance.choice(MUTATIONS)(chance, source, chance.choice(known)[1])
        sys.stderr.write(f"{number}: {path}\n")  # the last line names what ended the process
        if wrong := strays(path, source):
            raise SystemExit(f"seed {seed}, source {number} ({path}): {wrong}\n{source!r}")
    sys.stdout.write(f"read {count}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
