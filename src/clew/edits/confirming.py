"""Confirmation of what a plan changes without proof: asked for once, bound to what is written, and used once.

What confirms is a random value. The journal keeps its hash with the digest of the plan, which covers the set of places, so any process
of this checkout can take it, and nobody can read it there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec

from clew.edits.disk import failure
from clew.edits.fix import to_write
from clew.edits.journal import Journal
from clew.errors import NeedsConfirmation

if TYPE_CHECKING:
    from clew.edits.fix import Fix
    from clew.workspace import Workspace

FOLDER = "confirmations"
LASTS = 600.0
"""Seconds for which a value can be used."""
MOST = 100
"""Values that wait to be used; the oldest make room."""
SHOWN = 5
LONGEST = 200


class Awaited(msgspec.Struct, frozen=True):
    """A value that was handed out and not used yet."""

    plan: str
    """The digest of the plan that it confirms."""
    until: float


def require_confirmed(workspace: Workspace, request: Fix, confirm: str | None) -> None:
    """Use up the confirmation of a plan with places that nothing proves; a plan without, or one that stands, needs none.

    Raises NeedsConfirmation with the first of the places and a new value, and what `fix` raises for a step that is no plan.
    """
    journal = Journal(workspace.state)
    plan_id, plan = to_write(workspace, journal, request)
    if not plan.unsure or journal.active(plan_id) is not None:
        return
    confirmations = Confirmations(journal)
    if confirm is not None and confirmations.use(confirm, plan_id):
        return
    first = [f"{place.path}:{place.line}:{place.column}" for place in plan.unsure[:SHOWN]]
    wrong = "" if confirm is None else "; this confirmation was used, is over or is of another plan"
    raise NeedsConfirmation(
        f"Of the places that it changes some are only possible: {len(plan.unsure)}{wrong}",
        unsure=len(plan.unsure),
        places=first,
        confirm=confirmations.ask(plan_id),
    )


class Confirmations:
    """The values that were handed out for plans of one journal."""

    def __init__(self, journal: Journal) -> None:
        self._folder = os.path.join(journal.folder, FOLDER)
        self._clock = journal.clock

    def ask(self, plan: str) -> str:
        """A new value that confirms a plan. Raises DiskFull and StoreUnavailable."""
        value = os.urandom(16).hex()
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            self._make_room()
            descriptor = os.open(self._path(value), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "wb") as stream:
                stream.write(msgspec.json.encode(Awaited(plan, self._clock() + LASTS)))
        except OSError as error:
            raise failure(error, "asking for a confirmation") from error
        return value

    def use(self, value: str, plan: str) -> bool:
        """Use up a confirmation; True if it confirms that plan now. It does so once, whoever else uses it at the same time."""
        if len(value) > LONGEST:
            return False
        path = self._path(value)
        awaited = _read(path)
        if awaited is None or awaited.plan != plan or awaited.until < self._clock():
            return False
        try:
            os.unlink(path)  # of several that are at it one succeeds
        except FileNotFoundError:
            return False
        return True

    def _path(self, value: str) -> str:
        from hashlib import sha256  # only who confirms pays

        return os.path.join(self._folder, sha256(value.encode("utf-8", "surrogatepass")).hexdigest())

    def _make_room(self) -> None:
        """Take away what is over, and the oldest where there are too many."""
        paths = [os.path.join(self._folder, name) for name in os.listdir(self._folder)]
        known = {path: awaited.until for path in paths if (awaited := _read(path)) is not None}
        live = sorted((until, path) for path, until in known.items() if until >= self._clock())
        kept = {path for _, path in live[-MOST + 1 :]}
        for path in paths:
            if path not in kept:
                with suppress(FileNotFoundError):
                    os.unlink(path)


def _read(path: str) -> Awaited | None:
    try:
        with open(path, "rb") as stream:
            return msgspec.json.decode(stream.read(), type=Awaited)
    except (FileNotFoundError, msgspec.DecodeError):
        return None
