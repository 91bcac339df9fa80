"""Acts about pipelines: run one, list, show and check them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clew.errors import ClewError, InvalidPipeline, InvalidRequest, PipelineChanged
from clew.pipelines import reading
from clew.pipelines.checking import load, value_of
from clew.recording.record import RUNS
from clew.running.acts.base import Act, Door
from clew.running.narrowing import page_of
from clew.running.replies import paged
from clew.workspace import find_root

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clew.pipelines.engine import Engine, Outcome
    from clew.pipelines.model import Checked, Pipeline, StepSpec
    from clew.pipelines.runs import Run as HeldRun
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace


class Run(Act, frozen=True, kw_only=True, tag="run"):
    """Run a pipeline; after a kill or a failure the same command goes on where it was."""

    pipeline: str
    """The name of a pipeline, or its file: TOML, JSON, or YAML."""
    param: tuple[str, ...] = ()
    """NAME=VALUE: a parameter."""
    plan: bool = False
    """Print the steps, and run nothing."""
    explain: bool = False
    """Say of every step whether it would run, and which input differs first; change nothing."""
    dry_run: bool = False
    """Answer the questions in a copy, and stop before what acts; change nothing."""
    restart: bool = False
    """Begin a new run, although one is not at its end."""
    go_on: bool = False
    """Go on although the pipeline changed since the run began; what still stands is kept."""
    again: tuple[str, ...] = ()
    """Run the command of this step once more, which was interrupted."""
    done: tuple[str, ...] = ()
    """Count this step as done, whose command was interrupted."""
    allow_commands: bool = False
    """Run the commands of a pipeline that came from a bundle or was learned from steps."""
    limit: int | None = None
    """At most so many rows; 0 is all, 20 otherwise."""
    budget: int | None = None
    """At most so many bytes; 0 is no bound, 8000 otherwise."""


class PipelinesList(Act, frozen=True, kw_only=True, tag="pipelines list"):
    """List the pipelines that have a name."""


class PipelinesShow(Act, frozen=True, kw_only=True, tag="pipelines show"):
    """Show the parameters and the steps of a pipeline."""

    pipeline: str
    """The name of a pipeline, or its file."""


class PipelinesCheck(Act, frozen=True, kw_only=True, tag="pipelines check"):
    """Check a pipeline, and print every problem with its line and column."""

    pipeline: str
    """The name of a pipeline, or its file."""


def run(door: Door, request: Run) -> Reply:
    """The steps of a run, and what became of each.

    Raises InvalidPipeline before anything runs, what a step raises, PipelineChanged, StepUnknown, RunBlocked and LeaseLost.
    """
    if sum((request.plan, request.explain, request.dry_run)) > 1:
        raise InvalidRequest("--plan, --explain and --dry-run are three ways to run nothing; give one of them")
    checked = load(request.pipeline, find_root(door.root))
    params = given(checked.pipeline, request.param)
    asked = _Asked(door, request, checked, params)
    if request.plan:
        return _reply(asked, planned(checked.pipeline), {"operation": "run", "plan": True})
    if request.explain or request.dry_run:
        return _tried(asked)
    from clew.pipelines.leases import held  # only who runs one pays
    from clew.running.opening import opened  # likewise

    with opened(door.root, door.environ, door.progress) as (workspace, sessions), held(workspace, sessions, checked.pipeline.name):
        current = _run_of(asked, workspace, sessions)
        if request.done:
            current.count_as_done(request.done)
        engine = _engine(asked, workspace, sessions, current)
        is_done = _gone(engine, params)
        reply = _reply(asked, told(engine.outcomes), _head(engine, is_done=is_done))
        door.tell(reply)  # killed before that, the same command tells it, and begins no other run
        if is_done:
            current.end()
        return reply


def _head(engine: Engine, *, is_done: bool) -> Reply:
    """The fields of a reply that say how a run stands, and the command that shows its last answer."""
    current, outcomes = engine.run, engine.outcomes
    newest = current.sessions.read_step(current.session_id)
    head: Reply = {"operation": "run", "step": newest.address, "run": current.name, "state": "done" if is_done else "stopped"}
    if not is_done or any(outcome.state == "failed" for outcome in outcomes):
        head["failed"] = True
    head.update(continuationToken=newest.token, session=current.sessions.summary(current.session_id, newest))
    last = next((outcome for outcome in reversed(outcomes) if outcome.step is not None), None)
    if last is not None:
        head["next"] = [f"clew show {last.step}{' --output' if last.op in RUNS and not is_done else ''}"]
    return head


def given(pipeline: Pipeline, typed: Sequence[str]) -> dict[str, Any]:
    """The parameters of a pipeline, from what was typed and from their defaults. Raises InvalidRequest with near names."""
    by_name = {param.name: param for param in pipeline.params}
    texts: dict[str, list[str]] = {}
    for word in typed:
        name, equals, text = word.partition("=")
        if not equals:
            raise InvalidRequest(f"--param takes NAME=VALUE, not {word!r}", given=word)
        if name not in by_name:
            from clew.near import near  # only who errs pays

            close = near(name, by_name)
            meant = f"; did you mean {close[0]!r}?" if close else ""
            raise InvalidRequest(
                f"{pipeline.name} has no parameter {name!r}{meant}", given=word, candidates=tuple(f"{right}={text}" for right in close)
            )
        texts.setdefault(name, []).append(text)
    found: dict[str, Any] = {}
    for param in pipeline.params:
        if param.name in texts:
            try:
                found[param.name] = value_of(param, texts[param.name])
            except ValueError as error:
                raise InvalidRequest(f"--param {error}") from None
        elif param.needed:
            needs = " ".join(f"--param {each.name}=…" for each in pipeline.params if each.needed)
            raise InvalidRequest(f"{pipeline.name} needs the parameter {param.name!r}", hint=f"clew run {pipeline.name} {needs}")
        else:
            found[param.name] = param.default
    return found


class _Asked(NamedTuple):
    """A pipeline that is to be run, and who asks."""

    door: Door
    request: Run
    checked: Checked
    params: dict[str, Any]


def _run_of(asked: _Asked, workspace: Workspace, sessions: Sessions) -> HeldRun:
    """The run that goes on, or a new one."""
    door, request, checked, params = asked
    from clew.pipelines import runs  # only who runs one pays

    session, number = runs.newest(sessions, checked.pipeline.name, params, runs.checkout_of(workspace.state))
    if session is None or request.restart or session.metadata.get(runs.STATE) == runs.DONE:
        return runs.started(sessions, workspace, checked, params, number=number, agent=door.agent)
    current = runs.resumed(sessions, session)
    if current.description.digest == checked.digest:
        return current
    from clew.pipelines.changes import standing  # only where it changed

    stands, first = standing(current, checked)
    if request.go_on:
        current.go_on(runs.draft_of(workspace, checked, params, agent=door.agent, stands=stands))
        return current
    kept = f"{len(stands)} of {len(current.kept)} recorded steps still stand"
    raise PipelineChanged(
        f"{checked.source.file} changed since {current.name} began, first {first}; {kept}",
        again=("--go-on",), run=current.name, stands=list(stands),
        standsNot=[position for position in current.kept if position not in stands], orElse="--restart",
    )  # fmt: skip


def _engine(asked: _Asked, workspace: Workspace, sessions: Sessions, current: HeldRun) -> Engine:
    from clew.pipelines.engine import Engine, Options  # only who runs one pays

    request = asked.request
    options = Options(
        again=frozenset(request.again),
        allow_commands=request.allow_commands,
        agent=asked.door.agent,
        rehearses=request.explain or request.dry_run,
    )
    return Engine(workspace, sessions, current, asked.checked, options)


def _gone(engine: Engine, params: Mapping[str, Any]) -> bool:
    """True when the run came to its end, False where a step stopped it. An error says what was done before."""
    from clew.pipelines.engine import Stopped  # loaded already

    try:
        engine.go(params)
    except Stopped as stopped:
        if getattr(stopped.answer.result, "rolled_back", None) and not engine.options.rehearses:
            engine.run.end()  # what was written was taken back: nothing can go on from there
        return False
    except ClewError as error:
        error.details.setdefault("run", engine.run.name)
        error.details.setdefault("completed", [outcome.step for outcome in engine.outcomes if outcome.step is not None])
        raise
    return True


def _tried(asked: _Asked) -> Reply:
    """The steps of a run that is tried in a copy."""
    door, request, checked, params = asked
    from clew.pipelines.explaining import explain  # only who asks pays
    from clew.pipelines.rehearsal import rehearsed  # likewise

    with rehearsed(door, checked.pipeline.name) as (workspace, sessions):
        earlier = None
        if request.explain:
            earlier = explain(workspace, sessions, checked)
        current = _run_of(asked, workspace, sessions)
        engine = _engine(asked, workspace, sessions, current)
        if earlier is not None:
            engine.explain = earlier.of(current, params)
        is_done = _gone(engine, params)
    head: Reply = {"operation": "run", "explain" if request.explain else "dryRun": True}
    if not is_done:
        head["failed"] = True
    return _reply(asked, told(engine.outcomes, tried=True), head)


def told(outcomes: Sequence[Outcome], *, tried: bool = False) -> list[dict[str, Any]]:
    """A row for each step. Addresses of a rehearsal lead nowhere, and are left out."""
    rows = []
    for n, outcome in enumerate(outcomes, 1):
        fields: dict[str, Any] = msgspec.to_builtins(outcome)
        row = {"n": n, "id": fields.pop("position"), **fields}
        if tried and outcome.state not in {"kept", "failed"}:
            row.pop("step", None)
        rows.append({name: value for name, value in row.items() if value not in (None, "")})
    return rows


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
    """What a step does to the world: reads, plans, writes, runs a command, or what its pipeline does."""
    from clew.operations import operation, verb  # loaded already
    from clew.pipelines.building import runs_command  # likewise
    from clew.pipelines.checking_steps import edits  # likewise

    if step.pipeline is not None:
        return "pipeline"
    if runs_command(step):
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


def _reply(asked: _Asked, rows: list[dict[str, Any]], head: Reply) -> Reply:
    """The reply of a run: how it is called, how it stands, and its rows."""
    from clew.pipelines.runs import question_of  # loaded already

    counts: dict[str, int] = {}
    for row in rows:
        if "state" in row:
            counts[row["state"]] = counts.get(row["state"], 0) + 1
    head = {"operation": head.pop("operation"), "question": question_of(asked.checked.pipeline.name, asked.params), **head}
    if counts:
        head["counts"] = counts
    page = page_of({"limit": asked.request.limit, "budget": asked.request.budget})
    reply = paged(head, msgspec.json.encode({"results": rows}), page, None, measure=asked.door.measure)
    del reply["complete"]  # it speaks of code
    if isinstance(reply.get("next"), str):
        del reply["next"]  # there is no step to page through
    return reply


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
        if pipeline_is_shipped(path):
            row["shipped"] = True
        rows.append({key: value for key, value in row.items() if value not in ("", [], None)})
    return {"operation": "pipelines list", "total": len(rows), "shown": len(rows), "results": rows}


def pipeline_is_shipped(path: str) -> bool:
    """True for a file of the package."""
    return path.startswith(reading.SHIPPED)


def _param(param: Any) -> str:  # noqa: ANN401 - a parameter
    return f"{param.name}: {param.type}" + ("" if param.needed else f" = {msgspec.json.encode(param.default).decode()}")


def pipelines_show(door: Door, request: PipelinesShow) -> Reply:
    """The parameters and steps of a pipeline. Raises InvalidPipeline."""
    checked = load(request.pipeline, find_root(door.root))
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
    root = find_root(door.root)
    try:
        checked = load(request.pipeline, root)
    except InvalidPipeline as error:
        problems = [msgspec.to_builtins(problem) for problem in error.found] or [{"message": error.message}]
        rows = [{"n": n, **problem} for n, problem in enumerate(problems, 1)]
        return {"operation": "pipelines check", "failed": True, "total": len(rows), "shown": len(rows), "results": rows}
    return {
        "operation": "pipelines check", "name": checked.pipeline.name, "steps": len(planned(checked.pipeline)),
        "total": 0, "shown": 0, "results": [],
    }  # fmt: skip
