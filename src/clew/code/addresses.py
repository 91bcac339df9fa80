"""From an address as typed, or a row of an earlier answer, to the place it means (design: addresses)."""

from __future__ import annotations

import codecs
import os
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from clew.code.linking import modules
from clew.code.linking.context import Def, Links, Value
from clew.code.linking.definitions import definitions_at, imported_here, merged, named
from clew.code.names import qualified_name, split_name
from clew.code.rows import Places
from clew.code.scope import is_test
from clew.errors import AmbiguousSymbol, NoSuchFile, SymbolNotFound, UsageError
from clew.index.facts import NONE, FileFlag, Flag, Kind, Node
from clew.index.rows import CODE

if TYPE_CHECKING:
    from clew.index.facts import Facts
    from clew.requests import Target
    from clew.workspace import Workspace

_MOST_CANDIDATES = 5
_SEARCHED = 500


class Place(NamedTuple):
    """What an address means: a file, or a definition in it."""

    file: int
    row: int | None = None

    @property
    def definition(self) -> Def:
        """The definition; only for a place that is one."""
        return self.file, self.row if self.row is not None else NONE


def find(workspace: Workspace, links: Links, target: Target) -> Place:
    """The place an address means.

    Raises SymbolNotFound, NoSuchFile and OutsideWorkspace for what is not there, AmbiguousSymbol with candidates that can be pasted.
    """
    text = target.text
    path, separator, name = text.partition("::")
    if separator:
        file = file_of(workspace, links, path)
        found = _named_in(links, file, name) if links.generation.flags_of(file) & CODE else []
        return _only(links, text, found, near=file, line=target.line)
    path, line, column = split_position(text)
    if line is not None:
        return _at(links, file_of(workspace, links, path), text, line, column)
    if _is_path(workspace, links, text):
        return Place(file_of(workspace, links, text))
    parts = split_name(text)
    if not parts:
        raise UsageError(f"{text!r} is no address")
    found = named(links, parts) or named(links, (text,))
    if not found and _reads_like_a_file(links, text):
        return Place(file_of(workspace, links, text))
    return _only(links, text, found)


def find_definitions(workspace: Workspace, links: Links, targets: tuple[Target, ...]) -> list[Def]:
    """The definitions that targets mean; files that an earlier answer handed on beside definitions are passed over."""
    rest = [target for target in targets if target.file is None or target.text != target.file]
    return [find_definition(workspace, links, target) for target in rest or targets]


def find_definition(workspace: Workspace, links: Links, target: Target) -> Def:
    """The definition an address means; a file is no definition."""
    place = find(workspace, links, target)
    if place.row is None:
        raise SymbolNotFound(f"{target.text} is a file, not a definition", hint=f"js-scan --importers {target.text}")
    return place.definition


def file_of(workspace: Workspace, links: Links, path: str) -> int:
    """The indexed file at a path as typed; raises NoSuchFile with near names, or OutsideWorkspace."""
    relative = workspace.resolve_path(path)
    file = links.generation.id_of(relative)
    if file is None:
        from difflib import get_close_matches  # 2 ms: only who errs pays

        near = get_close_matches(relative, [entry.path for entry in links.generation.files()], 3, 0.5)
        raise NoSuchFile(f"{relative} is not an indexed file", candidates=tuple(near))
    return file


def _named_in(links: Links, file: int, name: str) -> list[Def]:
    """Definitions of a name in a file; a name that cannot be taken apart at its dots (`'text/html; q=0.5'`, `#field`) as it is written."""
    parts = split_name(name)
    found = named(links, parts, file) if parts else []
    facts = links.facts(file)
    return found or [(file, row) for row in range(len(facts.def_name)) if qualified_name(facts, row) == name]


def _reads_like_a_file(links: Links, text: str) -> bool:
    """Whether a name ends as the files of the tree do."""
    _, dot, suffix = text.rpartition(".")
    return bool(dot) and any(entry.path.endswith(f".{suffix}") for entry in links.generation.files())


