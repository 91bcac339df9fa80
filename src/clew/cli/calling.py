"""A parsed command line as a `Call`: requests built, session flags weighed against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clew.bounds import SECONDS
from clew.cli._flags import FLAGS
from clew.errors import InvalidRequest, UsageError
from clew.operations import operation, verb
from clew.requests import Target
from clew.running.calls import HEAD, Asked, Call
from clew.running.narrowing import check_fields, page_of, sized
from clew.sessions.cursor import Thread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.cli.flags import Line, ParsedOperation


def call_of(line: Line, environ: Mapping[str, str]) -> Call:
    """The call that a line means; raises InvalidRequest for flags that cannot be meant together."""
    common = line.common
    if line.operations:
        first = line.operations[0]
        first.own = {**line.own, **first.own}
        for typed in line.operations[1:]:
            typed.own = {**{name: value for name, value in line.own.items() if name in _FOR_ALL}, **typed.own}
    elif line.own.keys() - _FOR_ALL:
        raise UsageError("These flags need an operation: " + ", ".join(f"--{name.replace('_', '-')}" for name in sorted(line.own)))
    switches: dict[str, Any] = {name: True for name in _SWITCHES if common.get(name)}
    return Call(
        operations=tuple(_asked(typed) for typed in line.operations),
        thread=_thread(common, environ),
        page=page_of(line.own),
        deadline=common.get("deadline", SECONDS),
        **switches,
    )


_SWITCHES = ("check_cache", "no_cache", "clear_cache", "refresh", "strict", "cleanup")
_FOR_ALL = frozenset({"limit", "budget", "fields", "after"})


def _asked(typed: ParsedOperation) -> Asked:
    _, values, _, _, _ = FLAGS[typed.operation]
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in typed.fields.items()}
    if values == "targets":
        fields["targets"] = tuple(Target(text=word) for word in typed.words)
    elif values and typed.words:
        fields[values] = tuple(typed.words)
    own = typed.own
    asking, page = verb(operation(typed.operation)), page_of(own)
    if page.step is None:
        check_fields(asking.result, page.fields)
    changed = HEAD if own.get("changed", "") is None else own.get("changed")
    asked = sized(
        Asked(
            request=asking.request(**fields),
            match=own.get("match"),
            input_from=own.get("input_from"),
            changed=changed,
            store_as=own.get("store_as"),
            page=page,
        )
    )
    if changed is not None:
        from clew.running.changing import weighed  # only who asks for changes pays

        weighed(asked)
    return asked


def session_thread(ref: str | None, environ: Mapping[str, str], *, agent: str | None, records: bool, revive: bool) -> Thread:
    """The thread of a command with one flag for its session: a name, which is started when there is none, or an address to go on from."""
    name = ref or environ.get("CLEW_SESSION") or None
    is_address = name is not None and ("#" in name or "~" in name or name.startswith(("js--", "sess-")))
    return Thread(
        name=None if is_address else name,
        continues=is_address,
        refs=(name,) if is_address and name is not None else (),
        records=records and (ref is not None or environ.get("CLEW_RECORD") != "0"),
        revive=revive,
        agent=agent,
    )


def _thread(common: Mapping[str, Any], environ: Mapping[str, str]) -> Thread:
    starts, continues = "session_start" in common, "session_continue" in common or "from" in common
    name, save = common.get("session_start"), common.get("save_session")
    given = starts or continues or save is not None
    if starts and continues:
        raise InvalidRequest("--session-start begins a session and --session-continue goes on with one; give one of them")
    if name is not None and save is not None and name != save:
        raise InvalidRequest(f"Two names that disagree: --session-start {name!r} and --save-session {save!r}")
    if common.get("no_record") and (starts or save is not None):
        raise InvalidRequest("--no-record records nothing, so it cannot start or save a session")
    if continues and common.get("ttl") is not None:
        raise InvalidRequest("--ttl is set when a session starts")
    default = environ.get("CLEW_SESSION") or None
    refs = tuple(dict.fromkeys(ref for ref in (common.get("session_continue"), common.get("from"), save) if ref is not None))
    if continues and not refs and default:
        refs = (default,)
    return Thread(
        starts=starts,
        name=None if continues else name if name is not None else save if given else default,
        continues=continues,
        refs=refs if continues else (),
        records=not common.get("no_record") and (given or environ.get("CLEW_RECORD") != "0"),
        revive=bool(common.get("revive")),
        agent=common.get("agent") or environ.get("CLEW_AGENT") or environ.get("AGENT_ID") or None,
        ttl=common.get("ttl"),
        pin=bool(common.get("pin")),
        goal=common.get("goal"),
        note=common.get("note"),
        idempotency_key=common.get("idempotency_key"),
    )
