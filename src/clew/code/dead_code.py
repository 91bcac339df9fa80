"""Definitions that nothing uses."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from clew import _native
from clew._native import is_test
from clew.code import offering
from clew.code.conventions import readers
from clew.code.entries import entry_files
from clew.code.gaps import gaps_anywhere
from clew.code.rows import Confidence, SourceMap, own_address
from clew.index.rows import FACTS_SHIFT
from clew.index.scope import DECLARATIONS, path_filter
from clew.requests import Gap, Kinds, Result, Row, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from clew._native import Def, Description, Wanted
    from clew.index.generation import Generation
    from clew.workspace import Workspace

_ORDER: tuple[Confidence, ...] = ("high", "medium", "low")

_VERDICTS: dict[str, tuple[Confidence, str]] = {
    "possible": ("low", "possible uses"),
    "tests": ("low", "only tests use it"),
}
_DOUBTS: tuple[tuple[int, Confidence, str], ...] = (
    (_native.DOUBT_OFFERED, "low", "a member of what the package offers"),
    (_native.DOUBT_DECORATED, "low", "decorated: a framework may use it"),
    (_native.DOUBT_LANGUAGE, "low", "the language asks for this name"),
    (_native.DOUBT_HERITAGE, "medium", "its class builds on one from outside of the tree, which may call it"),
    (_native.DOUBT_KEY, "medium", "a key of an object: it can be read without being named"),
    (_native.DOUBT_CALLED, "medium", "its value comes from a call, which may have kept it"),
    (_native.DOUBT_LEFT_OUT, "medium", "naming it leaves it out of the rest beside it"),
    (_native.DOUBT_WHOLE, "medium", "its module is handed on as a whole"),
    (_native.DOUBT_FACTORY, "medium", "a compiler may make the elements of its file with it"),
    (_native.DOUBT_ROOT, "medium", "a file that no file imports exports it: what loads that is not known"),
    (_native.DOUBT_CLASS, "medium", "its class is handed on: whoever gets it can use it"),
)
_CLOSED = "nothing outside of its file can use it"
_NOWHERE = "its name stands nowhere else in the tree"
_COMPONENTS = (".vue", ".svelte", ".astro")
_TYPES = ("interface", "type")
_PUBLIC = re.compile(rb"(?<!\w)@(?:public\b|api\b(?!\s+(?:private|protected)\b))")


class DeadCode(Kinds, frozen=True, kw_only=True, tag="dead-code"):
    """List definitions that nothing uses, with how sure that is.

    js-scan --dead-code --kind function --limit 50
    """

    takes_input: ClassVar[bool] = False

    include_tests: bool = False
    """Judge definitions in test files too."""


class DeadRow(Row, frozen=True):
    """A definition without uses."""

    name: str
    """The name with what it belongs to: `Class#method`."""
    kind: str
    """function, class, method, …"""
    file: str
    """Root-relative path."""
    line: int
    """Line, counted from 1."""
    column: int
    """UTF-16 column of the name, counted from 1."""
    confidence: Confidence
    """`high`: no use, and no way to one is seen; `medium`: no use, but a way to one; `low`: something is known that may use it."""
    because: str
    """The reason for the confidence: `its name stands nowhere else in the tree`, `possible uses`, …"""
    target: str | None = None
    """Its address, where `file::name` means others of the file too."""


_SILENT = (
    *(".py", ".pyi", ".go", ".rs", ".java", ".kt", ".swift", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs", ".scala"),
    *(".css", ".scss", ".less", ".svg", ".map", ".lock", "package-lock.json", "pnpm-lock.yaml"),
)
"""Files that name nothing of a JavaScript program: sources in languages of their own, styles, drawings, maps, locks."""


class _Suspect(NamedTuple):
    """A definition without a use, and what is held against it so far."""

    definition: Def
    """Its file, and its row there."""
    doubts: int
    """The doubts about it, as bits."""
    confidence: Confidence
    """The confidence before other texts are looked at."""
    because: str
    """The reason for that confidence."""


class DeadCodeResult(Result, frozen=True, kw_only=True):
    """The definitions, surest first."""

    why: tuple[Gap, ...] = ()
    """The reasons why it is not complete. Empty means complete."""
    results: tuple[DeadRow, ...]
    """One row a thing: overloads are one, second names are left out, and so is what is inside of a dead definition."""

    def offers(self, picked: frozenset[int] | None) -> tuple[Target, ...] | None:
        """The definitions of the rows that are picked."""
        return None if picked is None else offering.definitions(self.results, picked)

    def behind(self) -> tuple[str, ...]:
        """The files of the rows."""
        return offering.files(self.results)


def dead_code(workspace: Workspace, request: DeadCode) -> DeadCodeResult:
    """Definitions without a use from outside themselves; what a package offers to the world counts as used.

    None is of the highest confidence whose name is used in a way that no binding shows: a template, a string, a page, a tool's convention.
    """
    generation = workspace.generation
    keeps = path_filter(request)
    entries = sorted(generation.files(), key=lambda entry: entry.path)
    files = [entry.id for entry in entries if keeps(entry.path) and (request.include_tests or not is_test(entry.path))]
    offered, tests = sorted(entry_files(workspace)), [is_test(path) for path in generation.paths()]

    def unused(part: Sequence[int]) -> list[tuple[Def, str, int]]:
        return generation.linker.unused(list(part), offered, list(request.kind), request.exported, tests)

    sources = SourceMap(generation)
    rows: list[DeadRow] = []
    verdicts = generation.bounds.gathered(files, unused, "files", first=64)
    described: list[tuple[_Suspect, Description]] = []
    judge = _judge(workspace)
    for part in generation.bounds.listed(verdicts):
        for (definition, verdict, doubts), of in zip(part, generation.linker.describe([row[0] for row in part]), strict=True):
            described.append((_Suspect(definition, doubts, *judge(verdict, doubts, of)), of))
    mentioned = _mentions(generation, described)
    mentioned.update(_hidden(generation, [suspect.definition for suspect, of in described if _may_be_hidden(suspect, of, mentioned)]))
    for suspect, of in described:
        confidence, because = suspect.confidence, suspect.because
        if confidence == "high" and _is_public(sources, of):
            confidence, because = "medium", "its comment calls it public"
        elif suspect.definition in mentioned:
            confidence, because = "medium", mentioned[suspect.definition]
        rows.append(
            DeadRow(
                n=0,
                name=of.name,
                kind=of.kind,
                file=generation.path_of(of.file),
                line=of.line,
                column=sources.column(of.file, of.line, of.at),
                confidence=confidence,
                because=because,
                target=own_address(sources, of),
            )
        )
    rows.sort(key=lambda row: (_ORDER.index(row.confidence), row.file, row.line))
    unsure = sum(row.because == _VERDICTS["possible"][1] for row in rows)
    return DeadCodeResult(
        why=(*((Gap("possible", unsure),) if unsure else ()), *gaps_anywhere(generation)),
        results=tuple(msgspec.structs.replace(row, n=n) for n, row in enumerate(rows, 1)),
    )


def _judge(workspace: Workspace) -> Callable[[str, int, Description], tuple[Confidence, str]]:
    """A function that gives the confidence that a definition is unused, from what the linker and the paths of the tree say of it."""
    generation = workspace.generation
    reader = readers(workspace)
    imported = {edge.target for edge in generation.edges()}

    def judge(verdict: str, doubts: int, of: Description) -> tuple[Confidence, str]:
        if verdict in _VERDICTS:
            return _VERDICTS[verdict]
        path = generation.path_of(of.file)
        local = _is_local(doubts, path)
        tool = None if local and not path.endswith(".astro") else reader(path, "default" if of.is_default else of.bare_name)
        if tool:
            return "low", f"{tool} loads its file by name"
        for doubt, confidence, because in _DOUBTS:
            if doubts & doubt:
                return confidence, because
        if unsure := _unsure_by_file(generation, path, of):
            return "medium", unsure
        if of.kind == "interface" and doubts & _native.DOUBT_GLOBAL and not local:
            return "medium", "a global interface: it may add to one of a library"
        if not local and not doubts & _native.DOUBT_GLOBAL and of.file not in imported:
            return "medium", "no file imports its file: what runs it is not known"
        if not of.bare_name.lstrip("#").replace("$", "_").isidentifier():
            return "medium", "its name is no identifier: it can be read without being named"
        return "high", _CLOSED if local else _NOWHERE

    return judge


def _unsure_by_file(generation: Generation, path: str, of: Description) -> str | None:
    """The reason why nothing in a file of that kind is sure to be unused."""
    flags = generation.flags_of(of.file) >> FACTS_SHIFT
    if flags & (_native.GENERATED | _native.MINIFIED | _native.TOKEN_SCAN):
        return "its file is generated, minified, or known by its tokens only"
    return "it declares what is elsewhere" if path.endswith(DECLARATIONS) else None


def _is_local(doubts: int, path: str) -> bool:
    """Tell if only its own file can use it; a component's script is a module, also without imports."""
    return bool(doubts & _native.DOUBT_LOCAL) or (bool(doubts & _native.DOUBT_GLOBAL) and path.endswith(_COMPONENTS))


