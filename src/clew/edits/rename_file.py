"""Move a file or a folder, with everything that leads to it and from it."""

from __future__ import annotations

import posixpath
import shlex
from typing import TYPE_CHECKING, ClassVar

import msgspec

from clew.code.gaps import gaps_anywhere
from clew.code.manifests import manifest_in
from clew.edits import with_docs
from clew.edits.mentions import mentions
from clew.edits.moves import extension, is_found_without_extension, names, nearest
from clew.edits.moving import Moving, Site, destination
from clew.edits.planning import EXACT, PlanResult, SiteRow
from clew.edits.respelling import Wanted, is_relative, is_served, named_by, parts, patterns_of, respelt
from clew.edits.settings import Places, is_read, settings
from clew.errors import InvalidRequest, UnsafeEdit
from clew.index.overlay import overlaid
from clew.index.rows import CODE, STALE
from clew.requests import POSSIBLE, Request

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from clew.edits.moves import Moves
    from clew.edits.planning import Action
    from clew.index.generation import Generation
    from clew.index.rows import Edge
    from clew.workspace import Workspace

Key = tuple[str, str, str]
"""Importer before the move, specifier, kind."""

_LISTED = 50
_BY_PACKAGE = frozenset({".js", ".jsx", ".ts", ".tsx"})
"""Extensions of files that are CommonJS or ECMAScript modules as their package says. nodejs.org/api/packages.html, "type"."""