def split_position(text: str) -> tuple[str, int | None, int | None]:
    """`path:12:7` as (path, 12, 7); a part that is not there is None."""
    head, _, last = text.rpartition(":")
    if not head or not last.isdecimal():
        return text, None, None
    before, _, middle = head.rpartition(":")
    if before and middle.isdecimal():
        return before, int(middle), int(last)
    return head, int(last), None


def _is_path(workspace: Workspace, links: Links, text: str) -> bool:
    if "/" in text or text in {".", ".."} or links.generation.id_of(text) is not None:
        return True
    here = workspace.relative(os.path.join(os.getcwd(), text))
    return here is not None and links.generation.id_of(here) is not None


def _at(links: Links, file: int, text: str, line: int, column: int | None) -> Place:
    if not links.generation.flags_of(file) & CODE:
        raise SymbolNotFound(f"{links.generation.path_of(file)} is no source file; nothing is defined in it")
    facts = links.facts(file)
    starts = facts.lines_start
    if not 1 <= line <= len(starts):
        raise SymbolNotFound(f"{text}: the file has {len(starts)} lines")
    start = starts[line - 1]
    end = starts[line] if line < len(starts) else facts.meta_length[0] + 1
    if column is None:
        return _around(links, file, text, start, end)
    offset = _offset(links, file, start, end, column)
    occurrence = facts.occurrence_at(offset)
    if occurrence is not None:
        found = definitions_at(links, file, occurrence) or imported_here(links, file, occurrence)
        here = [
            definition
            for definition in found
            if definition[0] == file and facts.def_start_name[definition[1]] == facts.occ_start[occurrence]
        ]
        if found:
            return Place(*(here or found)[0])
    raise SymbolNotFound(f"nothing that can be followed at {text}", candidates=_names_around(facts, offset))


def _names_around(facts: Facts, offset: int) -> tuple[str, ...]:
    """The names that stand nearest to a byte offset, nearest first."""
    at = bisect_left(facts.occ_start, offset)
    near = range(max(0, at - _MOST_CANDIDATES), min(len(facts.occ_start), at + _MOST_CANDIDATES))
    by_distance = sorted(near, key=lambda row: abs(facts.occ_start[row] - offset))
    return tuple(dict.fromkeys(facts.text(facts.occ_name[row]) for row in by_distance))[:_MOST_CANDIDATES]


def _offset(links: Links, file: int, start: int, end: int, column: int) -> int:
    """The byte offset of a UTF-16 column."""
    source = None if links.facts(file).flags & FileFlag.ASCII else Places(links).source(file)
    if source is None:
        return start + column - 1
    start += len(codecs.BOM_UTF8) if start == 0 and source.startswith(codecs.BOM_UTF8) else 0
    line = source[start:end].decode("utf-8", "replace")
    return start + len(line.encode("utf-16-le")[: 2 * (column - 1)].decode("utf-16-le", "replace").encode())


def _around(links: Links, file: int, text: str, start: int, end: int) -> Place:
    """The definition that begins on a line, else the one around it."""
    facts = links.facts(file)
    best: tuple[int, int] | None = None
    for row, at in enumerate(facts.def_start_name):
        if facts.def_kind[row] in {Kind.PARAMETER, Kind.TYPE_PARAMETER, Kind.IMPORT} or facts.def_flags[row] & Flag.FUNCTION_NAME:
            continue
        if start <= at < end:
            return Place(file, row)
        if facts.def_start[row] <= start and facts.def_end[row] >= start:
            extent = facts.def_end[row] - facts.def_start[row]
            if best is None or extent < best[0]:
                best = (extent, row)
    if best is None:
        raise SymbolNotFound(f"no definition around {text}")
    return Place(file, best[1])


