"""How the files behind an earlier answer stand to the tree as it is: fresh, moved, changed or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.index import Generation

WORST = ("fresh", "moved", "changed", "gone")
"""From the best to the worst."""


def verdicts(depends: Mapping[str, str], generation: Generation) -> dict[str, tuple[str, str | None]]:
    """For each root-relative file its verdict, and the path where its bytes are now; `depends` is file -> digest then."""
    stands: dict[str, tuple[str, str | None]] = {}
    by_digest: dict[str, str] | None = None
    for path, digest in depends.items():
        found = generation.id_of(path)
        if found is not None:
            stands[path] = ("fresh" if generation.digest_of(found) == digest else "changed", path)
            continue
        if by_digest is None:
            by_digest = {entry.digest: entry.path for entry in generation.files()}
        now = by_digest.get(digest)
        stands[path] = ("gone", None) if now is None else ("moved", now)
    return stands
