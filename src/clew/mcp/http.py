"""Streamable HTTP: a bearer token always, the names in Host and Origin checked against rebinding of DNS, bodies bounded."""

from __future__ import annotations

import hmac
import socket
from typing import TYPE_CHECKING, Any

from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from clew.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mcp.server.lowlevel import Server

PATH = "/mcp"
HOST, PORT = "127.0.0.1", 7433
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MOST_BYTES = 4_000_000
"""The largest body that is read."""
MOST_CONNECTIONS = 500
"""Connections at once; one more is answered 503."""
UNAUTHORIZED = 401


class BearerToken:
    """Lets only requests through that carry the token; whatever else they ask for, they are not looked at."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 by itself, or hand on."""
        if scope["type"] == "http" and not self._is_carried(scope):
            hint = "Authorization: Bearer TOKEN, with the token of the server: CLEW_MCP_TOKEN, or printed when it started"
            body = {"error": {"code": "unauthorized", "message": "The bearer token is missing or wrong", "hint": hint}}
            await JSONResponse(body, UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_carried(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        scheme, _, token = given[0].partition(b" ") if len(given) == 1 else (b"", b"", b"")
        return scheme.lower() == b"bearer" and hmac.compare_digest(token, self._token)


def app_of(server: Server[Any], token: str, port: int, names: Sequence[str] = ()) -> ASGIApp:
    """The server over HTTP, for clients that call it by a loopback name with the port, or by one of `names`, with or without it."""
    hosts = [f"{name}:{port}" for name in (*LOOPBACK, *names)] + list(names)
    origins = [f"http://{host}" for host in hosts] + [f"https://{name}" for name in names]
    security = TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=origins)
    app = server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, max_request_body_size=MOST_BYTES, transport_security=security
    )
    return BearerToken(app, token)


def address_of(text: str | None) -> tuple[str, int]:
    """HOST and PORT of `HOST:PORT`, `HOST`, `:PORT` or nothing. Raises UsageError."""
    host, colon, port = (text or "").rpartition(":")
    if not colon or port.endswith("]"):
        host, port = text or "", ""
    if port and not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise UsageError(f"--http takes HOST:PORT, not {text!r}", given=text, candidates=(f"{HOST}:{PORT}",))
    return host.strip("[]") or HOST, int(port) if port else PORT


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any that is free. Raises UsageError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise UsageError(f"{host}:{port} cannot be listened on: {error.strerror or error}", hint=f"clew mcp --http {host}:0") from error


def serve(server: Server[Any], token: str, listener: socket.socket, names: Sequence[str]) -> None:
    """Answer until the process is told to end."""
    import uvicorn  # only who serves over HTTP pays

    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        app_of(server, token, port, (f"[{host}]" if ":" in host else host, *names)),
        log_config=None,
        access_log=False,
        lifespan="on",
        ws="none",
        server_header=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_graceful_shutdown=2,
    )
    uvicorn.Server(config).run(sockets=[listener])
