"""The places of a rename that stand in comments: links, and on request every word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from clew._native import comments
from clew.edits.planning import Place
from clew.edits.plans import TextEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew._native import Description
    from clew.edits.planning import Draft
    from clew.edits.rename import Naming


def in_links(draft: Draft, naming: Naming, family: Sequence[Description]) -> None:
    """Add the edits of `{@link name}` and `@see name` in the comments of the files that are edited already.

    Files in which something else has the name are left as they are.
    """
    linker = draft.generation.linker
    owners = {of.name.removesuffix(of.bare_name).rstrip("#.") for of in family if of.is_member}
    before = b"|".join(re.escape(owner.encode()) + rb"[#.~]" for owner in sorted(owners)) if owners else b""
    tag = re.compile(rb"(?:\{@link(?:code|plain)?|@see)[ \t]+(?:" + before + rb")" + re.escape(naming.old.encode()) + rb"(?![\w$])")
    own = {(of.file, of.definition) for of in family}
    for file in list(draft.edits) if not naming.keep_export else ():
        source = draft.source(file)
        if tag.search(source) is None:
            continue
        named = linker.describe(linker.called(naming.old, file))
        if any((of.file, of.definition) not in own and of.kind != "import" for of in named):
            continue
        for span in comments(draft.generation.path_of(file), source):
            for found in tag.finditer(source, *span):
                start = found.end() - len(naming.old.encode())
                if all(edit.start != start for edit in draft.edits[file]):
                    draft.edit(file, TextEdit(start, found.end(), naming.new.encode()))
                    draft.places.append(Place(file=file, start=start, line=draft.line_of(file, start), action="renamed", role="comment"))


def in_comments(draft: Draft, naming: Naming) -> None:
    """Add the edits of the comments of the files that are edited already."""
    name = word(naming.old)
    for file in list(draft.edits):
        source = draft.source(file)
        known = {edit.start for edit in draft.edits[file]}
        for start, end in comments(draft.generation.path_of(file), source):
            for found in name.finditer(source, start, end):
                if found.start() not in known:
                    line = source.count(b"\n", 0, found.start()) + 1
                    draft.edit(file, TextEdit(found.start(), found.end(), naming.new.encode()))
                    draft.places.append(Place(file=file, start=found.start(), line=line, action="renamed", role="comment"))


def word(name: str) -> re.Pattern[bytes]:
    """A name that stands alone."""
    return re.compile(rb"(?<![\w$#])" + re.escape(name.encode()) + rb"(?![\w$])")