def _is_public(sources: SourceMap, of: Description) -> bool:
    """Tell if the comment of a definition says that others may use it: `@public` of TSDoc and JSDoc, or `@api` without `private`."""
    source = sources.source(of.file) if of.doc else None
    return source is not None and of.doc is not None and _PUBLIC.search(source, *of.doc) is not None


def _mentions(generation: Generation, described: list[tuple[_Suspect, Description]]) -> dict[Def, str]:
    """The definitions of the highest confidence whose name stands elsewhere all the same, in code, a template or a text, with the place.

    A name that only its file can use is looked for in that file, where a part of that is no code that was read, and where it is a type:
    documentation has types that only comments name.
    """
    anywhere: dict[Def, str] = {}
    inside: dict[Def, str] = {}
    for suspect, of in described:
        path = generation.path_of(of.file)
        if suspect.confidence != "high":
            continue
        if not _is_local(suspect.doubts, path):
            anywhere[suspect.definition] = of.bare_name
        elif suspect.doubts & _native.DOUBT_UNREAD or of.kind in _TYPES or path.endswith((*_COMPONENTS, ".html", ".htm")):
            inside[suspect.definition] = of.bare_name
    mentions = _mentioned(generation, sorted({file for file, _ in inside}), _wanted(generation, inside, only_own=True))
    wanted = _wanted(generation, anywhere, only_own=False)
    looked_at = 0
    telling = [number for number, path in enumerate(generation.paths()) if not path.endswith(_SILENT)] if wanted else []
    for part in generation.bounds.parts(telling, "files", first=1024):
        looked_at += len(part)
        mentions.update(_mentioned(generation, list(part), {suspect: name for suspect, name in wanted.items() if suspect not in mentions}))
    if looked_at < len(telling):
        mentions.update({suspect: "not all files were looked at" for suspect in wanted if suspect not in mentions})
    return mentions


