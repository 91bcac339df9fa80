from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers import running_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of an empty database on a server that runs as long as the tests do."""
    with running_server() as server:
        yield server.get_uri()
