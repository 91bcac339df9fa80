"""Acts on whole sessions: copy, delete, gc, export, import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.running.acts.base import Act, Acting, plain_fields

if TYPE_CHECKING:
    from clew.running.replies import Reply


class SessionsCopy(Act, frozen=True, kw_only=True, tag="sessions copy"):
    """Copy a session, with new tokens."""

    session: str
    """A name, id, token or step."""
    name: str
    """The name of the copy."""


class SessionsDelete(Act, frozen=True, kw_only=True, tag="sessions delete"):
    """Take a session away with all its steps."""

    session: str
    """A name, id, token or step; it may be live, pinned or expired."""


class SessionsGc(Act, frozen=True, kw_only=True, tag="sessions gc"):
    """Take away what was kept long enough, and give its space back."""


class SessionsExport(Act, frozen=True, kw_only=True, tag="sessions export"):
    """Write a session to a bundle."""

    session: str
    """A name, id, token or step."""
    file: str
    """The bundle to write."""


class SessionsImport(Act, frozen=True, kw_only=True, tag="sessions import"):
    """Take a bundle in, verified whole first."""

    file: str
    """The bundle."""
    name: str | None = None
    """Another name than its own."""


def sessions_copy(acting: Acting, request: SessionsCopy) -> Reply:
    """The copy, and the token that continues it where it has steps."""
    from clew.sessions.copying import copy_session  # only who asks pays

    copy, step = copy_session(acting.sessions, request.session, request.name)
    token = {"continuationToken": step.token} if step else {}
    return {"operation": "copy", **token, "session": acting.sessions.summary(copy, step)}


def sessions_delete(acting: Acting, request: SessionsDelete) -> Reply:
    """The id and name of the session that is gone, and how many steps it had."""
    from clew.sessions.acts import delete  # only who asks pays

    gone = delete(acting.sessions, request.session)
    return {"operation": "delete", "sessionId": gone.session_id, **({"sessionName": gone.name} if gone.name else {}), "steps": gone.head}


def sessions_gc(acting: Acting, _: SessionsGc) -> Reply:
    """The number of sessions and bytes that are gone."""
    from clew.sessions.retention import collect  # only who asks pays

    return {"operation": "gc", **plain_fields(collect(acting.sessions.store, acting.sessions.clock()))}


def sessions_export(acting: Acting, request: SessionsExport) -> Reply:
    """The summary of the bundle that was written."""
    from clew.sessions.bundles import export_bundle  # zipfile: only who asks pays

    return {"operation": "export", **plain_fields(export_bundle(acting.sessions, request.session, request.file))}


def sessions_import(acting: Acting, request: SessionsImport) -> Reply:
    """The summary of the bundle that was read."""
    from clew.sessions.bundles import import_bundle  # zipfile: only who asks pays

    return {"operation": "import", **plain_fields(import_bundle(acting.sessions, request.file, name=request.name))}
