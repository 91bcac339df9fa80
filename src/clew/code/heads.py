"""Signatures and doc summaries, cut out of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clew._native import Description

_LONGEST = 200


def signature(source: bytes, of: Description) -> str:
    """The head of a definition on one line, up to its body."""
    end = of.body if of.start < of.body <= of.end else of.end
    head = source[of.start : min(end, of.start + 600)].decode("utf-8", "replace")
    text = " ".join(head.split()).removesuffix("{").rstrip().removesuffix("=>").rstrip()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def summary(source: bytes, of: Description) -> str | None:
    """The first sentence of the doc comment above a definition."""
    if of.doc is None:
        return None
    comment = source[slice(*of.doc)].decode("utf-8", "replace")
    words: list[str] = []
    for line in comment.removeprefix("/**").removesuffix("*/").splitlines():
        text = line.strip().removeprefix("*").strip()
        if text.startswith("@") or (not text and words):
            break
        if text:
            words.append(text)
    sentence = " ".join(words)
    stop = sentence.find(". ")
    return (sentence[: stop + 1] if stop != -1 else sentence)[:_LONGEST] or None
