"""The anchors of headings, as each renderer makes them from the text it shows.

Sources: github-slugger 2.0 (GitHub, Docusaurus, Starlight), `Gitlab::Utils::Markdown` and the table of contents filter (GitLab), `slugify`
and `unique` of Python-Markdown's `toc` (MkDocs), `slugify` of @mdit-vue/shared (VitePress).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Dialect = Literal["github", "gitlab", "mkdocs", "docusaurus", "vitepress", "starlight"]

_KEPT = frozenset({"Nd", "Nl", "Pc"})
_SIGNS = "[\\s~`!@#$%^&*()\\-_+=\\[\\]{}|\\\\;:\"'\u201c\u201d\u2018\u2019<>,.?/]+"
_NO_LETTER = re.compile(r"[^a-z0-9_ -]")
_COUNTED = r"^(.*)_([0-9]+)$"


def _is_word(letter: str) -> bool:
    if letter.isascii():
        return letter.isalnum() or letter == "_"
    category = unicodedata.category(letter)
    return category[0] in "LM" or category in _KEPT


def github(text: str) -> str:
    """`What's new?` is `whats-new`; blanks become hyphens one by one."""
    if text.isascii():
        return _NO_LETTER.sub("", text.lower()).replace(" ", "-")
    return "".join("-" if letter == " " else letter for letter in text.lower() if letter in " -" or _is_word(letter))


def gitlab(text: str) -> str:
    """As GitHub, with every run of hyphens as one; a number alone gets a name."""
    slug = re.sub(r"-{2,}", "-", github(text.strip()))
    return f"anchor-{slug}" if slug.isdigit() else slug


def mkdocs(text: str) -> str:
    """Accents and all that is not ASCII go; every run of blanks and hyphens is one hyphen."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", ascii_only).strip().lower())


def vitepress(text: str) -> str:
    """Accents go, every run of blanks and signs is one hyphen, and what would begin with a digit begins with `_`."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not "\u0300" <= letter <= "\u036f" and letter >= " ")
    return re.sub(r"^(\d)", r"_\1", re.sub(r"-{2,}", "-", re.sub(_SIGNS, "-", plain)).strip("-")).lower()


SLUGS: dict[Dialect, Callable[[str], str]] = {
    "github": github,
    "gitlab": gitlab,
    "mkdocs": mkdocs,
    "docusaurus": github,
    "starlight": github,
    "vitepress": vitepress,
}


def anchors(headings: Iterable[tuple[str, str | None]], dialect: Dialect) -> list[str]:
    """The anchor of each heading of a document, given by text and explicit id, duplicates numbered; an explicit id stays as it is."""
    listed, slug = list(headings), SLUGS[dialect]
    if dialect == "mkdocs":
        return _unique_by_mkdocs(listed)
    seen: dict[str, int] = {}
    found: list[str] = []
    for text, explicit in listed:
        base = slug(text) if explicit is None else explicit
        anchor = base
        if explicit is None and base in seen:
            seen[base] += 1
            anchor = f"{base}-{seen[base]}"
            while dialect != "gitlab" and anchor in seen:
                seen[base] += 1
                anchor = f"{base}-{seen[base]}"
        if dialect != "gitlab" or explicit is None:
            seen.setdefault(base if dialect == "gitlab" else anchor, 0)
        found.append(anchor)
    return found


def _unique_by_mkdocs(headings: list[tuple[str, str | None]]) -> list[str]:
    used = {explicit for _, explicit in headings if explicit is not None}
    highest: dict[str, int] = {}
    found: list[str] = []
    for text, explicit in headings:
        anchor = mkdocs(text) if explicit is None else explicit
        if explicit is None and (not anchor or anchor in used):
            counted = re.match(_COUNTED, anchor)
            stem, number = (counted[1], int(counted[2])) if counted else (anchor, 0)
            number = max(number, highest.get(stem, 0)) + 1
            while f"{stem}_{number}" in used:
                number += 1
            highest[stem] = number
            anchor = f"{stem}_{number}"
        used.add(anchor)
        found.append(anchor)
    return found
