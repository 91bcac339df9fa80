"""The reach of each sort of change to a definition, summed up before anything is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew._native import is_test
from clew.code.addresses import find_all, or_exports
from clew.code.depends_on import target_names
from clew.code.entries import entry_files
from clew.code.ripple import Change, asked_alike, walk
from clew.requests import POSSIBLE, Gap, Paths, Result, Row, Target

if TYPE_CHECKING:
    from clew.code.ripple import Walked
    from clew.workspace import Workspace

_CHANGES: tuple[Change, ...] = ("signature", "removal", "behaviour")


class ImpactPreview(Paths, frozen=True, kw_only=True, tag="impact-preview"):
    """Say what a new signature, a removal, or another behaviour of a definition would reach.

    js-scan --impact-preview Cart#add
    """

    targets: tuple[Target, ...] = ()
    """The definitions or files that would change. Empty means: what the continued step found."""


class PreviewRow(Row, frozen=True):
    """One sort of change."""

    change: Change
    """signature, removal or behaviour."""
    reached: int
    """Number of definitions and tops of files."""
    files: int
    """In how many files."""
    tests: int = 0
    """Number of tests among the files."""
    nearest: tuple[str, ...] = ()
    """The first files reached that are no tests."""


class ImpactPreviewResult(Result, frozen=True, kw_only=True):
    """One row for each sort of change."""

    public: bool = False
    """True where the package offers a target to the world, so that code elsewhere is reached too."""
    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete; never read an incomplete answer as safe."""
    results: tuple[PreviewRow, ...]
    """signature, removal, behaviour."""

    def behind(self) -> tuple[str, ...]:
        """The nearest files."""
        return tuple(dict.fromkeys(file for row in self.results for file in row.nearest))


def impact_preview(workspace: Workspace, request: ImpactPreview) -> ImpactPreviewResult:
    """The ripple of the targets for each sort of change.

    Raises SymbolNotFound and AmbiguousSymbol for a target that means nothing, or several things.
    """
    found = find_all(workspace, request.targets)
    places = or_exports(workspace, found)
    targets = request.targets if places is found else tuple(map(Target, target_names(workspace.generation, places)))
    rows: list[PreviewRow] = []
    why: tuple[Gap, ...] = ()
    for change in _CHANGES:
        walked = walk(workspace, asked_alike(request, targets, if_=change))
        files = tuple(dict.fromkeys(row.file for row in walked.rows))
        why = (*_possible(walked), *walked.gaps)
        rows.append(
            PreviewRow(
                n=len(rows) + 1,
                change=change,
                reached=len(walked.rows),
                files=len(files),
                tests=sum(map(is_test, files)),
                nearest=tuple(file for file in files if not is_test(file))[:5],
            )
        )
    world = workspace.generation.linker.offered(sorted(entry_files(workspace)))
    public = any(place.row is not None and place.definition in world for place in places)
    return ImpactPreviewResult(public=public, why=why, results=tuple(rows))


def _possible(walked: Walked) -> tuple[Gap, ...]:
    """The gap of what is only possibly reached, with the command that lists it."""
    if not walked.possible:
        return ()
    from shlex import join  # only a few answers need it

    listing = join(["js-scan", "--ripple", *(changed.target for changed in walked.targets), "--possible", "--json"])
    return (Gap(POSSIBLE, len(walked.possible), list=listing),)
