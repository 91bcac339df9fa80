"""Rename a definition wherever its name stands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Literal, NamedTuple

from clew.code.addresses import addresses, file_of, find_definitions
from clew.code.gaps import gaps, hidden_gaps
from clew.code.names import split_place, split_position
from clew.code.rows import SourceMap
from clew.edits import with_docs
from clew.edits.names import refuse_name
from clew.edits.planning import Draft, Place, PlanResult
from clew.edits.plans import TextEdit
from clew.edits.rename_comments import in_comments, in_links, word
from clew.edits.tracking import WHOLE
from clew.errors import InvalidRequest, UnsafeEdit
from clew.requests import Gap, Request, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew._native import Def, Description, Linker, RenameSite
    from clew.edits.planning import Action
    from clew.edits.plans import FileChange
    from clew.index.generation import Generation
    from clew.workspace import Workspace

Aliases = Literal["rename", "keep"]

_SHOWN = 5
_WHOLE = frozenset({"module.exports", "exports", "default"})
_JAVASCRIPT = re.compile(r"\.[cm]?jsx?$")
_BEHIND_TAGS = frozenset({b" ", b"\n", b"\r", b"\t", b">", b"/", b"."})
_EXPORTED = re.compile(rb"\bexport\s+(?:declare\s+)?(?:(?:abstract\s+|async\s+|const\s+enum\s+)|(?:const|let|var)\s+)?$")


class Rename(Request, frozen=True, kw_only=True, tag="rename"):
    """Plan to rename a definition wherever its name stands, with what overrides and implements it.

    js-edit --rename Cart#add --to put
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False

    targets: tuple[Target, ...] = ()
    """The definition; several of one name are renamed together. Empty means: what the continued step is about."""
    to: str | None = None
    """The new name."""
    aliases: Aliases = "rename"
    """`keep` leaves the names that other files have for it: `import { new as old }`."""
    keep_export: bool = False
    """Rename it in its own file only; others go on to see the old name."""
    in_comments: bool = False
    """Change the name as a word in the comments of the files that it stands in, too."""
    also: tuple[str, ...] = ()
    """Change this file, too, although it is generated, minified or written by a package manager."""
    with_docs: bool = False
    """Change the places of documents that speak of it, too; without this they are listed, and kept."""
    include_possible: bool = False
    """Rename where the receiver is not known, too."""

    def question(self) -> str:
        """Say from what to what."""
        return f"{super().question()} to {self.to}"


class RenameResult(PlanResult, frozen=True, kw_only=True):
    """The plan of a rename."""

    name: str
    """The name before."""
    to: str
    """The name after."""
    renamed: tuple[str, ...] = ()
    """The definitions that are renamed together."""
    mentions: int = 0
    """Number of places of documents that speak of it."""
    possible: int = 0
    """Number of places with the name and an unknown receiver, or that declare it apart from the code; they are listed, and kept."""


class Naming(NamedTuple):
    """The policy of one rename towards the places that it finds."""

    old: str
    """The name before."""
    new: str
    """The name after."""
    aliases: Aliases
    """rename, or keep the names that other files have for it."""
    keep_export: bool
    """True where others go on to see the old name."""


