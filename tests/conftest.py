from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from servers import running_server

# A shell starts what runs in its background with interrupts ignored, and so would be every process that a test interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of an empty database on a server that runs as long as the tests do."""
    with running_server() as server:
        yield server.get_uri()
