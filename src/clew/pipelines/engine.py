"""The steps of a pipeline, one after the other: kept where the run has them, else asked and recorded."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew._native import digest
from clew.errors import ClewError, InvalidRequest, LeaseLost, NotAllowed, ProgramNotFound, StaleInput, StepUnknown, Storage
from clew.pipelines import building
from clew.pipelines.answers import Answer
from clew.pipelines.model import MOST_ITERATIONS, StepSpec
from clew.pipelines.outcomes import Outcome, Stopped, outcome_of
from clew.pipelines.own_files import OwnFiles
from clew.pipelines.references import INDEX, ITEM, PARAMS, BadReference, found_in, meant, only_reference, resolved
from clew.pipelines.runs import Began
from clew.running.calls import Call
from clew.running.execution import run as answered
from clew.running.opening import let_read_steps
from clew.sessions.cursor import Thread
from clew.workspace import Workspace

if TYPE_CHECKING:
    from clew.pipelines.model import Checked, Pipeline
    from clew.pipelines.outcomes import State
    from clew.pipelines.runs import Run
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step

MAKES_AN_ENTRY = frozenset({"fix", "undo-edit", "redo-edit"})
NOT_ITS_OWN = (Storage, LeaseLost, StepUnknown)
"""Errors behind which nothing can go on, whatever a step says of its own."""
LOOK = ("git", "status", "--short")
"""Tells how a command ended that was interrupted, where the pipeline names nothing better."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The ways in which a run can be done."""

    again: frozenset[str] = frozenset()
    """Positions of interrupted commands that are run once more."""
    agent: str | None = None
    rehearses: bool = False
    """True where nothing acts: what would act is told, and what comes behind it waits."""