def _only(links: Links, text: str, found: list[Def], *, near: int | None = None, line: int | None = None) -> Place:
    """The one thing that the definitions found are; aliases of one thing are one."""
    things: dict[Def, None] = {}
    seen: set[tuple[int, str]] = set()
    for definition in found:
        for part in modules.origin(links, written_out(links, definition)):
            first = definition if isinstance(part, Value) else _representative(links, written_out(links, part))
            facts = links.facts(first[0])
            owned = facts.def_owner[first[1]] != NONE
            key = (first[0], qualified_name(facts, first[1]) if owned else f"{facts.def_symbol[first[1]]}")
            if key not in seen:
                seen.add(key)
                things[first] = None
    if line is not None and len(things) > 1:
        nearest = min(things, key=lambda d: abs(links.facts(d[0]).line_of(links.facts(d[0]).def_start_name[d[1]]) - line))
        return Place(*nearest)
    if not things:
        raise SymbolNotFound(f"no definition named {text}", candidates=_near_names(links, text, near))
    sources = [definition for definition in things if _is_source(links, definition[0])]
    if len(sources) == 1:
        return Place(*sources[0])
    if len(things) > 1:
        candidates = [address(links, definition) for definition in [*sources, *(one for one in things if one not in sources)]]
        more = f"; {len(candidates) - _MOST_CANDIDATES} more" if len(candidates) > _MOST_CANDIDATES else ""
        raise AmbiguousSymbol(f"{text} names {len(candidates)} definitions{more}", candidates=tuple(candidates[:_MOST_CANDIDATES]))
    return Place(*next(iter(things)))


def written_out(links: Links, definition: Def) -> Def:
    """Of `{ name }` and `exports.name = name` the binding that it repeats, anything else as it is."""
    file, row = definition
    facts = links.facts(file)
    node = facts.def_value[row]
    if facts.def_owner[row] == NONE or node == NONE or facts.node_kind[node] != Node.IDENT:
        return definition
    bound = facts.occ_target[facts.node_a[node]]
    return definition if bound == NONE or facts.def_name[bound] != facts.def_name[row] else (file, bound)


def _is_source(links: Links, file: int) -> bool:
    """Whether a file is the thing itself: no test of it, no declaration of what is written elsewhere."""
    return not is_test(links.generation.path_of(file)) and not links.facts(file).flags & FileFlag.DECLARATIONS


def _representative(links: Links, definition: Def) -> Def:
    """Of merged declarations the one with a body, else the first."""
    together = merged(links, definition)
    for file, row in together:
        facts = links.facts(file)
        if facts.def_value[row] != NONE and not facts.def_flags[row] & Flag.OVERLOAD:
            return file, row
    return together[0]


def address(links: Links, definition: Def) -> str:
    """An address of a definition that can be pasted: `path::name`, with the line where the name stands several times."""
    file, row = definition
    facts = links.facts(file)
    path = links.generation.path_of(file)
    name = qualified_name(facts, row)
    return f"{path}:{facts.line_of(facts.def_start_name[row])}" if facts.def_flags[row] & Flag.LOCAL else f"{path}::{name}"


def _near_names(links: Links, text: str, file: int | None) -> tuple[str, ...]:
    """Names that are written much like it."""
    from difflib import get_close_matches  # 2 ms: only who errs pays

    last = split_name(text)[-1] if split_name(text) else text
    if file is not None and not links.generation.flags_of(file) & CODE:
        return ()
    if file is not None:
        facts = links.facts(file)
        names = [facts.name(row) for row in range(len(facts.def_name)) if facts.def_kind[row] != Kind.IMPORT]
    else:
        names = [hit.name for hit in links.generation.search((last[:3],))[:_SEARCHED]]
    return tuple(get_close_matches(last, dict.fromkeys(names), 3, 0.6))


def find_occurrence(workspace: Workspace, links: Links, target: Target) -> tuple[int, int] | None:
    """The occurrence at `path:line:column`; None for every other address, and where nothing stands."""
    path, line, column = split_position(target.text)
    if line is None or column is None:
        return None
    file = file_of(workspace, links, path)
    if not links.generation.flags_of(file) & CODE:
        return None
    facts = links.facts(file)
    starts = facts.lines_start
    if not 1 <= line <= len(starts):
        return None
    end = starts[line] if line < len(starts) else facts.meta_length[0] + 1
    occurrence = facts.occurrence_at(_offset(links, file, starts[line - 1], end, column))
    return None if occurrence is None else (file, occurrence)
