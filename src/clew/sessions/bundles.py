"""A session as one file that can be carried: a zip of a manifest, the steps, and their bytes by digest.

A bundle is verified whole (members, sizes, digests, the chain of hashes) before anything is written.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from clew.errors import InvalidRequest, QuotaExceeded, SessionExists
from clew.sessions.appending import Quotas
from clew.sessions.core import Sessions
from clew.sessions.names import free_name, new_name, session_name
from clew.sessions.redaction import refuse_secrets, text_without_secrets, value_without_secrets, without_secrets
from clew.sessions.steps import HARD_CAP, LAST_MOMENT, Session, Step, digest, has_sound_times
from clew.sessions.store.protocol import Change
from clew.sessions.store.rows import encode
from clew.sessions.tokens import TokenCodec
from clew.sessions.validating import beginnings, within_bounds

FORMAT = 2
READABLE = (1, 2)
MANIFEST, STEPS, BYTES = "manifest.json", "steps.jsonl", "bytes/"
HEX = frozenset("0123456789abcdef")
_OLDEST = (1980, 1, 1, 0, 0, 0)
"""Every member's date, so that equal sessions give equal bundles."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table of contents of a bundle."""

    format: int
    session: Session
    steps: str
    """Digest of the steps' member, hex."""
    members: dict[str, int]
    """Digest, hex → size of every stored value."""
    seal: str = ""
    """Digest, hex, of the manifest with an empty seal."""


