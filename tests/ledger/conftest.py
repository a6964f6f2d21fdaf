"""Fixtures: a database with the seeded columns and target, and people who may import."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler.ledger import intake, report, sheet, targets
from scheduler.people import Actor, Role
from scheduler.store import Store, columns, migrate, open_store
from tests.ledger.make_ledger import Row, csv_bytes

NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
AUTHOR = Actor(1, "王芳", frozenset({Role.author}))


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the database once; every test works on a copy."""
    path = tmp_path_factory.mktemp("seeded") / "queue.db"
    opened = open_store(f"sqlite:///{path}")
    migrate(opened)
    with opened.write() as tx:
        columns.seed(tx)
        targets.seed(tx, NOW)
    opened.close()
    return path


@pytest.fixture
def store(seeded: Path, tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{shutil.copy(seeded, tmp_path / 'queue.db')}")
    yield opened
    opened.close()


class Desk:
    """The ledger as a test uses it: rows in, plans and figures out."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder

    def plan(self, source: Path | Sequence[Row] | bytes, name: str = "台账.csv") -> intake.Plan:
        if not isinstance(source, Path):
            data = source if isinstance(source, bytes) else csv_bytes(source)
            source = self.folder / name
            source.write_bytes(data)
        file = sheet.read(source)
        with self.store.read() as tx:
            return intake.plan(tx, file, NOW)

    def take(self, source: Path | Sequence[Row] | bytes) -> intake.Done:
        planned = self.plan(source)
        with self.store.write() as tx:
            return intake.commit(tx, planned, AUTHOR, NOW)

    def report(self, first: str = "2016-08", last: str = "2016-12") -> dict:
        with self.store.read() as tx:
            return report.as_json(report.month_report(tx, first, last))

    def count(self, table: str) -> int:
        with self.store.read() as tx:
            return tx.exec_driver_sql(f"select count(*) from {table}").scalar_one()


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return Desk(store, tmp_path)
