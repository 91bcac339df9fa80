"""The places of prose that speak of a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.code.addresses import addresses, find_all
from clew.errors import InvalidRequest
from clew.index.scope import path_filter
from clew.markdown.addresses import Place
from clew.markdown.documents import Library
from clew.markdown.finding import Finder, Subject
from clew.markdown.rows import PlaceRow, files_of, place_row, sections_offered
from clew.requests import POSSIBLE, Gap, Possible, Result, Target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew.markdown.finding import Mention
    from clew.workspace import Workspace


class Mentions(Possible, frozen=True, kw_only=True, tag="mentions"):
    """List the places of documents that speak of a definition or a file: paths, links, qualified members, exports, code that uses it.

    md-scan --mentions Cart#add
    """

    targets: tuple[Target, ...] = ()
    """Definitions or files. Empty means: what the continued step found."""


class MentionRow(PlaceRow, frozen=True, kw_only=True):
    """A place that speaks of a target."""

    of: str
    """The target, as a full address."""
    written: str
    """The path, name or command that stands there."""
    by: str
    """path, link, member (qualified), export, name (alone), code (a block of code that uses it) or command: what speaks for it."""
    evidence: str
    """exact, inferred or possible (only the word fits)."""
    text: str
    """The line."""


class MentionsResult(Result, frozen=True, kw_only=True):
    """The places, by document."""

    targets: tuple[str, ...]
    """The targets, as full addresses."""
    documents: int = 0
    """Number of documents that speak of them."""
    possible: int = 0
    """Number of places that only have the word."""
    results: tuple[MentionRow, ...]
    """One row a place; possible ones when asked for, or when there are no others."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The sections around the places that are picked."""
        return None if picked is None else sections_offered(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The documents, and the files of the targets."""
        return tuple(dict.fromkeys([*files_of(self.results), *(text.partition("::")[0] for text in self.targets)]))


def mentions(workspace: Workspace, request: Mentions) -> MentionsResult:
    """The places of the documents in the scope that speak of the targets.

    Raises SymbolNotFound, NoSuchFile and AmbiguousSymbol for a target that means nothing, or several things.
    """
    subjects = subjects_of(workspace, request.targets)
    library = Library(workspace.generation)
    found = Finder(library, subjects, path_filter(request)).find()
    sure = [one for one in found if one.evidence != POSSIBLE]
    unsure = len(found) - len(sure)
    shown = found if request.possible or not sure else sure
    return MentionsResult(
        targets=tuple(subject.address for subject in subjects),
        documents=len({one.document.file for one in shown}),
        possible=unsure,
        why=(Gap(POSSIBLE, unsure),) if unsure and shown is not found else (),
        results=tuple(row_of(mention, subjects, n) for n, mention in enumerate(shown, 1)),
    )


def subjects_of(workspace: Workspace, targets: Sequence[Target]) -> list[Subject]:
    """The definitions and files that targets mean."""
    for target in targets:
        if target.text.partition("#")[0].endswith((".md", ".markdown", ".mdx")):
            from shlex import quote  # only who errs pays

            hint = f"md-scan --backlinks {quote(target.text)}"
            raise InvalidRequest(f"{target.text} is Markdown; --mentions is about code", given=target.text, hint=hint)
    generation = workspace.generation
    places = find_all(workspace, targets)
    definitions = [place.definition for place in places if place.row is not None]
    named = dict(zip(definitions, addresses(generation, definitions), strict=True))
    subjects = []
    for place in places:
        path = generation.path_of(place.file)
        subjects.append(Subject(path, path) if place.row is None else Subject(named[place.definition], path, place.definition))
    return list(dict.fromkeys(subjects))


def row_of(mention: Mention, subjects: Sequence[Subject], n: int) -> MentionRow:
    """The row of a mention."""
    source = mention.document.source or b""
    return MentionRow(
        n=n,
        **place_row(Place(mention.document), mention.start),
        of=subjects[mention.subject].address,
        written=source[mention.start : mention.end].decode("utf-8", "replace"),
        by=mention.by,
        evidence=mention.evidence,
    )
