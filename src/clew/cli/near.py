"""Words that are close to a word that was not found."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def near(word: str, known: Iterable[str], most: int = 5) -> tuple[str, ...]:
    """The known words that begin with it, then those that are written alike; best first."""
    names = sorted(set(known))
    begins = [name for name in names if name.startswith(word)]
    alike = get_close_matches(word, names, n=most, cutoff=0.75)
    return tuple(dict.fromkeys([*sorted(begins, key=len), *alike]))[:most]
