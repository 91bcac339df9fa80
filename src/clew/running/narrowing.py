"""The flags that narrow a question or its answer, checked: folders that are there, kinds that exist, the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from clew._native import DEFINITION_KINDS
from clew.errors import UsageError
from clew.running.calls import Page, cursor
from clew.running.fitting import DEFAULT_BYTES, checked_budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.requests import Request, Result
    from clew.running.calls import Asked
    from clew.workspace import Workspace

_FILE = "file"
"""A row of a search can be a file."""


def narrowed(workspace: Workspace, request: Request) -> Request:
    """The request with root-relative folders and files, so that it means the same from everywhere.

    Raises NoSuchFile for one that is not there and UsageError for a kind that is none, both with near names.
    """
    for kind in getattr(request, "kind", ()):
        if kind not in DEFINITION_KINDS and kind != _FILE:
            from clew.near import near  # only who errs pays

            raise UsageError(
                f"{kind!r} is no kind of definition: {', '.join(DEFINITION_KINDS)}", given=kind, candidates=near(kind, DEFINITION_KINDS)
            )
    if getattr(request, "depth", None) == 0:
        raise UsageError("--depth takes a whole number of 1 or more, not 0", given="0", candidates=("1",))
    typed: tuple[str, ...] = getattr(request, "dir", ())
    if not all(folder.strip() for folder in typed):
        raise UsageError("--dir takes a folder, not an empty word", given="", candidates=(".",))
    folders = tuple(workspace.resolve_folder(folder) for folder in typed)
    request = request if folders == typed else replace(request, dir=folders)
    named: tuple[str, ...] = getattr(request, "also", ())
    files = tuple(workspace.resolve_path(file) for file in named)
    return request if files == named else replace(request, also=files)


def check_fields(result: type[Result], fields: tuple[str, ...]) -> None:
    """Refuse fields that no row of a result has, with near names. Raises UsageError."""
    if not fields:
        return
    from typing import get_args, get_type_hints  # only who names fields pays

    hint = get_type_hints(result).get("results")
    known: tuple[str, ...] = get_args(hint)[0].__struct_encode_fields__ if hint is not None else ()
    for field in fields:
        if field not in known:
            from clew.near import near  # only who errs pays

            said = f"--fields takes {', '.join(known)}, not {field!r}" if known else "the answer has no rows that could have fields"
            raise UsageError(said, given=field, candidates=near(field, known))


def sized(asked: Asked) -> Asked:
    """An operation with the page that its flags mean: `--summary` one without rows, `--bytes` and `--budget` of a slice one size."""
    if asked.request.bytes_of_reply is not None and asked.page.budget is None:
        asked = replace(asked, page=replace(asked.page, budget=asked.request.bytes_of_reply))
    if getattr(asked.request, "summary", False) and asked.page.limit is None and not asked.page.offsets:
        return replace(asked, page=replace(asked.page, without_rows=True))
    if "bytes" not in asked.request.__struct_fields__:
        return asked
    given: int | None = getattr(asked.request, "bytes", None)
    if asked.page.limit is None:
        asked = replace(asked, page=replace(asked.page, limit=0, budget=asked.page.budget or given or DEFAULT_BYTES))
    if given is None:
        return replace(asked, request=replace(asked.request, bytes=asked.page.budget)) if asked.page.budget else asked
    checked_budget(given, "--bytes")
    return replace(asked, page=replace(asked.page, budget=given)) if asked.page.budget is None and given else asked


def page_of(own: Mapping[str, Any]) -> Page:
    """The page that `--limit`, `--after`, `--budget` and `--fields` mean."""
    step, offsets = cursor(own["after"]) if own.get("after") else (None, ())
    fields = tuple(field.strip() for field in own["fields"].split(",")) if own.get("fields") else ()
    return Page(limit=own.get("limit"), step=step, offsets=offsets, budget=checked_budget(own.get("budget")), fields=fields)
