"""`clew record … -- CMD …`: the command runs as it would by itself, its status is handed on, and what it did is a step."""

from __future__ import annotations

import os
from errno import EIO, EPIPE
from typing import TYPE_CHECKING, Any

from clew.cli._flags import FLAGS
from clew.cli.calling import session_thread
from clew.cli.main import measure_of, printed
from clew.running.calls import Asked, Call, Page
from clew.running.fitting import RECORDED_BYTES, checked_budget

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clew.cli.main import Answer

NAME = "record"
GONE = (EPIPE, EIO)
FLAGS_OF_RECORD: dict[str, tuple[str, ...]] = {
    "--session": ("session", "word"),
    "--as": ("store_as", "word"),
    **{flag: (name, shape, *choices) for flag, (name, shape, choices) in FLAGS[NAME][4].items()},
    "--limit": ("limit", "number"),
    "--budget": ("budget", "number"),
    "--fields": ("fields", "word"),
    "--no-record": ("no_record", "switch"),
    "--revive": ("revive", "switch"),
}
ABOUT_FLAGS = (
    ("--session S", "Record in the session S: a name, which is started when there is none, or a token or step to go on from."),
    ("--as KEY", "Store under this key of the session's context."),
    ("--json", "One object on standard output; else the output of the command passes through, and the reply follows on standard error."),
    ("--limit N", "Rows of the reply at most; 0 is all."),
    ("--budget BYTES", "Bytes of the reply at most; 0 is no bound, 2000 otherwise."),
    ("--fields a,b", "Only these fields of each row."),
    ("--no-record", "Record nothing."),
    ("--revive", "Go on with an expired session."),
)


def answer(words: list[str], flags: Mapping[str, Any], environ: Mapping[str, str]) -> Answer:
    """Run the command and record it. Raises a ClewError for what can be refused before anything runs."""
    from clew.recording.record import Record  # only who records pays
    from clew.running.execution import run  # likewise
    from clew.running.opening import opened  # likewise
    from clew.running.replies import with_output  # likewise

    as_json, pretty = bool(flags.get("json") or flags.get("pretty")), bool(flags.get("pretty"))
    own = {name: flags[name] for name in ("parse", "timeout", "diff_from") if name in flags}
    budget = checked_budget(flags.get("budget"))
    fields = tuple(field.strip() for field in flags["fields"].split(",")) if flags.get("fields") else ()
    page = Page(limit=flags.get("limit"), budget=RECORDED_BYTES if budget is None else budget, fields=fields)
    asked = Asked(request=Record(command=tuple(words), **own), store_as=flags.get("store_as"), page=page)
    thread = session_thread(
        flags.get("session"), environ, agent=flags.get("agent"), records=not flags.get("no_record"), revive=bool(flags.get("revive"))
    )
    measure = measure_of(["--pretty"] if pretty else [], json=as_json)
    with opened(flags.get("root"), environ) as (workspace, sessions):
        workspace.terminal = None if as_json else _pass_through
        reply = run(workspace, sessions, Call(operations=(asked,), thread=thread), lambda reply: measure(with_output(reply)))
    shown = printed(with_output(reply), json=as_json, pretty=pretty)
    status = int(reply["status"])
    return (shown, b"", status) if as_json else (b"", shown, status)


def help_text() -> str:
    """The help of `clew record`."""
    from clew.cli.help import entry, help_of  # only who asks pays

    own, about, answers = help_of("clew", [NAME]).partition("\nThe answer:\n")
    return "".join([own, *(entry(flag, text) for flag, text in ABOUT_FLAGS), about, answers])


def _pass_through(stream: int, data: bytes) -> None:
    """Output of the command as it comes, on the stream that it came on; a reader or a terminal that is gone ends nothing."""
    view = memoryview(data)
    try:
        while view:
            view = view[os.write(stream, view) :]
    except OSError as error:
        if error.errno not in GONE:
            raise