class RenameFile(Request, frozen=True, kw_only=True, tag="rename-file"):
    """Plan to move a file or a folder, and to rewrite everything that leads to it, and everything in it that leads elsewhere.

    js-edit --rename-file lib/cart.js lib/shop/basket.js
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False

    paths: tuple[str, ...] = ()
    """The file or folder that is moved, and its new place; into a folder that is there it goes under its own name."""

    with_docs: bool = False
    """Rewrite the paths and links of documents that lead to it, too; without this they are listed, and kept."""

    def question(self) -> str:
        """Say from where to where."""
        return " ".join(["rename-file", *self.paths])


class RenameFileResult(PlanResult, frozen=True, kw_only=True):
    """The plan of a move: a row for each file that moves, for each place that is rewritten, and for each that mentions it and is kept."""

    name: str
    """The path before, root-relative."""
    to: str
    """The path after, root-relative."""
    mentions: int = 0
    """Number of paths in documents that mean it."""
    extensions: tuple[str, ...] = ()
    """The changes of extension that come with it: `.js → .ts`."""
    left: tuple[str, ...] = ()
    """The paths that stay in the folder: files that are ignored, symbolic links, installed packages."""
    results: tuple[SiteRow, ...]
    """The files that move, the places that are rewritten, then those that are kept, each by file and place."""


def rename_file(workspace: Workspace, request: RenameFile) -> RenameFileResult:
    """Plan a move.

    An import that leads to a file leads to the same file afterwards; only what would not is rewritten, in its style (extension, index,
    alias, quotes). Raises InvalidRequest, NoSuchFile, OutsideWorkspace, and UnsafeEdit where the new place is taken or an import could
    not be made right.
    """
    if len(request.paths) != 2:  # noqa: PLR2004 - from and to
        raise InvalidRequest("--rename-file takes what is moved, and where", hint="js-edit --rename-file OLD NEW")
    old, new, moves, left = destination(workspace, *request.paths)
    draft = Moving(workspace, moves)
    _change_settings(draft)
    known = _edges(draft.tree)
    chosen = _respell(draft, known)
    spoken = _speak(draft, take=request.with_docs)
    _relink(draft)
    changes = draft.changes()
    proof = draft.proof(changes)
    _require_edges(draft, known, proof.after, chosen)
    proof.require_prose(moves=moves)
    told = {(site.path, site.start) for site in draft.sites}
    others = (one for one in mentions(draft.tree, moves, draft.content, draft.read) if (one.path, one.start) not in told)
    draft.sites |= {Site(one.path, one.start, "kept", why=one.why): None for one in others}
    draft.sites |= dict.fromkeys(_read_otherwise(draft))
    changed = {(extension(path), extension(to)) for path, to in moves.files.items() if extension(path) != extension(to)}
    asked = msgspec.structs.replace(request, paths=(old, new))
    kept = draft.keep(asked, changes, semantic=True)
    return RenameFileResult(
        **kept._asdict(),
        name=old,
        to=new,
        mentions=spoken,
        extensions=tuple(f"{before} → {after}" for before, after in sorted(changed)),
        left=left,
        why=gaps_anywhere(workspace.generation),
    )


def _speak(draft: Moving, *, take: bool) -> int:
    """Rewrite, or list, what documents say of paths that move; gives how many places speak of it for certain."""
    count = 0
    for one in with_docs.moved(draft.tree, draft.moves, take=take):
        action: Action = "kept" if one.text is None else "replaced"
        site = Site(draft.tree.path_of(one.file), one.start, action, "mention", one.why, one.evidence, one.by)
        draft.put(site, one.end, None if one.text is None else one.text.decode())
        count += one.evidence != POSSIBLE
    return count


def _change_settings(draft: Moving) -> None:
    """Rewrite the paths that settings name."""
    paths = draft.tree.paths()
    folders = {path[:at] for path in paths for at, letter in enumerate(path) if letter == "/"}
    places = Places(frozenset(paths), frozenset(folders))
    for path in paths:
        if not is_read(path):
            continue
        content = draft.bytes_of(path)
        if path not in draft.moves.files and not any(needle in content for needle in draft.needles):
            continue
        for one in settings(path, content, draft.moves, places):
            if one.is_refused:
                line = content.count(b"\n", 0, one.start) + 1
                raise UnsafeEdit(f"{path}:{line}: {one.why}", file=path, line=line)
            action: Action = "kept" if one.text is None else "replaced"
            draft.put(Site(path, one.start, action, one.role, one.why, "inferred" if one.is_inferred else EXACT), one.end, one.text)


def _relink(draft: Moving) -> None:
    """Rewrite the links of documents that would lead elsewhere: those to what moves, and those in documents that move."""
    if not draft.tree.prose_files():
        return
    from clew.edits.prose.links import role_of  # only trees with documents pay
    from clew.edits.prose.relinking import relinked
    from clew.markdown.documents import Library

    found = relinked(Library(draft.tree), draft.changes(), draft.bytes_of, moves=draft.moves)
    for one in found.edits:
        draft.put(Site(one.path, one.edit.start, "replaced", role_of(one.link)), one.edit.end, one.edit.text.decode())
    for kept in found.unwritten:
        if any(site.path == kept.path and kept.link.start <= site.start < kept.link.end for site in draft.sites):
            continue  # an address on the net that means a file of the tree
        draft.put(Site(kept.path, kept.link.start, "kept", role_of(kept.link), kept.why), kept.link.end, None)


def _read_otherwise(draft: Moving) -> Iterator[Site]:
    """The moved files that Node reads as the other kind of module, by the `type` of the package around them."""
    paths = [path for path in draft.tree.paths() if posixpath.basename(path) == "package.json"]
    kinds = {path: (manifest_in(draft.workspace.root, posixpath.dirname(path)) or {}).get("type", "commonjs") for path in paths}
    before = {posixpath.dirname(path): kind for path, kind in kinds.items()}
    after = {posixpath.dirname(draft.moves.after(path)): kind for path, kind in kinds.items()}
    for path, to in draft.moves.files.items():
        then, now = nearest(path, before) or "commonjs", nearest(to, after) or "commonjs"
        if {extension(path), extension(to)} <= _BY_PACKAGE and then != now:
            yield Site(path, 0, "kept", why=f"`type` of the package that it comes into is {now}")


def _edges(generation: Generation) -> dict[Key, Edge]:
    paths = generation.paths()
    return {(paths[edge.importer], edge.specifier, edge.kind): edge for edge in generation.edges()}


def _led(generation_paths: Sequence[str], edge: Edge) -> tuple[str | None, str | None]:
    """The file that an edge leads to, and the package."""
    return edge.path if edge.target is None else generation_paths[edge.target], edge.package


def _respell(draft: Moving, known: Mapping[Key, Edge]) -> dict[Key, str]:
    """Rewrite the specifiers that would lead elsewhere: what each became."""
    moves, before = draft.moves, draft.tree
    moved = overlaid(draft.generation, draft.contents())
    paths, moved_paths = before.paths(), moved.paths()
    _require_sources(draft, moved)
    edges = _edges(moved)
    served, lost = _served(before, moved, moves, known)
    due: dict[Key, Wanted] = {}
    for key, edge in known.items():
        importer, specifier, kind = key
        target, package = _led(paths, edge)
        if package is not None:
            continue
        wanted = Wanted(importer, specifier, kind, target, key in served)
        if target is None:
            is_due = _is_path_that_moves(wanted, moves)
        else:
            now = edges.get((moves.after(importer), specifier, kind))
            to = moves.after(target)
            is_due = now is not None and (_led(moved_paths, now)[0] != to or key in lost or _needs_extension(target, to, specifier))
        if is_due:
            due[key] = wanted
    chosen = dict(zip(due, respelt(list(due.values()), moves, moved), strict=True))
    rewritten = {key: text for key, text in chosen.items() if text is not None and text != key[1]}
    _write(draft, [edge for edge in before.edges() if (paths[edge.importer], edge.specifier, edge.kind) in due], chosen)
    return rewritten


def _require_sources(draft: Moving, moved: Generation) -> None:
    """Raise UnsafeEdit where a source would get a name that no source has."""
    for path, to in draft.moves.files.items():
        before, after = draft.tree.id_of(path), moved.id_of(to)
        was_source = before is not None and draft.tree.flags_of(before) & CODE
        if was_source and not (after is not None and moved.flags_of(after) & CODE):
            given = shlex.join(["js-edit", "--rename-file", path, f"{to}/"])
            raise UnsafeEdit(f"{to} is no name for a source; a folder is written with a `/` behind it", hint=given, file=path)


def _served(before: Generation, moved: Generation, moves: Moves, known: Mapping[Key, Edge]) -> tuple[set[Key], set[Key]]:
    """The specifiers that patterns lead to files which move, or from them; and those of them that no pattern leads to afterwards.

    What is found for a package beyond its `exports` is found here alone.
    """
    paths = before.paths()
    led = {
        key: target
        for key, edge in known.items()
        if not is_relative(parts(key[1])[1]) and (target := _led(paths, edge)[0]) is not None and {key[0], target} & moves.files.keys()
    }
    was = patterns_of(before, [(importer, parts(specifier)[1], kind) for importer, specifier, kind in led])
    now = patterns_of(moved, [(moves.after(importer), parts(specifier)[1], kind) for importer, specifier, kind in led])
    served = {key for key, patterns in zip(led, was, strict=True) if is_served(key[1], led[key], patterns)}
    kept = {key for key, patterns in zip(led, now, strict=True) if is_served(key[1], moves.after(led[key]), patterns)}
    return served, served - kept


def _is_path_that_moves(wanted: Wanted, moves: Moves) -> bool:
    """True for a relative specifier of a file that is not there, where it would have to be written otherwise."""
    if not is_relative(parts(wanted.specifier)[1]) or wanted.kind == "augment":
        return False
    named = named_by(wanted)
    return wanted.importer in moves.files or moves.named_after(named, None) != named


def _needs_extension(target: str, to: str, specifier: str) -> bool:
    """True where a specifier without extension leads to a file whose new extension nobody looks for."""
    if extension(target) == extension(to) or is_found_without_extension(to):
        return False
    return extension(parts(specifier)[1]) not in {extension(name) for name in names(target) if extension(name)}


def _write(draft: Moving, edges: Sequence[Edge], chosen: Mapping[Key, str | None]) -> None:
    """Put the new specifiers in place of the old. Raises UnsafeEdit where there is none, or where it cannot be written."""
    before = draft.tree
    spans = before.linker.import_places([(edge.importer, edge.row) for edge in edges])
    for edge, (line, start, end) in zip(edges, spans, strict=True):
        path = before.path_of(edge.importer)
        text = chosen[path, edge.specifier, edge.kind]
        if text is None:
            target = edge.path if edge.target is None else before.path_of(edge.target)
            raise UnsafeEdit(
                f"{path}:{line}: nothing written in place of {edge.specifier} would lead to {draft.moves.after(target or '')}",
                hint=f"js-scan --importers {shlex.quote(target or path)}",
                file=path,
                line=line,
            )
        if text == edge.specifier:
            continue
        if before.flags_of(edge.importer) & STALE:
            raise UnsafeEdit(f"{path} does not parse, so that its import of {edge.specifier} cannot be rewritten; mend it first", file=path)
        if draft.bytes_of(path)[start:end] != edge.specifier.encode():
            raise UnsafeEdit(f"{path}:{line}: {edge.specifier} is written in a way that cannot be rewritten", file=path, line=line)
        draft.put(Site(path, start, "replaced", edge.kind), end, text)


def _require_edges(draft: Moving, before: Mapping[Key, Edge], after: Generation, chosen: Mapping[Key, str]) -> None:
    """Raise UnsafeEdit unless every import that led to a file or a package leads there still."""
    edges, paths, paths_after = _edges(after), draft.tree.paths(), after.paths()
    broken: list[tuple[Edge, str]] = []
    for key, edge in before.items():
        importer, specifier, kind = key
        target, package = _led(paths, edge)
        if target is None and package is None:
            continue
        expected = None if target is None else draft.moves.after(target), package
        place = draft.moves.after(importer)
        now = edges.get((place, chosen.get(key, specifier), kind))
        if now is None:
            if draft.tree.flags_of(edge.importer) & STALE:
                broken.append((edge, "cannot be followed, as its file does not parse"))
            elif extension(place) == extension(importer):
                broken.append((edge, "is no import any more"))
        elif _led(paths_after, now) != expected:
            meets = " ".join(filter(None, _led(paths_after, now))) or "nowhere"
            broken.append((edge, f"would lead to {meets} instead of {expected[0] or expected[1]}"))
    if not broken:
        return
    lines = draft.tree.linker.import_lines([(edge.importer, edge.row) for edge, _ in broken[:_LISTED]])
    said = [f"{paths[edge.importer]}:{line}: {edge.specifier} {what}" for (edge, what), line in zip(broken[:_LISTED], lines, strict=True)]
    more = f", and {len(broken) - 1} more" if len(broken) > 1 else ""
    raise UnsafeEdit(f"{said[0]}{more}", hint=f"js-scan --imports {shlex.quote(paths[broken[0][0].importer])}", places=said)
