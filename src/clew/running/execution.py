"""Run a call: place it in its session, answer its operations left to right, record each as a step."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from clew._native import BUILD
from clew.errors import (
    ClewError,
    InvalidRequest,
    NotAllowed,
    SectionNotFound,
    StaleInput,
    Storage,
    StoreUnavailable,
    SymbolNotFound,
)
from clew.index.rows import CODE, TEXT
from clew.metrics.costs import BYTES_OUT, SAVED, SOURCES, Meter, worked_by
from clew.operations import operation, verb
from clew.requests import FileProblem
from clew.running.answering import Answer, answered_before, rows_of_use, worked_out
from clew.running.calls import Asked, Call, Page
from clew.running.finding_again import still_there
from clew.running.fitting import json_size
from clew.running.heads import head_of, listing_of, short_of
from clew.running.housekeeping import annotate, cache_cleared, cache_floor, cleaned_up, stored_page, without_question
from clew.running.inputs import BoundRequest, EarlierAnswer, addressing, bind_targets
from clew.running.opening import finish_edits, left_by_others
from clew.running.replies import Reply, paged, total_of, warned
from clew.running.subjects import Setting, asked_about, choice, left_by, said, setting_of, through_edits
from clew.sessions.cursor import Cursor
from clew.sessions.redaction import MARK, is_redacted
from clew.sessions.redaction import said as said_redacted
from clew.sessions.steps import ANSWERED_AT, StepDraft

if TYPE_CHECKING:
    from clew.index.generation import Generation
    from clew.requests import Request, Result, Target
    from clew.running.fitting import Measure
    from clew.sessions.core import Sessions
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

BUILD_INDEX = "build-index"
STORE = ".clew/sessions.db"


def run(workspace: Workspace, sessions: Sessions, call: Call, measure: Measure = json_size) -> Reply:
    """Answer a call; the reply is that of its last operation, the ones before are listed in its `earlier`.

    `measure` counts the bytes of a reply as the face prints it; the budget of the call is kept in these.
    Raises a ClewError; steps that were recorded before it stay, and its details list them as `completed`.
    """
    finish_edits(workspace)
    reply: Reply = {}
    if call.cleanup:
        reply.update(cleaned_up(sessions))
    if call.clear_cache:
        reply.update(cache_cleared(workspace, sessions))
    pages = [asked.page for asked in call.operations[-1:]] or [call.page]
    if pages[0].step is not None:
        return stored_page(workspace, sessions, pages[0], measure)
    if not call.operations:
        return {**reply, **without_question(sessions, call.thread)}
    before = dict(reply)
    asking: _Run | None = None
    try:
        asking = _Run(workspace, sessions, call, lambda answer: measure({**before, **answer}))
        reply.update(asking.reply())
    except ClewError as error:
        if call.thread.records:
            from clew.running.error_log import log_error  # only on failure

            log_error(workspace, error, sessions.clock(), asking.cursor.session_id if asking is not None else None)
        raise
    with suppress(Storage):  # the answer stands, whatever becomes of the housekeeping
        sessions.tidy()
    return reply


class _Run:
    """The operations of one call, answered left to right."""

    def __init__(self, workspace: Workspace, sessions: Sessions, call: Call, measure: Measure) -> None:
        self.workspace = workspace
        self.call = call
        self.measure = measure
        self.cursor = Cursor(sessions, call.thread)
        self.previous: EarlierAnswer | None = None
        self.earlier: list[Reply] = []
        self.plans: list[str] = []
        """The plans of this call that nothing was done with yet."""
        self.counted: Generation | None = None
        """The generation whose parsed files an earlier step of this call counts."""

    def reply(self) -> Reply:
        try:
            if self.call.refresh and self.cursor.input is not None:
                self.refresh(self.cursor.input)
            for asked in self.call.operations[:-1]:
                self.previous, head = self.answer(asked)
                self.earlier.append(short_of(head, self.previous))
            last = self.call.operations[-1]
            found, head = self.answer(last)
        except ClewError as error:
            if self.workspace.finished:
                error.details["warnings"] = left_by_others(self.workspace)
                self.workspace.finished = []  # the error tells it
            if self.earlier:
                error.details["completed"] = [done["step"] for done in self.earlier if "step" in done]
            raise
        except _NotCachedError as missing:
            return {"operation": missing.operation, "question": missing.question, "cached": False}
        if "step" in head:
            left = annotate(self.cursor.sessions, self.call.thread, head["step"])
            head.update({**left, **said_redacted(head.get("redacted", {}), left.get("redacted", {}))})
        self.workspace.finished = []  # the reply tells it
        return self.page(head, found, last)

    def page(self, head: Reply, found: EarlierAnswer, last: Asked) -> Reply:
        """The reply of the last operation: what its page shows of the answer."""
        if self.earlier:
            head["earlier"] = self.earlier
        listing = listing_of(found.request) if found.request else None
        return paged(head, found.raw, last.page, head.get("step"), listing, total=found.whole, kept=found.kept, measure=self.measure)

    def refresh(self, step: Step) -> None:
        """Ask again, about the tree as it is, what the continued step had asked."""
        if step.request is None:
            raise NotAllowed(f"The request of {step.address} was redacted, so it cannot be asked again")
        if is_redacted(step):
            raise NotAllowed(
                f"A secret was taken out of the question of {step.address}, so it cannot be asked again", hint=f"clew show {step.address}"
            )
        request = msgspec.json.decode(step.request, type=verb(operation(step.operation)).request)
        if request.acts:
            raise NotAllowed(
                f"{step.address} is a recorded {step.operation}; it is not run again", hint=f"clew show {step.address} --output"
            )
        meter = self.meter()
        self.workspace.begin(self.call.deadline, rows=rows_of_use(Page(), records=True))
        targets: tuple[Target, ...] = getattr(request, "targets", ())
        if len(targets) > 1:
            files = {target.file for target in targets if target.file}
            request = replace(request, targets=still_there(self.workspace, targets, files, prose=request.about_prose) or targets)
        asked = Asked(request=request, store_as=step.store_as)
        self.previous, head = self.record(request, asked, BoundRequest(request=request), meter)
        self.earlier.append(short_of(head, self.previous))

    def answer(self, asked: Asked) -> tuple[EarlierAnswer, Reply]:
        """Answer one operation on its input: the answer, and the head of its reply."""
        meter = self.meter()
        self.workspace.begin(self.call.deadline, rows=rows_of_use(asked.page, records=self.is_followed(asked)))
        if asked.request.takes_step and asked.request.acts and not getattr(asked.request, "step", ()) and len(self.plans) > 1:
            several = " and ".join(self.plans)
            raise InvalidRequest(f"{several} are plans of this call, and one can be written by it", hint=f"js-edit --fix {self.plans[0]}")
        source = bind_targets(self.workspace, self.cursor, self.call, asked, self.previous)
        self.workspace.addressed = addressing(self.workspace, self.cursor, self.call, self.previous)
        meter.lap("rest" if source.picked is None else "reuse")
        try:
            return self.record(source.request, asked, source, meter)
        except (SymbolNotFound, SectionNotFound) as error:
            if source.verdict == "fresh":
                raise
            raise StaleInput(f"{error.message}; {', '.join(source.files)} changed since it was found", files=source.files) from error

    def meter(self) -> Meter:
        """A watch on a step that begins; to bring the index up to date is counted apart."""
        meter = Meter() if self.call.cpu is None else Meter(self.call.cpu)
        _ = self.workspace.generation
        meter.lap("index")
        meter.start_clock()
        return meter

    def record(self, request: Request, asked: Asked, source: BoundRequest, meter: Meter) -> tuple[EarlierAnswer, Reply]:
        """Run the verb, unless its answer is stored and still holds, and append the step."""
        row = operation(str(request.__struct_config__.tag))
        before = self.workspace.generation
        known = msgspec.json.encode(request, order="deterministic")
        question = request.question()
        meter.lap("rest")
        cached = self.cached(row.name, known, before.manifest_digest())
        if cached is not None:
            answer = answered_before(self.cursor.sessions.result_of(cached), verb(row).result, cached.total)
        elif self.call.check_cache:
            raise _NotCachedError(row.name, question)
        meter.lap("reuse")
        if cached is None:
            room = self.cursor.sessions.quotas.step - len(known) if self.call.thread.records else None
            answer = worked_out(self.workspace, verb(row), request, room=room)
            meter.lap("verb")
        generation = self.workspace.generation
        behind = ((path, generation.id_of(path)) for path in answer.result.behind())
        depends = {path: generation.digest_of(number) for path, number in behind if number is not None}
        setting = self.setting_after(request, answer.result, source, cached) if self.is_followed(asked) else None
        work = None if cached is None else worked_by(cached)
        sources = source.spared if work is None else (*source.spared, work)
        cost = meter.costs(parsed=self.newly_parsed(before), sources=sources, answer=work)
        reused = source.reused(generation.parsed, cost[SAVED])
        if cached is not None:
            cost[ANSWERED_AT] = _answered_at(cached)
        kept = {**(reused or {}), **({SOURCES: [one.address_in(self.cursor.session_id) for one in sources]} if sources else {})}
        draft = StepDraft(
            operation=row.name,
            request=known,
            result=answer.stored,
            store_as=asked.store_as,
            question=question,
            depends=depends,
            manifest=generation.manifest_digest() if answer.lasts else "",  # without one it is not given again
            head=self.workspace.head(),
            tool=BUILD,
            reused=msgspec.json.encode(kept) if kept else None,
            cost=cost,
            agent=self.call.thread.agent,
            idempotency_key=self.cursor.key(),
            total=answer.whole,
            apart=answer.apart,
            result_keys=() if answer.whole is None else ("results",),
            passes_input=answer.whole is None,
            subject=setting.subject if setting else None,
            subject_rows=setting.used if setting and not setting.seq else (),
            subject_step=setting.seq if setting else 0,
        )
        draft, raw = self.as_stored(draft, answer)
        setting = _as_stored(setting, draft)
        found = EarlierAnswer(
            operation=row.name,
            address=row.name,
            request=request,
            result=answer.result,
            raw=raw,
            total=total_of(answer.raw),
            whole=answer.whole,
            kept=answer.kept,
            depends=depends,
            before=self.previous.listed if self.previous else None,
        )
        rest = self.rest_of_head(found, setting, source, reused)
        if cached is not None:
            rest["cached"] = {"step": cached.address, "age": max(0, int(self.cursor.sessions.clock() - _answered_at(cached)))}
        own = [*self.notices(draft), *source.warnings, *self.workspace.moved, *generation.changes]
        if self.workspace.moved:
            rest["verdict"] = "moved"
        rest.update(
            warned(generation, own, answer.result, depends, counts_others=cached is None and reused is None and row.name != BUILD_INDEX)
        )
        if self.call.check_cache or not self.call.thread.records:
            head = {"operation": draft.operation, "question": draft.question, **rest}
            step = None
        else:
            foreseen = self.cursor.foreseen(draft)
            shown = self.shown({**head_of(self.cursor, draft, *foreseen, answer.result), **rest}, found, asked)
            step = self.cursor.record(replace(draft, cost={**draft.cost, BYTES_OUT: float(shown)}))
            head = {**head_of(self.cursor, draft, step, self.cursor.summary(step), answer.result), **rest}
        address = step.address if step else row.name
        if setting is not None and not setting.seq:
            setting = replace(setting, seq=step.seq if step else 0, step=address, of=found.total)
        self.keep_account(request, address)
        return replace(found, address=address, setting=setting), head

    def rest_of_head(self, found: EarlierAnswer, setting: Setting | None, source: BoundRequest, reused: Reply | None) -> Reply:
        """The fields of the head of a reply that do not name its step."""
        rest: Reply = {}
        if self.call.thread.records and not self.call.check_cache and setting is not None and setting.subject:
            rest.update(said(setting))
            if not setting.seq and not getattr(found.request, "targets", ()):
                rest.update(choice(setting, found.result))
        if reused:
            rest["reused"] = reused
        rest["fromPriorContext"] = reused is not None
        rest.update({"changed": source.changed} if source.changed else {})
        return rest

    def newly_parsed(self, before: Generation) -> int:
        """The files that were parsed for this step, by a look at the tree after a verb that acts, too."""
        after = self.workspace.generation
        parsed = (0 if before is self.counted else before.parsed) + (0 if after is before else after.parsed)
        self.counted = after
        return parsed

    def shown(self, head: Reply, found: EarlierAnswer, asked: Asked) -> int:
        """The bytes of an answer as it is going to be printed: a whole reply, or one line of the reply of a later operation."""
        if asked is self.call.operations[-1]:
            return self.measure(self.page(head, found, asked))
        return json_size(short_of(head, found))

    def keep_account(self, request: Request, address: str) -> None:
        """Keep account of the plans of this call that wait for what writes them."""
        if request.writes:
            self.plans.append(address)
        elif request.takes_step and request.acts:
            self.plans.clear()

    def as_stored(self, draft: StepDraft, answer: Answer) -> tuple[StepDraft, bytes]:
        """The draft, and the whole of the answer, without the secrets that no step keeps; as they are where nothing is recorded."""
        sessions = self.cursor.sessions
        if not self.call.thread.records or self.call.check_cache:
            return draft, answer.raw
        stored = sessions.redacted(draft)
        if not stored.taken:
            return stored, answer.raw
        whole = stored if answer.stored is answer.raw else sessions.redacted(replace(draft, result=answer.raw))
        return stored, whole.result

    def notices(self, draft: StepDraft) -> list[FileProblem]:
        """Warnings: files that a finished edit left, trouble of the store and the index, a secret that is not stored, no sources."""
        texts = list(getattr(self.cursor.sessions.store, "warnings", ()))
        if draft.taken and MARK in draft.request:
            texts.append("A secret was taken out of the question; its answer is not given again")
        said = [FileProblem(file=STORE, message=text) for text in texts]
        generation = self.workspace.generation
        if next(generation.files(CODE | TEXT), None) is None:
            said.append(FileProblem(file=".", message=f"There are no sources below {self.workspace.root}", code="no_sources"))
        return [*left_by_others(self.workspace), *said, *generation.notes]

    def is_followed(self, asked: Asked) -> bool:
        """True when something can go on from the answer: a later call, or the next operation of this one."""
        return self.call.thread.records or asked is not self.call.operations[-1]

    def setting_after(self, request: Request, result: Result, source: BoundRequest, cached: Step | None) -> Setting | None:
        """The subject after an answer; `cached` is the step that gave the same answer about the same tree."""
        targets: tuple[Target, ...] = getattr(request, "targets", ())
        if targets:
            kept = source.picked.setting if source.picked else None
            if kept is None and cached is not None and (known := self.cursor.sessions.subject_of(cached)) is not None:
                return Setting(subject=known)
            return asked_about(self.workspace, targets, kept, changed=bool(source.files), prose=request.about_prose)
        left = left_by(self.workspace, result)
        if left is not None:
            return left
        if self.previous is not None:
            before = self.previous.setting
        else:
            before = None if self.cursor.read is None else setting_of(self.cursor.sessions, self.cursor.read)
        return through_edits(self.workspace, before) if before is not None and request.acts else before

    def cached(self, name: str, request: bytes, manifest: str) -> Step | None:
        """The newest step that answered the same request about the same tree with the same build of clew."""
        if self.call.no_cache or not verb(operation(name)).request.cacheable:
            return None
        floor = cache_floor(self.workspace)

        also = self.call.still_holds

        def holds(step: Step, depends: dict[str, str]) -> bool:
            details = step.details
            if details is None or details.tool != BUILD or _answered_at(step) <= floor:
                return False
            return details.manifest == manifest or (also is not None and also(step, depends))

        try:
            return self.cursor.sessions.find_cached(name, request, holds)
        except StoreUnavailable:
            return None  # a call that records nothing can be answered without the store


class _NotCachedError(Exception):
    """The reply to `--check-cache`."""

    def __init__(self, operation: str, question: str) -> None:
        super().__init__(operation)
        self.operation = operation
        self.question = question


def _as_stored(setting: Setting | None, draft: StepDraft) -> Setting | None:
    """The subject as a step keeps it."""
    return replace(setting, subject=draft.subject) if setting is not None and draft.taken and draft.subject is not None else setting


def _answered_at(step: Step) -> float:
    """Time at which a step's answer was worked out: at its own time, unless it was itself taken from the cache."""
    return step.details.cost.get(ANSWERED_AT, step.created_at) if step.details else step.created_at
