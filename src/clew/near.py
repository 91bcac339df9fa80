"""Words that are close to a word that was not found."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 5
_ALIKE = 0.66


def near(word: str, known: Iterable[str], most: int = MOST) -> tuple[str, ...]:
    """The known words that begin with it, then those that are written alike (Ratcliff & Obershelp, 1988); best first.

    Import it late: `difflib` takes 2 ms, and only who errs should pay.
    """
    names = {name.lstrip("-").lower(): name for name in sorted(known)}  # what all flags begin with makes none of them alike
    word = word.lstrip("-").lower()
    begins = [name for name in names if word and name.startswith(word)]
    alike = get_close_matches(word, names, n=most, cutoff=_ALIKE)
    return tuple(names[name] for name in dict.fromkeys([*sorted(begins, key=len), *alike]))[:most]
