"""Secrets are taken out of all that is written: requests, results, words, goals, metadata. The rules stand in `native/core/secrets/`."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from clew.errors import HoldsSecret
from clew.sessions.steps import Step, StepDraft, Subject

MARK = b"[redacted "
"""The beginning of every mark that stands in the place of a secret."""
SHORTEST = 10
"""Nothing shorter holds a secret that can be told from a word."""

Counts = dict[str, int]
"""Kind of secret → how many were taken out."""
T = TypeVar("T")


def without_secrets(data: bytes) -> tuple[bytes, Counts]:
    """JSON with `[redacted KIND]` in place of every secret in its strings, and the counts by kind."""
    from clew._native import without_secrets as clean  # a session that is only read needs nothing native

    return clean(data, True) or (data, {})


def text_without_secrets(text: str) -> tuple[str, Counts]:
    """A text with `[redacted KIND]` in place of every secret, and the counts by kind."""
    if len(text) < SHORTEST:
        return text, {}
    from clew._native import without_secrets as clean  # as above

    found = clean(text.encode("utf-8", "surrogatepass"), False)
    return (text, {}) if found is None else (found[0].decode("utf-8", "surrogatepass"), found[1])


def value_without_secrets(value: T, kind: type[T]) -> tuple[T, Counts]:
    """A value of JSON without the secrets in its strings, and the counts by kind."""
    if not value:
        return value, {}
    data, counts = without_secrets(msgspec.json.encode(value))
    return (msgspec.json.decode(data, type=kind), counts) if counts else (value, {})


def refuse_secrets(value: str, what: str) -> None:
    """Refuse a name or a key with a secret in it: unlike a text it cannot be stored as another one. Raises HoldsSecret."""
    kinds = text_without_secrets(value)[1]
    if kinds:
        raise HoldsSecret(f"{what} holds a secret ({', '.join(kinds)}); it would be stored as it stands: choose another one")


def redacted(draft: StepDraft) -> StepDraft:
    """The draft without the secrets of its request, result, question and subject; `taken` says how many of each kind were taken out.

    An answer to a request that was redacted is not one to what is stored as its request, so it is never given again; with an
    idempotency key it is refused. Raises HoldsSecret.
    """
    if draft.taken is not None:
        return draft
    request, asked = without_secrets(draft.request)
    if asked and draft.idempotency_key is not None:
        raise HoldsSecret("A question with a secret is not stored as it was asked, so an idempotency key cannot tell it from another")
    result, found = (request, {}) if draft.result is draft.request else without_secrets(draft.result)
    question, said = text_without_secrets(draft.question)
    subject, about = value_without_secrets(draft.subject, Subject | None)  # type: ignore[arg-type] # a union is no type to mypy
    counts = united(asked, found, {} if asked else said, about)
    manifest = "" if asked else draft.manifest
    return replace(draft, request=request, result=result, question=question, subject=subject, manifest=manifest, taken=counts)


def united(*counted: Counts) -> Counts:
    """The sums of counts by kind."""
    sums: Counts = {}
    for counts in counted:
        for kind, count in counts.items():
            sums[kind] = sums.get(kind, 0) + count
    return sums


def is_redacted(step: Step) -> bool:
    """True when a secret was taken out of the request of the step."""
    return step.details is not None and bool(step.details.redacted) and MARK in (step.request or b"")


def said(*counted: Counts) -> dict[str, Any]:
    """The part of a reply about secrets that were taken out; nothing when there were none."""
    counts = united(*counted)
    return {"redacted": counts} if counts else {}


def said_of(*steps: Step) -> dict[str, Any]:
    """The part of a reply about the secrets that were taken out of these steps."""
    return said(*(step.details.redacted for step in steps if step.details is not None))
