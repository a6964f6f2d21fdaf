"""Open the database: SQLite with WAL and full sync, or PostgreSQL; transactions; migrations.

A write transaction on SQLite begins IMMEDIATE, so that it never has to upgrade a read snapshot.
No transaction may span a network call.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect

from scheduler.errors import ConfigError

if TYPE_CHECKING:
    from alembic.config import Config

BUSY_TIMEOUT_MS = 10_000
MIGRATIONS = Path(__file__).parent.parent / "migrations"
SCRIPTS = MIGRATIONS / "versions"


class Store:
    """The door to one database. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @property
    def on_sqlite(self) -> bool:
        """Whether this is SQLite (one machine, one writer at a time)."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One short write transaction: committed at the end, rolled back on an error."""
        with self.engine.begin() as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view for reading; never blocks a writer."""
        options: dict[str, Any] = {"fabu_reads": True}
        if not self.on_sqlite:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open (and for SQLite create) the database at `url`, a SQLAlchemy address."""
    if url.startswith("sqlite"):
        # Pooled: opening one anew each time would checkpoint the WAL at every close.
        engine = create_engine(url, connect_args={"timeout": 10}, hide_parameters=True)
        event.listen(engine, "connect", _on_sqlite_connect)
        event.listen(engine, "begin", _on_sqlite_begin)
    else:
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
    return Store(engine)


def _on_sqlite_connect(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    cursor = raw.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        # A lost "published" is a future double post: every commit reaches the disk.
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _on_sqlite_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("fabu_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def alembic_config(connection: Connection) -> Config:
    """Give Alembic its script folder and the connection to run on."""
    from alembic.config import Config  # noqa: PLC0415 - see `migrate`

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def migrate(store: Store) -> None:
    """Bring the schema to the newest revision; nothing happens when it is there already."""
    found = revision_of(store)
    if found > newest_revision():
        raise ConfigError(
            "The database was made by a newer version of this program (schema {found}). Update the"
            " program; an older one must not write into it.",
            found=found,
        )
    if found == newest_revision():
        return  # without loading Alembic, a third of a short command's time
    from alembic import command  # noqa: PLC0415

    with store.write() as tx:
        if not store.on_sqlite:
            # Two nodes that start at once: the second waits, and finds its work done.
            tx.exec_driver_sql("select pg_advisory_xact_lock(hashtext('fabu migrate'))")
        command.upgrade(alembic_config(tx), "head")


def newest_revision() -> str:
    """Give the newest revision there is a script for: scripts are numbered `0001_name.py`."""
    return max(script.name.partition("_")[0] for script in SCRIPTS.glob("[0-9]*.py"))


def revision_of(store: Store) -> str:
    """Give the revision the database is at; "" for a database without a schema."""
    with store.read() as tx:
        if not inspect(tx).has_table("alembic_version"):
            return ""
        return str(tx.exec_driver_sql("select version_num from alembic_version").scalar() or "")
