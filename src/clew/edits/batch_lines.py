"""A batch as JSON lines: one object is one change."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import msgspec

from clew.code.addresses import file_of, find_definitions
from clew.edits.batch_draft import Asked
from clew.edits.delete import take_out
from clew.edits.inserting import put_beside
from clew.edits.plans import TextEdit
from clew.edits.prose.texts import Position
from clew.edits.replace import put_in_place
from clew.edits.replace_text import ReplaceText, put_text
from clew.edits.workspace_edits import Position as Place
from clew.edits.writing import code_of, the_definition
from clew.errors import InvalidRequest
from clew.requests import Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clew.edits.batch_draft import BatchDraft


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel", tag_field="op"):
    """One line; the fields are those of the verb of that name."""


class _WithCode(Line, frozen=True, kw_only=True):
    target: str
    with_: str | None = msgspec.field(default=None, name="with")
    with_file: str | None = None


class ReplaceLine(_WithCode, frozen=True, kw_only=True, tag="replace"):
    """Other code in the place of a definition."""


class InsertBeforeLine(_WithCode, frozen=True, kw_only=True, tag="insert-before"):
    """Code before a definition."""


class InsertAfterLine(_WithCode, frozen=True, kw_only=True, tag="insert-after"):
    """Code behind a definition."""


class ReplaceSectionLine(_WithCode, frozen=True, kw_only=True, tag="replace-section"):
    """Other text in the place of a section of a document."""

    own: bool = False


class InsertSectionLine(_WithCode, frozen=True, kw_only=True, tag="insert-section"):
    """A section beside another one, in it, or in a document."""

    at: Position = "after"


class RemoveSectionLine(Line, frozen=True, kw_only=True, tag="remove-section"):
    """A section that is taken out."""

    target: str


class RenameHeadingLine(Line, frozen=True, kw_only=True, tag="rename-heading"):
    """Another text of a heading."""

    target: str
    to: str


SectionLine = ReplaceSectionLine | InsertSectionLine | RemoveSectionLine | RenameHeadingLine


class DeleteLine(Line, frozen=True, kw_only=True, tag="delete"):
    """A definition that is taken out."""

    target: str


class ReplaceTextLine(Line, frozen=True, kw_only=True, tag="replace-text"):
    """A text in the place of another one."""

    old: str
    with_: str | None = msgspec.field(default=None, name="with")
    with_file: str | None = None
    expect_count: int | None = None
    within: str | tuple[str, ...] = ()
    file: str | None = None
    dir: str | tuple[str, ...] = ()
    include: str | tuple[str, ...] = ()
    exclude: str | tuple[str, ...] = ()


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place as an editor shows it: lines and UTF-16 columns are counted from 1."""

    line: int
    column: int = 1


class EditLine(Line, frozen=True, kw_only=True, tag="edit"):
    """A text in the place of a range; without an end it is put there."""

    file: str
    start: Point
    end: Point | None = None
    with_: str = msgspec.field(name="with")


_LINES: dict[str, type[Line]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        *(ReplaceLine, InsertBeforeLine, InsertAfterLine, DeleteLine, ReplaceTextLine, EditLine),
        *(ReplaceSectionLine, InsertSectionLine, RemoveSectionLine, RenameHeadingLine),
    )
}


