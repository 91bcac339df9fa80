"""The links of a document, or of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.markdown.documents import Library
from clew.markdown.resolving import Resolver
from clew.markdown.rows import PlaceRow, files_of, places_asked, section_address, within
from clew.requests import Paths, Result, Target

if TYPE_CHECKING:
    from clew.index.prose import Link
    from clew.markdown.addresses import Place
    from clew.markdown.resolving import Destination
    from clew.workspace import Workspace


class Links(Paths, frozen=True, kw_only=True, tag="links"):
    """List the links and pictures of documents, and where each leads.

    md-scan --links README.md --internal
    """

    stands_alone: ClassVar[bool] = True
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents or sections. Empty means: what the continued step found, else all documents."""
    internal: bool = False
    """Only those that lead into the tree, or nowhere."""
    external: bool = False
    """Only those that lead to the net."""


class LinkRow(PlaceRow, frozen=True, kw_only=True):
    """A link."""

    kind: str
    """Its form: inline, reference, collapsed, shortcut, autolink, bare, html, definition, or undefined (nothing defines it)."""
    to: str | None = None
    """Its destination, without escapes."""
    leads_to: str | None = None
    """The file or section of the tree that this is."""
    image: bool = False
    """True for a picture."""
    label: str | None = None
    """The label of a reference."""
    problem: str | None = None
    """no_such_file, no_such_anchor, no_such_line or undefined_reference: why it leads nowhere."""


class LinksResult(Result, frozen=True, kw_only=True):
    """The links, by file and place."""

    internal: int = 0
    """Number that lead into the tree, or nowhere."""
    external: int = 0
    """Number that lead to the net."""
    dialects: tuple[str, ...] = ()
    """The renderers whose anchors these are."""
    results: tuple[LinkRow, ...]
    """One row a link."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The destinations in the tree of the links that are picked."""
        if picked is None:
            return None
        targets = dict.fromkeys(row.leads_to for row in self.results if row.leads_to and row.n in picked)
        return tuple(Target(text=target) for target in targets)

    def behind(self) -> tuple[str, ...]:
        """The documents with the links."""
        return files_of(self.results)


def links(workspace: Workspace, request: Links) -> LinksResult:
    """The links of the target documents and sections, or of all documents in the scope.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    library = Library(workspace.generation)
    resolver = Resolver(library)
    rows: list[LinkRow] = []
    counts = {True: 0, False: 0}
    dialects: dict[str, None] = {}
    every = request.internal == request.external
    for place in places_asked(workspace, library, request, request.targets):
        dialects[place.document.dialect] = None
        for link in within(place, place.document.prose.links):
            found = resolver.resolve(place.document, link)
            counts[found.external] += 1
            if every or found.external == request.external:
                rows.append(link_row(place, link, found, len(rows) + 1))
    return LinksResult(internal=counts[False], external=counts[True], dialects=tuple(dialects), results=tuple(rows))


def link_row(place: Place, link: Link, found: Destination, n: int) -> LinkRow:
    """The row of a link that leads to a destination."""
    document = place.document
    return LinkRow(
        n=n,
        file=document.path,
        line=link.line,
        column=link.column,
        section=section_address(place, link.start),
        kind=link.kind,
        to=document.prose.destination_of(link),
        leads_to=target_of(found),
        image=link.is_image,
        label=link.label,
        problem=found.problem,
    )


def target_of(found: Destination) -> str | None:
    """The address of what a link leads to: a section where it names one, else the file."""
    if found.path is None or found.document is None or found.anchor is None or found.problem:
        return found.path
    for section in found.document.sections:
        if section.anchor == found.anchor:
            return found.document.address(section)
    return found.path
