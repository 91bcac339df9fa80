"""A pipeline that changed in the middle of a run: which recorded steps still stand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from clew.pipelines.model import digest_of, meaning
from clew.pipelines.references import PARAMS, found_in

if TYPE_CHECKING:
    from clew.pipelines.model import Checked
    from clew.pipelines.runs import Run

_NUMBER = re.compile(r"\[\d+\]")


def standing(run: Run, checked: Checked) -> tuple[tuple[str, ...], str]:
    """The positions of recorded steps that stand, and the first thing that differs.

    What comes before the first step that differs, or that a parameter is put into which does, stands, and nothing behind it: a step
    works on what those before it left, in the session and in the tree.
    """
    before, now = run.description.pipeline, meaning(checked.pipeline)
    path = first_difference(before, now)
    was, steps = before.get("steps", []), now["steps"]
    had, has = before.get("params", {}), now["params"]
    other = {name for name in {*had, *has} if had.get(name) != has.get(name)}
    same = 0
    while same < min(len(was), len(steps)) and digest_of(was[same]) == digest_of(steps[same]) and not _uses(steps[same], other):
        same += 1
    ids = {step["id"] for step in steps[:same]}
    stands = tuple(position for position in (*run.kept, *sorted(run.by_hand)) if _NUMBER.sub("", position).partition(".")[0] in ids)
    return stands, path


def _uses(step: dict[str, Any], names: set[str]) -> bool:
    """True for a step that one of these parameters is put into."""
    own = {**step, "pipeline": None}  # what is inside of it has parameters of its own
    return any(found.root == PARAMS and not names.isdisjoint(map(str, found.path[:1])) for found in found_in(own))


def first_difference(before: Any, now: Any, path: str = "") -> str:  # noqa: ANN401 - plain values
    """The way to the first value that differs, such as `steps.find.terms`; steps are called by their ids."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in [*now, *(key for key in before if key not in now)]:
            if before.get(key) != now.get(key):
                return first_difference(before.get(key), now.get(key), f"{path}.{key}" if path else key)
    if isinstance(before, list) and isinstance(now, list):
        for at, (was, is_) in enumerate(zip(before, now, strict=False)):
            if was != is_:
                named = next(
                    (str(one[name]) for one in (is_, was) if isinstance(one, dict) for name in ("id", "name") if name in one), f"[{at}]"
                )
                same = isinstance(was, dict) and isinstance(is_, dict) and was.get("id") == is_.get("id")
                return first_difference(was, is_, f"{path}.{named}") if same else f"{path}.{named}"
        longer = now if len(now) > len(before) else before
        extra = longer[min(len(now), len(before))]
        return f"{path}.{extra.get('id', '')}" if isinstance(extra, dict) else path
    return path