def rename(workspace: Workspace, request: Rename) -> RenameResult:
    """Plan a rename.

    Raises InvalidRequest for a new name that cannot be meant, UnsafeEdit where the name would clash, capture or be captured, or where
    a place means something else as well.
    """
    if request.to is None:
        raise InvalidRequest("--rename needs the new name", hint="js-edit --rename --help")
    generation = workspace.generation
    linker = generation.linker
    described = linker.describe(find_definitions(workspace, request.targets).definitions)
    if any(of.name in _WHOLE for of in described):
        described = _bindings(workspace, request.targets)
    name = _only_name(described)
    naming = Naming(name, _spelt_alike(name, request.to), request.aliases, request.keep_export)
    family, certain, flow, possible = linker.renaming([(of.file, of.definition) for of in described])
    together = linker.describe(family)
    apart = _declared_apart(generation, family, together, certain)
    draft = Draft(workspace)
    _refuse(draft, naming, together, certain)
    unsure = [*flow, *possible, *apart] if request.include_possible else []
    own = _own_bindings(linker, together) if naming.aliases == "keep" else frozenset()
    for site in certain:
        _change(draft, naming, (*site[:7], True, *site[8:]) if site[:2] in own else site)
    for site in unsure:
        _change(draft, naming, site, by="flow" if site in flow else None)
    if not request.include_possible:
        draft.places += [_kept(site, "only what calls hand on leads here", by="flow") for site in flow]
        draft.places += [_kept(site, "the receiver is not known") for site in possible]
        draft.places += [_kept(site, "it is declared apart from the code") for site in apart]
    if naming.keep_export:
        _export_under_old_name(draft, naming, together)
    in_links(draft, naming, together)
    if request.in_comments:
        in_comments(draft, naming)
    spoken = [] if naming.keep_export else with_docs.renamed(generation, together, name, naming.new, take=request.with_docs)
    mentions = with_docs.put(draft, spoken)
    changes = draft.changes()
    proof = draft.proof(changes)
    aliases = {(generation.path_of(place.file), place.start) for place in draft.places if place.action == "aliased"}
    proof.require_renamed(
        name, naming.new, family, _written_at(draft, changes, naming.new, certain), aliases if naming.aliases == "keep" else ()
    )
    if naming.keep_export or naming.aliases == "keep" or unsure:  # elsewhere names change alone, which is proved by now
        proof.require_links(but=addresses(generation, family))
    kept = draft.keep(request, changes, semantic=True)
    unsure_places = len(possible) + len(flow) + len(apart)
    why = [Gap("possible", unsure_places)] if unsure_places and not request.include_possible else []
    return RenameResult(
        **kept._asdict(),
        name=name,
        to=naming.new,
        renamed=tuple(dict.fromkeys(addresses(generation, [(of.file, of.definition) for of in together])))[:_SHOWN],
        mentions=mentions,
        possible=len(possible) + len(apart),
        why=(*why, *hidden_gaps(generation, family), *gaps(generation, linker.files_with(name))),
    )


def _own_bindings(linker: Linker, family: Sequence[Description]) -> frozenset[tuple[int, int]]:
    """File and offset of the places of bindings that stand where a definition is named: a parameter that is a field is no alias of it."""
    places: dict[int, set[int]] = {}
    for of in family:
        places.setdefault(of.file, set()).add(of.at)
    return frozenset((file, start) for file, ats in places.items() for start, _, binding, _ in linker.meanings(file)[0] if binding in ats)


def _bindings(workspace: Workspace, targets: tuple[Target, ...]) -> list[Description]:
    """The bindings that targets name in their own files, where what these lead to is a whole module. Raises UnsafeEdit for the module."""
    linker = workspace.generation.linker
    found: list[Def] = []
    for target in targets:
        path, separator, name = target.text.partition("::")
        if separator:
            placed = split_place(name)
            named = linker.describe(linker.called(placed.name, file_of(workspace, path)))
            found += [(of.file, of.definition) for of in named if placed.line in {None, of.line}]
            continue
        path, line, column = split_position(target.text)
        if line is None or column is None:
            continue
        file = file_of(workspace, path)
        offset = SourceMap(workspace.generation).offset(file, line, column)
        for start, end, binding, _ in linker.meanings(file)[0] if offset is not None else ():
            if offset is not None and binding is not None and start <= offset < end:
                found += linker.standing_at(file, binding)
    described = linker.describe(list(dict.fromkeys(found)))
    if not described or any(of.name in _WHOLE for of in described):
        raise UnsafeEdit("What a module exports as a whole has no name; rename what an importer calls it, or the file")
    return described


