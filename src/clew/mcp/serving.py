"""`clew mcp`: one process that answers agents, over standard input and output or over HTTP."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

from clew.errors import NotAllowed, UsageError
from clew.workspace import find_root

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mcp.server.lowlevel import Server

    from clew.mcp.engine import Engine

MOST_LINES = 100
"""Lines of the log, after which it says no more: whoever talks to the server could fill a disk."""
CHECK = "clew mcp --check test='npm test'"
TOKEN = "CLEW_MCP_TOKEN"  # noqa: S105 - the name of a variable


def serve(_: list[str], flags: Mapping[str, Any]) -> int:
    """Answer until the client leaves, or over HTTP until the process is told to end; returns the exit status.

    Raises UsageError for an address that cannot be had and a check that is none, NotAllowed where the SDK is not installed.
    """
    if "print_config" in flags:
        from clew.mcp.config import config_text  # only who asks pays

        sys.stdout.write(config_text(flags["print_config"]))
        sys.stdout.flush()
        return 0
    if flags.get("allow_host") and "http" not in flags:
        raise UsageError("--allow-host is about --http", hint="clew mcp --http --allow-host NAME")
    is_http = "http" in flags
    checks = checks_of(flags.get("check") or ())
    root = find_root(flags.get("root"))
    os.chdir(root)  # paths of arguments are read from there, wherever the server was started
    try:
        from clew.mcp.engine import Engine  # after the cheap answers

        engine = Engine(root, os.environ, prefixes=not is_http)
        engine.warm_up()  # while the SDK is imported
        from clew.mcp.server import ToolRegistry, server_of  # half a second
        from clew.mcp.tools import tools_of  # likewise
    except ImportError as error:
        raise NotAllowed(f"clew mcp needs the SDK of the protocol: {error}", hint="pip install 'clew[mcp]'") from error
    server = server_of(ToolRegistry(engine, os.environ, tools_of(checks)))
    bound_log()
    gc.enable()  # this process lives on; what is loaded by now stays, and is not looked through again
    gc.freeze()
    if is_http:
        _over_http(server, flags)
    else:
        from asyncio import run as run_loop  # loaded by the SDK

        end_whole(engine)
        run_loop(_over_stdio(server))
    return 0


def checks_of(given: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The commands of `--check NAME=CMD` by their names, taken apart as a shell would; no shell reads them. Raises UsageError."""
    from shlex import split  # only who serves pays

    checks: dict[str, tuple[str, ...]] = {}
    for text in given:
        name, equals, line = text.partition("=")
        try:
            command = tuple(split(line))
        except ValueError as error:
            raise UsageError(f"--check {text}: {error}", hint=CHECK) from error
        if not (name.strip() and equals and command):
            raise UsageError(f"--check takes NAME=CMD, not {text!r}", hint=CHECK)
        if name in checks:
            raise UsageError(f"--check names {name} twice", hint=CHECK)
        checks[name] = command
    return checks


def end_whole(engine: Engine) -> None:
    """On a signal to this process, end the check that is running first, with all that it started; a second time end at once."""
    import signal  # loaded by the SDK
    from threading import Thread  # likewise

    def end(sign: int) -> None:
        engine.close()
        os.kill(os.getpid(), sign)

    def told(sign: int, _: object) -> None:
        signal.signal(sign, signal.SIG_DFL)
        Thread(target=end, args=(sign,), daemon=True).start()  # whatever this thread holds right now, it goes on

    for sign in (signal.SIGTERM, signal.SIGHUP) if sys.platform != "win32" else ():
        if signal.getsignal(sign) is not signal.SIG_IGN:
            signal.signal(sign, told)


def bound_log() -> None:
    """Say warnings on standard error, but only the first of them."""
    import logging  # loaded by the SDK

    handler = logging.StreamHandler(sys.stderr)
    left = iter(range(MOST_LINES))
    handler.addFilter(lambda _: next(left, None) is not None)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], format="%(name)s: %(message)s")


def _over_http(server: Server[Any], flags: Mapping[str, Any]) -> None:
    from secrets import token_urlsafe  # only who serves over HTTP pays

    from clew.mcp.http import PATH, address_of, listening
    from clew.mcp.http import serve as serve_http

    token = os.environ.get(TOKEN) or token_urlsafe(32)
    with listening(*address_of(flags["http"])) as listener:
        host, port = listener.getsockname()[:2]
        said = f"http://{f'[{host}]' if ':' in host else host}:{port}{PATH}\n"
        sys.stderr.write(said if os.environ.get(TOKEN) else f"{said}token: {token}\n")
        sys.stderr.flush()
        serve_http(server, token, listener, tuple(flags.get("allow_host") or ()))


async def _over_stdio(server: Server[Any]) -> None:
    from mcp.server.stdio import stdio_server  # only who serves over standard input pays

    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
