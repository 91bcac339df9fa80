"""Bundles from elsewhere, weighed against the own tree before anybody builds on them: verify."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import replace

from clew.edits.claims import Claim
from clew.errors import InvalidRequest
from clew.requests import Row
from clew.running.acts.base import Act, Acting
from clew.running.narrowing import page_of
from clew.running.replies import paged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clew.running.replies import Reply
    from clew.sessions.steps import Step
    from clew.workspace import Workspace

SHOWN_FILES = 5
ORDER = ("fresh", "moved", "changed", "gone")
"""Verdicts, the worst last."""


class Verify(Act, frozen=True, kw_only=True, tag="verify"):
    """Weigh a bundle against this tree: its chain, the files behind each step, its verified edits. Status 1 where anything differs."""

    bundle: str
    """The bundle; nothing of it is recorded."""
    limit: int | None = None
    """At most so many rows; 0 is all, 20 otherwise."""
    after: str | None = None
    """Skip so many rows."""
    budget: int | None = None
    """At most so many bytes; 0 is no bound, 8000 otherwise."""


class LinkRow(Row, frozen=True, kw_only=True):
    """A step of a bundle, and how it stands to the tree."""

    step: str
    operation: str
    question: str = ""
    verdict: str = "fresh"
    """Of the files behind it: `fresh`, `moved`, `changed` or `gone`; `unknown` where a redaction took them along."""
    files: tuple[str, ...] = ()
    """The first of those that are not fresh."""
    files_total: int = 0
    verified: bool | None = None
    """Of an edit that was verified: whether this is the tree that its command passed on."""


def verify(acting: Acting, request: Verify) -> Reply:
    """The verdict on each step of a bundle, the worst of them, and the commands that go on from it.

    A bundle is not signed: that its chain is intact means that nobody changed it since it was exported, not who made it. Of a redacted
    step nobody knows what was behind it: it is `unknown`, and differs from nothing. Raises InvalidRequest for a file that is no
    whole, unaltered bundle, QuotaExceeded.
    """
    from shlex import join  # only who asks pays

    from clew.sessions.bundles import read_bundle  # zipfile: likewise

    manifest, steps, values = read_bundle(request.bundle, acting.sessions.quotas)
    answers = [step for step in steps if step.seq > 0]
    rows = tuple(_weighed(acting.workspace, step, values, n) for n, step in enumerate(answers, 1))
    counts = {verdict: sum(row.verdict == verdict for row in rows) for verdict in (*ORDER, "unknown")}
    worst = next(verdict for verdict in reversed(ORDER) if counts[verdict] or verdict == ORDER[0])
    head: Reply = {
        "operation": "verify",
        "session": manifest.session.address,
        "chain": "intact",
        "verdict": worst,
        "steps": {verdict: count for verdict, count in counts.items() if count},
    }
    if worst != ORDER[0] or any(row.verified is False for row in rows):
        head["failed"] = True
    here = acting.sessions.store.session(manifest.session.session_id)
    if here is None:
        head["then"] = _imports(acting, request, manifest.session.address)
    elif _has_all(acting, steps):
        head["then"] = [join(["clew", "resume", here.address, "--json"])]
    else:
        head["here"] = f"{here.address} is here with other steps, and cannot be imported beside it"
        head["then"] = [join(["clew", "sessions", "log", here.address, "--json"])]
    page = page_of({"limit": request.limit, "after": request.after, "budget": request.budget})
    reply = paged(head, msgspec.json.encode({"results": rows}), page, None, measure=acting.measure)
    del reply["complete"]  # it speaks of code
    return reply


def _weighed(workspace: Workspace, step: Step, values: dict[str, bytes], n: int) -> LinkRow:
    from clew.running.verdicts import verdict_on

    row = LinkRow(n=n, step=step.address, operation=step.operation, question=step.question)
    depends = {} if step.depends_digest is None else _read(step, values, step.depends_digest, dict[str, str])
    if step.details is None or depends is None:
        return replace(row, verdict="unknown")
    judged = verdict_on(depends, workspace.generation)
    claim = _read(step, values, step.result_digest, Claim) if step.operation == "verify" else None
    verified = None if claim is None else _holds(workspace, claim)
    return replace(row, verdict=judged.verdict, files=judged.files[:SHOWN_FILES], files_total=len(judged.files), verified=verified)


def _read(step: Step, values: dict[str, bytes], address: bytes, kind: Any) -> Any:  # noqa: ANN401 - what `kind` says
    """A stored value of a step; None where a redaction took it. Raises InvalidRequest for one that clew did not write."""
    data = values.get(address.hex())
    try:
        return None if data is None else msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InvalidRequest(f"{step.address} holds what no step of clew holds: {error}") from None


def _holds(workspace: Workspace, claim: Claim) -> bool:
    """True where an edit was verified on the very tree that this is."""
    from clew.edits.trees import digest_of_tree  # only verified edits are of a whole tree

    return claim.verified and claim.stored.tree == digest_of_tree(workspace.generation)


def _has_all(acting: Acting, steps: Sequence[Step]) -> bool:
    """True where the session that is here has the steps of the bundle, and perhaps others after them."""
    held = ((step, acting.sessions.store.step(step.session_id, step.seq)) for step in steps)
    return all(own is not None and own.hash == step.hash for step, own in held)


def _imports(acting: Acting, request: Verify, address: str) -> list[str]:
    """The commands that take the bundle in, by another name where its own is taken, and go on with its session."""
    from shlex import join  # only who asks pays

    holder = acting.sessions.store.session_named(address)
    if holder is None or holder.state(acting.sessions.clock()) != "live":
        return [join(["clew", "sessions", "import", request.bundle, "--json"]), join(["clew", "resume", address, "--json"])]
    from clew.sessions.names import free_name

    name = free_name(acting.sessions.holder, address)
    return [join(["clew", "sessions", "import", request.bundle, "--name", name, "--json"]), join(["clew", "resume", name, "--json"])]