def of_lines(text: bytes) -> Iterator[Asked]:
    """The changes of JSON lines; each line is read when it is added."""
    for number, line in enumerate(text.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.strip():
            yield Asked(number, partial(_add_line, text=line))


def _line(text: bytes) -> Line:
    """A line as a value. Raises InvalidRequest, with near names for a word that is not known."""
    try:
        said = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRequest(f"that is no JSON: {error}") from error
    if not isinstance(said, dict):
        raise InvalidRequest('a change is an object, such as {"op": "delete", "target": "NAME"}')
    kind = _LINES.get(said["op"]) if isinstance(said.get("op"), str) else None
    if kind is None:
        given = said.get("op")
        raise _unknown(f"there is no operation {given!r}" if "op" in said else "`op` is missing", str(given or ""), list(_LINES))
    fields = ["op", *kind.__struct_encode_fields__]
    for name in said:
        if name not in fields:
            raise _unknown(f"{said['op']} has no field {name!r}", name, fields)
    try:
        return msgspec.convert(said, type=kind)
    except msgspec.ValidationError as error:
        raise InvalidRequest(str(error)) from error


def _unknown(message: str, given: str, known: list[str]) -> InvalidRequest:
    from clew.near import near  # only who errs pays

    return InvalidRequest(f"{message}; there are {', '.join(known)}", candidates=near(given, known))


def _add_line(draft: BatchDraft, text: bytes) -> None:
    workspace, line = draft.workspace, _line(text)
    if isinstance(line, EditLine):
        _add_range(draft, line)
    elif isinstance(line, ReplaceTextLine):
        within = (*_several(line.within), *(() if line.file is None else (line.file,)))
        request = ReplaceText(
            old=(line.old,),
            with_=line.with_,
            with_file=line.with_file,
            expect_count=line.expect_count,
            targets=tuple(target for address in within for target in _targets(draft, address)),
            dir=_several(line.dir),
            include=_several(line.include),
            exclude=_several(line.exclude),
        )
        put_text(draft, request)
    elif isinstance(line, SectionLine):
        from clew.edits.prose.batches import add_section  # only batches about documents pay

        draft.is_semantic = True
        draft.of_sections = draft.of_sections or draft.number
        add_section(draft, line, _targets(draft, line.target))
    elif isinstance(line, DeleteLine):
        draft.is_semantic = True
        for definition in find_definitions(workspace, _targets(draft, line.target)).definitions:
            for name in take_out(draft, definition, draft.taken):
                draft.taken_by.setdefault(name, draft.number)
    elif isinstance(line, _WithCode):
        draft.is_semantic = True
        flag = str(line.__struct_config__.tag)
        code = code_of(workspace, line.with_, line.with_file, flag)
        of = the_definition(workspace, _targets(draft, line.target), flag)
        if isinstance(line, ReplaceLine):
            put_in_place(draft, of, code)
        else:
            put_beside(draft, of, code, after=isinstance(line, InsertAfterLine))


def _several(given: str | tuple[str, ...]) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given


def _targets(draft: BatchDraft, text: str) -> tuple[Target, ...]:
    """The targets of an address; that of a result is asked of the session."""
    found = draft.workspace.addressed(text)
    if found is None:
        return (Target(text=text),)
    if len(found) == 1:
        draft.addresses[text] = found[0].text
    return found


def _add_range(draft: BatchDraft, line: EditLine) -> None:
    file = file_of(draft.workspace, line.file)
    start = _offset(draft, file, line.start)
    end = start if line.end is None else _offset(draft, file, line.end)
    if end < start:
        raise InvalidRequest(f"the end of the range, {line.file}:{_shown(line.end)}, stands before its start, {_shown(line.start)}")
    if "\0" in line.with_:
        raise InvalidRequest("`with` holds a NUL, which is no code")
    draft.put_at(file, TextEdit(start, end, line.with_.encode("utf-8", "surrogatepass")), "replaced" if end > start else "inserted")


def _shown(point: Point | None) -> str:
    return "" if point is None else f"{point.line}:{point.column}"


def _offset(draft: BatchDraft, file: int, point: Point) -> int:
    """The byte of a place. Raises InvalidRequest for one that is not there."""
    path = draft.generation.path_of(file)
    places = draft.places_of(file)
    if not 1 <= point.line <= len(places):
        raise InvalidRequest(f"{path} has {len(places)} lines, no line {point.line}", candidates=(f"{path}:{len(places)}",))
    width = places.width(point.line - 1)
    offset = places.offset(Place(point.line - 1, point.column - 1))
    if offset is None or point.column > width + 1:
        raise InvalidRequest(f"{path}:{point.line} ends at column {width + 1}, there is no column {point.column}")
    return offset