def _may_be_hidden(suspect: _Suspect, of: Description, mentioned: dict[Def, str]) -> bool:
    return (
        suspect.confidence == "high" and of.is_member and suspect.definition not in mentioned and not suspect.doubts & _native.DOUBT_LOCAL
    )


def _hidden(generation: Generation, members: list[Def]) -> dict[Def, str]:
    """The members that can be used without their name, with the place."""
    uses: dict[Def, str] = {}
    for member in generation.bounds.each(members, "rows"):
        for file, _, line, _, role, *_ in generation.linker.hidden_uses(member)[:1]:
            how = "a computed key can mean it" if role == "computed" else "its object is handed to code from outside"
            uses[member] = f"{how} in {generation.path_of(file)}:{line}"
    if generation.bounds.was_cut:
        uses.update({member: "not all files were looked at" for member in members if member not in uses})
    return uses


def _wanted(generation: Generation, names: dict[Def, str], *, only_own: bool) -> dict[Def, Wanted]:
    """The names to look for, each with the only file that counts and the spans that do not.

    A declaration in a `.d.ts` of what a definition is elsewhere counts: it is written for others.
    """
    own = generation.linker.own_places(list(names)) if names else []
    return {
        definition: (
            name,
            definition[0] if only_own else None,
            [span for span in spans if span[0] == definition[0] or not generation.path_of(span[0]).endswith(DECLARATIONS)],
        )
        for (definition, name), spans in zip(names.items(), own, strict=True)
    }


def _mentioned(generation: Generation, files: list[int], wanted: dict[Def, Wanted]) -> dict[Def, str]:
    mentions = generation.mentions(list(wanted.values()), files) if wanted else []
    return {
        definition: f"its name stands in {generation.path_of(mention[0])}:{mention[1]}"
        for definition, mention in zip(wanted, mentions, strict=True)
        if mention is not None
    }
