"""`clew run`: a pipeline, from its call to its reply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from clew.errors import ClewError, InvalidRequest, NotAllowed, PipelineChanged
from clew.pipelines import reading
from clew.pipelines.checking import value_of
from clew.pipelines.commands import commands_of
from clew.pipelines.finding import called
from clew.pipelines.showing import planned
from clew.requests import RECORDINGS
from clew.running.acts.base import Act, Door
from clew.running.narrowing import page_of
from clew.running.replies import paged

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clew.pipelines.engine import Engine
    from clew.pipelines.model import Checked, Pipeline
    from clew.pipelines.outcomes import Outcome
    from clew.pipelines.runs import Run as HeldRun
    from clew.running.replies import Reply
    from clew.sessions.core import Sessions
    from clew.workspace import Workspace


class Run(Act, frozen=True, kw_only=True, tag="run"):
    """Run a pipeline; after a kill or a failure the same command goes on where it was."""

    pipeline: str
    """The name of a pipeline, its file (TOML, JSON, YAML), a bundle, or a step of a session: what led to it is done again."""
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


def run(door: Door, request: Run) -> Reply:
    """The steps of a run, and what became of each.

    Raises InvalidPipeline before anything runs, what a step raises, PipelineChanged, StepUnknown, RunBlocked and LeaseLost.
    """
    if sum((request.plan, request.explain, request.dry_run)) > 1:
        raise InvalidRequest("--plan, --explain and --dry-run are three ways to run nothing; give one of them")
    checked = called(door, request.pipeline)
    params = given(checked.pipeline, request)
    asked = _Asked(door, request, checked, params)
    if request.plan:
        return _reply(asked, planned(checked.pipeline), {"operation": "run", "plan": True})
    if request.explain or request.dry_run:
        return _tried(asked)
    _require_allowed(checked, request)
    from clew.pipelines.leases import held  # only who runs one pays
    from clew.running.error_log import counted  # likewise
    from clew.running.opening import opened  # likewise

    with (
        opened(door.root, door.environ, door.progress) as (workspace, sessions),
        counted(workspace, sessions),
        held(workspace, sessions, checked.pipeline.name),
    ):
        workspace.folder = workspace.root
        current = _decided(asked, workspace, sessions)
        engine = _engine(asked, workspace, sessions, current)
        is_done = _gone(engine, params)
        reply = _reply(asked, told(engine.outcomes), _head(engine, is_done=is_done))
        door.tell(reply)  # killed before that, the same command tells it, and begins no other run
        if is_done:
            current.end()
        return reply


def _require_allowed(checked: Checked, request: Run) -> None:
    """Refuse a pipeline with commands that the caller did not write, before anything of it is done. Raises NotAllowed."""
    command = next((one for one in commands_of(checked.pipeline) if one.is_borrowed), None)
    if command is not None and not request.allow_commands:
        where = checked.where.get(command.position, checked.source.file)
        raise NotAllowed(
            f"{where}: step {command.position} runs a command, and this pipeline is not one that you wrote", again=("--allow-commands",)
        )


def _decided(asked: _Asked, workspace: Workspace, sessions: Sessions) -> HeldRun:
    """The run, in which the steps that the caller counts as done are. Raises InvalidRequest for one that was not interrupted."""
    current, request = _run_of(asked, workspace, sessions), asked.request
    _require_interrupted(current, (*request.again, *request.done))
    if request.done:
        current.count_as_done(request.done)
    return current


def _require_interrupted(current: HeldRun, positions: tuple[str, ...]) -> None:
    """Refuse to decide about a step whose command was not interrupted. Raises InvalidRequest with those that were."""
    interrupted = tuple(position for position in current.began if current.was_interrupted(position))
    for position in positions:
        if position not in interrupted:
            raise InvalidRequest(f"Step {position!r} of {current.name} was not interrupted", given=position, candidates=interrupted)


def _head(engine: Engine, *, is_done: bool) -> Reply:
    """The fields of a reply that say how a run stands, and the command that shows its last answer."""
    current, outcomes = engine.run, engine.outcomes
    newest = current.sessions.read_step(current.session_id)
    head: Reply = {"operation": "run", "step": newest.address, "run": current.name, "state": "done" if is_done else "stopped"}
    if not is_done or any(outcome.state == "failed" for outcome in outcomes):
        head["failed"] = True
    head.update(continuationToken=newest.token, session=current.sessions.summary(current.session_id, newest))
    failed = next((outcome for outcome in outcomes if outcome.state == "failed" and not is_done), None)
    if failed is not None:
        head["failedStep"] = failed.position
    reached = [outcome for outcome in outcomes if outcome.step is not None]
    last = failed if failed is not None and failed.step is not None else reached[-1] if reached else None
    if last is not None:
        head["next"] = [f"clew show {last.step}{' --output' if last.op in RECORDINGS and not is_done else ''}"]
    return head


def given(pipeline: Pipeline, request: Run) -> dict[str, Any]:
    """The parameters of a pipeline, from what was typed and from their defaults. Raises InvalidRequest with near names."""
    by_name = {param.name: param for param in pipeline.params}
    texts: dict[str, list[str]] = {}
    for word in request.param:
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
            from shlex import join  # only who errs pays

            needs = " ".join(f"--param {each.name}=…" for each in pipeline.params if each.needed)
            raise InvalidRequest(
                f"{pipeline.name} needs the parameter {param.name!r}", hint=f"{join(['clew', 'run', request.pipeline])} {needs}"
            )
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

    typed = {name: params[name] for name in params if any(word.startswith(f"{name}=") for word in request.param)}
    session, number = runs.newest(sessions, checked, typed, runs.checkout_of(workspace.state))
    goes_on = session is not None and session.metadata.get(runs.STATE) != runs.DONE
    if session is None or not goes_on or request.restart:
        for position in (*request.again, *request.done):
            raise InvalidRequest(f"{checked.pipeline.name} begins anew, and step {position!r} of it was not interrupted", given=position)
        if session is not None and goes_on:
            runs.resumed(sessions, session).end()  # nobody goes on with it
        return runs.started(sessions, workspace, checked, params, typed=typed, number=number, agent=door.agent)
    current = runs.resumed(sessions, session)
    if current.description.digest == checked.digest:
        return current
    from clew.pipelines.changes import standing  # only where it changed

    if current.first is None:
        raise NotAllowed(f"The pipeline that {current.name} runs was redacted, so it cannot go on", again=("--restart",), run=current.name)
    stands, first = standing(current, checked)
    if request.go_on or not (current.kept or current.by_hand):
        current.go_on(runs.draft_of(workspace, checked, params, agent=door.agent, stands=stands), stands)
        return current
    kept = f"{len(stands)} of {len(current.kept)} recorded steps still stand"
    raise PipelineChanged(
        f"{checked.source.file} changed since {current.name} began, first {first}; {kept}",
        again=("--go-on",), ways=(("--restart",),), run=current.name, stands=list(stands),
        standsNot=[position for position in current.kept if position not in stands],
    )  # fmt: skip


def _engine(asked: _Asked, workspace: Workspace, sessions: Sessions, current: HeldRun) -> Engine:
    from clew.pipelines.engine import Engine, Options  # only who runs one pays

    request = asked.request
    options = Options(
        again=frozenset(request.again),
        agent=asked.door.agent,
        rehearses=request.explain or request.dry_run,
    )
    return Engine(workspace, sessions, current, asked.checked, options)


def _gone(engine: Engine, params: Mapping[str, Any]) -> bool:
    """True when the run came to its end, False where a step stopped it. An error says what was done before."""
    from clew.pipelines.outcomes import Stopped  # loaded already

    try:
        engine.go(params)
    except Stopped as stopped:
        if getattr(stopped.answer.result, "rolled_back", None) and not engine.options.rehearses:
            engine.run.end()  # what was written was taken back: nothing can go on from there
        return False
    except ClewError as error:
        if not engine.options.rehearses:  # what a rehearsal did lies in a copy that is gone
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
        current = _decided(asked, workspace, sessions)
        engine = _engine(asked, workspace, sessions, current)
        if earlier is not None:
            engine.explain = earlier.of(current, params)
        is_done = _gone(engine, params)
    head: Reply = {"operation": "run", "explain" if request.explain else "dryRun": True}
    if not is_done:
        head["failed"] = True
    return _reply(asked, told(engine.outcomes, tried=True), head)


WOULD = {"ran": "runs"}
"""States of a step that was tried, as what would become of it."""


def told(outcomes: Sequence[Outcome], *, tried: bool = False) -> list[dict[str, Any]]:
    """A row for each step. Addresses of a rehearsal lead nowhere, and are left out."""
    rows = []
    for n, outcome in enumerate(outcomes, 1):
        fields: dict[str, Any] = msgspec.to_builtins(outcome)
        row = {"n": n, "id": fields.pop("position"), **fields}
        if tried and outcome.state not in {"kept", "failed"}:
            row.pop("step", None)
            row["state"] = WOULD.get(outcome.state, outcome.state)
        rows.append({name: value for name, value in row.items() if value not in (None, "")})
    return rows


def _reply(asked: _Asked, rows: list[dict[str, Any]], head: Reply) -> Reply:
    """The reply of a run: how it is called, how it stands, and its rows."""
    from clew.pipelines.runs import question_of  # loaded already

    counts: dict[str, int] = {}
    for row in rows:
        if "state" in row:
            counts[row["state"]] = counts.get(row["state"], 0) + 1
    head = {"operation": head.pop("operation"), "question": question_of(asked.checked.pipeline, asked.params), **head}
    if reading.hides_shipped(asked.checked.source.path):
        head["hides"] = f"the {asked.checked.pipeline.name} that ships with clew"
    if counts:
        head["counts"] = counts
    following = head.pop("next", None)

    def whole(reply: Mapping[str, Any]) -> Reply:
        """The reply without what speaks of code, and without a cursor: there is no step to page through."""
        whole = {name: value for name, value in reply.items() if name not in {"complete", "next", "results"}}
        return {**whole, **({} if following is None else {"next": following}), "results": reply["results"]}

    page = page_of({"limit": asked.request.limit, "budget": asked.request.budget})
    measure = asked.door.measure
    return whole(paged(head, msgspec.json.encode({"results": rows}), page, None, measure=lambda reply: measure(whole(reply))))
