"""Migrations equal the models, times keep their zone, impossible rows cannot be stored."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone
from importlib import import_module
from importlib.util import find_spec

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from sqlmodel import SQLModel

from scheduler.machine import State
from scheduler.store import migrate, open_store
from scheduler.store.engine import alembic_config
from scheduler.tables import Account, Delivery, Post, Spend, Story
from tests import makers
from tests.clocks import START


def import_every_table() -> None:
    """Load the tables of the rooms that exist, so that the metadata is whole."""
    for room in ("desk", "ledger", "planning"):
        if find_spec(f"scheduler.{room}") and find_spec(f"scheduler.{room}.tables"):
            import_module(f"scheduler.{room}.tables")


def schema_of(url: str) -> dict[str, list[str]]:
    """Give every table with its columns."""
    store = open_store(url)
    with store.read() as tx:
        inspector = inspect(tx)
        schema = {
            name: [column["name"] for column in inspector.get_columns(name)]
            for name in inspector.get_table_names()
        }
    store.close()
    return schema


def test_migrations_make_what_the_models_say(bare_url):
    """Alembic finds no difference between a migrated database and the models of every room."""
    import_every_table()
    store = open_store(bare_url)
    migrate(store)
    with store.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": True})
        assert [] == compare_metadata(context, SQLModel.metadata)
    store.close()


def test_migrating_twice_changes_nothing(bare_url):
    """Every start migrates; the second finds its work done."""
    store = open_store(bare_url)
    migrate(store)
    once = schema_of(bare_url)
    migrate(store)
    store.close()
    assert once == schema_of(bare_url)
    assert "delivery" in once


def test_two_nodes_that_start_at_once_both_find_the_schema(bare_url):
    """The second waits for the first and has nothing to do."""
    first, second = open_store(bare_url), open_store(bare_url)
    errors = []

    def start():
        try:
            migrate(second)
        except DBAPIError as error:
            errors.append(error)

    thread = threading.Thread(target=start)
    waiting = text("select count(*) from pg_locks where not granted")
    with first.write() as tx:
        if not first.on_sqlite:
            tx.exec_driver_sql("select pg_advisory_xact_lock(hashtext('fabu migrate'))")
        command.upgrade(alembic_config(tx), "head")
        thread.start()
        while thread.is_alive() and not (first.on_sqlite or tx.execute(waiting).scalar()):
            thread.join(0.01)
    thread.join()
    first.close()
    second.close()
    assert [] == errors


def test_migrating_twice_keeps_the_rows(store):
    """A start must never cost data."""
    with store.write() as tx:
        makers.delivery(tx, makers.account(tx))
    migrate(store)
    with store.read() as tx:
        assert (1, 1) == (makers.count(tx, Delivery), makers.count(tx, Post))


def test_sqlite_runs_with_wal_full_sync_and_foreign_keys(store):
    """A lost "published" is a future double post: every commit reaches the disk."""
    if not store.on_sqlite:
        pytest.skip("these are SQLite's own switches")
    with store.read() as tx:
        asked = {
            name: tx.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    assert wanted == asked


def test_aware_time_comes_back_as_the_same_moment_in_utc(store):
    """17:00.000001 in Beijing goes in, 09:00.000001 UTC comes out."""
    moment = datetime(2026, 11, 27, 17, 0, 0, 1, tzinfo=timezone(timedelta(hours=8)))
    with store.write() as tx:
        account = makers.account(tx, speaks_from=moment)
    with store.read() as tx:
        found = makers.get(tx, Account, account).speaks_from
    assert (moment, timedelta(0)) == (found, found.utcoffset())


def test_naive_time_is_refused(store):
    """Nobody knows which zone was meant."""
    naive = START.replace(tzinfo=None)
    with store.write() as tx:
        account = makers.account(tx)
    with pytest.raises((StatementError, ValueError)), store.write() as tx:
        makers.account(tx, "other", speaks_from=naive)
    with pytest.raises((StatementError, ValueError)), store.write() as tx:
        makers.change(tx, Account, account, speaks_from=naive)


def row(**values: object) -> dict[str, object]:
    """Give the fields of a sound queued delivery, some of them changed."""
    told = {
        "key": "a" * 26,
        "how": "publish",
        "due_at": START,
        "late_at": START,
        "created_at": START,
        "updated_at": START,
    }
    return {**told, **values}


SOUND = [
    {"state": "queued"},
    {"state": "publishing", "lease_until": START},
    {"state": "accepted", "accepted_by": "person"},
    {"state": "uncertain", "doubted_at": START},
    {"state": "publishing", "lease_until": START, "doubted_at": START},
    *({"state": name} for name in ("published", "failed", "missed", "cancelled")),
]
IMPOSSIBLE = [
    {"state": "sent"},
    {"state": "publishing"},
    {"state": "queued", "lease_until": START},
    {"state": "queued", "doubted_at": START},
    {"state": "accepted"},
    {"state": "published", "accepted_by": "platform"},
    {"state": "uncertain"},
]
NOT_OUT_BUT_DOUBTED = [
    {"state": name, "doubted_at": START} for name in ("failed", "missed", "cancelled")
]


@pytest.mark.parametrize("values", SOUND, ids="-".join)
def test_sound_delivery_is_stored(store, values):
    """The checks hinder nothing that may be."""
    with store.write() as tx:
        made = makers.put(tx, Delivery, **row(account_id=makers.account(tx), **values))
        assert values["state"] == makers.state(tx, made)
    assert values["state"] in set(State)


@pytest.mark.parametrize("values", IMPOSSIBLE, ids="-".join)
def test_impossible_delivery_is_refused(store, values):
    """A lease only while publishing, a doubt never while queued, and so on."""
    with pytest.raises(IntegrityError), store.write() as tx:
        makers.put(tx, Delivery, **row(account_id=makers.account(tx), **values))


@pytest.mark.parametrize("values", NOT_OUT_BUT_DOUBTED, ids=lambda one: str(one["state"]))
def test_doubt_on_a_row_that_is_not_out_is_refused(store, values):
    """Where the table ends in failed, missed or cancelled, the doubt has been taken off."""
    with pytest.raises(IntegrityError), store.write() as tx:
        makers.put(tx, Delivery, **row(account_id=makers.account(tx), **values))


def test_second_publishing_delivery_of_an_account_is_refused(store):
    """The partial unique index is the last guard: one in flight per account."""
    flying = {"state": "publishing", "lease_until": START}
    with store.write() as tx:
        account = makers.account(tx)
        other = makers.account(tx, "other")
        makers.put(tx, Delivery, **row(account_id=account, **flying))
        makers.put(tx, Delivery, **row(account_id=other, key="b" * 26, **flying))
        makers.put(tx, Delivery, **row(account_id=account, key="c" * 26))
    with pytest.raises(IntegrityError), store.write() as tx:
        makers.put(tx, Delivery, **row(account_id=account, key="d" * 26, **flying))


def test_second_living_post_of_a_story_on_an_account_is_refused(store):
    """One story is one post on one account, until that post is dropped."""
    with store.write() as tx:
        account, story = makers.account(tx), makers.story(tx)
        first = makers.post(tx, account, story_id=story)
    with pytest.raises(IntegrityError), store.write() as tx:
        makers.post(tx, account, story_id=story)
    with store.write() as tx:
        makers.change(tx, Post, first, dropped_at=START)
        makers.post(tx, account, story_id=story)
        assert 2 == makers.count(tx, Post)


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Story, {"review": "maybe"}),
        (Story, {"origin": "copied"}),
        (Story, {"column_id": 999}),
        (Post, {"origin": "copied"}),
        (Post, {"account_id": 999}),
    ],
)
def test_row_out_of_its_words_is_refused(store, model, values):
    """Words of a closed list and references are checked by the database."""
    with store.write() as tx:
        account, column = makers.account(tx), makers.column(tx)
        sound = makers.story(tx)
    told = {"title": "x", "column_id": column, "created_at": START, "updated_at": START}
    if model is Post:
        told |= {"account_id": account, "story_id": sound}
    with pytest.raises(IntegrityError), store.write() as tx:
        makers.put(tx, model, **{**told, **values})


def test_spend_has_one_row_per_account_day_and_call(store):
    """Counting twice in one row, never in two."""
    day = datetime(2026, 11, 27, tzinfo=UTC).date()
    with store.write() as tx:
        account = makers.account(tx)
        makers.put(tx, Spend, account_id=account, day=day, call="draft/add", count=1)
    with pytest.raises(IntegrityError), store.write() as tx:
        makers.put(tx, Spend, account_id=account, day=day, call="draft/add", count=1)
