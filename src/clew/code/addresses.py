"""From an address as typed, or a row of an earlier answer, to the place it means (design: addresses)."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from clew._native import is_test
from clew.bounds import OutOfTime
from clew.code.names import split_name, split_place, split_position
from clew.code.rows import SourceMap, address
from clew.errors import Ambiguous, AmbiguousSymbol, InvalidRequest, NoSuchFile, NotFound, SymbolNotFound, UsageError
from clew.index.rows import CODE
from clew.requests import FileProblem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew._native import Def, Linker
    from clew.index.generation import Generation
    from clew.requests import Target
    from clew.workspace import Workspace

_MOST_CANDIDATES = 5
_SECTION = tuple(f".{ending}{mark}" for ending in ("md", "mdx", "markdown") for mark in ("#", "::"))
"""The middle of an address of a section of Markdown."""
_MOST_NEAR = 3
_SEARCHED = 500
_SHOWING = frozenset({"example", "examples", "demo", "demos", "docs", "benchmark", "benchmarks", "playground", "website"})
"""Folders of code that shows how the sources are used."""
_COUNTED = 20
"""Namesakes whose uses are counted before the most used are proposed."""


class Location(NamedTuple):
    """The file that an address means, or the definition in it."""

    file: int
    row: int | None = None
    others: tuple[Def, ...] = ()
    """Others that a name at a position means: in `x.size` that of every type in a union, in `const { size } = x` the property."""

    @property
    def definition(self) -> Def:
        """The definition; only for a place that is one."""
        if self.row is None:
            raise ValueError("a file is no definition")
        return self.file, self.row


def find(workspace: Workspace, target: Target) -> Location:
    """The place an address means.

    Raises SymbolNotFound, NoSuchFile and OutsideWorkspace for what is not there, AmbiguousSymbol with candidates that can be pasted, and
    OutOfTime when the time was over before that was clear: what half of the tree says may be wrong.
    """
    bounds = workspace.generation.bounds
    try:
        location = _found(workspace, target)
    except (NotFound, Ambiguous) as error:
        if bounds.was_cut:
            raise OutOfTime from error
        raise
    if bounds.was_cut:
        raise OutOfTime
    return location


def require_targets(targets: Sequence[Target]) -> None:
    """Raise InvalidRequest where a question is about nothing."""
    if not targets:
        raise InvalidRequest("no target given, and nothing to continue")


def find_all(workspace: Workspace, targets: Sequence[Target]) -> list[Location]:
    """The places that targets mean, in their order, as far as there was time to find them. Raises InvalidRequest for no targets."""
    require_targets(targets)
    locations: list[Location] = []
    for target in workspace.generation.bounds.each(targets, "targets"):
        with suppress(OutOfTime):
            locations.append(find(workspace, target))
    return locations


def _found(workspace: Workspace, target: Target) -> Location:
    generation, text = workspace.generation, target.text
    path, separator, name = text.partition("::")
    if any(mark in text for mark in _SECTION):
        from shlex import quote  # only who errs pays

        hint = f"md-scan --section {quote(text)}"
        raise InvalidRequest(f"{text} is a section of Markdown; this question is about code", given=text, hint=hint)
    if separator:
        return _named_in(workspace, file_of(workspace, path), text, name)
    path, line, column = split_position(text)
    if line is not None:
        return _at(generation, file_of(workspace, path), text, line, column)
    if _is_path(workspace, text):
        return Location(file_of(workspace, text))
    if not split_name(text):
        raise UsageError(f"{text!r} is no address")
    definitions = generation.linker.named(text)
    if not definitions and _reads_like_a_file(generation, text):
        return Location(file_of(workspace, text))
    return _only(generation, text, definitions)


class Meant(NamedTuple):
    """The definitions that targets of a question mean."""

    definitions: list[Def]
    files_left_out: int
    """The number of targets that are files beside definitions."""


def find_definitions(workspace: Workspace, targets: tuple[Target, ...]) -> Meant:
    """The definitions that targets mean, as far as there was time. Files beside definitions are left out; files alone mean their exports.

    Raises SymbolNotFound for a place where nothing is defined, and for files that export nothing.
    """
    named = [target for target in targets if target.file is None or target.text != target.file] or targets
    locations = find_all(workspace, named)
    for target, location in zip(named, locations, strict=False):
        if location.row is None:
            _refuse_place(workspace, target, location.file)
    defined = [location for location in locations if location.row is not None]
    if defined or workspace.generation.bounds.was_cut:
        definitions = dict.fromkeys(definition for location in defined for definition in (location.definition, *location.others))
        return Meant(list(definitions), len(targets) - len(named) + len(locations) - len(defined))
    exported = _exports(workspace, locations)
    if not exported:
        paths = [workspace.generation.path_of(file) for file in dict.fromkeys(location.file for location in locations)]
        raise SymbolNotFound(f"{', '.join(paths)} exports nothing", hint=f"js-scan --importers {paths[0]}")
    return Meant(exported, 0)


def or_exports(workspace: Workspace, locations: list[Location]) -> list[Location]:
    """Places; where all of them are files, what these export, if they do."""
    if any(location.row is not None for location in locations):
        return locations
    return [Location(*definition) for definition in _exports(workspace, locations)] or locations


def _exports(workspace: Workspace, locations: list[Location]) -> list[Def]:
    """The definitions that the files of places export, each file's own first; of files without any, what they hand on."""
    linker = workspace.generation.linker
    files = dict.fromkeys(location.file for location in locations)
    own = dict.fromkeys(definition for file in files for _, definition in linker.exports(file))
    return list(own) or sorted(linker.offered(list(files)))


