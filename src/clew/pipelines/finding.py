"""The pipeline that a caller means: a name, a file, a bundle, or the steps that led to a step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clew.errors import InvalidRequest, NotFound, PipelineNotFound
from clew.pipelines import reading
from clew.pipelines.checking import checked
from clew.workspace import find_root, known_state

if TYPE_CHECKING:
    from clew.pipelines.model import Checked
    from clew.running.acts.base import Door


def called(door: Door, text: str) -> Checked:
    """The pipeline of a name or a file, of a bundle, or of the steps that led to a step; checked.

    Raises PipelineNotFound, InvalidPipeline.
    """
    root = find_root(door.root)
    try:
        path = reading.located(text, root)
    except PipelineNotFound as error:
        if known_state(root) is None and not door.environ.get("CLEW_STORE"):
            raise
        from clew.pipelines.learning import of_session  # only who means a session pays
        from clew.pipelines.rehearsal import rehearsed  # likewise

        try:
            with rehearsed(door, text) as (_, sessions):
                return checked(of_session(sessions, text), root)
        except (NotFound, InvalidRequest):
            raise error from None
    if _is_bundle(path):
        from clew.pipelines.learning import of_bundle  # only who brings a bundle pays

        return checked(of_bundle(path, text), root)
    return checked(reading.read(path, root), root)


def _is_bundle(path: str) -> bool:
    """True for a bundle."""
    with open(path, "rb") as stream:
        return stream.read(4) == b"PK\x03\x04"