def _declared_apart(
    generation: Generation, family: Sequence[Def], described: Sequence[Description], certain: Sequence[RenameSite]
) -> list[RenameSite]:
    """Places of what `.d.ts` files beside JavaScript declare by the same name: nothing that is written says that they are one."""
    linker = generation.linker
    known, taken = {(site[0], site[1]) for site in certain}, set(family)
    found: dict[tuple[int, int], RenameSite] = {}
    for of in described:
        if of.local or not _JAVASCRIPT.search(generation.path_of(of.file)):
            continue
        for file in filter(linker.is_declaration_file, linker.files_with(of.bare_name)):
            declared = [one for one in _called_alike(linker, of, file) if one not in taken]
            for site in linker.renaming(declared)[1] if declared else ():
                if (site[0], site[1]) not in known:
                    found[site[0], site[1]] = (*site[:8], "possible", *site[9:])
    return list(found.values())


def _called_alike(linker: Linker, of: Description, file: int) -> list[Def]:
    """The namesakes of a definition in a declaration file; of a field, whose owner may be called otherwise there, those of any owner."""
    if of.kind != "field":
        return linker.called(of.name, file)
    ends = (f".{of.bare_name}", f"#{of.bare_name}")
    return [(file, row) for row, _, _, name, _ in linker.definitions_in(file, WHOLE) if name.endswith(ends)]


def _only_name(described: Sequence[Description]) -> str:
    names = {of.bare_name for of in described}
    if len(names) != 1:
        raise InvalidRequest(f"Definitions of several names at once: {', '.join(sorted(names))}; rename one after the other")
    return next(iter(names))


def _spelt_alike(old: str, new: str) -> str:
    """The new name of a private member with its `#`."""
    return f"#{new}" if old.startswith("#") and not new.startswith("#") else new


def _refuse(draft: Draft, naming: Naming, family: Sequence[Description], sites: Sequence[RenameSite]) -> None:
    """Refuse what no edit could make right."""
    generation, linker = draft.generation, draft.generation.linker
    constructors = [of for of in family if of.kind == "constructor"]
    if constructors:
        raise UnsafeEdit(f"{constructors[0].name} is a constructor; it is named by the language, rename its class")
    if naming.keep_export and any(of.is_member for of in family):
        raise InvalidRequest("--keep-export is for what a file exports by a binding; a member is known by its own name")
    refuse_name(naming.old, naming.new, is_member=all(of.is_member for of in family))
    becomes_small = naming.old[:1].isupper() and not naming.new[:1].isupper()
    is_tag = [site for site in sites if site[10] == "call" and becomes_small and _is_element(draft, site)]
    if is_tag:
        raise UnsafeEdit(f"{_at(generation, is_tag[0])}: an element that begins with a small letter is a tag of the page, not {naming.new}")
    shared = [site for site in sites if site[9] is not None and not _is_told_apart(linker, site)]
    if shared:
        others = linker.describe(list(dict.fromkeys(site[9] for site in shared if site[9] is not None)))
        named = addresses(generation, [(of.file, of.definition) for of in others[:_SHOWN]])
        places = ", ".join(_at(generation, site) for site in shared[:_SHOWN])
        raise UnsafeEdit(
            f"{len(shared)} places mean something else as well: {places} also mean {', '.join(named)}; name these as targets, too",
            candidates=tuple(named),
            sites=[_at(generation, site) for site in shared[:50]],
        )


def _is_told_apart(linker: Linker, site: RenameSite) -> bool:
    """True for `{ a }` whose property alone is renamed, to `{ b: a }`, and for a module as a whole, which has no name."""
    if site[9] is None:
        return False
    (other,) = linker.describe([site[9]])
    return other.name in _WHOLE or (site[4] == "property" and not site[6] and not other.is_member)


def _is_element(draft: Draft, site: RenameSite) -> bool:
    """True for the tag of an element: `<Cart />`, `</Cart>`."""
    source = draft.source(site[0])
    return source[: site[1]].rstrip(b"/ ").endswith(b"<") and source[site[2] : site[2] + 1] in _BEHIND_TAGS


def _at(generation: Generation, site: RenameSite) -> str:
    return f"{generation.path_of(site[0])}:{site[3]}"


def _kept(site: RenameSite, why: str, *, by: str | None = None) -> Place:
    return _place(site, "kept", by=by, why=why)


