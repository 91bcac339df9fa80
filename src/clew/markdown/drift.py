"""Names in prose that the tree has no more."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal

from clew.markdown.addresses import Place
from clew.markdown.documents import Library
from clew.markdown.drift_code import drifted_in_code, drifted_syntax, is_anywhere
from clew.markdown.drift_flags import drifted_flags, is_of_another, spoken_flags
from clew.markdown.drift_names import drifted_members, owners
from clew.markdown.drift_paths import drifted_paths
from clew.markdown.drifted import Drifted
from clew.markdown.past import is_of_the_past
from clew.markdown.paths import PathBook
from clew.markdown.regions import Regions
from clew.markdown.rows import PlaceRow, files_of, place_row, places_asked, sections_offered, spans_of
from clew.markdown.snippets import Snippets
from clew.requests import POSSIBLE, Gap, Possible, Result, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clew.markdown.documents import Document
    from clew.markdown.paths import Evidence
    from clew.workspace import Workspace

Sort = Literal["path", "flag", "member", "import", "name", "syntax"]


class Drift(Possible, frozen=True, kw_only=True, tag="drift"):
    """List what documents name and the tree has no more: paths, flags, members, imports, code that does not parse.

    md-scan --drift --dir docs --check
    """

    stands_alone: ClassVar[bool] = True
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents or sections. Empty means: what the continued step found, else all documents."""
    of: tuple[Sort, ...] = ()
    """Only this sort: path, flag, member, import, name or syntax."""
    check: bool = False
    """Fail when something is named that is no longer there."""


class DriftRow(PlaceRow, frozen=True, kw_only=True):
    """A place that names what is not there."""

    kind: str
    """path, flag, member (of a class), import (from a package of the tree), name (of such an import elsewhere), or syntax (of a block)."""
    evidence: str
    """exact, inferred, or possible: it may tell what was, or stand for something of the reader's."""
    missing: str = ""
    """The name that is not there."""
    candidates: tuple[str, ...] = ()
    """The nearest names."""
    why: str
    """The evidence that it is missing."""
    text: str
    """The line."""


class DriftResult(Result, frozen=True, kw_only=True):
    """The places, by document."""

    documents: int = 0
    """Number of documents that were looked at."""
    possible: int = 0
    """Number of places that may tell what was, or stand for something of the reader's."""
    failed: bool = False
    """True when a check was asked for, and something is named that is no longer there."""
    results: tuple[DriftRow, ...]
    """One row a place; possible ones when asked for."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The sections around the places that are picked."""
        return None if picked is None else sections_offered(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def drift(workspace: Workspace, request: Drift) -> DriftResult:
    """Find what the target documents and sections, or all documents in the scope, name and the tree has no more.

    Links are left to `--check-links`. Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several
    things.
    """
    places = list(places_asked(workspace, Library(workspace.generation), request, request.targets))
    found = [one for one in _found(workspace, places) if not request.of or one.kind in request.of]
    shown = [one for one in found if request.possible or one.evidence != POSSIBLE]
    sure = sum(one.evidence != POSSIBLE for one in found)
    unsure = len(found) - sure
    return DriftResult(
        documents=len({place.document.file for place in places}),
        possible=unsure,
        failed=request.check and sure > 0,
        why=(Gap(POSSIBLE, unsure),) if unsure and not request.possible else (),
        results=tuple(_row(one, n) for n, one in enumerate(shown, 1)),
    )


def _found(workspace: Workspace, places: Sequence[Place]) -> list[Drifted]:
    """All that drifted in some places, by document and place."""
    generation, book = workspace.generation, PathBook(workspace.generation)
    documents: dict[int, tuple[Document, Regions]] = {}
    for place in places:
        if place.document.source is not None:
            documents.setdefault(place.document.file, (place.document, Regions(place.document.prose)))
    read = list(documents.values())
    found: list[Drifted] = []
    for document, regions in generation.bounds.each(read, "files"):
        found += drifted_paths(book, workspace.root, document, regions)
    found += drifted_flags(generation, (flag for document, regions in read for flag in spoken_flags(book, document, regions)))
    found += drifted_members(generation, book, owners(generation), read)
    snippets = Snippets(generation, book, ((document, block) for document, _ in read for block in document.prose.code))
    found += drifted_in_code(generation, book, snippets)
    found += drifted_syntax(snippets, book)
    imports = [one for one in found if one.kind == "import" and one.evidence != POSSIBLE and not is_anywhere(generation, one.missing)]
    found += _named_elsewhere(imports, read, book.own_packages)
    wanted: dict[int, list[tuple[int, int]]] = {place.document.file: [] for place in places}
    for place in places:
        wanted[place.document.file].append(spans_of(place))
    kept = (one for one in found if any(start <= one.start < end for start, end in wanted[one.document.file]))
    return sorted(dict.fromkeys(kept), key=lambda one: (one.document.path, one.start))


def _named_elsewhere(
    imports: Sequence[Drifted], read: Sequence[tuple[Document, Regions]], own_packages: frozenset[str]
) -> Iterator[Drifted]:
    """Code within lines that is the name of an import that is missing in the same document."""
    for document, regions in read:
        missing = {one.missing: one for one in imports if one.document is document}
        if not missing:
            continue
        pattern = re.compile(rb"<?(" + b"|".join(re.escape(name.encode()) for name in missing) + rb")(?![\w$.-])")
        for region in regions.spans():
            found = pattern.match(document.source or b"", region.start, region.end)
            if found is not None and not is_of_another(document.source or b"", region.start, own_packages):
                of = missing[found[1].decode()]
                evidence: Evidence = "possible" if is_of_the_past(document, region.start) else "inferred"
                yield of._replace(start=found.start(1), end=found.end(1), kind="name", evidence=evidence)


def _row(one: Drifted, n: int) -> DriftRow:
    place = place_row(Place(one.document), one.start)
    return DriftRow(n=n, **place, kind=one.kind, evidence=one.evidence, missing=one.missing, candidates=one.candidates, why=one.why)
