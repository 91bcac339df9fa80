"""From an address as typed to the document or the section that it means."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from clew.errors import AmbiguousSection, InvalidRequest, NoSuchFile, SectionNotFound
from clew.index.rows import CODE, PROSE
from clew.markdown.percent import unquote
from clew.requests import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew.markdown.documents import Document, Library, Section
    from clew.workspace import Workspace

_MOST_CANDIDATES = 5


class Place(NamedTuple):
    """A document, or a section of it."""

    document: Document
    section: Section | None = None

    @property
    def address(self) -> str:
        """Its address."""
        return self.document.path if self.section is None else self.document.address(self.section)

    @property
    def target(self) -> Target:
        """Its address as a target."""
        heading = self.section.heading if self.section else None
        return Target(
            text=self.address,
            file=self.document.path,
            line=heading.line if heading else None,
            name=self.section.trail[-1] if self.section else None,
        )


def find(workspace: Workspace, library: Library, target: Target) -> Place:
    """The place that an address means: `guide.md`, `guide.md#set-up`, `guide.md::A > B`, `guide.md:12`, `#set-up`, `A > B`.

    Raises NoSuchFile, OutsideWorkspace, SectionNotFound, AmbiguousSection with candidates that can be pasted, and InvalidRequest for code.
    """
    text = target.text
    path, titles = _split(text, "::")
    if titles is not None and path.endswith(PROSE):
        document = _document(workspace, library, path)
        return _by_titles([document], text, titles)
    path, anchor = _split(text, "#")
    if anchor is not None and path.endswith(PROSE):
        return _by_anchor([_document(workspace, library, path)], text, anchor)
    if anchor is not None and not path:
        return _by_anchor(list(library.all()), text, anchor)
    path, _, line = text.rpartition(":")
    if line.isascii() and line.isdigit() and path.endswith(PROSE):
        return _by_line(_document(workspace, library, path), text, int(line))
    if text.endswith(PROSE) or _is_file(workspace, text):
        return Place(_document(workspace, library, text))
    if "::" in text:
        raise _code(text)
    return _by_titles(list(library.all()), text, text)


def means_section(text: str) -> bool:
    """True for an address that can mean a section and nothing in code: by anchor, by the titles above it, or by its line in a document."""
    if text.startswith("#"):
        return "::" not in text
    path, mark = next(((text.partition(mark)[0], mark) for mark in ("::", "#") if mark in text), (text.rpartition(":")[0], ":"))
    return path.endswith(PROSE) and (mark != ":" or text.rpartition(":")[2].isdigit())


def find_all(workspace: Workspace, library: Library, targets: Sequence[Target]) -> list[Place]:
    """The places that targets mean, as far as there was time."""
    return [find(workspace, library, target) for target in workspace.generation.bounds.each(targets, "targets")]


def _code(text: str) -> InvalidRequest:
    from shlex import quote  # only who errs pays

    return InvalidRequest(f"{text} is code; this question is about Markdown", given=text, hint=f"js-scan --definition {quote(text)}")


def _split(text: str, mark: str) -> tuple[str, str | None]:
    before, found, behind = text.partition(mark)
    return before, behind if found else None


def _is_file(workspace: Workspace, text: str) -> bool:
    here = workspace.relative(os.path.join(os.getcwd(), text))
    return any(path is not None and workspace.generation.id_of(path) is not None for path in (text, here))


def _document(workspace: Workspace, library: Library, path: str) -> Document:
    generation = workspace.generation
    relative = workspace.resolve_path(path)
    file = generation.id_of(relative)
    if file is not None and file in library.files:
        return library.document(file)
    if file is not None:
        raise _code(path) if generation.flags_of(file) & CODE else InvalidRequest(f"{relative} is no Markdown", given=path)
    from clew.near import near  # only who errs pays

    candidates = near(relative, map(generation.path_of, library.files), _MOST_CANDIDATES)
    raise NoSuchFile(f"{relative} is not an indexed file", given=path, candidates=candidates)


def _by_line(document: Document, text: str, line: int) -> Place:
    opened = [section for section in document.sections if section.heading.line <= line]
    if not opened:
        raise SectionNotFound(f"no section stands around {text}", given=text, candidates=(document.path,))
    # A line that is a heading means its section; another one the innermost section that reaches to it.
    last = opened[-1]
    return Place(document, last)


def _by_anchor(documents: Iterable[Document], text: str, anchor: str) -> Place:
    wanted = (anchor, unquote(anchor))
    places: list[Place] = []
    known: list[Place] = []
    for document in documents:
        here = [Place(document, section) for section in document.sections]
        known += here
        fitting = [place for place in here if place.section and place.section.anchor in wanted]
        around = [document.section_around(one.start) for one in document.prose.anchors if one.name in wanted]
        places += fitting[:1] or [Place(document, section) for section in around[:1]]
    return _only(text, places, known, anchor)


def _by_titles(documents: Iterable[Document], text: str, titles: str) -> Place:
    parts = [part.strip() for part in titles.split(">") if part.strip()]
    if not parts:
        raise SectionNotFound(f"{text!r} names no section", given=text)
    known = [Place(document, section) for document in documents for section in document.sections]
    # A title may have a `>` of its own.
    whole = [place for place in known if place.section and place.section.trail[-1] == titles.strip()]
    named = [place for place in known if place.section and _is_along(parts, place.section.trail)]
    folded = [part.casefold() for part in parts]
    fitting = (
        whole
        or named
        or [place for place in known if place.section and _is_along(folded, [title.casefold() for title in place.section.trail])]
    )
    exact = [place for place in fitting if place.section and list(place.section.trail) == parts]
    return _only(text, exact if len(exact) == 1 else fitting, known, parts[-1])


def _is_along(parts: Sequence[str], trail: Sequence[str]) -> bool:
    """True where a trail ends with the last part, and has the others before it in their order."""
    if parts[-1] != trail[-1]:
        return False
    above = iter(trail[:-1])
    return all(part in above for part in parts[:-1])


def _only(text: str, places: list[Place], known: list[Place], wanted: str) -> Place:
    if len(places) == 1:
        return places[0]
    if places:
        candidates = tuple(place.address for place in places[:_MOST_CANDIDATES])
        more = f"; {len(places) - _MOST_CANDIDATES} more" if len(places) > _MOST_CANDIDATES else ""
        raise AmbiguousSection(f"{text} names {len(places)} sections{more}", given=text, candidates=candidates)
    from clew.near import near  # only who errs pays

    names: dict[str, Place] = {}
    for place in known:
        if place.section is not None:
            names.setdefault(place.section.anchor, place)
            names.setdefault(place.section.trail[-1], place)
    close = dict.fromkeys(names[name].address for name in near(wanted, names, _MOST_CANDIDATES))
    raise SectionNotFound(f"no section {text}", given=text, candidates=tuple(close))