def _refuse_place(workspace: Workspace, target: Target, file: int) -> None:
    """Raise SymbolNotFound for a line or place of a source where no definition stands; a path alone is its file."""
    refuse_nothing(workspace, target)
    if split_position(target.text)[1] is not None:
        path = workspace.generation.path_of(file)
        raise SymbolNotFound(f"no definition stands around {target.text}", hint=f"js-scan --outline {path}")


def file_of(workspace: Workspace, path: str) -> int:
    """The indexed file at a path as typed; raises NoSuchFile with near names, or OutsideWorkspace."""
    relative = workspace.resolve_path(path)
    file = workspace.generation.id_of(relative)
    if file is None:
        from clew.near import near  # only who errs pays

        candidates = near(relative, (entry.path for entry in workspace.generation.files()), _MOST_NEAR)
        raise NoSuchFile(f"{relative} is not an indexed file", given=path, candidates=candidates)
    return file


def _named_in(workspace: Workspace, file: int, text: str, name: str) -> Location:
    """The definition of a file that a name means, with or without the place where it stood."""
    generation, linker = workspace.generation, workspace.generation.linker
    if not generation.flags_of(file) & CODE:
        raise SymbolNotFound(f"{generation.path_of(file)} is no source file; nothing is defined in it")
    placed = split_place(name)
    if placed.line is None:
        return _only(generation, text, linker.named(name, file), near=file, itself=True)
    sources = SourceMap(generation)
    offset = None if placed.column is None else sources.offset(file, placed.line, placed.column)
    definitions, is_here = linker.placed(placed.name, file, offset, placed.mark)
    if not is_here and (whole := linker.called(name, file)):
        return _only(generation, text, whole, near=file, itself=True)
    if placed.column is None:
        on_line = [of for of in linker.describe(definitions) if of.line == placed.line]
        definitions, is_here = ([(file, of.definition) for of in on_line], True) if on_line else (definitions, False)
    if not definitions and placed.mark is not None:
        left = linker.describe(linker.called(placed.name, file))
        candidates = tuple(address(sources, of) for of in left[:_MOST_CANDIDATES])
        message = f"{text} changed since that was printed, and is not one of its namesakes for certain"
        raise SymbolNotFound(message, given=text, candidates=candidates)
    location = _only(generation, text, definitions, near=file, itself=True)
    if not is_here:
        (now,) = linker.describe(definitions[:1])
        workspace.moved.append(FileProblem(file=generation.path_of(file), message=f"{text} moved to line {now.line}", code="moved"))
    return location


def _reads_like_a_file(generation: Generation, text: str) -> bool:
    """True when a name ends as the files of the tree do."""
    _, dot, suffix = text.rpartition(".")
    return bool(dot) and any(entry.path.endswith(f".{suffix}") for entry in generation.files())


