"""Why a step of a pipeline runs again: the first input in which it differs from the newest earlier run.

The key of an answer is its content: the request as it was asked, the bytes of the tree, and the build of clew. Times are no part of it,
and neither are comments, blank lines and the order of keys in the file of the pipeline.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from clew._native import BUILD
from clew.index.rows import ASSET, CODE, TEXT
from clew.operations import operation, verb
from clew.pipelines.references import PARAMS, found_in
from clew.pipelines.runs import Run, checkout_of, earlier_runs
from clew.recording.record import RUNS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clew.pipelines.engine import Outcome
    from clew.pipelines.model import Checked, Pipeline, StepSpec
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

Because = dict[str, Any]
"""`input` is the first that differs, `was` and `now` are its values; or `why`, where a step runs whatever its inputs are."""
SHOWN_OF_A_DIGEST = 12
_ITEM = re.compile(r"\[\d+\]")


def explain(workspace: Workspace, sessions: Sessions, checked: Checked) -> Earlier:
    """The newest earlier run of a pipeline in this checkout, to compare with."""
    here = checkout_of(workspace.state)
    session = next((run for run in earlier_runs(sessions, checked.pipeline.name) if run.metadata.get("checkout") == here), None)
    return Earlier(workspace, sessions, checked, None if session is None else Run(sessions, session, 0))


class Earlier:
    """An earlier run; `run` is None where there was none."""

    def __init__(self, workspace: Workspace, sessions: Sessions, checked: Checked, run: Run | None) -> None:
        self._workspace = workspace
        self._sessions = sessions
        self._steps = dict(_steps_of(checked.pipeline))
        self._run = run
        self._tree = {} if run is None or run.first is None else sessions.depends_of(run.first)

    def of(self, current: Run, params: Mapping[str, Any]) -> Callable[[Outcome, Step | None], None]:
        """What says in every outcome of the current run why its step is not given an answer that is there."""

        def because(outcome: Outcome, step: Step | None) -> None:
            if outcome.state in {"kept", "reused"}:
                return
            found = self._because(outcome, step, current, params)
            outcome.because = found or None

        return because

    def _because(self, outcome: Outcome, step: Step | None, current: Run, params: Mapping[str, Any]) -> Because:
        position = outcome.position
        if self._run is None:
            return {"input": "run", "why": "it is the first one here"}
        recorded = self._run.kept.get(position)
        was = None if recorded is None else recorded[0]
        if outcome.state == "skipped":
            return {"input": "when", "was": True, "now": False} if was is not None else {}
        if was is None:
            return self._new(position)
        if was.operation != outcome.op:
            return {"input": "op", "was": was.operation, "now": outcome.op}
        if step is None:
            return self._waiting(outcome, position, was, params)
        before, now = _fields(was, self._run.name), _fields(step, current.name)
        differing = self._field(position, before, now, params)
        if differing is not None:
            return differing
        tool = was.details.tool if was.details else ""
        if tool != BUILD:
            return {"input": "clew", "was": tool[:SHOWN_OF_A_DIGEST], "now": BUILD[:SHOWN_OF_A_DIGEST]}
        return self._file(was) or _always(outcome.op)

    def _new(self, position: str) -> Because:
        """Why there is no earlier answer at a position."""
        assert self._run is not None  # noqa: S101 - its caller looked
        plain, numbered, _ = position.rpartition("[")
        if numbered and position.endswith("]"):
            earlier = sum(other.rpartition("[")[0] == plain for other in self._run.kept)
            if earlier:
                return {"input": "for_each", "was": earlier, "now": f"more than {earlier}"}
        if self._run.is_done:
            spec = next((one for one in _listed(self._run.description.pipeline) if one == _ITEM.sub("", position)), None)
            return {"input": "when", "was": False, "now": True} if spec is not None else {"input": "step", "now": position}
        return {"input": "run", "why": f"{self._run.name} did not get there"}

    def _waiting(self, outcome: Outcome, position: str, was: Step, params: Mapping[str, Any]) -> Because:
        """Why a step that was not asked would run: what is written of it, else that it does so in every run."""
        spec = self._steps.get(_ITEM.sub("", position))
        assert self._run is not None  # noqa: S101 - its caller looked
        if spec is not None:
            earlier = self._run.description.params
            for field, value in spec.fields.items():
                changed = _changed_parameter(value, earlier, params)
                if changed is not None:
                    return {"input": f"{PARAMS}.{changed}", "was": earlier.get(changed), "now": params.get(changed)}
                before = _fields(was, self._run.name).get(field)
                if before is not None and not any(found_in(value)) and before != (now := msgspec.to_builtins(value)):
                    return {"input": field, "was": before, "now": now}
        return _always(outcome.op)

    def _field(self, position: str, before: dict[str, Any], now: dict[str, Any], params: Mapping[str, Any]) -> Because | None:
        """The first field of a request that differs, or the parameter that it comes from."""
        assert self._run is not None  # noqa: S101 - its caller looked
        spec = self._steps.get(_ITEM.sub("", position))
        for name in [*now, *(name for name in before if name not in now)]:
            if before.get(name) == now.get(name):
                continue
            written = None if spec is None else spec.fields.get(_snake(name))
            changed = _changed_parameter(written, self._run.description.params, params)
            if changed is not None:
                return {"input": f"{PARAMS}.{changed}", "was": self._run.description.params.get(changed), "now": params.get(changed)}
            return {"input": name, "was": _short(before.get(name)), "now": _short(now.get(name))}
        return None

    def _file(self, was: Step) -> Because | None:
        """The first file that differs: of those that the answer was read from, then of all others."""
        generation = self._workspace.generation
        here = {entry.path: entry.digest for entry in generation.files(CODE | TEXT | ASSET)}
        if was.details is not None and was.details.manifest == generation.manifest_digest():
            return None
        behind = self._sessions.depends_of(was)
        for known in (behind, self._tree):
            for path in sorted(known):
                if here.get(path) != known[path]:
                    return {"input": path, "was": known[path][:SHOWN_OF_A_DIGEST], "now": here.get(path, "gone")[:SHOWN_OF_A_DIGEST]}
        added = next((path for path in sorted(here) if self._tree and path not in self._tree), None)
        return None if added is None else {"input": added, "was": "not there", "now": here[added][:SHOWN_OF_A_DIGEST]}


def _steps_of(pipeline: Pipeline, prefix: str = "") -> list[tuple[str, StepSpec]]:
    """The steps of a pipeline and of those inside it, by their positions without numbers."""
    found: list[tuple[str, StepSpec]] = []
    for step in pipeline.steps:
        found.append((f"{prefix}{step.id}", step))
        if step.pipeline is not None:
            found += _steps_of(step.pipeline, f"{prefix}{step.id}.")
    return found


def _listed(pipeline: dict[str, Any], prefix: str = "") -> list[str]:
    """The positions of the steps of a recorded pipeline."""
    found: list[str] = []
    for step in pipeline.get("steps", ()):
        found.append(f"{prefix}{step['id']}")
        if step.get("pipeline"):
            found += _listed(step["pipeline"], f"{prefix}{step['id']}.")
    return found


def _fields(step: Step, run: str) -> dict[str, Any]:
    """The fields of a recorded request; a step of the run itself is called by its number alone."""
    text = (step.request or b"{}").replace(f"{run}#".encode(), b"#")
    fields: dict[str, Any] = msgspec.json.decode(text)
    return fields


def _always(op: str) -> Because:
    """Why a step runs whose inputs are all the same."""
    if op in RUNS:
        return {"why": "a command runs in every run"}
    request = verb(operation(op)).request
    if request.acts:
        return {"why": "what writes happens in every run"}
    return {} if request.cacheable else {"why": "an edit is planned anew in every run"}


def _changed_parameter(value: object, before: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """The first parameter that a value refers to and that differs."""
    for reference in found_in(value):
        name = str(reference.path[0]) if reference.root == PARAMS and reference.path else None
        if name is not None and before.get(name) != now.get(name):
            return name
    return None


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _short(value: object) -> object:
    """A value as it is shown: a target by its text."""
    if isinstance(value, list):
        return [_short(one) for one in value]
    return value["text"] if isinstance(value, dict) and "text" in value else value
