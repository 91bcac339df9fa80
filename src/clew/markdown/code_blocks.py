"""The blocks of code in documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.markdown.documents import Library
from clew.markdown.rows import PlaceRow, files_of, places_asked, section_address, sections_offered, within
from clew.requests import Paths, Result, Target

if TYPE_CHECKING:
    from clew.workspace import Workspace


class CodeBlocks(Paths, frozen=True, kw_only=True, tag="code-blocks"):
    """List the blocks of code in documents.

    md-scan --code-blocks README.md --lang js
    """

    stands_alone: ClassVar[bool] = True
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """Documents or sections. Empty means: what the continued step found, else all documents."""
    lang: tuple[str, ...] = ()
    """Only blocks in this language, as the fence says it."""


class CodeBlockRow(PlaceRow, frozen=True, kw_only=True):
    """A block of code."""

    language: str = ""
    """The language that its fence says."""
    info: str = ""
    """The rest of what the fence says."""
    source: str | None = None
    """The code; none where the file changed since."""


class CodeBlocksResult(Result, frozen=True, kw_only=True):
    """The blocks, by file and place."""

    results: tuple[CodeBlockRow, ...]
    """One row a block."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The sections around the blocks that are picked."""
        return None if picked is None else sections_offered(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The documents."""
        return files_of(self.results)


def code_blocks(workspace: Workspace, request: CodeBlocks) -> CodeBlocksResult:
    """The blocks of the target documents and sections, or of all documents in the scope.

    Raises NoSuchFile, SectionNotFound and AmbiguousSection for a target that means nothing, or several things.
    """
    library = Library(workspace.generation)
    wanted = {language.lower() for language in request.lang}
    rows: list[CodeBlockRow] = []
    for place in places_asked(workspace, library, request, request.targets):
        source = place.document.source
        for block in within(place, place.document.prose.code):
            if wanted and block.language not in wanted:
                continue
            rows.append(
                CodeBlockRow(
                    n=len(rows) + 1,
                    file=place.document.path,
                    line=block.line,
                    column=block.column,
                    section=section_address(place, block.start),
                    language=block.language,
                    info=block.info.strip()[len(block.language) :].strip(),
                    source=None if source is None else source[block.content_start : block.content_end].decode("utf-8", "replace"),
                )
            )
    return CodeBlocksResult(results=tuple(rows))
