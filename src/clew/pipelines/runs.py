"""A run of a pipeline: a session whose steps are kept by their position, so that the same command goes on after a kill.

The first step says what is run; each later one has its position as its idempotency key. What a step is about to do to the world is
said before, in the metadata of the session: what was begun and has no step was interrupted.
"""

from __future__ import annotations

import os
import re
from contextlib import suppress
from threading import Lock, get_ident
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew._native import BUILD
from clew.index.rows import ASSET, CODE, TEXT
from clew.pipelines.model import digest_of, meaning
from clew.requests import RECORDINGS
from clew.sessions.appending import Act
from clew.sessions.fences import FENCE, fence_of, fenced, taken_over
from clew.sessions.steps import StepDraft
from clew.sessions.store.protocol import Change, Filter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from clew.pipelines.model import Checked, Param, Pipeline
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Session, Step
    from clew.workspace import Workspace

RUN = "run"
"""The operation of the step that begins a run, or goes on with a changed pipeline."""
BEGUN, STATE, PARAMETERS, CHECKOUT, GIVEN_UP = "begun", "state", "params", "checkout", "doneByHand"
ORIGIN, FIRST_NAME = "file", "run"
DONE = "done"
_ATTEMPT = re.compile(r"~(\d+)\Z")


class Began(msgspec.Struct, frozen=True, omit_defaults=True):
    """A step that was begun: its attempts, and, of one that writes the tree, the entry of the journal that it makes."""

    attempts: int = 1
    entry: str | None = None


