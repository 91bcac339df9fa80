"""Write code of a shape anew, wherever it stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import count
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import msgspec

from clew import _native
from clew.code.ast_pattern import AstPattern, ast_pattern
from clew.edits import spans
from clew.edits.planning import Draft, Place, PlanResult
from clew.edits.plans import TextEdit, applied
from clew.edits.source_text import newline_at, with_newlines
from clew.edits.writing import code_of
from clew.errors import UsageError
from clew.requests import Gap, Paths

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clew.edits.plans import FileChange
    from clew.workspace import Workspace

_VARIABLE = re.compile(r"(?<![\w$])(?:\$\$\$(?P<many>[A-Z_][A-Z0-9_]*)?|\$(?P<one>[A-Z_][A-Z0-9_]*))(?![\w$])")
_UNNAMED = "UNNAMED"


class Rewrite(Paths, frozen=True, kw_only=True, tag="rewrite"):
    """Plan to write all code of a shape anew: `$A` and `$$$REST` stand in the template for what they stood for in the pattern.

    js-edit --rewrite 'assert.equal($A, $B)' --with 'expect($A).toBe($B)'
    """

    takes_input: ClassVar[bool] = False
    cacheable: ClassVar[bool] = False

    pattern: tuple[str, ...] = ()
    """One statement or expression, as `js-scan --ast-pattern` takes it."""
    with_: str | None = msgspec.field(default=None, name="with")
    """The template."""
    with_file: str | None = None
    """A file that holds the template."""
    check: bool = False
    """Exit with 1 where the plan changes something."""
    force: bool = False
    """Plan it although names would lead elsewhere or nowhere."""

    def question(self) -> str:
        """The pattern and the template, as they were typed."""
        return f"rewrite {' '.join(self.pattern)} with {self.with_ if self.with_ is not None else self.with_file}"


class RewriteResult(PlanResult, frozen=True, kw_only=True):
    """The plan of a rewrite."""

    fitting: int
    """Number of places that fit the pattern before."""
    left: int = 0
    """Number of places that still fit it after; they are listed, and kept."""
    again: int = 0
    """Number of places that a second run would write anew."""
    failed: bool = False
    """True where `--check` found that the plan changes something: exit status 1."""


class _Hole(NamedTuple):
    """A metavariable of a template."""

    start: int
    """The first of its bytes."""
    end: int
    """The first byte behind it."""
    name: str
    """The name without its signs."""


def rewrite(workspace: Workspace, request: Rewrite) -> RewriteResult:
    """Plan a rewrite: one pass, the outermost of places that stand in each other.

    Raises UsageError for a pattern or a template that cannot be read, with the place, and UnsafeEdit where the code would not parse or
    names would lead elsewhere.
    """
    template = code_of(workspace, request.with_, request.with_file, "--rewrite").decode("utf-8", "surrogateescape")
    if len(request.pattern) != 1 or not request.pattern[0]:
        raise UsageError("--rewrite takes one pattern", hint="js-edit --rewrite '$A.send($$$)' --with '$A.end($$$)'")
    pattern = _named_lists(request.pattern[0])
    template = _named_lists(template.replace("\r\n", "\n").strip())
    holes = _holes(pattern, template)
    found = ast_pattern(workspace, AstPattern(pattern=(pattern,), dir=request.dir, include=request.include, exclude=request.exclude))
    draft = Draft(workspace)
    generation = workspace.generation
    files = [file for path in dict.fromkeys(row.file for row in found.results) if (file := generation.id_of(path)) is not None]
    places = _rewritten([(file, generation.path_of(file), draft.source(file)) for file in files], pattern, template, holes)
    for file, start, end, _, text in places:
        if text is None:
            continue
        source = draft.source(file)
        edit = TextEdit(start, end, with_newlines(text.encode("utf-8", "surrogatepass"), newline_at(source, start)))
        draft.edit(file, edit if text else TextEdit(*_alone(source, start, end), b""))
        draft.places.append(Place(file=file, start=start, line=draft.line_of(file, start), action="replaced" if text else "deleted"))
    changes = draft.changes()
    proof = draft.proof(changes)
    if not request.force:
        proof.require_links()
    left = _still_fitting(draft, changes, pattern, template, holes)
    for place, _ in left:
        draft.places.append(place)
    return RewriteResult(
        **draft.keep(request, changes, semantic=False)._asdict(),
        fitting=len(places),
        left=len(left),
        again=sum(is_outermost for _, is_outermost in left),
        failed=request.check and bool(changes),
        why=tuple(gap for gap in found.why if isinstance(gap, Gap)),
    )


def _named_lists(text: str) -> str:
    """A pattern or template in which each `$$$` has a name: the first of the one is the first of the other."""
    number = count(1)
    return _VARIABLE.sub(lambda found: found[0] if found["many"] or found["one"] else f"$$${_UNNAMED}{next(number)}", text)


def _holes(pattern: str, template: str) -> list[_Hole]:
    """The metavariables of a template, in bytes. Raises UsageError for one that the pattern does not have."""
    known = {found[0] for found in _VARIABLE.finditer(pattern) if not (found["one"] or "").startswith("_")}
    holes: list[_Hole] = []
    for found in _VARIABLE.finditer(template):
        name = found[0]
        if name not in known:
            from clew.near import near  # only who errs pays

            named = sorted("$$$" if variable.startswith(f"$$${_UNNAMED}") else variable for variable in known)
            given = "$$$" if name.startswith(f"$$${_UNNAMED}") else name
            bare = {variable.lstrip("$"): variable for variable in named}
            candidates = tuple(bare[word] for word in near(name.lstrip("$"), bare)) or tuple(named)
            said = f"it has {', '.join(named)}" if named else "it has none"
            raise UsageError(f"{given} of the template stands for nothing in the pattern; {said}", candidates=candidates)
        start = len(template[: found.start()].encode("utf-8", "surrogatepass"))
        holes.append(_Hole(start, start + len(name), found["many"] or found["one"]))
    return holes


def _rewritten(sources: Sequence[tuple[int, str, bytes]], pattern: str, template: str, holes: Iterable[_Hole]) -> list[_native.Rewritten]:
    try:
        return _native.ast_rewrite(list(sources), pattern, template, [(hole.start, hole.end, hole.name) for hole in holes])[0]
    except ValueError as error:
        raise UsageError(f"bad template: {error}") from error


def _alone(source: bytes, start: int, end: int) -> tuple[int, int]:
    """The span of what is taken out: the whole line where nothing else is on it."""
    end += source[end : end + 1] == b";"
    first, last = spans.line_start(source, start), spans.line_end(source, end)
    return (first, last) if not source[first:start].strip() and not source[end:last].strip() else (start, end)


def _still_fitting(
    draft: Draft, changes: Sequence[FileChange], pattern: str, template: str, holes: Sequence[_Hole]
) -> list[tuple[Place, bool]]:
    """The places that fit in the files as they would be, as they stand before, and whether a second run would write them anew."""
    after: list[tuple[int, str, bytes]] = []
    edits: dict[int, tuple[TextEdit, ...]] = {}
    for change in changes:
        file = draft.generation.id_of(change.path)
        if file is not None:
            after.append((file, change.path, applied(draft.source(file), change.edits)))
            edits[file] = change.edits
    left: list[tuple[Place, bool]] = []
    for file, start, _, _, text in _rewritten(after, pattern, template, holes):
        at = _before(edits[file], start)
        place = Place(file=file, start=at, line=draft.line_of(file, at), action="kept", why="it still fits")
        left.append((place, text is not None))
    return left


def _before(edits: Sequence[TextEdit], offset: int) -> int:
    """The place before edits of a byte after them; the start of the edit that put it there."""
    grown: list[int] = [0]
    starts: list[int] = []
    for edit in edits:
        starts.append(edit.start + grown[-1])
        grown.append(grown[-1] + len(edit.text) - (edit.end - edit.start))
    number = bisect_right(starts, offset)
    if number and offset < starts[number - 1] + len(edits[number - 1].text):
        return edits[number - 1].start
    return offset - grown[number]
