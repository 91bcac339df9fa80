"""Every error clew raises on purpose, as one tree.

    ClewError
    ├── Usage (2)      UsageError · InvalidRequest · InvalidPipeline · NotAPlan
    ├── NotFound (3)   SessionNotFound · TokenUnknown · SymbolNotFound · SectionNotFound · NoSubject · NothingChanged ·
    │                  NoSuchFile · RevisionNotFound · NoRepository · ProgramNotFound · PipelineNotFound
    ├── Ambiguous (4)  AmbiguousSession · AmbiguousSymbol · AmbiguousSection
    ├── Expired (5)    SessionExpired · PlanExpired
    ├── Conflict (6)   StaleInput · StalePlan · IdempotencyConflict · SessionExists · StepUnknown · PipelineChanged ·
    │                  RunBlocked · LeaseLost
    ├── Refused (7)    UnsafeEdit · NeedsConfirmation · QuotaExceeded · NotAllowed · HoldsSecret · OutsideWorkspace ·
    │                  GitUnavailable
    ├── Storage (8)    StoreCorrupt · StoreNewer · DiskFull · StoreUnavailable
    └── Bug (70)       Internal

The number is the exit status of the command; `code` is the word on the wire. The message says what happened; the hint is the
caller's own command, corrected and complete, where there is one.
"""

from __future__ import annotations


class ClewError(Exception):
    """The base: a `code`, an exit status, a message, and what the caller can do.

    `given` is the word of the caller's line that is wrong, exactly as it was typed; the first of `candidates` can stand in its place.
    `again` are flags with which the same line may succeed; none for the line as it is. Where the caller has to choose between several
    such lines, each of `ways` is the flags of one.
    """

    code = "internal"
    exit_status = 70
    is_counted = False
    """True once it is counted for `clew stats`."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        candidates: tuple[str, ...] = (),
        given: str | None = None,
        again: tuple[str, ...] | None = None,
        ways: tuple[tuple[str, ...], ...] = (),
        **details: object,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.candidates = candidates
        self.given = given
        self.again = again
        self.ways = ways
        self.details = details


class Usage(ClewError):
    """The call itself is wrong."""

    exit_status = 2


class UsageError(Usage):
    """A flag or a value that the command does not take."""

    code = "usage"


class InvalidRequest(Usage):
    """A request whose values cannot be meant together, or a refused name."""

    code = "invalid_request"


class InvalidPipeline(Usage):
    """A pipeline that is wrong; every problem has its line and column."""

    code = "invalid_pipeline"
    found: tuple[object, ...] = ()
    """The problems as values (`clew.pipelines.model.Problem`)."""


class NotAPlan(Usage):
    """The step named is not a plan."""

    code = "not_a_plan"


class NotFound(ClewError):
    """The thing named is not there."""

    exit_status = 3


class SessionNotFound(NotFound):
    """No session of that name, id or address."""

    code = "session_not_found"


class TokenUnknown(NotFound):
    """No step has this continuation token."""

    code = "token_unknown"


class SymbolNotFound(NotFound):
    """No definition at that address."""

    code = "symbol_not_found"


class SectionNotFound(NotFound):
    """No section of Markdown at that address."""

    code = "section_not_found"


class NoSubject(NotFound):
    """The question is about nothing: no target was given, and the session is about nothing that could be meant."""

    code = "no_subject"


class NothingChanged(NotFound):
    """The question is about what changed, and no definition that is still there did."""

    code = "nothing_changed"


class RevisionNotFound(NotFound):
    """Git knows no commit by that name."""

    code = "revision_not_found"


class NoRepository(NotFound):
    """The root is in no git repository."""

    code = "no_repository"


class NoSuchFile(NotFound):
    """No file of that path in the workspace."""

    code = "file_not_found"


class ProgramNotFound(NotFound):
    """There is no program of that name that could be run."""

    code = "program_not_found"


class PipelineNotFound(NotFound):
    """No pipeline of that name, and no such file."""

    code = "pipeline_not_found"


class Ambiguous(ClewError):
    """The name fits several; `candidates` can be pasted."""

    exit_status = 4


class AmbiguousSession(Ambiguous):
    """Several live sessions, and none was named."""

    code = "ambiguous_session"


class AmbiguousSymbol(Ambiguous):
    """Several definitions have that name."""

    code = "ambiguous_symbol"


class AmbiguousSection(Ambiguous):
    """Several sections of Markdown have that name."""

    code = "ambiguous_section"


class Expired(ClewError):
    """It was there, and its time is over."""

    exit_status = 5


class SessionExpired(Expired):
    """The session was idle for longer than its time to live; reading works, continuing needs `--revive`."""

    code = "session_expired"


class PlanExpired(Expired):
    """The stored texts of a plan, or of its apply, are gone."""

    code = "plan_expired"


class Conflict(ClewError):
    """The world moved on since the request was made."""

    exit_status = 6


class StaleInput(Conflict):
    """The files behind the continued step changed so that it cannot be continued as asked."""

    code = "stale_input"


class StalePlan(Conflict):
    """Files changed since the plan was made."""

    code = "stale_plan"


class IdempotencyConflict(Conflict):
    """The idempotency key was used for another request."""

    code = "idempotency_conflict"


class SessionExists(Conflict):
    """A live session already has this name."""

    code = "session_exists"


class StepUnknown(Conflict):
    """A run was killed while a step of it ran a command, and nobody knows how that ended."""

    code = "step_unknown"


class PipelineChanged(Conflict):
    """The file of a pipeline changed in the middle of a run."""

    code = "pipeline_changed"


class RunBlocked(Conflict):
    """Processes that a killed run started are still alive."""

    code = "run_blocked"


class LeaseLost(Conflict):
    """Another process went on with the run, because this one had lost its connection to the server."""

    code = "lease_lost"


class Refused(ClewError):
    """Understood, and not done."""

    exit_status = 7


class UnsafeEdit(Refused):
    """The edit would break the code, or could not be proven safe."""

    code = "unsafe_edit"


class NeedsConfirmation(Refused):
    """The plan changes places that are only possible; who saw them says so, and once."""

    code = "needs_confirmation"


class QuotaExceeded(Refused):
    """A step, session or store would grow over its quota; nothing was written."""

    code = "quota_exceeded"


class NotAllowed(Refused):
    """A setting or the state of the session forbids it."""

    code = "not_allowed"


class HoldsSecret(Refused):
    """A name, a key or an agent that holds a secret; nothing was written."""

    code = "holds_secret"


class OutsideWorkspace(Refused):
    """A path that leaves the workspace."""

    code = "outside_workspace"


class GitUnavailable(Refused):
    """Git is not installed, or does not answer; the message is its own."""

    code = "git_unavailable"


class Storage(ClewError):
    """The disk or the database said no."""

    exit_status = 8


class StoreCorrupt(Storage):
    """Stored bytes are not what was written; they are named and left as they are."""

    code = "store_corrupt"


class StoreNewer(Storage):
    """The store was written by a newer clew."""

    code = "store_newer"


class DiskFull(Storage):
    """No space left; nothing was half-written."""

    code = "disk_full"


class StoreUnavailable(Storage):
    """The store cannot be reached or opened now."""

    code = "store_unavailable"


class Bug(ClewError):
    """Ours to mend."""


class Internal(Bug):
    """An unexpected failure; the message is a report to paste."""

    code = "internal"