class Description(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The result of the step that begins a run."""

    pipeline: dict[str, Any]
    """The meaning of the pipeline."""
    digest: str
    file: str
    params: dict[str, Any] = {}
    stands: tuple[str, ...] = ()
    """Positions of earlier steps that still stand, where the pipeline changed."""


class _Ended(msgspec.Struct):
    """The part of a recording that says how its command ended."""

    interrupted: bool = False


class Run:
    """One run, held by this process under a fencing number."""

    def __init__(self, sessions: Sessions, session: Session, fence: int) -> None:
        self.sessions = sessions
        self.session_id = session.session_id
        self.name = session.address
        self._keyed_by: str = session.metadata.get(FIRST_NAME, session.address)
        """The name that it began with: keys of its steps stay what they are where it is renamed."""
        self.fence = fence
        self.began: dict[str, Began] = msgspec.convert(session.metadata.get(BEGUN, {}), dict[str, Began])
        self.by_hand: set[str] = set(session.metadata.get(GIVEN_UP, ()))
        self.description = Description(pipeline={}, digest="", file="")
        self.kept: dict[str, tuple[Step, int]] = {}
        """Position → its newest step, and which attempt that was."""
        self._recorded: dict[str, int] = {}
        """Position → its newest attempt, whether that still stands or not."""
        self.first: Step | None = None
        self._beginning = Lock()
        self._read()

    def _read(self) -> None:
        steps = self.sessions.store.steps(self.session_id)
        for step in steps:
            if step.operation == RUN and step.idempotency_key is None and step.details is not None:
                self.description = msgspec.json.decode(self.sessions.result_of(step), type=Description)
                self.first = step
                self.kept = {position: kept for position, kept in self.kept.items() if position in self.description.stands}
            elif step.idempotency_key is not None and step.idempotency_key.startswith(self.key_of("")):
                position = step.idempotency_key[len(self.key_of("")) :]
                attempt = _ATTEMPT.search(position)
                self.keep(_ATTEMPT.sub("", position), step, int(attempt[1]) if attempt else 1)

    @property
    def is_done(self) -> bool:
        """True once it was brought to its end."""
        session = self.sessions.store.session(self.session_id)
        return session is not None and session.metadata.get(STATE) == DONE

    def key_of(self, position: str, attempt: int = 1) -> str:
        """The idempotency key of an attempt of a step."""
        return f"{self._keyed_by}:{position}" + (f"~{attempt}" if attempt > 1 else "")

    def keep(self, position: str, step: Step, attempt: int) -> None:
        """A step was recorded."""
        self.kept[position] = step, attempt
        self._recorded[position] = attempt

    def begin(self, position: str, began: Began) -> None:
        """Say, durably, that a step is begun whose doing cannot be read off what is recorded. Raises LeaseLost."""
        with self._beginning:
            self.began = {other: held for other, held in self.began.items() if self._is_open(other, held)} | {position: began}
            self._change(lambda session: _with(session, BEGUN, msgspec.to_builtins(self.began)))

    def take_back(self, position: str) -> None:
        """Say, durably, that a step which was begun did nothing."""
        with self._beginning:
            self.began = {other: held for other, held in self.began.items() if other != position}
            self._change(lambda session: _with(session, BEGUN, msgspec.to_builtins(self.began)))

    def attempts_of(self, position: str) -> int:
        """The number of times that a step was begun or recorded."""
        return max(self.recorded_of(position), self.began[position].attempts if position in self.began else 0)

    def recorded_of(self, position: str) -> int:
        """The number of the newest attempt of a step that was recorded; 0 where none was."""
        return self._recorded.get(position, 0)

    def was_interrupted(self, position: str) -> bool:
        """True where a step was begun and nothing was recorded of that, or the recording says that its command was interrupted."""
        if position in self.began and self._is_open(position, self.began[position]):
            return True
        step, _ = self.kept.get(position, (None, 0))
        if step is None or step.operation not in RECORDINGS or step.details is None:
            return False
        return msgspec.json.decode(self.sessions.result_of(step), type=_Ended).interrupted

    def _is_open(self, position: str, began: Began) -> bool:
        return self.recorded_of(position) < began.attempts

    def count_as_done(self, positions: Iterable[str]) -> None:
        """Count steps that were interrupted as done: somebody looked."""
        self.by_hand |= set(positions)
        self._change(lambda session: _with(session, GIVEN_UP, sorted(self.by_hand)))

    def end(self) -> None:
        """The run is done, and lives as long as any session from now on."""
        self._change(lambda session: replace(_with(session, STATE, DONE), pinned=False, last_used_at=self.sessions.clock()))

    def go_on(self, draft: StepDraft, stands: Iterable[str]) -> None:
        """Go on with a pipeline that changed, which `draft` describes; only these positions still stand, counted as done or recorded."""
        self.by_hand &= set(stands)
        self._change(lambda session: _with(session, GIVEN_UP, sorted(self.by_hand)))
        act = Act(session=lambda session: fenced(self.fence, session))
        self.sessions.append(self.sessions.locate(self.session_id, revive=True), draft, act)
        self._read()

    def _change(self, change: Callable[[Session], Session]) -> None:
        self.sessions.store.change(self.session_id, lambda session: Change(session=change(fenced(self.fence, session))))


def newest(sessions: Sessions, checked: Checked, typed: Mapping[str, Any], checkout: str) -> tuple[Session | None, int]:
    """The newest run of a pipeline in this checkout for which these parameters were typed, and the number of the next run.

    Numbers are of all pipelines of its name.
    """
    numbered = _numbered(sessions, checked.pipeline.name)
    wanted = digest_of(typed)
    mine = (session for _, session in numbered if is_run_of(session, checked, checkout) and session.metadata.get(PARAMETERS) == wanted)
    return next(mine, None), max((number for number, _ in numbered), default=0) + 1


def is_run_of(session: Session, checked: Checked, checkout: str) -> bool:
    """True for a run in this checkout of the pipeline in that file; another file may have a pipeline of the same name."""
    return session.metadata.get(CHECKOUT) == checkout and session.metadata.get(ORIGIN, checked.source.file) == checked.source.file


def earlier_runs(sessions: Sessions, name: str) -> list[Session]:
    """All runs of the pipelines of a name, newest first."""
    return [session for _, session in _numbered(sessions, name)]


def _numbered(sessions: Sessions, name: str) -> list[tuple[int, Session]]:
    """The runs of the pipelines of a name with their numbers, newest first."""
    form = re.compile(rf"{re.escape(name)}/(\d+)\Z")
    found = sessions.store.sessions(Filter(name_contains=f"{name}/", transient=False, limit=0))
    numbered = [(int(match[1]), session) for session in found if session.name is not None and (match := form.match(session.name))]
    return sorted(numbered, key=lambda one: -one[0])


def resumed(sessions: Sessions, session: Session) -> Run:
    """Take a run over; who held it before writes nothing any more."""
    taken: list[Session] = []

    def take(held: Session) -> Change:
        taken[:] = [taken_over(held)]
        return Change(session=taken[0])

    sessions.store.change(session.session_id, take)
    return Run(sessions, taken[0], fence_of(taken[0]))


def started(
    sessions: Sessions,
    workspace: Workspace,
    checked: Checked,
    params: Mapping[str, Any],
    *,
    typed: Mapping[str, Any],
    number: int,
    agent: str | None,
) -> Run:
    """Begin a run: its session, pinned until it is done, and the step that says what is run, in one transaction.

    `typed` are the parameters that the caller gave: they tell this run from others of the pipeline.
    """
    name = checked.pipeline.name
    metadata = {
        "pipeline": name,
        PARAMETERS: digest_of(typed),
        CHECKOUT: checkout_of(workspace.state),
        ORIGIN: checked.source.file,
        FIRST_NAME: f"{name}/{number}",
        STATE: "open",
        FENCE: 1,
    }
    position = sessions.begin(f"{name}/{number}", pinned=True, agent=agent, metadata=metadata)
    step = sessions.append(position, draft_of(workspace, checked, params, agent=agent))
    return Run(sessions, sessions.session_of(step), 1)


def draft_of(
    workspace: Workspace, checked: Checked, params: Mapping[str, Any], *, agent: str | None, stands: tuple[str, ...] = ()
) -> StepDraft:
    """The step that says what is run, on which tree."""
    pipeline = checked.pipeline
    description = Description(
        pipeline=meaning(pipeline), digest=checked.digest, file=checked.source.file, params=dict(params), stands=stands
    )
    generation = workspace.generation
    return StepDraft(
        operation=RUN,
        request=msgspec.json.encode({"op": RUN, "pipeline": pipeline.name, "params": params}, order="deterministic"),
        result=msgspec.json.encode(description),
        question=question_of(pipeline, params),
        depends={entry.path: entry.digest for entry in generation.files(CODE | TEXT | ASSET)},
        manifest=generation.manifest_digest(),
        head=workspace.head(),
        tool=BUILD,
        agent=agent,
        result_keys=(),
        passes_input=True,
    )


def question_of(pipeline: Pipeline, params: Mapping[str, Any]) -> str:
    """The command of a run in a few words."""
    from shlex import quote  # only who runs a pipeline pays

    said: list[str] = []
    for param in pipeline.params:
        value = params[param.name]
        texts = [one if isinstance(one, str) else msgspec.json.encode(one).decode() for one in _words(param, value)]
        said += [f"--param {param.name}={quote(text)}" for text in texts]
    return " ".join([f"{RUN} {pipeline.name}", *said])


def _words(param: Param, value: Any) -> list[Any]:  # noqa: ANN401 - of the type of the parameter
    """The values that are typed one by one for a parameter."""
    return list(value) if param.type == "strings" and value else [value]


def checkout_of(state: str) -> str:
    """The identity of this checkout: random, and kept in its state folder. A run belongs to the checkout that it writes."""
    path = os.path.join(state, "checkout")
    with suppress(FileNotFoundError), open(path, encoding="ascii") as stream:
        return stream.read().strip()
    own = f"{path}.{os.getpid()}.{get_ident()}"
    try:
        with open(own, "w", encoding="ascii") as stream:
            stream.write(os.urandom(16).hex())
        with suppress(FileExistsError):  # another process was first: its identity is the one
            os.link(own, path)
    finally:
        with suppress(FileNotFoundError):
            os.unlink(own)
    with open(path, encoding="ascii") as stream:
        return stream.read().strip()


def _with(session: Session, key: str, value: object) -> Session:
    return replace(session, metadata={**session.metadata, key: value}, revision=session.revision + 1)