def _is_path(workspace: Workspace, text: str) -> bool:
    if "/" in text or text in {".", ".."} or workspace.generation.id_of(text) is not None:
        return True
    here = workspace.relative(os.path.join(os.getcwd(), text))
    return here is not None and workspace.generation.id_of(here) is not None


def _at(generation: Generation, file: int, text: str, line: int, column: int | None) -> Location:
    """The definition or file that a place means: what is named there, else the definition around it, else the file."""
    if not generation.flags_of(file) & CODE:
        return Location(file)
    sources, linker = SourceMap(generation), generation.linker
    span = sources.span(file, line)
    if span is None:
        raise SymbolNotFound(
            f"{text}: the file has {len(sources.lines(file)[0])} lines", given=text, candidates=(generation.path_of(file),)
        )
    if column is None:
        return _around_line(generation, file, text, span)
    offset = sources.offset(file, line, column) or 0
    occurrence = linker.occurrence_at(file, offset)
    definitions: list[Def] = []
    if occurrence is not None:
        definitions = linker.definitions_at(file, occurrence) or linker.imported_here(file, occurrence)
        here = [definition for definition in linker.declared_at(file, occurrence) if definition in definitions]
        definitions = [*(here[:1] or definitions), *linker.taken_at(file, occurrence)]
    definitions = definitions or linker.standing_at(file, offset)
    if definitions:
        return Location(*definitions[0], others=_others(linker, definitions))
    if occurrence is None:
        (around,) = linker.innermost(file, [offset])
        return Location(file, around)
    raise SymbolNotFound(f"nothing that can be followed at {text}", given=text, candidates=_near_place(generation, file, offset))


def _others(linker: Linker, definitions: list[Def]) -> tuple[Def, ...]:
    """The definitions of a list that are another thing than its first, each thing once."""
    listed, others = {definitions[0], *linker.merged(definitions[0])}, []
    for definition in definitions[1:]:
        if definition not in listed:
            listed.update((definition, *linker.merged(definition)))
            others.append(definition)
    return tuple(others)


def _around_line(generation: Generation, file: int, text: str, span: tuple[int, int]) -> Location:
    definitions = [(file, row) for row in generation.linker.around_line(file, *span)]
    if len(definitions) > 1:
        return _only(generation, text, definitions)
    return Location(*definitions[0]) if definitions else Location(file)


def _only(generation: Generation, text: str, definitions: list[Def], *, near: int | None = None, itself: bool = False) -> Location:
    """The one thing that the definitions found are; aliases of one thing are one, and a member that repeats a binding is the binding.

    With `itself` such a member is meant.
    """
    things = _things(generation, definitions, itself=itself)
    if not things:
        raise SymbolNotFound(f"no definition named {text}", given=text, candidates=_near_names(generation, text, near))
    if len(things) > 1:
        more = f"; {len(things) - _MOST_CANDIDATES} more" if len(things) > _MOST_CANDIDATES else ""
        candidates = addresses(generation, _most_used(generation, things)[:_MOST_CANDIDATES])
        raise AmbiguousSymbol(f"{text} names {len(things)} definitions{more}", given=text, candidates=tuple(candidates))
    return Location(*things[0])


def _things(generation: Generation, definitions: list[Def], *, itself: bool = False) -> list[Def]:
    """The different things that definitions are, sources first; of several the only one in a source."""
    linker = generation.linker
    things: dict[Def, None] = {}
    seen: set[tuple[int, int]] = set()
    for definition in definitions:
        (named,) = [definition] if itself else linker.follow_shorthand([definition])
        for part in linker.origins(named):
            of_part = named if part is None else part
            (meant,) = [of_part] if itself else linker.follow_shorthand([of_part])
            first = definition if part is None else linker.representative(meant)
            (of,) = linker.describe([first])
            key = (first[0], of.thing)
            if key not in seen:
                seen.add(key)
                things[first] = None
    sources = [definition for definition in things if _is_source(generation, definition[0])]
    return sources if len(sources) == 1 else [*sources, *(thing for thing in things if thing not in sources)]


