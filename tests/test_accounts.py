"""Accounts in the database: the mirror of the config, calls spent, rests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from scheduler import events
from scheduler.errors import NotFound
from scheduler.store import accounts, columns
from scheduler.store.accounts import AccountRow
from scheduler.tables import Account, table

WEIBO = AccountRow("wb", "weibo", "示例应急", gap_s=60, speaks_max=30, speaks_per="hour")
WECHAT = AccountRow("wx", "wechat", "公众号", pushes_max=4, pushes_per="month")
DAY = date(2026, 11, 27)


def row(tx, name):
    return tx.execute(select(table(Account)).where(table(Account).c.name == name)).one()


@pytest.fixture
def weibo(store) -> int:
    with store.write() as tx:
        accounts.mirror(tx, [WEIBO])
        return int(accounts.by_name(tx, "wb").id)


def test_mirror_writes_every_cap(store):
    """Claim reads them from the row."""
    with store.write() as tx:
        accounts.mirror(tx, [WEIBO, WECHAT])
        weibo, wechat = row(tx, "wb"), row(tx, "wx")
    assert (60, 30, "hour", 0, "") == (
        weibo.gap_s,
        weibo.speaks_max,
        weibo.speaks_per,
        weibo.pushes_max,
        weibo.pushes_per,
    )
    assert (0, 4, "month") == (wechat.gap_s, wechat.pushes_max, wechat.pushes_per)


def test_mirror_twice_keeps_ids_and_has_nothing_to_do(store, weibo):
    """Posts and deliveries point to the row."""
    with store.write() as tx:
        assert accounts.is_mirrored(tx, [WEIBO])
        accounts.mirror(tx, [WEIBO])
        assert weibo == accounts.by_name(tx, "wb").id


@pytest.mark.parametrize(
    "wanted", [[replace(WEIBO, gap_s=2)], [replace(WEIBO, title="别名")], [WEIBO, WECHAT], []]
)
def test_any_difference_is_seen_and_made_good(store, weibo, wanted):
    """A changed number, a changed title, one more, one less."""
    with store.write() as tx:
        assert not accounts.is_mirrored(tx, wanted)
        accounts.mirror(tx, wanted)
        assert accounts.is_mirrored(tx, wanted)


def test_recorded_account_stays_until_the_config_has_its_name(store):
    """Its posts were imported; with a config it becomes a full account under the same id."""
    with store.write() as tx:
        values = {"channel": "weibo", "title": "老账号", "recorded_only": True, "active": True}
        blank = {"gap_s": 0, "speaks_max": 0, "speaks_per": "", "pushes_max": 0}
        more = {"pushes_per": "", "rest_reason": "", "needs_person": False, "name": "wb"}
        made = tx.execute(insert(table(Account)).values(values | blank | more))
        accounts.mirror(tx, [WECHAT])
        assert (True, "老账号", True) == (
            row(tx, "wb").recorded_only,
            row(tx, "wb").title,
            row(tx, "wb").active,
        )
        accounts.mirror(tx, [WECHAT, WEIBO])
        assert (made.inserted_primary_key[0], False, "示例应急") == (
            row(tx, "wb").id,
            row(tx, "wb").recorded_only,
            row(tx, "wb").title,
        )


def test_account_that_left_the_config_is_not_active_and_comes_back(store, weibo):
    """The row and its rest stay."""
    with store.write() as tx:
        accounts.rest(tx, weibo, None, "21332", needs_person=True)
        accounts.mirror(tx, [WECHAT])
        assert not row(tx, "wb").active
        accounts.mirror(tx, [WECHAT, WEIBO])
        assert (True, True) == (row(tx, "wb").active, row(tx, "wb").needs_person)


def test_calls_are_counted_by_account_day_and_name(store, weibo):
    """All calls together when no name is given, from the named day on."""
    with store.write() as tx:
        counts = [accounts.spend(tx, weibo, DAY, call) for call in ("a", "a", "b")]
        accounts.spend(tx, weibo, DAY + timedelta(days=1), "a")
        assert [1, 2, 1] == counts
        assert (3, 1, 4, 1) == (
            accounts.spent(tx, weibo, DAY, "a"),
            accounts.spent(tx, weibo, DAY, "b"),
            accounts.spent(tx, weibo, DAY),
            accounts.spent(tx, weibo, DAY + timedelta(days=1)),
        )


def test_rest_and_wake_leave_their_lines(store, weibo, clock):
    """Why, and who ended it; waking one that does not rest is nothing."""
    until = clock.now() + timedelta(hours=1)
    with store.write() as tx:
        assert not accounts.wake(tx, weibo, now=clock.now(), by="person:王芳")
        accounts.rest(tx, weibo, until, "45009", now=clock.now(), by="node:desk")
        assert (until, "45009", False) == (
            row(tx, "wb").rests_until,
            row(tx, "wb").rest_reason,
            row(tx, "wb").needs_person,
        )
        assert accounts.wake(tx, weibo, now=clock.now(), by="person:王芳")
        assert (None, "") == (row(tx, "wb").rests_until, row(tx, "wb").rest_reason)
        lines = events.of_subject(tx, "account", weibo)
    assert [("rest", "45009", "node:desk"), ("wake", "", "person:王芳")] == [
        (line.verb, line.code, line.actor) for line in lines
    ]


def test_unknown_account_is_not_found_and_the_known_are_named(store, weibo):
    """A slip in a name is mended at once."""
    with store.read() as tx, pytest.raises(NotFound, match="There are: wb"):
        accounts.by_name(tx, "weibo")


def test_columns_are_seeded_once(store):
    """Running it again adds nothing; a path that is not there names those that are."""
    with store.write() as tx:
        assert (6, 0) == (columns.seed(tx), columns.seed(tx))
        assert "reprint" == columns.by_path(tx, "推送新闻").origin
        with pytest.raises(NotFound, match="政务信息/政务公开"):
            columns.by_path(tx, "政务公开")