def _place(site: RenameSite, action: Action, *, by: str | None = None, why: str | None = None) -> Place:
    file, start, _, line, _, _, _, _, evidence, _, role, within = site
    return Place(
        file=file,
        start=start,
        line=line,
        action=action,
        role=role,
        evidence=evidence,
        by=by,
        within=None if within is None else (file, within),
        why=why,
    )


def _change(draft: Draft, naming: Naming, site: RenameSite, *, by: str | None = None) -> None:
    """Add the edit of one place, and its row."""
    file, start, end, _, spelling, outer, inner, own, *_ = site
    if naming.keep_export:
        outer = False
        if not own:
            return
    elif naming.aliases == "keep" and inner and not own:
        inner = False
        if spelling == "plain":
            return
    old, new = naming.old, naming.new
    source = draft.source(file)
    if source[start:end].decode("utf-8", "replace") != old:
        path = draft.generation.path_of(file)
        raise UnsafeEdit(f"{path}:{site[3]}: {old} is written as {source[start:end].decode('utf-8', 'replace')} here", file=path)
    text, action = _written(spelling, old, new, outer=outer, inner=inner)
    if action == "kept":
        return
    draft.edit(file, TextEdit(start, end, text.encode()))
    draft.places.append(_place(site, action, by=by))


def _written(spelling: str, old: str, new: str, *, outer: bool, inner: bool) -> tuple[str, Action]:
    """The text of a place afterwards, and the action that made it."""
    if spelling == "plain" or (outer and inner):
        return new, "renamed"
    if not (outer or inner):
        return old, "kept"
    seen, here = (new, old) if outer else (old, new)
    if spelling == "import":
        return f"{seen} as {here}", "aliased"
    if spelling == "export":
        return f"{here} as {seen}", "aliased"
    return f"{seen}: {here}", "expanded"


def _written_at(
    draft: Draft, changes: Sequence[FileChange], new: str, certain: Sequence[RenameSite]
) -> dict[tuple[str, int], tuple[int, ...]]:
    """For path and offset of each edit that is certain, the offsets of the new name there, after the changes."""
    sure = {site[:2] for site in certain}
    unsure = (place for place in draft.places if _is_unsure(place) and (place.file, place.start) not in sure)
    left_out = {(draft.generation.path_of(place.file), place.start) for place in unsure}
    name = word(new)
    found: dict[tuple[str, int], tuple[int, ...]] = {}
    for change in changes:
        grown = 0
        for edit in change.edits:
            if (change.path, edit.start) not in left_out:
                here = edit.start + grown
                found[change.path, edit.start] = tuple(here + one.start() for one in name.finditer(edit.text))
            grown += len(edit.text) - (edit.end - edit.start)
    return found


def _is_unsure(place: Place) -> bool:
    return place.role == "comment" or place.by is not None or place.evidence == "possible"


def _export_under_old_name(draft: Draft, naming: Naming, family: Iterable[Description]) -> None:
    """Of `export function old` make `function new` and an `export { new as old }` at the end of the file."""
    added: set[int] = set()
    for of in family:
        source = draft.source(of.file)
        found = _EXPORTED.search(source[: of.start])
        if found is None:
            continue
        path = draft.generation.path_of(of.file)
        if source[of.end :].lstrip()[:1] == b",":
            raise UnsafeEdit(f"{path}:{of.line}: {naming.old} is exported together with others of one statement; write them apart first")
        keyword = re.match(rb"export\s+", source[found.start() :])
        draft.edit(of.file, TextEdit(found.start(), found.start() + len(keyword.group() if keyword else b"export "), b""))
        if of.file not in added:
            added.add(of.file)
            kind = "type " if of.kind in {"interface", "type"} else ""
            newline = b"\r\n" if b"\r\n" in source else b"\n"
            before = b"" if source.endswith(b"\n") else newline
            line = f"export {kind}{{ {naming.new} as {naming.old} }};".encode()
            draft.edit(of.file, TextEdit(len(source), len(source), before + line + newline))
