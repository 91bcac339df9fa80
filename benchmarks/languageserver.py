"""A language server as a plain function: questions about places, answered by the compiler.

Speaks the Language Server Protocol 3.17 over the pipes of `tsc --lsp --stdio`, TypeScript 7 as npm installs it.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any, NamedTuple, Self
from urllib.parse import unquote, urlparse

from corpora import npm_program

TYPESCRIPT = "7.0.2"
PATIENCE = 10
"""Seconds that a server has to end."""
_LANGUAGES = {".ts": "typescript", ".mts": "typescript", ".cts": "typescript", ".tsx": "typescriptreact", ".jsx": "javascriptreact"}


class Spot(NamedTuple):
    """A place in a tree: root-relative path, line and column counted from 1, the column in UTF-16 units."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Refused(Exception):
    """The server answered with an error."""


def compiler() -> Path | None:
    """Return the program of the pinned TypeScript; see `npm_program`."""
    return npm_program("typescript", TYPESCRIPT, "tsc")


class LanguageServer:
    """One server over one tree; a context manager, for the process ends with it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._opened: set[str] = set()
        self._asked = 0

    def __enter__(self) -> Self:
        program = compiler()
        if program is None:
            raise Refused(f"no TypeScript {TYPESCRIPT}: npm cannot install it")
        self._process = subprocess.Popen(
            [str(program), "--lsp", "--stdio"], cwd=self.root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        uri = self.root.as_uri()
        self._request(
            "initialize",
            {"processId": None, "rootUri": uri, "capabilities": {}, "workspaceFolders": [{"uri": uri, "name": self.root.name}]},
        )
        self._notify("initialized", {})
        return self

    def __exit__(self, *_: object) -> None:
        """End the server as the protocol says; npm's launcher waits for the program behind it, a kill would leave that alone."""
        try:
            self._request("shutdown")
            self._notify("exit")
            self._process.wait(PATIENCE)
        except (Refused, OSError, subprocess.TimeoutExpired):
            self._process.kill()
        self._process.communicate()

    def references(self, spot: Spot) -> frozenset[Spot]:
        """Every reference of what stands at a place, declarations among them, inside the tree."""
        return self._spots(self._at("textDocument/references", spot, {"context": {"includeDeclaration": True}}))

    def definition(self, spot: Spot, *, outside: bool = False) -> frozenset[Spot]:
        """The declarations of what stands at a place, inside the tree; or also those of packages, by their full paths."""
        return self._spots(self._at("textDocument/definition", spot, {}), outside=outside)

    def _at(self, method: str, spot: Spot, more: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON of another program
        self._open(spot.file)
        place = {"line": spot.line - 1, "character": spot.column - 1}
        return self._request(method, {"textDocument": {"uri": (self.root / spot.file).as_uri()}, "position": place, **more})

    def _open(self, file: str) -> None:
        if file in self._opened:
            return
        self._opened.add(file)
        path = self.root / file
        document = {
            "uri": path.as_uri(),
            "languageId": _LANGUAGES.get(path.suffix, "javascript"),
            "version": 1,
            "text": path.read_text(encoding="utf-8"),
        }
        self._notify("textDocument/didOpen", {"textDocument": document})

    def _spots(self, found: Iterable[dict[str, Any]] | dict[str, Any] | None, *, outside: bool = False) -> frozenset[Spot]:
        listed = [found] if isinstance(found, dict) else found or []
        spots = set()
        for one in listed:
            path = Path(unquote(urlparse(one["uri"]).path))
            inside = path.is_relative_to(self.root)
            if inside or outside:
                start = one["range"]["start"]
                file = path.relative_to(self.root) if inside else path
                spots.add(Spot(file.as_posix(), start["line"] + 1, start["character"] + 1))
        return frozenset(spots)

    def _request(self, method: str, params: dict[str, Any] | None = None) -> Any:  # noqa: ANN401 - likewise
        self._asked += 1
        self._send({"id": self._asked, "method": method} | ({} if params is None else {"params": params}))
        while True:
            message = self._receive()
            if "method" in message and "id" in message:  # what the server wants to know of us is nothing we have
                wanted = message.get("params", {}).get("items")
                self._send({"id": message["id"], "result": [None] * len(wanted) if wanted else None})
            elif message.get("id") == self._asked:
                if "error" in message:
                    raise Refused(f"{method}: {message['error'].get('message')}")
                return message.get("result")

    def _notify(self, method: str, params: dict[str, Any] | None = None) -> None:
        self._send({"method": method} | ({} if params is None else {"params": params}))

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        pipe = _pipe(self._process.stdin)
        pipe.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        pipe.flush()

    def _receive(self) -> dict[str, Any]:
        pipe = _pipe(self._process.stdout)
        length = 0
        while line := pipe.readline().strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        if not length:
            raise Refused("the server has ended")
        message: dict[str, Any] = json.loads(pipe.read(length))
        return message


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise Refused("the server has no pipes")
    return stream
