"""The conformance suite of the protocol against our transport, where it is installed.

npm install node@22 @modelcontextprotocol/conformance@0.2.0-alpha.12
CLEW_CONFORMANCE=that folder pytest tests/conformance
"""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fixtures import Fixtures

from clew.mcp.http import app_of, listening
from clew.mcp.server import server_of

REVISION = "2026-07-28"
INSTALLED = os.environ.get("CLEW_CONFORMANCE")
TOKEN = "a token of the tests"  # noqa: S105 - ours


@pytest.fixture
def url() -> Iterator[str]:
    """The fixtures behind our transport. The suite cannot carry a token, so one is put into what it sends."""
    listener = listening("127.0.0.1", 0)
    port = listener.getsockname()[1]
    app = app_of(server_of(Fixtures()), TOKEN, port)

    async def carrying(scope: Any, receive: Any, send: Any) -> None:
        carried = [*scope.get("headers", ()), (b"authorization", f"Bearer {TOKEN}".encode())]
        await app({**scope, "headers": carried}, receive, send)

    server = uvicorn.Server(uvicorn.Config(carrying, log_config=None, access_log=False, lifespan="on", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://localhost:{port}/mcp"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.mark.skipif(INSTALLED is None, reason="CLEW_CONFORMANCE names no folder with the suite")
def test_every_scenario_that_the_revision_requires_of_a_server_passes(url: str, tmp_path: Path) -> None:
    modules = Path(INSTALLED or "") / "node_modules"
    line = [modules / "node/bin/node", modules / "@modelcontextprotocol/conformance/dist/index.js", "server"]
    ran = subprocess.run(  # noqa: S603 - the suite, as it is installed
        [*line, "--url", url, "--requirements", REVISION, "-o", tmp_path], capture_output=True, text=True, check=False, timeout=300
    )
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-2000:]
    scored = ran.stdout.partition("=== SUMMARY ===")[2].partition("Not scored")[0]
    passed = set(re.findall(r"^✓ ([\w-]+): [1-9]\d* passed, 0 failed$", scored, re.MULTILINE))
    required = (modules / "@modelcontextprotocol/conformance/requirements" / f"{REVISION}.yaml").read_text(encoding="utf-8")
    server = required.partition("\nserver:\n")[2].partition("\n\n")[0]
    assert set(re.findall(r"- (\S+)", server)) - passed == set(), scored
