"""Do the files behind a step still say what they said? Pure functions over digests."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

FRESH, MOVED, CHANGED, GONE = "fresh", "moved", "changed", "gone"


class Verdict(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The state of a file that a step depended on; the worst of them gives the verdict."""

    verdict: str = FRESH
    moved: dict[str, str] = {}
    """Old path → the path where the same bytes are now."""
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[str, ...]:
        """Every file that is not as it was, by its old path."""
        return tuple(sorted((*self.moved, *self.changed, *self.gone)))


def judge(depends: Mapping[str, str], now: Mapping[str, str], paths_of: Mapping[str, str] | None = None) -> Verdict:
    """Compare recorded digests with those of `now` (path → digest; a missing path is a missing file).

    `paths_of` (digest → path, of the tree as it is) tells a file that moved from one that is gone.
    """
    elsewhere = paths_of or {}
    missing = {path: digest for path, digest in depends.items() if path not in now}
    moved = {path: elsewhere[digest] for path, digest in missing.items() if digest in elsewhere}
    changed = tuple(sorted(path for path, digest in depends.items() if path in now and now[path] != digest))
    gone = tuple(sorted(path for path in missing if path not in moved))
    verdict = GONE if gone else CHANGED if changed else MOVED if moved else FRESH
    return Verdict(verdict=verdict, moved=moved, changed=changed, gone=gone)


def all_gone(depends: Mapping[str, str], verdict: Verdict) -> bool:
    """True when nothing is left of the inputs' files: then continuing needs a refresh."""
    return bool(depends) and len(verdict.gone) == len(depends)
