"""From a command line to an exit status: parse, run, print. The testable front door of every command is `answer`."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

import msgspec

from clew.cli.interrupts import INTERRUPTED, mind_interrupts, say_interrupted
from clew.errors import ClewError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import BinaryIO

    from clew.running.fitting import Measure

CHECK_FAILED = 1

Answer = tuple[bytes, bytes, int]
"""Bytes for standard output, bytes for standard error, and the exit status."""

outputs: list[BinaryIO] = []
"""The standard output of a process that answers one line and ends; empty where `answer` is called by others."""
_kept: list[object] = []
"""Objects that a process keeps until it ends with its answer: a linker takes longer to free than to fill."""


def start(answer: Callable[[list[str], Mapping[str, str]], Answer]) -> None:
    """Run a command on the line of this process, and leave with its status."""
    gc.disable()  # a process that ends with its answer only loses time over reference cycles
    try:
        mind_interrupts()
        outputs.append(sys.stdout.buffer)
        out, err, status = answer(sys.argv[1:], os.environ)
        sys.stderr.buffer.write(err)
        sys.stderr.buffer.flush()
        sys.stdout.buffer.write(out)
        sys.stdout.buffer.flush()
    except KeyboardInterrupt:
        say_interrupted()
        status = INTERRUPTED
    except BrokenPipeError:
        status = 0
    # Everything is written and committed by now; taking the interpreter apart would cost more than a query.
    os._exit(status)


def verb_command(command: str, argv: list[str], environ: Mapping[str, str]) -> Answer:
    """Answer one line of a command whose flags are verbs."""
    return caught(answered, command, argv, environ)


def caught(
    answering: Callable[[str, list[str], Mapping[str, str]], Answer], command: str, argv: list[str], environ: Mapping[str, str]
) -> Answer:
    """Answer a line; an error that is raised becomes the answer."""
    readable = [word.encode("utf-8", "replace").decode() for word in argv]
    if readable != argv:
        return failure(UsageError("An argument is not UTF-8"), command, readable)
    try:
        return answering(command, argv, environ)
    except ClewError as error:
        return failure(error, command, argv)
    except BrokenPipeError:
        raise
    except OSError as error:
        from clew.edits.disk import FULL  # only on failure
        from clew.errors import DiskFull  # likewise

        return failure(
            DiskFull(f"No space left for {error.filename or 'what is written'}", again=()) if error.errno in FULL else _bug(error),
            command,
            argv,
        )
    except Exception as error:  # noqa: BLE001 - the last net: what is not a ClewError is a bug of ours
        return failure(_bug(error), command, argv)


def answered(command: str, argv: list[str], environ: Mapping[str, str]) -> Answer:
    """Answer one line of a command whose flags are verbs. Raises a ClewError."""
    from clew.cli.flags import in_command, parse  # inside the net

    line = parse(command, argv)
    if line.common.get("help"):
        from clew.cli.help import help_of  # only who asks pays

        return help_of(command, [typed.operation for typed in line.operations]).encode(), b"", 0
    if line.common.get("version"):
        from clew._native import VERSION  # nothing else is needed then

        return f"{command} {VERSION}\n".encode(), b"", 0
    from clew.cli.calling import call_of  # after the cheap answers

    call = call_of(line, environ)
    if not (call.operations or call.is_errand):
        raise UsageError(f"{command} was asked nothing", hint=f"{command} --help")
    from clew.cli.watching import shown  # likewise
    from clew.running.execution import run  # the store and the index are opened only for a line that is right
    from clew.running.opening import opened  # likewise

    with (
        shown(line.common.get("progress")) as progress,
        opened(line.common.get("root"), environ, progress, tool=command) as (workspace, sessions),
    ):
        reply = run(workspace, sessions, call, measure_of(argv))
        if not gc.isenabled():
            _kept.append(workspace)
    if isinstance(reply.get("next"), list | tuple):  # of a plan, or of what was written; else it is a cursor
        reply["next"] = [in_command(command, line) for line in reply["next"]]  # of the same length: the reply keeps its budget
    status = CHECK_FAILED if reply.get("failed") else 0
    return printed(reply, json=wants_json(argv), pretty="--pretty" in argv), b"", status


def wants_json(argv: list[str]) -> bool:
    """True when the line asks for JSON; true for lines that cannot be parsed, too."""
    flags = argv[: argv.index("--")] if "--" in argv else argv
    return "--json" in flags or "--pretty" in flags


def measure_of(argv: list[str], *, json: bool | None = None) -> Measure:
    """Number of bytes that a reply takes as it is printed for this line; `json` where the line does not say it."""
    pretty, as_json = "--pretty" in argv, wants_json(argv) if json is None else json
    return lambda reply: len(printed(reply, json=as_json, pretty=pretty))


def printed(reply: Mapping[str, object], *, json: bool, pretty: bool) -> bytes:
    """A reply as it is printed, JSON or text."""
    encoded = msgspec.json.encode(reply)
    if pretty:
        return msgspec.json.format(encoded) + b"\n"
    if json:
        return encoded + b"\n"
    from clew.cli.text import text_of  # only for people

    return text_of(msgspec.json.decode(encoded)).encode(errors="surrogateescape")


def failure(error: ClewError, command: str, argv: list[str]) -> Answer:
    """An error as it is printed: JSON on standard output, or text on standard error."""
    from clew.cli.failures import error_text, said, within_budget  # only on failure

    body = said(error, command, argv)
    if wants_json(argv):
        reply = within_budget({"error": body}, argv, measure_of(argv))
        return printed(reply, json=True, pretty="--pretty" in argv), b"", error.exit_status
    return b"", error_text(body).encode(errors="surrogateescape"), error.exit_status


def _bug(error: Exception) -> ClewError:
    from traceback import format_exception  # only on failure

    from clew.errors import Internal  # only on failure

    report = "".join(format_exception(error, limit=-8))
    return Internal(f"A bug in clew: {type(error).__name__}: {error}", hint="clew doctor", report=report)
