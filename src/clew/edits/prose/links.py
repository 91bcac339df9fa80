"""Links in a draft: those that a plan would lead elsewhere are written anew, what cannot be is listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.edits.planning import Place
from clew.edits.prose.mentions import mentions_of
from clew.edits.prose.relinking import relinked
from clew.errors import UnsafeEdit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clew.edits.planning import Draft
    from clew.edits.prose.relinking import Relinking
    from clew.edits.prose.whereabouts import Carry
    from clew.index.prose import Link
    from clew.markdown.documents import Library

_SHOWN = 5
_LISTED = 50


def follow_links(
    draft: Draft, library: Library, source: Callable[[str], bytes], *, force: bool, carries: Sequence[Carry] = ()
) -> Relinking:
    """Add the edits of links that would lead elsewhere, and list what names their anchors and stays.

    The edits of links inside of text that is carried are left to the caller. Raises UnsafeEdit where a heading would change by the way,
    and for links that would dangle, unless that is forced.
    """
    found = relinked(library, draft.changes(), source, carries=carries, load=draft.load)
    for path, heading, why in found.broken:
        raise UnsafeEdit(f"{path}:{heading.line}: {heading.text!r} {why} with this text around it", file=path, line=heading.line)
    if not force:
        _require_ends(found)
    generation = draft.generation
    for one in found.edits:
        file = generation.id_of(one.path)
        if file is None:
            continue
        if not any(carry.path == one.path and carry.start <= one.edit.start < carry.end for carry in carries):
            draft.edit(file, one.edit)
        line = draft.line_of(file, one.edit.start)
        draft.places.append(Place(file=file, start=one.edit.start, line=line, action="replaced", role=role_of(one.link)))
    for kept in found.unwritten:
        file = generation.id_of(kept.path)
        if file is not None:
            start, line, role = kept.link.start, kept.link.line, role_of(kept.link)
            draft.places.append(Place(file=file, start=start, line=line, action="kept", role=role, why=kept.why))
    for mention in mentions_of(library, found, draft.sources):
        draft.places.append(Place(file=mention.file, start=mention.start, line=mention.line, action="kept", why=mention.why))
    return found


def _require_ends(found: Relinking) -> None:
    """Raise UnsafeEdit where a link would lead nowhere."""
    dangling = [one for one in found.unwritten if one.dangles]
    if not dangling:
        return
    places = [f"{one.path}:{one.link.line}:{one.link.column}" for one in dangling]
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    raise UnsafeEdit(
        f"Links would lead nowhere, as {dangling[0].why}: {', '.join(places[:_SHOWN])}{more}; --force leaves them so",
        again=("--force",),
        places=[f"{place}: {one.why}" for place, one in zip(places[:_LISTED], dangling, strict=False)],
    )


def role_of(link: Link) -> str:
    """The word for a link in a row."""
    return "image" if link.is_image else "definition" if link.kind == "definition" else "link"
