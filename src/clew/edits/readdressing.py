"""Definitions and sections found again after our own edits: an address of then, through the maps of the journal, as an address of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew._native import declared_in
from clew.code.names import split_place
from clew.code.rows import SourceMap, address
from clew.edits.journal import Journal
from clew.edits.offsets import chain
from clew.errors import ClewError
from clew.index.rows import PROSE
from clew.requests import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clew.edits.offsets import Carried
    from clew.markdown.documents import Document, Library, Section
    from clew.workspace import Workspace


def followed(workspace: Workspace, target: Target, digest: str) -> Target | None:
    """The target after the edits that were applied to its file since it had that digest.

    None where others changed the file, too, or where the target was taken out.
    """
    journal = Journal(workspace.state)
    if target.file is None or not journal.entries():
        return None
    try:
        offsets = chain(journal, target.file, digest)
        before = journal.object(digest)
    except ClewError:
        return None
    generation = workspace.generation
    file = None if offsets is None else generation.id_of(offsets.path)
    if offsets is None or file is None or generation.digest_of(file) != offsets.digest:
        return None
    if target.file.endswith(PROSE) and target.text != target.file:
        return _section_followed(workspace, journal, target, before, offsets)
    path, separator, name = target.text.partition("::")
    if not separator:
        return Target(text=offsets.path, file=offsets.path) if path == target.file else None
    moved = [offsets.start(start) for start in _starts_of(target.file, before, name)]
    rows = generation.linker.innermost(file, [start for start in moved if start is not None])
    described = generation.linker.describe([(file, row) for row in rows if row is not None])
    if not len(described) == len(moved) > 0:
        return None
    now = {address(SourceMap(generation), of) for of in described}
    return Target(text=now.pop(), file=offsets.path) if len(now) == 1 else None


def _section_followed(workspace: Workspace, journal: Journal, target: Target, before: bytes, offsets: Carried) -> Target | None:
    """The section where its heading stands now; one that an edit took to another document is found there by its heading."""
    from clew.edits.prose.whereabouts import section_then  # only who edited documents pays
    from clew.markdown.addresses import Place
    from clew.markdown.documents import Library

    library = Library(workspace.generation)
    then = section_then(library.dialects, target, before)
    if then is None:
        return None
    start = offsets.start(then.start)
    found = [Place(document, section) for document, section in _sections_in(library, [offsets.path]) if section.start == start]
    if not found and start is None:
        taken = {
            file.place for entry in journal.entries() if any(file.path == target.file for file in entry.written()) for file in entry.files
        }
        others = [path for path in taken if path is not None and path != offsets.path]
        found = [Place(document, section) for document, section in _sections_in(library, others) if section.trail[-1] == then.trail[-1]]
    return found[0].target if len(found) == 1 else None


def _sections_in(library: Library, paths: Iterable[str]) -> Iterator[tuple[Document, Section]]:
    for path in paths:
        file = library.generation.id_of(path)
        if file is not None and file in library.files:
            document = library.document(file)
            yield from ((document, section) for section in document.sections)


def _starts_of(path: str, source: bytes, name: str) -> list[int]:
    """The starts of definitions of a name, in the bytes of then: of several those on the line that the address says."""
    read = declared_in(path, source, [])
    if read is None:
        return []
    placed = split_place(name)
    called = [(start, end) for _, known, _, start, end, _ in read[0] if known == placed.name]
    if placed.line is not None and len(called) > 1:
        called = [(start, end) for start, end in called if source.count(b"\n", 0, start) < placed.line <= source.count(b"\n", 0, end) + 1]
    return [start for start, _ in called]
