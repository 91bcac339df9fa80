"""Acts that show pipelines and run nothing: list, show, check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from clew.errors import InvalidPipeline
from clew.operations import operation, verb
from clew.pipelines import reading
from clew.pipelines.checking import load
from clew.pipelines.checking_steps import edits
from clew.pipelines.finding import called
from clew.requests import RECORDINGS
from clew.running.acts.base import Act, Door
from clew.workspace import find_root

if TYPE_CHECKING:
    from clew.pipelines.model import Param, Pipeline, StepSpec
    from clew.running.replies import Reply


class PipelinesList(Act, frozen=True, kw_only=True, tag="pipelines list"):
    """List the pipelines that have a name."""


class PipelinesShow(Act, frozen=True, kw_only=True, tag="pipelines show"):
    """Show the parameters and the steps of a pipeline."""

    pipeline: str
    """The name of a pipeline, its file (TOML, JSON, YAML), a bundle, or a step of a session."""


class PipelinesCheck(Act, frozen=True, kw_only=True, tag="pipelines check"):
    """Check a pipeline, and print every problem with its line and column."""

    pipeline: str
    """The name of a pipeline, its file (TOML, JSON, YAML), a bundle, or a step of a session."""


def pipelines_list(door: Door, _: PipelinesList) -> Reply:
    """A row for each pipeline that has a name; one that is wrong has its problem."""
    root = find_root(door.root)
    rows = []
    for n, (name, path) in enumerate(sorted(reading.known(root).items()), 1):
        row: dict[str, Any] = {"n": n, "name": name}
        try:
            pipeline = load(name, root).pipeline
            row.update(about=pipeline.about, steps=len(pipeline.steps), params=[_param(param) for param in pipeline.params])
        except InvalidPipeline as error:
            row["problem"] = error.message
        if path.startswith(reading.SHIPPED):
            row["shipped"] = True
        elif reading.hides_shipped(path):
            row["hides"] = "shipped"
        rows.append({key: value for key, value in row.items() if value not in ("", [], None)})
    return {"operation": "pipelines list", "total": len(rows), "shown": len(rows), "results": rows}


def _param(param: Param) -> str:
    return f"{param.name}: {param.type}" + ("" if param.needed else f" = {msgspec.json.encode(param.default).decode()}")


def pipelines_show(door: Door, request: PipelinesShow) -> Reply:
    """The parameters and steps of a pipeline. Raises InvalidPipeline."""
    checked = called(door, request.pipeline)
    pipeline, rows = checked.pipeline, planned(checked.pipeline)
    return {
        "operation": "pipelines show",
        "name": pipeline.name,
        **({"about": pipeline.about} if pipeline.about else {}),
        "file": checked.source.file,
        **({"origin": pipeline.origin} if pipeline.origin else {}),
        "params": [_param(param) for param in pipeline.params],
        "total": len(rows),
        "shown": len(rows),
        "results": rows,
    }


def pipelines_check(door: Door, request: PipelinesCheck) -> Reply:
    """Every problem of a pipeline, by its place; with one it has `failed`. Raises PipelineNotFound."""
    try:
        checked = called(door, request.pipeline)
    except InvalidPipeline as error:
        problems = [msgspec.to_builtins(problem) for problem in error.found] or [{"message": error.message}]
        rows = [{"n": n, **problem} for n, problem in enumerate(problems, 1)]
        return {"operation": "pipelines check", "failed": True, "total": len(rows), "shown": len(rows), "results": rows}
    return {
        "operation": "pipelines check", "name": checked.pipeline.name, "steps": len(planned(checked.pipeline)),
        "total": 0, "shown": 0, "results": [],
    }  # fmt: skip


def planned(pipeline: Pipeline, prefix: str = "") -> list[dict[str, Any]]:
    """A row for each step as it is written, those of pipelines inside it included."""
    rows: list[dict[str, Any]] = []
    for step in pipeline.steps:
        position = f"{prefix}{step.id}" + ("[…]" if step.for_each is not None else "")
        rows.append({"id": position, "op": step.op or "pipeline", "does": does(step), **written(step)})
        if step.pipeline is not None:
            rows += planned(step.pipeline, f"{position}.")
    return [{"n": n, **{name: value for name, value in row.items() if name != "n"}} for n, row in enumerate(rows, 1)]


def does(step: StepSpec) -> str:
    """The effect of a step on the world: reads, plans, writes, runs a command, or what its pipeline does."""
    if step.pipeline is not None:
        return "pipeline"
    if step.op in RECORDINGS:
        return "runs"
    row = operation(step.op)
    return "writes" if verb(row).request.acts else "plans" if edits(row) else "reads"


AS_WRITTEN = {
    "fields": "with",
    "when": "when",
    "for_each": "forEach",
    "parallel": "parallel",
    "on_error": "onError",
    "store_as": "storeAs",
    "input_from": "inputFrom",
}
"""Fields of a step, and what they are called in a reply."""


def written(step: StepSpec) -> dict[str, Any]:
    """The fields of a step as they are written."""
    fields: dict[str, Any] = msgspec.to_builtins(step)
    return {called: fields[name] for name, called in AS_WRITTEN.items() if fields.get(name)}