def _most_used(generation: Generation, definitions: list[Def]) -> list[Def]:
    """Definitions with the most used first, as far as there is time to count; the others keep their order behind them."""
    linker, asked = generation.linker, definitions[:_COUNTED]
    counted = list(generation.bounds.each(asked, "definitions"))
    uses = {definition: len(linker.references(definition).certain) for definition in counted}
    return sorted(counted, key=lambda definition: (_aside(generation, definition[0]), -uses[definition])) + definitions[len(counted) :]


def _aside(generation: Generation, file: int) -> int:
    """The distance of a file from what people mean by a name: sources, then what shows them, then tests and declarations."""
    shows = not _SHOWING.isdisjoint(generation.path_of(file).split("/")[:-1])
    return 2 if not _is_source(generation, file) else int(shows)


def _is_source(generation: Generation, file: int) -> bool:
    """True for a file that is the thing itself: no test of it, no declaration of what is written elsewhere."""
    return not is_test(generation.path_of(file)) and not generation.linker.is_declaration_file(file)


def addresses(generation: Generation, definitions: list[Def]) -> list[str]:
    """The addresses of definitions, in their order."""
    sources = SourceMap(generation)
    return [address(sources, of) for of in generation.linker.describe(definitions)]


def _near_names(generation: Generation, text: str, file: int | None) -> tuple[str, ...]:
    """Addresses of definitions whose names are written much like a name."""
    from clew.near import near as written_alike  # only who errs pays

    name = text if file is None else split_place(text.rpartition("::")[2]).name
    last = (split_name(name) or (name,))[-1]
    if file is not None and not generation.flags_of(file) & CODE:
        return ()
    if file is not None:
        names = generation.linker.names_in(file)
    else:
        begins = [part for part in (last[:3], last[:1] + last[2:3], last[-3:]) if len(part) > 1]  # letters may have changed places
        names = [hit.name for part in begins for hit in generation.search((part,))[:_SEARCHED]]
    return _meant_by(generation, written_alike(last, names, _MOST_NEAR), file)


def _meant_by(generation: Generation, names: Sequence[str], file: int | None, *, near: int | None = None) -> tuple[str, ...]:
    """Addresses of what names mean in a file, or in the tree: the name alone where that is enough, else a full one, best `near`."""
    named: list[str] = []
    for name in names:
        things = _things(generation, generation.linker.named(name, file), itself=file is not None)
        if file is None and len(things) == 1 and name.replace("$", "_").isidentifier():
            named.append(name)
        elif things:
            best = next((thing for thing in things if thing[0] == near), None) or _most_used(generation, things)[0]
            named += addresses(generation, [best])
    return tuple(dict.fromkeys(named))


def _near_place(generation: Generation, file: int, offset: int) -> tuple[str, ...]:
    """Addresses of what a place could have been meant for: the definition around it, and what the names near it mean."""
    linker = generation.linker
    around = [(file, row) for row in linker.innermost(file, [offset]) if row is not None]
    near = _meant_by(generation, linker.names_near(file, offset, _MOST_CANDIDATES), None, near=file)
    return tuple(dict.fromkeys([*addresses(generation, around), *near]))[:_MOST_CANDIDATES]


def find_occurrence(workspace: Workspace, target: Target) -> tuple[int, int] | None:
    """The occurrence at `path:line:column`; None for every other address, and where nothing stands."""
    path, line, column = split_position(target.text)
    if line is None or column is None:
        return None
    file = file_of(workspace, path)
    if not workspace.generation.flags_of(file) & CODE:
        return None
    offset = SourceMap(workspace.generation).offset(file, line, column)
    occurrence = None if offset is None else workspace.generation.linker.occurrence_at(file, offset)
    return None if occurrence is None else (file, occurrence)


def refuse_nothing(workspace: Workspace, target: Target) -> None:
    """Raise SymbolNotFound, with the names near it, for `path:line:column` of a source where no name stands."""
    path, line, column = split_position(target.text)
    if "::" in target.text or line is None or column is None:
        return
    generation, file = workspace.generation, file_of(workspace, path)
    offset = SourceMap(generation).offset(file, line, column) if generation.flags_of(file) & CODE else None
    if offset is not None and generation.linker.occurrence_at(file, offset) is None and not generation.linker.standing_at(file, offset):
        near = _near_place(generation, file, offset)
        raise SymbolNotFound(f"nothing that can be followed at {target.text}", given=target.text, candidates=near)
