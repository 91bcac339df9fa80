"""Rename a heading, and every link to its section."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clew.edits.plans import TextEdit, applied
from clew.edits.prose.drafting import ProseDraft, ProsePlanResult, the_section
from clew.errors import InvalidRequest, UnsafeEdit, UsageError
from clew.index.prose import read_prose
from clew.markdown.documents import sections_of
from clew.requests import Request, Target

if TYPE_CHECKING:
    from clew.markdown.documents import Document, Section
    from clew.workspace import Workspace


class RenameHeading(Request, frozen=True, kw_only=True, tag="rename-heading"):
    """Plan to give a heading another text, and to rewrite every link to an anchor that changes with it.

    md-edit --rename-heading 'README.md#set-up' --to 'Install'
    """

    writes: ClassVar[bool] = True
    cacheable: ClassVar[bool] = False
    about_prose: ClassVar[bool] = True

    targets: tuple[Target, ...] = ()
    """The section. Empty means: what the continued step is about."""
    to: str | None = None
    """The new text, as Markdown; an explicit id (`{#id}`) that the heading has stays."""
    force: bool = False
    """Rename it although links would lead nowhere."""


class RenameHeadingResult(ProsePlanResult, frozen=True, kw_only=True):
    """The plan of a renaming: the heading, the links that are rewritten, then what names its anchor and is kept."""

    name: str
    """The text before."""
    to: str
    """The text after, as it is shown."""
    anchor: str
    """The anchor before."""
    anchor_after: str
    """The anchor after."""
    dialect: str
    """The renderer whose anchors these are."""


def rename_heading(workspace: Workspace, request: RenameHeading) -> RenameHeadingResult:
    """Plan a renaming.

    Raises UnsafeEdit where the text would not be read as the heading's.
    """
    if request.to is None:
        raise UsageError("--rename-heading needs the new text", hint="md-edit --rename-heading 'README.md#set-up' --to 'Install'")
    draft = ProseDraft(workspace)
    document, section = the_section(workspace, draft.library, request.targets, "--rename-heading", is_whole=False)
    edit, now = renamed(document, draft.source(document.file), section, request.to)
    draft.put(document, edit, "renamed", "heading")
    draft.follow(force=request.force)
    kept = draft.finish(request, force=request.force)
    return RenameHeadingResult(
        **kept._asdict(),
        links=draft.links,
        name=section.heading.text.strip(),
        to=now.heading.text.strip(),
        anchor=section.anchor,
        anchor_after=now.anchor,
        dialect=document.dialect,
    )


def renamed(document: Document, source: bytes, section: Section, to: str) -> tuple[TextEdit, Section]:
    """The edit that gives a heading another text, and its section then.

    Raises InvalidRequest for a text that is none, or that it has already, UnsafeEdit for one that would not be read as the heading's.
    """
    title = to.strip()
    if not title or "\n" in title or "\r" in title or "\0" in title:
        raise InvalidRequest("the text of a heading is one line, and not empty", given=to)
    heading = section.heading
    text = title.encode("utf-8", "surrogateescape")
    if source[heading.content_start : heading.content_end] == text:
        raise InvalidRequest(f"It is called {title} already")
    is_bare = heading.form == "atx" and source[heading.content_start - 1 : heading.content_start] == b"#"
    edit = TextEdit(heading.content_start, heading.content_end, b" " * is_bare + text)
    return edit, _read_with(document, source, section, edit)


def _read_with(document: Document, source: bytes, section: Section, edit: TextEdit) -> Section:
    """The section after the edit. Raises UnsafeEdit where its text would be read otherwise."""
    after = applied(source, [edit])
    prose = read_prose(document.path, after)
    now = next((one for one in sections_of(prose, document.dialect) if one.start == section.start), None)
    text = edit.text.strip()
    # A `{#id}` at the end is an id and no text.
    if now is None or now.heading.level != section.heading.level or not text.startswith(_content(after, now)):
        title = text.decode("utf-8", "replace")
        raise UnsafeEdit(f"{title!r} would not be read as the text of the heading at {document.path}:{section.heading.line}")
    if now.heading.id is None and _content(after, now) != text:
        raise UnsafeEdit(
            f"{text.decode('utf-8', 'replace')!r} would be read as {now.heading.text!r}; put a backslash before what is cut off"
        )
    return now


def _content(source: bytes, section: Section) -> bytes:
    return source[section.heading.content_start : section.heading.content_end]
