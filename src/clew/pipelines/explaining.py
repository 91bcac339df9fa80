"""The reason why a step of a pipeline runs again: the first input in which it differs from the newest earlier run.

The key of an answer is its content: the request as it was asked, the bytes of the tree, and the build of clew. Times are no part of it,
and neither are comments, blank lines and the order of keys in the file of the pipeline.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clew._native import BUILD
from clew.index.rows import ASSET, CODE, TEXT
from clew.operations import operation, verb
from clew.pipelines.own_files import OwnFiles
from clew.pipelines.references import PARAMS, found_in
from clew.pipelines.runs import Run, checkout_of, earlier_runs, is_run_of
from clew.requests import RECORDINGS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from clew.pipelines.model import Checked, Pipeline, StepSpec
    from clew.pipelines.outcomes import Outcome
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

Because = dict[str, Any]
"""`input` is the first that differs, `was` and `now` are its values; or `why`, where a step runs whatever its inputs are."""
COMPARED = 8
"""Runs that are looked through, at most."""
SHOWN_OF_A_DIGEST = 12
_ITEM = re.compile(r"\[\d+\]")


def explain(workspace: Workspace, sessions: Sessions, checked: Checked) -> Earlier:
    """The earlier runs of a pipeline in this checkout, to compare with."""
    here = checkout_of(workspace.state)
    found = [run for run in earlier_runs(sessions, checked.pipeline.name) if is_run_of(run, checked, here)]
    return Earlier(workspace, sessions, checked, [Run(sessions, session, 0) for session in found[:COMPARED]])


class Earlier:
    """Earlier runs, newest first. A step is compared with the newest of them that got to it."""

    def __init__(self, workspace: Workspace, sessions: Sessions, checked: Checked, runs: list[Run]) -> None:
        self._workspace = workspace
        self._sessions = sessions
        self._steps = dict(_steps_of(checked.pipeline))
        self._runs = runs
        self._own = OwnFiles(workspace, sessions, checked)

    def of(self, current: Run, params: Mapping[str, Any]) -> Callable[[Outcome, Step | None], None]:
        """A function that says in every outcome of the current run why its step is not given an answer that is there."""

        def because(outcome: Outcome, step: Step | None) -> None:
            if outcome.state not in {"kept", "reused"}:
                outcome.because = self._because(outcome, step, current, params) or None

        return because

    def _because(self, outcome: Outcome, step: Step | None, current: Run, params: Mapping[str, Any]) -> Because:
        position = outcome.position
        run = next((run for run in self._runs if position in run.kept), None)
        if outcome.state == "skipped":
            return {} if run is None else {"input": "when", "was": True, "now": False}
        if run is None:
            return self._new(position)
        was = run.kept[position][0]
        if was.operation != outcome.op:
            return {"input": "op", "was": was.operation, "now": outcome.op}
        if step is None:
            return self._waiting(outcome, run, params)
        compared = _Compared(run, self._steps.get(_ITEM.sub("", position)), _fields(was, run.name), params)
        tool = was.details.tool if was.details else ""
        version = {"input": "clew", "was": tool[:SHOWN_OF_A_DIGEST], "now": BUILD[:SHOWN_OF_A_DIGEST]} if tool != BUILD else None
        return compared.with_request(_fields(step, current.name)) or version or self._file(run, was) or _always(outcome.op)

    def _new(self, position: str) -> Because:
        """The reason why no earlier run has an answer at a position."""
        if not self._runs:
            return {"input": "run", "why": "it is the first one here"}
        plain, _, number = position.rpartition("[")
        earlier = max((sum(other.rpartition("[")[0] == plain for other in run.kept) for run in self._runs), default=0)
        if plain and number.endswith("]") and earlier:
            return {"input": "for_each", "was": earlier, "now": f"more than {earlier}"}
        newest = self._runs[0]
        if not newest.is_done:
            return {"input": "run", "why": f"{newest.name} did not get there"}
        spec = _listed(newest.description.pipeline).get(_ITEM.sub("", position))
        if spec is not None and (spec.get("when", True) is True or spec.get("on_error") == "continue"):
            return {"input": "run", "why": f"{newest.name} has no answer of it"}
        if spec is not None:
            return {"input": "when", "was": False, "now": True}
        return {"input": "step", "now": position}

    def _waiting(self, outcome: Outcome, run: Run, params: Mapping[str, Any]) -> Because:
        """The reason why a step that was not asked would run: what is written of it, else that it does so in every run."""
        spec = self._steps.get(_ITEM.sub("", outcome.position))
        compared = _Compared(run, spec, _fields(run.kept[outcome.position][0], run.name), params)
        return compared.with_what_is_written() or _always(outcome.op)

    def _file(self, run: Run, was: Step) -> Because | None:
        """The first file that differs: of those that the answer was read from, then of all others."""
        generation = self._workspace.generation
        here = self._own.without({entry.path: entry.digest for entry in generation.files(CODE | TEXT | ASSET)})
        if was.details is not None and was.details.manifest == generation.manifest_digest():
            return None
        tree = {} if run.first is None else self._own.without(self._sessions.depends_of(run.first))
        for known in (self._own.without(self._sessions.depends_of(was)), tree):
            for path in sorted(known):
                if here.get(path) != known[path]:
                    return {"input": path, "was": known[path][:SHOWN_OF_A_DIGEST], "now": here.get(path, "gone")[:SHOWN_OF_A_DIGEST]}
        added = next((path for path in sorted(here) if tree and path not in tree), None)
        return None if added is None else {"input": added, "was": "not there", "now": here[added][:SHOWN_OF_A_DIGEST]}


class _Compared(NamedTuple):
    """A recorded request, and the step as it is written now."""

    run: Run
    spec: StepSpec | None
    before: dict[str, Any]
    params: Mapping[str, Any]

    def with_request(self, now: dict[str, Any]) -> Because | None:
        """The first field that differs from another request, or the parameter that it comes from."""
        for name in [*now, *(name for name in self.before if name not in now)]:
            if self.before.get(name) != now.get(name):
                written = None if self.spec is None else self.spec.fields.get(_snake(name))
                return self._parameter(written) or {"input": name, "was": _short(self.before.get(name)), "now": _short(now.get(name))}
        return None

    def with_what_is_written(self) -> Because | None:
        """The first field that differs, as far as that can be seen before it is asked."""
        for name, value in ({} if self.spec is None else self.spec.fields).items():
            differs = self._parameter(value)
            if differs is not None:
                return differs
            if name in self.before and not found_in(value) and self.before[name] not in (value, [value]):
                return {"input": name, "was": self.before[name], "now": value}
        return None

    def _parameter(self, value: object) -> Because | None:
        """The first parameter that a value refers to and that differs."""
        earlier = self.run.description.params
        for reference in found_in(value):
            name = str(reference.path[0]) if reference.root == PARAMS and reference.path else ""
            if name and earlier.get(name) != self.params.get(name):
                return {"input": f"{PARAMS}.{name}", "was": earlier.get(name), "now": self.params.get(name)}
        return None


def _steps_of(pipeline: Pipeline, prefix: str = "") -> list[tuple[str, StepSpec]]:
    """The steps of a pipeline and of those inside it, by their positions without numbers."""
    found: list[tuple[str, StepSpec]] = []
    for step in pipeline.steps:
        found.append((f"{prefix}{step.id}", step))
        if step.pipeline is not None:
            found += _steps_of(step.pipeline, f"{prefix}{step.id}.")
    return found


def _listed(pipeline: dict[str, Any], prefix: str = "") -> dict[str, dict[str, Any]]:
    """The steps of a recorded pipeline by their positions."""
    found: dict[str, dict[str, Any]] = {}
    for step in pipeline.get("steps", ()):
        found[f"{prefix}{step['id']}"] = step
        if step.get("pipeline"):
            found |= _listed(step["pipeline"], f"{prefix}{step['id']}.")
    return found


def _fields(step: Step, run: str) -> dict[str, Any]:
    """The fields of a recorded request; a step of the run itself is called by its number alone."""
    text = (step.request or b"{}").replace(f"{run}#".encode(), b"#")
    fields: dict[str, Any] = msgspec.json.decode(text)
    return fields


def _always(op: str) -> Because:
    """The reason why a step runs whose inputs are all the same."""
    if op in RECORDINGS:
        return {"why": "a command runs in every run"}
    request = verb(operation(op)).request
    if request.acts:
        return {"why": "what writes happens in every run"}
    return {} if request.cacheable else {"why": "an edit is planned anew in every run"}


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _short(value: object) -> object:
    """A value as it is shown: a target by its text."""
    if isinstance(value, list):
        return [_short(one) for one in value]
    return value["text"] if isinstance(value, dict) and "text" in value else value
