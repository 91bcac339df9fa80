"""The targets of an earlier step as they are in the tree now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from clew.bounds import OutOfTime
from clew.errors import ClewError, NoSuchFile, SectionNotFound, StaleInput, SymbolNotFound
from clew.requests import FileProblem, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from clew.running.inputs import Selection
    from clew.sessions.staleness import Verdict
    from clew.workspace import Workspace


def _finder(workspace: Workspace, *, prose: bool) -> Callable[[Target], object]:
    """The function that finds targets, in code or in Markdown."""
    if prose:
        from clew.markdown import addresses, documents  # loaded by every verb about Markdown

        library = documents.Library(workspace.generation)
        return lambda target: addresses.find(workspace, library, target)
    from clew.code.addresses import find  # loaded by every verb that has targets

    return lambda target: find(workspace, target)


def still_there(workspace: Workspace, targets: Sequence[Target], changed: Collection[str], *, prose: bool = False) -> tuple[Target, ...]:
    """Targets without those in changed files that nothing is called like any more; what cannot be said in time counts as there."""
    find = _finder(workspace, prose=prose)
    found: list[Target] = []
    for target in targets:
        if target.file is None or target.file in changed:
            try:
                find(target)
            except (SymbolNotFound, SectionNotFound, NoSuchFile):
                continue
            except (ClewError, OutOfTime):
                pass
        found.append(target)
    return tuple(found)


class Current(msgspec.Struct, frozen=True, kw_only=True):
    """Targets of an earlier step as they are in the tree now."""

    targets: tuple[Target, ...]
    verdict: str = "fresh"
    files: tuple[str, ...] = ()
    warnings: tuple[FileProblem, ...] = ()


def current(workspace: Workspace, picked: Selection, *, strict: bool, prose: bool = False) -> Current:
    """Targets in files that changed keep only what finds them again; those that are gone are left out, with a warning."""
    from clew.running.verdicts import verdict_on  # only who continues pays

    generation = workspace.generation
    behind = {target.file for target in picked.targets if target.file is not None} or set(picked.depends)
    verdict = verdict_on({file: picked.depends[file] for file in sorted(behind) if file in picked.depends}, generation)
    if not verdict.files:
        return Current(targets=picked.targets)
    if strict:
        raise StaleInput(f"{', '.join(verdict.files)} changed since {picked.step}", files=verdict.files)
    ours = _followed(workspace, picked, verdict)
    kept = [target for target in picked.targets if target in ours or target.file not in verdict.gone]
    now = {target: ours.get(target) or _refindable(target, verdict) for target in kept}
    changed = {*verdict.files, *(target.file for target in now.values() if target.file is not None)}
    left = set(still_there(workspace, list(now.values()), changed, prose=prose))
    targets = tuple(target for target in now.values() if target in left)
    gone = [target for target in picked.targets if now.get(target) not in left]
    if not targets:
        raise StaleInput(f"All that {picked.step} found is gone: {', '.join(target.text for target in gone)}", files=verdict.files)
    return Current(
        targets=targets,
        verdict=verdict.verdict,
        files=verdict.files,
        warnings=tuple(FileProblem(file=str(target.file), message=f"{target.text} is gone since {picked.step}") for target in gone),
    )


def _followed(workspace: Workspace, picked: Selection, verdict: Verdict) -> dict[Target, Target]:
    """The targets in files that only our own edits changed, where they are now."""
    changed = {target: picked.depends[target.file] for target in picked.targets if target.file in {*verdict.changed, *verdict.gone}}
    if not changed:
        return {}
    from clew.edits.readdressing import followed  # only where files changed

    now = ((target, followed(workspace, target, digest)) for target, digest in changed.items())
    return {target: here for target, here in now if here is not None}


def _refindable(target: Target, verdict: Verdict) -> Target:
    """A target in a file that has another path now."""
    now = verdict.moved.get(target.file) if target.file is not None else None
    return target if now is None else replace(target, text=now + target.text.removeprefix(str(target.file)), file=now)