class BundleSummary(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Summary of an export or an import."""

    session_id: str
    name: str | None
    steps: int
    members: int
    bytes: int
    redacted: int = 0
    """Number of steps that were carried without their content, because there was a secret in it."""


def export_bundle(sessions: Sessions, ref: str, path: str) -> BundleSummary:
    """Write the session to a new file at `path`. Raises InvalidRequest when there is a file, and what `locate` raises."""
    session = sessions.locate(ref, for_append=False).session
    kept = sessions.store.steps(session.session_id, after=-1)
    wanted = dict.fromkeys(held for step in kept for held in step.addresses)
    stored = {held.hex(): data for held in wanted if (data := sessions.store.payload(held)) is not None}
    session, steps, values = _without_secrets(session, kept, stored)
    lines = b"\n".join(encode(step) for step in steps)
    manifest = Manifest(
        format=FORMAT,
        session=session,
        steps=digest(lines).hex(),
        members={name: len(data) for name, data in values.items()},
    )
    manifest = replace(manifest, seal=digest(encode(manifest)).hex())
    members = {MANIFEST: encode(manifest), STEPS: lines, **{BYTES + name: data for name, data in sorted(values.items())}}
    partial = f"{path}.partial"
    try:
        with zipfile.ZipFile(partial, "x", zipfile.ZIP_DEFLATED) as bundle:
            for name, data in members.items():
                bundle.writestr(zipfile.ZipInfo(name, _OLDEST), data, zipfile.ZIP_DEFLATED)
        os.link(partial, path)
    except FileExistsError:
        raise InvalidRequest(f"{path} exists; a bundle is a new file") from None
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be written: {error.strerror}") from None
    finally:
        if os.path.exists(partial):
            os.unlink(partial)
    return _summary(session, steps, values, kept)


def import_bundle(sessions: Sessions, path: str, *, name: str | None = None) -> BundleSummary:
    """Take a session in, with its tokens, its history and, unless `name` says another, its name.

    Raises InvalidRequest for a file that is no whole, unaltered bundle, QuotaExceeded, SessionExists.
    """
    manifest, carried, stored = read_bundle(path, sessions.quotas)
    session, steps, values = _without_secrets(manifest.session, carried, stored)
    now = sessions.clock()
    session = replace(
        session,
        name=new_name(name) if name is not None else session.name,
        owns_name=True,
        last_used_at=now,
        kept_from=now,
        ttl=min(manifest.session.ttl, HARD_CAP),
        size=sum(step.size for step in steps),
    )
    if sessions.store.session(session.session_id) is not None:
        raise SessionExists(f"Session {session.session_id} is here already", candidates=(session.session_id,))
    if sessions.holder(session.name) is not None:
        raise SessionExists(
            f"A live session is called {session.name}", again=("--name", free_name(sessions.holder, session.name or session.session_id))
        )
    sessions.create(Change(session=session, steps=steps, payloads=tuple(values.values())))
    return _summary(session, steps, values, carried)


def read_bundle(path: str, quotas: Quotas) -> tuple[Manifest, tuple[Step, ...], dict[str, bytes]]:
    """Everything in a bundle, verified. Raises InvalidRequest, QuotaExceeded."""
    try:
        with zipfile.ZipFile(path) as bundle:
            return _verified(path, bundle, quotas)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise InvalidRequest(f"{path} is no bundle: {error}") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise InvalidRequest(f"{path} is not as it was exported: {error}") from None


def _verified(path: str, bundle: zipfile.ZipFile, quotas: Quotas) -> tuple[Manifest, tuple[Step, ...], dict[str, bytes]]:
    names = bundle.namelist()
    for name in names:
        if name not in (MANIFEST, STEPS) and not (name.startswith(BYTES) and _is_digest(name[len(BYTES) :])):
            raise InvalidRequest(f"{path} holds a member that no bundle has: {name!r}")
    if len(set(names)) != len(names) or not {MANIFEST, STEPS} <= set(names):
        raise InvalidRequest(f"{path} does not hold every member once")
    left = quotas.session
    held: dict[str, bytes] = {}
    for name in names:
        held[name] = _bounded(bundle, name, left)
        left -= len(held[name])
    data = held.pop(MANIFEST)
    manifest = msgspec.json.decode(data, type=Manifest)
    if manifest.format not in READABLE:
        raise InvalidRequest(f"{path} has format {manifest.format}; this clew reads 1 to {FORMAT}", hint="pip install --upgrade clew")
    before, mark, after = data.rpartition(b'"seal":"%s"' % manifest.seal.encode())  # as it was written, whatever fields this clew knows
    if not mark or digest(before + b'"seal":""' + after).hex() != manifest.seal:
        raise InvalidRequest(f"{path} was altered: its manifest is not what was exported")
    lines = held.pop(STEPS)
    values = {name[len(BYTES) :]: data for name, data in held.items()}
    if digest(lines).hex() != manifest.steps or {name: len(data) for name, data in values.items()} != manifest.members:
        raise InvalidRequest(f"{path} was altered: its members are not those of its manifest")
    for name, data in values.items():
        if digest(data).hex() != name:
            raise InvalidRequest(f"{path} was altered: {name[:16]} is not what was exported")
    steps = tuple(msgspec.json.decode(line, type=Step) for line in lines.split(b"\n") if line)
    _require_chain(path, manifest.session, steps, values)
    return manifest, steps, values


def _require_chain(path: str, session: Session, steps: tuple[Step, ...], values: dict[str, bytes]) -> None:
    if session.name is not None and session_name(session.name) != session.name:
        raise InvalidRequest(f"{path} names its session in a form that no session has")
    if not session.session_id.startswith("sess-") or not all(TokenCodec.is_whole(step.token) for step in steps):
        raise InvalidRequest(f"{path} holds an id or a token that clew did not make")
    _require_bounds(path, session, steps, values)
    for problem in chain_problems(session, steps):
        raise InvalidRequest(f"{path} was altered: {problem}")
    taken = {held.hex() for step in steps if step.details is None for held in step.addresses}  # with a redaction, from all who share them
    for step in steps:
        if step.details is not None and not {held.hex() for held in step.addresses} <= values.keys() | taken:
            raise InvalidRequest(f"{path} lacks bytes of {step.address}")


def _require_bounds(path: str, session: Session, steps: tuple[Step, ...], values: dict[str, bytes]) -> None:
    """Every field that no hash covers is within what a session could be given, and agrees with the steps."""
    if not has_sound_times(session) or not all(0 <= step.created_at < LAST_MOMENT for step in steps):
        raise InvalidRequest(f"{path} holds a time that no clock shows")
    metadata = session.metadata
    beginnings(agent=metadata.get("agentId"), ttl=session.ttl, pinned=session.pinned, goal=session.goal, metadata=metadata)
    counted = (steps[-1].seq if steps else 0, max((step.branch for step in steps), default=1))
    if (session.head, session.branches) != counted:
        raise InvalidRequest(f"{path} was altered: its session has not as many steps and branches as it says")
    goals = [step.request for step in steps if step.operation == "goal"]
    if goals and goals[-1] is not None and msgspec.json.decode(goals[-1]) != {"goal": session.goal}:
        raise InvalidRequest(f"{path} was altered: its goal is not the one that was set")
    root = values.get(steps[0].result_digest.hex()) if steps and steps[0].seq == 0 else None
    initial = {} if root is None else msgspec.json.decode(root)
    begun = bool(steps) and steps[0].seq == 0
    if (
        (session.initial_keys and not begun)
        or (root is not None and sorted(session.first_keys) != sorted(initial))
        or session.initial not in ({}, initial)
    ):
        raise InvalidRequest(f"{path} was altered: its initial context is not that of its first step")


def chain_problems(session: Session, steps: tuple[Step, ...]) -> Iterator[str]:
    """Problems of the steps of a session: numbers, parents, branches, hashes, and the digests of what stands in the row."""
    steps_before: dict[int, Step] = {}
    numbers = [step.seq for step in steps]
    first = numbers[0] if numbers else 1
    if numbers != list(range(first, session.head + 1)) or first not in (0, 1):
        yield f"the steps of {session.session_id} are not 1 to {session.head}"
    for step in steps:
        parent = None if step.parent is None else steps_before.get(step.parent)
        if step.session_id != session.session_id or (step.parent is not None and parent is None):
            yield f"step {step.seq} of {session.session_id} does not hang on an earlier one"
        elif not 0 <= step.stands_on <= step.seq or not 0 <= (step.hands_on or 0) <= step.seq:
            yield f"step {step.seq} of {session.session_id} stands on a later one"
        elif damage := step.damage(parent.hash if parent else b""):
            yield damage
        elif step.details is not None and digest(encode(step.details)) != step.details_digest:
            yield f"the details of step {step.seq} of {session.session_id} are not what was written"
        steps_before[step.seq] = step


def _bounded(bundle: zipfile.ZipFile, name: str, left: int) -> bytes:
    """The member's bytes, never more than `left`, whatever its header says."""
    with bundle.open(name) as member:
        data = member.read(left + 1)
    if len(data) > left:
        raise QuotaExceeded("The bundle holds more than a session may")
    return data


def _is_digest(name: str) -> bool:
    return len(name) == 64 and all(letter in HEX for letter in name)  # noqa: PLR2004 - 32 bytes in hex


def _without_secrets(
    session: Session, steps: Sequence[Step], values: dict[str, bytes]
) -> tuple[Session, tuple[Step, ...], dict[str, bytes]]:
    """The same session, where each step with a secret in it is as if it were redacted: its content is gone, the chain still verifies."""
    depends = {step.depends_digest.hex() for step in steps if step.depends_digest is not None}
    secret = {name for name, data in values.items() if without_secrets(_paths_of(data) if name in depends else data)[1]}

    def holds_secret(step: Step) -> bool:
        if step.details is None:
            return False
        texts = (step.request or b"", encode(step.details))
        return any(held.hex() in secret for held in step.addresses) or any(without_secrets(text)[1] for text in texts)

    refuse_secrets(session.name or "", "A session name")
    for step in steps:
        within_bounds(step)
    clean = tuple(replace(step, request=None, details=None) if holds_secret(step) else step for step in steps)
    kept = {held.hex() for step in clean if step.details is not None for held in step.addresses}
    begun = next((step for step in clean if step.seq == 0), None)
    if begun is not None and begun.details is None:
        session = replace(session, initial={}, initial_keys=())
    goal, metadata = text_without_secrets(session.goal)[0], value_without_secrets(session.metadata, dict[str, Any])[0]
    return replace(session, goal=goal, metadata=metadata), clean, {name: data for name, data in values.items() if name in kept}


def _paths_of(depends: bytes) -> bytes:
    """The paths of a step's files without their digests: `auth.js` beside one looks like a password and its value."""
    try:
        digests = msgspec.json.decode(depends, type=dict[str, str])
    except msgspec.DecodeError:
        return depends
    return encode([*digests, *(value for value in digests.values() if not all(letter in HEX for letter in value))])


def _summary(session: Session, steps: Sequence[Step], values: dict[str, bytes], original: Sequence[Step]) -> BundleSummary:
    return BundleSummary(
        session_id=session.session_id,
        name=session.name,
        steps=session.head,
        members=len(values),
        bytes=sum(map(len, values.values())) + sum(len(step.request or b"") for step in steps),
        redacted=sum(step is not before for step, before in zip(steps, original, strict=True)),
    )
