"""A home's database, opened: found or refused, reachable, brought up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import DatabaseError, NoSuchModuleError

from scheduler.accounts import mirror_settings
from scheduler.config import Settings
from scheduler.errors import ConfigError
from scheduler.store import Store, migrate, open_store


def open_database(settings: Settings) -> Store:
    """Open the database, migrate it, mirror the configured accounts into it.

    Raises `ConfigError` when it is not there or cannot be reached.
    """
    store = reach_database(settings)
    with database_errors(settings):
        migrate(store)
        mirror_settings(store, settings)
    return store


def reach_database(settings: Settings) -> Store:
    """Open the database as it is. Raises `ConfigError` when it is not there or out of reach."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        # Opening would make an empty one, and hide that the real one lies elsewhere.
        raise ConfigError(
            "There is no database {path}. Make a new home with: fabu init DIR, or correct url in "
            "[database] of {file}.",
            path=url.database,
            file=settings.path,
        )
    with database_errors(settings):
        store = open_store(settings.database_url)
        with store.read() as tx:
            tx.exec_driver_sql("SELECT 1")
    return store


@contextmanager
def database_errors(settings: Settings) -> Iterator[None]:
    """Turn what the database's driver raises into a `ConfigError`; no password is shown."""
    try:
        yield
    except (DatabaseError, NoSuchModuleError, ModuleNotFoundError) as error:
        said = str(getattr(error, "orig", None) or error).strip()
        raise ConfigError(
            "The database {url} cannot be opened: {reason}. Check url in [database] of {file}, "
            "that the server runs and that the disk is not full.",
            url=make_url(settings.database_url).render_as_string(hide_password=True),
            reason=(said.splitlines()[0] if said else type(error).__name__, {}),
            file=settings.path,
        ) from None
