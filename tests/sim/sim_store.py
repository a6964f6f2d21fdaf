"""The real store, with the world going on between any two of its transactions.

No durability is tested here, so SQLite does not wait for the disk. One engine serves all worlds of
a process: its compiled statements are most of what makes a world cheap.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlmodel import SQLModel

from scheduler.store import Store, migrate, open_store
from scheduler.store.engine import _on_sqlite_begin, _on_sqlite_connect

if TYPE_CHECKING:
    from tests.sim.world import World


class SimLocked(OperationalError):
    """The database does not answer, because the world wants it so."""

    def __init__(self) -> None:
        super().__init__("simulated", {}, Exception("the database is locked"))


class SimStore(Store):
    """A store whose every transaction is a place where the world may go on, or end a node."""

    def __init__(self, engine: Engine, world: World) -> None:
        super().__init__(engine)
        self.world = world

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.world.hook("write")
        if self.world.in_node() and self.world.chance.happens("store_locked"):
            raise SimLocked
        claiming = self.world.claiming()
        with super().write() as tx:
            yield tx
            self.world.watch.lines(tx, claiming=claiming)
        self.world.hook("written")
        if self.world.in_node() and self.world.chance.happens("commit_lost"):
            raise SimLocked

    @contextmanager
    def read(self) -> Iterator[Connection]:
        self.world.hook("read")
        with super().read() as tx:
            yield tx

    @contextmanager
    def peek(self) -> Iterator[Connection]:
        """Read for the watch and for people: the world stands still meanwhile."""
        with super().read() as tx:
            yield tx


@cache
def _folder() -> Path:
    """Give this process's folder with the migrated template; removed at exit."""
    holder = tempfile.TemporaryDirectory(prefix="fabu-sim-")
    _HOLDERS.append(holder)
    folder = Path(holder.name)
    store = open_store(f"sqlite:///{folder}/template.db")
    migrate(store)
    store.close()  # the last connection empties the journal into the file
    return folder


_HOLDERS: list[tempfile.TemporaryDirectory[str]] = []


def _without_sync(raw: Any, _record: object) -> None:
    raw.execute("PRAGMA synchronous = OFF")


@cache
def _sqlite_engine() -> Engine:
    engine = create_engine(f"sqlite:///{_folder()}/world.db")
    event.listen(engine, "connect", _on_sqlite_connect)
    event.listen(engine, "connect", _without_sync)
    event.listen(engine, "begin", _on_sqlite_begin)
    return engine


@cache
def server_engine(url: str) -> Engine:
    """Give the one engine of a process on the server at `url`, migrated."""
    store = open_store(url)
    migrate(store)
    return store.engine


def fresh_engine(url: str | None) -> Engine:
    """Give an engine on an empty, migrated database: SQLite's file, or the one at `url`."""
    if url is None:
        engine = _sqlite_engine()
        engine.dispose()
        for name in ("world.db-wal", "world.db-shm"):
            (_folder() / name).unlink(missing_ok=True)
        shutil.copyfile(_folder() / "template.db", _folder() / "world.db")
        return engine
    engine = server_engine(url)
    names = ", ".join(f'"{table.name}"' for table in SQLModel.metadata.sorted_tables)
    with engine.begin() as tx:
        found = tx.execute(text("select tablename from pg_tables where schemaname = 'public'"))
        there = {row.tablename for row in found}
        known = ", ".join(name for name in names.split(", ") if name.strip('"') in there)
        tx.execute(text(f"truncate {known} restart identity cascade"))
    return engine
