"""Delete a definition."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.code.addresses import find_definitions
from clew.code.gaps import hidden_gaps
from clew.edits import spans, with_docs
from clew.edits.planning import PlanResult
from clew.edits.plans import TextEdit
from clew.edits.writing import Changed
from clew.errors import UnsafeEdit
from clew.requests import Gap, Request, Target

if TYPE_CHECKING:
    from clew._native import Def, ReferenceRow
    from clew.workspace import Workspace

_SHOWN = 5
_LISTED = 50


class Delete(Request, frozen=True, kw_only=True, tag="delete"):
    """Plan to take out a definition with its doc comment; refused while something refers to it.

    js-edit --delete Cart#add
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False

    targets: tuple[Target, ...] = ()
    """The definitions. Empty means: what the continued step is about."""
    with_docs: bool = False
    """Take out the items of lists and the rows of tables that are about it, too; other mentions are listed, and kept."""
    force: bool = False
    """Take it out although names would lead nowhere."""


class DeleteResult(PlanResult, frozen=True, kw_only=True):
    """The plan of a deletion."""

    mentions: int = 0
    """Number of places of documents that speak of it."""
    possible: int = 0
    """Number of places with the name and a receiver that is not known."""


def delete(workspace: Workspace, request: Delete) -> DeleteResult:
    """Plan a deletion.

    Raises UnsafeEdit with the places that refer to it, unless that is forced.
    """
    draft = Changed(workspace)
    taken = Taken()
    for definition in find_definitions(workspace, request.targets).definitions:
        take_out(draft, definition, taken)
    for name, left in taken.left().items():
        if not request.force:
            raise still_used(draft, name, left)
    gone = draft.generation.linker.describe(sorted(taken.definitions))
    mentions = with_docs.put(draft, with_docs.deleted(draft.generation, gone, take=request.with_docs))
    kept = draft.finish(request, dangling=request.force)
    gap = (Gap("possible", len(taken.possible)),) if taken.possible else ()
    why = (*gap, *hidden_gaps(draft.generation, sorted(taken.definitions)))
    return DeleteResult(**kept._asdict(), mentions=mentions, possible=len(taken.possible), why=why)


class Taken:
    """The definitions that are taken out, and all that refers to them."""

    def __init__(self) -> None:
        self.definitions: set[Def] = set()
        self.spans: dict[int, list[tuple[int, int]]] = {}
        self.references: dict[str, list[ReferenceRow]] = {}
        """By the name of what is taken out."""
        self.possible: set[tuple[int, int]] = set()
        """File and place of names whose receiver is not known."""

    def left(self) -> dict[str, list[ReferenceRow]]:
        """The references that stand in nothing that is taken out."""
        left = {name: [one for one in found if not self._is_inside(one)] for name, found in self.references.items()}
        return {name: found for name, found in left.items() if found}

    def _is_inside(self, one: ReferenceRow) -> bool:
        return any(start <= one[3] < end for start, end in self.spans.get(one[0], ()))


def take_out(draft: Changed, definition: Def, taken: Taken) -> list[str]:
    """Add the edits that take out a definition and all that is merged with it; gives the names."""
    linker = draft.generation.linker
    definitions = [one for one in linker.merged(definition) if one not in taken.definitions]
    for of in linker.describe(definitions):
        start, end = spans.removed(draft.source(of.file), of)
        taken.definitions.add((of.file, of.definition))
        taken.spans.setdefault(of.file, []).append((start, end))
        found = linker.references((of.file, of.definition))
        taken.references.setdefault(of.name, []).extend([*found.certain, *found.flow])
        taken.possible.update((one[0], one[3]) for one in found.possible)
        draft.put(of, TextEdit(start, end, b""), "deleted")
    return [of.name for of in linker.describe(definitions)]


def still_used(draft: Changed, name: str, left: list[ReferenceRow]) -> UnsafeEdit:
    """The error about a definition that something refers to."""
    places = list(dict.fromkeys(f"{draft.generation.path_of(one[0])}:{one[2]}" for one in left))
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    message = f"{name} is still referred to at {', '.join(places[:_SHOWN])}{more}; --force takes it out all the same"
    return UnsafeEdit(message, places=places[:_LISTED])