class Engine:
    """The steps of one run, done in their order."""

    def __init__(self, workspace: Workspace, sessions: Sessions, run: Run, checked: Checked, options: Options) -> None:
        self.workspace = workspace
        self.sessions = sessions
        self.run = run
        self.checked = checked
        self.options = options
        self.outcomes: list[Outcome] = []
        self.waits = False
        """True behind a step of a rehearsal that would act."""
        self._inside: tuple[Pipeline, ...] = (checked.pipeline,)
        """The pipelines around the step at hand, the outermost first."""
        self.own = OwnFiles(workspace, sessions, checked)
        self.cpu: Callable[[], float] | None = None
        """The CPU seconds that these steps are measured by, where not those of the whole process."""
        self.explain: Callable[[Outcome, Step | None], None] = lambda _outcome, _step: None

    def go(self, params: Mapping[str, Any]) -> None:
        """Do what is left to be done. Raises what a step raises, and Stopped where one failed that stops the pipeline."""
        first = self.run.first
        self._pipeline(self.checked.pipeline, dict(params), "", None if first is None else first.address)

    def _pipeline(self, pipeline: Pipeline, params: dict[str, Any], prefix: str, reads: str | None) -> tuple[dict[str, Any], str | None]:
        """The answers of a pipeline by the ids of its steps, and the step that what follows goes on from."""
        scope: dict[str, Any] = {PARAMS: params}
        for step in pipeline.steps:
            if step.for_each is None:
                scope[step.id], reads = self._once(step, f"{prefix}{step.id}", scope, reads)
            else:
                scope[step.id], reads = self._each(step, f"{prefix}{step.id}", scope, reads)
        return {name: value for name, value in scope.items() if name != PARAMS}, reads

    def _each(self, step: StepSpec, position: str, scope: dict[str, Any], reads: str | None) -> tuple[Any, str | None]:
        """The answers of a step for each item, in their order."""
        if self.waits:
            self._tell(Outcome(position=position, op=step.op or "pipeline", state="waits"))
            return None, reads
        if not building.truth(step, {**scope, ITEM: None, INDEX: 0}) and not _is_about_items(step.when):
            self._tell(Outcome(position=position, op=step.op or "pipeline", state="skipped"))
            return None, reads
        items = self._items(step, position, scope)
        if cut := self._cut(step, scope):
            raise InvalidRequest(
                f"{self._where(position)}: step {step.id}: the answer that {step.for_each} is of was cut by its {' and its '.join(cut)}; "
                "for_each would leave items out"
            )
        if step.parallel > 1 and not self.options.rehearses:
            return self._side_by_side(step, position, scope, (items, reads))
        last = reads
        answers: list[Any] = []
        for number, item in enumerate(items):
            answer, left = self._once(step, f"{position}[{number}]", {**scope, ITEM: item, INDEX: number}, reads)
            answers.append(answer)
            last = left if answer is not None else last
        return answers, last

    def _side_by_side(
        self, step: StepSpec, position: str, scope: dict[str, Any], given: tuple[list[Any], str | None]
    ) -> tuple[Any, str | None]:
        """The answers for items that are worked on at once; each thread looks at the tree by itself."""
        from clew.pipelines.parallel import side_by_side  # only who asks pays

        items, reads = given
        here = threading.local()
        opened: list[Workspace] = []
        told: dict[int, list[Outcome]] = {}

        def work(number: int, item: object, sessions: Sessions) -> tuple[Any, str | None]:
            if not hasattr(here, "workspace"):
                here.workspace = Workspace(self.workspace.root, self.workspace.state)
                own = self.workspace
                here.workspace.holds, here.workspace.mark, here.workspace.folder = own.holds, own.mark, own.folder
                let_read_steps(here.workspace, sessions)
                opened.append(here.workspace)
            one = Engine(here.workspace, sessions, self.run, self.checked, self.options)
            one._inside = self._inside
            one.cpu = partial(_own_cpu, here.workspace)
            told[number] = one.outcomes
            return one._once(step, f"{position}[{number}]", {**scope, ITEM: item, INDEX: number}, reads)

        def cancel() -> None:
            for workspace in opened:
                workspace.cancel()

        try:
            found = side_by_side(self.sessions, items, step.parallel, work, cancel)
        finally:
            self.outcomes += [outcome for number in sorted(told) for outcome in told[number]]
        left = [address for answer, address in found if answer is not None]
        return [answer for answer, _ in found], left[-1] if left else reads

    def _cut(self, step: StepSpec, scope: dict[str, Any]) -> tuple[str, ...]:
        """The bounds that cut the answer whose items a step runs over, unless that goes on with what there is."""
        reference = only_reference(step.for_each)
        answer = None if reference is None or step.on_error == "continue" else scope.get(reference.root)
        return answer.cut if isinstance(answer, Answer) else ()

    def _items(self, step: StepSpec, position: str, scope: dict[str, Any]) -> list[Any]:
        where = self._where(position)
        try:
            reference = only_reference(step.for_each)
            items = resolved(step.for_each, scope) if reference is None else meant(reference, scope)  # rows keep their defaults
        except BadReference as error:
            raise InvalidRequest(f"{where}: step {step.id}: {error}", candidates=error.candidates) from None
        if not isinstance(items, (list, tuple)):
            raise InvalidRequest(f"{where}: step {step.id}: for_each takes a list, not {msgspec.json.encode(items).decode()[:60]}")
        if len(items) > MOST_ITERATIONS:
            raise InvalidRequest(f"{where}: step {step.id}: for_each runs {MOST_ITERATIONS} times at most, not {len(items)}")
        return list(items)

    def _once(self, step: StepSpec, position: str, scope: dict[str, Any], reads: str | None) -> tuple[Any, str | None]:
        """The answer of a step, None where it has none, and the step that what follows goes on from."""
        op = step.op or "pipeline"
        if position not in self.run.kept and position not in self.run.by_hand:
            if self.waits:
                self._tell(Outcome(position=position, op=op, state="waits"))
                return None, reads
            if not building.truth(step, scope):
                self._tell(Outcome(position=position, op=op, state="skipped"))
                return None, reads
        if step.pipeline is not None:
            return self._nested(step, position, scope, reads)
        answer = self._kept(step, position)
        if answer is None and position not in self.run.by_hand:
            answer = self._asked(step, position, scope, reads)
        return answer, reads if answer is None else answer.step.address

    def _nested(self, step: StepSpec, position: str, scope: dict[str, Any], reads: str | None) -> tuple[Any, str | None]:
        inner = step.pipeline
        assert inner is not None  # noqa: S101 - its caller looked
        try:
            given = resolved(step.fields, scope)
        except BadReference as error:
            raise InvalidRequest(f"{self._where(position)}: step {step.id}: {error}", candidates=error.candidates) from None
        params = {param.name: given.get(param.name, param.default) for param in inner.params}
        outer = self._inside
        self._inside = (*outer, inner)
        try:
            return self._pipeline(inner, params, f"{position}.", reads)
        except NOT_ITS_OWN:
            raise
        except (Stopped, ClewError):
            if step.on_error != "continue":
                raise
            return None, reads
        finally:
            self._inside = outer

    def _kept(self, step: StepSpec, position: str) -> Answer | None:
        """The answer that this run has of a step; None where the step is still to be done, or to be done again because it failed."""
        if position in self.run.by_hand:
            self._tell(Outcome(position=position, op=step.op, state="kept", attempts=self.run.attempts_of(position)))
            return None
        if position not in self.run.kept or self.run.was_interrupted(position):
            return None
        recorded, attempt = self.run.kept[position]
        if recorded.details is None:
            raise NotAllowed(
                f"{recorded.address}, which step {position} made, was redacted: {self.run.name} cannot go on", again=("--restart",)
            )
        answer = Answer(self.sessions, recorded)
        if recorded.operation in {"fix", "redo-edit"} and not answer.has_failed and self._was_taken_back(answer):
            raise StaleInput(
                f"What step {position} of {self.run.name} wrote was taken back since", again=("--restart",), step=recorded.address
            )
        if answer.has_failed and step.on_error != "continue":
            return None
        state: State = "failed" if answer.has_failed else "kept"
        self._tell(outcome_of(position, answer, state, attempt), recorded)
        return answer

    def _was_taken_back(self, answer: Answer) -> bool:
        """True for an edit that nothing is left of, and that no later step of the run took back, recorded or interrupted."""
        from clew.edits.plan_state import standing  # only who goes on behind an edit pays

        later = (step for step, _ in self.run.kept.values() if step.seq > answer.step.seq)
        by_itself = any(step.operation == "undo-edit" for step in later) or any(map(self.run.was_interrupted, self.run.began))
        return not by_itself and standing(self.workspace, answer.raw).get("applied") is False

    def _asked(self, step: StepSpec, position: str, scope: dict[str, Any], reads: str | None) -> Answer | None:
        """Ask, as often as the step says. Raises what the question raises, and Stopped."""
        tries = step.attempts if step.on_error == "retry" else 1
        for left in reversed(range(tries)):
            try:
                answer = self._tried(step, position, scope, reads)
            except NOT_ITS_OWN:
                raise
            except ClewError as error:
                if not left:
                    self._refused(step, position, error)
                continue
            if answer is None or not answer.has_failed:
                return answer
            if not left:
                self._tell(outcome_of(position, answer, "failed", self.run.kept[position][1]), answer.step)
                if step.on_error != "continue":
                    raise Stopped(answer)
                return answer
        return None

    def _refused(self, step: StepSpec, position: str, error: ClewError) -> None:
        """Say that a step has no answer. Raises the error with the place of the step, unless the pipeline goes on behind it."""
        told = {"code": error.code, "message": error.message}
        self._tell(Outcome(position=position, op=step.op, state="failed", error=told, attempts=self.run.attempts_of(position) or 1))
        if step.on_error == "continue":
            return
        where = self._where(position)
        if not error.message.startswith(where):
            error.message = f"{where}: step {position}: {error.message}"
        raise error

    def _tried(self, step: StepSpec, position: str, scope: dict[str, Any], reads: str | None) -> Answer | None:
        """Ask once, and record the answer."""
        self._look_again()
        asked = building.asked(step, self._inside[-1], scope, self._where(position))
        if step.input_from is not None:
            source = scope.get(step.input_from)
            if not isinstance(source, Answer):
                raise InvalidRequest(f"{self._where(position)}: step {step.id}: {step.input_from} has no answer to work on")
            asked = replace(asked, input_from=source.step.address)
        acts = asked.request.acts
        if self.options.rehearses and self._is_open(step, position):
            self.waits = True
            attempts = self.run.attempts_of(position)
            self._tell(Outcome(position=position, op=step.op, state="unknown", question=asked.request.question(), attempts=attempts))
            return None
        attempt = self._begun(step, position, acts=acts)
        if acts and self.options.rehearses:
            self.waits = True
            self._tell(Outcome(position=position, op=step.op, state="waits", question=asked.request.question(), attempts=attempt))
            return None
        thread = Thread(
            continues=True,
            refs=(self.run.session_id,),
            reads=reads,
            revive=True,
            agent=self.options.agent,
            idempotency_key=self.run.key_of(position, attempt),
            fence=self.run.fence,
        )
        try:
            deadline, still_holds = building.deadline_of(step), self.own.still_holds
            call = Call(operations=(asked,), thread=thread, deadline=deadline, still_holds=still_holds, cpu=self.cpu)
            reply = answered(self.workspace, self.sessions, call)
            self.workspace.generation.parsed = 0  # the next step parsed nothing of it
        except ProgramNotFound:
            self.run.take_back(position)
            raise
        finally:
            self.workspace.entry = None
        recorded = self.sessions.read_step(reply["step"])
        self.run.keep(position, recorded, attempt)
        answer = Answer(self.sessions, recorded)
        if not answer.has_failed:
            self._tell(outcome_of(position, answer, "reused" if "cached" in reply else "ran", attempt), recorded)
        return answer

    def _look_again(self) -> None:
        """Look at the tree anew; what was parsed since the last question is counted by the next one."""
        before = self.workspace.generation
        self.workspace.look_again()
        if self.workspace.generation is not before:
            self.workspace.generation.parsed += before.parsed

    def _begun(self, step: StepSpec, position: str, *, acts: bool) -> int:
        """The number of this attempt; of a step that acts it is said before it begins. Raises StepUnknown."""
        runs = building.runs_command(step)
        if self._is_open(step, position):
            from shlex import join  # only who was interrupted pays

            raise StepUnknown(
                f"{self._where(position)}: step {position} was running a command when the run was killed; how that ended is not known",
                hint=join(step.look or LOOK),
                run=self.run.name,
                attempts=self.run.attempts_of(position),
                ways=(("--again", position), ("--done", position)),
            )
        if not acts:
            return 1 + self.run.recorded_of(position)
        if self.run.was_interrupted(position) and not runs:
            attempt, entry = self.run.began[position].attempts, self.run.began[position].entry
        else:
            attempt, entry = self.run.attempts_of(position) + 1, self._entry(position) if step.op in MAKES_AN_ENTRY else None
            if not self.options.rehearses:
                self.run.begin(position, Began(attempts=attempt, entry=entry))
        self.workspace.entry = entry
        return attempt

    def _is_open(self, step: StepSpec, position: str) -> bool:
        """True for a command that was begun, of which nobody knows how it ended, and which may not run again by itself."""
        may_run_again = step.effects == "none" or position in self.options.again
        return building.runs_command(step) and not may_run_again and self.run.was_interrupted(position)

    def _entry(self, position: str) -> str:
        """The id of the entry that an apply will make: another one for every apply of a checkout, and the same when it is begun again."""
        from clew.edits.journal import Journal  # only for what writes

        return digest(f"{self.run.key_of(position)}:{Journal(self.workspace.state).next_number()}".encode())[:16]

    def _where(self, position: str) -> str:
        """The place of a step in its file."""
        return self.checked.where.get(re.sub(r"\[\d+\]", "", position), self.checked.source.file)

    def _tell(self, outcome: Outcome, step: Step | None = None) -> None:
        self.explain(outcome, step)
        self.outcomes.append(outcome)


def _own_cpu(workspace: Workspace) -> float:
    """The CPU seconds of this thread and of the commands that were run by it; not of the core's worker threads, which items share."""
    return time.thread_time() + workspace.commands_cpu


def _is_about_items(value: object) -> bool:
    """True for a condition that each item answers for itself."""
    return any(reference.root in {ITEM, INDEX} for reference in found_in(value))
