"""A place of prose that names what is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from clew.markdown.documents import Document
    from clew.markdown.paths import Evidence

Kind = Literal["path", "flag", "name", "import", "member", "syntax"]


class Drifted(NamedTuple):
    """A place that names what is not there."""

    document: Document
    start: int
    end: int
    kind: Kind
    evidence: Evidence
    missing: str
    """The name that is not there."""
    candidates: tuple[str, ...]
    """The nearest names."""
    why: str
    """The evidence that it is missing."""
