"""Links that lead nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace

from clew.markdown.documents import Library
from clew.markdown.links import LinkRow, link_row
from clew.markdown.resolving import Resolver
from clew.markdown.rows import files_of, places_asked, section_address, sections_offered, within
from clew.requests import Paths, Result, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.markdown.addresses import Place
    from clew.workspace import Workspace


class CheckLinks(Paths, frozen=True, kw_only=True, tag="check-links"):
    """List the links of documents that lead nowhere: no file, anchor, line or definition. Links to the net are counted, not fetched.

    md-scan --check-links --dir docs --check
    """

    stands_alone: ClassVar[bool] = True
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents or sections. Empty means: what the continued step found, else all documents."""
    check: bool = False
    """Fail when a link leads nowhere."""
    unused: bool = False
    """List definitions too that no link uses."""


class BrokenRow(LinkRow, frozen=True, kw_only=True):
    """A link that leads nowhere, or a definition that no link uses (unused_definition)."""

    candidates: tuple[str, ...] = ()
    """Near names: anchors of the document it leads to, or files."""


class CheckLinksResult(Result, frozen=True, kw_only=True):
    """The links that lead nowhere, by file and place."""

    checked: int = 0
    """Number of links into the tree that were looked at."""
    external: int = 0
    """Number that lead to the net; these are not fetched."""
    unchecked: int = 0
    """Number that lead above the root, or are routes that only the generator of a site knows."""
    dialects: tuple[str, ...] = ()
    """The renderers whose anchors were looked for."""
    failed: bool = False
    """True when a check was asked for, and a link leads nowhere."""
    results: tuple[BrokenRow, ...]
    """One row a link."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The sections around the links that are picked."""
        return None if picked is None else sections_offered(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The documents with the links."""
        return files_of(self.results)


def check_links(workspace: Workspace, request: CheckLinks) -> CheckLinksResult:
    """The links of the target documents and sections, or of all documents in the scope, that lead nowhere.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    library = Library(workspace.generation)
    resolver = Resolver(library)
    rows: list[BrokenRow] = []
    counts = dict.fromkeys(("checked", "external", "unchecked"), 0)
    dialects: dict[str, None] = {}
    for place in places_asked(workspace, library, request, request.targets):
        document = place.document
        dialects[document.dialect] = None
        for link in within(place, document.prose.all_links):
            if link.definition is not None:
                continue  # its definition is looked at once
            found = resolver.resolve(document, link)
            counts["external" if found.external else "unchecked" if found.unchecked else "checked"] += 1
            if found.problem is not None:
                row = _broken(link_row(place, link, found, len(rows) + 1))
                rows.append(replace(row, candidates=_near(found.anchor, found.document.anchors)) if found.document else row)
        rows += _unused(place, len(rows)) if request.unused else ()
    is_broken = any(row.problem != "unused_definition" for row in rows)
    return CheckLinksResult(
        checked=counts["checked"],
        external=counts["external"],
        unchecked=counts["unchecked"],
        dialects=tuple(dialects),
        failed=request.check and is_broken,
        results=tuple(rows),
    )


def _broken(row: LinkRow) -> BrokenRow:
    return BrokenRow(**{name: getattr(row, name) for name in row.__struct_fields__})


def _near(wanted: str | None, known: frozenset[str]) -> tuple[str, ...]:
    from clew.near import near  # only where a link is broken

    return near(wanted, known, 2) if wanted else ()


def _unused(place: Place, listed: int) -> Iterator[BrokenRow]:
    prose = place.document.prose
    used = {link.definition for link in prose.links}
    unused = [link for number, link in enumerate(prose.definitions) if number not in used]
    for n, link in enumerate(within(place, unused), listed + 1):
        yield BrokenRow(
            n=n,
            file=place.document.path,
            line=link.line,
            column=link.column,
            section=section_address(place, link.start),
            kind=link.kind,
            to=link.destination,
            label=link.label,
            problem="unused_definition",
        )
