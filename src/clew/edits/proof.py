"""Proofs of a plan before it is kept: it parses, and names lead where they led."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from clew.edits.guards import links, new_problems
from clew.edits.plans import applied
from clew.edits.tracking import WHOLE, EditMap
from clew.errors import UnsafeEdit
from clew.index.overlay import Overlay, overlaid
from clew.index.rows import PROSE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from clew._native import Def, Description
    from clew.edits.moves import Moves
    from clew.edits.plans import FileChange
    from clew.edits.prose.guarding import BrokenLink, ProseGuard, Redirected
    from clew.edits.prose.whereabouts import Carry
    from clew.index.generation import Generation
    from clew.markdown.documents import Library

_AFTER = " (in the code as it would be)"
_THEN = " (in the text as it would be)"
_SHOWN = 5
_LISTED = 50


def require_in_time(generation: Generation) -> None:
    """Raise UnsafeEdit where the time was over before every place was looked at: half of a plan breaks the other half."""
    if generation.bounds.was_cut:
        raise UnsafeEdit("The time was over before every place was looked at; nothing is planned", again=("--deadline", "0"))


class Proof:
    """A tree before and after a plan.

    `redirected` are changed documents that nobody needs to parse again, as `redirected_only` finds them.
    """

    def __init__(
        self,
        before: Generation,
        changes: Sequence[FileChange],
        sources: Mapping[str, bytes],
        redirected: Mapping[str, Sequence[Redirected]] | None = None,
    ) -> None:
        self.before = before
        self.changes = changes
        self._sources = sources
        self._redirected = redirected or {}

    @cached_property
    def _maps(self) -> dict[str, EditMap]:
        return {change.path: EditMap(change.edits) for change in self.changes}

    @cached_property
    def after(self) -> Overlay:
        """The tree with the plan; documents that are only redirected are in it as they were."""
        contents: dict[str, bytes | None] = {change.path: None for change in self.changes if change.place != change.path}
        for change in self.changes:
            if change.place is not None and change.path not in self._redirected:
                contents[change.place] = applied(self._sources[change.path], change.edits)
        return overlaid(self.before, contents)

    @cached_property
    def library(self) -> Library:
        """The documents before."""
        from clew.markdown.documents import Library  # only plans for documents, and those that move files, pay

        return Library(self.before)

    def moved(self, file: int, offset: int) -> tuple[str, int | None]:
        """Path and offset after the plan, of a place before it; no offset where it is gone."""
        path = self.before.path_of(file)
        known = self._maps.get(path)
        return path, offset if known is None else known.moved(offset)

    def require_parsed(self) -> None:
        """Raise UnsafeEdit where a file gets a syntax error that it did not have."""
        problems = new_problems(self.before, self.after, [one for one in self.changes if one.path not in self._redirected])
        if problems:
            first = problems[0]
            raise UnsafeEdit(
                f"{first.file}:{first.line}:{first.column}{_AFTER} would not parse: {first.message}",
                places=[f"{one.file}:{one.line}:{one.column}: {one.message}" for one in problems[:_LISTED]],
            )

    def require_links(self, *, but: Collection[str] = ()) -> None:
        """Raise UnsafeEdit where a name or a link would lead elsewhere, or nowhere, and where there was no time to tell.

        `but` are addresses whose references may dangle.
        """
        if any(change.path.endswith(PROSE) or change.place != change.path for change in self.changes):
            self._require_prose_links(self._guard())
        broken = [one for one in links(self.before, self.after, self.changes) if one.meant not in but]
        if not broken:
            require_in_time(self.before)
        if broken:
            first = broken[0]
            says = f"leads to {first.now} instead of {first.meant}" if first.now else f"leads nowhere; it meant {first.meant}"
            more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
            raise UnsafeEdit(
                f"{first.file}:{first.line}{_AFTER}: {first.name} {says}{more}",
                places=[f"{one.file}:{one.line}:{one.column} {one.name}: {one.sort}" for one in broken[:_LISTED]],
            )

    def require_prose(self, *, carries: Sequence[Carry] = (), moves: Moves | None = None, dangling: bool = False) -> None:
        """Raise UnsafeEdit where a link of a document would lead elsewhere, or a heading be another, that nobody changes.

        With `dangling` links may lead nowhere.
        """
        guard = self._guard(carries, moves)
        self._require_prose_links(guard, dangling=dangling)
        self._refuse(list(guard.headings()))

    def _guard(self, carries: Sequence[Carry] = (), moves: Moves | None = None) -> ProseGuard:
        from clew.edits.prose.guarding import ProseGuard  # only plans for documents, and those that move files, pay

        return ProseGuard(self.library, self.after, self.changes, carries=carries, moves=moves, redirected=self._redirected)

    def _require_prose_links(self, guard: ProseGuard, *, dangling: bool = False) -> None:
        broken = [one for one in guard.links() if not (dangling and one.dangles)]
        require_in_time(self.before)
        self._refuse(broken)

    @staticmethod
    def _refuse(broken: Sequence[BrokenLink]) -> None:
        if broken:
            first = broken[0]
            more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
            raise UnsafeEdit(
                f"{first.path}:{first.line}{_THEN}: {first.text} {first.why}{more}",
                places=[one.said for one in broken[:_LISTED]],
            )

    def require_renamed(
        self,
        old: str,
        new: str,
        family: Iterable[Def],
        written: Mapping[tuple[str, int], Sequence[int]],
        handed_on: Collection[tuple[str, int]] = (),
    ) -> None:
        """Raise UnsafeEdit unless exactly the places that were written mean the definitions under their new name, or without time to tell.

        `written` gives for path and offset of each certain place, before the plan, the offsets of the new name there, after it. Of those
        `handed_on` an alias gives the new name to others: `export { old as new }`; what these mean is for `require_links`.
        """
        linker = self.before.linker
        definitions = list(family)
        _, known, _, _ = linker.renaming(definitions, new)
        allowed = {self.moved(site[0], site[1]) for site in known}
        after = self.after.linker
        found: set[Def] = set()
        for of in linker.describe(definitions):
            path = self.before.path_of(of.file)
            file = self.after.id_of(path)
            for offset in written.get((path, of.at), ()):
                found.update(after.standing_at(file, offset) if file is not None else ())
        _, sites, _, _ = after.renaming(sorted(found), new)
        meant = {(self.after.path_of(site[0]), site[1]): site for site in sites}
        expected = {(path, offset) for (path, _), offsets in written.items() for offset in offsets}
        beside = [f"{path}:{line}" for path, line, offset in self._of_one_thing(found) if (path, offset) not in expected]
        elsewhere = [f"{at[0]}:{site[3]}" for at, site in meant.items() if at not in expected and at not in allowed]
        caught = list(dict.fromkeys(beside + elsewhere))
        sure = {(place[0], offset) for place, offsets in written.items() if place not in handed_on for offset in offsets}
        lost = [f"{path}:{self._line(path, offset)}" for path, offset in sorted(sure - meant.keys())]
        require_in_time(self.before)
        if caught:
            message = f"{new} is taken: at {_some(caught)}{_AFTER} it stands for something else, which it would no longer mean"
            raise UnsafeEdit(message, places=caught[:_LISTED])
        if lost:
            if linker.files_with(new):
                message = f"{new} is taken: at {_some(lost)}{_AFTER} it would mean another {new}, not what was {old}"
            else:
                spelt = f"the text {old} somewhere that no rename changes, as the type Pick<T, '{old}'> does"
                message = f"{new} would lead nowhere at {_some(lost)}{_AFTER}: what is meant there depends on {spelt}"
            raise UnsafeEdit(message, places=lost[:_LISTED])

    def _of_one_thing(self, found: set[Def]) -> Iterator[tuple[str, int, int]]:
        """Path, line and offset of every definition that has name and owner in common with one of these, after the plan."""
        linker = self.after.linker
        things = {_owned(of) for of in linker.describe(sorted(found)) if of.is_member or of.kind == "enumMember"}
        for file in sorted({file for file, _, _ in things}):
            names = {name for other, name, _ in things if other == file}
            rows = [(file, row) for row, _, _, name, _ in linker.definitions_in(file, WHOLE) if name in names]
            for of in linker.describe(rows):
                if _owned(of) in things:
                    yield self.after.path_of(file), of.line, of.at

    def _line(self, path: str, offset: int) -> int:
        file = self.after.id_of(path)
        source = b"" if file is None else self.after.source(file)
        return source.count(b"\n", 0, offset) + 1


def _owned(of: Description) -> tuple[int, str, int]:
    """File, name and owner: equal for members that are called the same and belong to the same."""
    return of.file, of.name, 0 if of.kind == "enumMember" else of.thing


def _some(places: Sequence[str]) -> str:
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return ", ".join(places[:_SHOWN]) + more
