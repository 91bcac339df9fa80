"""A pipeline made of recorded steps: those of a session, or of a bundle that somebody else exported."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import msgspec

from clew.errors import InvalidPipeline
from clew.operations import OPERATIONS
from clew.pipelines.model import LONGEST_NAME, Source
from clew.pipelines.places import Place
from clew.sessions.context import standing
from clew.sessions.redaction import is_redacted
from clew.sessions.steps import MAIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew.pipelines.model import Origin
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step

_NAMES = frozenset(row.name for row in OPERATIONS)
_STEP = re.compile(r"(.+)#(\d+)\Z")


def of_session(sessions: Sessions, ref: str) -> Source:
    """The pipeline that does again what led to a step, or to the tip of a session, without what was undone.

    Raises SessionNotFound, InvalidPipeline.
    """
    step = sessions.read_step(ref)
    return _source(ref, standing(sessions.store.steps(step.session_id), step), "learned")


def of_bundle(path: str, shown: str) -> Source:
    """The pipeline that does again what led to the tip of the session in a bundle, without what was undone.

    Raises InvalidRequest for a file that is no bundle, InvalidPipeline.
    """
    from clew.sessions.appending import Quotas  # only who brings a bundle pays
    from clew.sessions.bundles import read_bundle  # likewise

    _, steps, _ = read_bundle(path, Quotas())
    tip = max((step for step in steps if step.branch == MAIN), key=lambda step: step.seq, default=None)
    return _source(shown, [] if tip is None else standing(steps, tip), "bundle")


def _source(shown: str, steps: Sequence[Step], origin: Origin) -> Source:
    done = [step for step in steps if _can_be_done_again(step)]
    listed = [_step(step, {earlier.seq for earlier in done[:at]}) for at, step in enumerate(done)]
    if not listed:
        raise InvalidPipeline(f"{shown} has no steps that could be done again")
    stem = os.path.splitext(os.path.basename(shown))[0] if origin == "bundle" else shown
    name = re.sub(r"[^\w.-]+", "-", stem, flags=re.ASCII).strip("-.") or "steps"
    data = {"name": (name if name[0].isalpha() else f"steps-{name}")[:LONGEST_NAME], "origin": origin, "steps": listed}
    return Source(shown, "", data, {(): Place(1, 1)}, origin)


def _can_be_done_again(step: Step) -> bool:
    """True for a request of the registry of which nothing was redacted."""
    return step.operation in _NAMES and step.request is not None and not is_redacted(step)


def _step(step: Step, before: set[int]) -> dict[str, Any]:
    """A recorded step as one of a pipeline; `before` are the numbers of those that are done before it there."""
    fields = _escaped(msgspec.json.decode(step.request or b"{}", type=dict[str, Any]))
    fields["targets"] = [target["text"] if isinstance(target, dict) else target for target in fields.get("targets", ())]
    fields["step"] = [_reference(text, step, before) for text in fields.get("step", ())]
    stored = {"store_as": step.store_as} if step.store_as not in {None, step.operation} else {}
    return {"id": f"s{step.seq}", **{name: value for name, value in fields.items() if value != []}, **stored}


def _escaped(value: Any) -> Any:  # noqa: ANN401 - plain values
    """A recorded value in which no text reads as a reference."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [_escaped(one) for one in value]
    return {key: _escaped(one) for key, one in value.items()} if isinstance(value, dict) else value


def _reference(text: str, step: Step, before: set[int]) -> str:
    """The address of an earlier step of the same pipeline as a reference to it; any other as it is."""
    found = _STEP.match(text)
    is_own = found is not None and found[1] in {step.session_name, step.session_id}
    return f"${{s{found[2]}.step}}" if found is not None and is_own and int(found[2]) in before else text
